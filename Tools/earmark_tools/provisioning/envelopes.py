"""Envelopes of room devices without any of the engine's code: their parts and their keys."""

import base64
import hashlib
import json
import os
import random
from typing import Any

# Key lengths in bytes by name of the cipher.
KEY_BYTES = {"A128GCM": 16, "A256GCM": 32}

Header = dict[str, Any]


def encoded(data: bytes) -> bytes:
    """base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decoded(text: str | bytes) -> bytes:
    text = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def header_of(envelope: bytes) -> Header:
    header: Header = json.loads(decoded(envelope.split(b".")[0]))
    return header


def derive(secret: bytes, salt: bytes, cipher: str = "A256GCM") -> bytes:
    """The envelope's key, by Python's hashlib, which is OpenSSL."""
    return hashlib.scrypt(secret, salt=salt, n=32768, r=8, p=1, maxmem=64 << 20, dklen=KEY_BYTES[cipher])


def key_of(envelope: bytes, secret: bytes) -> bytes:
    header = header_of(envelope)
    return derive(secret, decoded(header["cisco-kdf"]["salt"]), header["enc"])


def repeatable_numbers() -> random.Random:
    """Random numbers whose seed is said, and can be given as EARMARK_SEED."""
    seed = int(os.environ.get("EARMARK_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed} (EARMARK_SEED repeats it)")
    return random.Random(seed)
