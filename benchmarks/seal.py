"""What sealing costs: ``python benchmarks/seal.py [small|large]``. Paired runs, medians of five, CPU of each whole process.

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
from collections.abc import Callable
from pathlib import Path

RUNS = 5

INGEST = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.flow.sealing import Sealing
if sys.argv[3] == "unsealed":
    Sealing.seal = lambda self: None
    Sealing.follow = lambda self, *, idle: None
with Archive.create(Path(sys.argv[1])) as archive:
    archive.add([Path(sys.argv[2])], options=Options(reads=False))
"""
VERIFY = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.seals import Seals
with Archive.open(Path(sys.argv[1])) as archive:
    assert Seals(archive).verify().is_sound
"""
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


def cpu(command: list[str]) -> float:
    """User and system seconds of a process and its children; its output is dropped."""
    os.sync()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {command[:3]}")
    return usage.ru_utime + usage.ru_stime


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


def ingest(work: Path, source: Path, how: str) -> float:
    """One ingest into a new archive."""
    seconds, archive = ingested(work, source, how)
    forget(source, archive)
    return seconds


def forget(source: Path, made: Path) -> None:
    """Make room again where that frees few inodes."""
    if source.name == large.__name__:
        shutil.rmtree(made)


def ingested(work: Path, source: Path, how: str) -> tuple[float, Path]:
    """The same, with the place of the archive."""
    archive = Path(tempfile.mkdtemp(dir=work)) / "archive"
    return cpu([sys.executable, "-c", INGEST, str(archive), str(source), how]), archive


def borg(work: Path, source: Path) -> float:
    """The same with borg."""
    repository = Path(tempfile.mkdtemp(dir=work)) / "borg"
    subprocess.run(["borg", "init", "--encryption=none", str(repository)], check=True, capture_output=True)
    seconds = cpu(["borg", "create", "--compression=none", "--files-cache=disabled", f"{repository}::one", str(source)])
    forget(source, repository)
    return seconds


def ratio(name: str, one: Callable[[], float], other: Callable[[], float], budget: float, idle: float = 0.0) -> None:
    """Print the median of the ratios of paired runs, taken in turns; with *idle* also without our start-up."""
    pairs = [(one(), other()) for _ in range(RUNS)]
    ratios = [a / b for a, b in pairs]
    bare = f", {statistics.median((a - idle) / b for a, b in pairs):.2f} without start-up" if idle else ""
    print(f"{name}: {statistics.median(a for a, _ in pairs):.2f} against {statistics.median(b for _, b in pairs):.2f} "
          f"CPU-s, ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}){bare}, budget {budget}",
          flush=True)


def measure(work: Path, make: Callable[[Path], None], budget: float) -> None:
    """Every ratio for one kind of source."""
    kind = make.__name__
    source, empty = work / kind, work / f"no-{kind}"
    source.mkdir()
    empty.mkdir()
    make(source)
    nothing, archive = ingested(work, empty, "sealed")
    idle = statistics.median(cpu([sys.executable, "-c", VERIFY, str(archive)]) for _ in range(RUNS))
    print(f"start-up: ingest {nothing:.2f}, verify {idle:.2f} CPU-s; load {os.getloadavg()[0]:.1f}", flush=True)
    ratio(f"ingest, {kind} files, against borg", lambda: ingest(work, source, "sealed"),
          lambda: borg(work, source), budget, nothing)
    ratio(f"ingest, {kind} files, sealed against unsealed", lambda: ingest(work, source, "sealed"),
          lambda: ingest(work, source, "unsealed"), 1.05)
    _, archive = ingested(work, source, "sealed")
    ratio(f"verify, {kind} files, against a bare loop", lambda: cpu([sys.executable, "-c", VERIFY, str(archive)]),
          lambda: cpu([sys.executable, "-c", BARE, str(archive / "objects")]), 1.15, idle)


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
            if sys.argv[1:] in ([], [make.__name__]):
                measure(Path(tempfile.mkdtemp(dir=work)), make, budget)


if __name__ == "__main__":
    main()
