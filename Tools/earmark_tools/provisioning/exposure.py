"""Looks for secrets where none may be.

    python -m earmark_tools.provisioning.exposure JUDGE

Asks the program that EARMARK names for a secret at a terminal and looks whether it is shown; crashes it there and
looks at what Swift's crash reporter writes; looks at what other processes may read of one that holds a secret; and
searches the whole memory of a process that has sealed or opened for
the secret, its base64url text and the derived key. JUDGE is the program provisioning-judge.
"""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from earmark_tools.commands import earmark
from earmark_tools.provisioning.envelopes import decoded, derive, encoded, header_of

SECRET = b"k3J-9sQ_wX2pLr7TzB4n-secret"
NEW = b"aV5_cN8-tR1yUq6HdM0e-secret"
PROMPT_TIMEOUT = 20
# Seconds in which the program has begun to read, and in which its crash is reported.
STARTING_TIME = 2
REPORT_TIMEOUT = 120


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *command: str, stdout: str | None = None, environment: Mapping[str, str] = os.environ) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if stdout:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
            os.execve(command[0], command, environment)
        self.shown = b""

    def wait_for(self, text: bytes) -> None:
        deadline = time.monotonic() + PROMPT_TIMEOUT
        while text not in self.shown:
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"the terminal shows no {text!r}, but {self.shown!r}"
            self.shown += os.read(self.master, 4096)

    def type(self, text: bytes) -> None:
        os.write(self.master, text)

    def end(self) -> int:
        while True:
            try:
                data = os.read(self.master, 4096)
            except OSError:
                break
            if not data:
                break
            self.shown += data
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def check_prompt(program: str, folder: Path) -> None:
    out = str(folder / "prompted")
    terminal = Terminal(program, "provision", "populate", "--raw", stdout=out)
    terminal.wait_for(b"Client secret: ")
    # What is typed wrongly and taken back is no part of the secret.
    terminal.type(b"wrong\x15" + SECRET + "\u00e9".encode() + b"\x7f\r")
    terminal.wait_for(b"New secret: ")
    terminal.type(NEW + b"\n")
    terminal.wait_for(b"again: ")
    terminal.type(NEW + b"\n")
    assert terminal.end() == 0, terminal.shown
    assert SECRET not in terminal.shown and NEW not in terminal.shown, "the terminal shows a secret"
    (folder / "secret").write_bytes(SECRET)
    opened = subprocess.run(
        [program, "provision", "open", out, "--secret-file", folder / "secret"], capture_output=True, check=True
    )
    assert opened.stdout == NEW
    # An interrupt, and keys that would leave bytes in the secret that nobody sees: an arrow, Tab, Ctrl-Z.
    for typed in (b"\x03", b"\x1b[D", b"\t", b"\x1a"):
        terminal = Terminal(program, "provision", "reset")
        terminal.wait_for(b"Client secret: ")
        terminal.type(SECRET[:5] + typed)
        assert terminal.end() not in (0, None) and SECRET[:5] not in terminal.shown
        assert typed == b"\x03" or b"a key was pressed that types no character" in terminal.shown, terminal.shown
    # Words go as words do.
    terminal = Terminal(program, "provision", "reset", "--raw", stdout=out)
    terminal.wait_for(b"Client secret: ")
    terminal.type(b"wrong words \x17\x17" + SECRET + b"\r")
    assert terminal.end() == 0, terminal.shown
    subprocess.run([program, "provision", "open", out, "--secret-file", folder / "secret"], check=True)
    print("the terminal shows no secret, and takes no key that types nothing")


def backtracer() -> Path | None:
    """Swift's crash reporter, beside the compiler."""
    swift = shutil.which("swift")
    if swift is None:
        return None
    path = Path(swift).resolve().parent.parent / "libexec/swift/linux/swift-backtrace"
    return path if path.exists() else None


def check_crash(program: str, folder: Path) -> None:
    """A crash while the program holds a secret is nothing that a reporter hears of."""
    reporter = backtracer()
    if reporter is None:
        print("Swift's crash reporter is not installed, so nothing was crashed")
        return
    settings = f"enable=yes,interactive=no,color=no,swift-backtrace={reporter}"
    environment = dict(os.environ, SWIFT_BACKTRACE=settings)
    # Before there is a secret it does report: a search that finds nothing proves something only then.
    report = folder / "report"
    with (
        report.open("wb") as out,
        subprocess.Popen(
            [program, "provision", "inspect", "-"], env=environment, stdin=subprocess.PIPE, stdout=out, stderr=out
        ) as idle,
    ):
        time.sleep(STARTING_TIME)
        idle.send_signal(signal.SIGSEGV)
        try:
            idle.wait(REPORT_TIMEOUT)
        except subprocess.TimeoutExpired:
            idle.kill()
    assert b"Program crashed" in report.read_bytes(), "the crash reporter says nothing at all"
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGBUS, signal.SIGFPE, signal.SIGTRAP):
        terminal = Terminal(program, "provision", "reset", environment=environment)
        terminal.wait_for(b"Client secret: ")
        terminal.type(SECRET)
        time.sleep(0.2)
        os.kill(terminal.pid, number)
        assert terminal.end() == -number, terminal.shown
        shown = terminal.shown.split(b"Client secret: ")[1]
        assert SECRET not in shown and b"rash" not in shown and b"0x" not in shown, shown
    assert not list(folder.glob("core*")), "a core file was left"
    print("a crash at the prompt is reported to nobody")


