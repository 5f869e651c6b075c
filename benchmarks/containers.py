"""Giant containers: ``python benchmarks/containers.py zip 20000 200000``, ``zip-killed 20000 200000`` or ``mbox 5``.

``zip``: archives of so many small members are imported: processor and wall seconds, the peak memory of all processes together and of
the largest (proportional set size, taken every half second), and by which power of the number of members the cost grows.
``zip-killed``: the last is killed with SIGKILL at a random moment in the middle and imported again to its end; told is what stands
there twice.
``mbox``: a mailbox of so many GB, one mail in five with an attachment of 1 MB, is imported, killed with SIGKILL at a random moment
inside it, and imported again to its end. Told is how far it had come and what was done twice. Needs three times the space.
"""

from __future__ import annotations

import base64
import math
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

WORDS = [
    "reform", "school", "budget", "minister", "transfer", "village", "cotton", "payment", "camp", "road", "contract", "letter",
    "signed", "list", "order", "inspection", "region", "county", "office", "report", "training", "police", "station", "number",
]
PERIOD = 0.5
_READ = "SELECT count(*) FROM document"
_TWICE = "SELECT count(*) - count(DISTINCT path) FROM item WHERE container IS NOT NULL"


def main() -> None:
    """Print one line an import."""
    kind, *sizes = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="unburnt-containers-", dir=os.environ.get("TMPDIR")) as folder:
        base = Path(folder)
        os.environ["UNBURNT_KEYS"] = str(base / "keys")
        if kind.startswith("zip"):
            archives([int(size) for size in sizes], base, killed=kind == "zip-killed")
        else:
            mailbox(int(float(sizes[0]) * 1e9), base)


def archives(counts: list[int], base: Path, *, killed: bool) -> None:
    """The same import for each number of members, and the exponent between the first and the last."""
    taken = []
    for count in counts:
        source = base / f"{count}.zip"
        chance = random.Random(count)
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(count):
                text = f"Note number {number}.\n" + " ".join(chance.choices(WORDS, k=40))
                archive.writestr(f"folder-{number // 1000}/note-{number}.txt", text)
        run, spent = Import(base / f"archive-{count}", source), 0.0
        if killed and count == counts[-1]:
            run.watch(until=_has_read(run, chance.randint(count // 3, count // 2)))
            print(f"killed with {run.question(_READ)} of {count} read: {run.told()}", flush=True)
            run, spent = Import(base / f"archive-{count}", source), run.processor
        run.watch()
        taken.append(spent + run.processor)
        items, slices = run.question("SELECT count(*) FROM item"), run.question("SELECT count(*) FROM slice")
        print(f"{count} members: {run.told()}; {items} items, {run.question(_READ)} read, {run.question(_TWICE)} twice, "
              f"{slices} slices before the last", flush=True)
    if len(counts) > 1:
        exponent = math.log(taken[-1] / taken[0]) / math.log(counts[-1] / counts[0])
        print(f"processor seconds grow with the power {exponent:.3f} of the members")


def _has_read(run: Import, members: int) -> Callable[[], bool]:
    return lambda: run.question(_READ) >= members


def mailbox(size: int, base: Path) -> None:
    """A kill at a random moment, then the rest."""
    source, count = base / "all.mbox", 0
    chance = random.Random(5)
    attachment = base64.encodebytes(chance.randbytes(750_000))
    with source.open("wb") as file:
        while file.tell() < size:
            file.write(_mail(count, chance, attachment))
            count += 1
    print(f"{source.stat().st_size / 1e9:.1f} GB, {count} mails", flush=True)
    run = Import(base / "archive", source)
    members = chance.randint(count // 10, count // 2)
    run.watch(until=lambda: run.question("SELECT count(*) FROM item WHERE container IS NOT NULL AND kind = 'message'") >= members)
    slices = run.question("SELECT count(*) FROM slice")
    known = run.question("SELECT max(members) FROM slice")
    print(f"killed with {slices} slices and {known} of {count} mails recorded: {run.told()}", flush=True)
    again = Import(base / "archive", source)
    again.watch()
    print(f"the rest: {again.told()}; {again.question('SELECT count(*) FROM slice')} slices before the last, "
          f"{again.question('SELECT sum(emitted) FROM document')} members, "
          f"{again.question('SELECT count(*) FROM blob WHERE outcome = ?', 'waiting')} waiting", flush=True)


def _mail(number: int, chance: random.Random, attachment: bytes) -> bytes:
    text = " ".join(chance.choices(WORDS, k=500))
    head = (f"From a{number % 97}@example.org Mon Jan  5 10:00:00 2015\nFrom: a{number % 97}@example.org\nTo: b@example.org\n"
            f"Subject: Matter {number % 1000}\nMessage-ID: <{number}@example.org>\nMIME-Version: 1.0\n")
    if number % 5:
        return f"{head}\nMail {number}.\n{text}\n\n".encode()
    first = base64.encodebytes(chance.randbytes(57))
    return (f'{head}Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nMail {number}.\n{text}\n--b\n'
            f'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="{number}.bin"\n'
            "Content-Transfer-Encoding: base64\n\n").encode() + first + attachment + b"--b--\n\n"


class Import:
    """One ``unburnt add`` into *root*, made where it is new."""

    def __init__(self, root: Path, source: Path) -> None:
        self._root = root
        command = [sys.executable, "-m", "unburnt", "-a", str(root)]
        if not root.exists():
            subprocess.run([*command[:3], "init", str(root)], check=True, stdout=subprocess.DEVNULL)
        self._before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._began = time.monotonic()
        self._process = subprocess.Popen([*command, "add", str(source)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processor = self.wall = 0.0
        self.peak = self.keeper = self.other = 0

    def watch(self, until: object = None) -> None:
        """Take the memory of all processes until the end, or kill them all when *until* says so."""
        seen = 0.0
        while self._process.poll() is None:
            own, below = _proportional(self._process.pid), _below(self._process.pid)
            others = [_proportional(one) for one in below]
            self.keeper, self.other = max(self.keeper, own), max([self.other, *others])
            self.peak = max(self.peak, own + sum(others))
            seen = sum(_seconds(one) for one in (self._process.pid, *below))
            if callable(until) and until():
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            time.sleep(PERIOD)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.wall = time.monotonic() - self._began
        # Nobody waits for the children of a keeper that was killed: of them counts what was seen while they ran.
        self.processor = max(seen, after.ru_utime + after.ru_stime - self._before.ru_utime - self._before.ru_stime)

    def told(self) -> str:
        """Cost and memory in words."""
        return (f"{self.processor:.0f} s of processor, {self.wall:.0f} s, peak {self.peak >> 20} MiB in all processes, "
                f"{self.keeper >> 20} MiB in the keeper, {self.other >> 20} MiB in the largest other")

    def question(self, statement: str, *values: str) -> int:
        """A number from the catalogue; 0 while there is none."""
        try:
            connection = sqlite3.connect(f"file:{self._root}/catalog.sqlite?mode=ro", uri=True)
            try:
                return int(connection.execute(statement, values).fetchone()[0] or 0)
            finally:
                connection.close()
        except sqlite3.Error:
            return 0


def _seconds(process: int) -> float:
    """Processor time of a process and of the children that it has buried."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _proportional(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def _below(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(status.read_text().rpartition(")")[2].split()[1]), []).append(int(status.parent.name))
        except OSError:
            continue
    found, waiting = [], [process]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.append(child)
            waiting.append(child)
    return found


if __name__ == "__main__":
    main()
