"""What can become of a run's part on its way, and what a merge must say then."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path


def lost(
    parts: Mapping[int, Path], place: Path, foreign: Path, dice: random.Random
) -> Iterator[tuple[str, list[Path], list[str]]]:
    """What became of a part, the files that a merge is given then, and what it must name.

    - `parts`: all of a run's parts, whole; `place`: where changed ones go; `foreign`: a part of another run.
    """

    def others(part: int) -> list[Path]:
        return [path for number, path in parts.items() if number != part]

    def instead(part: int, content: bytes) -> Path:
        path = place / parts[part].name
        path.write_bytes(content)
        return path

    def drawn() -> tuple[int, list[bytes]]:
        part = dice.choice(list(parts))
        return part, parts[part].read_bytes().splitlines(keepends=True)

    part, _ = drawn()
    yield "removed", others(part), [f"is missing: {part}"]
    part, _ = drawn()
    second = dice.choice([number for number in parts if number != part])
    rest = [path for number, path in parts.items() if number not in (part, second)]
    yield "removed with another", rest, [f"are missing: {min(part, second)}, {max(part, second)}"]
    part, _ = drawn()
    yield "named but gone", [*others(part), place / "gone.ndjson"], ["gone.ndjson", f"is missing: {part}"]
    part, _ = drawn()
    empty = instead(part, b"")
    yield "empty", [*others(part), empty], [str(empty), f"is missing: {part}"]
    part, lines = drawn()
    content = b"".join(lines)
    torn = instead(part, content[: dice.randrange(1, len(content))])
    yield "torn", [*others(part), torn], [str(torn)]
    part, lines = drawn()
    unclosed = instead(part, b"".join(lines[: dice.randrange(1, len(lines))]))
    yield "torn between lines", [*others(part), unclosed], [str(unclosed), f"part {part}, was not finished"]
    part, lines = drawn()
    # A line that answers: without it an input has none.
    del lines[dice.choice([index for index, line in enumerate(lines) if b'"place":' in line])]
    holed = instead(part, b"".join(lines))
    yield "without a line", [*others(part), holed], [str(holed), "has no line"]
    part, lines = drawn()
    # The end record has a digest of all before it; its own signature is the import's affair.
    changed = bytearray(b"".join(lines))
    changed[dice.randrange(len(changed) - len(lines[-1]))] ^= 1 << dice.randrange(7)
    damaged = instead(part, bytes(changed))
    yield "damaged", [*others(part), damaged], [str(damaged)]
    part, _ = drawn()
    double = instead(part, parts[part].read_bytes())
    yield "there twice", [*parts.values(), double], [str(double), f"are both part {part}"]
    part, _ = drawn()
    yield "of another run", [*others(part), foreign], [str(foreign), f"is missing: {part}"]
