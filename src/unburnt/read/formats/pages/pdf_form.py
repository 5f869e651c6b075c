"""What was filled into a PDF's form: AcroForm fields, and the words of an XFA form (ISO 32000-1, 12.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from lxml import etree

from unburnt.read.formats.pages.pdf_objects import MOST_OBJECTS, first_time, get, items, text_of, whole

_MOST_TEXT = 100_000
_MOST_OPTIONS = 5_000
_MOST_PACKETS = 64 << 20
_XDP_DATA = "datasets"


def form_text(pdf: pikepdf.Pdf) -> str:
    """A line for each filled field, name and value with a tab between; then the XFA form's data and words."""
    form = get(pdf.Root, "/AcroForm")
    return "".join(f"{name}\t{value}\n" for name, value in (*_fields(form), *_xfa(form)))


def _fields(form: Any) -> list[tuple[str, str]]:
    stack = [(field, "") for field in reversed(items(get(form, "/Fields")))]
    seen: set[tuple[int, int]] = set()
    found: list[tuple[str, str]] = []
    visited = 0
    while stack and visited < MOST_OBJECTS:
        field, parent = stack.pop()
        visited += 1
        if not isinstance(field, pikepdf.Dictionary) or not first_time(field, seen):
            continue
        full = ".".join(one for one in (parent, text_of(get(field, "/T"))) if one)
        value = _value(get(field, "/V"))
        if value and value != "Off" and get(field, "/FT") != pikepdf.Name.Sig:
            found.append((full, value))
        found += [(full, text) for text in _offered(field) if text != value]
        stack.extend((kid, full) for kid in reversed(items(get(field, "/Kids"))))
    return found


def _offered(field: Any) -> list[str]:
    """What a field says to whoever fills it in: its tooltip, and its choices (12.7.3.1, 12.7.4.4)."""
    offered = [text_of(get(field, "/TU"))]
    for option in items(get(field, "/Opt"))[:_MOST_OPTIONS]:
        offered += [text_of(one) for one in items(option)] if isinstance(option, pikepdf.Array) else [text_of(option)]
    return [text for text in dict.fromkeys(offered) if text.strip()]


def _value(value: Any) -> str:
    if isinstance(value, pikepdf.Array):
        return ", ".join(one for one in (_scalar(item) for item in items(value)) if one)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, pikepdf.Name):
        return str(value).removeprefix("/")
    if isinstance(value, pikepdf.Stream):
        return whole(value, _MOST_TEXT).decode("utf-8", "replace")
    return text_of(value)


def _xfa(form: Any) -> Iterator[tuple[str, str]]:
    """The data of the form, element by element, then the words of its template."""
    holder = get(form, "/XFA")
    streams = [holder] if isinstance(holder, pikepdf.Stream) else items(holder)[1::2]
    packet = b"".join(whole(stream, _MOST_PACKETS) for stream in streams[:100] if isinstance(stream, pikepdf.Stream))
    if not packet.strip():
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(packet[:_MOST_PACKETS], parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    for element in root.iter(etree.Element):
        name, words = _local(element), (element.text or "").strip()
        if not words:
            continue
        packets = [_local(one) for one in (*reversed(list(element.iterancestors())), element)]
        if _XDP_DATA in packets[:2]:
            yield name, words[:_MOST_TEXT]
        elif "template" in packets[:2] and name in ("text", "p", "span", "b", "i", "body"):
            yield "", words[:_MOST_TEXT]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
