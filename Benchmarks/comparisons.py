"""Comparisons of clients with recordings whose truth is known, for Benchmarks/likelihood.

A trial is one recording: one client's copy or several clients' together after an attack, a scene with echoes, or a mark
copied onto other audio. Every client of the meeting is compared with it. What is true of a client is one of four:
`same`, what it played was recorded; `echo`, its loudspeaker was heard through an open microphone and somebody else
recorded; `copy`, its mark was moved onto this audio; else nothing of its mark is in the recording, by chance alone.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import copies
from attacks import ATTACKS, COLLUSIONS
from earmark_tools.audio import WAV, ffmpeg
from earmark_tools.commands import output
from earmark_tools.meetings import CLIENTS, Meeting, address
from scenes import SCENES, Scene, Stage

# Attacks: every kind of codec, noise, band, processing and speed of Benchmarks/robustness, the strongest of each kind
# among them, and collusions.
CHOSEN_ATTACKS = (
    *("none", "aac32", "mp3_32", "opus16", "opus8", "opus6", "amrnb4.75", "speex_nb8", "codec2_3200", "gsm"),
    *("reshare4", "lowpass4k", "white10", "pink5", "pink0", "compressor", "echo", "denoise"),
    *("speed+5", "tempo+8", "pitch+3", "average2", "average3", "average5"),
)
# Scenes whose echoes can reach the bound, and those beside which an echo must be told from several recorders.
CHOSEN_SCENES = (
    *("echo10, marked recorder", "echo15, marked recorder", "echo20, marked recorder"),
    *("echo10, unmarked recorder", "echo15, unmarked recorder", "echo20, unmarked recorder"),
    *("echo10 alone", "echo15 alone", "echo20 alone", "echo15 alone through another's microphone"),
    *("echo15 for a third, marked recorder", "echo15 for a third, unmarked recorder"),
    *("two echoes15, marked recorder", "two echoes15, unmarked recorder"),
    *("echo10 of two in a room, marked recorder", "echo10 of two in a room, unmarked recorder"),
    *("recorder beside a tagged talker", "room, 0 dB apart", "room, 6 dB apart"),
)
# Copies: depth in decibels, what the recording went through after it, and whether the audio already bore the mark of
# the client who recorded it.
COPIES: dict[str, tuple[int, str, bool]] = {
    f"copy of {depth} dB, {coded}{', onto a marked recording' if onto else ''}": (depth, coded, onto)
    for depth, coded, onto in [
        *((depth, "aac96", False) for depth in (1, 2, 3, 4)),
        *((depth, "opus16", False) for depth in (3, 4)),
        *((depth, "aac96", True) for depth in (2, 4)),
    ]
}
CODERS = {"aac96": ("-c:a", "aac", "-b:a", "96k"), "opus16": ("-c:a", "libopus", "-b:a", "16k")}
EXTENSIONS = {"aac96": "m4a", "opus16": "ogg"}
# Scenes that need another meeting, which a trial has not.
OF_TWO_MEETINGS = ("two meetings mixed", "marked in another meeting")
# Clients that a trial may use.
CAST = 5


@dataclass(frozen=True)
class Compared:
    """A client whose mark has a part in the recording: what is true of it, and what the answer says."""

    truth: str
    # identified, trace, detached, or nothing where it does not meet the bound
    verdict: str | None
    # the answer's, else that of client-scores; nothing where it was not scored
    z: float | None
    # states of the answer
    microphone: str | None
    content: str | None


@dataclass(frozen=True)
class Trial:
    recording: str
    name: str
    profile: int | None
    compared: Sequence[Compared]
    # z of the clients whose mark is not in the recording, and how many of them were identified
    others: Sequence[float]
    wrong: int

    def line(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def read(line: str) -> "Trial":
        values: dict[str, Any] = json.loads(line)
        return Trial(**values | {"compared": [Compared(**compared) for compared in values["compared"]]})


def names() -> list[str]:
    """All trials that can be made of a recording."""
    scenes = (name for name in SCENES if name not in OF_TWO_MEETINGS)
    return [*ATTACKS, *COLLUSIONS, *scenes, *COPIES]


def chosen() -> list[str]:
    """The trials that are made where nothing else is said."""
    return [*COPIES, *CHOSEN_SCENES, *CHOSEN_ATTACKS]


class Laboratory:
    """A meeting in a folder of its own, in which trials are made one after the other."""

    def __init__(self, folder: Path, recordings: Sequence[Path], seed: int) -> None:
        self.folder, self.recordings, self.seed = folder, recordings, seed
        self.meeting = Meeting(folder)
        self.tickets = folder / "tickets"
        self.meeting.earmark("ticket", "issue", "--meeting", self.meeting.id, "--all", "--out-dir", str(self.tickets))
        listed = json.loads(self.meeting.earmark("client", "list", "--meeting", self.meeting.id, "--json"))["clients"]
        self.addresses: dict[str, str] = {client["id"]: client["email"] for client in listed}
        self.scorer = str(Path(self.meeting.program).with_name("client-scores"))
        self.copied: dict[Path, tuple[int, copies.Array]] = {}

    def trial(self, name: str, clean: Path, steps: Path) -> Trial:
        """One recording, made of `clean`, and the comparisons of all clients with it."""
        chance = random.Random(f"{self.seed} {clean.stem} {name}")
        clients = chance.sample(range(CLIENTS), CAST)
        if name in COPIES:
            made, truth = self.copy(name, clean, clients, steps)
        elif name in SCENES:
            stage = Stage(self.meeting, self.meeting, clean, steps, clients, f"{self.seed} {clean.stem} {name}")
            made, truth = SCENES[name].make(stage), truth_of(SCENES[name], clients)
        else:
            made, truth = self.attacked(name, clean, clients, chance, steps)
        return self.compared(name, clean, made, truth)

    def attacked(
        self, name: str, clean: Path, clients: Sequence[int], chance: random.Random, steps: Path
    ) -> tuple[Path, dict[int, str]]:
        count, attack = COLLUSIONS[name] if name in COLLUSIONS else (1, ATTACKS[name])
        start = chance.uniform(0, 9000)
        marked = [steps / f"marked{number}.wav" for number in range(count)]
        for copy, client in zip(marked, clients, strict=False):
            self.meeting.embed(clean, copy, client, start + chance.uniform(0, 2))
        return attack(marked, steps), dict.fromkeys(clients[:count], "same")

    def copy(self, name: str, clean: Path, clients: Sequence[int], steps: Path) -> tuple[Path, dict[int, str]]:
        """The mark of a client, read off its copy of `clean`, put on the next recording."""
        depth, coded, onto_marked = COPIES[name]
        victim, gains = self.pattern(clean, steps)
        target = self.recordings[(self.recordings.index(clean) + 1) % len(self.recordings)]
        truth = {victim: "copy"}
        if onto_marked:
            recorder = next(client for client in clients if client != victim)
            self.meeting.embed(target, steps / "target.wav", recorder, COPY_START)
            target, truth = steps / "target.wav", truth | {recorder: "same"}
        made, leaked = steps / "copied.wav", steps / f"copied.{EXTENSIONS[coded]}"
        copies.write(made, copies.applied(copies.read(target), depth * gains))
        ffmpeg("-i", made, *CODERS[coded], leaked)
        if coded != "opus16":
            return leaked, truth
        decoded = steps / "decoded.wav"
        ffmpeg("-i", leaked, *WAV, decoded)
        return decoded, truth

    def pattern(self, clean: Path, steps: Path) -> tuple[int, copies.Array]:
        if clean not in self.copied:
            victim = random.Random(f"{self.seed} {clean.stem} copied").randrange(CLIENTS)
            self.meeting.embed(clean, steps / "source.wav", victim, COPY_START)
            self.copied[clean] = victim, copies.pattern(copies.read(steps / "source.wav"))
        return self.copied[clean]

    def compared(self, name: str, clean: Path, made: Path, truth: dict[int, str]) -> Trial:
        answer = self.meeting.analyze(made)
        sources = {source["email"]: source for source in answer.get("sources", [])}
        scores: dict[str, float | None] = {
            self.addresses[client]: z for client, z in json.loads(output(self.scorer, made, self.tickets)).items()
        }
        scores |= {email: source["z"] for email, source in sources.items()}
        compared = []
        for client, what in truth.items():
            source, z = sources.pop(address(client), {}), scores.pop(address(client))
            states = [source.get(part, {}).get("state") for part in ("microphone", "content")]
            compared.append(Compared(what, source.get("verdict"), rounded(z), *states))
        wrong = sum(source["verdict"] == "identified" for source in sources.values())
        others = [round(z, 3) for z in scores.values() if z is not None]
        return Trial(clean.stem, name, answer.get("profile"), compared, others, wrong)


# When the recordings begin of which a mark is copied, seconds into the meeting: a copier takes both at one place.
COPY_START = 3000.0


def truth_of(scene: Scene, clients: Sequence[int]) -> dict[int, str]:
    return {clients[number]: "same" for number in scene.recorders} | {
        clients[number]: "echo" for number in scene.echoes
    }


def rounded(z: float | None) -> float | None:
    return None if z is None else round(z, 3)


def read(lines: Iterable[str]) -> list[Trial]:
    return [Trial.read(line) for line in lines if line.strip()]


# Whether a comparison is of a kind.
Test = Callable[[Compared], bool]


def is_identified(compared: Compared) -> bool:
    return compared.verdict == "identified"


def is_tag_absent(compared: Compared) -> bool:
    """Named, and a tag of its microphone would have shown beside an echo."""
    return is_identified(compared) and compared.microphone == "absent"


def is_confirmed(compared: Compared) -> bool:
    """Named, and the mark was put on this audio by what content cells say."""
    return is_identified(compared) and compared.content == "confirmed"
