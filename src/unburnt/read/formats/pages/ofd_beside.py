"""What an OFD file says beside its pages: its own description, annotations, attachments (clauses 7.4, 15, 20)."""

from __future__ import annotations

import re

import msgspec

from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    is_true,
    local,
    text_of,
)
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.formats.pages.ofd_package import Document, OfdPackage

LONGEST = 20_000
MOST_FIELDS = 500
MOST_ANNOTATIONS = 50_000
_DATES = {"CreationDate": "created", "ModDate": "modified"}
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d:?\d\d)?)?")


class Annotation(msgspec.Struct, frozen=True):
    """One annotation; *appearance* is what it draws."""

    page: str
    """The ID of its page."""
    kind: str
    text: str
    author: str | None
    date: str | None
    appearance: Element | None
    shown: bool = True


class Attachment(msgspec.Struct, frozen=True):
    """A file that is attached: the part it is, and what it is called."""

    part: str
    name: str
    modified: str | None


def stated_date(kind: str, value: str, origin: str) -> Date:
    """A date as OFD programs write it: xs:date, xs:dateTime, or the digits alone as in ASN.1."""
    found = _COMPACT.fullmatch(value.strip())
    if found is None:
        return date(kind, value.strip().replace(" ", "T", 1), origin)
    year, month, day, hour, minute, second, zone = found.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(hour or 0) < 24 and int(minute or 0) < 60):
        return Date(kind=kind, value=value[:200], zone="unknown", origin=origin, certain=False)
    zone = f"{zone[:3]}:{zone[-2:]}" if zone and zone != "Z" else zone
    return date(kind, f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second}{zone or ''}" if hour else ""), origin)


def metadata_of(documents: list[Document], pages: int) -> Metadata:
    """What the package's documents say of themselves: title and author of the first, dates and fields of all."""
    title = author = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for number, document in enumerate(documents, 1):
        prefix = "ofd:" if len(documents) == 1 else f"ofd:{number}:"
        info = child(document.body, "DocInfo")
        for element in info if info is not None else ():
            name, value = local(element), text_of(element).strip()[:LONGEST]
            if name == "Title" and value and title is None:
                title = value
            elif name == "Author" and value and author is None:
                author = value
            elif name in _DATES and value and len(dates) < MOST_FIELDS:
                dates.append(stated_date(_DATES[name], value, f"{prefix}{name}"))
            elif name in ("Keywords", "CustomDatas"):
                _several(element, prefix, fields)
            elif value and len(fields) < MOST_FIELDS:
                fields[f"{prefix}{name}"] = value
    return Metadata(title=title, author=author, dates=tuple(dates), pages=pages, fields=fields)


def _several(holder: Element, prefix: str, fields: dict[str, str]) -> None:
    if local(holder) == "Keywords":
        words = [text_of(one).strip() for one in children(holder, "Keyword")]
        fields[f"{prefix}Keywords"] = ", ".join(word for word in words if word)[:LONGEST]
        return
    for one in children(holder, "CustomData"):
        if len(fields) < MOST_FIELDS:
            fields[f"{prefix}custom:{(attribute(one, 'Name') or '')[:200]}"] = text_of(one).strip()[:LONGEST]


def annotations_of(ofd: OfdPackage, document: Document) -> list[Annotation]:
    """Every annotation of a document, page by page as listed."""
    found: list[Annotation] = []
    for place in children(document.root, "Annotations") if document.root is not None else ():
        listing = ofd.resolve(document.file, text_of(place))
        root = ofd.load(listing)
        for page in children(root, "Page") if root is not None else ():
            for file in children(page, "FileLoc"):
                inner = ofd.load(ofd.resolve(listing, text_of(file)))
                if inner is not None:
                    found += [_annotation(attribute(page, "PageID") or "", one) for one in descendants(inner, "Annot")]
                if len(found) > MOST_ANNOTATIONS:
                    return found[:MOST_ANNOTATIONS]
    return found


def _annotation(page: str, element: Element) -> Annotation:
    remark = text_of(child(element, "Remark")).strip()
    parameters = child(element, "Parameters")
    said = [] if parameters is None else [
        f"{attribute(one, 'Name') or ''}: {text_of(one).strip()}" for one in children(parameters, "Parameter")
    ]  # fmt: skip
    target = next((attribute(one, "URI") or "" for one in descendants(element, "URI")), "")
    text = "; ".join(piece for piece in (remark, *said, target) if piece)
    return Annotation(
        page, attribute(element, "Type") or "", text[:LONGEST], attribute(element, "Creator"),
        attribute(element, "LastModDate"), child(element, "Appearance"),
        is_true(attribute(element, "Visible"), default=True),
    )  # fmt: skip


def attachments_of(ofd: OfdPackage, document: Document) -> list[Attachment]:
    """Every attachment of a document that its list names."""
    found: list[Attachment] = []
    for place in children(document.root, "Attachments") if document.root is not None else ():
        listing = ofd.resolve(document.file, text_of(place))
        root = ofd.load(listing)
        for one in children(root, "Attachment") if root is not None else ():
            part = ofd.resolve(listing, text_of(child(one, "FileLoc")))
            found.append(Attachment(part, _name(one, part), attribute(one, "ModDate") or attribute(one, "CreationDate")))
    return found


def _name(element: Element, part: str) -> str:
    """What the attachment is called; many programs leave the extension to ``Format`` or to the file."""
    stated, file = attribute(element, "Name") or "", part.rsplit("/", 1)[-1]
    if not stated:
        return file
    end = (attribute(element, "Format") or file.rpartition(".")[2]).lower()
    return stated if "." in stated[-6:] or not end.isalnum() else f"{stated}.{end}"
