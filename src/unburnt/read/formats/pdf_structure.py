"""What a PDF holds beside its text, by qpdf: pages counted, annotations, form fields, embedded files.

Every walk is a loop with a guard against cycles and a limit: nothing in the file is trusted to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pikepdf

from unburnt.model.reading import Mark
from unburnt.read.formats.pdf_places import Frame

MOST_OBJECTS = 200_000
"""The most nodes of one tree that are visited."""
MOST_MARKS = 2_000
_MOST_TEXT = 100_000
_SPOKEN = frozenset(("/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Stamp", "/Caret", "/Ink",
                     "/Square", "/Circle", "/Line", "/Polygon", "/PolyLine", "/Popup", "/FileAttachment", "/Redact"))  # fmt: skip
TROUBLE = (pikepdf.PdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError)
"""What qpdf's objects raise where a file breaks the rules."""


class Embedded(msgspec.Struct, frozen=True):
    """An embedded file: its name, and the stream that holds it."""

    name: str
    stream: Any
    modified: str | None = None


def pages_of(pdf: pikepdf.Pdf, most: int) -> list[Any]:
    """The leaves of the page tree in order, by an own walk; at most *most*."""
    found: list[Any] = []
    seen: set[tuple[int, int]] = set()
    stack: list[Any] = [_get(pdf.Root, "/Pages")]
    while stack and len(found) < most:
        node = stack.pop()
        if not isinstance(node, pikepdf.Dictionary) or not _first_time(node, seen):
            continue
        kids = _get(node, "/Kids")
        if isinstance(kids, pikepdf.Array):
            stack.extend(reversed([kids[index] for index in range(min(len(kids), MOST_OBJECTS))]))
        else:
            found.append(node)
    return found


def marks_of(page: Any, frame: Frame) -> list[Mark]:
    """Comments and links of a page, each with its rectangle."""
    annotations = _get(page, "/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return []
    marks: list[Mark] = []
    for index in range(min(len(annotations), MOST_MARKS)):
        try:
            mark = _mark(annotations[index], frame)
        except TROUBLE:
            continue
        if mark is not None:
            marks.append(mark)
    return marks


def _mark(annotation: Any, frame: Frame) -> Mark | None:
    kind = str(_get(annotation, "/Subtype"))
    rectangle = _get(annotation, "/Rect")
    place = None
    if isinstance(rectangle, pikepdf.Array) and len(rectangle) == 4:
        left, bottom, right, top = (float(rectangle[index]) for index in range(4))
        place = frame.rectangle(left, bottom, right, top)
    if kind == "/Link":
        address = text_of(_get(_get(annotation, "/A"), "/URI"))
        return Mark(kind="link", text=address, rectangle=place) if address else None
    words = text_of(_get(annotation, "/Contents"))
    if kind not in _SPOKEN or not words.strip():
        return None
    return Mark(
        kind="annotation", text=words, author=text_of(_get(annotation, "/T")) or None,
        date=text_of(_get(annotation, "/M")) or None, rectangle=place,
    )


def fields_of(pdf: pikepdf.Pdf) -> list[tuple[str, str]]:
    """Names and values of the form's fields, in order; fields without a value are left out."""
    fields = _get(_get(pdf.Root, "/AcroForm"), "/Fields")
    stack = [(field, "") for field in reversed(_items(fields))]
    seen: set[tuple[int, int]] = set()
    found: list[tuple[str, str]] = []
    while stack and len(found) < MOST_OBJECTS:
        field, parent = stack.pop()
        if not isinstance(field, pikepdf.Dictionary) or not _first_time(field, seen):
            continue
        name = text_of(_get(field, "/T"))
        full = ".".join(one for one in (parent, name) if one)
        value = _value(_get(field, "/V"))
        if value and value != "Off" and str(_get(field, "/FT")) != "/Sig":
            found.append((full, value))
        stack.extend((kid, full) for kid in reversed(_items(_get(field, "/Kids"))))
    return found


def _value(value: Any) -> str:
    if isinstance(value, pikepdf.Array):
        return ", ".join(one for one in (_value(item) for item in _items(value)) if one)
    if isinstance(value, pikepdf.Name):
        return str(value).removeprefix("/")
    if isinstance(value, pikepdf.Stream):
        return bytes(value.read_bytes())[:_MOST_TEXT].decode("utf-8", "replace")
    return text_of(value)


def embedded_files(pdf: pikepdf.Pdf, pages: list[Any]) -> Iterator[Embedded]:
    """Files in the name tree, in associated-file arrays and on annotations, each stream once."""
    seen: set[tuple[int, int]] = set()
    for specification in _specifications(pdf, pages):
        holder = _get(specification, "/EF")
        stream = _get(holder, "/UF")
        stream = stream if isinstance(stream, pikepdf.Stream) else _get(holder, "/F")
        if isinstance(stream, pikepdf.Stream) and _first_time(stream, seen):
            name = text_of(_get(specification, "/UF")) or text_of(_get(specification, "/F"))
            modified = text_of(_get(_get(stream, "/Params"), "/ModDate"))
            yield Embedded(name or f"embedded {len(seen)}", stream, modified or None)


def _specifications(pdf: pikepdf.Pdf, pages: list[Any]) -> Iterator[Any]:
    seen: set[tuple[int, int]] = set()
    stack = [_get(_get(pdf.Root, "/Names"), "/EmbeddedFiles")]
    visited = 0
    while stack and visited < MOST_OBJECTS:
        node = stack.pop()
        visited += 1
        if not isinstance(node, pikepdf.Dictionary) or not _first_time(node, seen):
            continue
        yield from _items(_get(node, "/Names"))[1::2]
        stack.extend(reversed(_items(_get(node, "/Kids"))))
    yield from _items(_get(pdf.Root, "/AF"))
    for page in pages:
        for annotation in _items(_get(page, "/Annots")):
            if str(_get(annotation, "/Subtype")) == "/FileAttachment":
                yield _get(annotation, "/FS")


def is_active(pdf: pikepdf.Pdf) -> bool:
    """Whether the document would run something when opened."""
    opening = _get(pdf.Root, "/OpenAction")
    return (
        _get(_get(pdf.Root, "/Names"), "/JavaScript") is not None
        or str(_get(opening, "/S")) in ("/JavaScript", "/Launch", "/URI")
        or _get(pdf.Root, "/AA") is not None
    )


def text_of(value: Any) -> str:
    """A text string of the file; empty where it is none."""
    return str(value)[:_MOST_TEXT] if isinstance(value, pikepdf.String | str) else ""


def _items(array: Any) -> list[Any]:
    if not isinstance(array, pikepdf.Array):
        return []
    try:
        return [array[index] for index in range(min(len(array), MOST_OBJECTS))]
    except TROUBLE:
        return []


def _get(holder: Any, key: str) -> Any:
    """A value of a dictionary; None where there is no dictionary or no such key."""
    if not isinstance(holder, pikepdf.Dictionary | pikepdf.Stream):
        return None
    try:
        return holder.get(key)
    except TROUBLE:
        return None


def _first_time(node: Any, seen: set[tuple[int, int]]) -> bool:
    number = node.objgen
    if number == (0, 0):
        return True
    if number in seen:
        return False
    seen.add(number)
    return True
