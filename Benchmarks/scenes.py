"""Recordings that carry several marks: echoes through open microphones, splices, averages, two laptops in one room.

A scene takes a `Stage` and makes one recording. ffmpeg does all signal processing; rooms are impulse responses drawn
here.
"""

import array
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codings import AAC64
from earmark_tools import audio
from earmark_tools.audio import RATE, WAV, mean_volume
from earmark_tools.commands import Argument
from earmark_tools.meetings import Meeting

OPUS24 = ("-c:a", "libopus", "-b:a", "24k", "-application", "voip")
SCREEN = ("-c:a", "aac", "-b:a", "96k")
# What a small loudspeaker leaves of a voice.
SPEAKER = "highpass=f=180,lowpass=f=9000"
# How much later than it is played a client's own sound is sent, seconds: buffers of loudspeaker and microphone. What a
# scene adds to that comes on the way to the others.
BUFFERS = 0.1


class Stage:
    """Where a scene is made: a meeting, another one, clean audio, clients, and a folder for the steps."""

    def __init__(
        self, meeting: Meeting, other: Meeting, clean: Path, folder: Path, clients: Sequence[int], seed: str
    ) -> None:
        self.meeting, self.other, self.clean, self.folder, self.clients = meeting, other, clean, folder, clients
        self.chosen = random.Random(seed)
        self.start = self.chosen.uniform(0, 9000)
        self.count = 0

    def path(self, extension: str = "wav") -> Path:
        self.count += 1
        return self.folder / f"step{self.count}.{extension}"

    def mark(self, source: Path, client: int, at: float = 0.0, meeting: Meeting | None = None) -> Path:
        """`source` as `client` plays it, its first sample `at` seconds after the scene's start."""
        target = self.path()
        (meeting or self.meeting).embed(source, target, self.clients[client], self.start + at)
        return target

    def sent(self, source: Path, client: int, at: float) -> Path:
        """`source` as the microphone of `client` sends it: tagged, if the meeting has tags."""
        if not self.meeting.microphone_tags:
            return source
        target = self.path()
        self.meeting.tag(self.ffmpeg([source], None), target, self.clients[client], self.start + at)
        return target

    def others(self) -> Path:
        """Other talkers: the clean recording begun a minute late, what was left out at its end."""
        graph = "[0:a]asplit[a][b];[a]atrim=start=60,asetpts=N/SR/TB[a];[b]atrim=end=60[b];[a][b]concat=n=2:v=0:a=1"
        return self.ffmpeg([self.clean], graph)

    def ffmpeg(self, sources: Sequence[Path], graph: str | None, *options: Argument, extension: str = "wav") -> Path:
        target = self.path(extension)
        filters = ["-filter_complex", graph] if graph else []
        audio.ffmpeg(*audio.inputs(sources), *filters, *(options or WAV), target)
        return target

    def coded(self, source: Path, options: Sequence[Argument], extension: str) -> Path:
        return self.ffmpeg([self.ffmpeg([source], None, *options, extension=extension)], None, "-ar", RATE, *WAV)

    def room(self, seconds: float = 0.4, direct: float = 1.0) -> Path:
        """An impulse response: direct sound, a few reflections and an exponential tail with that reverberation time."""
        samples = [0.0] * int(RATE * seconds * 1.2)
        for index in range(RATE // 200, len(samples)):
            decay = math.exp(-6.9 * index / (RATE * seconds))
            samples[index] = 0.035 * decay * self.chosen.gauss(0, 1)
        for _ in range(6):
            samples[self.chosen.randrange(RATE // 400, RATE // 40)] += self.chosen.choice((-1, 1)) * 0.3
        samples[0] = direct
        target = self.path()
        values = array.array("h", (max(-32767, min(32767, round(16000 * value))) for value in samples))
        audio.write_samples(values, RATE, target)
        return target

    def heard(self, source: Path, level: float, delay: float = 0.0, gate: str = "") -> Path:
        """`source` from a loudspeaker through a room, at mean volume `level` dB and `delay` seconds late."""
        room, single = self.room(), ("-c:a", "pcm_f32le")
        graph = f"[0:a]{SPEAKER}[s];[s][1:a]afir=gtype=none:maxir=2[o]"
        played = self.ffmpeg([source, room], graph, "-map", "[o]", *single)
        gain = level - mean_volume(played)
        return self.ffmpeg([played], f"[0:a]volume={gain:.2f}dB{gate},adelay={round(1000 * delay)}", *single)

    def mix(self, sources: Sequence[Path], weights: Sequence[float] | None = None) -> Path:
        graph = "".join(f"[{index}:a]" for index in range(len(sources)))
        graph += f"amix=inputs={len(sources)}:duration=first:normalize=0"
        if weights:
            graph += ":weights=" + " ".join(f"{weight:g}" for weight in weights)
        return self.ffmpeg(sources, graph + ",alimiter=limit=0.98:level=0")

    def recorded(self, sent: Path, recorder: int | None) -> Path:
        """What the meeting was `sent`, as `recorder` plays and records it, or somebody who bears no mark."""
        received = self.coded(sent, OPUS24, "ogg")
        return self.leaked(received if recorder is None else self.mark(received, recorder))

    def leaked(self, source: Path, options: Sequence[Argument] = AAC64, extension: str = "m4a") -> Path:
        return self.ffmpeg([source], None, *options, extension=extension)


Maker = Callable[[Stage], Path]


def echo(loss: float, recorder: int | None, part: float = 1.0) -> Maker:
    """Client 0's loudspeaker reaches client 0's open microphone, `loss` dB below the far-end speech.

    `recorder` is the client that records what it plays, or None for a telephone. The microphone is open for `part` of
    each half minute.
    """

    def scene(stage: Stage) -> Path:
        delay = stage.chosen.uniform(0.15, 0.6)
        played = stage.mark(stage.clean, 0)
        gate = "" if part == 1 else ",volume='lt(mod(t\\,30)\\,%g)':eval=frame" % (30 * part)
        level = mean_volume(stage.clean) - loss
        sent = stage.mix([stage.clean, stage.sent(stage.heard(played, level, delay, gate), 0, BUFFERS - delay)])
        return stage.recorded(sent, recorder)

    return scene


def echo_alone(loss: float, through: int = 0) -> Maker:
    """A talker for two thirds of the time whose own voice is not in the recording: its echo is, from client 0.

    What a browser records of incoming audio. The echo comes through the microphone of client `through`, beside what
    the others say in between.
    """

    def scene(stage: Stage) -> Path:
        delay = stage.chosen.uniform(0.15, 0.6)
        gate = ",volume='lt(mod(t\\,30)\\,20)':eval=frame"
        echoed = stage.heard(stage.mark(stage.clean, 0), mean_volume(stage.clean) - loss, delay, gate)
        others = stage.ffmpeg([stage.others()], "[0:a]volume='gt(mod(t\\,30)\\,20.7)':eval=frame")
        received = stage.coded(stage.mix([stage.sent(echoed, through, BUFFERS - delay), others]), OPUS24, "ogg")
        return stage.leaked(received)

    return scene


def moving_echo(loss: float, recorder: int | None, every: float, most: float, alone: bool = False) -> Maker:
    """An echo of client 0's loudspeaker, which connects anew `every` seconds and is then late by up to `most`.

    It is late by one of six times in turn, and stands beside the talkers or alone.
    """
    times = 6

    def scene(stage: Stage) -> Path:
        delay = stage.chosen.uniform(0.15, 0.6)
        played = stage.mark(stage.clean, 0)
        parts = [stage.ffmpeg([stage.clean], "[0:a]volume=0")]
        for number in range(times):
            gate = f",volume='eq(mod(floor(t/{every:g})\\,{times})\\,{number})':eval=frame"
            late = stage.chosen.uniform(0, most)
            parts.append(stage.heard(played, mean_volume(stage.clean) - loss, delay + late, gate))
        echoed = stage.sent(stage.mix(parts), 0, BUFFERS - delay)
        sent = echoed if alone else stage.mix([stage.clean, echoed])
        return stage.recorded(sent, recorder)

    return scene


def echo_through(loss: float, microphones: Sequence[int], recorder: int | None) -> Maker:
    """Client 0's loudspeaker reaches the open microphones of others in its room, each by a way of its own.

    Its own microphone is muted.
    """

    def scene(stage: Stage) -> Path:
        played = stage.mark(stage.clean, 0)
        parts = [stage.clean]
        for client in microphones:
            delay = stage.chosen.uniform(0.15, 0.6)
            heard = stage.heard(played, mean_volume(stage.clean) - loss, delay)
            parts.append(stage.sent(heard, client, BUFFERS - delay))
        return stage.recorded(stage.mix(parts), recorder)

    return scene


def recorder_beside_talker(stage: Stage) -> Path:
    """Client 0 records what client 1 says, whose microphone tags it."""
    sent = stage.coded(stage.sent(stage.clean, 1, -0.25), OPUS24, "ogg")
    return stage.leaked(stage.mark(sent, 0))


def two_echoes(loss: float, recorder: int | None) -> Maker:
    """Clients 0 and 2 both have loudspeaker and open microphone."""

    def scene(stage: Stage) -> Path:
        level = mean_volume(stage.clean) - loss
        parts = [stage.clean]
        for client in (0, 2):
            delay = stage.chosen.uniform(0.15, 0.6)
            heard = stage.heard(stage.mark(stage.clean, client), level, delay)
            parts.append(stage.sent(heard, client, BUFFERS - delay))
        return stage.recorded(stage.mix(parts), recorder)

    return scene


def echo_of_two(loss: float, recorder: int | None) -> Maker:
    """Clients 0 and 2 sit in one room, and the microphone of client 0 is open: it hears both loudspeakers.

    Both mark by the meeting's clock. `recorder` is elsewhere, or None for a telephone.
    """

    def scene(stage: Stage) -> Path:
        delay = stage.chosen.uniform(0.15, 0.6)
        level = mean_volume(stage.clean) - loss
        heard = stage.mix([stage.heard(stage.mark(stage.clean, client), level, delay) for client in (0, 2)])
        return stage.recorded(stage.mix([stage.clean, stage.sent(heard, 0, BUFFERS - delay)]), recorder)

    return scene


def room(apart: float) -> Maker:
    """Two laptops in one room, the second `apart` dB softer, recorded by a phone.

    Both mark by the meeting's clock, to within a tenth of a second, whatever the network's delays.
    """

    def scene(stage: Stage) -> Path:
        level = -25.0
        parts = []
        for client, softer in ((0, 0), (1, apart)):
            late = stage.chosen.uniform(0, 0.4)
            clock = stage.chosen.uniform(-0.05, 0.05)
            parts.append(stage.heard(stage.mark(stage.clean, client, late + clock), level - softer, late))
        return stage.leaked(stage.mix(parts))

    return scene


def average(copies: int, weights: Sequence[float] | None = None) -> Maker:
    """Copies of clients who heard the meeting up to 2 s apart, averaged; a screen capture."""

    def scene(stage: Stage) -> Path:
        parts = [stage.mark(stage.clean, client, stage.chosen.uniform(0, 2)) for client in range(copies)]
        return stage.leaked(stage.mix(parts, weights or [1 / copies] * copies), SCREEN, "mp4")

    return scene


def splice(seconds: float) -> Maker:
    """Two clients' copies in turns."""

    def scene(stage: Stage) -> Path:
        parts = [stage.mark(stage.clean, client, stage.chosen.uniform(0, 2)) for client in range(2)]
        graph = f"amerge=inputs=2,aeval='if(mod(floor(t/{seconds:g})\\,2)\\,val(1)\\,val(0))':c=mono"
        return stage.leaked(stage.ffmpeg(parts, graph), SCREEN, "mp4")

    return scene


def alone(stage: Stage) -> Path:
    """One client's copy."""
    return stage.leaked(stage.mark(stage.clean, 0))


def other_talker(stage: Stage) -> Path:
    """Somebody talks all the time beside the recording client's loudspeaker, as loud as it."""
    return stage.leaked(stage.mix([stage.mark(stage.clean, 0), stage.others()]))


def two_meetings(stage: Stage) -> Path:
    """The playout of two meetings, one of them not searched, equally loud."""
    return stage.leaked(stage.mix([stage.mark(stage.clean, 0), stage.mark(stage.others(), 1, meeting=stage.other)]))


def second_mark(stage: Stage) -> Path:
    """A client plays and records what another one recorded."""
    return stage.leaked(stage.mark(stage.mark(stage.clean, 0), 1, 37))


def mark_of_another_meeting(stage: Stage) -> Path:
    """A recording that is played in another meeting and recorded there."""
    return stage.leaked(stage.mark(stage.mark(stage.clean, 0), 1, meeting=stage.other))


def decoys(stage: Stage) -> Path:
    """A ticket holder puts their own mark, and so the pilot, on another's copy at three wrong times."""
    copy = stage.mark(stage.clean, 0)
    for late in (61.3, 702.1, -433.7):
        copy = stage.mark(copy, 1, late)
    return stage.leaked(copy)


LOSSES = (10, 15, 20, 25, 30, 40)


@dataclass(frozen=True)
class Scene:
    """Which clients recorded, which left an echo, and the maker of the recording."""

    recorders: Sequence[int]
    echoes: Sequence[int]
    make: Maker


SCENES = {"alone": Scene([0], [], alone)}
for LOSS in LOSSES:
    SCENES[f"echo{LOSS}, marked recorder"] = Scene([1], [0], echo(LOSS, 1))
for LOSS in LOSSES:
    SCENES[f"echo{LOSS}, unmarked recorder"] = Scene([], [0], echo(LOSS, None))
for LOSS in LOSSES[:-1]:
    SCENES[f"echo{LOSS} alone"] = Scene([], [0], echo_alone(LOSS))
SCENES |= {
    "echo15 alone through another's microphone": Scene([], [0], echo_alone(15, through=2)),
    "recorder beside a tagged talker": Scene([0], [], recorder_beside_talker),
    "echo15 for a third, marked recorder": Scene([1], [0], echo(15, 1, 1 / 3)),
    "echo15 for a third, unmarked recorder": Scene([], [0], echo(15, None, 1 / 3)),
    "two echoes15, marked recorder": Scene([1], [0, 2], two_echoes(15, 1)),
    "two echoes15, unmarked recorder": Scene([], [0, 2], two_echoes(15, None)),
    "splice of 10 s": Scene([0, 1], [], splice(10)),
    "average of 2": Scene([0, 1], [], average(2)),
    "average of 3": Scene([0, 1, 2], [], average(3)),
    "average of 5": Scene([0, 1, 2, 3, 4], [], average(5)),
    "average of 2, 3 to 1": Scene([0, 1], [], average(2, [0.75, 0.25])),
    "average of 3, 3 to 2 to 1": Scene([0, 1, 2], [], average(3, [0.5, 0.33, 0.17])),
}
SCENES |= {
    "another talker at 0 dB": Scene([0], [], other_talker),
    "two meetings mixed": Scene([0], [], two_meetings),
    "marked twice": Scene([0, 1], [], second_mark),
    "marked in another meeting": Scene([0], [], mark_of_another_meeting),
    "decoy pilots": Scene([0, 1], [], decoys),
}
for APART in (0, 3, 6, 9, 12):
    SCENES[f"room, {APART} dB apart"] = Scene([0, 1], [], room(APART))
SCENES |= {
    "echo10 of two in a room, marked recorder": Scene([1], [0, 2], echo_of_two(10, 1)),
    "echo10 of two in a room, unmarked recorder": Scene([], [0, 2], echo_of_two(10, None)),
}
SCENES |= {
    "echo10 of a loudspeaker that comes anew, marked recorder": Scene([1], [0], moving_echo(10, 1, 30, 2.5)),
    "echo10 of a loudspeaker that comes anew, unmarked recorder": Scene([], [0], moving_echo(10, None, 30, 2.5)),
    "echo10 alone of a loudspeaker that comes anew": Scene([], [0], moving_echo(10, None, 20, 2.5, alone=True)),
    "echo10 through two microphones, marked recorder": Scene([1], [0], echo_through(10, (2, 3), 1)),
    "echo10 through two microphones, unmarked recorder": Scene([], [0], echo_through(10, (2, 3), None)),
    "echo10 through three microphones, unmarked recorder": Scene([], [0], echo_through(10, (2, 3, 4), None)),
}
