"""Provisions a fleet in which some rows are wrong, kills the run again and again, and pastes the rest at the simulator.

    python -m earmark_tools.provisioning.fleet DEVICES KILLS

Makes secrets, keys and requests for DEVICES devices with the program that EARMARK names, lets OpenSSL certify them,
plants a mistake of each kind, and kills the program KILLS times at random moments before it may end. Exactly the
planted mistakes must be named, with row and device; every other device must be active once its lines are pasted, in
each form; and an envelope that was there must never be made anew.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from earmark_tools.commands import earmark

COLUMNS = ["name", "action", "secret", "bundle", "key", "request", "alternative_names", "fingerprint", "device"]
FORMS = ["putxml", "json-rpc", "rest"]
# Devices whose lines are pasted in the other forms, too.
FORM_DEVICES = 4
Row = dict[str, str]


def openssl(*arguments: str, folder: Path) -> str:
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


class Authority:
    """A root, an intermediate below it and one that signs with RSA-PSS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        authority = ("-addext", "basicConstraints=critical,CA:TRUE")
        self._run("req", "-x509", *curve, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", *authority)
        self._run("req", *curve, "-new", "-keyout", "middle.key", "-out", "middle.csr", "-subj", "/CN=Middle")
        (folder / "middle.ext").write_text("basicConstraints=critical,CA:TRUE\n")
        self.sign("middle.csr", "middle.ext", "middle.pem", issuer="root")
        rsa = ("-newkey", "rsa:2048", "-nodes")
        self._run("req", "-x509", *rsa, "-keyout", "rsa.key", "-out", "rsa.pem", "-subj", "/CN=RSA root", *authority)
        (folder / "roots.pem").write_text((folder / "root.pem").read_text() + (folder / "rsa.pem").read_text())

    def _run(self, *arguments: str) -> None:
        openssl(*arguments, folder=self.folder)

    def sign(self, request: str, extensions: str, out: str, *options: str, issuer: str = "middle") -> None:
        # The serial number is the name's, so that no two calls write one file.
        signer = ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-set_serial", str(random.getrandbits(100) | 1))
        days = () if "-days" in options else ("-days", "365")
        self._run("x509", "-req", "-in", request, *signer, "-extfile", extensions, "-out", out, *days, *options)

    def certify(self, name: str, *options: str, purpose: str = "clientAuth", issuer: str = "middle") -> None:
        (self.folder / f"{name}.ext").write_text(
            f"subjectAltName=DNS:{name}.example.com\nbasicConstraints=CA:FALSE\nextendedKeyUsage={purpose}\n"
        )
        self.sign(f"{name}.csr", f"{name}.ext", f"{name}.crt", *options, issuer=issuer)
        path = self.folder / f"{name}.crt"
        path.write_text(path.read_text() + (self.folder / "middle.pem").read_text())

    def printed(self, file: str, *options: str) -> str:
        return openssl("x509", "-in", file, "-noout", *options, folder=self.folder).strip()


def mistakes(authority: Authority) -> list[tuple[str, Callable[[Row, Row], None]]]:
    """The code of each kind of mistake, and what makes it in a row; the second row is an innocent one."""
    folder = authority.folder

    def shared(row: Row, other: Row) -> None:
        row["bundle"], row["key"] = other["bundle"], other["key"]

    def typed_secret(row: Row, _: Row) -> None:
        row["secret"] = (folder / row["secret"]).read_text()

    def serial(row: Row, _: Row) -> None:
        row["fingerprint"] = authority.printed(row["bundle"], "-serial").removeprefix("serial=")

    def sha256(row: Row, _: Row) -> None:
        row["fingerprint"] = authority.printed(row["bundle"], "-fingerprint", "-sha256")

    def of_authority(row: Row, _: Row) -> None:
        row["fingerprint"] = authority.printed("middle.pem", "-fingerprint", "-sha1")

    def expired(row: Row, _: Row) -> None:
        authority.certify(row["name"], "-days", "-1")

    def no_intermediate(row: Row, _: Row) -> None:
        path = folder / row["bundle"]
        end = "-----END CERTIFICATE-----\n"
        path.write_text(path.read_text().split(end)[0] + end)

    def purpose(row: Row, _: Row) -> None:
        authority.certify(row["name"], purpose="serverAuth")

    def der(row: Row, _: Row) -> None:
        openssl("x509", "-in", row["bundle"], "-outform", "DER", "-out", row["name"] + ".der", folder=folder)
        row["bundle"] = row["name"] + ".der"

    def pkcs12(row: Row, _: Row) -> None:
        files = ("-in", row["bundle"], "-inkey", row["key"], "-out", row["name"] + ".p12")
        openssl("pkcs12", "-export", *files, "-passout", "pass:x", folder=folder)
        row["bundle"] = row["name"] + ".p12"

    def pss(row: Row, _: Row) -> None:
        authority.certify(row["name"], "-sigopt", "rsa_padding_mode:pss", issuer="rsa")

    def utf16(row: Row, _: Row) -> None:
        path = folder / row["bundle"]
        path.write_bytes(path.read_text().encode("utf-16"))

    return [
        ("sharedCertificate", shared),
        ("unknown", typed_secret),
        ("badFingerprint", serial),
        ("badFingerprint", sha256),
        ("badFingerprint", of_authority),
        ("expired", expired),
        ("untrustedIssuer", no_intermediate),
        ("wrongPurpose", purpose),
        ("wrongEncoding", der),
        ("wrongEncoding", pkcs12),
        ("unsupportedSignature", pss),
        ("wrongEncoding", utf16),
    ]


class Fleet:
    """A list of devices, and the program that works it off."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.program = earmark()
        self.rows: list[Row] = []
        for number in range(1, count + 1):
            name = f"room{number}"
            self.rows.append(
                {
                    "name": name,
                    "action": "generate request first add activate",
                    "secret": f"{name}.secret",
                    "bundle": f"{name}.crt",
                    "key": f"{name}.key",
                    "request": f"{name}.csr",
                    "alternative_names": f"DNS:{name}.example.com",
                    "fingerprint": "",
                    "device": f"cloud-{number}",
                }
            )
        self.write()

    def write(self) -> None:
        with (self.folder / "devices.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)

    def command(self, *arguments: str) -> list[str]:
        return [self.program, "provision", *arguments]

    def batch(self, steps: str, *arguments: str, out: str = "envelopes") -> list[str]:
        return self.command("batch", "devices.csv", "--out-dir", out, "--steps", steps, "--json", *arguments)

    def seal(self, *arguments: str, out: str = "envelopes") -> list[str]:
        return self.batch("first,add,activate", "--roots", "roots.pem", *arguments, out=out)

    def run(self, command: list[str], status: int) -> tuple[list[dict[str, object]], str]:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"{command} ends with {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)["devices"], done.stderr

    def kill(self, command: list[str], after: float) -> bool:
        """Whether the program was still at work."""
        with subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                process.wait(after)
                return False
            except subprocess.TimeoutExpired:
                process.kill()
                return True

    def envelopes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / "envelopes").glob("*.jwe")}

    def paste(self, name: str, *files: Path) -> str:
        """What the device says of its identity once the files are pasted."""
        state = self.folder / "devices" / f"{name}.state"
        state.unlink(missing_ok=True)
        status = self.folder / "status.txt"
        done = subprocess.run(
            self.command("simulate", *map(str, files), str(status), "--state", str(state)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"the device refuses what is pasted for {name}: {done.stderr}"
        (self.folder / "answers" / f"{name}.txt").write_text(done.stdout)
        return done.stdout


def plant(fleet: Fleet, authority: Authority) -> dict[str, str]:
    """Plants a mistake of each kind; the codes by names."""
    kinds = mistakes(authority)
    chosen = random.sample(fleet.rows, 2 * len(kinds))
    planted = {}
    for (code, make), row, innocent in zip(kinds, chosen, chosen[len(kinds) :], strict=False):
        make(row, innocent)
        planted[row["name"]] = code
    fleet.write()
    return planted


def check_named(fleet: Fleet, planted: dict[str, str], results: list[dict[str, object]], errors: str) -> None:
    failed = {str(row["name"]): row["code"] for row in results if row["status"] == "failed"}
    assert failed == planted, f"planted {planted}, named {failed}"
    lines = [line for line in errors.splitlines() if line.startswith("earmark: error: row ")]
    assert len(lines) == len(planted), errors
    for index, row in enumerate(fleet.rows):
        name = row["name"]
        assert (f"row {index + 2}, '{name}': " in errors) == (name in planted), f"{name}: {errors}"
        secret = (fleet.folder / f"{name}.secret").read_text()
        assert secret not in errors and secret not in json.dumps(results), "a typed secret is repeated"


def check_pasted(fleet: Fleet, good: list[str]) -> None:
    for folder in ("devices", "answers"):
        (fleet.folder / folder).mkdir(exist_ok=True)
    (fleet.folder / "status.txt").write_text(
        "xCommand Security Certificates Services Show\nxStatus Conference EndToEndEncryption\n"
    )
    present = {path.stem for path in (fleet.folder / "paste").iterdir()}
    assert present == set(good), f"files to paste for others than the good devices: {present ^ set(good)}"
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shown = list(pool.map(lambda name: fleet.paste(name, fleet.folder / "paste" / f"{name}.txt"), good))
    active = sum("ExternalIdentity Verification: On" in text for text in shown)
    assert active == len(good), f"only {active} of {len(good)} devices are active"
    compared, _ = fleet.run(fleet.command("compare", "answers", "--list", "devices.csv", "--json"), 48)
    states = {
        str(row["name"]): row["comparison"]["state"]  # type: ignore[index]
        for row in compared
        if row.get("comparison")
    }
    assert all(states[name] == "active" for name in good), states
    print(f"{active} devices are active once their lines are pasted, and 'compare' says so")
    for form in FORMS:
        fleet.run(fleet.seal("--paste-dir", form, "--form", form), 46)
        for name in good[:FORM_DEVICES]:
            files = [fleet.folder / form / f"{name}.console.txt", fleet.folder / form / f"{name}.{form}"]
            text = fleet.paste(name, *(path for path in files if path.exists()))
            assert "ExternalIdentity Verification: On" in text, f"{form}: {text}"
    print(f"{FORM_DEVICES} of them in each form: {', '.join(FORMS)}")


def timed(fleet: Fleet, jobs: int) -> float:
    began = time.monotonic()
    fleet.run(fleet.seal("--jobs", str(jobs), out=f"timed{jobs}"), 46)
    shutil.rmtree(fleet.folder / f"timed{jobs}")
    return time.monotonic() - began


def main() -> None:
    count, kills = int(sys.argv[1]), int(sys.argv[2])
    seed = random.randrange(1_000_000)
    random.seed(seed)
    print(f"{count} devices, {kills} kills, seed {seed}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fleet = Fleet(folder, count)
        authority = Authority(folder)
        fleet.run(fleet.batch("generate,request"), 0)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda row: authority.certify(row["name"]), fleet.rows))
        planted = plant(fleet, authority)
        one, all_cores = timed(fleet, 1), timed(fleet, os.cpu_count() or 1)
        print(f"{one:.1f} s on one core, {all_cores:.1f} s on {os.cpu_count()}: {all_cores / one:.2f} of it")
        command, killed = fleet.seal("--paste-dir", "paste"), 0
        known: dict[str, bytes] = {}
        # A moment may come after the end, and then there is nobody to kill: another is drawn.
        while killed < kills:
            killed += fleet.kill(command, random.uniform(0, all_cores))
            now = fleet.envelopes() if (folder / "envelopes").exists() else {}
            assert all(now[path] == text for path, text in known.items()), "an envelope was made anew"
            known = now
        results, errors = fleet.run(command, 46)
        left = [path.name for path in (folder / "envelopes").iterdir() if ".new-" in path.name]
        assert not left, f"left behind: {left}"
        assert all(fleet.envelopes()[path] == text for path, text in known.items()), "an envelope was made anew"
        check_named(fleet, planted, results, errors)
        print(f"exactly the {len(planted)} planted mistakes are named, after {killed} kills")
        check_pasted(fleet, [row["name"] for row in fleet.rows if row["name"] not in planted])


if __name__ == "__main__":
    main()
