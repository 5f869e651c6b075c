"""Files embedded in a PDF (ISO 32000-1, 7.11.4): in the name tree, as associated files, and on annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pikepdf

from unburnt.read.emitter import Emitter
from unburnt.read.formats.pages.pdf_dates import pdf_date
from unburnt.read.formats.pages.pdf_objects import MOST_OBJECTS, first_time, get, items, pieces_of, text_of


class Embedded(msgspec.Struct, frozen=True):
    """An embedded file: its name, and the stream that holds it."""

    name: str
    stream: Any
    modified: str | None = None
    declared: str | None = None


def embedded_files(pdf: pikepdf.Pdf, pages: list[Any]) -> Iterator[tuple[Embedded, Any]]:
    """Each embedded stream once, in the file's order, with the specification that names it."""
    seen: set[tuple[int, int]] = set()
    for specification in _specifications(pdf, pages):
        holder = get(specification, "/EF")
        stream = get(holder, "/UF")
        stream = stream if isinstance(stream, pikepdf.Stream) else get(holder, "/F")
        if isinstance(stream, pikepdf.Stream) and first_time(stream, seen):
            name = text_of(get(specification, "/UF")) or text_of(get(specification, "/F"))
            written = text_of(get(get(stream, "/Params"), "/ModDate"))
            date = pdf_date("modified", written, "pdf:ModDate") if written else None
            subtype = get(stream, "/Subtype")
            embedded = Embedded(
                name or f"embedded {len(seen)}", stream, date.value if date and date.certain else None,
                str(subtype).removeprefix("/")[:200] if isinstance(subtype, pikepdf.Name) else None,
            )
            yield embedded, specification


def emit_embedded(found: list[Embedded], emitter: Emitter) -> None:
    """Send them as members; one that cannot be unpacked is named as failed and the others go on."""
    for one in found:
        path = one.name.encode("utf-8", "surrogatepass")
        emitter.member(path, "embedded", pieces_of(one.stream), name=one.name, modified=one.modified, declared=one.declared)


def _specifications(pdf: pikepdf.Pdf, pages: list[Any]) -> Iterator[Any]:
    seen: set[tuple[int, int]] = set()
    stack = [get(get(pdf.Root, "/Names"), "/EmbeddedFiles")]
    visited = 0
    while stack and visited < MOST_OBJECTS:
        node = stack.pop()
        visited += 1
        if not isinstance(node, pikepdf.Dictionary) or not first_time(node, seen):
            continue
        yield from items(get(node, "/Names"))[1::2]
        stack.extend(reversed(items(get(node, "/Kids"))))
    yield from items(get(pdf.Root, "/AF"))
    for page in pages:
        for annotation in items(get(page, "/Annots")):
            if get(annotation, "/Subtype") == pikepdf.Name.FileAttachment:
                yield get(annotation, "/FS")
