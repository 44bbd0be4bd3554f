"""Tests of the README's pictures: they show every word at its place, whatever a browser does with spaces."""

import unittest
import xml.etree.ElementTree as ElementTree

from earmark_tools.picture import COLUMNS, GLYPH_WIDTH, MARGIN, answer_picture, report_picture

SVG = "{http://www.w3.org/2000/svg}"
ANSWER = f"""The recording carries the mark of: A <a@example.org>.

verdict         identified
file            {"word " * 30}end

FROM     TO       Z
0:00:00  0:02:50  67.5
"""
REPORT = """<!DOCTYPE html>
<style>
@media (prefers-color-scheme: dark) {
  p { color: white; }
}
p > b { color: red; }
</style>
<body>
<h1>Head &ldquo;x&rdquo; &amp; &lt;y&gt;</h1>
<section>
<h2>Other</h2>
<p>not shown</p>
</section>
<section>
<h2>Shown</h2>
<svg viewBox="0 0 1 1"></svg>
</section>
</body>
"""


class Answers(unittest.TestCase):
    def setUp(self) -> None:
        drawing = ElementTree.fromstring(answer_picture(ANSWER, "$ earmark"))
        self.width = float(drawing.attrib["width"])
        # By the line's place: where each column begins, in pixels, and its text.
        lines = [text.findall(f"{SVG}tspan") for text in drawing.iter(f"{SVG}text")]
        self.lines = [[(float(span.attrib["x"]), span.text or "") for span in spans] for spans in lines[1:]]

    def test_no_place_depends_on_spaces(self) -> None:
        for line in self.lines:
            for _, text in line:
                self.assertNotIn("  ", text)
                self.assertEqual(text, text.strip())

    def test_columns_begin_where_the_terminal_shows_them(self) -> None:
        self.assertEqual(self.lines[1], [(MARGIN, "verdict"), (round(MARGIN + 16 * GLYPH_WIDTH, 1), "identified")])
        for line in self.lines[-2:]:
            self.assertEqual([x for x, _ in line], [round(MARGIN + at * GLYPH_WIDTH, 1) for at in (0, 9, 18)])

    def test_long_values_go_on_below_themselves(self) -> None:
        (_, first), (left, rest) = self.lines[2][1], self.lines[3][0]
        self.assertEqual(f"{first} {rest}", "word " * 30 + "end")
        self.assertEqual(left, round(MARGIN + 16 * GLYPH_WIDTH, 1))

    def test_no_line_leaves_the_picture(self) -> None:
        for line in self.lines:
            for left, text in line:
                self.assertLessEqual(left + len(text) * GLYPH_WIDTH, self.width - MARGIN + 0.1)
        long = ElementTree.fromstring(answer_picture("x" * COLUMNS, "$ earmark"))
        self.assertEqual(len(list(long.iter(f"{SVG}text"))), 2)


class Reports(unittest.TestCase):
    def test_head_and_section_as_they_are(self) -> None:
        picture = report_picture(REPORT, "Shown")
        texts = [text.strip() for text in ElementTree.fromstring(picture).itertext() if text.strip()]
        self.assertEqual(texts[1:], ["Head “x” & <y>", "Shown"])
        self.assertIn("p > b { color: red; }", texts[0])
        self.assertNotIn("white", picture)
        self.assertEqual(picture.count("<svg "), picture.count('<svg xmlns="http://www.w3.org/2000/svg" '))

    def test_what_is_no_report_is_refused(self) -> None:
        for page, section in ((REPORT, "Missing"), ("<html></html>", "Shown")):
            with self.assertRaisesRegex(ValueError, "no report"):
                report_picture(page, section)
        with self.assertRaisesRegex(ValueError, "well-formed"):
            report_picture(REPORT.replace("</h1>", ""), "Shown")


if __name__ == "__main__":
    unittest.main()
