"""Making a proof of one event, and checking one without an archive.

A report keeps four things apart: what the archive *logged*, which key *signed*, who *countersigned* and when they
say they did, and what an authority *timestamped*. A clock of the archive's own proves nothing and is never one of
these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UnburntError, UsageError
from unburnt.vault.fields import Line, opened
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import cosigned_at
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import DamagedLog, Log
from unburnt.vault.log.merkle import BadProof, leaf_hash, verify_inclusion
from unburnt.vault.log.note import COSIGNATURE, ED25519, Note, Verifier, parse_note
from unburnt.vault.log.proof_form import MAX_EXTRA_BYTES, Extra, Proof, Value
from unburnt.vault.log.rotation import succession
from unburnt.vault.log.strict import base64_text, decimal

__all__ = [
    "DEFAULT_FIELDS", "TEXT_FIELDS", "Countersigned", "NotCountersigned", "NotTimestamped", "Proof", "Report",
    "Signed", "Stamp", "WrongKey", "WrongOriginal", "WrongRecord", "check", "hold", "make",
]

DEFAULT_FIELDS = ("digest", "size")
"""What a proof of a received document opens: nothing of who, when, where from, or under which name."""
TEXT_FIELDS = ("blob", "step", "version", "key", "output")
"""What a proof opens that a text was derived from a document."""

MOST_VOUCHING = 8
"""Of timestamps and of countersignatures, how many a proof carries at most: the earliest."""

_OWN_TIMES = frozenset({"time", "modified"})


class WrongOriginal(BadProof):
    """The file at hand is not the one that the proof is about."""


class WrongRecord(BadProof):
    """The text at hand is not the one that the proof says was derived."""


class WrongKey(BadProof):
    """The log was not signed by a key that was asked for."""


class NotCountersigned(BadProof):
    """A witness that was asked for did not countersign."""


class NotTimestamped(BadProof):
    """A timestamp was asked for, and the proof holds none."""


class Stamp(Protocol):
    """A timestamp that was verified."""

    @property
    def time(self) -> datetime:
        """When, in UTC, the authority saw the checkpoint."""

    @property
    def authority(self) -> str:
        """Who."""

    @property
    def token(self) -> bytes:
        """The token alone, without the response that may have held it."""


class Signed(Struct, frozen=True):
    """The key that signed the log, and why to believe that it is the publisher's.

    ``pinned``: the checking person named it. ``handed-over``: *vouched_by*, which that person named, handed over to
    it. ``named``: only the proof itself names it.
    """

    vkey: str
    trust: Literal["pinned", "handed-over", "named"]
    vouched_by: str | None = None


class Countersigned(Struct, frozen=True):
    """A witness's countersignature: *stated* is the time that the witness says, in seconds since 1970-01-01 UTC."""

    vkey: str
    stated: int
    pinned: bool


class Report(Struct, frozen=True):
    """What a proof shows."""

    opened: dict[str, Value]
    origin: str
    index: int
    size: int
    root: bytes
    signed: Signed
    countersigned: tuple[Countersigned, ...]
    timestamped: tuple[Stamp, ...]
    warnings: tuple[str, ...]


def make(
    log: Log,
    line: Line,
    fields: Collection[str] = DEFAULT_FIELDS,
    *,
    keys: Sequence[Verifier],
    note: Note | None = None,
    rotations: Sequence[Note] = (),
    timestamps: Sequence[bytes] = (),
    witnesses: Sequence[Verifier] = (),
) -> Proof:
    """A proof that the event *line* is logged, opening *fields* of it and nothing else.

    *note* is the checkpoint to prove against, a kept one or else the last. Of *timestamps* and *witnesses* the
    earliest go into the proof, :data:`MOST_VOUCHING` of each and no more than fits, and of the note's signatures
    those of the listed keys and witnesses only. Raises :class:`NotFound` for a field
    that the event does not have (or that was erased), :class:`DamagedLog` where events and log disagree.
    """
    note = note or log.checkpoint()
    if note is None:
        raise NotFound("The archive has no seal yet.", remedy="Seal it first.")
    head = Checkpoint.parse(note.text)
    if head.size <= line.seq:
        raise NotFound("The event came after the last seal.", remedy="Seal the archive again first.")
    hashes = log.inclusion(line.seq, head.size)
    if log.entry(line.seq) != entry_of(line.digests):
        raise DamagedLog(f"The log holds another entry than that of event {line.seq}.", remedy="Verify the archive.")
    by_name = {opened(disclosure)[0]: disclosure for disclosure in line.disclosures}
    if missing := [name for name in fields if name not in by_name]:
        raise NotFound(f"The event has no field {', '.join(missing)}, or it was erased; it cannot be opened.")
    watching = _earliest_witnesses(note, witnesses)
    listed = {(one.name, one.key_id) for one in (*keys, *watching)}
    listed |= {(one.name, one.key_id) for statement in rotations for one in statement.signatures}
    extra = Extra(
        digests=tuple(line.digests),
        disclosures=tuple(by_name[name] for name in sorted(set(fields))),
        keys=tuple(key.vkey for key in keys),
        rotations=tuple(statement.encode().decode() for statement in rotations),
        witnesses=tuple(witness.vkey for witness in watching),
    )
    signatures = tuple(one for one in note.signatures if (one.name, one.key_id) in listed)
    made = Proof(line.seq, tuple(hashes), Note(note.text, signatures), _with_timestamps(extra, timestamps))
    return Proof.parse(made.encode())  # so that none is given that everybody refuses


