"""Pictures for the README, as SVG: an answer as the terminal shows it, and what a report says first.

What a picture shows must not depend on a browser's treatment of spaces: they collapse in the text of an SVG, so every
column has a place of its own.
"""

import html
import re
import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

# Pixels; a monospaced glyph is about 0.6 of the font's size wide.
FONT_SIZE = 13
GLYPH_WIDTH = 0.6 * FONT_SIZE
LINE_HEIGHT = 19
MARGIN = 20
BAR_HEIGHT = 34

# Characters in a line; longer lines go on below.
COLUMNS = 104

PAPER, INK, FAINT, GOOD, EDGE = "#fbfaf7", "#24292f", "#6e7781", "#116329", "#d0d7de"
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

# Names at the start of a line, and the headings of its tables, stand back behind what they name.
LABEL = re.compile(r"^([a-z][a-zA-Z0-9' -]*?|SHA-256)(?=  )")
HEADING = re.compile(r"^[A-Z][A-Z -]+(  |$)")
# What two spaces or more separate are columns.
COLUMN = re.compile(r"\S+(?: \S+)*")

# The picture of a report, in the report's own pixels, and how wide it is shown. Text is higher in some fonts than in
# others: the height has room for the highest of those that the report asks for.
PAGE_WIDTH = 800
PAGE_HEIGHT = 1000
SHOWN_WIDTH = 640


def rows(text: str) -> Iterator[str]:
    """The lines of a text, those that are too long for the picture wrapped, under their values."""
    for row in text.rstrip("\n").split("\n"):
        if len(row) <= COLUMNS:
            yield row
            continue
        label = LABEL.match(row)
        indent = len(row) - len(row[label.end() :].lstrip()) if label else 0
        yield from textwrap.wrap(
            row,
            COLUMNS,
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
            drop_whitespace=True,
            replace_whitespace=False,
        )


def columns(row: str, index: int) -> Iterator[tuple[int, str, str, bool]]:
    """The columns of a line: the character that it begins at, its text, its colour, and whether it is bold."""
    label = LABEL.match(row)
    named = label.group() if label else ""
    is_heading = bool(HEADING.match(row))
    is_good = bool(label) and (row[len(named) :].strip() == "identified" or named == "false accusation")
    for column in COLUMN.finditer(row):
        is_label = is_heading or (bool(named) and column.start() == 0)
        colour = FAINT if is_label else GOOD if is_good else INK
        yield column.start(), column.group(), colour, index == 0 or (is_good and not is_label)


def drawn(row: str, index: int, y: int) -> str:
    """A line of the answer as one element of text."""
    spans = []
    for start, text, colour, is_bold in columns(row, index):
        weight = ' font-weight="bold"' if is_bold else ""
        left = f"{MARGIN + start * GLYPH_WIDTH:.1f}"
        spans.append(f'<tspan x="{left}" fill="{colour}"{weight}>{html.escape(text, quote=False)}</tspan>')
    return f'<text y="{y}">{"".join(spans)}</text>'


def answer_picture(text: str, title: str) -> str:
    """An answer of 'earmark analyze', under the command that gave it."""
    lines = list(rows(text))
    width = round(2 * MARGIN + COLUMNS * GLYPH_WIDTH)
    height = BAR_HEIGHT + 2 * MARGIN + LINE_HEIGHT * len(lines)
    top = BAR_HEIGHT + MARGIN + FONT_SIZE
    body = "\n".join(drawn(row, index, top + LINE_HEIGHT * index) for index, row in enumerate(lines) if row)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(title)}">
<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" fill="{PAPER}" stroke="{EDGE}"/>
<line x1="0" y1="{BAR_HEIGHT}" x2="{width}" y2="{BAR_HEIGHT}" stroke="{EDGE}"/>
<g font-family="{FONT}" font-size="{FONT_SIZE}">
<text x="{MARGIN}" y="{BAR_HEIGHT / 2 + FONT_SIZE / 3:.1f}" fill="{FAINT}">{html.escape(title, quote=False)}</text>
{body}
</g>
</svg>
"""


def as_xml(markup: str) -> str:
    """HTML of a report as XML: without HTML's names for characters, and with a namespace for its drawings."""
    named = re.sub(r"&(?!(?:lt|gt|amp|quot|#\d+);)\w+;", lambda found: html.unescape(found.group()), markup)
    return named.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')


def report_picture(page: str, figure: str) -> str:
    """What a report says first, up to its verdict, and its section `figure`. ValueError if it has no such parts."""
    style = re.search(r"<style>\n(.*?)</style>", page, re.DOTALL)
    head = re.search(r"<body>\n(.*?)\n<section>", page.replace("<main>\n", "", 1), re.DOTALL)
    sections = re.findall(r"<section>\n<h2>(.*?)</h2>.*?</section>", page, re.DOTALL)
    if not style or not head or figure not in sections:
        raise ValueError(f"this is no report of 'earmark report' with a section '{figure}'")
    start = page.index(f"<section>\n<h2>{figure}</h2>")
    section = page[start : page.index("</section>", start)] + "</section>"
    height = round(PAGE_HEIGHT * SHOWN_WIDTH / PAGE_WIDTH)
    # The page's own rules are for the page; the drawing around it keeps its size, and is light on every screen.
    rules = re.sub(r"@media \(prefers-color-scheme: dark\) \{\n.*?\n\}\n", "", style.group(1), flags=re.DOTALL)
    rules = re.sub(r"@media print \{\n.*?\n\}\n", "", rules, flags=re.DOTALL).replace("light dark", "light")
    picture = f"""<svg xmlns="http://www.w3.org/2000/svg" width="{SHOWN_WIDTH}" height="{height}" \
viewBox="0 0 {PAGE_WIDTH} {PAGE_HEIGHT}" role="img" aria-label="A verdict. {html.escape(figure)}">
<style>
{html.escape(rules, quote=False)}svg:root {{ width: {SHOWN_WIDTH}px; height: {height}px; }}
body {{ padding-top: 1.5rem; }}
</style>
<rect x="0.5" y="0.5" width="{PAGE_WIDTH - 1}" height="{PAGE_HEIGHT - 1}" rx="8" fill="#ffffff" stroke="{EDGE}"/>
<foreignObject x="0" y="0" width="{PAGE_WIDTH}" height="{PAGE_HEIGHT}">
<body xmlns="http://www.w3.org/1999/xhtml">
{as_xml(head.group(1))}
{as_xml(section)}
</body>
</foreignObject>
</svg>
"""
    try:
        ElementTree.fromstring(picture)
    except ElementTree.ParseError as error:
        raise ValueError(f"the report is no well-formed XML: {error}") from error
    return picture
