"""Checking the seal: events against log, log against checkpoint, checkpoints against those who vouched for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.events import Named
from unburnt.vault.audit.keys import KeysAudit
from unburnt.vault.audit.trusted import RESTORE, Trusted
from unburnt.vault.audit.vouching import Vouching
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import ENTRY_BYTES, entry_of
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import MAX_NOTE_BYTES, Note, parse_note
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import WIDTH, Tiles, bundle, edge_of, levels, read_at_most, tile_name

__all__ = ["LogAudit", "Trusted"]


class LogAudit:
    """:meth:`compare` first, with every event's digests in order; then :meth:`checks` and :meth:`statements`."""

    def __init__(self, layout: Layout, trusted: Trusted) -> None:
        self._layout, self._trusted, self._origin = layout, trusted, origin_of(layout.archive_id)
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._statements: list[str] = []
        self._events = 0
        self._note: Note | None = None
        self._head = Checkpoint(self._origin, 0, EMPTY_ROOT)
        try:
            self._open()
        except UnburntError as error:
            self._findings.append(Finding("log/checkpoint", error.message, error.remedy or RESTORE))
        self._size = self._head.size
        self._tiles = Tiles(layout.log, self._size)

    def _open(self) -> None:
        untrusted = self._read()
        if untrusted is None:
            return
        note = parse_note(untrusted)
        head = Checkpoint.parse(note.text)
        if head.origin != self._origin:
            self._findings.append(Finding("log/checkpoint", "It is the checkpoint of another archive.", RESTORE))
            return
        self._note, self._head = note, head

    def _read(self) -> bytes | None:
        return read_at_most(self._layout.log / CHECKPOINT, MAX_NOTE_BYTES + 1)

    @property
    def sealed(self) -> int | None:
        """How many events the checkpoint counts, None where there is none; see :class:`EventsAudit`."""
        return None if self._note is None else self._size

    def compare(self, entries: Iterable[tuple[int, Sequence[str] | None]]) -> None:
        """Compare each event with what the log committed to, and the log's files with each other."""
        events = iter(entries)
        if self._note is not None:
            for wrong in contradictions(self._layout.log, self._head, self._committed(events)):
                item = wrong.path if wrong.index is None else f"event {wrong.index} ({wrong.path})"
                self._findings.append(Finding(item, wrong.reason, RESTORE))
            self._findings += self._outgrown_tiles()
        for index, _ in events:
            self._events = index + 1
        if self._events > self._size:
            self._notes.append(f"The newest {self._events - self._size} events, from number {self._size} on, are not sealed "
                               "yet: the seal says nothing of what they say.")

    def checks(self, named: Named) -> list[Check]:
        """What was found: the log, its checkpoint, countersignatures, timestamps. *named* is what the events say."""
        keys = KeysAudit(self._trusted, named, self._size)
        checkpoint = self._checkpoint(named, keys)
        vouching = Vouching(self._layout, self._trusted, self._tiles, self._size, named)
        log = Check(name="log", looked_at=self._size, unit="events in the log", findings=tuple(self._findings),
                    notes=tuple(self._notes))
        checks = [log, checkpoint, vouching.countersignatures(keys), vouching.timestamps()]
        self._statements += vouching.statements
        self._statements += _beacons(named)
        return checks

    def statements(self) -> list[str]:
        """What the seal shows, a sentence each; to be asked after :meth:`checks`."""
        return self._statements

    def _committed(self, events: Iterator[tuple[int, Sequence[str] | None]]) -> Iterator[bytes]:
        """The entry of each event; for a line too damaged to tell, that of the log, which alone still knows it."""
        for index, digests in islice(events, self._size):
            self._events = index + 1
            yield entry_of(digests) if digests is not None else self._logged(index)

    def _outgrown_tiles(self) -> Iterator[Finding]:
        """The partial tiles that a kept checkpoint needs must be the beginnings of what followed them.

        Of others nothing is promised: a crash or a failing disk leaves such, half written, past a checkpoint.
        """
        for size in Kept(self._layout.log, self._layout.tmp).sizes():
            for level in (None, *levels(min(size, self._size))):
                number, width = edge_of(size, level or 0)
                name = tile_name(level, number, width)
                path = self._layout.log / name
                if not width or size > self._size or not path.exists():
                    continue  # the full tile, or the wider one, serves as well
                try:
                    whole = self._tiles.entries(number, width) if level is None else self._tiles.hashes(
                        level, number, width)
                    if path.read_bytes() != (bundle(whole) if level is None else b"".join(whole)):
                        yield Finding(f"log/{name}", "It is not the beginning of the tile that followed it.", RESTORE)
                except (OSError, UnburntError) as error:
                    yield Finding(f"log/{name}", getattr(error, "message", "It cannot be read."), RESTORE)

    def _logged(self, index: int) -> bytes:
        try:
            return self._tiles.entries(index // WIDTH, index % WIDTH + 1)[-1]
        except UnburntError:
            return bytes(ENTRY_BYTES)

    def _checkpoint(self, named: Named, keys: KeysAudit) -> Check:
        findings, notes = self._signature(named, keys)
        findings += keys.published(self._layout.log)
        return Check(name="checkpoint", looked_at=int(self._note is not None), unit="checkpoints",
                     findings=tuple(findings), notes=(*notes, *keys.notes))

    def _signature(self, named: Named, keys: KeysAudit) -> tuple[list[Finding], list[str]]:
        findings: list[Finding] = []
        if self._note is None:
            if named.keys and not self._findings:
                findings.append(Finding("log/checkpoint", "Events name a key that seals this archive, and there is no "
                                        "checkpoint.", "Start the archive once (unburnt add). If it was sealed before, "
                                        "its seal was taken away: look for a copy."))
            elif self._trusted.keys and not self._findings:
                findings.append(Finding("log/checkpoint", "Nothing is signed, with the key that you gave or another.",
                                        "If this archive was ever sealed, its seal was taken away: look for a copy."))
            return findings, ["Nothing is signed yet."]
        try:
            key = keys.signer(self._note)
            self._statements.append(f"Logged: {self._size} events in this order, signed with the key {key.vkey}.")
        except UnburntError as error:
            findings.append(Finding("log/checkpoint", error.message, error.remedy or RESTORE))
        return findings, []


def _beacons(named: Named) -> Iterator[str]:
    for number, beacon in named.beacons:
        source = f" ({beacon.source})" if beacon.source else ""
        yield f"Not before: events after number {number} are not older than this public value: {beacon.value}{source}"
