"""A verified copy against what coreutils take for the same: ``python benchmarks/second_copy.py [ROUNDS]``, 3 if not told.

Two archives that hold originals and no text: 5,000 small files, and 1 GB in 40 files. Beside each other in every
round: ``cp -r`` with a flush; the same and ``sha256sum`` over the copy, from the page cache; ``unburnt copy`` into a new folder,
which hashes on the way and again from the disk; and ``unburnt copy`` once more, with nothing new. Medians of wall and
processor seconds. Needs 4 GB in the temporary folder.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from unburnt.api import Archive
from unburnt.api.options import Options

SMALL = (5_000, lambda chance: chance.randint(4_000, 26_000))
LARGE = (40, lambda chance: 25 << 20)


def main() -> None:
    """Print one line a way of copying, with its ratio to ``cp`` and ``sha256sum``."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(prefix="unburnt-copy-") as folder:
        base = Path(folder)
        os.environ["UNBURNT_KEYS"] = str(base / "keys")
        for name, (count, size) in (("5,000 small files", SMALL), ("1 GB in 40 files", LARGE)):
            root = _archive(base / name.replace(" ", "-"), count, size)
            _print(name, _measured(root, base / "copy", rounds))


def _archive(root: Path, count: int, size: Callable[[random.Random], int]) -> Path:
    chance = random.Random(1)
    source = root.with_name(f"{root.name}-delivery")
    source.mkdir()
    for number in range(count):
        (source / f"{number}.bin").write_bytes(chance.randbytes(size(chance)))
    with Archive.create(root) as archive:
        archive.add([source], options=Options(reads=False))
    shutil.rmtree(source)
    return root


def _measured(root: Path, copy: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    plain = f"cp -r '{root}' '{copy}' && sync -f '{copy}'"
    summed = f"{plain} && find '{copy}/objects' -type f -exec sha256sum {{}} +"
    ours = f"'{sys.executable}' -m unburnt -a '{root}' copy '{copy}'"
    rows: dict[str, list[tuple[float, float]]] = {"cp": [], "cp, sha256sum": [], "copy": [], "copy again": []}
    subprocess.run(f"cat '{root}'/objects/*/*", shell=True, check=True, stdout=subprocess.DEVNULL)
    for _ in range(rounds):
        for name, command in (("cp", plain), ("cp, sha256sum", summed), ("copy", ours)):
            shutil.rmtree(copy, ignore_errors=True)
            rows[name].append(_run(command))
        rows["copy again"].append(_run(ours))
    shutil.rmtree(copy)
    return rows


def _run(command: str) -> tuple[float, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, used


def _print(name: str, rows: dict[str, list[tuple[float, float]]]) -> None:
    print(name)
    floor = [statistics.median(one[kind] for one in rows["cp, sha256sum"]) for kind in (0, 1)]
    for way, taken in rows.items():
        wall, used = (statistics.median(one[kind] for one in taken) for kind in (0, 1))
        print(f"  {way:<14} wall {wall:6.2f} s ({wall / floor[0]:.2f} x)  processor {used:6.2f} s ({used / floor[1]:.2f} x)")


if __name__ == "__main__":
    main()