def check_process(program: str, folder: Path) -> None:
    """While the program asks for the second secret it holds the first."""
    environment = dict(os.environ, DEVICE_SECRET=SECRET.decode())
    pid, master = pty.fork()
    if pid == 0:
        os.execve(program, [program, "provision", "populate", "--secret-env", "DEVICE_SECRET", "--raw"], environment)
    shown = b""
    while b"New secret: " not in shown:
        shown += os.read(master, 4096)
    for name in ("environ", "cmdline"):
        content = Path(f"/proc/{pid}/{name}").read_bytes()
        assert SECRET not in content, f"/proc shows the secret in {name}"
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0", limits), "core files are allowed"
    # The files of a process that cannot be dumped belong to root.
    owner = Path(f"/proc/{pid}/mem").stat().st_uid
    assert owner == 0, "the process can be dumped"
    os.write(master, b"\x03")
    os.waitpid(pid, 0)
    print("a process that holds a secret cannot be dumped, and /proc shows none")


def search(path: Path, needles: Mapping[str, bytes]) -> dict[str, int]:
    content = path.read_bytes()
    return {name: content.count(needle) for name, needle in needles.items() if needle in content}


def check_memory(judge: str, folder: Path) -> None:
    """The test program seals as the program does and then writes its own memory to a file."""
    (folder / "secret").write_bytes(SECRET)
    dump, envelope = folder / "memory", folder / "sealed"
    for verb in ("seal", "open"):
        subprocess.run([judge, verb, folder / "secret", envelope, dump], check=True)
        salt = decoded(header_of(envelope.read_bytes())["cisco-kdf"]["salt"])
        key = derive(SECRET, salt)
        needles = {
            "the secret": SECRET,
            "its base64url text": encoded(SECRET),
            "the derived key": key,
            "half of the derived key": key[:16],
        }
        # A search that finds nothing proves something only if it finds what is there.
        assert search(dump, {"mark": envelope.read_bytes()[:40]}), "the dump does not hold what it must"
        found = search(dump, needles)
        assert not found, f"the memory of a process after '{verb}' holds {found}"
        print(f"{dump.stat().st_size} bytes of memory after '{verb}' hold no secret, its text, or the key")


def check_files(program: str, folder: Path) -> None:
    """Sealing leaves secrets neither in its output nor in files, temporary ones among them."""
    work, given = folder / "work", folder / "given"
    work.mkdir()
    given.mkdir()
    (given / "old").write_bytes(SECRET)
    (given / "new").write_bytes(NEW)
    (given / "list.csv").write_text("name,action,secret,new_secret\nroom,populate,old,new\n")
    environment = dict(os.environ, TMPDIR=str(work), HOME=str(work))
    old: list[str | Path] = ["--secret-file", given / "old"]
    printed = b""
    calls: list[list[str | Path]] = [
        ["populate", *old, "--new-secret-file", given / "new"],
        ["populate", *old, "--new-secret-file", given / "new", "--json"],
        ["rotate", *old, "--new-secret-out", given / "rotated", "-o", work / "rotated.jwe"],
        ["reset", *old, "--raw"],
        ["batch", given / "list.csv", "--out-dir", work / "envelopes"],
        ["populate", *old, "--new-secret-file", given / "missing"],
        ["open", given / "list.csv", *old],
    ]
    for arguments in calls:
        result = subprocess.run(
            [program, "provision", *arguments], cwd=work, env=environment, capture_output=True, check=False
        )
        printed += result.stdout + result.stderr
    # The lock by which two batches keep out of each other's way holds nothing.
    files = [path for path in work.rglob("*") if path.is_file() and path.name != ".batch.lock"]
    assert len(files) == 2, f"there are other files than the two envelopes: {files}"
    for content in [printed, *(path.read_bytes() for path in files)]:
        for secret in (SECRET, NEW, (given / "rotated").read_bytes()):
            assert secret not in content and encoded(secret) not in content, "a secret was written"
    print("outputs and files hold no secret")


def main() -> None:
    program, judge = earmark(), os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_prompt(program, folder)
        check_crash(program, folder)
        check_process(program, folder)
        check_files(program, folder)
        check_memory(judge, folder)


if __name__ == "__main__":
    main()
