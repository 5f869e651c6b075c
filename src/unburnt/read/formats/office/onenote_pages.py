"""The pages of a OneNote section: which revision shows them, their text line by line, their files ([MS-ONE] 2.2, 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from unburnt.read.charset import decode
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.onenote_objects import (
    Bytes,
    Object,
    Objects,
    Properties,
    Revision,
    Space,
    properties_of,
)

PAGE_MANIFEST: Final = 0x60037
_PAGE, _LINE, _PICTURE, _EMBEDDED = 0x6000B, 0x6000E, 0x60011, 0x60035
_TABLE, _ROW, _CELL = 0x60022, 0x60023, 0x60024
_AUTHORS: Final = (0x120001, 0x120051)
TEXTS: Final = (_LINE, _PICTURE, _EMBEDDED)
_STRUCTURE, _CONTENT, _ELEMENTS, PAGES = 0x24001D5F, 0x24001C1F, 0x24001C20, 0x2C001D63
_UNICODE, _ASCII, _ALTERNATIVE, _FILE_NAME, _PICTURE_NAME = 0x1C001C22, 0x1C003498, 0x1C001E58, 0x1C001D9C, 0x1C001DD7
_FILE_SOURCE: Final = 0x1C001D9D
_CONTAINERS: Final = (0x20001D9B, 0x20001C3F, 0x200034C8)
TITLE, _TITLE_OF_PAGE = 0x1C001CF3, 0x1C001D3C
_AUTHOR: Final = 0x1C001D75
_TAGS, _TAG, _TAG_LABEL, _TAGGED = 0x40003489, 0x20003488, 0x1C003468, 0x1400346E
_EXTENSION: Final = 0x1C003424
_FILE_DATA: Final = 0x80000
"""The bit of a JCID that says that the object stands for a file."""
_SECONDS_1980, _STEPS_CREATED, _STEPS_MODIFIED = 0x14001D7A, 0x18001C65, 0x18001D77
_DEFAULT, _METADATA, _VERSION = 1, 2, 4
_DEEPEST: Final = 100
_LONGEST_CHAIN: Final = 10_000
_LINK: Final = re.compile('\ufddfHYPERLINK "([^"]*)"')


@dataclass(slots=True)
class Held:
    """An embedded file or picture as a page names it; *key* leads to its bytes."""

    name: str
    key: bytes


@dataclass(slots=True)
class Page:
    """What one page holds."""

    title: str = ""
    text: TextBuilder = field(default_factory=TextBuilder)
    recognised: TextBuilder = field(default_factory=TextBuilder)
    """What OneNote itself read in the page's pictures."""
    files: list[Held] = field(default_factory=list)
    authors: dict[str, None] = field(default_factory=dict)
    created: str = ""
    modified: str = ""
    told: set[str] = field(default_factory=set)
    """Every text on it, to tell what earlier revisions said and it does not."""
    too_deep: int = 0
    broken: int = 0


class View:
    """The objects of a space as one revision shows them: its own over those of the revisions it depends on."""

    def __init__(self, source: Bytes, space: Space, revision: bytes) -> None:
        self.source = source
        self.objects: Objects = {}
        self.roots: dict[int, bytes] = {}
        self.encrypted = False
        for one in reversed(list(_chain(space, revision))):
            self.encrypted = self.encrypted or one.encrypted
            self.roots.update(one.roots)
            for group in one.groups:
                source.deadline.check()
                self.objects.update((name, _over(self.objects.get(name), new)) for name, new in group.items())

    def of(self, name: bytes) -> tuple[Object, Properties, bool]:
        """An object with its properties, and whether all of it could be read."""
        one = self.objects.get(name)
        if one is None:
            return Object(0), {}, not name
        self.source.deadline.check()
        return one, *properties_of(self.source, one)

    def root(self, role: int = _DEFAULT) -> tuple[Object, Properties, bool]:
        """The object in a role: content, metadata, or metadata of the version."""
        return self.of(self.roots.get(role, b""))

    def pages(self) -> tuple[list[bytes], bool]:
        """The pages' spaces in the section's order ([MS-ONE], jcidPageSeriesNode), and whether their list could be followed."""
        _, section, whole = self.root()
        listed: list[bytes] = []
        for series in _names(section, _ELEMENTS):
            one, properties, is_there = self.of(series)
            listed += _names(properties, PAGES)
            whole = whole and is_there and bool(one.jcid)
        return list(dict.fromkeys(listed)), whole and all(listed)

    def strings(self, key: int) -> list[str]:
        """What any object says under *key*."""
        return [text for name in self.objects if (text := string(self.of(name)[1], key))]


