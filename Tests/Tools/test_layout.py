"""Tests of the bounds that Tools/check-layout holds files to, each at the bound and just past it."""

import unittest
from collections.abc import Iterable
from pathlib import Path

from earmark_tools.layout import Violation, long_files, long_functions, long_modules, percentile, wide_lines

SOURCES = Path("/root/Sources")


def lengths(*counts: int) -> dict[Path, str]:
    """Files of that many lines."""
    return {SOURCES / f"M/{number}.swift": "\n" * count for number, count in enumerate(counts)}


def function(length: int) -> str:
    return "func f() {\n" + "\n" * (length - 2) + "}\n"


class Lengths(unittest.TestCase):
    def texts(self, found: Iterable[Violation]) -> list[str]:
        return [str(violation) for violation in found]

    def test_a_file(self) -> None:
        self.assertEqual(self.texts(long_files(lengths(320, *[1] * 20))), [])
        expected = ["/root/Sources/M/0.swift:321: the file has 321 lines, at most 320"]
        self.assertEqual(self.texts(long_files(lengths(321, *[1] * 20))), expected)

    def test_median_and_percentile(self) -> None:
        self.assertEqual(self.texts(long_files(lengths(1, 110, 110))), [])
        expected = ["/root/Sources/M: the median of 3 files is 111 lines, at most 110"]
        self.assertEqual(self.texts(long_files(lengths(1, 111, 111))), expected)
        self.assertEqual(self.texts(long_files(lengths(*[1] * 8, 220, 300))), [])
        expected = ["/root/Sources/M: the 90th percentile is 221 lines, at most 220"]
        self.assertEqual(self.texts(long_files(lengths(*[1] * 8, 221, 300))), expected)

    def test_percentile_is_the_least_value_that_enough_do_not_exceed(self) -> None:
        self.assertEqual([percentile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.51, 1.0)], [1, 2, 3, 4])

    def test_a_function(self) -> None:
        path = SOURCES / "M/a.swift"
        self.assertEqual(self.texts(long_functions({path: function(60)})), [])
        expected = [f"{path}:2: f has 61 lines, at most 60"]
        self.assertEqual(self.texts(long_functions({path: "\n" + function(61)})), expected)

    def test_a_module(self) -> None:
        files = {SOURCES / "EarmarkCLI/a.swift": "\n" * 4000, SOURCES / "EarmarkCLI/Sub/b.swift": "\n" * 1000}
        self.assertEqual(self.texts(long_modules(SOURCES, files)), [])
        files[SOURCES / "EarmarkCLI/c.swift"] = "\n"
        expected = ["/root/Sources/EarmarkCLI: the module has 5001 lines, at most 5000"]
        self.assertEqual(self.texts(long_modules(SOURCES, files)), expected)


class Widths(unittest.TestCase):
    def widths(self, name: str, *lines: str) -> list[Violation]:
        return list(wide_lines(Path(name), "\n".join(lines)))

    def test_code(self) -> None:
        self.assertEqual(self.widths("a.swift", "x" * 120, "ü" * 120), [])
        self.assertEqual([violation.line for violation in self.widths("a.swift", "", "x" * 121)], [2])
        self.assertEqual(len(self.widths("a.c", "\t" + "x" * 117)), 1)

    def test_what_cannot_wrap_in_markdown(self) -> None:
        wide = "word " * 30
        link = f"[some words]({'x' * 130})"
        for line in (f"| {wide} |", link, f"- {link}", "x" * 130, f"    {wide}"):
            with self.subTest(line):
                self.assertEqual(self.widths("a.md", line), [])
        self.assertEqual(self.widths("a.md", "```sh", wide, "```"), [])

    def test_what_can_wrap_in_markdown(self) -> None:
        wide = "word " * 30
        for lines in (
            (wide,),
            (f"- {wide}",),
            ("```", "```", wide),
            ("- item", f"    {wide}"),
            (f"so [a]({'x' * 130})",),
        ):
            with self.subTest(lines):
                self.assertEqual(len(self.widths("a.md", *lines)), 1)


if __name__ == "__main__":
    unittest.main()
