"""What trials of a run on Slurm share: mixed files, a store with a meeting, and what an undisturbed batch answers."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from earmark_tools import mixed
from earmark_tools.commands import ROOT, earmark, output, own_store

TITLE = "Board"
ASKED = ("--effort", "fast", "--allow-short")
# Members of an answer that another run of it has otherwise: when, where and in which order it was made.
OTHERWISE = ("bundle", "date", "id", "made", "path", "request", "schema", "sha256")
Answers = dict[str, str]


def normal(answer: dict[str, Any], sha256: str) -> str:
    """What an answer says, as text: the same for each run that comes to it."""
    if "refusal" in answer:
        return json.dumps({"sha256": sha256, "refusal": answer["refusal"]["code"]})
    told = {key: value for key, value in answer.items() if key not in OTHERWISE}
    return json.dumps({"sha256": sha256, **told}, sort_keys=True, ensure_ascii=True)


class Lab:
    """What all trials share: files, a store with a meeting and a bundle, and what an undisturbed batch answers."""

    def __init__(self, folder: Path, files: int, seed: int) -> None:
        self.folder, self.program, self.files = folder, earmark(), files
        (folder / "bin").mkdir()
        (folder / "bin/earmark").symlink_to(self.program)
        # What the recipe's script finds, and where its inputs lie.
        os.environ.update(PATH=f"{folder}/bin:{os.environ['PATH']}", EARMARK_ROOT=str(folder))
        self.stores = folder / "stores"
        (self.stores / "first").mkdir(parents=True)
        own_store(self.stores / "first/store.db")
        output(self.program, "init", "--org", "Example Ltd")
        roster = ROOT / "Samples/rosters/board.csv"
        made = output(
            *(self.program, "meeting", "create", "--title", TITLE, "--start", "2026-01-05T09:00:00Z"),
            *("--roster", roster, "--yes", "--json"),
        )
        self.meeting: str = json.loads(made)["meeting"]["id"]
        listed = json.loads(output(self.program, "client", "list", "--meeting", self.meeting, "--json"))["clients"]
        self.clients = sorted(client["id"] for client in listed if client["kind"] in ("desktop", "mobile", "room"))
        output(self.program, "bundle", "create", "--meeting", self.meeting, "-o", folder / "case.bundle")
        # Marking is noted in a store's log: in a copy, else the batch, which sees that, would say what no worker can.
        self.marking = self.copy("marking")
        os.chdir(folder)
        mixed.make(folder / "files", files, seed, self.mark)
        batch = self.copy("batch")
        output(
            *(self.program, "batch", "files", "--meeting", self.meeting, *ASKED, "--out", "batch.ndjson", "-q"),
            *("--refusals-ok", "--store", batch),
        )
        lines = map(json.loads, Path("batch.ndjson").read_text().splitlines())
        self.answers: Answers = {line["path"]: normal(line, line["sha256"]) for line in lines}
        if len(self.answers) != files:
            raise SystemExit(f"the undisturbed batch has lines about {len(self.answers)} of {files} files")
        self.foreign = self.foreign_part()

    def copy(self, name: str, of: str = "first") -> Path:
        """Another store like `of`."""
        shutil.copytree(self.stores / of, self.stores / name)
        return self.stores / name / "store.db"

    def mark(self, source: Path, target: Path, number: int) -> None:
        client = self.clients[number % len(self.clients)]
        output(
            *(self.program, "embed", source, target, "--meeting", self.meeting, "--client", client),
            *("--at", 60 * number, "--store", self.marking),
        )

    def foreign_part(self) -> Path:
        """A whole part of another run with the same bundle."""
        Path("other").mkdir()
        Path("other/none.wav").write_text("no recording\n")
        output(self.program, "run", "plan", "other", "--meeting", self.meeting, "-o", "other.json")
        output(
            *(self.program, "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--plan", "other.json"),
            *("--part", 1, "-o", "other.ndjson", "--refusals-ok"),
        )
        return (self.folder / "other.1-of-1.ndjson").absolute()

    def told(self) -> str:
        told = Counter(json.loads(text).get("verdict", "refused") for text in self.answers.values())
        return ", ".join(f"{count} {what}" for what, count in sorted(told.items()))