def _earliest_witnesses(note: Note, witnesses: Sequence[Verifier]) -> list[Verifier]:
    """Those that stand under *note*, unchecked: whoever checks the proof does that."""
    times = {(one.name, one.key_id): one.bytes[:8] for one in note.signatures}  # big-endian, hence in order
    found = [one for one in dict.fromkeys(witnesses) if (one.name, one.key_id) in times]
    return sorted(found, key=lambda one: times[one.name, one.key_id])[:MOST_VOUCHING]


def _with_timestamps(extra: Extra, tokens: Sequence[bytes]) -> Extra:
    for token in sorted(dict.fromkeys(tokens), key=_time_of)[:MOST_VOUCHING]:
        larger = replace(extra, timestamps=(*extra.timestamps, base64_text(token)))
        if len(larger.encode()) <= MAX_EXTRA_BYTES:
            extra = larger
    return extra


def _time_of(token: bytes) -> datetime:
    """When a token says it was made; those that say nothing come last."""
    from unburnt.vault.log.timestamp_token import BadTimestamp, parse_token  # X.509 is loaded only where it is wanted

    try:
        return parse_token(token).time
    except BadTimestamp:
        return datetime.max.replace(tzinfo=UTC)


def check(
    untrusted: bytes,
    digest: Digest,
    size: int,
    *,
    keys: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    timestamp: Callable[[bytes, str], Stamp] | None = None,
) -> Report:
    """What a proof shows about the original of this *digest* and *size* in bytes.

    *keys* and *witnesses* (vkeys) are those that the checking person trusts: one of the keys must have signed, or
    have handed over to the one that did, and every one of the witnesses must have countersigned. *timestamp*
    verifies a token over a text against roots that the person trusts; if it is given, one token must pass.
    Raises :class:`BadProof` (:class:`WrongOriginal`, :class:`WrongKey`, :class:`NotCountersigned`,
    :class:`NotTimestamped`), :class:`BadNote`, what *timestamp* raises, :class:`UsageError` for a key of no use.
    """
    report = hold(untrusted, keys=keys, witnesses=witnesses, timestamp=timestamp)
    _require_original(report.opened, digest, size)
    return report


def hold(
    untrusted: bytes,
    *,
    keys: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    timestamp: Callable[[bytes, str], Stamp] | None = None,
) -> Report:
    """What a proof shows of its event, whatever this is about; arguments and errors as of :func:`check`."""
    trusted = [_of_kind(key, ED25519, "a log's") for key in keys]
    watching = [_of_kind(key, COSIGNATURE, "a witness's") for key in witnesses]
    proof = Proof.parse(untrusted)
    fields = proof.opened()
    head = Checkpoint.parse(proof.note.text)
    entry_hash = leaf_hash(entry_of(proof.extra.digests))
    signed = _signed(proof, head, trusted)
    verify_inclusion(entry_hash, proof.index, head.size, head.root, proof.hashes)
    countersigned = _countersigned(proof, watching)
    stamps, warnings = _stamps(proof, timestamp)
    return Report(
        fields, head.origin, proof.index, head.size, head.root, signed, countersigned, stamps,
        (*_warnings(fields, signed, countersigned, stamps), *warnings),
    )


