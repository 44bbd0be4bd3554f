"""Chunks, of which WAV and AVI files are made."""

import array
import struct
from collections.abc import Sequence

from earmark_tools.quirks.sound import RATE, SECONDS, noise

# Format tags.
PCM, FLOAT, ALAW, MP3, EXTENSIBLE = 1, 3, 6, 0x55, 0xFFFE
# What follows the format tag in the GUID of a sub-format.
BASE_GUID = bytes.fromhex("000000001000800000aa00389b71")
# A size that nobody filled in.
UNKNOWN = 0xFFFFFFFF


def chunk(kind: bytes, *parts: bytes, size: int | None = None, is_padded: bool = True) -> bytes:
    """A chunk; `size` is what its head says where that is not the truth."""
    body = b"".join(parts)
    padding = b"\0" * (len(body) & 1) if is_padded else b""
    return kind + struct.pack("<I", len(body) if size is None else size) + body + padding


def riff(*chunks: bytes, kind: bytes = b"RIFF", form: bytes = b"WAVE", size: int | None = None) -> bytes:
    return chunk(kind, form, *chunks, size=size)


def layout(
    tag: int = PCM, channels: int = 1, rate: int = RATE, bits: int = 16, block: int | None = None, extra: bytes = b""
) -> bytes:
    """What a format chunk holds: WAVEFORMAT, or WAVEFORMATEX if there is `extra`."""
    block = channels * (bits // 8) if block is None else block
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    return head + struct.pack("<H", len(extra)) + extra if extra else head


def extensible(
    channels: int = 1, rate: int = RATE, bits: int = 16, valid: int | None = None, mask: int = 0, tag: int = PCM
) -> bytes:
    """WAVEFORMATEXTENSIBLE: `valid` of the `bits` of each sample count."""
    extra = struct.pack("<HIH", bits if valid is None else valid, mask, tag) + BASE_GUID
    return layout(EXTENSIBLE, channels, rate, bits, extra=extra)


def wave(form: bytes, data: bytes, before: bytes = b"", behind: bytes = b"", first: bytes = b"") -> bytes:
    """A WAV file: chunks `first` before the format, `before` and `behind` the samples."""
    return riff(first, chunk(b"fmt ", form), before, chunk(b"data", data), behind)


def information(text: bytes) -> bytes:
    """A list with the name of a program, as it stands in `text`."""
    return b"INFO" + chunk(b"ISFT", text, is_padded=False)


def on_channel(mono: bytes, channels: int, channel: int) -> bytes:
    """16-bit samples on one channel of several; the others are silent."""
    samples = array.array("h", mono)
    spread = array.array("h", bytes(2 * len(samples) * channels))
    spread[channel::channels] = samples
    return spread.tobytes()


# AVI


def stream(
    kind: bytes, form: bytes, rate: int, scale: int, length: int, sample: int = 0, start: int = 0, extra: bytes = b""
) -> bytes:
    """The list that describes a stream; `start` in units of `scale` / `rate`."""
    head = struct.pack("<4s4sIHHIIIIIIII8x", kind, bytes(4), 0, 0, 0, 0, scale, rate, start, length, 0, UNKNOWN, sample)
    return chunk(b"LIST", b"strl", chunk(b"strh", head), chunk(b"strf", form), extra)


def pictures() -> bytes:
    """The description of a stream with a picture a second."""
    form = struct.pack("<IiiHH4sIiiII", 40, 64, 64, 1, 24, b"XVID", 12288, 0, 0, 0, 0)
    return stream(b"vids", form, 1, 1, SECONDS)


def sound_stream(data: bytes, start: int = 0) -> bytes:
    """The description of a stream of 16-bit samples on one channel."""
    return stream(b"auds", layout(), RATE, 1, len(data) // 2, sample=2, start=start)


def seconds(data: bytes, size: int = 2 * RATE) -> list[bytes]:
    """Pieces of `size` bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def interleaved(*sounds: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """A picture and a piece of each sound for each second, with the names of their chunks."""
    packets = []
    for index in range(SECONDS):
        packets.append((b"00dc", noise(64, index)))
        for number, pieces in enumerate(sounds, 1):
            packets += [(b"%02dwb" % number, piece) for piece in pieces[index : index + 1]]
    return packets


def avi(
    streams: Sequence[bytes],
    packets: Sequence[tuple[bytes, bytes]],
    base: int | None = 4,
    is_finished: bool = True,
    behind: bytes = b"",
) -> bytes:
    """An AVI file. Offsets of the index begin at `base`; None: there is no index. Unfinished: sizes are 0."""
    flags = 0 if base is None else 0x10
    head = struct.pack("<14I", 40_000, 0, 0, flags, SECONDS, 0, len(streams), 0, 64, 64, 0, 0, 0, 0)
    entries, body, at = [], [], base or 0
    for name, data in packets:
        piece = chunk(name, data)
        entries.append(struct.pack("<4sIII", name, 0x10, at, len(data)))
        body.append(piece)
        at += len(piece)
    described = chunk(b"LIST", b"hdrl", chunk(b"avih", head), *streams)
    movie = chunk(b"LIST", b"movi", *body, size=None if is_finished else 0)
    index = b"" if base is None else chunk(b"idx1", *entries)
    return riff(described, movie, index, form=b"AVI ", size=None if is_finished else 0) + behind
