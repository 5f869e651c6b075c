"""Dates in mail headers (RFC 5322, section 3.3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz

from unburnt.model.reading import Date

NUMERIC = re.compile(r"\d\s*([+-]\d{4})\b")
UNIVERSAL = re.compile(r"\b(GMT|UTC?|Z)\b")
LONGEST = 400


def mail_date(kind: str, written: str, origin: str) -> Date | None:
    """The date that a header states, with its zone. None for an empty one.

    A zone given only by letters (``CST`` is used for America and for China) stays unknown, and so does ``-0000``,
    by which RFC 5322 says that the zone is not told.
    """
    text = written.strip()[:LONGEST]
    if not text:
        return None
    try:
        fields = parsedate_tz(text)
        moment = datetime(*fields[:6]) if fields else None
        zone = _zone(text, fields[9]) if fields else None
        if moment is not None and zone is not None:
            moment = moment.replace(tzinfo=timezone(zone))
    except (ValueError, TypeError, OverflowError, IndexError):
        moment = None
    if moment is None:
        return Date(kind=kind, value=text, zone="unknown", origin=origin, certain=False)
    if zone is None:
        return Date(kind=kind, value=moment.isoformat(), zone="unknown", origin=origin)
    value = moment.isoformat()
    if zone == timedelta(0):
        return Date(kind=kind, value=value.removesuffix("+00:00") + "Z", zone="UTC", origin=origin)
    return Date(kind=kind, value=value, zone=value[-6:], origin=origin)


def _zone(text: str, offset: int | None) -> timedelta | None:
    numeric = NUMERIC.search(text)
    if offset is None or (numeric is not None and numeric.group(1) == "-0000"):
        return None
    return timedelta(seconds=offset) if numeric or UNIVERSAL.search(text) else None
