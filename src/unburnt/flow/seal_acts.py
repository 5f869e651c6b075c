"""What people do to the seal: what an act writes it writes in the keeper's thread, since the keeper alone writes."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing
from typing import TYPE_CHECKING, Any

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import NotFound, UnburntError, UsageError
from unburnt.flow.erasing import finish_erasing
from unburnt.flow.stores import Stores
from unburnt.flow.taking_out import TakingOut
from unburnt.model.events import BeaconLogged, CountersignatureAdded, KeyRotated, MemberPromoted, TimestampAdded
from unburnt.model.seal import SealRequest
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Verifier
from unburnt.vault.log.rotation import RotationStatement
from unburnt.vault.log.tiles import Tiles

if TYPE_CHECKING:
    from unburnt.flow.keeper import Keeper

LONGEST_BEACON = 4_096


def perform(stores: Stores, request: SealRequest) -> Any:
    """Do what is asked; the result is of JSON's types, bytes as base64."""
    match request.act:
        case "seal":
            if request.accept:
                stores.sealing.accept()
            if request.passphrase is not None:
                stores.sealing.use_key(Keys().open(stores.layout.archive_id, request.passphrase, log=stores.layout.log))
            if request.accept or request.passphrase is not None:
                finish_erasing(stores)
            return seal_now(stores).encode().decode()
        case "beacon":
            return log_beacon(stores, request.value, request.source)
        case "timestamps":
            return [b64encode(one).decode() for one in request_timestamps(stores, request.count)]
        case "timestamp":
            return add_timestamp(stores, request.answer, request.root)
        case "countersign":
            return b64encode(request_countersignature(stores, request.witness, request.old)).decode()
        case "countersigned":
            return add_countersignature(stores, request.answer, request.witness)
        case "rotate" | "lost":
            return rotate_key(stores, request.passphrase, request.new_passphrase, lost=request.act == "lost")
    raise UsageError(f"The keeper knows no such act on the seal: {request.act!r}.")


def seal_now(stores: Stores) -> Note:
    """See that every event is sealed; gives the checkpoint. Raises :class:`UnburntError` saying why one is not.

    Where all were sealed before, no key is needed.
    """
    stores.sealing.seal()
    if stores.sealing.message and stores.sealing.behind:
        raise UnburntError(stores.sealing.message)
    return checkpoint_of(stores.layout, stores.sealing.origin)


def checkpoint_of(layout: Layout, origin: str) -> Note:
    """The last checkpoint as it is on disk; raises :class:`NotFound` where there is none."""
    note = Log(layout.log, layout.tmp, origin).checkpoint()
    if note is None:
        raise NotFound("This archive has no seal yet.", remedy="Run 'unburnt add' once; it makes a key and seals.")
    return note


def cite(keeper: Keeper, digest: Digest) -> None:
    """Make sure that an event names these bytes, so that they can be proven: a member becomes an object.

    Seals, and keeps the checkpoint for good; with an empty *digest* that is all. The member is taken out of its container
    in the calling thread, while the keeper works on. Raises :class:`NotFound` where its bytes cannot be had so.
    """
    stores = keeper.stores

    def seal_and_keep() -> None:
        Kept(stores.layout.log, stores.layout.tmp).keep(seal_now(stores))

    keeper.call(seal_and_keep)  # first of all: where nothing can be sealed, nothing is changed either
    if not digest:
        return
    if stores.sealing.message:
        raise UnburntError(stores.sealing.message)
    with closing(TakingOut(stores.layout, stores.catalog, stores.derived, keeper.options.limits)) as out:
        if stores.objects.has(digest) and out.is_named(digest):
            return
        container, staged = out.stage(digest)

    def promote() -> None:
        stores.objects.commit([staged])
        stores.recorder.happened(MemberPromoted(container=container, digest=digest, size=str(staged.size)))
        seal_and_keep()

    keeper.call(promote)


def log_beacon(stores: Stores, value: str, source: str) -> int:
    """Log a public value that nobody could know before its day; gives the event's number."""
    if not value.strip() or len(value) > LONGEST_BEACON:
        raise UsageError(f"A public value has 1 to {LONGEST_BEACON} characters.")
    stores.recorder.happened(BeaconLogged(value=value, source=source))
    number = stores.events.last
    seal_now(stores)
    return number


