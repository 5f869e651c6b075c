"""What marks say of a document's places, as text, so that it is found: link targets, field instructions, descriptions, authors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter

MOST_LINES = 50_000
_SHOWN_ANYWAY = frozenset((
    # Fields whose instruction holds no more than what their result shows, or how it looks.
    "PAGE", "NUMPAGES", "SECTIONPAGES", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "TIME", "DATE", "TOC", "PAGEREF", "REF",
    "NOTEREF", "SEQ", "STYLEREF", "SLIDENUM", "EQ", "SYMBOL", "LISTNUM", "AUTONUM",
))  # fmt: skip
_COUNTED = ("insertion", "deletion", "comment")


class Beside:
    """Collects over all parts of a document; each line once, in the order of the document."""

    def __init__(self) -> None:
        self._links: dict[str, None] = {}
        self._fields: dict[str, None] = {}
        self._descriptions: dict[str, None] = {}
        self._forms: dict[str, None] = {}
        self._authors: dict[str, Counter[str]] = {}
        self._dates: dict[str, set[str]] = {}

    def take(self, marks: Iterable[Mark], forms: Iterable[str] = ()) -> None:
        """Note what *marks* say; *forms* are lines about fields to be filled in. A comment with its text is one that
        stands among the comments again."""
        for mark in marks:
            if mark.kind == "link":
                _add(self._links, mark.text)
            elif mark.kind == "field":
                self._field(mark.text.strip())
            elif mark.kind == "annotation" and mark.start == mark.end and not mark.text.startswith(("footnote ", "endnote ")):
                _add(self._descriptions, mark.text)
            elif mark.kind in _COUNTED and not (mark.kind == "comment" and mark.text):
                self._count(mark)
        for line in forms:
            _add(self._forms, line)

    def lead(self, targets: Iterable[str]) -> None:
        """Note where parts of the document lead, unless a place of its text was found to lead there."""
        known = {link.partition("#")[0] for link in self._links} | set(self._links)
        for target in targets:
            if target not in known:
                _add(self._links, target)

    def emit(self, emitter: Emitter) -> bool:
        """Send a part for each kind of which there is any; gives whether there was one that the document itself says."""
        for kind, label, lines in (
            ("properties", "links", self._links), ("properties", "fields", self._fields),
            ("section", "descriptions of pictures", self._descriptions), ("form", "form", self._forms),
        ):  # fmt: skip
            if lines:
                emitter.part(kind, label, "\n".join(lines) + "\n")
        if self._authors:
            emitter.part("properties", "authors of changes and comments", "".join(map(self._about, self._authors)))
        return bool(self._descriptions or self._forms)

    def _field(self, instruction: str) -> None:
        name = instruction.split(None, 1)[0].upper() if instruction else ""
        if name and name not in _SHOWN_ANYWAY and not instruction.startswith(("slidenum", "datetime")):
            _add(self._fields, instruction)

    def _count(self, mark: Mark) -> None:
        author = mark.author or ""
        if author.strip() and (author in self._authors or len(self._authors) < MOST_LINES):
            self._authors.setdefault(author, Counter())[mark.kind] += 1
            if mark.date:
                self._dates.setdefault(author, set()).add(mark.date)

    def _about(self, author: str) -> str:
        """``name: 3 insertions, 1 comment, 2017-05-04T09:12:00Z to 2017-05-06T10:00:00Z``"""
        counted = self._authors[author]
        said = [f"{counted[kind]} {kind}{'s' if counted[kind] > 1 else ''}" for kind in _COUNTED if counted[kind]]
        dates = sorted(self._dates.get(author, ()))
        said += [dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"] if dates else []
        return f"{author}: {', '.join(said)}\n"


def _add(lines: dict[str, None], text: str) -> None:
    if text.strip() and len(lines) < MOST_LINES:
        lines.setdefault(" ".join(text.split()))
