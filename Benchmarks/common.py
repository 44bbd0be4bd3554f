"""What the benchmarks share: a store with a meeting of 1,000 clients, and commands with their CPU time."""
import csv
import json
import os
import resource
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EARMARK = os.environ.get("EARMARK", os.path.join(ROOT, ".build", "release", "earmark"))


def cpu_seconds(command):
    """Runs a command, discards its output and returns its CPU time (user and system), seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(*command):
    """Runs a command that must succeed and returns its standard output."""
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit("%s: exit %d: %s" % (" ".join(map(str, command)), done.returncode, done.stderr.decode()[-500:]))
    return done.stdout.decode()


def need_program():
    if not os.access(EARMARK, os.X_OK):
        sys.exit("no program at %s: run 'swift build -c release --product earmark', or set EARMARK" % EARMARK)


class Meeting:
    """A store in `folder` with one meeting of `clients` clients, client i having the e-mail `i@example.org`."""

    def __init__(self, folder, clients=1000):
        self.store = os.path.join(folder, "store.db")
        roster = os.path.join(folder, "roster.csv")
        with open(roster, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["participant", "email", "device"])
            rows.writerows(["Client %d" % i, "%d@example.org" % i, "laptop"] for i in range(clients))
        run(EARMARK, "init", "--org", "Benchmark", "--retention", "36500", "--store", self.store)
        made = run(EARMARK, "meeting", "create", "--title", "Benchmark", "--start", "2026-01-05T09:00:00Z", "--duration",
                   "4h", "--roster", roster, "--json", "--store", self.store)
        self.id = json.loads(made)["meeting"]["id"]

    def embed_command(self, source, target, client, at=0.0, strength="standard"):
        return [EARMARK, "embed", source, target, "--meeting", self.id, "--client", "%d@example.org" % client, "--at",
                "%.3f" % at, "--strength", strength, "--store", self.store]

    def analyze_command(self, path, *options):
        return [EARMARK, "analyze", path, "--meeting", self.id, "--json", "--store", self.store, *options]

    def analyze(self, path, *options):
        """The answer to one file; a refusal counts as an answer without sources."""
        done = subprocess.run(self.analyze_command(path, *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        return json.loads(done.stdout)["analyses"][0] if done.stdout else {"refusal": done.stderr.decode()}