def stated_size(untrusted: bytes) -> int | None:
    """The size in bytes that a proof's event states for its original, None where it opens none.

    Raises :class:`BadProof`, :class:`BadNote`.
    """
    size = Proof.parse(untrusted).opened().get("size")
    return decimal(size) if isinstance(size, str) else None


def _of_kind(vkey: str, kind: int, whose: str) -> Verifier:
    verifier = Verifier.parse(vkey)
    if verifier.kind != kind:
        raise UsageError(f"The key {verifier.name} is not {whose} key.")
    return verifier


def _signed(proof: Proof, head: Checkpoint, trusted: Sequence[Verifier]) -> Signed:
    named = [Verifier.parse(vkey) for vkey in proof.extra.keys]
    vouched = succession(trusted, [parse_note(one.encode()) for one in proof.extra.rotations])
    for verifier in vouched if trusted else named:
        if verifier.kind != ED25519 or verifier.name != head.origin or not verifier.verified(proof.note):
            continue
        if not trusted:
            return Signed(verifier.vkey, "named")
        by = vouched[verifier]
        return Signed(verifier.vkey, "pinned") if by == verifier else Signed(verifier.vkey, "handed-over", by.vkey)
    if trusted:
        raise WrongKey(
            "The log was not signed by the key that you gave, nor by one that it handed over to.",
            remedy="Get the key from the publisher by another way and compare it letter by letter.",
        )
    raise WrongKey("The log was not signed by any key that the proof names.")


def _require_original(fields: dict[str, Value], digest: Digest, size: int) -> None:
    name = "digest" if "digest" in fields else "blob"
    if name not in fields:
        raise BadProof("The proof does not open the digest of a document, so it shows nothing about this file.")
    if fields.get("size", str(size)) != str(size):  # first: of a larger file not all was read
        raise WrongOriginal("This is not the file that the proof is about: its size is another one.")
    if fields[name] != digest:
        raise WrongOriginal(
            f"This is not the file that the proof is about: its SHA-256 is {digest}.",
            remedy="Compare with the original, byte for byte; a copy that was opened and saved again is another file.",
        )


def _countersigned(proof: Proof, watching: Sequence[Verifier]) -> tuple[Countersigned, ...]:
    named = [Verifier.parse(vkey) for vkey in proof.extra.witnesses]
    if any(verifier.kind != COSIGNATURE for verifier in named):
        raise BadProof("The proof names a witness by a key that is not a witness's.")
    found = []
    for verifier in dict.fromkeys((*watching, *named)):
        signature = verifier.verified(proof.note)
        if signature is None:
            raise NotCountersigned(f"The witness {verifier.name} did not countersign this checkpoint.")
        found.append(Countersigned(verifier.vkey, cosigned_at(signature), verifier in watching))
    return tuple(found)


def _stamps(
    proof: Proof, timestamp: Callable[[bytes, str], Stamp] | None
) -> tuple[tuple[Stamp, ...], list[str]]:
    tokens = proof.timestamps()
    if timestamp is None:
        if not tokens:
            return (), []
        return (), [f"The proof holds timestamps ({len(tokens)}), not checked: no trusted authority was given."]
    if not tokens:
        raise NotTimestamped("The proof holds no timestamp.")
    stamps, refused = [], []
    for token in tokens:
        try:
            stamp = timestamp(token, proof.note.text)
            if stamp.token != token:
                raise BadProof("A timestamp in the proof has something around it that does not belong there.")
            stamps.append(stamp)
        except UnburntError as error:
            refused.append(error)
    if not stamps:
        raise refused[0]
    return tuple(stamps), [f"A further timestamp was refused: {error.message}" for error in refused]


def _warnings(
    fields: dict[str, Value], signed: Signed, countersigned: Sequence[Countersigned], stamps: Sequence[Stamp]
) -> list[str]:
    warnings = []
    if signed.trust == "named":
        warnings.append("Only the proof itself names the key that signed: compare it with the publisher's.")
    if not stamps and not any(one.pinned for one in countersigned):
        warnings.append(
            "No timestamp and no witness of yours confirms this: when it was logged, and that there is no second "
            "version of the log, is only the archive's own word."
        )
    if not all(one.pinned for one in countersigned):
        warnings.append("Some witnesses are named by the proof only: ask them, or give the keys that you know.")
    if own := sorted(_OWN_TIMES & fields.keys()):
        warnings.append(f"These times come from the archive's own computers and prove nothing: {', '.join(own)}.")
    return warnings
