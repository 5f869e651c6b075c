"""What sealing costs: ``python benchmarks/seal.py [small|large] [verify|ingest]``. Paired runs in turns, medians.

Of each whole command the time that a person waits, and the CPU time of all its processes. Where other work shares the
machine, ``chrt -r 1`` before it (as root) has both sides of a pair run undisturbed, so that waiting is measured and not the queue.

- copy-ingest (hash, copy, event, seal, durable; nothing is read) against ``borg create`` without encryption and
  compression: 1 GB in large files (budget 1.0), 5,000 small files of 74 MB together (budget 2);
- the same ingest with and without sealing (budget 1.05);
- ``verify`` against a bare loop of SHA-256 over the same originals (budget 1.15).

Every run writes into a new folder and many files are never deleted between runs: ext4 looks past each inode that was freed in
the last minutes, so that whoever makes 5,000 files after 5,000 were deleted pays up to four seconds for that, and who
makes ten pays nothing. What was written before is flushed first, for flushing takes others' data along. Python may keep
its bytecode, as it does where a program is installed: an environment that forbids that measures the compiler.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

RUNS = 7

INGEST = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.flow.sealing import Sealing
if sys.argv[3] == "unsealed":
    Sealing.seal = lambda self: None
    Sealing.follow = lambda self, **moment: None
with Archive.create(Path(sys.argv[1])) as archive:
    archive.add([Path(sys.argv[2])], options=Options(reads=False))
"""
COMMAND = "from unburnt.cli.main import main; main()"  # as the installed script does
BARE = """
import hashlib, sys
from pathlib import Path
buffer = memoryview(bytearray(1 << 20))
for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        hasher = hashlib.sha256()
        with path.open("rb") as file:
            while count := file.readinto(buffer):
                hasher.update(buffer[:count])
        assert hasher.hexdigest() == path.name
"""


class Cost(NamedTuple):
    """Seconds of one whole command."""

    wall: float
    cpu: float
    """User and system time of the process and its children."""


def cost(command: list[str]) -> Cost:
    """Run it; its output is dropped."""
    os.sync()
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {command[:3]}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def verify(archive: Path) -> Cost:
    """The command, as a person gives it."""
    return cost([sys.executable, "-c", COMMAND, "-a", str(archive), "verify"])


def large(folder: Path) -> None:
    """1 GB in 8 files."""
    for number in range(8):
        with (folder / f"{number}.bin").open("wb") as file:
            for _ in range(125):
                file.write(os.urandom(1_000_000))


def small(folder: Path) -> None:
    """5,000 files in 50 folders, 74 MB together."""
    sizes = random.Random(5)
    for number in range(5_000):
        path = folder / f"{number % 50:02}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(sizes.randrange(100, 29_500)))


def ingest(work: Path, source: Path, how: str) -> Cost:
    """One ingest into a new archive."""
    seconds, archive = ingested(work, source, how)
    forget(source, archive)
    return seconds


def forget(source: Path, made: Path) -> None:
    """Make room again where that frees few inodes."""
    if source.name == large.__name__:
        shutil.rmtree(made)


def ingested(work: Path, source: Path, how: str) -> tuple[Cost, Path]:
    """The same, with the place of the archive."""
    archive = Path(tempfile.mkdtemp(dir=work)) / "archive"
    return cost([sys.executable, "-c", INGEST, str(archive), str(source), how]), archive


def borg(work: Path, source: Path) -> Cost:
    """The same with borg."""
    repository = Path(tempfile.mkdtemp(dir=work)) / "borg"
    subprocess.run(["borg", "init", "--encryption=none", str(repository)], check=True, capture_output=True)
    seconds = cost(["borg", "create", "--compression=none", "--files-cache=disabled", f"{repository}::one", str(source)])
    forget(source, repository)
    return seconds


def ratio(name: str, one: Callable[[], Cost], other: Callable[[], Cost], budget: float, idle: Cost) -> None:
    """Print the medians of the ratios of paired runs, taken in turns; of CPU time also without our start-up, *idle*."""
    pairs = [(one(), other()) for _ in range(RUNS)]
    print(f"{name}, budget {budget}; load {os.getloadavg()[0]:.1f}")
    for at, unit in enumerate(Cost._fields):
        ratios = [ours[at] / theirs[at] for ours, theirs in pairs]
        bare = statistics.median((ours[at] - idle[at]) / theirs[at] for ours, theirs in pairs)
        print(f"  {unit:4} {statistics.median(ours[at] for ours, _ in pairs):.2f} against "
              f"{statistics.median(theirs[at] for _, theirs in pairs):.2f} s, ratio {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f}-{max(ratios):.2f}), {bare:.2f} without start-up", flush=True)


def measure(work: Path, make: Callable[[Path], None], budget: float) -> None:
    """Every ratio for one kind of source."""
    kind = make.__name__
    source, empty = work / kind, work / f"no-{kind}"
    source.mkdir()
    empty.mkdir()
    make(source)
    nothing, archive = ingested(work, empty, "sealed")
    verify(archive)  # writes the bytecode
    idle = Cost(*(statistics.median(times) for times in zip(*(verify(archive) for _ in range(RUNS)), strict=True)))
    print(f"start-up: ingest {nothing.wall:.2f} s, {nothing.cpu:.2f} CPU; verify {idle.wall:.2f} s, {idle.cpu:.2f} CPU")
    if "ingest" in sys.argv:
        measure_ingest(work, source, budget, nothing)
        return
    _, archive = ingested(work, source, "sealed")
    ratio(f"verify, {kind} files, against a bare loop", lambda: verify(archive),
          lambda: cost([sys.executable, "-c", BARE, str(archive / "objects")]), 1.15, idle)
    if "verify" not in sys.argv:
        measure_ingest(work, source, budget, nothing)


def measure_ingest(work: Path, source: Path, budget: float, idle: Cost) -> None:
    """The two that write."""
    kind = source.name
    ratio(f"ingest, {kind} files, against borg", lambda: ingest(work, source, "sealed"),
          lambda: borg(work, source), budget, idle)
    ratio(f"ingest, {kind} files, sealed against unsealed", lambda: ingest(work, source, "sealed"),
          lambda: ingest(work, source, "unsealed"), 1.05, Cost(0, 0))


def main() -> None:
    """Print every ratio."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        os.environ["UNBURNT_KEYS"] = str(work / "keys")
        os.environ["BORG_BASE_DIR"] = str(work / "borg-home")
        os.environ["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK"] = "yes"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        (work / "none").mkdir()
        ingest(work, work / "none", "sealed")  # writes the bytecode
        for make, budget in ((small, 2.0), (large, 1.0)):
            if make.__name__ in sys.argv or not {"small", "large"} & {*sys.argv}:
                measure(Path(tempfile.mkdtemp(dir=work)), make, budget)


if __name__ == "__main__":
    main()
