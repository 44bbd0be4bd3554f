"""AMR, which FFmpeg decodes but does not encode: by the libraries of Debian's own packages."""

import ctypes

from earmark_tools.quirks.sound import Sound

# The libraries, by what loads them.
NARROW, WIDE = "libopencore-amrnb.so.0", "libvo-amrwbenc.so.0"
# The best mode of each: 12.2 and 23.85 kbit/s.
BEST_NARROW, BEST_WIDE = 7, 8
# Samples of a frame of 20 ms at 8 and at 16 kHz.
NARROW_FRAME, WIDE_FRAME = 160, 320
# More than the longest frame has, bytes.
LONGEST = 80


def missing() -> str:
    """What is not there, in words; nothing if all is."""
    for library in (NARROW, WIDE):
        try:
            ctypes.CDLL(library)
        except OSError:
            return f"{library} is not there: Tools/install-dependencies quirks"
    return ""


def narrow(sound: Sound) -> list[bytes]:
    """Frames of AMR-NB, without gaps where nobody speaks."""
    library = ctypes.CDLL(NARROW)
    library.Encoder_Interface_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.Encoder_Interface_init(0))
    data, size, frames = sound.pcm("s16le", 8000), 2 * NARROW_FRAME, []
    buffer = ctypes.create_string_buffer(LONGEST)
    for at in range(0, len(data) - size + 1, size):
        count = library.Encoder_Interface_Encode(state, BEST_NARROW, data[at : at + size], buffer, 0)
        frames.append(buffer.raw[:count])
    library.Encoder_Interface_exit(state)
    return frames


def wide(sound: Sound) -> list[bytes]:
    """Frames of AMR-WB, without gaps where nobody speaks."""
    library = ctypes.CDLL(WIDE)
    library.E_IF_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.E_IF_init())
    data, size, frames = sound.pcm("s16le", 16_000), 2 * WIDE_FRAME, []
    buffer = ctypes.create_string_buffer(LONGEST)
    for at in range(0, len(data) - size + 1, size):
        count = library.E_IF_encode(state, BEST_WIDE, data[at : at + size], buffer, 0)
        frames.append(buffer.raw[:count])
    library.E_IF_exit(state)
    return frames
