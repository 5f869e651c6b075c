"""Word documents: DOCX, DOCM, DOTX, DOTM, and the flat XML forms of 2006 (flat OPC)."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx_numbers import Numbering
from unburnt.read.formats.office.docx_settings import read_settings
from unburnt.read.formats.office.docx_text import MAX_MARKS, WordWalker
from unburnt.read.formats.office.office_beside import Beside
from unburnt.read.formats.office.office_xml import Element, attribute, children, descendants, local, parse_part
from unburnt.read.formats.office.ooxml_custom import emit_custom_xml
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import (
    Relation,
    main_part,
    member_names,
    outside_targets,
    relations_of,
    targets,
)
from unburnt.read.formats.office.package_recovery import open_or_recover, recovery_losses, relations_or_names
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

SMALL_PARTS = {kind: kind for kind in ("header", "footer", "footnotes", "endnotes", "comments", "settings")}
"""How writers name the parts beside the main one."""
SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")


@dataclass
class Progress:
    """What one reading has met so far."""

    text: bool = False
    beside: Beside = field(default_factory=Beside)
    losses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comment:
    """One comment: who, when, what."""

    id: str
    author: str | None
    date: str | None
    text: str


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a Word document: body, headers, notes, comments, tracked changes, embedded members."""
    return read_package(open_or_recover(source.file)[0], emitter)


def read_package(package: Package, emitter: Emitter) -> Ending:
    """Read an opened package (also the flat form, made into one)."""
    main = main_part(package, "word/document.xml")
    if not package.has(main) and not package.recovered:
        raise Damaged("The document's main part is missing.")
    relations = relations_or_names(package, main, SMALL_PARTS)
    said = read_properties(package)
    emitter.metadata(msgspec.structs.replace(said, fields=said.fields | read_settings(package, relations)), searchable=True)
    names = member_names(package)
    emitter.expect(members=len(names))
    progress = Progress()
    comments = _comments(package, relations)
    _body(package, main, relations, comments, emitter, progress)
    _small_parts(package, relations, emitter, progress)
    _comment_part(comments, emitter, progress)
    progress.text |= emit_custom_xml(package, emitter)
    progress.beside.lead(outside_targets(package))
    progress.text |= progress.beside.emit(emitter)
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def ending(package: Package, progress: Progress, members: int) -> Ending:
    """How the reading ended, from what was met."""
    losses = recovery_losses(package) + progress.losses
    if package.damaged_parts:
        losses.append(f"{len(set(package.damaged_parts))} of its parts are damaged")
    if losses and not progress.text:
        said = "No text could be read: " + "; ".join(losses) + "."
        return Ending(Outcome.PARTIAL, f"{said} {members} embedded files are listed.") if members else Ending(Outcome.DAMAGED, said)
    if losses:
        return Ending(Outcome.PARTIAL, "Some was lost: " + "; ".join(losses) + ".")
    if not progress.text:
        reason = "It holds no text of its own"
        return Ending(Outcome.EMPTY, f"{reason}; its {members} embedded files are listed." if members else f"{reason}.")
    return Ending(Outcome.READ)


def _root(package: Package, name: str, progress: Progress) -> Element | None:
    tree = parse_part(package, name)
    if not tree.whole:
        progress.losses.append(f"part {name.rsplit('/', 1)[-1][:60]} {tree.reason}")
    return tree.root


def _body(
    package: Package, main: str, relations: dict[str, Relation], comments: list[Comment], emitter: Emitter,
    progress: Progress,
) -> None:  # fmt: skip
    if not package.has(main):
        progress.losses.append("the main part is gone")
    root = _root(package, main, progress)
    if root is None:
        return
    walker = WordWalker(relations)
    walker.numbering = Numbering(package, relations) if targets(relations, "numbering") else None
    walker.walk(root)
    walker.finish()
    for comment in comments:
        span = walker.comment_spans.get(comment.id)
        if span is not None and len(walker.out.marks) < MAX_MARKS:
            start, end = span[0], span[1] if span[1] is not None else span[0]
            walker.out.marks.append(
                Mark(kind="comment", text=comment.text, author=comment.author, date=comment.date, start=start, end=end)
            )
    _emit("text", "text", walker, emitter, progress)
    if walker.numbering is not None and walker.numbering.lines:
        emitter.part("properties", "numbered paragraphs", "\n".join(walker.numbering.lines))
    for position, name in enumerate(dict.fromkeys(walker.diagrams)):
        _drawing(package, name, position + 1, emitter, progress)


