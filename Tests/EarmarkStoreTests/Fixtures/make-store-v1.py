"""Prints the sealed meeting key of store-v1.sql, made without Earmark's code.

Needs the Python package "cryptography". Keys: meeting 00..1f, organisation 20..3f, wrapping 40..5f.
"""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ORGANISATION, MEETING = b"o_aaaaaaaaaaaaaaaa", b"m_aaaaaaaaaaaaaaaa"


def seal(key: bytes, nonce: bytes, text: bytes, layer: bytes) -> bytes:
    context = b"earmark/v1/seal/" + layer + b"\0" + ORGANISATION + b"\0" + MEETING
    return nonce + AESGCM(key).encrypt(nonce, text, context)


inner = seal(bytes(range(64, 96)), bytes([1] * 12), bytes(range(32)), b"wrap")
print(seal(bytes(range(32, 64)), bytes([2] * 12), inner, b"organisation").hex())