def _over(before: Object | None, new: Object) -> Object:
    """A revised object keeps its kind where the revision does not repeat it."""
    if before is not None and not new.jcid:
        return Object(before.jcid, new.place, new.size, new.names, new.file or before.file, new.extension or before.extension)
    return new


def _chain(space: Space, revision: bytes) -> Iterator[Revision]:
    seen: set[bytes] = set()
    while revision in space.revisions and revision not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(revision)
        yield space.revisions[revision]
        revision = space.revisions[revision].before


def page_of(view: View) -> Page:
    """The page that *view* shows."""
    page = Page()
    manifest, _, _ = view.root()
    if manifest.jcid == PAGE_MANIFEST:
        _Walker(view, page).walk(view.roots[_DEFAULT], 0)
    else:
        page.broken += bool(view.objects)
    metadata, version = view.root(_METADATA)[1], view.root(_VERSION)[1]
    # What the page keeps of its title can be older than what the list of pages shows.
    page.title = string(metadata, TITLE).strip() or page.title
    page.created = _moment(metadata.get(_STEPS_CREATED))
    page.modified = _moment(version.get(_STEPS_MODIFIED)) or page.modified
    for one in view.objects.values():
        if one.jcid in _AUTHORS and (author := string(properties_of(view.source, one)[0], _AUTHOR)):
            page.authors[author] = None
    return page


class _Walker:
    """Goes through a page from its root; whatever is met twice is given once."""

    def __init__(self, view: View, page: Page) -> None:
        self._view, self._page = view, page
        self._seen: set[bytes] = set()

    def walk(self, name: bytes, depth: int) -> None:
        if name in self._seen:
            return
        if not name:
            self._page.broken += 1
            return
        self._seen.add(name)
        if depth > _DEEPEST:
            self._page.too_deep += 1
            return
        one, properties, whole = self._view.of(name)
        self._page.broken += not whole
        if one.jcid == _TABLE:
            self._table(properties, depth)
            return
        if one.jcid == _PAGE:
            self._page.title = string(properties, _TITLE_OF_PAGE).strip()
            self._page.modified = _moment(properties.get(_SECONDS_1980))
        elif one.jcid in TEXTS:
            self._texts(one, properties)
        for key in (_STRUCTURE, _CONTENT, _ELEMENTS):
            for child in _names(properties, key):
                self.walk(child, depth + 1)

    def _texts(self, one: Object, properties: Properties) -> None:
        self._page.told.update(texts_of(one, properties))
        is_picture = one.jcid == _PICTURE
        for number, text in enumerate(texts_of(one, properties)):
            recognised = is_picture and (number > 0 or not string(properties, _ALTERNATIVE).strip())
            out = self._page.recognised if recognised else self._page.text
            out.end_line()
            start = out.length
            _add(out, text)
            for label, date in self._tags(properties):
                out.mark("annotation", start, out.length, text=label, date=date)
        if one.jcid != _LINE:
            self._page.files.extend(held(properties, self._view, is_picture=is_picture))

    def _tags(self, properties: Properties) -> Iterator[tuple[str, str | None]]:
        """What somebody tagged a line with, in his own words or OneNote's, and when ([MS-ONE], NoteTagStates)."""
        states = properties.get(_TAGS)
        for state in states if isinstance(states, list) else []:
            for definition in _names(state, _TAG):
                if label := string(self._view.of(definition)[1], _TAG_LABEL).strip():
                    yield label, _moment(state.get(_TAGGED)) or None

    def _table(self, properties: Properties, depth: int) -> None:
        """A line for each row; lines within a cell are put together, so that a row stays one."""
        outer = self._page.text
        for row in _names(properties, _ELEMENTS):
            outer.end_line()
            for number, cell in enumerate(_names(self._part_of(row, depth), _ELEMENTS)):
                if number:
                    outer.add("\t")
                self._page.text = TextBuilder()
                self.walk(cell, depth + 2)
                inner, self._page.text = self._page.text, outer
                start = outer.length
                outer.add(inner.text().strip("\n").replace("\n", " "))
                for mark in inner.marks:
                    outer.mark(mark.kind, start + (mark.start or 0), start + (mark.end or 0), text=mark.text, date=mark.date)

    def _part_of(self, name: bytes, depth: int) -> Properties:
        if not name or name in self._seen or depth > _DEEPEST:
            return {}
        self._seen.add(name)
        _, properties, whole = self._view.of(name)
        self._page.broken += not whole
        return properties


