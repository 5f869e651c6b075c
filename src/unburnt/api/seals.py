"""The seal of an archive, as the desk and the command line see it: its state, proofs, and acts."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from unburnt.api import asked_for
from unburnt.api.archive import Archive
from unburnt.api.bag_proofs import ManyProofs, Proving
from unburnt.api.named_events import NamedEvents
from unburnt.api.statements import Best, Statements
from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UnburntError
from unburnt.flow import wire
from unburnt.flow.options import Options
from unburnt.model.events import KeyRotated
from unburnt.model.seal import DocumentSeal, ProofMade, SealRequest, SealState, Vouched
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.beacon_proof import BEACON_FIELDS
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import KeyMissing, Keys, origin_of, published
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import BadNote, Note, Verifier
from unburnt.vault.log.rotation import RotationStatement, encode_statements

if TYPE_CHECKING:
    from unburnt.model.audit import Verification

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
        self._events = NamedEvents(archive, self._layout)
        self._said = Statements(self._layout)

    # --- asking ------------------------------------------------------------------------------------------

    def state(self) -> SealState:
        """How far the archive is sealed, and who vouched for that. Never raises for a damaged seal: it says so."""
        origin, problems = origin_of(self._layout.archive_id), []
        size, vkey = 0, None
        vouched: tuple[Vouched, ...] = ()
        try:
            size = self._log().size
            vkey = self._vkeys()[-1] if self._vkeys() else None
            vouched = self._said.all()
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
        event = self._events.of(document)
        if event is None:
            return DocumentSeal(document=document, event=None, is_sealed=False)
        log, line = self._log(), Events(self._layout, write=False).line(event)
        is_sealed = event < log.size and log.entry(event) == entry_of(line.digests)
        vouched = tuple(one for one in self._said.all() if is_sealed and one.size > event)
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
        event = self._events.of_reading(document) if text else self._events.of(document)
        if event is None:
            raise asked_for.no_event()
        opened = tuple(dict.fromkeys([*(proofs.TEXT_FIELDS if text else proofs.DEFAULT_FIELDS), *disclose]))
        note, tokens, vouched = self._said.best(event)
        made = self._made(event, opened, note, tokens, vouched, (_IDENTIFIES,))
        shown = asked_for.require_about(made.proof, "blob" if text else "digest", document)
        volumes = asked_for.require_record(self._archive._derived, shown) if text else ()
        return msgspec.structs.replace(made, document=document, volumes=tuple(one.digest for one in volumes))

    def prove_beacon(self, which: str, *, document: bytes | None = None) -> ProofMade:
        """A proof of a not-before mark, named by its value or by its event's number.

        With *document*, the proof of a document, it is over the same checkpoint, so that both can be compared.
        Raises :class:`NotFound`, and :class:`BadProof` where *document* is no such proof.
        """
        number, beacon = self._events.of_beacon(which)
        self.act(SealRequest(act="cite"))
        note, tokens, vouched = self._said.newest() if document is None else self._checkpoint_of(document, number)
        opened = BEACON_FIELDS if beacon.source else BEACON_FIELDS[:2]
        return self._made(number, opened, note, tokens, vouched, ())

    def prove_many(self) -> Callable[[Digest], bytes | None]:
        """Seals what can be sealed, and gives a function for the proofs of many documents, which open digest and size.

        The events are read once, not for each proof. None for a document that no sealed event names.
        """
        with suppress(UnburntError):
            self.act(SealRequest(act="seal"))

        def best(event: int) -> tuple[Note, list[bytes], list[Verifier]]:
            note, tokens, _ = self._said.best(event)
            return note, tokens, self._said.witnesses_of(note)
        return ManyProofs(self._layout, Proving(
            self._log(), [Verifier.parse(one) for one in self._vkeys()], self._rotations(),
            sorted({one.size for one in self._said.all()}), best,
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
            witnesses=self._said.witnesses_of(note),
        )
        proof = made.encode()
        asked_for.require_own_signature(proof, self._own_key(), self._statements())
        return ProofMade(proof=proof, event=event, opened=opened, vouched=vouched, warnings=warnings)

    def _own_key(self) -> Verifier | None:
        with suppress(UnburntError):
            return Keys().public(self._layout.archive_id)
        return None

    def _checkpoint_of(self, document: bytes, beacon: int) -> Best:
        proof = proofs.Proof.parse(document)
        kept = Kept(self._layout.log, self._layout.tmp).note(Checkpoint.parse(proof.note.text).size)
        if kept is None or kept.text != proof.note.text:
            raise NotFound("This archive does not have the checkpoint of that proof.", remedy="Make the document's proof anew.")
        if proof.index <= beacon:
            raise NotFound(f"The document was logged before this mark (event {proof.index}, the mark {beacon}), which says "
                           "nothing of it.", remedy="Name an earlier mark.")
        return self._said.at(kept)

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
