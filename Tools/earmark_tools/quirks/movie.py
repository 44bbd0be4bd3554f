"""MP4 and QuickTime files, box by box."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from earmark_tools.boxes import box, full
from earmark_tools.quirks.sound import CLEAN, MARKED, RATE, SECONDS, SILENT, Sound, noise

# Units a second of the movie's own time.
MOVIE_SCALE = 1000
# Sampling frequencies of MPEG-4 audio by index.
FREQUENCIES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
# Object types of MPEG-4 audio.
LC, SBR, PS, USAC = 2, 5, 29, 42
# Samples in a frame of AAC.
FRAME = 1024
# Frames of AAC in a fragment: about two seconds.
FRAGMENT = 96
# A data reference that says: in this file.
HERE = full(b"url ", 0, 1)
IDENTITY = struct.pack(">9I", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
# The longest time that 32 bits hold without meaning "unknown".
LONGEST = 0xFFFFFFFE


def descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, 0x80, 0x80, 0x80, len(body)]) + body


def esds(config: bytes) -> bytes:
    """The box that describes MPEG-4 audio by its AudioSpecificConfig."""
    decoder = descriptor(4, bytes([0x40, 0x15]) + bytes(11) + descriptor(5, config))
    return full(b"esds", 0, 0, descriptor(3, b"\0\0\0" + decoder + descriptor(6, b"\2")))


def config(rate: int = RATE, channels: int = 1, kind: int = LC, behind: str = "") -> bytes:
    """An AudioSpecificConfig; `behind` are bits that follow the usual 16."""
    bits = f"{kind:05b}" if kind < 31 else f"11111{kind - 32:06b}"
    bits += f"{FREQUENCIES.index(rate):04b}{channels:04b}" + (behind or "000")
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def entry(
    kind: bytes,
    *boxes: bytes,
    channels: int = 1,
    bits: int = 16,
    rate: int = RATE,
    version: int = 0,
    extra: bytes = b"",
) -> bytes:
    """A sample description of sound; `extra` is what its version adds."""
    words = struct.pack(">6xHHHIHHHHI", 1, version, 0, 0, channels, bits, 0, 0, rate << 16 & 0xFFFFFFFF)
    return box(kind, words, extra, *boxes)


@dataclass(frozen=True)
class Edit:
    """A piece of what a player shows: its length in units of the movie, and where it is in the media (-1: nowhere)."""

    duration: int
    media: int


@dataclass
class Track:
    """A track. `frame` is the size of each sample where `samples` are blocks of many, else each is a sample."""

    entry: bytes
    samples: Sequence[bytes]
    delta: int = FRAME
    scale: int = RATE
    frame: int = 0
    edits: Sequence[Edit] = ()
    handler: bytes = b"soun"
    is_enabled: bool = True
    group: int = 0
    deltas: Sequence[int] = ()
    references: bytes = b""
    location: bytes = HERE
    per_chunk: int = 64
    # What the media header says of the length, if that is not the truth.
    said: int | None = None
    header: bytes = field(default=b"")

    def chunks(self) -> list[tuple[bytes, int]]:
        """Bytes and number of samples of each chunk."""
        if self.frame:
            return [(block, len(block) // self.frame) for block in self.samples]
        pieces = [self.samples[at : at + self.per_chunk] for at in range(0, len(self.samples), self.per_chunk)]
        return [(b"".join(piece), len(piece)) for piece in pieces]

    def count(self) -> int:
        return sum(number for _, number in self.chunks())

    def times(self) -> list[tuple[int, int]]:
        """Runs of samples of the same length."""
        if not self.deltas:
            return [(self.count(), self.delta)]
        runs: list[tuple[int, int]] = []
        for delta in self.deltas:
            if runs and runs[-1][1] == delta:
                runs[-1] = (runs[-1][0] + 1, delta)
            else:
                runs.append((1, delta))
        return runs

    def length(self) -> int:
        return sum(number * delta for number, delta in self.times())

    def shown(self) -> int:
        """How long a player shows it, units of the movie."""
        return sum(edit.duration for edit in self.edits) or self.length() * MOVIE_SCALE // self.scale

    def tables(self, offsets: Sequence[int]) -> bytes:
        """The sample table."""
        chunks, runs = self.chunks(), self.times()
        firsts: list[tuple[int, int, int]] = []
        for number, (_, samples) in enumerate(chunks, 1):
            if not firsts or firsts[-1][1] != samples:
                firsts.append((number, samples, 1))
        if not chunks:
            runs = []
        count = 0 if self.frame else len(self.samples)
        sizes = struct.pack(f">{count}I", *(len(sample) for sample in self.samples[:count]))
        return box(
            b"stbl",
            full(b"stsd", 0, 0, struct.pack(">I", 1), self.entry),
            full(b"stts", 0, 0, struct.pack(">I", len(runs)), *(struct.pack(">II", *run) for run in runs)),
            full(b"stsc", 0, 0, struct.pack(">I", len(firsts)), *(struct.pack(">III", *first) for first in firsts)),
            full(b"stsz", 0, 0, struct.pack(">II", self.frame, self.count()), sizes),
            full(b"stco", 0, 0, struct.pack(">I", len(offsets)), *(struct.pack(">I", at) for at in offsets)),
        )

    def box(self, number: int, tables: bytes, length: int, shown: int) -> bytes:
        """The track's box; `length` in units of its media, `shown` in those of the movie."""
        headers = {b"soun": full(b"smhd", 0, 0, bytes(4)), b"vide": full(b"vmhd", 0, 1, bytes(8))}
        header = self.header or headers.get(self.handler, full(b"nmhd", 0, 0))
        place = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), self.location))
        said = min(length if self.said is None else self.said, LONGEST)
        media = box(
            b"mdia",
            full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, self.scale, said, 0x55C4, 0)),
            full(b"hdlr", 0, 0, struct.pack(">4s4s12x", bytes(4), self.handler), b"\0"),
            box(b"minf", header, place, tables),
        )
        words = struct.pack(">IIIII8xHHHH", 0, 0, number, 0, min(shown, LONGEST), 0, self.group, 0x100, 0)
        head = full(b"tkhd", 0, 3 if self.is_enabled else 2, words, IDENTITY, bytes(8))
        return box(b"trak", head, self.edit_list(), self.references, media)

    def edit_list(self) -> bytes:
        if not self.edits:
            return b""
        entries = [struct.pack(">QqHH", edit.duration, edit.media, 1, 0) for edit in self.edits]
        return box(b"edts", full(b"elst", 1, 0, struct.pack(">I", len(entries)), *entries))


