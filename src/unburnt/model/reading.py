"""What a reader finds in a blob: parts, cells, members, metadata, outcome.

All offsets are Unicode code points into ``Part.text``, which is the text of record: what the
file says, neither stripped nor normalised. Rectangles are ``(left, top, right, bottom)`` in
points (1/72 inch) from the page's upper left corner; for pictures in pixels.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from unburnt.base.digests import Digest
from unburnt.model.outcome import Outcome

LARGEST_COUNT = (1 << 53) - 1
Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_COUNT)]
"""A number of things, a position, a size: what every store and every JSON reader can hold (RFC 8785). A child that
was taken over may send any number; a decoder refuses what is not one of these."""
Coordinate = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
"""A finite number: NaN and the infinities have no JSON."""

Rectangle = tuple[Coordinate, Coordinate, Coordinate, Coordinate]


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line of a page: where its text stands in the part and on the page."""

    start: Count
    end: Count
    rectangle: Rectangle | None = None
    confidence: Coordinate | None = None
    """0-1, only for OCR."""


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """One non-empty cell of a sheet. Row and column count from 0 at A1, absolutely."""

    row: Count
    column: Count
    start: Count
    end: Count
    """The cell's value as shown stands at ``text[start:end]`` of its part."""
    type: str = "text"
    """``text number date boolean error``."""
    raw: str | None = None
    """The stored value where it differs from what is shown."""
    formula: str | None = None
    comment: str | None = None
    flags: tuple[str, ...] = ()
    """``imprecise-id`` (a number of more than 15 digits), ``merged`` ..."""


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something said about a place: ``insertion deletion comment annotation field link``; ``quote`` for an earlier mail's words."""

    kind: str
    text: str = ""
    author: str | None = None
    date: str | None = None
    start: Count | None = None
    end: Count | None = None
    rectangle: Rectangle | None = None


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of a part's text in one language: ``text[start:end]``."""

    start: Count
    end: Count
    lang: str | None = None
    """As :attr:`Part.lang`."""
    script: str | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The unit a position refers to; at most 1 MiB of UTF-8 text."""

    ordinal: Count
    """0-based, unique and rising within the reading."""
    kind: str
    """``text page sheet slide message section notes comments header footnotes annotations form properties``."""
    label: str
    """What a person calls it: ``3`` for page 3, a sheet's name, a MIME path."""
    text: str
    continues: bool = False
    """Whether this part goes on where the one before it was cut."""
    lang: str | None = None
    """ISO 639 code: ``zh ug ru kk en ...``."""
    script: str | None = None
    """ISO 15924 code: ``Hans Hant Arab Cyrl Latn ...``."""
    passages: tuple[Passage, ...] = ()
    """Which language stands where, in order; empty where all of the text is in *lang*, which else is that of most."""
    origin: str = "file"
    """``file``; ``ocr`` where the text was read from pixels; ``mapped`` where it gives another part's text, written in a
    code of before Unicode, in Unicode: beside the text of record, never in its place."""
    hidden: bool = False
    page: Count | None = None
    """0-based number of the page that can be rendered for this part."""
    width: Coordinate | None = None
    height: Coordinate | None = None
    lines: tuple[Line, ...] = ()
    cells: tuple[Cell, ...] = ()
    hidden_rows: tuple[Count, ...] = ()
    hidden_columns: tuple[Count, ...] = ()
    merged: tuple[tuple[Count, Count, Count, Count], ...] = ()
    """Merged ranges: first row, first column, last row, last column."""
    marks: tuple[Mark, ...] = ()


