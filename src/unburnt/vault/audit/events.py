"""Checking the events: every line whole, numbered without a gap, and nothing taken out but by an erasing event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.model.events import (
    AnyEvent,
    BeaconLogged,
    CountersignatureAdded,
    Erased,
    EventsAccepted,
    ItemReceived,
    KeyAnnounced,
    KeyRotated,
    LineSetAside,
    MemberPromoted,
    ObjectAdopted,
    ReadingMade,
    TimestampAdded,
)
from unburnt.vault import segments
from unburnt.vault.at_once import BATCH_BYTES, LENGTHS, whole_events
from unburnt.vault.audit.on_word import OnWord
from unburnt.vault.durable import disk_errors
from unburnt.vault.events import Events
from unburnt.vault.fields import (
    BadLine,
    Line,
    UnknownKind,
    event_from,
    event_of,
    missing_in,
    parse_line,
    values_of,
)
from unburnt.vault.layout import Layout
from unburnt.vault.log.note import BadNote
from unburnt.vault.log.rotation import RotationStatement

_RESTORE = "Put the file back from a copy of the archive (unburnt repair --from COPY)."
_LONGEST_LINE = 256 << 20
_encode = msgspec.json.Encoder().encode


class Named(msgspec.Struct):
    """What the events name, for comparing it with what there is."""

    objects: dict[Digest, tuple[int, str | None]] = msgspec.field(default_factory=dict)
    """Digest -> (number of the first event that names it, size it gives, decimal)."""
    erased: dict[Digest, int] = msgspec.field(default_factory=dict)
    """Digest -> number of the event that erased it."""
    readings: dict[Digest, tuple[int, Digest]] = msgspec.field(default_factory=dict)
    """Step key -> (number of the event, digest of the output)."""
    doubted: dict[Digest, int] = msgspec.field(default_factory=dict)
    """Digest -> number of an event that says that it was erased, and that is not sealed: it explains nothing."""
    keys: list[str] = msgspec.field(default_factory=list)
    """The log's keys (vkey) as they were announced; there is one, since later ones take its place."""
    rotations: list[tuple[int, str]] = msgspec.field(default_factory=list)
    """The statements by which one key took the place of another, in order, each with the number of its event; all signed
    as they must be."""
    unsealed_rotations: list[str] = msgspec.field(default_factory=list)
    """Such statements in events that are not sealed: anybody may have written them."""
    beacons: list[tuple[int, BeaconLogged]] = msgspec.field(default_factory=list)
    """Sealed public values, each with the number of its event."""
    vouched: list[tuple[int, CountersignatureAdded | TimestampAdded]] = msgspec.field(default_factory=list)
    """What sealed events say that others signed, each with the number of its event."""


