"""Word's XML form of 2003 (WordprocessingML 2003): one file in which headers, notes, comments and pictures stand where they are used.

What was changed or commented on is an ``aml:annotation`` with its author and time, where later forms have elements of their own.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from posixpath import splitext

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Mark, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import SEPARATORS, Comment, Progress
from unburnt.read.formats.office.docx_text import MAX_MARKS, WordWalker
from unburnt.read.formats.office.office_xml import Element, attribute, child, children, descendants, local, text_of
from unburnt.read.formats.office.ole_members import ending
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.registry import Ending

_CHANGES = {"Word.Insertion": "insertion", "Word.Deletion": "deletion"}
_HEADERS = {"hdr": "header", "ftr": "footer"}
_NO_NOTES = (*SEPARATORS, "continuation-separator", "continuation-notice")
_DATES = {"Created": "created", "LastSaved": "modified", "LastPrinted": "printed"}
_LONGEST, _MOST_FIELDS, _MOST_PICTURES, _MOST_NOTES, _LONGEST_NAME = 20_000, 500, 10_000, 20, 1024


@dataclass
class Aside:
    """What stands in the text's XML and not in its lines."""

    headers: list[Element] = field(default_factory=list)
    notes: dict[str, list[Element]] = field(default_factory=lambda: {"footnote": [], "endnote": []})
    comments: list[Comment] = field(default_factory=list)


class WordMlWalker(WordWalker):
    """The walker for the form of 2003."""

    def __init__(self, aside: Aside) -> None:
        super().__init__({})
        self._aside = aside
        self._handlers |= {
            "annotation": self._annotation, "sectPr": self._section, "hlink": self._link, "footnote": self._note, "endnote": self._note,
        }  # fmt: skip

    def another(self) -> WordMlWalker:
        """A walker for what stands apart."""
        return WordMlWalker(self._aside)

    def _paragraph(self, element: Element) -> None:
        super()._paragraph(element)
        section, marked = child(element, "pPr", "sectPr"), child(element, "pPr", "rPr")
        for change in children(marked, "annotation") if marked is not None else ():
            if (kind := _CHANGES.get(attribute(change, "type") or "")) is not None and len(self.out.marks) < MAX_MARKS:
                start, author, when = self.out.length - 1, attribute(change, "author"), attribute(change, "createdate")
                self.out.mark(kind, start, self.out.length, text="paragraph mark", author=author, date=when)
        if section is not None:
            self._section(section)

    def _section(self, element: Element) -> None:
        self._aside.headers += [inner for inner in element if local(inner) in _HEADERS]

    def _note(self, element: Element) -> None:
        kind = local(element)
        self._aside.notes[kind].append(element)
        self.out.mark("annotation", self.out.length, self.out.length, text=f"{kind} {len(self._aside.notes[kind])}")

    def _link(self, element: Element) -> None:
        start = self.out.length
        self.walk(element)
        target, place = attribute(element, "dest") or "", attribute(element, "bookmark")
        if target or place:
            self._mark("link", start, None, text=target + (f"#{place}" if place else ""))

    def _annotation(self, element: Element) -> None:
        kind, author, when = attribute(element, "type") or "", attribute(element, "author"), attribute(element, "createdate")
        if kind == "Word.Comment":
            self._comment_reference(element)
            inner = self.another()
            inner.walk(element)
            inner.finish()
            words = inner.out.text().rstrip("\n")
            self._aside.comments.append(Comment(attribute(element, "id") or "", author, when, words))
        elif kind == "Word.Comment.Start":
            self._comment_start(element)
        elif kind == "Word.Comment.End":
            self._comment_end(element)
        else:
            start = self.out.length
            self.walk(element)
            if kind in _CHANGES and self.out.length > start and len(self.out.marks) < MAX_MARKS:
                self.out.mark(_CHANGES[kind], start, self.out.length, author=author, date=when)


def read_2003(root: Element, body: Element, emitter: Emitter) -> Ending:
    """Read a document: text, headers, notes, comments, pictures, and what it says about itself."""
    progress, aside = Progress(), Aside()
    emitter.metadata(_metadata(root), searchable=True)
    pictures = list(islice(_pictures(root), _MOST_PICTURES + 1))
    if len(pictures) > _MOST_PICTURES:
        pictures.pop()
        progress.losses.append(f"only the first {_MOST_PICTURES} pictures were read")
    emitter.expect(members=len(pictures))
    walker = WordMlWalker(aside)
    walker.walk(body)
    walker.finish()
    for comment in aside.comments:
        start, end = walker.comment_spans.get(comment.id, [None, None])
        if start is not None and len(walker.out.marks) < MAX_MARKS:
            until = start if end is None else end
            walker.out.marks.append(Mark(
                kind="comment", text=comment.text, author=comment.author, date=comment.date, start=start, end=until,
            ))  # fmt: skip
    _emit("text", "text", walker, emitter, progress)
    _asides(walker, aside, emitter, progress)
    progress.text |= progress.beside.emit(emitter)
    _emit_pictures(pictures, emitter, progress)
    ended = ending(progress, len(pictures), False, emitter.failed_members)
    is_any_left = len(pictures) > emitter.failed_members
    return Ending(Outcome.PARTIAL, ended.reason) if ended.outcome is Outcome.DAMAGED and is_any_left else ended


