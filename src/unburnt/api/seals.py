"""The seal of an archive, as the desk and the command line see it: its state, proofs, and acts."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from unburnt.api import asked_for
from unburnt.api.archive import Archive
from unburnt.api.bag_proofs import ManyProofs, Proving
from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UnburntError
from unburnt.flow import wire
from unburnt.flow.options import Options
from unburnt.model.events import BeaconLogged, ItemReceived, KeyRotated, ReadingMade
from unburnt.model.seal import DocumentSeal, ProofMade, SealRequest, SealState, Vouched
from unburnt.vault.durable import disk_errors
from unburnt.vault.events import Events
from unburnt.vault.fields import BadLine, Line, event_of
from unburnt.vault.layout import Layout
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import KeyMissing, Keys, origin_of, published
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import BadNote, Note, Verifier
from unburnt.vault.log.outside import is_anything_there
from unburnt.vault.log.rotation import RotationStatement, encode_statements

if TYPE_CHECKING:
    from unburnt.model.audit import Verification
    from unburnt.vault.log.timestamp import Timestamped

__all__ = ["Keys", "SealRequest", "Seals", "ask_authority"]

_IDENTIFIES = (
    "Digest and time can identify a copy: whoever holds the same file, or knows when it was received, may conclude "
    "who had it."
)


def ask_authority(url: str, query: bytes) -> bytes:
    """Send a request (.tsq) to the authority at *url* over the network; gives its answer, unchecked."""
    from unburnt.vault.log.timestamp_online import ask

    return ask(url, query)


class Seals:
    """Asks and acts on one open archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._layout = Layout.open(archive.root)
        self._named: dict[Digest, int] = {}
        self._followed = -1
        self._looked_at: tuple[tuple[str, int, int], ...] | None = None
        self._statements_found: tuple[Vouched, ...] = ()

    # --- asking ------------------------------------------------------------------------------------------

    def state(self) -> SealState:
        """How far the archive is sealed, and who vouched for that. Never raises for a damaged seal: it says so."""
        origin, problems = origin_of(self._layout.archive_id), []
        size, vkey = 0, None
        vouched: tuple[Vouched, ...] = ()
        try:
            size = self._log().size
            vkey = self._vkeys()[-1] if self._vkeys() else None
            vouched = self._vouched()
        except UnburntError as error:
            problems.append(str(error))
        with suppress(KeyMissing):
            ours = Keys().show(self._layout.archive_id).vkey
            if vkey not in (None, ours):
                problems.append(f"log/key.pub names another key than the one on this machine: {vkey}. Unless you changed "
                                "keys on another machine, somebody changed that file.")
            vkey = ours
        return SealState(
            origin=origin, events=self._archive._catalog.applied + 1, sealed=size, vkey=vkey,
            key_is_here=Keys().has(self._layout.archive_id), vouched=vouched, problems=tuple(problems),
            accepted=self._archive._catalog.accepted_on_word(),
        )

    def of_document(self, document: Digest) -> DocumentSeal:
        """What the seal shows of a document's bytes."""
        event = self._event_of(document)
        if event is None:
            return DocumentSeal(document=document, event=None, is_sealed=False)
        log, line = self._log(), Events(self._layout, write=False).line(event)
        is_sealed = event < log.size and log.entry(event) == entry_of(line.digests)
        vouched = tuple(one for one in self._vouched() if is_sealed and one.size > event)
        return DocumentSeal(document=document, event=event, is_sealed=is_sealed, vouched=vouched)

    def verify(self, **how: Any) -> Verification:
        """Check everything; see :func:`unburnt.api.verification.verify`."""
        from unburnt.api.verification import verify

        return verify(self._layout.root, **how)

    def prove(self, document: Digest, *, disclose: Iterable[str] = (), text: bool = False) -> ProofMade:
        """A proof that these bytes, or with *text* what was read from them, are logged; opens as little as it can.

        *disclose* opens more fields of the event. Raises :class:`NotFound` for a field it does not have.
        """
        self.act(SealRequest(act="cite", digest="" if text else document))
        event = self._reading_event(document) if text else self._event_of(document)
        if event is None:
            raise asked_for.no_event()
        opened = tuple(dict.fromkeys([*(proofs.TEXT_FIELDS if text else proofs.DEFAULT_FIELDS), *disclose]))
        note, tokens, vouched = self._best_checkpoint(event)
        made = self._made(event, opened, note, tokens, vouched, (_IDENTIFIES,))
        shown = asked_for.require_about(made.proof, "blob" if text else "digest", document)
        volumes = asked_for.require_record(self._archive._derived, shown) if text else ()
        return msgspec.structs.replace(made, document=document, volumes=tuple(one.digest for one in volumes))

    def prove_beacon(self, which: str, *, document: bytes | None = None) -> ProofMade:
        """A proof of a not-before mark, named by its value or by its event's number.

        With *document*, the proof of a document, it is over the same checkpoint, so that both can be compared.
        Raises :class:`NotFound`, and :class:`BadProof` where *document* is no such proof.
        """
        number, beacon = self._beacon(which)
        self.act(SealRequest(act="cite"))
        note, tokens, vouched = self._newest() if document is None else self._checkpoint_of(document, number)
        opened = ("kind", "value", "source") if beacon.source else ("kind", "value")
        return self._made(number, opened, note, tokens, vouched, ())

    def prove_many(self) -> Callable[[Digest], bytes | None]:
        """Seals what can be sealed, and gives a function for the proofs of many documents, which open digest and size.

        The events are read once, not for each proof. None for a document that no sealed event names.
        """
        with suppress(UnburntError):
            self.act(SealRequest(act="seal"))

        def best(event: int) -> tuple[Note, list[bytes], list[Verifier]]:
            note, tokens, _ = self._best_checkpoint(event)
            return note, tokens, self._witnesses_of(note)
        return ManyProofs(self._layout, Proving(
            self._log(), [Verifier.parse(one) for one in self._vkeys()], self._rotations(),
            sorted({one.size for one in self._vouched()}), best,
        )).proof

    def statements(self) -> bytes:
        """The statements by which this archive's keys changed, for a witness that knows an older key."""
        return encode_statements(self._statements())

    # --- acting ------------------------------------------------------------------------------------------

    def act(self, request: SealRequest) -> Any:
        """Have the keeper do it; see :class:`SealRequest`."""
        return self._archive._ask(wire.Request(verb="seal", seal=request), None, Options(reads=False))

    def requests_for_timestamps(self, count: int) -> list[bytes]:
        """Requests (.tsq) for *count* authorities."""
        return [b64decode(one) for one in self.act(SealRequest(act="timestamps", count=count))]

    def request_for_witness(self, witness: str, old: int | None = None) -> bytes:
        """A request file for the witness of this vkey."""
        return b64decode(self.act(SealRequest(act="countersign", witness=witness, old=old)))

    # --- inside ------------------------------------------------------------------------------------------

    def _made(
        self, event: int, opened: tuple[str, ...], note: Note, tokens: Sequence[bytes], vouched: tuple[Vouched, ...],
        warnings: tuple[str, ...],
    ) -> ProofMade:
        made = proofs.make(
            self._log(), Events(self._layout, write=False).line(event), opened, note=note,
            keys=[Verifier.parse(one) for one in self._vkeys()], rotations=self._rotations(), timestamps=tokens,
            witnesses=self._witnesses_of(note),
        )
        proof = made.encode()
        asked_for.require_own_signature(proof, self._own_key(), self._statements())
        return ProofMade(proof=proof, event=event, opened=opened, vouched=vouched, warnings=warnings)

    def _own_key(self) -> Verifier | None:
        with suppress(UnburntError):
            return Keys().public(self._layout.archive_id)
        return None

    def _beacon(self, which: str) -> tuple[int, BeaconLogged]:
        """The first mark of this value, else the one of this event's number."""
        found = [(number, event) for number, event in Events(self._layout, write=False).replay()
                 if isinstance(event, BeaconLogged)]
        for number, event in found:
            if event.value.strip() == which.strip():
                return number, event
        for number, event in found:
            if str(number) == which:
                return number, event
        raise NotFound(
            "No event logs this public value, and no mark has this number.",
            remedy="`unburnt verify` lists the marks, each with its number (Not before).",
        )

    def _checkpoint_of(self, document: bytes, beacon: int) -> tuple[Note, list[bytes], tuple[Vouched, ...]]:
        proof = proofs.Proof.parse(document)
        kept = Kept(self._layout.log, self._layout.tmp).note(Checkpoint.parse(proof.note.text).size)
        if kept is None or kept.text != proof.note.text:
            raise NotFound("This archive does not have the checkpoint of that proof.", remedy="Make the document's proof anew.")
        if proof.index <= beacon:
            raise NotFound(f"The document was logged before this mark (event {proof.index}, the mark {beacon}), which says "
                           "nothing of it.", remedy="Name an earlier mark.")
        return self._vouched_at(kept)

    def _newest(self) -> tuple[Note, list[bytes], tuple[Vouched, ...]]:
        note = self._log().checkpoint()
        if note is None:
            raise NotFound("This archive has no seal yet.")
        kept = Kept(self._layout.log, self._layout.tmp).note(Checkpoint.parse(note.text).size)
        return self._vouched_at(kept or note)

    def _vouched_at(self, note: Note) -> tuple[Note, list[bytes], tuple[Vouched, ...]]:
        size = Checkpoint.parse(note.text).size
        tokens = [said.token for stamped, said in self._timestamps() if stamped == size]
        return note, tokens, tuple(one for one in self._vouched() if one.size == size)

    def _witnesses_of(self, note: Note) -> list[Verifier]:
        known = Countersigning(self._layout.log, self._layout.tmp).witnesses()
        return [one for one in known if one.verified(note) is not None]

    def _log(self) -> Log:
        return Log(self._layout.log, self._layout.tmp, origin_of(self._layout.archive_id))

    def _vkeys(self) -> list[str]:
        return published(self._layout.log)

    def _rotations(self) -> list[Note]:
        return [one.note for one in self._statements() if not one.lost]  # a lost key vouches for none

    def _statements(self) -> list[RotationStatement]:
        """The sealed changes of keys; of others anybody may have written them."""
        found: list[RotationStatement] = []
        if len(self._vkeys()) < 2:
            return found
        sealed = self._log().size
        for number, event in Events(self._layout, write=False).replay():
            with suppress(BadNote):
                if number < sealed and isinstance(event, KeyRotated):
                    found.append(RotationStatement.parse(event.statement))
        return found

    def _event_of(self, document: Digest) -> int | None:
        """The first event that names these bytes; the catalogue's word is a hint where to look."""
        events = Events(self._layout, write=False)
        hints = self._archive._catalog.item_sequences(document)
        for number in hints:
            if 0 <= number <= events.last and _digest_in(events.line(number)) == document:
                return number
        if not self._archive._objects.has(document):
            return None
        # Found by going through the history, once: what an event names does not change.
        for number, event in events.replay(self._followed):
            if not isinstance(event, ItemReceived) and (digest := getattr(event, "digest", None)):
                self._named.setdefault(digest, number)
            self._followed = number
        if document in self._named:
            return self._named[document]
        return next((number for number, event in events.replay() if isinstance(event, ItemReceived) and event.digest == document), None)

    def _reading_event(self, document: Digest) -> int | None:
        key = self._archive.key_of(document)
        return next((number for number, event in Events(self._layout, write=False).replay()
                     if isinstance(event, ReadingMade) and (event.key, event.blob) == (key, document)), None)

    def _vouched(self) -> tuple[Vouched, ...]:
        """Everybody's statements; each is verified once for as long as no file that holds one changes."""
        files = _files_of_statements(self._layout.log)
        if files != self._looked_at:
            self._statements_found = self._verified_statements()
            self._looked_at = files
        return self._statements_found

    def _verified_statements(self) -> tuple[Vouched, ...]:
        said = [Vouched(kind="countersigned", by=one.witness, time=_utc(one.time), size=one.size)
                for one in Countersigning(self._layout.log, self._layout.tmp).found()]
        said += [Vouched(kind="timestamped", by=one.authority, time=_utc(one.time), size=size)
                 for size, one in self._timestamps()]
        return tuple(sorted(said, key=lambda one: (one.time, one.kind)))

    def _timestamps(self) -> Iterator[tuple[int, Timestamped]]:
        """Every timestamp that holds, with the size of its checkpoint."""
        if not is_anything_there(self._layout.log):
            return
        from unburnt.vault.log.roots import pinned
        from unburnt.vault.log.timestamp import Timestamped
        from unburnt.vault.log.timestamps import Timestamps

        for one in Timestamps(self._layout.log, self._layout.tmp).found(pinned(self._layout.log)):
            if isinstance(one.said, Timestamped):
                yield one.size, one.said

    def _best_checkpoint(self, event: int) -> tuple[Note, list[bytes], tuple[Vouched, ...]]:
        """The kept checkpoint over *event* that says most: the earliest timestamped, else countersigned, else newest."""
        vouched = [one for one in self._vouched() if one.size > event]
        for best in sorted(vouched, key=lambda one: (one.kind != "timestamped", one.time))[:1]:
            note = Kept(self._layout.log, self._layout.tmp).note(best.size)
            if note is not None:
                return self._vouched_at(note)
        return self._newest()


def _files_of_statements(log: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a statement comes, goes or is touched: each file's size and time of last change (ctime, ns)."""
    with disk_errors("reading the log"):
        folders = (log / "checkpoints", log / "timestamps", log / "roots")
        paths = [log / "witnesses", *(path for folder in folders for path in folder.rglob("*"))]
        found = [(str(path), path.lstat()) for path in paths if path.exists()]
    return tuple(sorted((name, said.st_size, said.st_ctime_ns) for name, said in found))


def _digest_in(line: Line) -> Digest | None:
    """The content that an event names."""
    with suppress(BadLine):
        return getattr(event_of(line), "digest", None)
    return None


def _utc(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
