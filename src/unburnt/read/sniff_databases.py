"""Databases that no signature tells."""

from __future__ import annotations

from collections import Counter
from typing import Final

from unburnt.read.source import Source

LOCKED_DATABASE: Final = "application/x-sqlcipher"
_NAMES: Final = ("db", "sqlite", "sqlite3", "sqlitedb", "db3", "enc")
_SMALLEST_PAGE: Final = 1024
_RANDOM: Final = 2.0


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
