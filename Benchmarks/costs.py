"""What `Benchmarks/cost` measures: ratios beside a floor, and how cost grows."""

import json
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from earmark_tools.audio import WAV, ffmpeg
from earmark_tools.commands import Cost, cost, output
from earmark_tools.meetings import CLIENTS, Meeting, address

HOUR, SHORT, RATE = 3600, 130, 48_000
# Where in the meeting recordings begin, seconds.
AT = 100
# The client who marks.
CLIENT = 7
# By name of the leak's format: ending, and what FFmpeg is told.
FORMATS: dict[str, tuple[str, Sequence[str]]] = {
    "aac": ("m4a", ("-c:a", "aac", "-b:a", "96k")),
    "mp3": ("mp3", ("-c:a", "libmp3lame", "-b:a", "96k")),
    "opus": ("mp4", ("-c:a", "libopus", "-b:a", "48k")),
    "wav": ("wav", WAV),
}

Command = Sequence[str]
Figures = dict[str, float]


def on_one(work: Callable[[], Figures]) -> Figures:
    """Runs `work` on one processor: side by side, threads and processes each cost more."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        return work()
    finally:
        os.sched_setaffinity(0, before)


def decode(path: Path) -> list[str]:
    """FFmpeg's bare decode, the floor."""
    return ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(path), "-vn", "-f", "null", "-"]


def beside(command: Command, floor: Command, runs: int, kind: str = "user") -> float:
    """The median of the ratios of runs that followed one another."""
    pairs = [(cost(command), cost(floor)) for _ in range(runs)]
    return round(statistics.median(getattr(own, kind) / getattr(least, kind) for own, least in pairs), 3)


class Place:
    """A folder with a store, an hour of speech, and that hour marked."""

    def __init__(self, folder: Path, recording: Path) -> None:
        self.folder = folder
        self.meeting = Meeting(folder)
        self.clean, self.marked = folder / "clean.wav", folder / "marked.wav"
        ffmpeg("-stream_loop", -1, "-i", recording, "-t", HOUR, "-ac", 1, "-ar", RATE, *WAV, self.clean)
        self.meeting.embed(self.clean, self.marked, CLIENT, AT)

    def leak(self, name: str, source: Path, seconds: int = HOUR, kind: str = "aac", *options: str) -> Path:
        """What becomes of a part of a recording: `name` and the format's ending."""
        ending, codec = FORMATS[kind]
        target = self.folder / f"{name}.{ending}"
        ffmpeg("-stream_loop", -1, "-i", source, "-t", seconds, *options, *codec, target)
        return target

    def analyze(self, path: Path, *options: str) -> list[str]:
        return self.meeting.analyze_command(path, *options)


def ratios(place: Place, runs: int) -> Figures:
    """User time beside FFmpeg's decode of the same file; embedding beside the decode of what it marks."""
    found: Figures = {}
    for kind in FORMATS:
        leak = place.leak(f"hour-{kind}", place.marked, kind=kind)
        found[f"named hour, {kind}"] = beside(place.analyze(leak), decode(leak), runs)
        leak.unlink()
    nothing = place.leak("nothing", place.clean)
    found["hour with nothing in it, aac"] = beside(place.analyze(nothing), decode(nothing), runs)
    short = place.leak("short", place.clean, SHORT)
    found["130 s with nothing in them, aac, beside an hour"] = beside(place.analyze(short), decode(nothing), runs)
    target = place.folder / "embedded.wav"
    embed = place.meeting.embed_command(place.clean, target, CLIENT, AT)
    found["embedding an hour"] = beside(embed, decode(place.clean), runs)
    ticket = place.folder / "one.ticket"
    place.meeting.earmark(
        *("ticket", "issue", "--meeting", place.meeting.id, "--client", address(CLIENT), "-o", str(ticket))
    )
    show = [place.meeting.program, "ticket", "show", str(ticket)]
    found["ticket show, beside ffmpeg -version"] = beside(show, ["ffmpeg", "-version"], 5 * runs, "cpu")
    return found


