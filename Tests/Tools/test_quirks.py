"""Tests of how Tools/check-quirks judges: every kind of wrong answer is noticed."""

import unittest
from typing import Any

from earmark_tools.quirks import QUIRKS
from earmark_tools.quirks.case import hidden, incomplete, named, refused
from earmark_tools.quirks.judge import STATUS, mistakes
from earmark_tools.quirks.sound import SECONDS

ADA, BEN = "ada@example.org", "ben@example.org"
# As many as there must be.
LEAST = 60


def stretch(start: float, meeting: float, is_skipped: bool = False) -> dict[str, Any]:
    return {"from": start, "meetingFrom": meeting} | ({"isSkipped": True} if is_skipped else {})


def identified(*heard: dict[str, Any], email: str = ADA, **changes: Any) -> dict[str, Any]:
    file = {"seconds": SECONDS, "isTruncated": False, "corruptPackets": 0} | changes
    sources = [{"email": email, "verdict": "identified", "heard": list(heard or (stretch(0.02, 0),))}]
    return {"verdict": "identified", "file": file, "sources": sources, "warnings": []}


class QuirkTests(unittest.TestCase):
    def test_names_and_sources(self) -> None:
        self.assertGreaterEqual(len(QUIRKS), LEAST)
        names = [quirk.name for quirk in QUIRKS]
        self.assertEqual(sorted(names), sorted(set(names)))
        for quirk in QUIRKS:
            self.assertTrue(quirk.source.name and quirk.writer, quirk.name)
            for outcome in quirk.right.outcomes:
                self.assertIn(outcome, {"identified", "incomplete", "not-found", *STATUS}, quirk.name)

    def test_right(self) -> None:
        self.assertEqual(mistakes(identified(), named(), ADA), [])
        twice = identified(stretch(0.02, 0), stretch(8, 16))
        self.assertEqual(mistakes(twice, named(0, -8), ADA), [])
        unseen = identified(stretch(5, 0, is_skipped=True), seconds=5) | {"warnings": ["leaves out 19 s"]}
        self.assertEqual(mistakes(unseen, hidden(5, "leaves out"), ADA), [])

    def test_wrong(self) -> None:
        for answer in (
            identified(email=BEN),
            identified(stretch(1, 0)),
            identified(stretch(0, 0), stretch(9, 5)),
            identified(stretch(0, 0, is_skipped=True)),
            identified(seconds=SECONDS + 1),
            identified(isTruncated=True),
            identified(corruptPackets=100),
            identified() | {"warnings": ["something else"]},
            identified(unexamined=[{"codec": "apac", "reason": "unknown"}]),
            {"verdict": "not-found", "file": identified()["file"]},
            {"refusal": {"code": "corrupt", "message": "damaged"}},
        ):
            self.assertNotEqual(mistakes(answer, named(), ADA), [], answer)

    def test_words(self) -> None:
        left_out = identified(unexamined=[{"codec": "apac", "reason": "unknown"}]) | {"verdict": "incomplete"}
        self.assertEqual(mistakes(left_out, incomplete("apac"), ADA), [])
        self.assertNotEqual(mistakes(left_out, incomplete("ac-4"), ADA), [])
        refusal = {"refusal": {"code": "unsupportedType", "message": "is Ogg"}}
        self.assertEqual(mistakes(refusal, refused("unsupportedType", says="Ogg"), ADA), [])
        self.assertNotEqual(mistakes(refusal, refused("unsupportedType", says="FLAC"), ADA), [])
        self.assertNotEqual(mistakes(refusal, refused("corrupt"), ADA), [])


if __name__ == "__main__":
    unittest.main()
