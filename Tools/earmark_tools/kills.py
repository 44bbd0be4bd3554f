"""Ending programs at random moments, as a power cut would."""

import random
import signal
import subprocess


def kill_within(process: subprocess.Popen[str], longest: float, chance: random.Random) -> bool:
    """Kills the process after at most `longest` seconds; false if it had ended by then."""
    try:
        process.wait(chance.uniform(0, longest))
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return True
