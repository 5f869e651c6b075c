"""Who changed a place of an RTF file, and when (Rich Text Format 1.9.1, "Track Changes")."""

from __future__ import annotations

from datetime import datetime
from typing import Final

AUTHORS: Final = "revtbl"
"""The table of authors: names with a semicolon behind each, the first of which stands for nobody."""


def author_and_date(table: str, by: tuple[int, int]) -> tuple[str | None, str | None]:
    """The name at a place of the table, and the local time of a date in bits (MS-DOC 2.9.81); None for what is not said."""
    place, bits = by
    names = table.split(";")
    name = names[place].strip() if 0 < place < len(names) else ""
    return name or None, local_time(bits & 0xFFFFFFFF)


def local_time(bits: int) -> str | None:
    """A time as Word packs it (DTTM, MS-DOC 2.9.81), in no stated zone; None for none."""
    if not bits:
        return None
    minute, hour, day, month, year = bits & 63, bits >> 6 & 31, bits >> 11 & 31, bits >> 16 & 15, bits >> 20 & 511
    try:
        return datetime(1900 + year, month, day, hour, minute).isoformat()
    except ValueError:
        return None
