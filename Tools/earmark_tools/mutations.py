"""Files with something wrong in them: seeds of every container and codec, and what is done to them."""

import random
from pathlib import Path

from earmark_tools.audio import ffmpeg

# Seconds of each seed: long enough for every index to have entries, short enough for thousands of files.
SECONDS = 2
# Where a container's own structure lies: its beginning and its end, bytes.
STRUCTURE = 4096
# Share of edits that are made there.
STRUCTURAL = 0.7
# What fields of four bytes are set to: limits of their types, and small numbers.
FIELDS = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
# Longest piece that is taken out, doubled, or brought from elsewhere, bytes.
PIECE = 3000
# Most edits of a file.
EDITS = 8

# Name of the file and what FFmpeg is told.
SEEDS: dict[str, tuple[str, ...]] = {
    "s16.wav": ("-c:a", "pcm_s16le"),
    "u8.wav": ("-c:a", "pcm_u8"),
    "s24.wav": ("-c:a", "pcm_s24le"),
    "f32.wav": ("-c:a", "pcm_f32le", "-ac", "2"),
    "f64.wav": ("-c:a", "pcm_f64le"),
    "alaw.wav": ("-c:a", "pcm_alaw"),
    "ima.wav": ("-c:a", "adpcm_ima_wav"),
    "ms.wav": ("-c:a", "adpcm_ms"),
    "rf64.wav": ("-c:a", "pcm_s16le", "-rf64", "always"),
    "cbr.mp3": ("-c:a", "libmp3lame", "-b:a", "48k"),
    "vbr.mp3": ("-c:a", "libmp3lame", "-q:a", "5", "-metadata", "title=T"),
    "adts.aac": ("-c:a", "aac", "-b:a", "64k"),
    "aac.m4a": ("-c:a", "aac", "-b:a", "64k"),
    "front.m4a": ("-c:a", "aac", "-movflags", "+faststart"),
    "alac.m4a": ("-c:a", "alac"),
    "fragments.mp4": ("-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov", "-frag_duration", "500000"),
    "aac.mp4": ("-c:a", "aac", "-ac", "2"),
    "mp3.mp4": ("-c:a", "libmp3lame"),
    "ac3.mp4": ("-c:a", "ac3"),
    "eac3.mp4": ("-c:a", "eac3"),
    "flac.mp4": ("-c:a", "flac", "-strict", "-2"),
    "opus.mp4": ("-c:a", "libopus", "-ar", "48000"),
    "s16.mov": ("-c:a", "pcm_s16le"),
    "s24.mov": ("-c:a", "pcm_s24be"),
    "f32.mov": ("-c:a", "pcm_f32le"),
    "ima.mov": ("-c:a", "adpcm_ima_qt"),
    "aac.mov": ("-c:a", "aac"),
    "s16.avi": ("-c:a", "pcm_s16le"),
    "mp3.avi": ("-c:a", "libmp3lame"),
    "ac3.avi": ("-c:a", "ac3"),
}


def seeds(folder: Path) -> dict[str, bytes]:
    """All seeds, by name."""
    noise = ("-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:c=pink:r=48000:seed=1:a=0.3")
    made: dict[str, bytes] = {}
    for name, options in SEEDS.items():
        path = folder / name
        ffmpeg(*noise, *options, path)
        made[name] = path.read_bytes()
        path.unlink()
    return made


def mutate(source: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """A copy with one to eight edits; `others`: files of which pieces are brought in."""
    content = bytearray(source)
    for _ in range(dice.randint(1, EDITS)):
        if not content:
            break
        at, length = place(len(content), dice), dice.randint(1, PIECE)
        match dice.randrange(7):
            case 0:
                content[at] ^= 1 << dice.randrange(8)
            case 1:
                field = dice.choice(FIELDS).to_bytes(4, dice.choice(("big", "little")))
                content[at : at + 4] = field[: len(content) - at]
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case 4:
                del content[at:]
            case 5:
                content[at:at] = bytes(length)
            case _:
                other = dice.choice(others)
                start = place(len(other), dice)
                content[at : at + length] = other[start : start + length]
    return bytes(content)


def place(size: int, dice: random.Random) -> int:
    """Where an edit is made: mostly where a container keeps its structure."""
    if dice.random() >= STRUCTURAL:
        return dice.randrange(size)
    near = dice.randrange(min(STRUCTURE, size))
    return near if dice.random() < 0.7 else size - 1 - near