def batch(place: Place, runs: int, count: int = 200) -> Figures:
    """A batch of marked files of 130 s beside FFmpeg run once for each."""
    folder = place.folder / "batch"
    folder.mkdir()
    for index in range(count):
        place.leak(f"batch/{index}", place.marked, SHORT, "aac", "-ss", str(10 * index))

    def once() -> tuple[Cost, Cost]:
        results = place.folder / "results.ndjson"
        results.unlink(missing_ok=True)
        command = [place.meeting.program, "batch", str(folder), "--meeting", place.meeting.id, "--out", str(results)]
        own = cost([*command, "--store", str(place.meeting.store), "--no-store", "-q", "--jobs", "1"])
        floors = [cost(decode(path)) for path in sorted(folder.iterdir())]
        return own, Cost(sum(floor.user for floor in floors), sum(floor.system for floor in floors), 0)

    pairs = [once() for _ in range(runs)]
    ratio = statistics.median(own.user / floor.user for own, floor in pairs)
    return {f"batch of {count} marked files of {SHORT} s": round(ratio, 3)}


def growth(place: Place, whole: bool) -> Figures:
    """User seconds by minutes, channels, candidates, meetings and files; the largest of each with `whole` alone."""
    found: Figures = {}
    for minutes in (2, 10, 60, 540) if whole else (2, 10, 60):
        for name, source in (("named", place.marked), ("nothing", place.clean)):
            leak = place.leak("length", source, 60 * minutes + 10)
            found[f"{minutes} minutes, {name}"] = user(place.analyze(leak, "--allow-short"))
    for channels in (1, 2, 8):
        leak = place.leak("channels", place.marked, SHORT, "wav", "-ac", str(channels))
        found[f"{channels} channels alike"] = user(place.analyze(leak))
    leak = place.leak("candidates", place.marked, SHORT)
    for clients in (1_000, 10_000, 100_000) if whole else (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            other = Meeting(Path(folder), clients)
            marked = Path(folder) / "marked.wav"
            other.embed(leak, marked, CLIENT, AT)
            found[f"{clients} candidates"] = user(other.analyze_command(marked))
    for meetings in (1, 100, 10_000) if whole else (1, 100):
        found[f"--any-meeting, {meetings} meetings of 100"] = any_meeting(leak, meetings)
    for files in (100, 10_000) if whole else (100,):
        found[f"batch of {files} files of 1 s, for each"] = many_files(place, files)
    return found


def user(command: Command) -> float:
    return round(cost(command).user, 3)


def any_meeting(leak: Path, count: int) -> float:
    """The user time of a search among so many meetings of a hundred clients each."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        program, store = Meeting(folder, 100).program, folder / "store.db"
        clients = [{"participant": f"Client {n}", "email": address(n), "device": "laptop"} for n in range(100)]
        listed = folder / "meetings.ndjson"
        with open(listed, "w") as file:
            for number in range(1, count):
                start = f"2026-01-{6 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
                meeting = {"title": f"Meeting {number}", "start": start, "duration": "1h", "clients": clients}
                file.write(json.dumps(meeting) + "\n")
        if count > 1:
            output(program, "meeting", "import", listed, "--store", store)
        return user([program, "analyze", str(leak), "--any-meeting", "--json", "--store", str(store)])


def many_files(place: Place, count: int) -> float:
    """The user time of each file in a batch of short ones, all of other content."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        folder.mkdir()
        sample = Path(name) / "sample.wav"
        ffmpeg("-i", place.clean, "-t", 1, "-ar", 16_000, *WAV, sample)
        content = bytearray(sample.read_bytes())
        for index in range(count):
            content[-4:] = index.to_bytes(4, "little")
            (folder / f"{index}.wav").write_bytes(content)
        command = [place.meeting.program, "batch", str(folder), "--meeting", place.meeting.id, "--allow-short", "-q"]
        options = ["--effort", "fast", "--no-store", "--jobs", "1", "--store", str(place.meeting.store)]
        return round(cost([*command, *options, "--out", f"{name}/results.ndjson"]).user / count, 5)


# What of this is compared with an earlier run, and by how much it may grow.
GUARDED = ("ratios",)
TOLERANCE = 1.05
# Candidates of the meeting that all but the tables of growth are measured with.
ASSUMED = CLIENTS
