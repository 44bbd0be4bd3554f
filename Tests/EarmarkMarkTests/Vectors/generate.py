"""Known answers for the mark's keyed sequences, computed without any of the engine's code.

Follows docs/signal-design.md ("Keys and sequences"); needs python3-cryptography for ChaCha20. Prints what
CellPlanTests.swift and PeriodSignsTests.swift hold as golden values; run it again only when the format changes.
"""

import itertools

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

CHIPS, DIPOLES, GROUP = 256, 28, 8


def keystream(key: bytes, nonce: int, count: int) -> bytes:
    block = bytes(8) + nonce.to_bytes(8, "little")  # 64-bit counter from 0, 64-bit nonce
    return Cipher(algorithms.ChaCha20(key, block), mode=None).encryptor().update(bytes(count))


def fnv1a(data: bytes) -> int:
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return state


def draws(key: bytes, nonce: int, count: int, limit: int) -> list[int]:
    """Numbers below `limit` from 16-bit words, low byte first; words past its last multiple are skipped."""
    stream = keystream(key, nonce, 4 * count)
    words = (int.from_bytes(stream[i : i + 2], "little") for i in range(0, len(stream), 2))
    return [word % limit for word in words if word < 65535 // limit * limit][:count]


def roles(key: bytes) -> bytes:
    """0 pilot, 1 timeline, 2 identity, 3 content; cell = chip * 28 + dipole."""
    deals = iter(draws(key, 0, CHIPS // GROUP * DIPOLES, 840))
    pairs = list(itertools.combinations(range(6), 2))
    plane = bytearray([2]) * (CHIPS * DIPOLES)
    for group in range(CHIPS // GROUP):
        for dipole in range(DIPOLES):
            deal = next(deals)
            left = list(range(8))
            plane[(group * 8 + left.pop(deal % 8)) * DIPOLES + dipole] = 1
            plane[(group * 8 + left.pop(deal // 8 % 7)) * DIPOLES + dipole] = 3
            pair = pairs[deal // 56]
            for place in pair:
                plane[(group * 8 + left[place]) * DIPOLES + dipole] = 0
    return bytes(plane)


if __name__ == "__main__":
    key = bytes(range(32))
    plane = roles(key)
    print("roles fnv1a", hex(fnv1a(plane)), "first chip", list(plane[:28]))
    print("pilot sign bits fnv1a", hex(fnv1a(keystream(key, 1, 224))))
    choices = list(itertools.combinations(range(13), 3))
    differences = bytes(d for rank in draws(key, 2, 896, 286) for d in choices[rank])
    print("differences fnv1a", hex(fnv1a(differences)), "first", list(differences[:6]))
    for period in (0, 1, -1, 5000, -(2**63), 2**63 - 1):
        row = keystream(key, period % 2**64, 1344)
        print("period", period, "fnv1a", hex(fnv1a(row)), row[:8].hex())
    print("RFC 8439 A.1, vectors 1 and 2:", keystream(bytes(32), 0, 128).hex())
    print("A.1 vector 5:", keystream(bytes(32), 0x02000000_00000000, 64).hex())
