"""Functions in Swift source, by counting brackets: enough to measure them, no parser."""

import re
from dataclasses import dataclass

# Comments and string literals begin so; the hash signs of a raw string decide how it ends. A regular expression stands
# where no division can, and is taken whole.
OPENING = re.compile(r'//|/\*|(#*)("""|")|(?<=[(,=])\s*/(?![/*\s])(?:\\.|[^/\n\\])+/')
# What declares something with a body of its own. `init` after a dot is a call.
DECLARATION = re.compile(r"(?<![.\w`])(?:(func)\s+(\S+?)(?=[(<\s])|(init|deinit|subscript)\b|(var|let)\s+(\w+))")
# What begins something else; an unfinished declaration before it had no body.
OTHER = re.compile(r"(?<![.\w`])(?:struct|class|enum|actor|extension|protocol|if|guard|for|while|switch|do|return)\b")
# A variable after one of these is bound, not declared.
BINDING = re.compile(r"(?:\b(?:if|guard|while|for|case|in)|,)\s*$")
CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Function:
    """A function, an initialiser, a subscript, or a variable with a body; lines count from 1."""

    name: str
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def blanked(text: str) -> str:
    """The source with spaces in place of comments and strings; lines stay as they are."""
    parts, place = [], 0
    while match := OPENING.search(text, place):
        parts.append(text[place : match.start()])
        if match.group() == "//":
            end = text.find("\n", match.end())
            end = len(text) if end < 0 else end
        elif match.group() == "/*":
            end = _end_of_comment(text, match.end())
        elif match.group(2):
            end = _end_of_string(text, match.end(), match.group(1), match.group(2))
        else:
            end = match.end()
        parts.append(re.sub(r"[^\n]", " ", text[match.start() : end]))
        place = end
    return "".join([*parts, text[place:]])


def _end_of_comment(text: str, place: int) -> int:
    """Where the comment ends whose text begins at `place`; comments nest."""
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(text, place):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _end_of_string(text: str, place: int, hashes: str, quotes: str) -> int:
    """Where the string ends whose text begins at `place`; what is interpolated may hold strings in turn."""
    pattern = re.compile(rf"\\{hashes}\(|\\{hashes}.|{quotes}{hashes}", re.DOTALL)
    while match := pattern.search(text, place):
        if match.group().endswith("(") and match.group().startswith("\\"):
            place = _end_of_interpolation(text, match.end())
        elif match.group().startswith("\\"):
            place = match.end()
        else:
            return match.end()
    return len(text)


def _end_of_interpolation(text: str, place: int) -> int:
    depth = 1
    while match := re.compile(r'[()]|(#*)("""|")').search(text, place):
        place = match.end()
        if match.group(2):
            place = _end_of_string(text, place, match.group(1), match.group(2))
            continue
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return place
    return len(text)


TOKEN = re.compile(rf"{DECLARATION.pattern}|(?P<other>{OTHER.pattern})|(?P<sign>[\[\](){{}}=\n])")


def functions(source: str) -> list[Function]:
    """The functions of a file that have bodies, in the order in which they end."""
    text = blanked(source)
    found: list[Function] = []
    # Open brackets; a brace that begins a function's body has its name and first line.
    stack: list[tuple[str, tuple[str, int] | None]] = []
    # The declaration that has had no body yet: name, line, depth, and whether it is a variable.
    waiting: tuple[str, int, int, bool] | None = None
    line = 1
    for match in TOKEN.finditer(text):
        func, func_name, special, variable, variable_name, _, sign = match.groups()[:7]
        at_depth = waiting is not None and waiting[2] == len(stack)
        if func or special:
            waiting = (func_name or special, line, len(stack), False)
        elif variable:
            if not BINDING.search(text[max(0, match.start() - 40) : match.start()]):
                waiting = (variable_name, line, len(stack), True)
        elif match.group("other"):
            waiting = None if at_depth else waiting
        elif sign == "\n":
            line += 1
            if waiting and waiting[3] and at_depth and not re.search(r"[:,=]\s*$", text[: match.start()][-200:]):
                waiting = None
        elif sign == "=":
            # A variable with a value has no body, unless a closure makes the value.
            is_closure = re.match(r"\s*\{", text[match.end() : match.end() + 200])
            if waiting and waiting[3] and at_depth and not is_closure:
                waiting = None
        elif sign in "([{":
            begins = sign == "{" and at_depth
            stack.append((sign, (waiting[0], waiting[1]) if waiting and begins else None))
            waiting = None if begins else waiting
        elif stack and stack[-1][0] == CLOSING[sign]:
            _, function = stack.pop()
            if function:
                found.append(Function(function[0], function[1], line))
            if waiting and waiting[2] > len(stack):
                waiting = None
        line += text.count("\n", match.start(), match.end()) if sign != "\n" else 0
    return found
