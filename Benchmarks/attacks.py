"""Attacks on marked recordings with public tools: ffmpeg and what `codings`, `denoisers`, `voices` and `radios` use.

An attack takes the marked copies and a scratch folder and returns a file.
"""

import math
from collections.abc import Sequence
from pathlib import Path

from codings import AAC32, AAC64, MP3_64, OPUS16, amr_narrow, amr_wide, chain, codec2, encode
from denoisers import DENOISERS, Attack
from earmark_tools.audio import WAV, ffmpeg, inputs, mean_volume
from radios import RADIOS, then
from voices import VOICES


def effect(graph: str) -> Attack:
    return chain(("wav", ["-af", graph, *WAV]))


def noise(colour: str, ratio: float) -> Attack:
    """Noise `ratio` dB below the recording's own loudness (EBU R128), added by ffmpeg."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        source, target = sources[0], folder / "noisy.wav"
        level = mean_volume(source) - ratio
        graph = (
            f"anoisesrc=c={colour}:a=1:r=48000:seed=7[n];[n]volume={level - NOISE_LEVEL[colour]:.2f}dB[m];"
            "[0:a]aresample=48000[s];[s][m]amix=inputs=2:duration=first:normalize=0"
        )
        ffmpeg("-i", source, "-filter_complex", graph, *WAV, target)
        return target

    return attack


def collude(graph: str) -> Attack:
    """Joins copies for several clients into one by an ffmpeg graph from [0:a], [1:a], ... ."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        target = folder / "colluded.wav"
        ffmpeg(*inputs(sources), "-filter_complex", graph, *WAV, target)
        return target

    return attack


def average(copies: int) -> Attack:
    return collude(f"amix=inputs={copies}:duration=shortest:normalize=1")


def by_sample(copies: int, expression: str) -> Attack:
    """Each output sample is `expression` of the copies' samples val(0), val(1), ... ."""
    return collude(f"amerge=inputs={copies},aeval='{expression}':c=mono")


# Mean volume of ffmpeg's noise sources at full amplitude, dB.
NOISE_LEVEL = {"white": -4.8, "pink": -14.3}

GSM = encode("wav", "-ar", "8000", "-ac", "1", "-c:a", "libgsm_ms")
G711 = encode("wav", "-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw")


def babble(ratio: float) -> Attack:
    """Six voices `ratio` dB below the recording together: the recording backwards, from six places on."""

    def attack(sources: Sequence[Path], folder: Path) -> Path:
        target = folder / "babble.wav"
        voices = range(6)
        level = -10 * math.log10(len(voices)) - ratio
        split = "".join(f"[a{voice}]" for voice in voices)
        later = ";".join(f"[a{voice}]atrim=start={7 + 13 * voice},asetpts=PTS-STARTPTS[b{voice}]" for voice in voices)
        graph = (
            f"[1:a]areverse,volume={level:.2f}dB,asplit={len(voices)}{split};{later};"
            f"[0:a]{''.join(f'[b{voice}]' for voice in voices)}amix=inputs={1 + len(voices)}:duration=first:normalize=0"
        )
        ffmpeg("-i", sources[0], "-stream_loop", "1", "-i", sources[0], "-filter_complex", graph, *WAV, target)
        return target

    return attack


ATTACKS: dict[str, Attack] = {
    "none": chain(("wav", WAV)),
    "aac128": chain(("m4a", ["-c:a", "aac", "-b:a", "128k"])),
    "aac32": chain(("m4a", AAC32)),
    "mp3_32": chain(("mp3", ["-c:a", "libmp3lame", "-b:a", "32k"])),
    "opus16": encode("ogg", *OPUS16),
    "opus8": encode("ogg", "-c:a", "libopus", "-b:a", "8k", "-application", "voip"),
    "opus6": encode("ogg", "-c:a", "libopus", "-b:a", "6k", "-application", "voip"),
    "amrnb12.2": amr_narrow(7),
    "amrnb4.75": amr_narrow(0),
    "amrwb12.65": amr_wide(2),
    "amrwb6.6": amr_wide(0),
    "speex_nb8": encode("ogg", "-ar", "8000", "-ac", "1", "-c:a", "libspeex", "-b:a", "8k"),
    "g723.1": encode("mkv", "-ar", "8000", "-ac", "1", "-c:a", "g723_1", "-b:a", "6.3k"),
    "codec2_3200": codec2(3200),
    "codec2_2400": codec2(2400),
    "codec2_1300": codec2(1300),
    "codec2_700c": codec2("700C"),
    "gsm": GSM,
    "g711": G711,
    "amrnb12.2_g711_gsm": then(amr_narrow(7), G711, GSM),
    "gsm_amrnb5.9": then(GSM, amr_narrow(2)),
    "reshare4": chain(("ogg", OPUS16), ("m4a", AAC64), ("mp3", MP3_64), ("m4a", AAC32)),
    "resample8k": chain(("wav", ["-ar", "8000", *WAV])),
    "lowpass4k": effect("lowpass=f=4000:p=2,lowpass=f=4000:p=2,lowpass=f=4000:p=2"),
    "white10": noise("white", 10),
    "pink10": noise("pink", 10),
    "pink5": noise("pink", 5),
    "pink0": noise("pink", 0),
    "babble5": babble(5),
    "babble0": babble(0),
    "compressor": effect("acompressor=threshold=-38dB:ratio=12:attack=3:release=80:makeup=8"),
    "echo": effect("aecho=0.8:0.7:60|110:0.4|0.25"),
    "denoise": effect("afftdn=nr=20:nf=-35:tn=1"),
    "speed+5": effect("asetrate=48000*1.05,aresample=48000"),
    "speed-10": effect("asetrate=48000*0.9,aresample=48000"),
    "tempo+8": effect("atempo=1.08"),
    "stretch-5": effect("rubberband=tempo=0.95"),
    "pitch+3": effect("rubberband=pitch=1.03"),
    "wow": effect("vibrato=f=0.7:d=0.02"),
    "flutter": effect("vibrato=f=6:d=0.01"),
}

# Attacks whose tools may be missing.
OPTIONAL = DENOISERS | VOICES | RADIOS
ATTACKS |= {name: tool.attack for name, tool in OPTIONAL.items()}

MIDDLE = "val(0)+val(1)+val(2)-min(val(0)\\,min(val(1)\\,val(2)))-max(val(0)\\,max(val(1)\\,val(2)))"
MIN_MAX = "(min(val(0)\\,min(val(1)\\,val(2)))+max(val(0)\\,max(val(1)\\,val(2))))/2"

# Attacks by several clients: how many, and what they do with their copies.
COLLUSIONS: dict[str, tuple[int, Attack]] = {
    "average2": (2, average(2)),
    "average3": (3, average(3)),
    "average5": (5, average(5)),
    "median3": (3, by_sample(3, MIDDLE)),
    "minmax3": (3, by_sample(3, MIN_MAX)),
    "swap2": (2, by_sample(2, "if(mod(n\\,2)\\,val(0)\\,val(1))")),
    "alternate10s": (2, by_sample(2, "if(mod(floor(t/10)\\,2)\\,val(0)\\,val(1))")),
}
