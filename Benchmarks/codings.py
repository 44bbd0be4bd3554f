"""Coding and decoding a recording with public tools: ffmpeg, sox, for AMR-WB GStreamer (plugins-bad).

An attack takes the marked copies and a scratch folder and returns a file.
"""

from collections.abc import Sequence
from pathlib import Path

from denoisers import Attack
from earmark_tools.audio import WAV, ffmpeg, gstreamer
from earmark_tools.commands import Argument, output

AAC32 = ("-c:a", "aac", "-b:a", "32k")
AAC64 = ("-c:a", "aac", "-b:a", "64k")
MP3_64 = ("-c:a", "libmp3lame", "-b:a", "64k")
OPUS16 = ("-c:a", "libopus", "-b:a", "16k", "-application", "voip")

Step = tuple[str, Sequence[Argument]]


def chain(*steps: Step) -> Attack:
    """An attack as a chain of (extension, arguments of ffmpeg)."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        source = sources[0]
        for number, (extension, arguments) in enumerate(steps):
            target = folder / f"step{number}.{extension}"
            ffmpeg("-i", source, "-vn", *arguments, target)
            source = target
        return source

    return attack


def encode(extension: str, *arguments: Argument) -> Attack:
    return chain((extension, arguments), ("wav", WAV))


def amr_narrow(mode: int) -> Attack:
    """AMR-NB by sox; mode 0 is 4.75 kbit/s, 7 is 12.2."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        narrow, coded, target = (folder / name for name in ("narrow.wav", "coded.amr-nb", "decoded.wav"))
        output("sox", sources[0], "-r", 8000, "-c", 1, narrow)
        output("sox", narrow, "-t", "amr-nb", "-C", mode, coded)
        output("sox", "-t", "amr-nb", coded, "-b", 16, target)
        return target

    return attack


def amr_wide(mode: int) -> Attack:
    """AMR-WB by GStreamer's voamrwbenc; mode 0 is 6.6 kbit/s, 2 is 12.65."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        raw, coded, target = (folder / name for name in ("frames", "coded.amr", "decoded.wav"))
        gstreamer(
            ("filesrc", f"location={sources[0]}"),
            *(("wavparse",), ("audioconvert",), ("audioresample",), ("audio/x-raw,rate=16000,channels=1",)),
            ("voamrwbenc", f"band-mode={mode}"),
            ("filesink", f"location={raw}"),
        )
        coded.write_bytes(b"#!AMR-WB\n" + raw.read_bytes())
        ffmpeg("-i", coded, *WAV, target)
        return target

    return attack


def codec2(mode: int | str) -> Attack:
    """codec2 by FFmpeg; the mode is its name there, mostly its bit/s."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        coded, target = folder / "coded.c2", folder / "decoded.wav"
        ffmpeg("-i", sources[0], "-ar", 8000, "-c:a", "libcodec2", "-mode", mode, coded)
        ffmpeg("-i", coded, *WAV, target)
        return target

    return attack
