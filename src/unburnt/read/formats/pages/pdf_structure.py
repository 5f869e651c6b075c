"""What a PDF holds beside its text, by qpdf: pages counted, annotations with their places, things that want to run.

Every walk is a loop with a guard against cycles and a limit: nothing in the file is trusted to end.
"""

from __future__ import annotations

from typing import Any

import pikepdf

from unburnt.model.reading import Mark
from unburnt.read.formats.pages.pdf_dates import pdf_date
from unburnt.read.formats.pages.pdf_objects import TROUBLE, first_time, get, items, text_of
from unburnt.read.formats.pages.pdf_places import Frame

MOST_MARKS = 5_000
_SPOKEN = frozenset(("/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Stamp", "/Caret", "/Ink",
                     "/Square", "/Circle", "/Line", "/Polygon", "/PolyLine", "/Popup", "/FileAttachment", "/Redact"))  # fmt: skip


def pages_of(pdf: pikepdf.Pdf, most: int) -> list[Any]:
    """The leaves of the page tree in order, by an own walk; at most *most*."""
    found: list[Any] = []
    seen: set[tuple[int, int]] = set()
    stack: list[Any] = [get(pdf.Root, "/Pages")]
    while stack and len(found) < most:
        node = stack.pop()
        kids = get(node, "/Kids")
        if isinstance(kids, pikepdf.Array):
            if first_time(node, seen):
                stack.extend(reversed(items(kids)))
        elif isinstance(node, pikepdf.Dictionary):
            found.append(node)  # Writers may show one page object twice.
    return found


def claimed_pages(pdf: pikepdf.Pdf, most: int) -> int:
    """How many pages the root of the page tree says there are; 0 where it says nothing sensible."""
    count = get(get(pdf.Root, "/Pages"), "/Count")
    return count if isinstance(count, int) and 0 <= count <= most else 0


def marks_of(page: Any, frame: Frame) -> list[Mark]:
    """Comments and links of a page, each with its rectangle."""
    annotations = get(page, "/Annots")
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
    kind = str(get(annotation, "/Subtype"))
    rectangle = get(annotation, "/Rect")
    place = None
    if isinstance(rectangle, pikepdf.Array) and len(rectangle) == 4:
        left, bottom, right, top = (float(rectangle[index]) for index in range(4))
        place = frame.rectangle(left, bottom, right, top)
    if kind == "/Link":
        address = text_of(get(get(annotation, "/A"), "/URI"))
        return Mark(kind="link", text=address, rectangle=place) if address else None
    said = (text_of(get(annotation, key)) for key in ("/Subj", "/Contents"))
    words = "\n".join(text for text in said if text.strip())
    if kind not in _SPOKEN or not words.strip():
        return None
    return Mark(
        kind="annotation", text=words, author=text_of(get(annotation, "/T")) or None,
        date=_when(text_of(get(annotation, "/M"))), rectangle=place,
    )


def _when(written: str) -> str | None:
    return pdf_date("modified", written, "pdf:M").value if written else None


def is_active(pdf: pikepdf.Pdf) -> bool:
    """Whether the document would run something when opened."""
    opening = get(pdf.Root, "/OpenAction")
    return (
        get(get(pdf.Root, "/Names"), "/JavaScript") is not None
        or str(get(opening, "/S")) in ("/JavaScript", "/Launch", "/URI")
        or get(pdf.Root, "/AA") is not None
    )
