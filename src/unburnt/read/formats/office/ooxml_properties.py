"""Core, extended and custom properties of OOXML packages (ECMA-376 part 2, section 11; part 1, section 15.2.12)."""

from __future__ import annotations

import re

from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.office.office_xml import Element, attribute, child, local, parse_part, text_of
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import relations_of

CORE_DATES = {"created": "created", "modified": "modified", "lastPrinted": "printed"}
MOST_FIELDS = 500
LONGEST_FIELD = 20_000
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?|\d{4}-\d\d-\d\d")


def date(kind: str, value: str, origin: str) -> Date:
    """A W3C date-time as a :class:`Date`; *certain* only where it is well formed."""
    value = value.strip()
    match = ISO.fullmatch(value)
    if match is None or value.startswith("1601-01-01"):  # an unset FILETIME written out
        return Date(kind=kind, value=value, zone="unknown", origin=origin, certain=False)
    zone = match[3]
    if zone == "Z":
        return Date(kind=kind, value=value, zone="UTC", origin=origin)
    return Date(kind=kind, value=value, zone=zone or "unknown", origin=origin)


def read_properties(package: Package) -> Metadata:
    """What the package says about itself. Fields are prefixed ``ooxml:``."""
    title = author = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    pages = None
    for relation in relations_of(package, "").values():
        if relation.external or not relation.kind.endswith("properties"):
            continue
        root = parse_part(package, relation.target).root
        if root is None:
            continue
        if relation.kind == "core-properties":
            title, author = _core(root, fields, dates)
        elif relation.kind == "extended-properties":
            pages = _extended(root, fields)
        elif relation.kind == "custom-properties":
            _custom(root, fields, dates)
    return Metadata(title=title, author=author, dates=tuple(dates), pages=pages, fields=fields)


def _put(fields: dict[str, str], key: str, value: str) -> None:
    if value.strip() and len(fields) < MOST_FIELDS:
        fields[key] = value.strip()[:LONGEST_FIELD]


def _core(root: Element, fields: dict[str, str], dates: list[Date]) -> tuple[str | None, str | None]:
    title = author = None
    for element in root:
        name, value = local(element), text_of(element).strip()
        if not value:
            continue
        if name == "title":
            title = value
        elif name == "creator":
            author = value
        elif name in CORE_DATES:
            prefix = "cp" if name == "lastPrinted" else "dcterms"
            dates.append(date(CORE_DATES[name], value, f"ooxml:{prefix}:{name}"))
        else:
            _put(fields, f"ooxml:{name}", value)
    return title, author


def _extended(root: Element, fields: dict[str, str]) -> int | None:
    pages = None
    for element in root:
        name, value = local(element), text_of(element).strip()
        if name == "Pages" and value.isdecimal() and len(value) < 7:
            pages = int(value)
        if name not in ("HeadingPairs", "TitlesOfParts", "DigSig", "HLinks"):
            _put(fields, f"ooxml:{name}", value)
    return pages


def _custom(root: Element, fields: dict[str, str], dates: list[Date]) -> None:
    for element in root:
        name, value = attribute(element, "name") or "", text_of(element).strip()
        _put(fields, f"ooxml:custom:{name}", value)
        moment = child(element, "filetime")
        if moment is None:
            moment = child(element, "date")
        if moment is not None and len(dates) < MOST_FIELDS:
            dates.append(date("stated", value, f"ooxml:custom:{name}"))
