"""Tests of what Tools/check-slurm-kills does to parts, and of what it takes for the same answer."""

import random
import tempfile
import unittest
from pathlib import Path

from earmark_tools.lost_parts import lost
from earmark_tools.slurm_lab import normal


class LostPartTests(unittest.TestCase):
    def test_every_way_loses_something(self) -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "lost").mkdir()
            parts = {part: folder / f"part.{part}-of-3.ndjson" for part in range(1, 4)}
            for part, path in parts.items():
                lines = [f'{{"place":{{"item":{item}}}}}' for item in range(part)]
                path.write_text("\n".join(['{"opens":1}', *lines, '{"closes":1}', ""]))
            whole = sorted(path.read_bytes() for path in parts.values())
            for seed in range(50):
                for way, given, names in lost(parts, folder / "lost", folder / "foreign", random.Random(seed)):
                    there = sorted(path.read_bytes() for path in given if path.exists())
                    self.assertNotEqual(there, whole, way)
                    self.assertTrue(names, way)
            self.assertEqual(sorted(path.read_bytes() for path in parts.values()), whole)

    def test_same_answer(self) -> None:
        batch = {"id": "a_1", "made": {}, "path": "x", "verdict": "identified", "sources": [{"email": "a"}]}
        stored = {"id": "a_2", "bundle": "b_1", "verdict": "identified", "sources": [{"email": "a"}]}
        self.assertEqual(normal(batch, "11"), normal(stored, "11"))
        self.assertNotEqual(normal(batch, "11"), normal(stored, "22"))
        self.assertNotEqual(normal(batch, "11"), normal(stored | {"verdict": "trace"}, "11"))
        self.assertNotEqual(normal(batch, "11"), normal(stored | {"sources": []}, "11"))

    def test_same_refusal(self) -> None:
        refusal = {"id": "a_1", "refusal": {"code": "corrupt", "message": "the decoder's words"}}
        told = {"id": "a_2", "refusal": {"code": "corrupt", "message": "says a worker"}}
        self.assertEqual(normal(refusal, "11"), normal(told, "11"))
        self.assertNotEqual(normal(refusal, "11"), normal({"refusal": {"code": "tooShort"}}, "11"))


if __name__ == "__main__":
    unittest.main()