class Date(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time that the file states, with where it was stated. Never a clock of ours."""

    kind: str
    """``created modified sent received printed taken ...``."""
    value: str
    """RFC 3339 where the file gives a zone, else ISO 8601 without one."""
    zone: str
    """``UTC``, ``+08:00``, or ``unknown``."""
    origin: str
    """``mail:Date``, ``pdf:CreationDate``, ``ooxml:dcterms:created``, ``exif:DateTimeOriginal`` ..."""
    certain: bool = True
    """False where the value could not be fully understood; *value* is then as written."""


class Mail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message's headers, decoded; addresses as written."""

    sender: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the file says about itself."""

    title: str | None = None
    author: str | None = None
    dates: tuple[Date, ...] = ()
    pages: Count | None = None
    sheets: Count | None = None
    mail: Mail | None = None
    fields: dict[str, str] = {}
    """Everything else, keys prefixed by origin: ``pdf:Producer``, ``exif:Model``, ``ooxml:company``."""


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing inside a container; without a digest where it could not be had."""

    ordinal: Count
    path: bytes
    """As the container writes it; data, never a path on disk."""
    kind: str
    """``entry`` (of an archive), ``attachment``, ``message``, ``embedded``."""
    name: str | None = None
    """The path decoded, where the container's encoding is known or was found out."""
    digest: Digest | None = None
    size: Count | None = None
    modified: str | None = None
    declared: str | None = None
    """The media type that the container claims, with the charset where it names one."""
    outcome: Outcome | None = None
    """Set only where there is no digest: ``locked damaged refused unsupported not-received``."""
    reason: str | None = None


class Note(msgspec.Struct, frozen=True):
    """Something a person should know: a mismatch, a doubt, a loss. *code* is stable, *text* a sentence."""

    code: str
    text: str


class Expected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the file's own structure says it holds, counted from that and not from what was emitted."""

    pages: Count | None = None
    members: Count | None = None


class PartHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part without its text: what a list of parts needs."""

    ordinal: Count
    kind: str
    label: str
    characters: Count
    lang: str | None = None
    script: str | None = None
    origin: str = "file"
    hidden: bool = False
    page: Count | None = None
    width: Coordinate | None = None
    height: Coordinate | None = None
    digest: Digest | None = None
    """SHA-256 of the part's record as it is kept: whoever commits to a reading commits to its text."""


class Rest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the reading of a giant container goes on, and the totals of all its slices so far."""

    cursor: bytes
    """The reader's own note of the place; only the reader understands it, and it is as untrusted as the content."""
    began_at: bytes = b""
    """The cursor at which this slice began; empty for the first."""
    slices: Count = 0
    members: Count = 0
    failed_members: Count = 0
    members_bytes: Count = 0
    parts: Count = 0
    text_bytes: Count = 0
    characters: dict[str, Count] = {}
    """Characters of text by language; the empty name for none."""


class Volume(msgspec.Struct, frozen=True, array_like=True):
    """One file of those that were read as one, with its content: its number in the split archive (``model.volume_names``),
    or in a table with its memo files (``model.memo_names``)."""

    number: Count
    digest: Digest


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One output of a reading step over a blob. The parts' texts are kept beside it, one chunk each."""

    blob: Digest
    type: str
    """The media type found in the content."""
    reader: str
    """Which reader: ``pdf``, ``docx`` ..."""
    outcome: Outcome
    reason: str
    """A sentence; empty only for ``read``."""
    metadata: Metadata = Metadata()
    parts: tuple[PartHead, ...] = ()
    members: tuple[Member, ...] = ()
    expected: Expected = Expected()
    notes: tuple[Note, ...] = ()
    lang: str | None = None
    """The language most of the text is in."""
    versions: dict[str, str] = {}
    """Reader and library versions; recorded, never keyed."""
    opened_with_secret: bool = False
    rest: Rest | None = None
    """Set in a slice: a reading that is not finished, outcome ``waiting``, with this slice's parts and members only."""
    volumes: tuple[Volume, ...] = ()
    """In order, the files of a split archive, or of a table and its memo files, that were read as one; *blob* is among them."""
    read_with: Digest | None = None
    """Of a volume: the content under whose reading all that the set holds is found."""
    charsets: tuple[str, ...] = ()
    """Of a text: the charsets that containers declared for it, with which it was read; each was believed only where it fits."""