def _asides(walker: WordMlWalker, aside: Aside, emitter: Emitter, progress: Progress) -> None:
    groups = {"headers": aside.headers, **aside.notes}
    walkers = {kind: walker.another() for kind in aside.notes}
    read, numbers = Counter[str](), Counter[str]()
    while waiting := {kind: some for kind, them in groups.items() if (some := them[read[kind] : MAX_MARKS])}:
        for kind, elements in waiting.items():  # what stands in one may bring others, of any kind
            read[kind] += len(elements)
            for element in elements:
                if kind == "headers":
                    inner, name = walker.another(), _HEADERS[local(element)]
                    inner.walk(element)
                    numbers[name] += 1
                    _emit("header", f"{name} {numbers[name]}", inner, emitter, progress)
                elif attribute(element, "type") not in _NO_NOTES:
                    walkers[kind].walk(element)
                    walkers[kind].out.end_line()
    for kind, inner in walkers.items():
        _emit("footnotes", f"{kind}s", inner, emitter, progress)
    if any(len(them) > MAX_MARKS for them in groups.values()):
        progress.losses.append(f"only the first {MAX_MARKS} headers and notes of a kind were read")
    inner = walker.another()
    for comment in aside.comments:
        with inner.out.marking("comment", author=comment.author, date=comment.date):
            inner.out.add(comment.text)
        inner.out.add("\n")
    _emit("comments", "comments", inner, emitter, progress)


def _emit(kind: str, label: str, walker: WordMlWalker, emitter: Emitter, progress: Progress) -> None:
    walker.finish()
    progress.beside.take(walker.out.marks, walker.forms)
    if walker.out.has_text() or (walker.out.marks and kind == "text"):
        progress.text = progress.text or walker.out.has_text()
        emitter.part(kind, label, walker.out.text(), marks=tuple(walker.out.marks))


def _pictures(root: Element) -> Iterator[tuple[str, bytes | None]]:
    """Pictures and objects in Base64, under the names by which the text calls them; none where they are damaged.

    A name that another has already is given a number.
    """
    known: set[tuple[str, bytes]] = set()
    taken: Counter[str] = Counter()
    for element in descendants(root, "binData"):
        stated, words = (attribute(element, "name") or "").removeprefix("wordml://")[:_LONGEST_NAME], "".join(text_of(element).split())
        try:
            data = base64.b64decode(words)
        except ValueError:
            data = None
        found = stated, hashlib.sha256(words.encode("utf-8", "replace") if data is None else data).digest()
        if stated and found in known:
            continue
        known.add(found)
        name = stated or f"object{len(taken) + 1}"
        while name in taken:
            taken[name] += 1
            stem, dot = splitext(name)
            name = f"{stem}-{taken[name]}{dot}"
        taken[name] = 1
        yield name, data


def _emit_pictures(pictures: list[tuple[str, bytes | None]], emitter: Emitter, progress: Progress) -> None:
    damaged = 0
    for name, data in pictures:
        path, short = name.encode("utf-8", "replace"), name.rsplit("/", 1)[-1]
        if data is not None:
            emitter.member(path, "embedded", data, name=short)
            continue
        damaged += 1
        emitter.member_failed(path, "embedded", Outcome.DAMAGED, "This part could not be unpacked.", name=short)
        if damaged <= _MOST_NOTES:
            emitter.note("damaged-part", f"The part {short[:80]!r} is damaged: it is not in base64.")
    if damaged:
        progress.losses.append(f"{damaged} of its parts are damaged")


def _metadata(root: Element) -> Metadata:
    found = Metadata()
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for name in ("DocumentProperties", "CustomDocumentProperties"):
        holder = child(root, name)
        for element in holder if holder is not None else ():
            name, value = local(element), text_of(element).strip()[:_LONGEST]
            if name == "Title":
                found = msgspec.structs.replace(found, title=value or None)
            elif name == "Author":
                found = msgspec.structs.replace(found, author=value or None)
            elif name in _DATES and value:
                dates.append(date(_DATES[name], value, f"word-xml:{name}"))
            elif value and len(fields) < _MOST_FIELDS:
                fields[f"word-xml:{name[:200]}"] = value
    return msgspec.structs.replace(found, dates=tuple(dates), fields=fields)
