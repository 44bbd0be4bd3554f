"""Mixed files as a case brings them: short recordings of every container, some marked, and what is no recording."""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from earmark_tools.audio import WAV, ffmpeg
from earmark_tools.mutations import mutate

# Marks a file as a client plays it: source, target, which client.
Mark = Callable[[Path, Path, int], None]

# Seconds of each recording that pieces are cut from, and of the pieces.
HOST, SHORTEST, LONGEST = 60, 6, 20
# Recordings that pieces are cut from, each marked for a client of its own; as many are left clean.
HOSTS = 6
# Longest name, bytes: that of most file systems is 255.
LONG_NAME = 180

# Endings of names, and what FFmpeg is told. The last two are types that are not analysed.
CONTAINERS: dict[str, tuple[str, ...]] = {
    "wav": WAV,
    "u8.wav": ("-c:a", "pcm_u8"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k"),
    "aac": ("-c:a", "aac", "-b:a", "64k"),
    "m4a": ("-c:a", "aac", "-b:a", "64k"),
    "mp4": ("-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"),
    "mov": ("-c:a", "pcm_s16le"),
    "avi": ("-c:a", "pcm_s16le"),
    "flac": ("-c:a", "flac"),
    "ogg": ("-c:a", "libopus"),
}

# What names begin with, as bytes: what shells, patterns, CSV and JSON take for something else, and what is no UTF-8.
NAMES = (
    *(b"recording", b"two words", b"-dash", b"--out"),
    *("Bespr\u00e4chung".encode(), "e\u0301".encode(), "\u4f1a".encode()),
    *(b"new\nline", b"tab\t", b"quote'\"", b"back\\slash", b"st*r?[a]", b"$HOME;`x`", b"#%41&=+", b",;comma"),
    *(b"\xff\xfelatin", b"cut\xc3", b"\\xFF", "\u202emirror".encode(), b"end ", b"l" * LONG_NAME),
)

# How a file comes to be, and how often: of twenty.
OFTEN = {"marked": 7, "clean": 4, "cut": 2}
SELDOM = ("left", "both", "text", "empty", "edited", "copy", "tiny")
KINDS = OFTEN | dict.fromkeys(SELDOM, 1)


def make(folder: Path, count: int, seed: int, mark: Mark) -> list[Path]:
    """Makes `count` files below `folder`, the same ones for a seed and the same marks; returns them."""
    dice = random.Random(seed)
    hosts = _hosts(folder.parent, seed, mark)
    made: list[Path] = []
    kinds, weights = list(KINDS), list(KINDS.values())
    for index in range(count):
        below = folder / dice.choice((".", "a", "b/c d"))
        below.mkdir(parents=True, exist_ok=True)
        ending = dice.choice(list(CONTAINERS))
        name = dice.choice(NAMES) + f"-{index}.{ending}".encode()
        path = below / os.fsdecode(name)
        _fill(path, ending, dice.choices(kinds, weights)[0], hosts, made, dice)
        made.append(path)
    return made


def _hosts(folder: Path, seed: int, mark: Mark) -> list[tuple[Path, Path]]:
    """Recordings to cut pieces from: clean and marked."""
    hosts = []
    for number in range(HOSTS):
        clean, marked = folder / f"clean-{number}.wav", folder / f"marked-{number}.wav"
        noise = f"anoisesrc=r=16000:c=pink:a=0.3:seed={HOSTS * seed + number}:d={HOST}"
        ffmpeg("-f", "lavfi", "-i", noise, *WAV, clean)
        mark(clean, marked, number)
        hosts.append((clean, marked))
    return hosts


def _fill(
    path: Path, ending: str, kind: str, hosts: Sequence[tuple[Path, Path]], made: Sequence[Path], dice: random.Random
) -> None:
    clean, marked = dice.choice(hosts)
    match kind:
        case "text":
            path.write_text(f"no recording {dice.random()}\n" * dice.randint(1, 50))
        case "empty":
            path.write_bytes(b"")
        case "copy" if made:
            path.write_bytes(dice.choice(made).read_bytes())
        case _:
            _cut(clean if kind in ("clean", "copy") else marked, path, ending, kind, dice)
            content = path.read_bytes()
            if kind == "cut":
                path.write_bytes(content[: dice.randrange(1, len(content))])
            elif kind == "edited":
                path.write_bytes(mutate(content, [content], dice))


def _cut(source: Path, target: Path, ending: str, kind: str, dice: random.Random) -> None:
    """A piece of a recording, in the container that the name's ending says."""
    seconds = dice.uniform(0.01, 1) if kind == "tiny" else dice.uniform(SHORTEST, LONGEST)
    start = dice.uniform(0, HOST - seconds)
    channels = {"left": ("-af", "pan=stereo|c0=c0|c1=0*c0"), "both": ("-ac", "2")}.get(kind, ())
    # Names are no arguments of FFmpeg: it takes some of them for protocols, patterns or options.
    plain = target.parent / f"being-made.{ending.rpartition('.')[2]}"
    # Without dates and versions, so that a seed makes the same bytes again.
    same = ("-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")
    ffmpeg("-ss", f"{start:.3f}", "-t", f"{seconds:.3f}", "-i", source, *channels, *CONTAINERS[ending], *same, plain)
    plain.rename(target)
