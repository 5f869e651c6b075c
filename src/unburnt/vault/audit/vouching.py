"""Checking what others signed: every kept checkpoint, countersignature and timestamp against the log as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.model.events import CountersignatureAdded, TimestampAdded
from unburnt.vault.audit.events import Named
from unburnt.vault.audit.keys import KeysAudit
from unburnt.vault.audit.trusted import RESTORE, ROLLED_BACK, Trusted
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import cosigned_at
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.note import Note, Verifier
from unburnt.vault.log.outside import is_anything_there
from unburnt.vault.log.tiles import Tiles

if TYPE_CHECKING:  # X.509 is loaded only where there is any
    from unburnt.vault.log.timestamp import Timestamped
    from unburnt.vault.log.timestamps import Found

_NEW_REQUEST = (
    "A new request will do (unburnt timestamp request), or put it back from a copy of the archive (unburnt repair --from COPY)."
)


class Vouching:
    """The statements of others about a log of *size* events whose files *tiles* reads."""

    def __init__(self, layout: Layout, trusted: Trusted, tiles: Tiles, size: int, named: Named) -> None:
        self._layout, self._trusted, self._tiles, self._size, self._named = layout, trusted, tiles, size, named
        self._origin = origin_of(layout.archive_id)
        self.statements: list[str] = []
        """What was found to hold, a sentence each."""

    def countersignatures(self, keys: KeysAudit) -> Check:
        """Every checkpoint that somebody vouched for or remembers must be a beginning of the log as it is now."""
        kept = Kept(self._layout.log, self._layout.tmp)
        findings: list[Finding] = []
        notes: list[str] = []
        countersigned: list[Verifier] = []
        if self._trusted.remembered is not None:
            findings += self._outgrown("what the key on this machine signed last", self._trusted.remembered)
        for size in kept.sizes():
            item = f"log/checkpoints/{size}"
            try:
                note = kept.note(size)
                if note is not None:
                    findings += self._outgrown(item, note)
                    if not any(key.verified(note) for key in keys.every()):
                        findings.append(Finding(item, "None of the archive's keys signed it.", RESTORE))
                    countersigned += self._countersigned(size, note)
                    notes += self._strangers(item, note, keys)
            except UnburntError as error:
                findings.append(Finding(item, error.message, error.remedy or RESTORE))
        findings += self._missing(countersigned)
        findings += self._removed(kept)
        return Check(name="countersignatures", looked_at=len(countersigned), unit="countersignatures",
                     findings=tuple(findings), notes=tuple(notes))

    def _outgrown(self, item: str, note: Note) -> Iterator[Finding]:
        size = Checkpoint.parse(note.text).size
        try:
            expected = Checkpoint(self._origin, size, self._tiles.range_hash(0, min(size, self._size))).text()
        except UnburntError as error:
            yield Finding(item, f"It cannot be compared with the log: {error.message}", RESTORE)
            return
        if size > self._size:
            yield Finding(item, f"It counts {size} events, and the log has only {self._size}: the archive was put back "
                          "to an earlier state.", ROLLED_BACK)
        elif note.text != expected:
            yield Finding(item, "The log did not grow from this checkpoint: it was forked.", ROLLED_BACK)

    def _countersigned(self, size: int, note: Note) -> Iterator[Verifier]:
        for witness in self._witnesses():
            signature = witness.verified(note)
            if signature is not None:
                moment = datetime.fromtimestamp(cosigned_at(signature), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
                self.statements.append(
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
                                  "checkpoints has its countersignature.", RESTORE)
        except UnburntError as error:
            yield Finding("log/witnesses", error.message, error.remedy or RESTORE)

    def _removed(self, kept: Kept) -> Iterator[Finding]:
        """What an event says that a witness signed must be there, and the witness on the list."""
        for number, event in self._named.vouched:
            if not isinstance(event, CountersignatureAdded):
                continue
            with suppress(UnburntError):  # what is damaged is named by the others
                witness, note = Verifier.parse(event.witness), kept.note(event.checkpoint)
                if note is None or witness.verified(note) is None:
                    yield Finding(f"log/checkpoints/{event.checkpoint}", f"Event {number} says that {witness.name} "
                                  "countersigned it, and that countersignature is not there.", RESTORE)
                if witness not in Countersigning(self._layout.log, self._layout.tmp).witnesses():
                    yield Finding("log/witnesses", f"It does not list {witness.name}, whose countersignature event {number} "
                                  "names.", RESTORE)

    def _strangers(self, item: str, note: Note, keys: KeysAudit) -> Iterator[str]:
        known = {(one.name, one.key_id) for one in (*keys.every(), *self._witnesses())}
        strangers = sum((one.name, one.key_id) not in known for one in note.signatures)
        if strangers:
            yield f"{item} has {strangers} signatures of names that are not known here; they count for nothing."

    def timestamps(self) -> Check:
        """Every token that is kept must hold by the roots that are trusted; where some were given, one must."""
        named = [(number, event) for number, event in self._named.vouched if isinstance(event, TimestampAdded)]
        if self._trusted.roots is None and not named and not is_anything_there(self._layout.log):
            return Check(name="timestamps", looked_at=0, unit="timestamps")
        from unburnt.vault.log.roots import pinned
        from unburnt.vault.log.timestamp import Timestamped, UntrustedAuthority
        from unburnt.vault.log.timestamps import Timestamps

        tokens = Timestamps(self._layout.log, self._layout.tmp)
        findings: list[Finding] = []
        notes: list[str] = []
        counted = 0
        try:
            own = pinned(self._layout.log)
            found = list(tokens.found(self._trusted.roots or own))
            counted = len(found)
            verified = [one for one in found if isinstance(one.said, Timestamped)]
            others = {} if self._trusted.roots is None or not verified else {
                one.name: one.said.authority for one in tokens.found(own) if isinstance(one.said, Timestamped)
            }  # tokens that hold by the archive's own roots
            for one in found:
                if isinstance(one.said, Timestamped):
                    self.statements.append(_stated(one, one.said))
                elif isinstance(one.said, UntrustedAuthority) and one.name in others:
                    notes.append(f"{one.name} is by another authority than those you trust: {others[one.name]}.")
                else:
                    findings.append(Finding(one.name, one.said.message, one.said.remedy or ""))
            findings += [Finding(name, why, _NEW_REQUEST) for name, why in tokens.damaged_requests()]
            there = {one.name for one in found}
            for number, event in named:
                if (name := f"log/timestamps/{event.checkpoint}/{event.token}.tsr") not in there:
                    findings.append(Finding(name, f"Event {number} says that this timestamp was kept; it is gone.", RESTORE))
            if self._trusted.roots is None and verified:
                notes.append("The roots of the authorities are those that the archive itself names (log/roots/). "
                             "Give those that you trust: --tsa-root.")
            if self._trusted.roots is not None and not verified:
                findings.append(Finding("log/timestamps/", "No timestamp leads to a root that you gave.", RESTORE))
        except UnburntError as error:
            findings.append(Finding("log/timestamps/", error.message, error.remedy or RESTORE))
        return Check(name="timestamps", looked_at=counted, unit="timestamps", findings=tuple(findings),
                     notes=tuple(notes))


def _stated(one: Found, said: Timestamped) -> str:
    moment = said.time.strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"Timestamped: {said.authority} states that the log of {one.size} events existed at {moment}."