def aac(sound: Sound, of: str = MARKED, rate: int = RATE, start: float = 0, seconds: float = SECONDS) -> Track:
    """A track of AAC."""
    frames = sound.aac(rate, of=of, start=start, seconds=seconds)
    return Track(entry(b"mp4a", esds(config(rate)), rate=rate), frames, scale=rate)


def pcm(sound: Sound, description: bytes, form: str, width: int, rate: int = RATE, of: str = MARKED) -> Track:
    """A track of samples of `width` bytes."""
    data, block = sound.pcm(form, rate, of=of), width * rate // 10
    return Track(description, [data[at : at + block] for at in range(0, len(data), block)], 1, rate, frame=width)


def picture(seconds: int = SECONDS) -> Track:
    """A track of a picture a second, which nothing decodes: only the sound counts."""
    words = struct.pack(">6xH16xHHIIIH32xHh", 1, 64, 64, 0x480000, 0x480000, 0, 1, 24, -1)
    coding = box(b"avcC", bytes.fromhex("0142c00affe100046742c00a01000268ce"))
    samples = [noise(200, index) for index in range(seconds)]
    return Track(box(b"avc1", words, coding), samples, 1000, 1000, handler=b"vide", per_chunk=1)


def head(brand: bytes) -> bytes:
    """The box that names the type; without a brand there is none, as in files before 2001."""
    return box(b"ftyp", brand, struct.pack(">I", 512), brand) if brand else b""


def movie_header(length: int) -> bytes:
    words = struct.pack(">IIIIIH10x", 0, 0, MOVIE_SCALE, min(length, LONGEST), 65536, 0x100)
    return full(b"mvhd", 0, 0, words, IDENTITY, bytes(24), struct.pack(">I", 99))


