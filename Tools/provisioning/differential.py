#!/usr/bin/env python3
"""Compares what earmark accepts with what joserfc accepts, on envelopes that were changed.

    differential.py JUDGE COUNT

JUDGE is the program provisioning-judge, which opens envelopes under a key that costs nothing; COUNT is how many are made. None may be
accepted there that joserfc rejects for a cryptographic reason: a tag that does not fit, or lengths that cannot be right.
"""

import base64
import collections
import hashlib
import json
import os
import random
import subprocess
import sys

from joserfc import jwe
from joserfc.errors import DecodeError, JoseError
from joserfc.jwk import OctKey
from joserfc.util import urlsafe_b64decode

SECRET = b"fuzzing secret"
KEY_BYTES = {"A128GCM": 16, "A256GCM": 32}
REGISTRY = jwe.JWERegistry(algorithms=["dir", *KEY_BYTES], strict_check_header=False)
GOOD_COUNT = 8
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def accepts(text):
    """Whether joserfc opens the envelope, under the same cheap key."""
    try:
        header = json.loads(urlsafe_b64decode(text.split(b".")[0]))
        salt = urlsafe_b64decode(header["cisco-kdf"]["salt"].encode())
        key = hashlib.sha256(SECRET + salt).digest()[: KEY_BYTES[header["enc"]]]
        jwe.decrypt_compact(text, OctKey.import_key(key), registry=REGISTRY)
        return True
    except (JoseError, DecodeError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def reseal(text, numbers):
    """A properly sealed envelope whose header is written in another way."""
    segments = text.split(b".")
    header = json.loads(urlsafe_b64decode(segments[0]))
    items = list(header.items())
    numbers.shuffle(items)
    header = dict(items)
    if numbers.random() < 0.5:
        header[numbers.choice(["kid", "typ", "x"])] = "\u00e9"
    salt = os.urandom(numbers.randrange(0, 12))
    header["cisco-kdf"]["salt"] = base64.urlsafe_b64encode(salt).rstrip(b"=").decode()
    key = hashlib.sha256(SECRET + salt).digest()[: KEY_BYTES[header["enc"]]]
    return jwe.encrypt_compact(header, b"payload", OctKey.import_key(key), registry=REGISTRY).encode()


def change(text, numbers):
    text = bytearray(text)
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


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    seed = int(os.environ.get("EARMARK_SEED", random.SystemRandom().randrange(1 << 32)))
    numbers = random.Random(seed)
    print(f"seed {seed} (EARMARK_SEED repeats it)")

    def judge(lines):
        return subprocess.run(
            [path], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout.split("\n")

    good = [line.encode() for line in judge([f"good {index}" for index in range(GOOD_COUNT)])[:GOOD_COUNT]]
    assert all(accepts(text) for text in good), "joserfc does not open what earmark seals"
    texts = []
    for _ in range(count):
        text = numbers.choice(good)
        texts.append(change(reseal(text, numbers) if numbers.random() < 0.3 else text, numbers))
    verdicts = judge([base64.b64encode(text).decode() for text in texts])
    seen = collections.Counter()
    for text, verdict in zip(texts, verdicts):
        theirs = accepts(text)
        seen[(verdict == "accepted", theirs)] += 1
        if verdict == "accepted" and not theirs:
            raise SystemExit(f"accepted here, rejected by joserfc: {text!r}")
    print(f"{count} envelopes: accepted by both {seen[True, True]}, by neither {seen[False, False]}, "
          f"by joserfc only {seen[False, True]}, by earmark only {seen[True, False]}")
    assert seen[True, True] > 0 and seen[False, False] > 0, "the changes were not of both kinds"


main()
