#!/usr/bin/env python3
"""Seals and opens envelopes between earmark, jwcrypto and joserfc.

    interop.py EARMARK COUNT

EARMARK seals COUNT envelopes that both libraries open, and opens COUNT that they seal in turn, all with random secrets,
payloads, actions and ciphers. The keys come from Python's hashlib.scrypt, so that no line of the program under test is used.
jwcrypto takes an empty plaintext for none and cannot open it, so it is not asked to; that fault is checked, not hidden.
"""

import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from joserfc import jwe as joserfc_jwe
from joserfc.jwk import OctKey
from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto.common import base64url_decode, base64url_encode

KEY_BYTES = {"A128GCM": 16, "A256GCM": 32}
ACTIONS = ["populate", "add", "activate", "deactivate"]
FINGERPRINT = "163224c3da0ba3ec5327892affebabbe00206b90"
# joserfc refuses parameters that it does not know unless told otherwise.
REGISTRY = joserfc_jwe.JWERegistry(algorithms=["dir", *KEY_BYTES], strict_check_header=False)
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "Tests/EarmarkProvisioningTests/Vectors/pki/bundle-chain-key.pem"


def derive(secret, salt, cipher):
    return hashlib.scrypt(secret, salt=salt, n=32768, r=8, p=1, maxmem=64 << 20, dklen=KEY_BYTES[cipher])


def header_of(envelope):
    return json.loads(base64url_decode(envelope.split(".")[0]))


def open_with_jwcrypto(envelope, secret):
    header = header_of(envelope)
    key = derive(secret, base64url_decode(header["cisco-kdf"]["salt"]), header["enc"])
    token = jwcrypto_jwe.JWE()
    token.deserialize(envelope)
    token.decrypt(jwcrypto_jwk.JWK(kty="oct", k=base64url_encode(key)))
    return token.payload


def open_with_joserfc(envelope, secret):
    header = header_of(envelope)
    key = derive(secret, base64url_decode(header["cisco-kdf"]["salt"]), header["enc"])
    return joserfc_jwe.decrypt_compact(envelope, OctKey.import_key(key), registry=REGISTRY).plaintext


def new_header(action, cipher, salt):
    return {
        "alg": "dir", "cisco-action": action, "cisco-kdf": {"salt": base64url_encode(salt), "version": "1"},
        "enc": cipher,
    }


def seal_with_jwcrypto(action, cipher, payload, secret, salt):
    token = jwcrypto_jwe.JWE(payload, json.dumps(new_header(action, cipher, salt)))
    key = derive(secret, salt, cipher)
    token.add_recipient(jwcrypto_jwk.JWK(kty="oct", k=base64url_encode(key)))
    return token.serialize(compact=True)


def seal_with_joserfc(action, cipher, payload, secret, salt):
    key = derive(secret, salt, cipher)
    return joserfc_jwe.encrypt_compact(
        new_header(action, cipher, salt), payload, OctKey.import_key(key), registry=REGISTRY)


class Program:
    """The program under test, with its files in a folder of its own."""

    def __init__(self, path, folder):
        self.path = path
        self.folder = folder

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments, status=0):
        result = subprocess.run(
            [self.path, "provision", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, check=False)
        if result.returncode != status:
            raise SystemExit(f"{arguments} ended with {result.returncode}: {result.stderr.decode()}")
        if status != 0 and result.stdout:
            raise SystemExit(f"{arguments} was refused and printed {result.stdout!r}")
        return result.stdout


def random_secret(numbers):
    # Any bytes, zero and line breaks among them.
    return bytes(numbers.randrange(256) for _ in range(numbers.randrange(1, 80)))


def seal_with_program(program, numbers, action, cipher, secret):
    arguments = ["--secret-file", program.file("secret", secret), "--raw", "--cipher", cipher]
    if action == "populate":
        payload = random_secret(numbers)
        return payload, program.run("populate", "--new-secret-file", program.file("new", payload), *arguments)
    if action == "add":
        return BUNDLE.read_bytes(), program.run("add", str(BUNDLE), *arguments)
    return FINGERPRINT.encode(), program.run(action, "--fingerprint", FINGERPRINT, *arguments)


def check_sealing(program, numbers, count):
    for index in range(count):
        action, cipher = ACTIONS[index % 4], list(KEY_BYTES)[index // 4 % 2]
        secret = random_secret(numbers)
        payload, envelope = seal_with_program(program, numbers, action, cipher, secret)
        envelope = envelope.decode("ascii")
        assert envelope == envelope.strip() and header_of(envelope)["enc"] == cipher
        for opener in (open_with_jwcrypto, open_with_joserfc):
            assert opener(envelope, secret) == payload, f"{opener.__name__} read something else"


def check_opening(program, numbers, count):
    for index in range(count):
        action, cipher = ACTIONS[index % 4], list(KEY_BYTES)[index // 4 % 2]
        secret, salt = random_secret(numbers), os.urandom(numbers.randrange(4, 65))
        payload = os.urandom(numbers.choice([0, 1, 16, 40, 1000, 60000]))
        sealer = (seal_with_jwcrypto, seal_with_joserfc)[index % 2]
        envelope = program.file("envelope", sealer(action, cipher, payload, secret, salt).encode())
        opened = program.run(
            "open", envelope, "--secret-file", program.file("secret", secret), "--expect", action)
        assert opened == payload, f"what {sealer.__name__} sealed was read as something else"
        program.run("open", envelope, "--secret-file", program.file("wrong", secret + b"x"), status=42)
        other = ACTIONS[(index + 1) % 4]
        program.run("open", envelope, "--secret-file", program.file("secret", secret), "--expect", other, status=41)


def check_reset(program):
    """An empty payload: joserfc opens it, jwcrypto 1.6.1 does not."""
    secret = b"k3J-9sQ_wX2pLr7TzB4n"
    envelope = program.run("reset", "--secret-file", program.file("secret", secret), "--raw").decode()
    assert open_with_joserfc(envelope, secret) == b""
    try:
        fault = open_with_jwcrypto(envelope, secret) != b""
    except Exception:  # whatever the library makes of it
        fault = True
    print("jwcrypto", "cannot open an empty payload, as documented" if fault else "opens an empty payload by now")


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    seed = int(os.environ.get("EARMARK_SEED", random.SystemRandom().randrange(1 << 32)))
    numbers = random.Random(seed)
    print(f"seed {seed} (EARMARK_SEED repeats it)")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(path, pathlib.Path(folder))
        check_sealing(program, numbers, count)
        print(f"{count} envelopes that earmark sealed were opened by jwcrypto and joserfc")
        check_opening(program, numbers, count)
        print(f"{count} envelopes that jwcrypto and joserfc sealed were opened by earmark")
        check_reset(program)


main()
