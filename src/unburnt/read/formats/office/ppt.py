"""Old presentations: PPT (MS-PPT): a walk over the records of the document stream."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.office_art import emit_pictures, pictures_in
from unburnt.read.formats.office.office_secrets import decrypt
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.ole_container import OleTrouble, is_cut_off, open_ole, read_properties, stream_bytes
from unburnt.read.formats.office.ole_members import ending
from unburnt.read.formats.office.ole_salvage import salvage
from unburnt.read.formats.office.ppt_objects import STORED, emit_stored, link_lines, opened
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

ENCRYPTED_TOKEN = 0xF3D1C4DF
DOCUMENT, SLIDE, NOTES, LIST, PERSIST, USER_EDIT, DIRECTORY = 1000, 1006, 1008, 4080, 1011, 4085, 6002
CHARACTERS, BYTES, SLIDE_ATOM, NOTES_ATOM = 4000, 4008, 1007, 1009
FOOTERS, SHAPE, SHAPE_DATA, PLACEHOLDER = 4057, 0xF004, 0xF011, 3011
MOST_DEPTH = 40
MOST_RECORDS = 3_000_000
OBJECTS, HYPERLINK = 1033, 4055
TAGS, BINARY_TAG, TAG_DATA, COMMENT, COMMENT_ATOM, STRING = 5000, 5002, 5003, 12000, 12001, 4026
Record = tuple[int, int, int, int]


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an old presentation: slides in order, with their notes."""
    try:
        ole, stream, user = _open(source.file)
    except Damaged as error:
        return salvage(source, emitter, error)
    secret = False
    if len(user) >= 16 and struct.unpack_from("<I", user, 12)[0] == ENCRYPTED_TOKEN or ole.exists("EncryptedSummary"):
        plain, secret = decrypt(source)
        ole, stream, user = _open(plain)
    emitter.metadata(read_properties(ole), searchable=True)
    progress = Progress()
    if is_cut_off(ole) and not secret:
        progress.losses.append("the file is cut off")
    deck = Deck(stream, user)
    slides = deck.listed(0)
    pictures = pictures_in(stream_bytes(ole, ("Pictures",)) or b"")
    members = len(pictures) + sum(not one.is_macros for one in opened(deck.stored()))
    emitter.expect(pages=len(slides), members=members)
    notes = deck.notes_by_slide()
    for position, (reference, identity, outline) in enumerate(slides):
        hidden, drawn = deck.drawn(reference)
        text = "\n".join([*outline, *drawn])
        emitter.part("slide", str(position + 1), text, hidden=hidden)
        progress.text = progress.text or bool(text.strip())
        said = "\n".join(notes.get(identity, ()))
        if said.strip():
            progress.text = True
            emitter.part("notes", str(position + 1), said, hidden=hidden)
        comments = deck.comments(reference)
        progress.text = progress.text or any(comment.text.strip() for comment in comments)
        _emit_comments(comments, str(position + 1), emitter, hidden=hidden)
    everywhere = "\n".join(deck.shown_everywhere())
    if everywhere:
        progress.text = True
        emitter.part("header", "masters", everywhere)
    if links := link_lines(deck.links()):
        emitter.part("properties", "links", links)
    if deck.truncated:
        progress.losses.append("the records of the presentation are damaged")
    emit_pictures(pictures, emitter)
    emit_stored(opened(deck.stored()), emitter)
    return ending(progress, members, secret, emitter.failed_members)


def _emit_comments(comments: list[Comment], label: str, emitter: Emitter, *, hidden: bool) -> None:
    out = TextBuilder()
    for comment in comments:
        start = out.length
        out.add(comment.text)
        out.mark("comment", start, out.length, author=comment.author, date=comment.date)
        out.add("\n")
    if comments:
        emitter.part("comments", label, out.text(), marks=tuple(out.marks), hidden=hidden)


def _open(file: BinaryIO) -> tuple[Any, bytes, bytes]:
    file.seek(0)
    try:
        ole = open_ole(file)
    except OleTrouble as error:
        raise Damaged("The file's structure (OLE) cannot be followed.") from error
    stream = stream_bytes(ole, ("PowerPoint Document",))
    if not stream:
        raise Damaged("The file has no readable PowerPoint stream.")
    return ole, stream, stream_bytes(ole, ("Current User",)) or b""


@dataclass(frozen=True)
class Comment:
    """A comment; its time has no zone."""

    author: str | None
    text: str
    date: str | None


