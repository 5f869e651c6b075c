"""OneNote sections (.one) and their lists (.onetoc2): pages as they are, what earlier revisions held, embedded files.

[MS-ONESTORE] says how objects and their revisions are kept, [MS-ONE] what they mean.
"""

from __future__ import annotations

from typing import Final

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.onenote_left import files_left, texts_left
from unburnt.read.formats.office.onenote_objects import Broken, Bytes, Section, Space
from unburnt.read.formats.office.onenote_package import Package
from unburnt.read.formats.office.onenote_pages import (
    PAGE_MANIFEST,
    Held,
    Page,
    View,
    earlier_texts,
    page_of,
    unsaid,
)
from unburnt.read.formats.office.onenote_store import Store
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

SECTION: Final = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
LIST: Final = bytes.fromhex("a12fff43d9ef764c9ee210ea5722765f")
_PACKAGED: Final = bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")
_SECTION_NAMES: Final = (0x1C001D69, 0x1C00349B)
_LISTED: Final = 0x1C001D6B
MOST_VERSIONS: Final = 1_000
"""Kept versions of one page that are looked at."""
_MOST_TOLD: Final = 1_000
"""Pages whose times and authors stand among the properties."""


def read(source: Source, emitter: Emitter) -> Ending:
    """A part a page; hidden ones for what only versions, earlier revisions and unlisted pages hold.

    Raises :class:`Damaged`, :class:`Locked`, :class:`Stopped`.
    """
    data = Bytes(source.file, source.size)
    try:
        store: Store | Package = Package(data) if data.at(48, 16) == _PACKAGED else Store(data)
    except Broken as error:
        raise Damaged("Its head is cut off.") from error
    section = store.follow()
    reading = _Reading(data, section, emitter)
    if source.head(16) == LIST:
        reading.list_of_sections()
    else:
        reading.pages()
    reading.files()
    reading.rest()
    return reading.ending()


class _Reading:
    """One section on its way out."""

    def __init__(self, source: Bytes, section: Section, emitter: Emitter) -> None:
        self._source, self._section, self._emitter = source, section, emitter
        self._told: set[str] = set()
        self._groups: set[int] = set()
        self._files: list[Held] = []
        self._encrypted = 0

    def list_of_sections(self) -> None:
        """The names of sections and groups that a notebook's list (.onetoc2) holds."""
        names: dict[str, None] = {}
        for space in self._section.spaces.values():
            names.update(dict.fromkeys(View(self._source, space, space.shown.get(b"", b"")).strings(_LISTED)))
        if names:
            self._emitter.part("section", "sections", "".join(f"{name}\n" for name in names))

    def pages(self) -> None:
        """Every page in the section's order, then those that it does not list."""
        spaces, section = self._section.spaces, self._section
        root = spaces.get(section.root)
        view = View(self._source, root or Space(b""), root.shown.get(b"", b"") if root else b"")
        listed, whole = view.pages()
        if not whole or (not listed and len(spaces) > 1):
            section.lose("its list of pages cannot be followed")
        missing = sum(name not in spaces for name in listed)
        if missing:
            section.lose(f"{missing} of {len(listed)} pages are missing")
        self._emitter.check_pages(len(spaces))
        self._emitter.expect(pages=len(listed))
        given = [self._page(spaces[name], number, "") for number, name in enumerate(listed, 1) if name in spaces]
        names = next((found for key in _SECTION_NAMES if (found := view.strings(key))), [])
        self._emitter.metadata(_metadata(names, given), searchable=True)
        unlisted = [space for name, space in spaces.items() if name != section.root and name not in listed]
        for number, space in enumerate(unlisted, len(listed) + 1):
            self._page(space, number, " (not among the section's pages)" if listed else "")
        if self._encrypted and not self._emitter.characters:
            raise Locked("The section is protected with a password; it cannot be opened here, also with its password.")
        if self._encrypted:
            section.lose(f"{self._encrypted} pages are encrypted")

    def _page(self, space: Space, number: int, remark: str) -> Page:
        """One page, its kept versions, and what else its revisions held."""
        view = View(self._source, space, space.shown.get(b"", next(reversed(space.revisions), b"")))
        self._encrypted += view.encrypted
        page = Page() if view.encrypted else page_of(view)
        title = f"{' '.join(page.title[:120].split()) or f'page {number}'}{remark}"
        lines = page.text
        if page.title and page.title not in lines.text():
            # Said by the list of pages alone; behind the text, whose places it leaves as they are.
            lines.end_line()
            lines.add(page.title)
        if not view.encrypted:
            self._emit(title, lines, hidden=bool(remark))
        self._emit_recognised(title, page, hidden=bool(remark))
        self._losses(page, number)
        self._files += page.files
        told = page.told
        for context, revision in list(space.shown.items())[:MOST_VERSIONS]:
            if context:
                self._version(View(self._source, space, revision), told, title)
        self._earlier(space, told, title)
        self._told |= told | {page.title}
        return page

    def _version(self, view: View, told: set[str], title: str) -> None:
        """A version of a page that OneNote kept, whole, where it holds any text that was not given."""
        if view.encrypted or view.root()[0].jcid != PAGE_MANIFEST:
            return
        page = page_of(view)
        self._files += page.files
        if page.told - told:
            told |= page.told
            title += f" (version of {page.modified or 'an unknown time'})"
            self._emit(title, page.text, hidden=True)
            self._emit_recognised(title, page, hidden=True)

    def _earlier(self, space: Space, told: set[str], title: str) -> None:
        lines = TextBuilder()
        for text in earlier_texts(self._source, space, told, self._groups):
            lines.end_line()
            lines.add(text)
        self._emit(f"{title} (removed, or of earlier revisions)", lines, hidden=True)

    def _emit(self, label: str, lines: TextBuilder, *, hidden: bool = False, is_rest: bool = False) -> None:
        if lines.has_text() or not (hidden or is_rest):
            self._emitter.part("section", label, lines.text(), marks=tuple(lines.marks), hidden=hidden)

    def _emit_recognised(self, title: str, page: Page, *, hidden: bool) -> None:
        if page.recognised.has_text():
            self._emit(f"{title} (what OneNote recognised in its pictures)", page.recognised, hidden=hidden)

    def _losses(self, page: Page, number: int) -> None:
        if page.too_deep:
            self._section.lose(f"{page.too_deep} things on page {number} lie too deep")
        if page.broken:
            self._section.lose(f"{page.broken} things on page {number} cannot be read")

    def rest(self) -> None:
        """What stands in the file although nothing that can be followed leads to it: of pages that are damaged, or long gone."""
        section, lines = self._section, TextBuilder()
        try:
            for texts in texts_left(self._source, section.files.values()):
                for text in unsaid(texts, self._told):
                    lines.end_line()
                    lines.add(text)
        finally:
            self._emit("found in the file, of no known page or revision", lines, hidden=not section.losses, is_rest=True)
        known = {place for place, _ in section.files.values()}
        if section.losses:
            for place, size in files_left(self._source):
                if place not in known:
                    name = f"file-at-{place}"
                    self._emitter.member(f"found/{name}".encode(), "embedded", self._source.pieces(place, size), name=name)

    def files(self) -> None:
        """Embedded files and pictures by the names that pages give them; then those that no page shows."""
        places, given = self._section.files, set()
        for number, (key, name) in enumerate(dict.fromkeys((held.key, held.name) for held in self._files), 1):
            given.add(key)
            self._file(key, _file_name(name, number), "pages")
        left = [key for key in places if key not in given]
        if left and not self._section.losses:
            self._emitter.note("onenote-files", f"{len(left)} of its files stand on no page that can be seen; they are members too.")
        for number, key in enumerate(left, 1):
            self._file(key, _file_name("", number), "no page")

    def _file(self, key: bytes, name: str, folder: str) -> None:
        path = f"{folder}/{self._emitter.members + 1}/{name}".encode("utf-8", "replace")
        if key in self._section.files:
            self._emitter.member(path, "embedded", self._source.pieces(*self._section.files[key]), name=name)
        else:
            self._emitter.member_failed(path, "embedded", Outcome.NOT_RECEIVED, "Its bytes are not in this file.", name=name)

    def ending(self) -> Ending:
        """How it went."""
        has_text, losses = self._emitter.characters > 0, list(self._section.losses)
        if losses:
            return Ending(Outcome.PARTIAL if self._emitter.has_content else Outcome.DAMAGED, f"Some was lost: {'; '.join(losses[:20])}.")
        if not has_text:
            return Ending(Outcome.EMPTY, f"It holds no text of its own; {self._emitter.members} embedded files are listed.")
        return Ending(Outcome.READ)


