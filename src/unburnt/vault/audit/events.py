"""Checking the events: every line whole, numbered without a gap, and nothing taken out but by an erasing event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive
from unburnt.model.audit import Check, Finding
from unburnt.model.events import (
    Erased,
    ItemReceived,
    KeyAnnounced,
    KeyRotated,
    MemberPromoted,
    ObjectAdopted,
    ReadingMade,
)
from unburnt.vault import segments
from unburnt.vault.fields import BadLine, Line, UnknownKind, event_of, fields_missing, parse_line
from unburnt.vault.layout import Layout

_RESTORE = "Put the file back from a copy of the archive (unburnt repair --from COPY)."
_encode = msgspec.json.Encoder().encode


class Named(msgspec.Struct):
    """What the events name, for comparing it with what there is."""

    objects: dict[Digest, tuple[int, str | None]] = msgspec.field(default_factory=dict)
    """Digest -> (number of the first event that names it, size it gives, decimal)."""
    erased: dict[Digest, int] = msgspec.field(default_factory=dict)
    """Digest -> number of the event that erased it."""
    readings: dict[Digest, tuple[int, Digest]] = msgspec.field(default_factory=dict)
    """Step key -> (number of the event, digest of the output)."""
    keys: list[str] = msgspec.field(default_factory=list)
    """The log's keys (vkey) as they were announced; there is one, since later ones take its place."""
    rotations: list[tuple[int, str]] = msgspec.field(default_factory=list)
    """The statements by which one key took the place of another, in order, each with the number of its event."""


class EventsAudit:
    """Reads every line once. :meth:`entries` gives each event's digests in order, for comparing with the log."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.named = Named()
        self.events = 0
        self.findings: list[Finding] = []
        self._missing: dict[int, frozenset[str]] = {}
        self._permitted: dict[int, set[str]] = {}

    def entries(self) -> Iterator[tuple[int, list[str] | None]]:
        """Number and digests of every event; None where its line is damaged. Findings are complete at the end."""
        expected = 0
        for path in self._paths():
            with path.open("rb") as file:
                for number, raw in enumerate(file, 1):
                    line = self._line(path, number, raw, expected)
                    if line is None:
                        yield expected, None
                    else:
                        expected = line.seq
                        self._take(path, number, line)
                        yield expected, line.digests
                    expected += 1
        self.events = expected
        self._explain_missing()

    def check(self) -> Check:
        """What the lines showed, once :meth:`entries` is used up."""
        return Check(name="events", looked_at=self.events, unit="events", findings=tuple(self.findings))

    def _paths(self) -> list[Path]:
        try:
            return segments.segments(self._layout.events)
        except DamagedArchive as error:
            self.findings.append(Finding("events/", error.message, error.remedy or _RESTORE))
            return sorted(self._layout.events.glob("*.jsonl"))

    def _line(self, path: Path, number: int, raw: bytes, expected: int) -> Line | None:
        where = f"events/{path.name} line {number}"
        try:
            line = parse_line(raw)
        except BadLine:
            self.findings.append(Finding(where, "The line is damaged: it is not what was written.", _RESTORE))
            return None
        if _encode(line) + b"\n" != raw:
            self.findings.append(Finding(where, "The line is not written as it was: its bytes were changed.", _RESTORE))
        if line.seq != expected:
            what = f"It holds event {line.seq} where event {expected} belongs."
            self.findings.append(Finding(where, what, _RESTORE))
        return line

    def _take(self, path: Path, number: int, line: Line) -> None:
        try:
            if missing := fields_missing(line):
                self._missing[line.seq] = missing
            event = event_of(line)
        except UnknownKind:
            where = f"events/{path.name} line {number}"
            self.findings.append(Finding(where, "It is of a kind that this program does not know.",
                                         "Check it with the program version that wrote it, or a newer one."))
            return
        except BadLine:
            where = f"events/{path.name} line {number}"
            self.findings.append(Finding(where, "The event cannot be understood: fields were taken out.", _RESTORE))
            return
        named = self.named
        match event:
            case ItemReceived() | ObjectAdopted() | MemberPromoted():
                if event.digest:
                    named.objects.setdefault(event.digest, (line.seq, event.size))
                    named.erased.pop(event.digest, None)  # received again after it had been erased
            case ReadingMade():
                named.readings[event.key] = (line.seq, event.output)
            case KeyAnnounced():
                named.keys.append(event.vkey)
            case KeyRotated():
                named.rotations.append((line.seq, event.statement))
            case Erased():
                named.erased.update(dict.fromkeys(event.digests, line.seq))
                for sequence in event.events:
                    self._permitted.setdefault(sequence, set()).update(event.fields)
            case _:
                pass

    def _explain_missing(self) -> None:
        """A disclosure that is gone must be one that an erasing event names."""
        for sequence, fields in self._missing.items():
            unexplained = fields - self._permitted.get(sequence, set())
            if unexplained:
                names = ", ".join(sorted(unexplained))
                self.findings.append(Finding(
                    f"event {sequence}", f"Its {names} was taken out, and no event says that it was erased.", _RESTORE))