def index(tracks: Sequence[Track], offsets: Sequence[Sequence[int]], *extra: bytes) -> bytes:
    """The movie box of tracks whose chunks are at `offsets`."""
    boxes = [
        track.box(number, track.tables(places), track.length(), track.shown())
        for number, (track, places) in enumerate(zip(tracks, offsets, strict=True), 1)
    ]
    return box(b"moov", movie_header(max(track.shown() for track in tracks)), *boxes, *extra)


def placed(tracks: Sequence[Track], start: int) -> tuple[list[list[int]], bytes]:
    """The chunks of all tracks in turn, the first at `start`: where each is, and all bytes."""
    chunks = [track.chunks() for track in tracks]
    offsets: list[list[int]] = [[] for _ in tracks]
    data, at = [], start
    for turn in range(max(len(own) for own in chunks)):
        for own, places in zip(chunks, offsets, strict=True):
            for body, _ in own[turn : turn + 1]:
                places.append(at)
                data.append(body)
                at += len(body)
    return offsets, b"".join(data)


def movie(
    *tracks: Track,
    brand: bytes = b"isom",
    before: bytes = b"",
    behind: bytes = b"",
    extra: bytes = b"",
    wrap: Callable[[bytes], bytes] = lambda moov: moov,
    is_open: bool = False,
) -> bytes:
    """A file with its index behind the media, or, if the media's size is open, in front of it.

    `before` and `behind` are boxes in front of and after all that, `extra` boxes in the index; `wrap` changes it.
    """
    front = head(brand) + before
    if is_open:
        size = len(wrap(index(tracks, placed(tracks, 0)[0], extra)))
        offsets, data = placed(tracks, len(front) + size + 8)
        return front + wrap(index(tracks, offsets, extra)) + struct.pack(">I", 0) + b"mdat" + data
    offsets, data = placed(tracks, len(front) + 8)
    return front + box(b"mdat", data) + wrap(index(tracks, offsets, extra)) + behind


def fragment(number: int, track: int, delta: int, samples: Sequence[bytes], time: int | None) -> bytes:
    """Samples with their own index in front; `time` is where they begin, if that is said."""

    def moof(offset: int) -> bytes:
        described = full(b"tfhd", 0, 0x20038, struct.pack(">IIII", track, delta, 0, 0))
        stamped = b"" if time is None else full(b"tfdt", 1, 0, struct.pack(">Q", time))
        sizes = struct.pack(f">{len(samples)}I", *map(len, samples))
        run = full(b"trun", 0, 0x201, struct.pack(">Ii", len(samples), offset), sizes)
        return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", number)), box(b"traf", described, stamped, run))

    return moof(len(moof(0)) + 8) + box(b"mdat", *samples)


def fragments(
    *tracks: Track, clock: Callable[[int], int | None] = lambda time: time, between: bytes = b""
) -> list[bytes]:
    """The index of a fragmented movie, and its fragments. `clock` says what time is written for a fragment of sound."""
    boxes = []
    for number, track in enumerate(tracks, 1):
        nothing = replace(track, samples=[], deltas=())
        boxes.append(nothing.box(number, nothing.tables([]), 0, 0))
    extends = [full(b"trex", 0, 0, struct.pack(">IIIII", number, 1, 0, 0, 0)) for number in range(1, len(tracks) + 1)]
    parts = [head(b"iso5") + box(b"moov", movie_header(0), *boxes, box(b"mvex", *extends))]
    for turn in range(-(-max(len(track.samples) * track.delta // track.scale for track in tracks) // 2) + 1):
        for number, track in enumerate(tracks, 1):
            size = max(1, 2 * track.scale // track.delta)
            samples = track.samples[turn * size : (turn + 1) * size]
            if samples:
                time = turn * size * track.delta
                stamp = clock(time) if track.handler == b"soun" else time
                parts.append(between + fragment(len(parts), number, track.delta, samples, stamp))
    return parts


def silence(sound: Sound) -> Track:
    """A track of AAC in which nothing is to be heard."""
    return aac(sound, SILENT)


def clean(sound: Sound) -> Track:
    """A track of AAC without any mark."""
    return aac(sound, CLEAN)