def _file_name(name: str, number: int) -> str:
    """A name that a page gives, without folders; a number where it gives an extension or nothing."""
    plain = name.replace("\\", "/").rpartition("/")[2].strip("\0 ")[:200]
    return plain if plain and not plain.startswith(".") else f"file-{number}{plain[:20]}"


def _metadata(names: list[str], pages: list[Page]) -> Metadata:
    """The section's name, its pages' authors and times, which are UTC."""
    authors = dict.fromkeys(author for page in pages for author in page.authors)
    created = min((page.created for page in pages if page.created), default="")
    modified = max((page.modified for page in pages if page.modified), default="")
    fields = {"onenote:authors": "; ".join(authors)[:20_000]} if authors else {}
    for number, page in enumerate(pages[:_MOST_TOLD], 1):
        by = f"by {', '.join(page.authors)}"[:500] if page.authors else ""
        times = [f"{what} {when}" for what, when in (("created", page.created), ("modified", page.modified)) if when]
        fields[f"onenote:page {number}"] = "; ".join([page.title[:200] or f"page {number}", *times, *([by] if by else [])])
    dates = tuple(
        Date(kind=kind, value=value, zone="UTC", origin="onenote:page")
        for kind, value in (("created", created), ("modified", modified)) if value
    )  # fmt: skip
    return Metadata(
        title=names[0] if names else None, author=next(iter(authors), None), dates=dates, pages=len(pages) or None, fields=fields,
    )  # fmt: skip


FORMATS = (
    Format(
        "onenote", read, memory_safe=True,
        title="OneNote sections (ONE) and lists of them (ONETOC2), since OneNote 2010, also as Office 365 packs them",
        gives=(
            "pages in order with titles, text, tables, names and sources of embedded files, descriptions of pictures and what OneNote "
            "recognised in them, links, tags; kept versions of pages, texts of earlier revisions and unlisted pages as hidden parts; "
            "embedded files and pictures as members; authors and times"
        ),
        lacks=(
            "sections protected with a password stay locked; ink, sound marks and numbers of lists are not read; files that "
            "OneNote keeps in a folder beside the section are named only; a damaged section gives what texts can be found, without order"
        ),
    ),
)
