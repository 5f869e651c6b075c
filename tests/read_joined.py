"""Asking a reading child about the volumes of a split archive, as about one file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from typing import Any

import msgspec

from tests.read_by_child import Said, task
from unburnt.model import frames
from unburnt.read import child

_answers = msgspec.msgpack.Decoder(tuple[int, frames.Frame])


def read_joined(parts: dict[int, bytes] | Sequence[bytes], name: str, **changed: Any) -> Said:
    """What a child says about volumes, by their numbers or all from 1; *name* is that of the one that shows the set; *changed* fields of the task."""
    numbered = parts if isinstance(parts, dict) else dict(enumerate(parts, 1))
    said: list[frames.Frame] = []
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in numbered]
        for file, data in zip(files, numbered.values(), strict=True):
            file.write(data)
            file.flush()
        payload = msgspec.msgpack.encode([task(name, volumes=tuple(numbered), **changed)])
        child.main(payload, [file.fileno() for file in files], lambda answer: said.append(_answers.decode(answer)[1]))
    return Said(said)
