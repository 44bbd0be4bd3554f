"""Compares what earmark accepts with what joserfc accepts, on envelopes that were changed.

    python -m earmark_tools.provisioning.differential JUDGE COUNT

JUDGE is the program provisioning-judge, which opens envelopes under a key that costs nothing; COUNT is how many are
made. None may be accepted there that joserfc rejects for a cryptographic reason: a tag that does not fit, or lengths
that cannot be right.
"""

import base64
import collections
import hashlib
import json
import os
import random
import sys

from joserfc import jwe
from joserfc.errors import DecodeError, JoseError
from joserfc.jwk import OctKey
from joserfc.util import urlsafe_b64decode

from earmark_tools.commands import output_bytes
from earmark_tools.provisioning.envelopes import KEY_BYTES, encoded, header_of, repeatable_numbers

SECRET = b"fuzzing secret"
REGISTRY = jwe.JWERegistry(algorithms=["dir", *KEY_BYTES], strict_check_header=False)
GOOD_COUNT = 8
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def accepts(text: bytes) -> bool:
    """Whether joserfc opens the envelope, under the same cheap key."""
    try:
        header = json.loads(urlsafe_b64decode(text.split(b".")[0]))
        salt = urlsafe_b64decode(header["cisco-kdf"]["salt"].encode())
        key = hashlib.sha256(SECRET + salt).digest()[: KEY_BYTES[header["enc"]]]
        jwe.decrypt_compact(text, OctKey.import_key(key), registry=REGISTRY)
        return True
    except (JoseError, DecodeError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def reseal(text: bytes, numbers: random.Random) -> bytes:
    """A properly sealed envelope whose header is written in another way."""
    items = list(header_of(text).items())
    numbers.shuffle(items)
    header = dict(items)
    if numbers.random() < 0.5:
        header[numbers.choice(["kid", "typ", "x"])] = "\u00e9"
    salt = os.urandom(numbers.randrange(0, 12))
    header["cisco-kdf"]["salt"] = encoded(salt).decode()
    key = hashlib.sha256(SECRET + salt).digest()[: KEY_BYTES[header["enc"]]]
    return jwe.encrypt_compact(header, b"payload", OctKey.import_key(key), registry=REGISTRY).encode()


def change(envelope: bytes, numbers: random.Random) -> bytes:
    text = bytearray(envelope)
    for _ in range(numbers.choice([0, 1, 1, 1, 2, 5])):
        position = numbers.randrange(len(text))
        kind = numbers.randrange(6)
        if kind == 0:
            text[position] = numbers.choice(ALPHABET)
        elif kind == 1:
            text[position] ^= 1 << numbers.randrange(8)
        elif kind == 2:
            text.insert(position, numbers.choice(ALPHABET + b".=\n"))
        elif kind == 3 and len(text) > 1:
            del text[position]
        elif kind == 4:
            text += numbers.choice([b"=", b"==", b"\n", b".", b"A"])
        else:
            segments = bytes(text).split(b".")
            numbers.shuffle(segments)
            text = bytearray(b".".join(segments))
    return bytes(text)


def judge(path: str, lines: list[str]) -> list[str]:
    return output_bytes(path, given="\n".join([*lines, ""]).encode()).decode().split("\n")[: len(lines)]


def main() -> None:
    path, count, numbers = sys.argv[1], int(sys.argv[2]), repeatable_numbers()
    good = [line.encode() for line in judge(path, [f"good {index}" for index in range(GOOD_COUNT)])]
    assert all(accepts(text) for text in good), "joserfc does not open what earmark seals"
    texts = []
    for _ in range(count):
        text = numbers.choice(good)
        texts.append(change(reseal(text, numbers) if numbers.random() < 0.3 else text, numbers))
    verdicts = judge(path, [base64.b64encode(text).decode() for text in texts])
    seen: collections.Counter[tuple[bool, bool]] = collections.Counter()
    for text, verdict in zip(texts, verdicts, strict=True):
        theirs = accepts(text)
        seen[(verdict == "accepted", theirs)] += 1
        if verdict == "accepted" and not theirs:
            raise SystemExit(f"accepted here, rejected by joserfc: {text!r}")
    print(
        f"{count} envelopes: accepted by both {seen[True, True]}, by neither {seen[False, False]}, "
        f"by joserfc only {seen[False, True]}, by earmark only {seen[True, False]}"
    )
    assert seen[True, True] > 0 and seen[False, False] > 0, "the changes were not of both kinds"


if __name__ == "__main__":
    main()
