"""Times as DOS stored them (two seconds exact, no zone) and as Windows does (MS-DTYP 2.3.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)


def dos_time(date: int, time: int) -> str | None:
    """ISO 8601 without a zone; None for what is no time."""
    try:
        return datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2
        ).isoformat()
    except ValueError:
        return None


def windows_time(ticks: int) -> str | None:
    """In UTC, from tenths of microseconds since 1601; None for 0 and for what is no time."""
    try:
        return (_WINDOWS + timedelta(microseconds=ticks // 10)).replace(microsecond=0).isoformat() if ticks else None
    except OverflowError:
        return None
