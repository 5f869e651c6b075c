"""What a PDF says about itself: its information dictionary and its XMP packet (ISO 32000-1, 14.3)."""

from __future__ import annotations

import re
from typing import Any

import pikepdf
from lxml import etree

from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.pages.pdf_dates import pdf_date
from unburnt.read.formats.pages.pdf_objects import TROUBLE, text_of, whole

_MOST_PACKET = 4 << 20
_MOST_FIELDS = 200
_LONGEST = 20_000
_ISO = re.compile(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)(Z|[+-]\d\d:\d\d)?")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
_KINDS = {"/CreationDate": "created", "/ModDate": "modified"}
_XMP_KINDS = {"CreateDate": "created", "ModifyDate": "modified"}


def metadata_of(pdf: pikepdf.Pdf, pages: int) -> Metadata:
    """Title, author, dates with their zones, and every other text entry."""
    fields = {"pdf:version": str(pdf.pdf_version)}
    dates: list[Date] = []
    named: dict[str, str] = {}
    try:
        entries = [(str(key), text_of(value)) for key, value in list(pdf.docinfo.items())[:_MOST_FIELDS]]
    except TROUBLE:
        entries = []
    for key, value in entries:
        value = value.strip("\x00 ")[:_LONGEST]
        if not value:
            continue
        if key in _KINDS:
            dates.append(pdf_date(_KINDS[key], value, f"pdf:{key[1:]}"))
        elif key in ("/Title", "/Author"):
            named[key] = value
        else:
            fields[f"pdf:{key[1:]}"] = value
    _add_packet(pdf, named, dates, fields)
    return Metadata(
        title=named.get("/Title"), author=named.get("/Author"), dates=tuple(dates), pages=pages, fields=fields
    )


def _add_packet(pdf: pikepdf.Pdf, named: dict[str, str], dates: list[Date], fields: dict[str, str]) -> None:
    try:
        packet = pdf.Root.get("/Metadata")
        raw = whole(packet, _MOST_PACKET) if isinstance(packet, pikepdf.Stream) else b""
        root = etree.fromstring(raw, _PARSER) if raw.strip() else None
    except (*TROUBLE, etree.XMLSyntaxError):
        return
    if root is None:
        return
    for name, value in _said(root):
        if name in _XMP_KINDS:
            dates.append(_xmp_date(_XMP_KINDS[name], value, f"xmp:{name}"))
        elif name == "title":
            named.setdefault("/Title", value)
        elif name == "creator":
            named.setdefault("/Author", value)
        elif name in ("CreatorTool", "DocumentID", "InstanceID", "description", "subject", "Producer", "publisher", "language"):
            fields.setdefault(f"xmp:{name}", value)


def _said(root: Any) -> list[tuple[str, str]]:
    """Simple properties, as attributes or elements, without namespaces."""
    said: list[tuple[str, str]] = []
    for element in root.iter(etree.Element):
        if element.tag.endswith("}Description"):
            said += [(name.rpartition("}")[2], value) for name, value in element.attrib.items()]
        parent = element.getparent()
        if parent is not None and str(parent.tag).endswith("}Description"):
            value = "; ".join(piece.strip() for piece in element.itertext() if piece.strip())
            said.append((element.tag.rpartition("}")[2], value))
    return [(name, value[:_LONGEST]) for name, value in said[:_MOST_FIELDS] if value.strip()]


def _xmp_date(kind: str, value: str, origin: str) -> Date:
    found = _ISO.fullmatch(value.strip())
    if found is None:
        return Date(kind=kind, value=value[:200], zone="unknown", origin=origin, certain=False)
    return Date(
        kind=kind, value=value.strip(), zone={"Z": "UTC", None: "unknown"}.get(found[2], found[2] or ""), origin=origin
    )
