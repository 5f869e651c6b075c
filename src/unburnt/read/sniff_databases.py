"""Databases that no signature tells."""

from __future__ import annotations

from collections import Counter
from typing import Final

from unburnt.read.formats.databases.dbf_header import is_dbf
from unburnt.read.source import Source

LOCKED_DATABASE: Final = "application/x-sqlcipher"
DBF: Final = "application/x-dbf"
MEMO: Final = "application/x-dbf-memo"
_MEMO_BLOCK: Final = 512
_NAMES: Final = ("db", "sqlite", "sqlite3", "sqlitedb", "db3", "enc")
_SMALLEST_PAGE: Final = 1024
_RANDOM: Final = 2.0


def sniff_database(head: bytes, source: Source) -> str | None:
    """A table or a memo file of dBASE's family, by the structure of its header."""
    if is_dbf(head):
        return DBF
    end = source.name.lower().rpartition(".")[2]
    if end not in ("fpt", "dbt") or len(head) < _MEMO_BLOCK or any(head[24:40]):
        return None
    # Both begin with the number of the next free block: FoxPro's big-endian, with the blocks' size, dBASE's little-endian.
    free, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[6:8], "big")
    if end == "dbt":
        free, size = int.from_bytes(head[:4], "little"), int.from_bytes(head[20:22], "little") or _MEMO_BLOCK
    return MEMO if _MEMO_BLOCK <= free * (size or 1) <= source.size + 0x10000 else None


def is_locked_database(head: bytes, source: Source) -> bool:
    """Whether it is called a database and is random from the first byte, in whole pages.

    Bytes are called random where each value occurs about as often as any other: the chi-square statistic over its
    255 degrees of freedom is about 1 for random bytes and many times that for everything else.
    """
    if source.name.lower().rpartition(".")[2] not in _NAMES or not source.size or source.size % _SMALLEST_PAGE:
        return False
    expected = len(head) / 256
    counted = Counter(head)
    spread = sum((counted[value] - expected) ** 2 for value in range(256)) / expected / 255
    return spread < _RANDOM