def _emit(kind: str, label: str, walker: WordWalker, emitter: Emitter, progress: Progress) -> None:
    walker.finish()
    progress.beside.take(walker.out.marks, walker.forms)
    if walker.out.has_text() or walker.out.marks:
        progress.text = progress.text or walker.out.has_text()
        emitter.part(kind, label, walker.out.text(), marks=tuple(walker.out.marks))


def _drawing(package: Package, name: str, position: int, emitter: Emitter, progress: Progress) -> None:
    """The texts of a chart or a SmartArt diagram, a line for each."""
    root = _root(package, name, progress)
    if root is None:
        return
    lines = drawing_lines(root)
    if lines:
        progress.text = True
        emitter.part("section", f"drawing {position}", "\n".join(lines))


def drawing_lines(root: Element) -> list[str]:
    """Paragraphs of DrawingML text, and the cached values of charts, in document order."""
    lines: list[str] = []
    for element in descendants(root, "p", "v"):
        if local(element) == "v":
            line = element.text or ""
        else:
            line = "".join(inner.text or "" for inner in descendants(element, "t"))
        if line.strip():
            lines.append(line)
    return lines


def _small_parts(package: Package, relations: dict[str, Relation], emitter: Emitter, progress: Progress) -> None:
    for kind in ("header", "footer"):
        for position, name in enumerate(sorted(set(targets(relations, kind)))):
            root = _root(package, name, progress)
            if root is None:
                continue
            walker = WordWalker(relations_of(package, name))
            walker.walk(root)
            _emit("header", f"{kind} {position + 1}", walker, emitter, progress)
    for kind, element_name in (("footnotes", "footnote"), ("endnotes", "endnote")):
        for name in targets(relations, kind)[:1]:
            root = _root(package, name, progress)
            if root is None:
                continue
            walker = WordWalker(relations_of(package, name))
            for note in children(root, element_name):
                if attribute(note, "type") not in SEPARATORS:
                    walker.walk(note)
                    walker.out.end_line()
            _emit("footnotes", kind, walker, emitter, progress)


def _comments(package: Package, relations: dict[str, Relation]) -> list[Comment]:
    found: list[Comment] = []
    for name in targets(relations, "comments")[:1]:
        root = parse_part(package, name).root
        for element in children(root, "comment") if root is not None else ():
            walker = WordWalker(relations_of(package, name))
            walker.walk(element)
            walker.finish()
            found.append(
                Comment(
                    attribute(element, "id") or "", attribute(element, "author"), attribute(element, "date"),
                    walker.out.text().rstrip("\n"),
                )
            )  # fmt: skip
    return found


def _comment_part(comments: list[Comment], emitter: Emitter, progress: Progress) -> None:
    """All comments as one part, each marked with who wrote it and when."""
    walker = WordWalker({})
    for comment in comments:
        start = walker.out.length
        walker.out.add(comment.text)
        walker.out.mark("comment", start, walker.out.length, author=comment.author, date=comment.date)
        walker.out.add("\n")
    if comments:
        _emit("comments", "comments", walker, emitter, progress)


FORMATS = (
    Format(
        "docx", read, memory_safe=False, libraries=("lxml", "msoffcrypto-tool"),
        title="Word documents (DOCX, DOCM, DOTX, DOTM)",
        gives=(
            "text with headers, footnotes, comments, text boxes, tracked changes with author and time, link targets, fields, "
            "numbers of paragraphs (第一条, 1.2.) beside the text, content controls, custom XML, formulas, embedded members, properties"
        ),
        lacks="numbers of paragraphs stand apart from their lines; layout, and with it page numbers, is not worked out; "
        "macros are shown as text and never run",
    ),
)
