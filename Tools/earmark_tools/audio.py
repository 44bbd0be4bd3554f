"""Sound in files: FFmpeg, WAV, samples in memory."""

import array
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earmark_tools.commands import Argument, output, output_bytes

# Options of FFmpeg: what is written is 16-bit WAV.
WAV = ("-c:a", "pcm_s16le")
# FFmpeg's names of samples by the type code of Python's arrays: 16-bit and single precision.
FORMATS = {"h": "s16le", "f": "f32le"}
# Of recordings that are made for the benchmarks, hertz.
RATE = 48_000


def ffmpeg(*arguments: Argument) -> None:
    """FFmpeg without questions or chatter."""
    output("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments)


def gstreamer(*elements: Sequence[Argument]) -> None:
    """Runs a pipeline of GStreamer's elements, each a name and its properties."""
    words = [word for element in elements for word in ("!", *element)]
    output("gst-launch-1.0", "-q", *words[1:])


def to_clean(recording: Path, target: Path, *options: Argument) -> None:
    """Any recording as mono WAV of 48 kHz."""
    ffmpeg("-i", recording, "-vn", "-ac", 1, "-ar", RATE, *options, *WAV, target)


def mean_volume(source: Path) -> float:
    """The recording's mean volume, dB of full scale."""
    shown = subprocess.run(
        ["ffmpeg", "-nostdin", "-i", source, "-af", "volumedetect", "-f", "null", "-"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
    ).stderr.decode()
    return float(shown.split("mean_volume:")[1].split()[0])


def read_samples(source: Path, rate: int, layout: str) -> "array.array[Any]":
    """A recording as mono samples, 16-bit ("h") or single precision ("f")."""
    samples = array.array(layout)
    samples.frombytes(
        output_bytes(
            *("ffmpeg", "-nostdin", "-v", "error", "-i", source),
            *("-vn", "-ac", 1, "-ar", rate, "-f", FORMATS[layout], "-"),
        )
    )
    return samples


def write_samples(samples: "array.array[Any]", rate: int, target: Path) -> None:
    """Writes mono samples, of either layout, as 16-bit WAV."""
    if samples.typecode != "h":
        output_bytes(
            *("ffmpeg", "-v", "error", "-y", "-f", FORMATS[samples.typecode]),
            *("-ar", rate, "-ac", 1, "-i", "-", *WAV, target),
            given=samples.tobytes(),
        )
        return
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def inputs(sources: Sequence[Path]) -> list[Argument]:
    """FFmpeg's options that name its inputs."""
    return [word for source in sources for word in ("-i", source)]
