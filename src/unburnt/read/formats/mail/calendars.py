"""Calendars (iCalendar, RFC 5545; vCalendar 1.0) and address cards (vCard 2.1 to 4.0, RFC 6350): fields as they stand."""

from __future__ import annotations

import re
from datetime import datetime

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail.content_lines import Component, Components, Line, components
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 128 * MIB
MOST_DATES = 200
TIMES = (("DTSTART", "starts"), ("DTEND", "ends"), ("DUE", "due"), ("CREATED", "created"), ("LAST-MODIFIED", "modified"),
         ("REV", "modified"))  # fmt: skip
STAMP = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(Z)?)?$")
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
NAMES = ("SUMMARY", "FN", "N", "NICKNAME", "ORG", "TZID", "UID")


def read(source: Source, emitter: Emitter) -> Ending:
    """One part a component. Raises :class:`Damaged` where there is none."""
    found = components(source.all(MOST_BYTES), source.charsets)
    if not found.found:
        raise Damaged("There is no component in it.")
    zones = _zones(found)
    dates: list[Date] = []
    shown = [(one, holder) for holder in found.found for one in ([holder] if holder.name == "VCARD" else [_head(holder), *holder.inside])]
    emitter.expect(members=sum(line.binary is not None for one, _ in shown for line in _all_lines(one)))
    title = None
    for number, (one, holder) in enumerate(shown, 1):
        if not one.lines and not one.inside:
            continue
        name = next((line.value for wanted in NAMES if (line := one.first(wanted)) is not None and line.value.strip()), "")
        title = title or (name if one.name == "VCARD" else _value(holder, "X-WR-CALNAME") or (name if one.name == "VEVENT" else None))
        emitter.part("section", f"{one.name} {name}".strip(), one.text())
        for line in _all_lines(one):
            if line.binary is not None:
                file = line.parameters.get("FILENAME") or line.parameters.get("X-FILENAME")
                path = f"{number}/{file or line.name.lower()}".encode()
                emitter.member(path, "embedded", line.binary, name=file, declared=_declared(line))
        dates += _dates(one, zones)
    emitter.metadata(Metadata(title=title or None, dates=tuple(dates[:MOST_DATES]), fields=_fields(found)))
    return _ending(found, source)


def _ending(found: Components, source: Source) -> Ending:
    losses = []
    if found.unclosed:
        losses.append(f"{found.unclosed} components are not closed")
    if found.odd:
        losses.append(f"{found.odd} lines are no properties")
    if source.size > MOST_BYTES:
        losses.append(f"only the first {MOST_BYTES >> 20} MiB were read")
    return Ending(Outcome.PARTIAL, f"Some was lost: {'; '.join(losses)}.") if losses else Ending(Outcome.READ)


def _head(holder: Component) -> Component:
    """What a calendar says about itself, without its components."""
    return Component(holder.name, holder.lines)


def _all_lines(component: Component) -> list[Line]:
    return component.lines + [line for one in component.inside for line in _all_lines(one)]


def _value(component: Component, name: str) -> str | None:
    line = component.first(name)
    return line.value if line is not None else None


def _declared(line: Line) -> str | None:
    written = line.parameters.get("FMTTYPE") or line.parameters.get("MEDIATYPE") or line.parameters.get("TYPE")
    return f"image/{written.lower()}" if written and "/" not in written else written or None


def _fields(found: Components) -> dict[str, str]:
    first = found.found[0]
    return {f"calendar:{name}": value[:1000] for name in ("PRODID", "VERSION", "METHOD") if (value := _value(first, name))}


def _zones(found: Components) -> dict[str, str]:
    """Zones that the file defines and that have one offset only: of others a time's offset depends on rules and stays unknown."""
    zones = {}
    for one in (inner for holder in found.found for inner in holder.inside if inner.name == "VTIMEZONE"):
        offsets = {value for rule in one.inside if (value := _value(rule, "TZOFFSETTO"))}
        match = OFFSET.match(next(iter(offsets))) if len(offsets) == 1 else None
        if match and (name := _value(one, "TZID")):
            zones[name] = f"{match[1]}{match[2]}:{match[3]}"
    return zones


def _dates(component: Component, zones: dict[str, str]) -> list[Date]:
    found = []
    for name, kind in TIMES if component.name != "VTIMEZONE" else ():
        line = component.first(name)
        match = STAMP.match(line.value.strip()) if line is not None else None
        if line is None or match is None:
            continue
        year, month, day, hour, minute, second, universal = match.groups()
        zone = "UTC" if universal else zones.get(line.parameters.get("TZID", ""), "unknown")
        value = f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second}" if hour else "")
        try:
            datetime.fromisoformat(value)
        except ValueError:
            continue
        if hour:
            value += {"UTC": "Z", "unknown": ""}.get(zone, zone)
        found.append(Date(kind=kind, value=value, zone=zone if hour else "unknown", origin=f"calendar:{name}"))
    return found


FORMATS = (
    Format(
        "calendar", read, memory_safe=True,
        title="Calendars (iCalendar, RFC 5545)",
        gives="each event, task and journal entry with all its fields as they stand, times with their zones, embedded files",
        lacks="recurring events are not unrolled; an offset that depends on daylight-saving rules is not worked out",
    ),
    Format(
        "card", read, memory_safe=True,
        title="Address cards (vCard 2.1 to 4.0, RFC 6350)",
        gives="each card with all its fields as they stand, photographs and sounds",
        lacks="nothing is linked or fetched",
    ),
)
