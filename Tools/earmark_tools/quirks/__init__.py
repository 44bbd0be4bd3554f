"""Recordings as odd as real programs write them, each with the right answer and where its oddity is told."""

from earmark_tools.quirks import avis, coded, movs, mp4s, mpegs, samples, waves

QUIRKS = [quirk for kind in (waves, samples, mpegs, mp4s, coded, movs, avis) for quirk in kind.book.quirks]
