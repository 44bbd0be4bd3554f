"""What memory processes have."""

from pathlib import Path


def memory(parent: int) -> float:
    """Megabytes that a process and its descendants have for themselves, shared pages divided among those who share."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    family, size = {parent}, 0
    while len(family) != size:
        size = len(family)
        family |= {process for process, above in parents.items() if above in family}
    total = 0
    for process in family:
        try:
            for line in (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1000
