"""Attacks on marked recordings with public tools: ffmpeg, sox, for AMR-WB GStreamer (plugins-bad), and those of `denoisers`.

An attack takes the marked copies and a scratch folder and returns a file."""
import os
import subprocess

from common import run
from denoisers import DENOISERS

WAV = ["-c:a", "pcm_s16le"]


def ffmpeg(*steps):
    """An attack as a chain of (extension, arguments of ffmpeg)."""
    def attack(sources, folder):
        source = sources[0]
        for number, (extension, arguments) in enumerate(steps):
            target = os.path.join(folder, "step%d.%s" % (number, extension))
            run("ffmpeg", "-v", "error", "-y", "-i", source, "-vn", *arguments, target)
            source = target
        return source
    return attack


def encode(extension, *arguments):
    return ffmpeg((extension, arguments), ("wav", WAV))


def effect(graph):
    return ffmpeg(("wav", ["-af", graph, *WAV]))


def noise(colour, ratio):
    """Noise `ratio` dB below the recording's own loudness (EBU R128), added by ffmpeg."""
    def attack(sources, folder):
        source = sources[0]
        level = float(loudness(source)) - ratio
        target = os.path.join(folder, "noisy.wav")
        graph = "anoisesrc=c=%s:a=1:r=48000:seed=7[n];[n]volume=%.2fdB[m];[0:a]aresample=48000[s];" \
            "[s][m]amix=inputs=2:duration=first:normalize=0" % (colour, level - NOISE_LEVEL[colour])
        run("ffmpeg", "-v", "error", "-y", "-i", source, "-filter_complex", graph, *WAV, target)
        return target
    return attack


def loudness(source):
    shown = subprocess.run(["ffmpeg", "-i", source, "-af", "volumedetect", "-f", "null", "-"], stderr=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).stderr.decode()
    return shown.split("mean_volume:")[1].split()[0]


def amr_narrow(mode):
    """AMR-NB by sox; mode 0 is 4.75 kbit/s, 7 is 12.2."""
    def attack(sources, folder):
        narrow, coded, target = (os.path.join(folder, name) for name in ("narrow.wav", "coded.amr-nb", "decoded.wav"))
        run("sox", sources[0], "-r", 8000, "-c", 1, narrow)
        run("sox", narrow, "-t", "amr-nb", "-C", mode, coded)
        run("sox", "-t", "amr-nb", coded, "-b", 16, target)
        return target
    return attack


def amr_wide(mode):
    """AMR-WB by GStreamer's voamrwbenc; mode 0 is 6.6 kbit/s, 2 is 12.65."""
    def attack(sources, folder):
        raw, coded, target = (os.path.join(folder, name) for name in ("frames", "coded.amr", "decoded.wav"))
        run("gst-launch-1.0", "-q", "filesrc", "location=" + sources[0], "!", "wavparse", "!", "audioconvert", "!",
            "audioresample", "!", "audio/x-raw,rate=16000,channels=1", "!", "voamrwbenc", "band-mode=%d" % mode, "!",
            "filesink", "location=" + raw)
        with open(raw, "rb") as frames, open(coded, "wb") as file:
            file.write(b"#!AMR-WB\n" + frames.read())
        run("ffmpeg", "-v", "error", "-y", "-i", coded, *WAV, target)
        return target
    return attack


def codec2(mode):
    def attack(sources, folder):
        coded, target = os.path.join(folder, "coded.c2"), os.path.join(folder, "decoded.wav")
        run("ffmpeg", "-v", "error", "-y", "-i", sources[0], "-ar", 8000, "-c:a", "libcodec2", "-mode", mode, coded)
        run("ffmpeg", "-v", "error", "-y", "-i", coded, *WAV, target)
        return target
    return attack


def collude(graph):
    """Joins copies for several clients into one by an ffmpeg graph from [0:a], [1:a], ... ."""
    def attack(sources, folder):
        target = os.path.join(folder, "colluded.wav")
        inputs = [part for source in sources for part in ("-i", source)]
        run("ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, *WAV, target)
        return target
    return attack


def average(copies):
    return collude("amix=inputs=%d:duration=shortest:normalize=1" % copies)


def by_sample(copies, expression):
    """Each output sample is `expression` of the copies' samples val(0), val(1), ... ."""
    return collude("amerge=inputs=%d,aeval='%s':c=mono" % (copies, expression))


# Mean volume of ffmpeg's noise sources at full amplitude, dB.
NOISE_LEVEL = {"white": -4.8, "pink": -14.3}

AAC32 = ["-c:a", "aac", "-b:a", "32k"]
AAC64 = ["-c:a", "aac", "-b:a", "64k"]
MP3_64 = ["-c:a", "libmp3lame", "-b:a", "64k"]
OPUS16 = ["-c:a", "libopus", "-b:a", "16k", "-application", "voip"]

ATTACKS = {
    "none": ffmpeg(("wav", WAV)),
    "aac128": ffmpeg(("m4a", ["-c:a", "aac", "-b:a", "128k"])),
    "aac32": ffmpeg(("m4a", AAC32)),
    "mp3_32": ffmpeg(("mp3", ["-c:a", "libmp3lame", "-b:a", "32k"])),
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
    "gsm": encode("wav", "-ar", "8000", "-ac", "1", "-c:a", "libgsm_ms"),
    "g711": encode("wav", "-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw"),
    "reshare4": ffmpeg(("ogg", OPUS16), ("m4a", AAC64), ("mp3", MP3_64), ("m4a", AAC32)),
    "resample8k": ffmpeg(("wav", ["-ar", "8000", *WAV])),
    "lowpass4k": effect("lowpass=f=4000:p=2,lowpass=f=4000:p=2,lowpass=f=4000:p=2"),
    "white10": noise("white", 10),
    "pink10": noise("pink", 10),
    "pink5": noise("pink", 5),
    "pink0": noise("pink", 0),
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

ATTACKS |= {name: attack for name, (attack, _, _) in DENOISERS.items()}

MIDDLE = "val(0)+val(1)+val(2)-min(val(0)\\,min(val(1)\\,val(2)))-max(val(0)\\,max(val(1)\\,val(2)))"
MIN_MAX = "(min(val(0)\\,min(val(1)\\,val(2)))+max(val(0)\\,max(val(1)\\,val(2))))/2"

# Attacks by several clients: how many, and what they do with their copies.
COLLUSIONS = {
    "average2": (2, average(2)),
    "average3": (3, average(3)),
    "average5": (5, average(5)),
    "median3": (3, by_sample(3, MIDDLE)),
    "minmax3": (3, by_sample(3, MIN_MAX)),
    "swap2": (2, by_sample(2, "if(mod(n\\,2)\\,val(0)\\,val(1))")),
    "alternate10s": (2, by_sample(2, "if(mod(floor(t/10)\\,2)\\,val(0)\\,val(1))")),
}
