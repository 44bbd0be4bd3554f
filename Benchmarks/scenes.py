"""Recordings that carry several marks: echoes through open microphones, splices, averages, two laptops in one room.

A scene takes a `Stage` and makes one recording. ffmpeg does all signal processing; rooms are impulse responses drawn here."""
import array
import math
import os
import random
import wave

from attacks import AAC64, WAV, loudness
from common import run

RATE = 48000
OPUS24 = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip"]
SCREEN = ["-c:a", "aac", "-b:a", "96k"]
# What a small loudspeaker leaves of a voice.
SPEAKER = "highpass=f=180,lowpass=f=9000"


class Stage:
    """Where a scene is made: a meeting, another one, clean audio, clients, and a folder for the steps."""

    def __init__(self, meeting, other, clean, folder, clients, seed):
        self.meeting, self.other, self.clean, self.folder, self.clients = meeting, other, clean, folder, clients
        self.chosen = random.Random(seed)
        self.start = self.chosen.uniform(0, 9000)
        self.count = 0

    def path(self, extension="wav"):
        self.count += 1
        return os.path.join(self.folder, "step%d.%s" % (self.count, extension))

    def mark(self, source, client, at=0.0, meeting=None):
        """`source` as `client` plays it, its first sample `at` seconds after the scene's start."""
        target = self.path()
        run(*(meeting or self.meeting).embed_command(source, target, self.clients[client], self.start + at))
        return target

    def others(self):
        """Other talkers: the clean recording begun a minute late, what was left out at its end."""
        graph = "[0:a]asplit[a][b];[a]atrim=start=60,asetpts=N/SR/TB[a];[b]atrim=end=60[b];[a][b]concat=n=2:v=0:a=1"
        return self.ffmpeg([self.clean], graph)

    def ffmpeg(self, sources, graph, *options, extension="wav"):
        target = self.path(extension)
        inputs = [part for source in sources for part in ("-i", source)]
        run("ffmpeg", "-v", "error", "-y", *inputs, *(["-filter_complex", graph] if graph else []), *(options or WAV),
            target)
        return target

    def coded(self, source, options, extension):
        return self.ffmpeg([self.ffmpeg([source], None, *options, extension=extension)], None, "-ar", RATE, *WAV)

    def room(self, seconds=0.4, direct=1.0):
        """An impulse response: direct sound, a few reflections and an exponential tail with that reverberation time."""
        samples = [0.0] * int(RATE * seconds * 1.2)
        for index in range(RATE // 200, len(samples)):
            decay = math.exp(-6.9 * index / (RATE * seconds))
            samples[index] = 0.035 * decay * self.chosen.gauss(0, 1)
        for _ in range(6):
            samples[self.chosen.randrange(RATE // 400, RATE // 40)] += self.chosen.choice((-1, 1)) * 0.3
        samples[0] = direct
        target = self.path()
        with wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            values = array.array("h", (max(-32767, min(32767, round(16000 * value))) for value in samples))
            file.writeframes(values.tobytes())
        return target

    def heard(self, source, level, delay=0.0, gate=""):
        """`source` from a loudspeaker through a room, at mean volume `level` dB and `delay` seconds late."""
        room = self.room()
        played = self.ffmpeg([source, room], "[0:a]%s[s];[s][1:a]afir=gtype=none:maxir=2[o]" % SPEAKER, "-map", "[o]",
                             "-c:a", "pcm_f32le")
        gain = level - float(loudness(played))
        graph = "[0:a]volume=%.2fdB%s,adelay=%d" % (gain, gate, round(1000 * delay))
        return self.ffmpeg([played], graph, "-c:a", "pcm_f32le")

    def mix(self, sources, weights=None):
        graph = "".join("[%d:a]" % index for index in range(len(sources)))
        graph += "amix=inputs=%d:duration=first:normalize=0" % len(sources)
        if weights:
            graph += ":weights=" + " ".join("%g" % weight for weight in weights)
        return self.ffmpeg(sources, graph + ",alimiter=limit=0.98:level=0")

    def leaked(self, source, options=AAC64, extension="m4a"):
        return self.ffmpeg([source], None, *options, extension=extension)


def echo(loss, recorder, part=1.0):
    """Client 0's loudspeaker reaches client 0's open microphone, `loss` dB below the far-end speech; `recorder` is the
    client that records what it plays, or None for a telephone. The microphone is open for `part` of each half minute."""
    def scene(stage):
        delay = stage.chosen.uniform(0.15, 0.6)
        played = stage.mark(stage.clean, 0)
        gate = "" if part == 1 else ",volume='lt(mod(t\\,30)\\,%g)':eval=frame" % (30 * part)
        level = float(loudness(stage.clean)) - loss
        sent = stage.mix([stage.clean, stage.heard(played, level, delay, gate)])
        received = stage.coded(sent, OPUS24, "ogg")
        if recorder is not None:
            received = stage.mark(received, recorder)
        return stage.leaked(received)
    return scene


def two_echoes(loss, recorder):
    """Clients 0 and 2 both have loudspeaker and open microphone."""
    def scene(stage):
        level = float(loudness(stage.clean)) - loss
        parts = [stage.clean]
        for client in (0, 2):
            parts.append(stage.heard(stage.mark(stage.clean, client), level, stage.chosen.uniform(0.15, 0.6)))
        received = stage.coded(stage.mix(parts), OPUS24, "ogg")
        if recorder is not None:
            received = stage.mark(received, recorder)
        return stage.leaked(received)
    return scene


def room(apart):
    """Two laptops in one room, the second `apart` dB softer, recorded by a phone. Both mark by the meeting's clock, to within a tenth
    of a second, whatever the network's delays."""
    def scene(stage):
        level = -25.0
        parts = []
        for client, softer in ((0, 0), (1, apart)):
            late = stage.chosen.uniform(0, 0.4)
            clock = stage.chosen.uniform(-0.05, 0.05)
            parts.append(stage.heard(stage.mark(stage.clean, client, late + clock), level - softer, late))
        return stage.leaked(stage.mix(parts))
    return scene


def average(copies, weights=None):
    """Copies of clients who heard the meeting up to 2 s apart, averaged; a screen capture."""
    def scene(stage):
        parts = [stage.mark(stage.clean, client, stage.chosen.uniform(0, 2)) for client in range(copies)]
        return stage.leaked(stage.mix(parts, weights or [1 / copies] * copies), SCREEN, "mp4")
    return scene


def splice(seconds):
    """Two clients' copies in turns."""
    def scene(stage):
        parts = [stage.mark(stage.clean, client, stage.chosen.uniform(0, 2)) for client in range(2)]
        graph = "amerge=inputs=2,aeval='if(mod(floor(t/%g)\\,2)\\,val(1)\\,val(0))':c=mono" % seconds
        return stage.leaked(stage.ffmpeg(parts, graph), SCREEN, "mp4")
    return scene


def alone(stage):
    """One client's copy."""
    return stage.leaked(stage.mark(stage.clean, 0))


def other_talker(stage):
    """Somebody talks all the time beside the recording client's loudspeaker, as loud as it."""
    return stage.leaked(stage.mix([stage.mark(stage.clean, 0), stage.others()]))


def two_meetings(stage):
    """The playout of two meetings, one of them not searched, equally loud."""
    return stage.leaked(stage.mix([stage.mark(stage.clean, 0), stage.mark(stage.others(), 1, meeting=stage.other)]))


def second_mark(stage):
    """A client plays and records what another one recorded."""
    return stage.leaked(stage.mark(stage.mark(stage.clean, 0), 1, 37))


def mark_of_another_meeting(stage):
    """A recording that is played in another meeting and recorded there."""
    return stage.leaked(stage.mark(stage.mark(stage.clean, 0), 1, meeting=stage.other))


def decoys(stage):
    """A ticket holder puts their own mark, and so the pilot, on another's copy at three wrong times."""
    copy = stage.mark(stage.clean, 0)
    for late in (61.3, 702.1, -433.7):
        copy = stage.mark(copy, 1, late)
    return stage.leaked(copy)


LOSSES = (10, 15, 20, 25, 30, 40)

# Scenes by name: which clients recorded, which left an echo, and the scene.
SCENES = {"alone": ([0], [], alone)}
for LOSS in LOSSES:
    SCENES["echo%d, marked recorder" % LOSS] = ([1], [0], echo(LOSS, 1))
for LOSS in LOSSES:
    SCENES["echo%d, unmarked recorder" % LOSS] = ([], [0], echo(LOSS, None))
SCENES |= {
    "echo15 for a third, marked recorder": ([1], [0], echo(15, 1, 1 / 3)),
    "echo15 for a third, unmarked recorder": ([], [0], echo(15, None, 1 / 3)),
    "two echoes15, marked recorder": ([1], [0, 2], two_echoes(15, 1)),
    "two echoes15, unmarked recorder": ([], [0, 2], two_echoes(15, None)),
    "splice of 10 s": ([0, 1], [], splice(10)),
    "average of 2": ([0, 1], [], average(2)),
    "average of 3": ([0, 1, 2], [], average(3)),
    "average of 5": ([0, 1, 2, 3, 4], [], average(5)),
    "average of 2, 3 to 1": ([0, 1], [], average(2, [0.75, 0.25])),
    "average of 3, 3 to 2 to 1": ([0, 1, 2], [], average(3, [0.5, 0.33, 0.17])),
}
SCENES |= {
    "another talker at 0 dB": ([0], [], other_talker),
    "two meetings mixed": ([0], [], two_meetings),
    "marked twice": ([0, 1], [], second_mark),
    "marked in another meeting": ([0], [], mark_of_another_meeting),
    "decoy pilots": ([0, 1], [], decoys),
}
for APART in (0, 3, 6, 9, 12):
    SCENES["room, %d dB apart" % APART] = ([0, 1], [], room(APART))
