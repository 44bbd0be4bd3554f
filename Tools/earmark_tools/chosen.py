"""An alignment that is chosen by a client's own signs: a package that accuses whoever had no part."""

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from earmark_tools.commands import ROOT

Package = dict[str, Any]


def verifier() -> ModuleType:
    """Tools/verify-evidence, as a module."""
    loader = SourceFileLoader("verify_evidence", str(ROOT / "Tools/verify-evidence"))
    specification = importlib.util.spec_from_loader(loader.name, loader)
    assert specification is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def chosen(case: Package, other: Package, recording: Path) -> Package:
    """`case`, about a recording at nominal speed, made to accuse the client of `other`.

    Its alignment is cut into as many pieces as cover the chips at which that client's signs happen to agree.
    """
    verify = verifier()
    plan = verify.Plan.deal(bytes.fromhex(case["meeting"]["pilotSeed"]))
    timeline, seed = bytes.fromhex(case["meeting"]["timelineSeed"]), bytes.fromhex(other["client"]["seed"])
    audio = verify.samples(str(recording), 0, None)
    rows = verify.features(verify.band_powers(audio, 1), 1)
    pieces = []
    for base in case["alignment"]["pieces"]:
        ((chips, values),) = verify.sampled(rows, [base])
        known = np.zeros((len(chips), verify.CHIPS * verify.DIPOLES))
        for index, chip in enumerate(chips):
            known[index, plan.identity] = verify.signs(seed, int(chip // verify.CHIPS), len(plan.identity))
        known = known.reshape(len(chips), verify.CHIPS, verify.DIPOLES)[np.arange(len(chips)), chips % verify.CHIPS]
        agreement = (values * np.array(case["alignment"]["weights"]) * known).sum(axis=1)
        pieces += runs(base, chips, agreement > np.median(agreement))
    place = {**case["alignment"], "pieces": pieces}
    found = verify.Sharpened.read(audio, place, plan, timeline)
    place["weights"] = [float(weight) for weight in found.weights]
    place["z"] = found.cells.score(plan.identity, lambda m: verify.signs(seed, m, len(plan.identity)))
    place["log10Bound"] = verify.log10_bound(place["z"], case["tested"], place, 1)
    return {**case, "client": other["client"], "commitment": other["commitment"], "alignment": place}


def runs(base: Package, chips: np.ndarray, kept: np.ndarray) -> list[Package]:
    """Pieces on the line of `base` that show the chips that are kept, and no others."""
    borders = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]])))
    pieces: list[Package] = []
    line = base["offset"] + 1024 * base["period"]
    middle = (base["from"] + base["to"]) / 2
    # The first frame of a piece that begins with a chip.
    starts: dict[int, int] = {}
    for frame in range(base["from"], base["to"] + 1):
        shown = frame + line + base["slope"] * (frame - middle)
        starts.setdefault(int(-(-(shown + 1) // 4)), frame)
    for start, end in zip(borders[::2], borders[1::2], strict=True):
        low, high = starts.get(int(chips[start])), starts.get(int(chips[end - 1]) + 1)
        if low is None or high is None or high <= low:
            continue
        shift = base["slope"] * ((low + high) / 2 - middle)
        pieces.append({**base, "from": low, "to": high, "offset": base["offset"] + shift})
    return pieces
