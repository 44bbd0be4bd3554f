"""Likelihood ratios from comparisons whose truth is known: calibration, their cost, Tippett plots.

Brümmer and du Preez, Computer Speech and Language 20, 2006, for Cllr and pool-adjacent-violators; Vergeer, van Es, de
Jongh, Alberink and Stoel, Science and Justice 56, 2016, for the limits.
"""

import bisect
import math
from collections.abc import Mapping, Sequence

# z of comparisons, or log10 of their likelihood ratios.
Values = Sequence[float]
COLOURS = ("#1a5fb4", "#a51d2d", "#c64600", "#613583")


class Calibration:
    """log10 likelihood ratio as a rising step function of z, by pool-adjacent-violators."""

    def __init__(self, same: Values, different: Values, smoothing: float = 1) -> None:
        points = [(z, 1.0 / len(same), 0.0) for z in same] + [(z, 0.0, 1.0 / len(different)) for z in different]
        points.sort()
        if smoothing:
            # The comparison that was not seen: an innocent above all, an involved client below all.
            points.insert(0, (-math.inf, smoothing / len(same), 0.0))
            points.append((math.inf, 0.0, smoothing / len(different)))
        blocks: list[list[float]] = []
        for z, s, d in points:
            if blocks and blocks[-1][0] == z and z == -math.inf:
                # What has no z has no order.
                blocks[-1][1] += s
                blocks[-1][2] += d
                continue
            blocks.append([z, s, d])
            while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
                _, s, d = blocks.pop()
                blocks[-1][1] += s
                blocks[-1][2] += d
        self.starts = [block[0] for block in blocks]
        self.values = [ratio(s, d) for _, s, d in blocks]

    def log10(self, z: float) -> float:
        return self.values[max(0, bisect.bisect_right(self.starts, z) - 1)]

    def all(self, values: Values) -> list[float]:
        return [self.log10(z) for z in values]


def ratio(same: float, different: float) -> float:
    if same == 0:
        return -math.inf
    return math.log10(same / different) if different > 0 else math.inf


def of_counts(same_shown: int, same: int, different_shown: int, different: int) -> float:
    """log10 of the ratio for something that shows or does not, with a misleading comparison more of either kind."""
    return ratio(same_shown / (same + 1), (different_shown + 1) / (different + 1))


def cllr(same: Values, different: Values) -> float:
    """Mean cost in bits of the log10 ratios, over both kinds alike (Brümmer and du Preez, 2006, eq. 8)."""

    def cost(value: float) -> float:
        exponent = value * math.log(10)
        return exponent / math.log(2) if exponent > 500 else math.log2(1 + math.exp(exponent))

    misses = sum(cost(-value) for value in same) / len(same)
    alarms = sum(cost(value) for value in different) / len(different)
    return (misses + alarms) / 2


def tippett(curves: Mapping[str, Values]) -> str:
    """Share of comparisons whose log10 ratio is at least that, for each kind, as SVG."""
    everything = [value for values in curves.values() for value in values]
    low, high = math.floor(min(everything)) - 1, math.ceil(max(everything)) + 1
    width, height, left, top = 640, 320, 60, 20

    def place(value: float, share: float) -> str:
        return f"{left + width * (value - low) / (high - low):.1f},{top + height * (1 - share):.1f}"

    def line(values: Values, colour: str) -> str:
        ordered = sorted(values)
        steps = [place(low, 1)]
        for value in sorted(set(ordered)):
            before = 1 - bisect.bisect_left(ordered, value) / len(ordered)
            after = 1 - bisect.bisect_right(ordered, value) / len(ordered)
            steps += [place(value, before), place(value, after)]
        points = " ".join([*steps, place(high, 0)])
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>'

    def text(x: float, y: float, words: object, anchor: str = "middle") -> str:
        return f'<text x="{int(x)}" y="{int(y)}" text-anchor="{anchor}">{words}</text>'

    view = f"0 0 {left + width + 20} {top + height + 60}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for value in range(low, high + 1):
        x = left + width * (value - low) / (high - low)
        parts.append(f'<path stroke="{"#888" if value == 0 else "#ddd"}" d="M{x:.1f} {top} v{height}"/>')
        parts.append(text(x, top + height + 18, value))
    for share in range(0, 101, 20):
        y = top + height * (1 - share / 100)
        parts.append(f'<path stroke="#ddd" d="M{left} {y:.1f} h{width}"/>')
        parts.append(text(left - 8, y + 4, f"{share} %", "end"))
    parts.append(text(left + width / 2, top + height + 42, "log10 of the likelihood ratio, at least"))
    for number, ((name, values), colour) in enumerate(zip(curves.items(), COLOURS, strict=False)):
        parts.append(line(values, colour))
        words = text(left + width - 8, top + 20 + 18 * number, f"{name} ({len(values)})", "end")
        parts.append(f'<g fill="{colour}">{words}</g>')
    parts.append("</svg>\n")
    return "\n".join(parts)
