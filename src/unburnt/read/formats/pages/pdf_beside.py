"""Words of a PDF that no page shows: bookmarks, where links and actions lead, scripts as text, layers, what is said of pictures
and attachments.

ISO 32000-1, 12.3.3 (outlines), 12.6 (actions), 8.11 (optional content), 7.11.3 (file specifications). Nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf

from unburnt.read.emitter import Emitter
from unburnt.read.formats.pages.pdf_objects import MOST_OBJECTS, first_time, get, items, text_of, whole
from unburnt.read.formats.pages.pdf_tags import Texts, alternative_texts

MOST_LINES = 50_000
_MOST_ACTIONS = 5_000
_MOST_SCRIPT = 4 << 20
_TARGETS = ("/URI", "/F", "/UF", "/P", "/O", "/D")


def emit_beside(pdf: pikepdf.Pdf, pages: list[Any], specifications: list[Any], emitter: Emitter) -> None:
    """A part for each kind of which there is any."""
    _emit("section", "bookmarks", _bookmarks(pdf), emitter)
    described, spoken = alternative_texts(pdf, pages)
    _emit_by_page("section", "descriptions of pictures", described, emitter)
    _emit_by_page("properties", "texts in place of what is drawn", spoken, emitter)
    links: dict[str, None] = {}
    scripts: dict[str, None] = {}
    _actions(pdf, pages, links, scripts)
    _emit("properties", "links", links, emitter)
    _emit("properties", "scripts (never run)", scripts, emitter)
    groups = items(get(get(pdf.Root, "/OCProperties"), "/OCGs"))
    _emit("properties", "layers", (text_of(get(group, "/Name")) for group in groups), emitter)
    _emit("properties", "descriptions of attachments", map(_described, specifications), emitter)


def _bookmarks(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Titles in the order of reading, a tab for each level."""
    seen: set[tuple[int, int]] = set()
    stack = [(get(get(pdf.Root, "/Outlines"), "/First"), 0)]
    visited = 0
    while stack and visited < MOST_OBJECTS:
        node, depth = stack.pop()
        visited += 1
        if not isinstance(node, pikepdf.Dictionary) or not first_time(node, seen):
            continue
        title = text_of(get(node, "/Title"))
        if title.strip():
            yield "\t" * min(depth, 20) + " ".join(title.split())
        stack += [(get(node, "/Next"), depth), (get(node, "/First"), depth + 1)]


def _actions(pdf: pikepdf.Pdf, pages: list[Any], links: dict[str, None], scripts: dict[str, None]) -> None:
    """What happens on opening, on pages, annotations, fields and bookmarks."""
    for action in _holders(pdf, pages):
        seen: set[tuple[int, int]] = set()
        stack, visited = [action], 0
        while stack and visited < _MOST_ACTIONS:
            node = stack.pop()
            visited += 1
            if isinstance(node, pikepdf.Array):
                stack += reversed(items(node)[:_MOST_ACTIONS])
            elif isinstance(node, pikepdf.Dictionary) and first_time(node, seen):
                _action(node, links, scripts)
                stack.append(get(node, "/Next"))


def _action(node: Any, links: dict[str, None], scripts: dict[str, None]) -> None:
    code = get(node, "/JS")
    text = whole(code, _MOST_SCRIPT).decode("utf-8", "replace") if isinstance(code, pikepdf.Stream) else text_of(code)
    if text.strip() and len(scripts) < MOST_LINES:
        scripts.setdefault(text)
    if get(node, "/S") == pikepdf.Name.GoTo:
        return
    for holder in (node, get(node, "/F"), get(node, "/Win")):
        for key in _TARGETS:
            target = text_of(get(holder, key)).strip()
            if target and len(links) < MOST_LINES:
                links.setdefault(target)


def _holders(pdf: pikepdf.Pdf, pages: list[Any]) -> Iterator[Any]:
    yield get(pdf.Root, "/OpenAction")
    yield from _triggers(pdf.Root)
    seen: set[tuple[int, int]] = set()
    stack, visited = [get(get(pdf.Root, "/Names"), "/JavaScript")], 0
    while stack and visited < _MOST_ACTIONS:
        node = stack.pop()
        visited += 1
        if isinstance(node, pikepdf.Dictionary) and first_time(node, seen):
            yield from items(get(node, "/Names"))[1::2]
            stack += reversed(items(get(node, "/Kids")))
    for page in pages:
        yield from _triggers(page)
        for annotation in items(get(page, "/Annots")):
            yield get(annotation, "/A")
            yield from _triggers(annotation)
    fields = items(get(get(pdf.Root, "/AcroForm"), "/Fields"))
    for visited, field in enumerate(fields):
        if visited >= MOST_OBJECTS:
            return
        yield get(field, "/A")
        yield from _triggers(field)


def _triggers(holder: Any) -> Iterator[Any]:
    """The additional actions of a document, page, annotation or field."""
    triggers = get(holder, "/AA")
    if isinstance(triggers, pikepdf.Dictionary):
        yield from (get(triggers, key) for key in list(triggers.keys())[:50])


def _described(specification: Any) -> str:
    said = text_of(get(specification, "/Desc")).strip()
    name = text_of(get(specification, "/UF")) or text_of(get(specification, "/F"))
    return f"{name}: {said}" if said else ""


def _emit_by_page(kind: str, label: str, texts: Texts, emitter: Emitter) -> None:
    """A part for each page, in order, and one for what stands on none."""
    for page in sorted(texts, key=lambda page: (page is None, page)):
        _emit(kind, label if page is None else f"{label} on page {page + 1}", texts[page], emitter, page)


def _emit(kind: str, label: str, lines: Any, emitter: Emitter, page: int | None = None) -> None:
    kept: list[str] = []
    for line in lines:
        if line.strip():
            kept.append(line)
        if len(kept) >= MOST_LINES:
            break
    if kept:
        emitter.part(kind, label, "\n".join(kept) + "\n", page=page)
