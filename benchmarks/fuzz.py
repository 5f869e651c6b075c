"""Fuzzing guided by the readers' own branches: ``python -m benchmarks.fuzz FOLDER [--seconds 300] [READER ...]``.

Wants atheris (``uv sync --group fuzz``). Each reader gets so many seconds of processor (300), one process at a time, from the
suite's own seeds and from what an earlier campaign left in FOLDER/corpus. Whatever it finds is then read in the real sandbox, and
told with how that ended: only a child may end by it. Ends with 1 where a reader let an error out, or an answer was refused.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import resource
import subprocess
import sys
from pathlib import Path

from tests.hostile.test_read_fuzzed import survives
from tests.seeds import seeds
from unburnt.read.known import BY_NAME
from unburnt.sandbox.runner import Sandbox

_MOST_DEATHS = 60
_LEAST_SECONDS = 2.0


def main() -> int:
    """One line a reader, and one a finding."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("readers", nargs="*", metavar="READER")
    arguments.add_argument("--seconds", type=float, default=300)
    given = arguments.parse_intermixed_args()
    bad = 0
    with Sandbox("unburnt.read.child:main") as sandbox:
        for reader in given.readers or sorted(BY_NAME):
            found = given.folder / "findings" / reader
            found.mkdir(parents=True, exist_ok=True)
            corpus = planted(reader, given.folder / "corpus" / reader)
            runs, seconds, deaths = campaign(reader, found, corpus, given.seconds)
            kept = len(list(corpus.iterdir()))
            print(f"{reader}: {runs} files in {seconds:.0f} s of processor, {kept} kept, {deaths} deaths", flush=True)
            bad += sum(told(sandbox, reader, path) for path in sorted(found.iterdir()) if path.suffix != ".json")
    return 1 if bad else 0


def planted(reader: str, corpus: Path) -> Path:
    """The folder of files to begin with."""
    corpus.mkdir(parents=True, exist_ok=True)
    for _, data in seeds()[reader]:
        (corpus / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    return corpus


def campaign(reader: str, found: Path, corpus: Path, seconds: float) -> tuple[int, float, int]:
    """Files read, seconds of processor, and how often native code ended the process; a new one goes on then."""
    runs, spent, deaths = 0, 0.0, 0
    while spent < seconds - _LEAST_SECONDS and deaths < _MOST_DEATHS:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [reader, seeds()[reader][0][0], str(found), f"{seconds - spent:.1f}", str(corpus)]
        ended = subprocess.run([sys.executable, "-m", "benchmarks._fuzzed", *words], capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        counted = re.search(rb"^runs=(\d+)", ended.stdout, re.MULTILINE)
        if counted is None:
            deaths += 1
            print(f"{reader}: the process ended with {ended.returncode}: {ended.stderr[-300:].decode('utf-8', 'replace')!r}")
        else:
            runs += int(counted[1])
    return runs, spent, deaths


def told(sandbox: Sandbox, reader: str, path: Path) -> bool:
    """Read a finding in the sandbox and say how it ended; whether it is one to mend."""
    ended = survives(sandbox, seeds()[reader][0][0], path.read_bytes())
    beside = path.with_suffix(".json")
    place = json.loads(beside.read_text())["place"] if beside.exists() else "native code"
    print(f"{reader}: {path.name} ({place}): in the sandbox {ended.kind} {ended.limit or ended.signal or ended.detail}", flush=True)
    return place not in ("slow", "native code") or (ended.kind == "crashed" and ended.signal is None)


if __name__ == "__main__":
    sys.exit(main())
