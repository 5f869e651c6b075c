"""The properties of contacts, appointments, tasks and notes as text, a line each: what their own forms would show."""

from __future__ import annotations

import struct
from itertools import pairwise

from unburnt.read.formats.mail.mapi_values import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    NUMBERS,
    STRING8,
    TIME,
    UNICODE,
    Value,
    Values,
    filetime,
    number_of,
    shown_text,
)

NAMES = {
    0x0017: "Importance", 0x001A: "Message class", 0x0026: "Priority", 0x0037: "Subject", 0x0039: "Sent", 0x0042: "From",
    0x0060: "Start", 0x0061: "End", 0x0063: "Response requested", 0x0065: "From address", 0x0070: "Topic",
    0x0C1A: "Sender", 0x0C1F: "Sender address", 0x0E02: "Bcc", 0x0E03: "Cc", 0x0E04: "To", 0x0E06: "Delivered",
    0x3001: "Name", 0x3003: "Address", 0x3004: "Comment", 0x3007: "Created", 0x3008: "Modified", 0x39FE: "Mail address",
    0x3A05: "Generation", 0x3A06: "Given name", 0x3A08: "Business telephone", 0x3A09: "Home telephone", 0x3A0A: "Initials",
    0x3A0D: "Location", 0x3A11: "Surname", 0x3A15: "Postal address", 0x3A16: "Company", 0x3A17: "Title", 0x3A18: "Department",
    0x3A19: "Office", 0x3A1A: "Primary telephone", 0x3A1B: "Business telephone 2", 0x3A1C: "Mobile telephone",
    0x3A23: "Primary fax", 0x3A24: "Business fax", 0x3A25: "Home fax", 0x3A26: "Country", 0x3A27: "City", 0x3A28: "State",
    0x3A29: "Street", 0x3A2A: "Postal code", 0x3A2B: "Post box", 0x3A2F: "Home telephone 2", 0x3A30: "Assistant",
    0x3A41: "Wedding", 0x3A42: "Birthday", 0x3A44: "Middle name", 0x3A45: "Prefix", 0x3A46: "Profession", 0x3A48: "Spouse",
    0x3A4E: "Manager", 0x3A4F: "Nickname", 0x3A50: "Personal page", 0x3A51: "Business page", 0x3A59: "Home city",
    0x3A5A: "Home country", 0x3A5B: "Home postal code", 0x3A5C: "Home state", 0x3A5D: "Home street", 0x3FF8: "Created by",
    0x3FFA: "Modified by",
}  # fmt: skip
"""MS-OXPROPS, by the numbers of properties."""
LONG_IDS = {
    0x8005: "File under", 0x801A: "Home address", 0x801B: "Business address", 0x801C: "Other address",
    0x8062: "Instant messenger", 0x8080: "E-mail 1 shown as", 0x8083: "E-mail 1", 0x8093: "E-mail 2", 0x80A3: "E-mail 3",
    0x8101: "Task status", 0x8102: "Per cent complete", 0x8104: "Task start", 0x8105: "Task due", 0x810F: "Task completed",
    0x811F: "Task owner", 0x8205: "Busy status", 0x8208: "Place", 0x820D: "Appointment start", 0x820E: "Appointment end",
    0x8213: "Duration in minutes", 0x8215: "All day", 0x8232: "Recurs", 0x8234: "Time zone", 0x8238: "All attendees",
    0x823B: "Attendees", 0x823C: "Optional attendees", 0x8502: "Reminder", 0x8516: "Start", 0x8517: "End", 0x8530: "Flag",
    0x853A: "Contacts", 0x8700: "Journal type", 0x8706: "Journal start", 0x8708: "Journal end",
}  # fmt: skip
"""MS-OXPROPS, by the long ids of named properties; which numbers these have, each store says for itself."""
ELSEWHERE = frozenset([0x1000, 0x1009, 0x1013, 0x007D])
"""Bodies and the transport header, which the mail has by themselves."""
MOST_LINES = 2_000
LONGEST = 20_000


def listing(values: Values) -> str:
    """``Name: value`` lines in the order of the properties' numbers; what holds only bytes is left out."""
    lines = []
    for number in sorted(values.found):
        value = values.found[number]
        said = "" if number in ELSEWHERE else _said(value, values.encoding)
        if said:
            lines.append(f"{value.name or NAMES.get(number) or f'0x{number:04X}'}: {said[:LONGEST]}")
    return "\n".join(lines[:MOST_LINES]) + "\n"


def _said(value: Value, encoding: str | None) -> str:
    data, kind = value.data, value.type
    if kind in (UNICODE, STRING8):
        return shown_text(value, encoding).strip("\x01")
    if kind == TIME:
        return filetime(data) or ""
    if kind == BOOLEAN:
        return ("yes" if data[0] else "no") if data else ""
    if kind in (FLOAT, DOUBLE):
        form = NUMBERS[kind]
        return f"{struct.unpack_from(form, data)[0]:g}" if len(data) >= struct.calcsize(form) else ""
    if kind in NUMBERS:
        return str(number) if (number := number_of(value)) is not None else ""
    return "; ".join(_several(data, kind & 0xFFF, encoding)) if kind & 0x1000 and kind & 0xFFF in (UNICODE, STRING8) else ""


def _several(data: bytes, kind: int, encoding: str | None) -> list[str]:
    """A value of several texts (MS-PST, section 2.3.3.4.2): their count, where each begins, the texts."""
    count = struct.unpack_from("<I", data)[0] if len(data) >= 4 else 0
    if not 0 < count <= min(1000, len(data) // 4 - 1):
        return []
    starts = [*struct.unpack_from(f"<{count}I", data, 4), len(data)]
    return [shown_text(Value(0, kind, data[start:end]), encoding) for start, end in pairwise(starts) if start <= end]
