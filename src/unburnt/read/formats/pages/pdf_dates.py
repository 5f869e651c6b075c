"""Dates as PDF writes them (ISO 32000-1, 7.9.4)."""

from __future__ import annotations

import re

from unburnt.model.reading import Date

_DATE = re.compile(
    r"(?:D:)?(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d))?)?)?)?)?\s*(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?.*", re.DOTALL
)


def pdf_date(kind: str, value: str, origin: str) -> Date:
    """``D:YYYYMMDDHHmmSSOHH'mm'`` with its own zone; as written and not *certain* where it makes no sense."""
    found = _DATE.fullmatch(value)
    if found is None:
        return Date(kind=kind, value=value[:200], zone="unknown", origin=origin, certain=False)
    year, month, day, hour, minute, second, utc, sign, zone_hours, zone_minutes = found.groups()
    if not (
        int(year) and 1 <= int(month or 1) <= 12 and 1 <= int(day or 1) <= 31
        and int(hour or 0) < 24 and int(minute or 0) < 60 and int(second or 0) < 61
    ):  # fmt: skip
        return Date(kind=kind, value=value[:200], zone="unknown", origin=origin, certain=False)
    shown = "-".join(one for one in (year, month, day) if one)
    if hour:
        shown += f"T{hour}:{minute or '00'}:{second or '00'}"
    zone = "UTC" if utc else f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else "unknown"
    ending = "" if zone == "unknown" or not hour else "Z" if zone == "UTC" else zone
    return Date(kind=kind, value=shown + ending, zone=zone, origin=origin)
