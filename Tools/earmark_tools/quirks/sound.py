"""The recordings that quirks are made of, in whatever form one needs them."""

import random
import tempfile
from functools import cache
from pathlib import Path

from earmark_tools.commands import Argument, output, output_bytes

# Of each recording, seconds: what the quickest analysis is sure of after the poorest of the codecs, and twice that.
SECONDS = 24
# Hertz, samples a second.
RATE = 48_000

# Names of the recordings: with the mark of a client, other sound without any, and none.
MARKED, CLEAN, SILENT = "marked", "clean", "silent"


def noise(count: int, seed: int = 1) -> bytes:
    """Bytes without meaning, and without the first byte of a frame of MPEG audio."""
    return random.Random(seed).randbytes(count).replace(b"\xff", b"\xfe")


class Sound:
    """`folder` holds a WAV file for each of the three names: one channel of 16 bits, 48 kHz."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pcm = cache(self._pcm)
        self.file = cache(self._file)
        self.adts = cache(self._adts)
        self.mp3 = cache(self._mp3)

    def _input(self, of: str, start: float, seconds: float) -> list[Argument]:
        return ["-ss", f"{start:g}", "-t", f"{seconds:g}", "-i", self.folder / f"{of}.wav"]

    def _pcm(
        self,
        form: str = "s16le",
        rate: int = RATE,
        channels: int = 1,
        of: str = MARKED,
        start: float = 0,
        seconds: float = SECONDS,
    ) -> bytes:
        """Samples alone."""
        return self._convert(of, start, seconds, ("-ar", rate, "-ac", channels, "-f", form))

    def _file(
        self, kind: str, *options: Argument, of: str = MARKED, start: float = 0, seconds: float = SECONDS
    ) -> bytes:
        """A whole file as FFmpeg writes it, `kind` being its extension."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            target = Path(place) / f"file.{kind}"
            command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-bitexact", *self._input(of, start, seconds)]
            output(*command, *options, "-fflags", "+bitexact", target)
            return target.read_bytes()

    def _convert(self, of: str, start: float, seconds: float, options: tuple[Argument, ...]) -> bytes:
        command = ["ffmpeg", "-nostdin", "-v", "error", "-bitexact", *self._input(of, start, seconds)]
        return output_bytes(*command, *options, "-fflags", "+bitexact", "-")

    def _adts(
        self,
        rate: int = RATE,
        bits: str = "64k",
        channels: int = 1,
        of: str = MARKED,
        start: float = 0,
        seconds: float = SECONDS,
    ) -> list[bytes]:
        """Frames of AAC, each with its header of 7 bytes."""
        options = ("-ar", rate, "-ac", channels, "-c:a", "aac", "-b:a", bits, "-f", "adts")
        stream, frames, at = self._convert(of, start, seconds, options), [], 0
        while at + 7 <= len(stream):
            size = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
            frames.append(stream[at : at + size])
            at += size
        return frames

    def aac(
        self,
        rate: int = RATE,
        bits: str = "64k",
        channels: int = 1,
        of: str = MARKED,
        start: float = 0,
        seconds: float = SECONDS,
    ) -> list[bytes]:
        """Frames of AAC as containers hold them."""
        return [frame[7:] for frame in self.adts(rate, bits, channels, of, start, seconds)]

    def _mp3(
        self,
        rate: int = RATE,
        bits: str = "64k",
        of: str = MARKED,
        seconds: float = SECONDS,
        has_xing: bool = False,
        options: tuple[Argument, ...] = (),
    ) -> bytes:
        """MP3 without tags."""
        words = ("-ar", rate, "-c:a", "libmp3lame", "-b:a", bits, *options, "-write_xing", int(has_xing))
        return self._file("mp3", *words, "-id3v2_version", 0, of=of, seconds=seconds)
