"""A store with one meeting, for benchmarks."""

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

from earmark_tools.commands import earmark, output

# Clients of a meeting where nothing else is said.
CLIENTS = 1000

# An answer, or a report, as the program prints it.
Answer = dict[str, Any]


def address(client: int) -> str:
    """The e-mail address of client number `client`."""
    return f"{client}@example.org"


class Meeting:
    """A store in `folder` with one meeting of `clients` clients, their e-mails as `address` says."""

    def __init__(self, folder: Path, clients: int = CLIENTS, microphone_tags: bool = True) -> None:
        self.program = earmark()
        self.store = folder / "store.db"
        roster = folder / "roster.csv"
        with open(roster, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["participant", "email", "device"])
            rows.writerows([f"Client {number}", address(number), "laptop"] for number in range(clients))
        self.earmark("init", "--org", "Benchmark", "--retention", "36500")
        made = self.earmark(
            *("meeting", "create", "--title", "Benchmark", "--start", "2026-01-05T09:00:00Z", "--duration", "4h"),
            *("--roster", str(roster), "--microphone-tags", "on" if microphone_tags else "off", "--json"),
        )
        self.microphone_tags = microphone_tags
        self.id: str = json.loads(made)["meeting"]["id"]

    def earmark(self, *arguments: str) -> str:
        """What the program prints about this store; it must succeed."""
        return output(self.program, *arguments, "--store", self.store)

    def embed_command(
        self, source: Path, target: Path, client: int, at: float = 0.0, strength: str = "standard"
    ) -> list[str]:
        command = [self.program, "embed", str(source), str(target), "--meeting", self.id, "--client", address(client)]
        return [*command, "--at", f"{at:.3f}", "--strength", strength, "--store", str(self.store)]

    def analyze_command(self, path: Path, *options: str) -> list[str]:
        command = [self.program, "analyze", str(path), "--meeting", self.id, "--json", "--store", str(self.store)]
        return [*command, *options]

    def embed(self, source: Path, target: Path, client: int, at: float = 0.0, strength: str = "standard") -> None:
        """Marks `source` as client number `client` plays it, its first sample `at` seconds into the meeting."""
        output(*self.embed_command(source, target, client, at, strength))

    def tag(self, source: Path, target: Path, client: int, at: float, strength: str = "standard") -> None:
        """Marks `source` as the microphone of client number `client` does."""
        output(*self.embed_command(source, target, client, at, strength), "--microphone")

    def analyze(self, path: Path, *options: str) -> Answer:
        """The answer to one file; a refusal counts as an answer without sources."""
        done = subprocess.run(self.analyze_command(path, *options), stdin=subprocess.DEVNULL, capture_output=True)
        if not done.stdout:
            return {"refusal": done.stderr.decode()}
        answer: Answer = json.loads(done.stdout)["analyses"][0]
        return answer