def request_timestamps(stores: Stores, count: int) -> list[bytes]:
    """Requests (.tsq) over one new checkpoint, one for each of *count* authorities."""
    from unburnt.vault.log.timestamps import Timestamps  # X.509 is loaded only where it is wanted

    note = _to_be_vouched_for(stores)
    timestamps = Timestamps(stores.layout.log, stores.layout.tmp)
    return [timestamps.request(note) for _ in range(count)]


def add_timestamp(stores: Stores, untrusted_answer: bytes, root: bytes | None) -> dict[str, Any]:
    """Keep an authority's answer once it is checked; *root* (PEM), where one is given, is pinned when the answer
    leads to it, and alone counts for this answer.
    """
    from unburnt.vault.log.roots import Roots, fingerprint, keep_roots, pinned, read_roots
    from unburnt.vault.log.timestamps import Timestamps

    layout = stores.layout
    given = None if root is None else read_roots(root)
    size, said = Timestamps(layout.log, layout.tmp).add(untrusted_answer, given or pinned(layout.log))
    if given is not None:
        led_to = tuple(one for one in given.anchors if fingerprint(one) == said.root)
        keep_roots(layout.log, Roots(led_to, given.intermediates))
    stores.recorder.happened(TimestampAdded(token=digest_of(said.token), checkpoint=size))
    return {"size": size, "time": said.time.isoformat(), "authority": said.authority, "root": said.root}


def request_countersignature(stores: Stores, witness: str, old: int | None) -> bytes:
    """A request over the newest checkpoint for the witness of this key (vkey)."""
    note, layout = _to_be_vouched_for(stores), stores.layout
    log = Log(layout.log, layout.tmp, stores.sealing.origin)
    return Countersigning(layout.log, layout.tmp).request(log, Verifier.parse(witness), note=note, old=old)


def _to_be_vouched_for(stores: Stores) -> Note:
    """The newest checkpoint, or a kept one since which nothing happened but that others' statements came in.

    So one checkpoint, and a proof over it, carries all of them. Seals.
    """
    note, layout = seal_now(stores), stores.layout
    kept, newest = Kept(layout.log, layout.tmp), Checkpoint.parse(note.text).size
    tiles = Tiles(layout.log, newest)
    for size in reversed([one for one in kept.sizes() if 0 < one < newest]):
        later = stores.events.replay(size - 1)
        earlier = kept.note(size)
        text = Checkpoint(stores.sealing.origin, size, tiles.range_hash(0, size)).text()
        if earlier is None or earlier.text != text or stores.sealing.public_key().verified(earlier) is None:
            break
        if not all(isinstance(event, CountersignatureAdded | TimestampAdded) for _, event in later):
            break
        note = earlier
    return note


def add_countersignature(stores: Stores, untrusted_answer: bytes, witness: str) -> dict[str, Any]:
    """Keep a witness's answer once it is checked with its key."""
    layout = stores.layout
    said = Countersigning(layout.log, layout.tmp).add(untrusted_answer, Verifier.parse(witness))
    stores.recorder.happened(CountersignatureAdded(witness=witness.strip(), checkpoint=said.size))
    return {"size": said.size, "time": said.time.isoformat(), "witness": said.witness}


def rotate_key(stores: Stores, passphrase: str | None, new_passphrase: str | None, *, lost: bool) -> str:
    """Go over to a new key: both sign the statement, or with *lost* the new one alone; gives the new vkey."""
    layout, keys = stores.layout, Keys()
    archive = layout.archive_id
    if lost:
        note = checkpoint_of(layout, stores.sealing.origin)
        statement = keys.rotate_lost(archive, stores.sealing.public_key(), note, new_passphrase)
    else:
        seal_now(stores)
        statement = keys.rotate(archive, passphrase, new_passphrase)
    return _finish(stores, keys, statement, new_passphrase)


def _finish(stores: Stores, keys: Keys, statement: RotationStatement, passphrase: str | None) -> str:
    archive = stores.layout.archive_id
    stores.recorder.happened(KeyRotated(statement=statement.encode()))
    keys.finish_rotation(archive, statement)
    stores.sealing.use_key(keys.open(archive, passphrase, log=stores.layout.log))
    return statement.new.vkey
