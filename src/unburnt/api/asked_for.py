"""Before a proof is handed out: is it what was asked for? The catalogue that led to its event is anybody's to change."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import DamagedArchive, NotFound
from unburnt.model.reading import Reading, Volume
from unburnt.vault.derived import Derived
from unburnt.vault.log import proof as proofs
from unburnt.vault.log.note import Verifier
from unburnt.vault.log.proof_form import Value
from unburnt.vault.log.rotation import RotationStatement

_REBUILD = "Make the catalogue again (unburnt rebuild); 'unburnt verify' tells whether anything sealed was changed."

_reading = msgspec.json.Decoder(Reading)


def require_about(proof: bytes, field: str, document: Digest) -> dict[str, Value]:
    """The fields that *proof* opens, *field* of which has to be *document*; raises :class:`DamagedArchive`."""
    opened = proofs.Proof.parse(proof).opened()
    if opened.get(field) != document:
        raise DamagedArchive("The catalogue leads to an event about another document. No proof was made.", remedy=_REBUILD)
    return opened


def require_own_signature(proof: bytes, own: Verifier | None, statements: Sequence[RotationStatement]) -> None:
    """That the proof holds and, where the archive's *own* key is here, that it or one before it signed.

    Raises :class:`BadProof`, :class:`DamagedArchive`.
    """
    signed = proofs.hold(proof).signed.vkey
    known = {own.vkey} if own is not None else {signed}
    for statement in reversed(statements):
        if statement.new.vkey in known:
            known.add(statement.old.vkey)
    if signed not in known:
        raise DamagedArchive(
            "The checkpoint that this proof would stand on was signed by another key than this archive's. No proof was made.",
            remedy="Find out who changed log/ (unburnt verify), and put it back from a copy (unburnt repair --from COPY).",
        )


def require_record(derived: Derived, opened: dict[str, Value]) -> tuple[Volume, ...]:
    """That the record which stands in ``derived/`` now is the one that the proof names; gives the volumes it was read from.

    Raises :class:`NotFound` where it is no longer kept, :class:`DamagedArchive` where it is another one.
    """
    key = str(opened["key"])
    chunks = derived.chunks(key)
    head = next(chunks, b"")
    if digest_of(head) != opened["output"]:
        raise _another(key)
    reading = _reading.decode(head)
    for part in reading.parts:
        text = next(chunks, b"")
        if part.digest is not None and digest_of(text) != part.digest:
            raise _another(key)
    return reading.volumes


def no_event() -> NotFound:
    """What is said where no event names what was asked for."""
    return NotFound("No event names this content. No proof was made.", remedy=_REBUILD)


def _another(key: Digest) -> DamagedArchive:
    return DamagedArchive(
        f"The text that stands in derived/ (record {key}) is not the one that was sealed. No proof was made.",
        remedy="Put the record back from a copy (unburnt repair --from COPY); 'unburnt verify' names all that was changed.",
    )