def texts_of(one: Object, properties: Properties) -> list[str]:
    """The texts of a line, a picture (what OneNote recognised in it, its description), or an embedded file (its name and source)."""
    if one.jcid == _LINE:
        found = [string(properties, _UNICODE) or _narrow(properties.get(_ASCII))]
    elif one.jcid == _PICTURE:
        found = [string(properties, _ALTERNATIVE), string(properties, _UNICODE)]
    else:
        found = [string(properties, _FILE_NAME) or string(properties, _UNICODE), string(properties, _FILE_SOURCE)]
    return [text for text in dict.fromkeys(found) if text.strip()]


def held(properties: Properties, view: View, *, is_picture: bool) -> Iterator[Held]:
    """The file that a picture or an embedded file stands for; an embedded one's picture is the sign that is shown for it."""
    name = string(properties, _FILE_NAME) or string(properties, _PICTURE_NAME)
    for key in _CONTAINERS:
        for container in _names(properties, key):
            one, inner, _ = view.of(container)
            extension = one.extension or string(inner, _EXTENSION)
            if one.file or (one.jcid & _FILE_DATA and name):
                is_sign = not is_picture and key != _CONTAINERS[0]
                yield Held(f"{name} (as shown){extension}" if is_sign and name else name or extension, one.file)


def string(properties: Properties, key: int) -> str:
    """A string of UTF-16 without its end; empty where there is none."""
    value = properties.get(key)
    if not isinstance(value, bytes):
        return ""
    return value[: len(value) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")


def _narrow(value: object) -> str:
    """A string in a code page: OneNote keeps letters of Western Europe so ([MS-ONE], TextExtendedAscii), some programs others."""
    if not isinstance(value, bytes):
        return ""
    data = value.rstrip(b"\0")
    foreign = sum(code > 0xA0 for code in data)
    return decode(data, native=False).text if foreign > 5 and 3 * foreign > len(data) else data.decode("cp1252", "replace")


def _names(properties: Properties, key: int) -> tuple[bytes, ...]:
    value = properties.get(key)
    return value if isinstance(value, tuple) else ()


def _add(out: TextBuilder, text: str) -> None:
    """Add a line; the address of a link, which OneNote keeps in the text as a field, becomes a mark on what follows."""
    text = text.replace("\r\n", "\n").replace("\x0b", "\n").replace("\r", "\n").replace("\0", "")
    at = 0
    for link in _LINK.finditer(text):
        out.add(text[at : link.start()])
        at = link.end()
        out.mark("link", out.length, out.length, text=link[1])
    out.add(text[at:])


def _moment(value: object) -> str:
    """A time in UTC: seconds since 1980 in four bytes ([MS-ONE], Time32), steps of 100 ns since 1601 in eight. Empty where unset."""
    if not isinstance(value, int) or not value:
        return ""
    start, seconds = (datetime(1980, 1, 1, tzinfo=UTC), value) if value < 1 << 32 else (datetime(1601, 1, 1, tzinfo=UTC), value // 10**7)
    try:
        return (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return ""


def earlier_texts(source: Bytes, space: Space, told: set[str], seen: set[int]) -> Iterator[str]:
    """Texts of any revision that are not in *told*, where they go, in the file's order. Groups in *seen* are left out."""
    for revision in space.revisions.values():
        for group in revision.groups:
            if id(group) in seen:
                continue
            seen.add(id(group))
            for one in group.values():
                if one.jcid in TEXTS:
                    source.deadline.check()
                    yield from unsaid(texts_of(one, properties_of(source, one)[0]), told)


def unsaid(texts: list[str], told: set[str]) -> list[str]:
    """Those that were not in *told*, where they go."""
    new = [text for text in texts if text not in told]
    told.update(new)
    return new


def texts_in(properties: Properties) -> list[str]:
    """Every text of an object of which it is not known what it is."""
    found = [string(properties, key) for key in (TITLE, _ALTERNATIVE, _UNICODE, _FILE_NAME, _FILE_SOURCE)]
    return [text for text in dict.fromkeys([*found, _narrow(properties.get(_ASCII))]) if text.strip()]
