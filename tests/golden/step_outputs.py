"""What each reader says about the example leak, as one digest a reader: ``python -m tests.golden.step_outputs`` records it.

A reader whose output changes must get a higher version, so that archives read again what it read before. Readings are
taken in this process, members and their members too; the versions of libraries are left out, as they are from step keys.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import msgspec

from tests.read_by_child import Said, read
from unburnt.model import frames
from unburnt.read.known import NO_READER, STEP_VERSIONS

LEAK = Path(__file__).parents[2] / "examples" / "leak"
RECORD = Path(__file__).with_suffix(".json")
_DEPTH = 6


def outputs() -> dict[str, dict[str, Any]]:
    """Version, number of documents and digest of all frames, for each reader that the leak needs."""
    digests: dict[str, dict[str, str]] = {}
    waiting = [(path.read_bytes(), os.fsencode(path.name).decode("utf-8", "replace"), 0) for path in sorted(LEAK.rglob("*")) if path.is_file()]
    while waiting:
        data, name, depth = waiting.pop()
        content = hashlib.sha256(data).hexdigest() + "/" + name
        said = read(data, name)
        assert said.began is not None
        known = digests.setdefault(said.began.reader, {})
        if content not in known:
            known[content] = _digest(said)
            waiting += [(inner, label, depth + 1) for label, inner in _members(said)] if depth < _DEPTH else []
    return {
        reader: {
            "version": STEP_VERSIONS[reader], "documents": len(found),
            "digest": hashlib.sha256("".join(sorted(found.values())).encode()).hexdigest(),
        }
        for reader, found in sorted(digests.items()) if reader != NO_READER  # its version follows from the others'
    }  # fmt: skip


def recorded() -> dict[str, dict[str, Any]]:
    """What was recorded last."""
    return dict(json.loads(RECORD.read_text()))


def _digest(said: Said) -> str:
    hashed = hashlib.sha256()
    for frame in said.frames:
        if isinstance(frame, frames.Began):
            frame = msgspec.structs.replace(frame, versions={})
        hashed.update(msgspec.msgpack.encode(frame))
    return hashed.hexdigest()


def _members(said: Said) -> list[tuple[str, bytes]]:
    names = {one.ordinal: (one.name or "").encode("utf-8", "replace").decode() for one in said.frames if isinstance(one, frames.MemberBegan)}
    bodies: dict[int, bytearray] = {}
    for one in said.frames:
        if isinstance(one, frames.MemberBytes):
            bodies.setdefault(one.ordinal, bytearray()).extend(one.data)
    return [(names[ordinal], bytes(body)) for ordinal, body in sorted(bodies.items())]


if __name__ == "__main__":
    RECORD.write_text(json.dumps(outputs(), indent=1) + "\n")
