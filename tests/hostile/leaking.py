"""The readers' entry as it is, except that every document leaves 32 MiB behind, as a library does that forgets to free.

Started in the zygote by test_flow_leaking_reader.py; everything here runs in locked children only.
"""

from __future__ import annotations

from unburnt.model import frames
from unburnt.read import child
from unburnt.read.source import Source

KEPT: list[bytearray] = []
_read_one = child.read_one


def read_one(task: frames.ReadTask, source: Source, say: child.Send) -> None:
    KEPT.append(bytearray(b"x") * (32 << 20))
    _read_one(task, source, say)


child.read_one = read_one
main, warm = child.main, child.warm