class Deck:
    """The records of one presentation, found through its directory of persistent objects."""

    def __init__(self, stream: bytes, user: bytes) -> None:
        self._stream = stream
        self.truncated = False
        self._seen = 0
        self._places: dict[int, int] = {}
        document = self._follow_edits(user)
        place = self._places.get(document, -1)
        self._document = self._record(place) if place >= 0 else None
        if self._document is None or self._document[1] != DOCUMENT:
            self._document = next((record for record in self._records(0, len(stream)) if record[1] == DOCUMENT), None)
        if self._document is None:
            raise Damaged("The presentation's own record is missing.")

    def _follow_edits(self, user: bytes) -> int:
        """From the newest edit back: the first place seen of an object is the current one (MS-PPT 2.1.2)."""
        offset = struct.unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
        document = 0
        seen: set[int] = set()
        while offset and offset not in seen and len(seen) < 10_000:
            seen.add(offset)
            record = self._record(offset)
            if record is None or record[1] != USER_EDIT or record[3] < 28:
                break
            last, directory, reference = struct.unpack_from("<III", self._stream, record[2] + 8)
            document = document or reference
            self._read_directory(directory)
            offset = last
        return document

    def _read_directory(self, offset: int) -> None:
        record = self._record(offset)
        if record is None or record[1] != DIRECTORY:
            return
        position, end = record[2], record[2] + record[3]
        while position + 4 <= end:
            head = struct.unpack_from("<I", self._stream, position)[0]
            first, count = head & 0xFFFFF, head >> 20
            position += 4
            for number in range(count):
                if position + 4 > end:
                    return
                self._places.setdefault(first + number, struct.unpack_from("<I", self._stream, position)[0])
                position += 4

    def _record(self, position: int) -> Record | None:
        """(version and instance, type, start of content, length), cut at the stream's end."""
        if position < 0 or position + 8 > len(self._stream):
            return None
        version, kind, length = struct.unpack_from("<HHI", self._stream, position)
        if position + 8 + length > len(self._stream):
            self.truncated = True
            length = len(self._stream) - position - 8
        return version, kind, position + 8, length

    def _records(self, start: int, end: int) -> Iterator[Record]:
        while start + 8 <= end and self._seen < MOST_RECORDS:
            self._seen += 1
            record = self._record(start)
            if record is None:
                return
            yield record
            start = record[2] + record[3]

    def stored(self) -> Iterator[tuple[int, int, bytes]]:
        """The records that hold a storage: number of the object, instance, content."""
        for number, place in sorted(self._places.items()):
            record = self._record(place)
            if record is not None and record[1] == STORED:
                yield number, record[0] >> 4, self._stream[record[2] : record[2] + record[3]]

    def links(self) -> Iterator[tuple[str, str, str]]:
        """Where the deck leads out (MS-PPT 2.10.16): words, address, and the place there."""
        for objects in self._records(self._document[2], self._document[2] + self._document[3]) if self._document else ():
            for link in self._records(objects[2], objects[2] + objects[3]) if objects[1] == OBJECTS else ():
                if link[1] == HYPERLINK:
                    inner = self._records(link[2], link[2] + link[3])
                    said = {one[0] >> 4: self._text(one).strip("\0") for one in inner if one[1] == STRING}
                    yield said.get(0, ""), said.get(1, ""), said.get(3, "")

    def listed(self, instance: int) -> list[tuple[int, int, list[str]]]:
        """Slides (0) or notes (2) in order: (place reference, slide id, outline texts)."""
        found: list[tuple[int, int, list[str]]] = []
        if self._document is None:
            return found
        for record in self._records(self._document[2], self._document[2] + self._document[3]):
            if record[1] != LIST or record[0] >> 4 != instance:
                continue
            for inner in self._records(record[2], record[2] + record[3]):
                if inner[1] == PERSIST and inner[3] >= 16:
                    reference, _, _, identity = struct.unpack_from("<IIiI", self._stream, inner[2])
                    found.append((reference, identity, []))
                elif found and inner[1] in (CHARACTERS, BYTES):
                    found[-1][2].append(self._text(inner))
        return found

    def drawn(self, reference: int) -> tuple[bool, list[str]]:
        """Whether a slide is hidden, the texts of its own shapes, and its own footer where no shape repeats that."""
        place = self._record(self._places.get(reference, -1))
        if place is None:
            return False, []
        texts = [self._text(record) for record in self._deep(place, 0)]
        return self._hidden(place), [*texts, *(text for text in self._footers(place) if text not in texts)]

    def shown_everywhere(self) -> list[str]:
        """What the masters' own shapes say, and the headers, footers and fixed dates of all slides and notes, each once."""
        found = dict.fromkeys(self._footers(self._document) if self._document else ())
        for reference, _, _ in self.listed(1):
            master = self._record(self._places.get(reference, -1))
            if master is not None:
                found.update(dict.fromkeys([*self._footers(master), *self._unprompted(master, 0)]))
        return [text for text in found if text.strip() not in ("", "*")]

    def _footers(self, parent: Record) -> Iterator[str]:
        """The strings of a HeadersFooters container (MS-PPT 2.4.15)."""
        for record in self._records(parent[2], parent[2] + parent[3]):
            if record[1] == FOOTERS:
                yield from (self._text(one) for one in self._records(record[2], record[2] + record[3]) if one[1] == STRING)

    def _unprompted(self, parent: Record, depth: int) -> Iterator[str]:
        """Texts of a master's shapes; its placeholders hold only prompts (MS-PPT 2.5.3)."""
        for record in self._records(parent[2], parent[2] + parent[3]):
            if record[1] == SHAPE:
                if not self._is_placeholder(record):
                    yield from (self._text(one) for one in self._deep(record, 0))
            elif record[0] & 0xF == 0xF and depth < MOST_DEPTH:
                yield from self._unprompted(record, depth + 1)

    def _is_placeholder(self, shape: Record) -> bool:
        inside = (one for one in self._records(shape[2], shape[2] + shape[3]) if one[1] == SHAPE_DATA)
        return any(one[1] == PLACEHOLDER for data in inside for one in self._records(data[2], data[2] + data[3]))

    def _hidden(self, slide: Record) -> bool:
        for record in self._records(slide[2], slide[2] + slide[3]):
            if record[1] == 1017 and record[3] >= 12:
                return bool(self._stream[record[2] + 10] & 0x04)
        return False

    def _deep(self, parent: Record, depth: int) -> Iterator[Record]:
        for record in self._records(parent[2], parent[2] + parent[3]):
            if record[1] in (CHARACTERS, BYTES):
                yield record
            elif record[0] & 0xF == 0xF and depth < MOST_DEPTH:
                yield from self._deep(record, depth + 1)

    def comments(self, reference: int) -> list[Comment]:
        """What people wrote beside a slide (MS-PPT 2.5.20 and 2.5.22): in its extension tags for PowerPoint 2002."""
        place = self._record(self._places.get(reference, -1))
        holders = [place] if place else []
        for kind in (TAGS, BINARY_TAG, TAG_DATA, COMMENT):
            holders = [one for holder in holders for one in self._records(holder[2], holder[2] + holder[3]) if one[1] == kind]
        return [self._comment(holder) for holder in holders]

    def _comment(self, holder: Record) -> Comment:
        words: dict[int, str] = {}
        date = None
        for record in self._records(holder[2], holder[2] + holder[3]):
            if record[1] == STRING:
                words[record[0] >> 4] = self._stream[record[2] : record[2] + record[3]].decode("utf-16-le", "replace")
            elif record[1] == COMMENT_ATOM and record[3] >= 20:
                year, month, _, day, hour, minute, second, _ = struct.unpack_from("<8H", self._stream, record[2] + 4)
                if year:
                    date = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        return Comment(words.get(0) or None, words.get(1, "").replace("\r", "\n"), date)

    def notes_by_slide(self) -> dict[int, list[str]]:
        """Texts of the notes pages, by the id of the slide they belong to."""
        found: dict[int, list[str]] = {}
        for reference, _, outline in self.listed(2):
            place = self._record(self._places.get(reference, -1))
            if place is None:
                continue
            slide = 0
            for record in self._records(place[2], place[2] + place[3]):
                if record[1] == NOTES_ATOM and record[3] >= 4:
                    slide = struct.unpack_from("<I", self._stream, record[2])[0]
            texts = [self._text(record) for record in self._deep(place, 0)]
            found.setdefault(slide, []).extend(text for text in [*outline, *texts] if text not in ("*", ""))
        return found

    def _text(self, record: Record) -> str:
        raw = self._stream[record[2] : record[2] + record[3]]
        text = raw.decode("utf-16-le", "replace") if record[1] in (CHARACTERS, STRING) else raw.decode("latin-1")
        return text.replace("\r", "\n").replace("\x0b", "\n")


FORMATS = (
    Format(
        "ppt", read, memory_safe=False, libraries=("olefile", "msoffcrypto-tool"),
        title="PowerPoint 97 to 2003, WPS Presentation (PPT, DPS)",
        gives="slides in order, notes, comments, headers and footers, the masters' own texts, links, pictures, embedded objects",
        lacks="charts' data stands in the embedded objects; macros are shown as text and never run",
    ),
)