class EventsAudit:
    """Reads every line once. :meth:`entries` gives each event's digests in order, for comparing with the log.

    *sealed* is how many events the signed checkpoint counts: anybody may have written those beyond it, so none of them
    permits that something was taken away, or changes a key. None where nothing is signed, so that none is better.
    """

    def __init__(self, layout: Layout, *, sealed: int | None = None) -> None:
        self._layout = layout
        self._sealed = sealed
        self.named = Named()
        self.events = 0
        self.findings: list[Finding] = []
        self._notes: list[str] = []
        self._missing: dict[int, frozenset[str]] = {}
        self._permitted: dict[int, set[str]] = {}
        self._doubted: dict[int, int] = {}
        self._on_word = OnWord()
        self._end: tuple[Path, int, int] | None = None
        """Where :meth:`entries` stopped behind a good line: file, inode (erasing writes a new one), offset."""

    def entries(self) -> Iterator[tuple[int, list[str] | None]]:
        """Number and digests of every event; None where its line is damaged. Findings are complete at the end."""
        expected = 0
        for path in self._paths():
            with path.open("rb") as file:
                inode, offset, number = os.fstat(file.fileno()).st_ino, 0, 0
                while untrusted := file.read(BATCH_BYTES) + file.readline(_LONGEST_LINE):
                    known = whole_events(untrusted, expected)
                    for sequence, line in self._each(path, number, untrusted, expected) if known is None else self._all(known):
                        yield sequence, None if line is None else line.digests
                        number, expected = number + 1, sequence + 1
                    offset += len(untrusted)
                    self._end = None if line is None else (path, inode, offset)
        self.events = expected
        self._explain_missing()

    def check(self) -> Check:
        """What the lines showed, once :meth:`entries` is used up."""
        return Check(name="events", looked_at=self.events, unit="events", findings=tuple(self.findings),
                     notes=(*self._notes, *self._on_word.notes()))

    def catch_up(self) -> None:
        """Learn what was received or made since, so that an archive at work is not taken for a damaged one."""
        with suppress(UnburntError):
            for number, event in self._later():
                self.events = number + 1
                self._learn(number, event)

    def _later(self) -> Iterator[tuple[int, AnyEvent]]:
        """Events behind those read: from where reading stopped, if that can still be told, else by their numbers."""
        with disk_errors("reading events"):
            paths = segments.segments(self._layout.events)
            path, inode, offset = self._end or (None, 0, 0)
            if path is None or path not in paths or path.stat().st_ino != inode:
                yield from Events(self._layout, write=False).replay(self.events - 1)
                return
            expected = self.events
            for later in paths[paths.index(path):]:
                begin = offset if later == path else 0
                for number, (_, line) in enumerate(
                        segments.lines(later, expected, last=later == paths[-1], offset=begin), 1):
                    self._end = None  # known by their numbers from here on
                    try:
                        event = event_of(line)
                    except BadLine as error:
                        raise segments.unreadable(later, number, error) from error
                    yield expected, event
                    expected += 1

    def _paths(self) -> list[Path]:
        try:
            return segments.segments(self._layout.events)
        except DamagedArchive as error:
            self.findings.append(Finding("events/", error.message, error.remedy or _RESTORE))
            return sorted(self._layout.events.glob("*.jsonl"))

    def _all(self, known: list[tuple[Line, AnyEvent]]) -> Iterator[tuple[int, Line]]:
        for line, event in known:
            self._learn(line.seq, event)
            yield line.seq, line

    def _each(self, path: Path, number: int, untrusted: bytes, expected: int) -> Iterator[tuple[int, Line | None]]:
        """Lines behind line *number* of a file, of which any may be anything."""
        for at, raw in enumerate(BytesIO(untrusted), number + 1):
            line = self._line(path, at, raw, expected)
            if line is not None:
                expected = line.seq
                self._take(path, at, line)
            yield expected, line
            expected += 1

    def _line(self, path: Path, number: int, raw: bytes, expected: int) -> Line | None:
        try:
            line = parse_line(raw)
        except BadLine:
            self._found(path, number, "The line is damaged: it is not what was written.")
            return None
        if _encode(line) + b"\n" != raw:
            self._found(path, number, "The line is not written as it was: its bytes were changed.")
        if len(set(line.disclosures)) != len(line.disclosures):
            self._found(path, number, "It shows a field twice: its bytes were changed.")
        if list(map(len, line.digests)) != LENGTHS:
            self._found(path, number, "Its digests are not as they are written.")
        if line.seq != expected:
            self._found(path, number, f"It holds event {line.seq} where event {expected} belongs.")
        return line

    def _found(self, path: Path, number: int, what: str, remedy: str = _RESTORE) -> None:
        self.findings.append(Finding(f"events/{path.name} line {number}", what, remedy))

    def _take(self, path: Path, number: int, line: Line) -> None:
        try:
            values = values_of(line)
            if missing := missing_in(values):
                self._missing[line.seq] = missing
            event = event_from(values)
        except UnknownKind:
            self._found(path, number, "It is of a kind that this program does not know.",
                        "Check it with the program version that wrote it, or a newer one.")
            return
        except BadLine:
            self._found(path, number, "The event cannot be understood: fields were taken out.")
            return
        self._learn(line.seq, event)

    def _learn(self, number: int, event: AnyEvent) -> None:
        named = self.named
        if self._sealed is not None and number >= self._sealed and isinstance(event, Erased | KeyAnnounced | KeyRotated):
            self._doubt(number, event)
            return
        match event:
            case ItemReceived() | ObjectAdopted() | MemberPromoted():
                if event.digest:
                    named.objects.setdefault(event.digest, (number, event.size))
                    named.erased.pop(event.digest, None)  # received again after it had been erased
            case ReadingMade():
                named.readings[event.key] = (number, event.output)
            case KeyAnnounced():
                named.keys.append(event.vkey)
            case KeyRotated() if _is_signed(event):
                named.rotations.append((number, event.statement))
            case KeyRotated():
                self._invalid(number, sealed=self._sealed is not None)
            case EventsAccepted() | LineSetAside():
                if self._sealed is None or number < self._sealed:
                    self._on_word.learn(number, event)
            case BeaconLogged():
                if self._sealed is None or number < self._sealed:
                    named.beacons.append((number, event))
            case CountersignatureAdded() | TimestampAdded():
                if self._sealed is None or number < self._sealed:
                    named.vouched.append((number, event))
            case Erased():
                named.erased.update(dict.fromkeys(event.digests, number))
                for sequence in event.events:
                    self._permitted.setdefault(sequence, set()).update(event.fields)
            case _:
                pass

    def _doubt(self, number: int, event: Erased | KeyAnnounced | KeyRotated) -> None:
        if isinstance(event, KeyRotated) and not _is_signed(event):
            self._invalid(number, sealed=False)
            return
        if isinstance(event, Erased):
            self.named.doubted.update(dict.fromkeys(event.digests, number))
            self._doubted.update(dict.fromkeys(event.events, number))
            says = "that something was erased"
        else:
            if isinstance(event, KeyRotated):
                self.named.unsealed_rotations.append(event.statement)
            says = "which key seals this archive"
        self._notes.append(f"Event {number}, which is not sealed, says {says}. Anybody may have written it, so it "
                           "explains nothing; who did it says so with unburnt seal --accept.")

    def _invalid(self, number: int, *, sealed: bool) -> None:
        unsealed = "" if sealed else ", which is not sealed,"
        self._notes.append(f"Event {number}{unsealed} says which key seals this archive, and is invalid: its statement is not signed "
                           "by both keys. It counts for nothing.")

    def _explain_missing(self) -> None:
        """A disclosure that is gone must be one that an erasing event names."""
        for sequence, fields in self._missing.items():
            unexplained = fields - self._permitted.get(sequence, set())
            if unexplained:
                names = ", ".join(sorted(unexplained))
                doubted = self._doubted.get(sequence)
                why = "no event says that it was erased" if doubted is None else (
                    f"event {doubted}, which is not sealed, says that it was erased")
                self.findings.append(Finding(
                    f"event {sequence}", f"Its {names} was taken out, and {why}.", _RESTORE))


def _is_signed(event: KeyRotated) -> bool:
    try:
        RotationStatement.parse(event.statement)
    except BadNote:
        return False
    return True
