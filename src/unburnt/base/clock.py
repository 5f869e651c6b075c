"""Times of ours: always UTC, RFC 3339, microseconds, written as strings."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The present in UTC, as in ``2019-11-24T18:00:00.000000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_nanoseconds(nanoseconds: int) -> str:
    """A file system's time (ns since 1970-01-01 UTC) as RFC 3339; years outside 1-9999 as a number."""
    try:
        moment = datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{nanoseconds}ns"
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
