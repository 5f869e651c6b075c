"""What the public surface answers: records made for reading, not for storing."""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest
from unburnt.model.memo_names import is_beside
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Cell, Date, Member, Note, Part, PartHead, Reading
from unburnt.model.unvouched import NOTHING, Unvouched

STATUS_SCHEMA = 1


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of the ledger: items = sum over outcomes, at every moment."""

    schema: int = STATUS_SCHEMA
    accessions: int
    items: int
    """Occurrences: received ones, and each member once per container content."""
    blobs: int
    bytes: int
    documents: int
    """Blobs that have a reading."""
    outcomes: dict[str, int]
    expected_members: int = 0
    """What containers say they hold, or what was found of more than that: always emitted + failed + awaited."""
    emitted_members: int = 0
    failed_members: int = 0
    """Not to be had, or never reached because reading the container ended before."""
    awaited_members: int = 0
    """Of containers that are being read slice by slice: said to be there and not come to yet."""
    members_not_reached: dict[str, int] = {}
    """Of the failed ones those never reached, by their containers' reason; the twenty commonest."""
    unlocked_parsers: int = 0
    """How many runs read without a sandbox (``--unsafe-parsers``); each is an event."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a keeper is doing now. *state*: ``idle receiving reading``, or ``none`` without a keeper."""

    state: str
    received: int = 0
    received_bytes: int = 0
    waiting: int = 0
    done: int = 0
    pid: int | None = None
    since: str | None = None
    message: str = ""


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One place where content occurs. *chain* leads from the received item down to it.

    For a received item ``chain`` is ``()``. For a member it holds the containers' digests, outermost first, and
    ``path`` is the received path, then each member path, joined by ``b"!/"`` (``report.zip!/inner.txt``).
    """

    accession: str
    path: bytes
    shown: str
    """The path as people read it: members by the encoding that their container's names were found to be in, else UTF-8,
    other bytes as lone surrogates (PEP 383). Never part of a proof."""
    chain: tuple[Digest, ...] = ()
    modified: str | None = None


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger or of a folder listing."""

    id: int
    """Opaque, for URLs; stable until the catalogue is rebuilt."""
    accession: str | None
    container: Digest | None
    path: bytes
    shown: str
    """The path as people read it, as in :class:`Occurrence`."""
    digest: Digest | None
    size: int | None
    modified: str | None
    type: str | None
    outcome: Outcome
    reason: str
    title: str | None = None
    kind: str | None = None
    """Of a member, as in :class:`Member`."""
    sequence: int | None = None
    """Of a received item, the number of the event by which it was."""


class FolderRow(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: bytes
    path: bytes
    items: int
    """All items below, at any depth."""


class FolderView(msgspec.Struct, frozen=True, kw_only=True):
    """One folder as received. *ancestors* from the delivery's root down, itself excluded."""

    id: int
    accession: str
    path: bytes
    ancestors: tuple[FolderRow, ...]
    folders: tuple[FolderRow, ...]
    items: tuple[ItemRow, ...]
    total_items: int
    """Items directly here; *items* may be one page of them."""


class LedgerPage(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[ItemRow, ...]
    total: int


class Snippet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of a hit. *marks* are ``[start, end)`` in code points of *text*."""

    part: int
    label: str
    text: str
    marks: tuple[tuple[int, int], ...]
    kind: str = ""
    """Of the part: ``page sheet slide message section text ...``."""
    start: int = 0
    """Where *text* begins in the part's text."""
    cell: str | None = None
    """A1 address, in sheets."""
    row: tuple[tuple[str, str], ...] = ()
    """In sheets: the hit's row as (heading, value) pairs."""
    hidden: bool = False
    """Whether the row, column or sheet is hidden in the file."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One document that a query found."""

    document: Digest
    paths: tuple[bytes, ...]
    """The first few places where it occurs, as in :class:`Occurrence`."""
    shown: tuple[str, ...]
    """The same places as people read them."""
    title: str | None
    type: str
    lang: str | None
    outcome: Outcome
    date: str | None
    score: float
    snippets: tuple[Snippet, ...] = ()
    unvouched: Unvouched = NOTHING
    """What of it nobody on this machine vouches for."""


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    label: str
    count: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[Facet, ...]] = {}
    """By ``type lang outcome folder year delivery``."""


class VolumeView(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a split archive, or of a table and its memo files, that was read as one."""

    number: int
    """From 1; 0 for the last of those whose number only the content tells; from ``memo_names.BESIDE`` on a memo file."""
    document: Digest
    shown: str
    """The first place where it occurs, as people read it; empty where it is here no more."""
    is_lead: bool
    """Whether what the set holds stands under this one."""

    @property
    def is_memo(self) -> bool:
        """Whether it is the memo file of a table."""
        return is_beside(self.number)


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """A document as a person sees it: its current reading, and every place where it occurs."""

    document: Digest
    size: int
    outcome: Outcome
    reason: str
    reading: Reading | None
    """None while it waits."""
    occurrences: tuple[Occurrence, ...]
    total_occurrences: int
    members: tuple[ItemRow, ...] = ()
    """The first of them, in the container's order."""
    total_members: int = 0
    volumes: tuple[VolumeView, ...] = ()
    """The set that it is a volume of, in order; or a table and its memo files; for a memo file every table that was read with it."""
    unvouched: Unvouched = NOTHING
    """What of it nobody on this machine vouches for."""

    @property
    def title(self) -> str | None:
        return self.reading.metadata.title if self.reading else None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What is here. Each chart is (value, count), largest first; years in order."""

    status: Status
    progress: Progress
    types: tuple[tuple[str, int], ...]
    langs: tuple[tuple[str, int], ...]
    years: tuple[tuple[str, int], ...]
    deliveries: tuple[tuple[str, str, int], ...]
    """(accession, time received, items)."""


__all__ = [
    "Cell", "Date", "DocumentView", "Facet", "FolderRow", "FolderView", "Hit", "ItemRow", "LedgerPage", "Member", "Note",
    "Occurrence", "Overview", "Part", "PartHead", "Progress", "Results", "STATUS_SCHEMA", "Snippet", "Status",
    "VolumeView",
]
