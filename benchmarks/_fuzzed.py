"""One process of ``benchmarks/fuzz.py``: a reader's own branches guide what is done to its files.

``python -m benchmarks._fuzzed READER NAME FINDINGS SECONDS CORPUS``. What leaves a child as an error, or what the keeper's side refuses
as an answer, is put into FINDINGS once for each place in the code, and the campaign goes on. It has the memory of a child, none
of its locks: ``fuzz.py`` repeats in the sandbox whatever is found here. Of a ZIP three times in four one part is changed and packed
anew, since a changed byte of packed ones ends at a checksum.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import atheris
import msgspec

with atheris.instrument_imports(include=["unburnt.read"]):
    from tests.read_by_child import task
    from unburnt.base.limits import GIB, MIB, Limits
    from unburnt.flow.chunks import Chunks
    from unburnt.flow.collector import Collector
    from unburnt.model import frames
    from unburnt.read import child
    from unburnt.read.known import BY_NAME
    from unburnt.read.nests import nest_of
    from unburnt.sandbox.ended import Ended

SECONDS_EACH = 5
WITHIN = 0.75
"""How often a part of a ZIP is changed rather than its bytes."""
LARGEST = 4 * MIB
HANGS = 60
"""Seconds after which libFuzzer ends a process that hangs in native code, and keeps what it was given."""
LIMITS = Limits(output=64 * MIB)
_answer = msgspec.msgpack.Decoder(tuple[int, frames.Frame])


class Enough(BaseException):
    """This input took its share; no reader catches it."""


class Unkept:
    """Takes a member's bytes and keeps none of them."""

    def __init__(self) -> None:
        self._hasher, self._size = hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._hasher.update(data)
        self._size += len(data)

    def finish(self) -> tuple[str, int]:
        return self._hasher.hexdigest(), self._size

    def drop(self) -> None:
        pass

    def stage_member(self) -> Unkept:
        return Unkept()


class Target:
    """Reads one input as a child does, and takes its answers as the keeper does."""

    def __init__(self, reader: str, name: str, findings: Path, seconds: float) -> None:
        self._payload = msgspec.msgpack.encode([task(name)])
        self._prefix, self._findings = f"{reader}-", findings
        self._until = time.process_time() + seconds
        self._known = {json.loads(path.read_text())["place"] for path in findings.glob("*.json")}
        self.runs = 0

    def __call__(self, data: bytes) -> None:
        self.runs += 1
        if time.process_time() > self._until:
            print(f"runs={self.runs}", flush=True)
            os._exit(0)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_EACH)
        try:
            self._read(data)
        except Enough as limit:
            if str(limit):
                self._found("slow", data, "")
        except MemoryError:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, no child should end by it
            self._found(_place(error), data, "".join(traceback.format_exception(error))[-4000:])
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _read(self, data: bytes) -> None:
        collector = Collector("0" * 64, len(data), Chunks(self._findings), Unkept(), LIMITS)  # type: ignore[arg-type]
        sent = 0

        def take(untrusted_frame: bytes) -> None:
            nonlocal sent
            sent += len(untrusted_frame)
            if sent > LIMITS.output:
                raise Enough
            collector.take(_answer.decode(untrusted_frame)[1])

        with _in_memory(data) as descriptor:
            child.main(self._payload, [descriptor], take)
        if collector.wanted_type is None:
            collector.reading(Ended("done"))
        collector.chunks.close()

    def _found(self, place: str, data: bytes, trace: str) -> None:
        if place in self._known:
            return
        self._known.add(place)
        path = self._findings / (self._prefix + hashlib.sha256(data).hexdigest()[:12])
        path.write_bytes(data)
        path.with_suffix(".json").write_text(json.dumps({"place": place, "trace": trace}))


def changed(data: bytes, most: int, seed: int) -> bytes:
    """What libFuzzer makes of it; of a ZIP mostly of one of its parts."""
    chance = random.Random(seed)
    if data[:2] == b"PK" and chance.random() < WITHIN:
        try:
            return _with_changed_part(data, most, chance)
        except Exception:  # noqa: BLE001 - zipfile has many errors for ZIPs that were changed before
            pass
    made: bytes = atheris.Mutate(data, most)
    return made


def _with_changed_part(data: bytes, most: int, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        entries = old.infolist()
        target = chance.randrange(len(entries))
        for number, entry in enumerate(entries):
            part = old.read(entry) if entry.file_size <= MIB else b""
            new.writestr(entry.filename, atheris.Mutate(part, len(part) + 4096) if number == target else part)
    return out.getvalue()[:most]


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("input")
    try:
        os.write(descriptor, data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _place(error: BaseException) -> str:
    """Kind of error, and the innermost place in our own code: what tells two findings apart."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if "/src/unburnt/" in frame.filename]
    where = f"{Path(own[-1].filename).name}:{own[-1].name}:{own[-1].lineno}" if own else "outside"
    return f"{type(error).__name__} {where}"


def _out_of_time(signal_number: int, frame: FrameType | None) -> Any:
    raise Enough("time")


def main() -> None:
    """Fuzz until the time is over; libFuzzer itself ends the process only where native code dies or hangs."""
    reader, name, findings, seconds, corpus = sys.argv[1:]
    signal.signal(signal.SIGVTALRM, _out_of_time)
    with atheris.instrument_imports(include=["unburnt.read"]):
        child.warm_nest(nest_of(BY_NAME[reader].types[0]))
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + GIB, mapped + GIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    artifacts = f"-artifact_prefix={findings}/{reader}-native-"
    options = [f"-max_len={LARGEST}", f"-timeout={HANGS}", "-rss_limit_mb=0", artifacts, "-verbosity=0"]
    target = Target(reader, name, Path(findings), float(seconds))
    atheris.Setup([sys.argv[0], *options, corpus], target, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
