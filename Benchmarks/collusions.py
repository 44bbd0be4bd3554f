"""Collusions of up to eight clients, sample by sample: what each played becomes one recording.

Averages, and what is known to harm independent marks more than averages do: the value farthest from the mean of the
others (minority-extreme), the least or the greatest at random (RandNeg), and blocks of 25 samples at random from one
copy or another.
"""

import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from codings import AAC32, OPUS16, chain
from denoisers import Attack
from earmark_tools.audio import WAV

# Samples of a block that is taken from one copy.
BLOCK = 25
# Rows are copies, columns samples.
Join = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def average(copies: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return copies.mean(axis=0)


def extreme(copies: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Of each sample the value that is farthest from the mean of the others, which is the one farthest from all."""
    farthest = np.abs(copies - copies.mean(axis=0)).argmax(axis=0)
    return copies[farthest, np.arange(copies.shape[1])]


def negated(copies: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Of each sample the least value or the greatest, at random: half of the differences have their sign turned."""
    return np.where(draw.random(copies.shape[1]) < 0.5, copies.min(axis=0), copies.max(axis=0))


def interleaved(copies: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Blocks of samples, each from a copy that is drawn for it."""
    blocks = -(-copies.shape[1] // BLOCK)
    chosen = np.repeat(draw.integers(0, len(copies), blocks), BLOCK)[: copies.shape[1]]
    return copies[chosen, np.arange(copies.shape[1])]


def join(how: Join, count: int, *steps: tuple[str, Sequence[str]]) -> tuple[int, Attack]:
    """An attack by `count` clients, whose recording then goes through `steps` of ffmpeg."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        target = folder / "joined.wav"
        copies = []
        for source in sources:
            with wave.open(str(source)) as file:
                form = file.getparams()
                copies.append(np.frombuffer(file.readframes(form.nframes), dtype="<i2").astype(np.float32))
        length = min(map(len, copies))
        joined = how(np.stack([copy[:length] for copy in copies]), np.random.default_rng(count))
        with wave.open(str(target), "wb") as file:
            file.setparams(form)
            file.writeframes(np.rint(joined).clip(-32_768, 32_767).astype("<i2").tobytes())
        return chain(*steps)([target], folder) if steps else target

    return count, attack


AFTER: dict[str, list[tuple[str, Sequence[str]]]] = {
    "aac32": [("m4a", AAC32)],
    "opus16": [("ogg", OPUS16), ("wav", WAV)],
}
JOINS: dict[str, tuple[int, Attack]] = {
    **{f"average{count}": join(average, count, ("wav", WAV)) for count in (6, 7, 8)},
    **{f"extreme{count}": join(extreme, count) for count in (3, 5, 8)},
    **{f"randneg{count}": join(negated, count) for count in (3, 5, 8)},
    "interleave3": join(interleaved, 3),
    "interleave8": join(interleaved, 8),
    **{f"average{count}_{name}": join(average, count, *steps) for count in (3, 5, 8) for name, steps in AFTER.items()},
}
