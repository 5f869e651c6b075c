"""Checking the seal: events against log, log against checkpoint, checkpoints against those who vouched for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.events import Named
from unburnt.vault.durable import disk_errors
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import cosigned_at
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.entries import ENTRY_BYTES, entry_of
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Verifier, parse_note
from unburnt.vault.log.roots import Roots, pinned
from unburnt.vault.log.rotation import RotationStatement, newest_key
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import WIDTH, Tiles, bundle, edge_of, levels, tile_name
from unburnt.vault.log.timestamps import Timestamps

_RESTORE = "Put the files back from a copy of the archive (unburnt repair --from COPY)."
_ROLLED_BACK = "Keep everything as it is: this is evidence. Find the copy of the archive that holds the later events."


class Trusted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the checking person trusts, given by them. Where *keys* is empty the archive's own word is taken, and said."""

    keys: tuple[Verifier, ...] = ()
    witnesses: tuple[Verifier, ...] = ()
    roots: Roots | None = None
    """None takes the roots that the archive pinned."""
    remembered: Note | None = None
    """What the key on this machine signed last."""


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
            self._findings.append(Finding("log/checkpoint", error.message, error.remedy or _RESTORE))
        self._size = self._head.size
        self._tiles = Tiles(layout.log, self._size)

    def _open(self) -> None:
        path = self._layout.log / CHECKPOINT
        if not path.exists():
            return
        with disk_errors("reading the log"), path.open("rb") as file:
            note = parse_note(file.read(MAX_NOTE_BYTES + 1))
        head = Checkpoint.parse(note.text)
        if head.origin != self._origin:
            self._findings.append(Finding("log/checkpoint", "It is the checkpoint of another archive.", _RESTORE))
            return
        self._note, self._head = note, head

    def compare(self, entries: Iterable[tuple[int, Sequence[str] | None]]) -> None:
        """Compare each event with what the log committed to, and the log's files with each other."""
        events = iter(entries)
        if self._note is not None:
            for wrong in contradictions(self._layout.log, self._head, self._committed(events)):
                item = wrong.path if wrong.index is None else f"event {wrong.index} ({wrong.path})"
                self._findings.append(Finding(item, wrong.reason, _RESTORE))
            self._findings += self._outgrown_tiles()
        for index, _ in events:
            self._events = index + 1
        if self._events > self._size:
            self._notes.append(f"The newest {self._events - self._size} events are not sealed yet.")

    def checks(self, named: Named) -> list[Check]:
        """What was found: the log, its checkpoint, countersignatures, timestamps. *named* is what the events say."""
        checkpoint = self._checkpoint(named)
        log = Check(name="log", looked_at=self._size, unit="events in the log", findings=tuple(self._findings),
                    notes=tuple(self._notes))
        return [log, checkpoint, self._kept(named), self._timestamps()]

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
                        yield Finding(f"log/{name}", "It is not the beginning of the tile that followed it.", _RESTORE)
                except (OSError, UnburntError) as error:
                    yield Finding(f"log/{name}", getattr(error, "message", "It cannot be read."), _RESTORE)

    def _logged(self, index: int) -> bytes:
        try:
            return self._tiles.entries(index // WIDTH, index % WIDTH + 1)[-1]
        except UnburntError:
            return bytes(ENTRY_BYTES)

    def _checkpoint(self, named: Named) -> Check:
        note, findings, notes = self._note, [], []
        if note is None:
            if named.keys and not self._findings:
                findings.append(Finding("log/checkpoint", "Events name a key that seals this archive, and there is no "
                                        "checkpoint.", "Start the archive once (unburnt add). If it was sealed before, "
                                        "its seal was taken away: look for a copy."))
            return Check(name="checkpoint", looked_at=0, unit="checkpoints", findings=tuple(findings),
                         notes=("Nothing is signed yet.",))
        try:
            key = self._key(named)
            if key.verified(note) is None:
                raise BadNote(f"It is not signed with the key {key.vkey}.")
            self._statements.append(f"Logged: {self._size} events in this order, signed with the key {key.vkey}.")
            if not self._trusted.keys:
                notes.append("The key is the one that the archive itself names. Compare it with what its owner "
                             f"tells you another way: {key.vkey}")
        except UnburntError as error:
            findings.append(Finding("log/checkpoint", error.message, error.remedy or _RESTORE))
        return Check(name="checkpoint", looked_at=1, unit="checkpoints", findings=tuple(findings), notes=tuple(notes))

    def _keys(self, named: Named) -> list[Verifier]:
        """Every key that the archive ever had, and those that the checking person gave."""
        rotations = [RotationStatement.parse(one) for _, one in named.rotations]
        return [*self._trusted.keys, *map(Verifier.parse, named.keys), *(one.new for one in rotations)]

    def _key(self, named: Named) -> Verifier:
        """The key that must have signed: followed from a pinned one, else from the first that the events name.

        A change that the checkpoint does not count yet came after it.
        """
        statements = [RotationStatement.parse(one) for event, one in named.rotations if event < self._size]
        if self._trusted.keys:
            return newest_key(self._trusted.keys[0], statements)
        if not named.keys:
            raise BadNote("No event names the key that sealed this archive.")
        current = Verifier.parse(named.keys[0])
        for statement in statements:
            if statement.old != current:
                raise BadNote("The keys that the events name do not follow each other.")
            if statement.lost:
                self._notes.append("A key was lost: that the next one follows it is said by this archive only.")
            current = statement.new
        return current

    def _kept(self, named: Named) -> Check:
        """Every checkpoint that somebody vouched for or remembers must be a beginning of the log as it is now."""
        kept = Kept(self._layout.log, self._layout.tmp)
        findings: list[Finding] = []
        countersigned: list[Verifier] = []
        if self._trusted.remembered is not None:
            findings += self._outgrown("what the key on this machine signed last", self._trusted.remembered)
        for size in kept.sizes():
            item = f"log/checkpoints/{size}"
            try:
                note = kept.note(size)
                if note is not None:
                    findings += self._outgrown(item, note)
                    if not any(key.verified(note) for key in self._keys(named)):
                        findings.append(Finding(item, "None of the archive's keys signed it.", _RESTORE))
                    countersigned += self._countersigned(size, note)
            except UnburntError as error:
                findings.append(Finding(item, error.message, error.remedy or _RESTORE))
        findings += self._missing(countersigned)
        return Check(name="countersignatures", looked_at=len(countersigned), unit="countersignatures",
                     findings=tuple(findings))

    def _outgrown(self, item: str, note: Note) -> Iterator[Finding]:
        size = Checkpoint.parse(note.text).size
        try:
            expected = Checkpoint(self._origin, size, self._tiles.range_hash(0, min(size, self._size))).text()
        except UnburntError as error:
            yield Finding(item, f"It cannot be compared with the log: {error.message}", _RESTORE)
            return
        if size > self._size:
            yield Finding(item, f"It counts {size} events, and the log has only {self._size}: the archive was put back "
                          "to an earlier state.", _ROLLED_BACK)
        elif note.text != expected:
            yield Finding(item, "The log did not grow from this checkpoint: it was forked.", _ROLLED_BACK)

    def _countersigned(self, size: int, note: Note) -> Iterator[Verifier]:
        for witness in self._witnesses():
            signature = witness.verified(note)
            if signature is not None:
                moment = datetime.fromtimestamp(cosigned_at(signature), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
                self._statements.append(
                    f"Countersigned: {witness.name} says that at {moment} it saw the log of {size} events.")
                yield witness

    def _witnesses(self) -> Sequence[Verifier]:
        layout = self._layout
        return self._trusted.witnesses or Countersigning(layout.log, layout.tmp).witnesses()

    def _missing(self, countersigned: Sequence[Verifier]) -> Iterator[Finding]:
        """Whoever is named as a witness must have signed something."""
        try:
            for witness in self._witnesses():
                if witness not in countersigned:
                    yield Finding("log/checkpoints/", f"{witness.name} is named as a witness, and none of these "
                                  "checkpoints has its countersignature.", _RESTORE)
        except UnburntError as error:
            yield Finding("log/witnesses", error.message, error.remedy or _RESTORE)

    def _timestamps(self) -> Check:
        findings: list[Finding] = []
        found = 0
        try:
            roots = self._trusted.roots or pinned(self._layout.log)
            for one in Timestamps(self._layout.log, self._layout.tmp).found(roots):
                found += 1
                if isinstance(one.said, UnburntError):
                    findings.append(Finding(one.name, one.said.message, one.said.remedy or ""))
                else:
                    moment = one.said.time.strftime("%Y-%m-%d %H:%M:%S UTC")
                    self._statements.append(
                        f"Timestamped: {one.said.authority} states that the log of {one.size} events existed at {moment}.")
        except UnburntError as error:
            findings.append(Finding("log/timestamps/", error.message, error.remedy or _RESTORE))
        return Check(name="timestamps", looked_at=found, unit="timestamps", findings=tuple(findings))
