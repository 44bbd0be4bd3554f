"""Results as tables of Markdown, to be pasted into documents."""

import sys
from collections.abc import Iterable


def head(names: Iterable[str]) -> None:
    """Prints the first two lines of a table."""
    columns = list(names)
    row(*columns)
    print("|---" * len(columns) + "|", flush=True)


def row(*values: object) -> None:
    """Prints a line of a table, at once: whoever waits sees how far it is."""
    print(f"| {' | '.join(str(value) for value in values)} |", flush=True)


def progress(text: str) -> None:
    """Says on standard error what is being done, in place of what was said before; nothing if there is no text."""
    print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)
