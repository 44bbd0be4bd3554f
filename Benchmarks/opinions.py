"""What models of hearing say of a copy beside its original: PESQ, STOI and ViSQOL in windows with speech in them."""

import tempfile
from functools import cache
from typing import Any

import numpy as np
import soundfile
from pesq import pesq
from pystoi import stoi
from scipy.signal import resample_poly

from earmark_tools.audio import RATE

# Samples, or the metrics of windows (a row each): an array of numpy.
Array = Any

WINDOW_SECONDS = 8
# A window is speech if this share of its frames of 20 ms lies above the level.
SPEECH_SHARE, SPEECH_DBFS = 0.35, -45.0
METRICS = ["PESQ-WB", "STOI", "ViSQOL speech", "ViSQOL audio", "SNR"]
# What PESQ-WB and ViSQOL's models are asked about: samples of this rate.
SPEECH_RATE = 16_000


def speech_windows(x: Array, count: int) -> list[int]:
    """Starts of up to `count` windows with speech in them, spread over the recording."""
    size, frame = WINDOW_SECONDS * RATE, RATE // 50
    found = []
    for start in range(0, len(x) - size + 1, size // 2):
        power = (x[start : start + size].reshape(-1, frame).astype(np.float64) ** 2).mean(1)
        if (10 * np.log10(power + 1e-12) > SPEECH_DBFS).mean() > SPEECH_SHARE:
            found.append(start)
    found = found or list(range(0, max(1, len(x) - size + 1), size))
    return [found[int(i)] for i in sorted(set(np.linspace(0, len(found) - 1, min(count, len(found))).astype(int)))]


def compare(x: Array, y: Array) -> list[float]:
    """The metrics of a marked window against the clean one, in the order of METRICS."""
    x16, y16 = resample_poly(x, 1, 3), resample_poly(y, 1, 3)
    noise = float(((y - x).astype(np.float64) ** 2).sum())
    snr = 10 * np.log10(float((x.astype(np.float64) ** 2).sum()) / noise) if noise > 0 else np.inf
    return [
        pesq(SPEECH_RATE, x16, y16, "wb"),
        stoi(x16, y16, SPEECH_RATE),
        visqol("speech", SPEECH_RATE, x16, y16),
        visqol("audio", RATE, x, y),
        snr,
    ]


def visqol(mode: str, rate: int, x: Array, y: Array) -> float:
    """ViSQOL's opinion of `y` beside `x` by its model `mode`: "speech" or "audio"."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{side}.wav" for side in "xy"]
        for path, signal in zip(paths, (x, y), strict=True):
            soundfile.write(path, np.clip(signal, -1, 1), rate)
        return float(visqol_model(mode).measure(*paths).moslqo)


@cache
def visqol_model(mode: str) -> Any:
    """ViSQOL's model of a mode, made once in each process."""
    from visqol import VisqolApi

    model = VisqolApi()
    model.create(mode=mode)
    return model
