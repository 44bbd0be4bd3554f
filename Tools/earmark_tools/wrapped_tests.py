"""The built tests beside a wrapper of the program; shared by Tools/mutants and Tools/coverage.

Tests start the program with an environment of their own. The wrapper hands variables on to it all the same.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

# Longest that a run of tests may take, seconds: a mistake may make one hang.
TIME_LIMIT = 2_400


class WrappedTests:
    """What `built` (the folder that holds the tests' bundle) holds, copied to `place` with programs wrapped."""

    def __init__(self, root: Path, built: Path, place: Path) -> None:
        self.root, self.place = root, place
        built = built.resolve()
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for path in built.iterdir():
            if path.name.endswith((".xctest", ".resources")) or path.name in ("earmark", "provisioning-judge"):
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, place / path.name)
        (place / "earmark").rename(place / "earmark.real")
        self.bundle = next(place.glob("*.xctest"))
        self.program = place / "earmark.real"

    def run(
        self,
        variables: dict[str, str],
        arguments: list[str],
        seen: Callable[[str], bool] = lambda line: False,
        libraries: str = "",
    ) -> int:
        """Runs the tests; `seen` sees each line of output, and ends the run where it returns true.

        `libraries`: a folder that the program looks for libraries in, too: its decoders know of no other variable.
        Returns the exit status, negative for the number of a signal.
        """
        # A new one each time: what an ended run started may still write to the last one.
        wrapper, scratch = self.place / "earmark", Path(tempfile.mkdtemp(prefix="tmp-", dir=self.place))
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        if libraries:
            exports += f"export LD_LIBRARY_PATH=${{LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}}{shlex.quote(libraries)}\n"
        wrapper.write_text(f'#!/bin/sh\n{exports}exec {shlex.quote(str(self.program))} "$@"\n')
        wrapper.chmod(0o755)
        process = subprocess.Popen(
            [str(self.bundle), "--testing-library", "swift-testing", *arguments],
            cwd=self.root,
            env=os.environ | variables | {"TMPDIR": str(scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        timer = threading.Timer(TIME_LIMIT, end, [process])
        timer.start()
        assert process.stdout is not None
        for raw in process.stdout:
            if seen(re.sub(r"\x1b\[[0-9;]*m", "", raw.decode("utf8", "replace")).strip()):
                end(process)
                # What a test has started in a group of its own may hold the pipe for long.
                break
        status = process.wait()
        timer.cancel()
        shutil.rmtree(scratch, ignore_errors=True)
        return status


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a run and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
