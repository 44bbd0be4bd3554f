"""What a quirk is: a file, who writes such files and where that is told, and the right answer to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from earmark_tools.quirks.sound import SECONDS, Sound

# How far a stretch may lie from its place: what codecs delay, and what a stretch's own bounds leave open, seconds.
TOLERANCE = 0.1
# How much longer or shorter a recording may be said to be than it is: a codec's frames and their padding, seconds.
PADDING = 0.25

# An answer as a line of a batch has it.
Answer = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where a quirk is told: a report, a page, or the section of the specification that allows it."""

    name: str
    address: str = ""

    def __str__(self) -> str:
        return f"[{self.name}]({self.address})" if self.address else self.name


def report(repository: str, number: int) -> Source:
    """An issue or a change on GitHub, which leads from either address to the right one."""
    return Source(f"{repository}#{number}", f"https://github.com/{repository}/issues/{number}")


def page(name: str, address: str) -> Source:
    return Source(name, address)


def specification(section: str) -> Source:
    return Source(section)


@dataclass(frozen=True)
class Right:
    """The right answer."""

    # "identified", "not-found" or "incomplete", or the code of a refusal; several where the documents leave it open.
    outcomes: tuple[str, ...]
    # Where the meeting begins in the recording, for each stretch that is heard, seconds.
    starts: tuple[float, ...] = ()
    # How long a player shows it to be, seconds; None if that is open.
    seconds: float | None = None
    # Words that a warning, an unexamined track or the message of the refusal must have, in any case.
    says: tuple[str, ...] = ()
    # How far a stretch may lie from its place, seconds.
    tolerance: float = TOLERANCE
    # Whether the answer says that the file ends too early.
    is_truncated: bool = False
    effort: str = "fast"

    def __str__(self) -> str:
        text = " or ".join(self.outcomes)
        if self.starts and self.starts != (0,):
            text += ", heard at " + ", ".join(f"{start:g}" for start in self.starts) + " s"
        if self.is_truncated:
            text += ", truncated"
        return text + "".join(f', "{word}"' for word in self.says)


def named(
    *starts: float,
    seconds: float | None = SECONDS,
    says: str = "",
    tolerance: float = TOLERANCE,
    is_truncated: bool = False,
    effort: str = "fast",
) -> Right:
    """The client whose mark it is, heard where the meeting begins at `starts`, and nobody else."""
    words = (says,) if says else ()
    return Right(("identified",), starts or (0,), seconds, words, tolerance, is_truncated, effort)


def hidden(seconds: float, says: str) -> Right:
    """The client whose mark it is, heard only in what a player leaves out."""
    return Right(("identified",), (), seconds, (says,))


def incomplete(*says: str, seconds: float | None = SECONDS) -> Right:
    """Not found, and what was not examined is said."""
    return Right(("incomplete",), seconds=seconds, says=says)


def refused(*codes: str, says: str = "") -> Right:
    return Right(codes, says=(says,) if says else ())


@dataclass(frozen=True)
class Quirk:
    """A file, and what is right. `short` says why the program's answer is another, where that is known."""

    name: str
    writer: str
    source: Source
    right: Right
    make: Callable[[Sound], bytes]
    short: str = ""


Recipe = Callable[[Sound], bytes]


class Book:
    """Quirks of one kind, as they are written down."""

    def __init__(self) -> None:
        self.quirks: list[Quirk] = []

    def quirk(
        self, name: str, writer: str, source: Source, right: Right, short: str = ""
    ) -> Callable[[Recipe], Recipe]:
        """Notes that the function below makes the file `name`."""

        def note(make: Recipe) -> Recipe:
            self.quirks.append(Quirk(name, writer, source, right, make, short))
            return make

        return note
