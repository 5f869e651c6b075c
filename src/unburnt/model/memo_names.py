"""Tables whose long texts stand in a memo file beside: what that file is called, and how such a pair is noted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

BESIDE: Final = 1_000_000
"""Numbers of :class:`~unburnt.model.reading.Volume` from here on are of no volumes but of memo files that were read with a
table. Where the same table lies beside several that differ, each has one."""
MEMOS: Final = "memos"
"""The note of a table whose long texts stand in a memo file, whether it was read with one or not."""
VERSION: Final = "dbf:version"
"""The field of a table's metadata that tells its version, as ``0x30``."""
FOXPRO_MEMOS: Final = frozenset((0x30, 0x31, 0x32, 0xF5))
"""The versions (first byte) of tables whose memo files are FoxPro's; others have dBASE's."""


def is_beside(number: int) -> bool:
    """Whether this is the number of a memo file."""
    return number >= BESIDE


def version_of(fields: Mapping[str, str]) -> int:
    """The version that a table's metadata tells; 0 where what stands there is none, for a taken-over reader may say anything."""
    told = fields.get(VERSION, "")
    return int(told, 16) if re.fullmatch("0x[0-9a-f]{2}", told) else 0


def memo_ending(ending: str, version: int) -> str:
    """How the memo file of a table is called whose name ends in *ending*: ``fpt`` or ``dbt``, ``sct`` for FoxPro's ``scx`` ..."""
    ending = ending.lower()
    if version not in FOXPRO_MEMOS:
        return "dbt"
    if ending == "dbc":
        return "dct"
    return ending[:2] + "t" if len(ending) == 3 and ending[2] == "x" else "fpt"
