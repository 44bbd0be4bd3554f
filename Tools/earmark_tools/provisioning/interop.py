"""Seals and opens envelopes between earmark, jwcrypto and joserfc.

    python -m earmark_tools.provisioning.interop COUNT

The program that EARMARK names seals COUNT envelopes that both libraries open, and opens COUNT that they seal in turn,
all with random secrets, payloads, actions and ciphers. The keys come from Python's hashlib.scrypt, so that no line of
the program under test is used. jwcrypto takes an empty plaintext for none and cannot open it, so it is not asked to;
that fault is checked, not hidden.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from joserfc import jwe as joserfc_jwe
from joserfc.jwk import OctKey
from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk

from earmark_tools.commands import ROOT, earmark
from earmark_tools.provisioning.envelopes import (
    KEY_BYTES,
    Header,
    derive,
    encoded,
    header_of,
    key_of,
    repeatable_numbers,
)

ACTIONS = ["populate", "add", "activate", "deactivate"]
FINGERPRINT = "163224c3da0ba3ec5327892affebabbe00206b90"
# joserfc refuses parameters that it does not know unless told otherwise.
REGISTRY = joserfc_jwe.JWERegistry(algorithms=["dir", *KEY_BYTES], strict_check_header=False)
BUNDLE = ROOT / "Tests/EarmarkProvisioningTests/Vectors/pki/bundle-chain-key.pem"


def open_with_jwcrypto(envelope: bytes, secret: bytes) -> bytes:
    token = jwcrypto_jwe.JWE()
    token.deserialize(envelope.decode())
    token.decrypt(jwcrypto_jwk.JWK(kty="oct", k=encoded(key_of(envelope, secret)).decode()))
    payload: bytes = token.payload
    return payload


def open_with_joserfc(envelope: bytes, secret: bytes) -> bytes:
    key = OctKey.import_key(key_of(envelope, secret))
    return joserfc_jwe.decrypt_compact(envelope, key, registry=REGISTRY).plaintext or b""


def new_header(action: str, cipher: str, salt: bytes) -> Header:
    kdf = {"salt": encoded(salt).decode(), "version": "1"}
    return {"alg": "dir", "cisco-action": action, "cisco-kdf": kdf, "enc": cipher}


def seal_with_jwcrypto(action: str, cipher: str, payload: bytes, secret: bytes, salt: bytes) -> bytes:
    token = jwcrypto_jwe.JWE(payload, json.dumps(new_header(action, cipher, salt)))
    key = encoded(derive(secret, salt, cipher)).decode()
    token.add_recipient(jwcrypto_jwk.JWK(kty="oct", k=key))
    envelope: str = token.serialize(compact=True)
    return envelope.encode()


def seal_with_joserfc(action: str, cipher: str, payload: bytes, secret: bytes, salt: bytes) -> bytes:
    key = OctKey.import_key(derive(secret, salt, cipher))
    return joserfc_jwe.encrypt_compact(new_header(action, cipher, salt), payload, key, registry=REGISTRY).encode()


OPENERS: tuple[Callable[[bytes, bytes], bytes], ...] = (open_with_jwcrypto, open_with_joserfc)
SEALERS: tuple[Callable[[str, str, bytes, bytes, bytes], bytes], ...] = (seal_with_jwcrypto, seal_with_joserfc)


class Program:
    """The program under test, with its files in a folder of its own."""

    def __init__(self, path: str, folder: Path) -> None:
        self.path = path
        self.folder = folder

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments: str, status: int = 0) -> bytes:
        result = subprocess.run(
            [self.path, "provision", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if result.returncode != status:
            raise SystemExit(f"{arguments} ended with {result.returncode}: {result.stderr.decode()}")
        if status != 0 and result.stdout:
            raise SystemExit(f"{arguments} was refused and printed {result.stdout!r}")
        return result.stdout


def random_secret(numbers: random.Random) -> bytes:
    # Any bytes, zero and line breaks among them.
    return bytes(numbers.randrange(256) for _ in range(numbers.randrange(1, 80)))


def seal_with_program(
    program: Program, numbers: random.Random, action: str, cipher: str, secret: bytes
) -> tuple[bytes, bytes]:
    """The payload and its envelope."""
    arguments = ["--secret-file", program.file("secret", secret), "--raw", "--cipher", cipher]
    if action == "populate":
        payload = random_secret(numbers)
        return payload, program.run("populate", "--new-secret-file", program.file("new", payload), *arguments)
    if action == "add":
        return BUNDLE.read_bytes(), program.run("add", str(BUNDLE), *arguments)
    return FINGERPRINT.encode(), program.run(action, "--fingerprint", FINGERPRINT, *arguments)


def check_sealing(program: Program, numbers: random.Random, count: int) -> None:
    for index in range(count):
        action, cipher = ACTIONS[index % 4], list(KEY_BYTES)[index // 4 % 2]
        secret = random_secret(numbers)
        payload, envelope = seal_with_program(program, numbers, action, cipher, secret)
        assert envelope == envelope.strip() and header_of(envelope)["enc"] == cipher
        for opener in OPENERS:
            assert opener(envelope, secret) == payload, f"{opener.__name__} read something else"


def check_opening(program: Program, numbers: random.Random, count: int) -> None:
    for index in range(count):
        action, cipher = ACTIONS[index % 4], list(KEY_BYTES)[index // 4 % 2]
        secret, salt = random_secret(numbers), os.urandom(numbers.randrange(4, 65))
        payload = os.urandom(numbers.choice([0, 1, 16, 40, 1000, 60000]))
        sealer = SEALERS[index % 2]
        envelope = program.file("envelope", sealer(action, cipher, payload, secret, salt))
        opened = program.run("open", envelope, "--secret-file", program.file("secret", secret), "--expect", action)
        assert opened == payload, f"what {sealer.__name__} sealed was read as something else"
        program.run("open", envelope, "--secret-file", program.file("wrong", secret + b"x"), status=42)
        other = ACTIONS[(index + 1) % 4]
        program.run("open", envelope, "--secret-file", program.file("secret", secret), "--expect", other, status=41)


def check_reset(program: Program) -> None:
    """An empty payload: joserfc opens it, jwcrypto 1.6.1 does not."""
    secret = b"k3J-9sQ_wX2pLr7TzB4n"
    envelope = program.run("reset", "--secret-file", program.file("secret", secret), "--raw")
    assert open_with_joserfc(envelope, secret) == b""
    try:
        fault = open_with_jwcrypto(envelope, secret) != b""
    except Exception:  # whatever the library makes of it
        fault = True
    print("jwcrypto", "cannot open an empty payload, as documented" if fault else "opens an empty payload by now")


def main() -> None:
    count, numbers = int(sys.argv[1]), repeatable_numbers()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(earmark(), Path(folder))
        check_sealing(program, numbers, count)
        print(f"{count} envelopes that earmark sealed were opened by jwcrypto and joserfc")
        check_opening(program, numbers, count)
        print(f"{count} envelopes that jwcrypto and joserfc sealed were opened by earmark")
        check_reset(program)


if __name__ == "__main__":
    main()
