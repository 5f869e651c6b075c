"""Checking the seal: events against log, log against checkpoint, checkpoints against those who vouched for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.vault.durable import disk_errors
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import cosigned_at
from unburnt.vault.log.entries import ENTRY_BYTES, entry_of
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Verifier, parse_note
from unburnt.vault.log.roots import Roots, pinned
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import WIDTH, Tiles
from unburnt.vault.log.timestamps import Timestamps

_RESTORE = "Put the files back from a copy of the archive (unburnt repair --from COPY)."
_ROLLED_BACK = "Keep everything as it is: this is evidence. Find the copy of the archive that holds the later events."


class Trusted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the checking person trusts, given by them. Where *keys* is empty the archive's own word is taken, and said."""

    keys: tuple[Verifier, ...] = ()
    witnesses: tuple[Verifier, ...] = ()
    roots: Roots | None = None
    """None takes the roots that the archive pinned."""


class LogAudit:
    """:meth:`compare` first, with every event's digests in order; then :meth:`checks` and :meth:`statements`."""

    def __init__(self, layout: Layout, trusted: Trusted) -> None:
        self._layout, self._trusted, self._origin = layout, trusted, f"unburnt/{layout.archive_id}"
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
        for index, _ in events:
            self._events = index + 1
        if self._events > self._size:
            self._notes.append(f"The newest {self._events - self._size} events are not sealed yet.")

    def checks(self) -> list[Check]:
        """What was found: the log, its checkpoint, countersignatures, timestamps."""
        log = Check(name="log", looked_at=self._size, unit="events in the log", findings=tuple(self._findings),
                    notes=tuple(self._notes))
        return [log, self._checkpoint(), self._kept(), self._timestamps()]

    def statements(self) -> list[str]:
        """What the seal shows, a sentence each; to be asked after :meth:`checks`."""
        return self._statements

    def _committed(self, events: Iterator[tuple[int, Sequence[str] | None]]) -> Iterator[bytes]:
        """The entry of each event; for a line too damaged to tell, that of the log, which alone still knows it."""
        for index, digests in islice(events, self._size):
            self._events = index + 1
            yield entry_of(digests) if digests is not None else self._logged(index)

    def _logged(self, index: int) -> bytes:
        try:
            return self._tiles.entries(index // WIDTH, index % WIDTH + 1)[-1]
        except UnburntError:
            return bytes(ENTRY_BYTES)

    def _checkpoint(self) -> Check:
        note = self._note
        if note is None:
            return Check(name="checkpoint", looked_at=0, unit="checkpoints", notes=("Nothing is signed yet.",))
        findings: list[Finding] = []
        notes: list[str] = []
        try:
            keys = self._trusted.keys or self._own_keys()
            signer = _signer(note, keys)
        except UnburntError as error:
            return Check(name="checkpoint", looked_at=1, unit="checkpoints",
                         findings=(Finding("log/checkpoint", error.message, error.remedy or _RESTORE),))
        if signer is None:
            whose = "the keys you gave" if self._trusted.keys else "the keys in log/key.pub"
            findings.append(Finding("log/checkpoint", f"None of {whose} signed it.", _RESTORE))
        else:
            self._statements.append(f"Logged: {self._size} events in this order, signed with the key {signer.vkey}.")
            if not self._trusted.keys:
                notes.append("The key is the one that the archive itself names. Compare it with what its owner "
                             f"tells you another way: {signer.vkey}")
        return Check(name="checkpoint", looked_at=1, unit="checkpoints", findings=tuple(findings), notes=tuple(notes))

    def _kept(self) -> Check:
        """Every checkpoint that somebody vouched for must be a beginning of the log as it is now."""
        kept = Kept(self._layout.log, self._layout.tmp)
        findings: list[Finding] = []
        countersigned = 0
        for size in kept.sizes():
            item = f"log/checkpoints/{size}"
            try:
                note = kept.note(size)
                if note is None:
                    continue
                if size > self._size:
                    findings.append(Finding(item, f"It counts {size} events, and the log has only {self._size}: the "
                                            "archive was put back to an earlier state.", _ROLLED_BACK))
                elif note.text != Checkpoint(self._origin, size, self._tiles.range_hash(0, size)).text():
                    findings.append(Finding(item, "The log did not grow from this checkpoint: it was forked.",
                                            _ROLLED_BACK))
                countersigned += self._countersigned(size, note)
            except UnburntError as error:
                findings.append(Finding(item, error.message, error.remedy or _RESTORE))
        return Check(name="countersignatures", looked_at=countersigned, unit="countersignatures",
                     findings=tuple(findings))

    def _countersigned(self, size: int, note: Note) -> int:
        count = 0
        for witness in self._trusted.witnesses:
            signature = witness.verified(note)
            if signature is not None:
                count += 1
                moment = datetime.fromtimestamp(cosigned_at(signature), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
                self._statements.append(
                    f"Countersigned: {witness.name} says that at {moment} it saw the log of {size} events.")
        return count

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

    def _own_keys(self) -> tuple[Verifier, ...]:
        path = self._layout.log / "key.pub"
        try:
            lines = path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise BadNote("log/key.pub, which names the archive's key, cannot be read.", remedy=_RESTORE) from error
        return tuple(Verifier.parse(line) for line in lines if line)


def _signer(note: Note, keys: Iterable[Verifier]) -> Verifier | None:
    return next((key for key in keys if key.verified(note) is not None), None)
