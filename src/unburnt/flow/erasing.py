"""Erasing: the content goes, and everything made from it; that it was erased, and by which event, stays.

The event is noted beside the key, then written, then sealed, then things go. After a crash the next keeper removes what
is left, where the event is sealed; its own it knows by the note, and seals it first.
"""

from __future__ import annotations

from collections.abc import Iterable

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound, UsageError
from unburnt.flow.belonging import receipts, require_belonging
from unburnt.flow.leavings import forget_damaged, forget_exports
from unburnt.flow.stores import Stores
from unburnt.model.events import Erased

_LAST_EVENTS = 1_000
_ITEM_FIELDS = ("path", "modified", "size")


def erase_document(stores: Stores, digest: Digest, *, why: str, with_containers: bool = False) -> list[Digest]:
    """Erase content with its members that occur nowhere else; gives what was erased. In the keeper's thread.

    Content inside a container cannot be taken out of the container's sealed bytes, nor can what was read from several
    volumes be told apart by volume: raises :class:`UsageError` unless *with_containers*, which erases those as well.
    """
    containers = stores.catalog.containers_of(digest)
    others = stores.catalog.set_of(digest)
    if others and not with_containers:
        raise UsageError(
            f"This is a volume of a split archive, or a table or its memo file: its content was read together with {len(others)} "
            "other file(s).",
            remedy="Erase those, and what was found in them, too (--with-containers), or leave it.",
        )
    if containers and not with_containers:
        raise UsageError(
            f"This content also stands inside {len(containers)} container(s), whose bytes are sealed.",
            remedy="Erase those too (--with-containers), or leave it.",
        )
    doomed = _with_members(stores, [digest, *others, *containers])
    for outer in [*others, *containers]:
        doomed = list(dict.fromkeys([*doomed, *_outermost(stores, outer)]))
    received = receipts(stores, set(doomed))
    require_belonging(stores, digest, doomed, received)
    _erase(stores, sorted({number for numbers in received.values() for number in numbers}), _ITEM_FIELDS, doomed, why)
    return doomed


def erase_fields(stores: Stores, digest: Digest, fields: tuple[str, ...], *, why: str) -> int:
    """Erase only *fields* (``path modified size``) of the events by which content was received."""
    unknown = set(fields) - set(_ITEM_FIELDS)
    if unknown:
        raise UsageError(f"There is no field {sorted(unknown)[0]!r} to erase.", remedy="Fields: path, modified, size.")
    sequences = receipts(stores, {digest}).get(digest, [])
    if not sequences:
        raise NotFound("This content was not received by itself: its names stand in its container's reading.")
    forget_exports(stores.layout, [digest])  # a bag may list its name
    _erase(stores, sequences, fields, [], why)
    return len(sequences)


def finish_erasing(stores: Stores) -> None:
    """Seal what is one's own, and remove what a sealed erasing that was interrupted left behind."""
    stores.sealing.seal()
    sealed = stores.sealing.sealed
    # It ended right after its event, so that is among the last.
    told: set[Digest] = set()
    for number, event in stores.events.replay(stores.events.last - _LAST_EVENTS):
        if isinstance(event, Erased) and number < sealed:
            stores.events.erase_fields(event.events, set(event.fields))
            told.update(event.digests)
    still = told & set(stores.catalog.erased(before=sealed))  # what was received again since is not among these
    left = [one for one in sorted(still) if stores.objects.has(one) or stores.derived.keys_of(one)]
    if left:
        _remove(stores, left)


def _erase(
    stores: Stores, sequences: list[int], fields: tuple[str, ...], digests: list[Digest], why: str
) -> None:
    stores.recorder.commit_index()
    erased = Erased(events=tuple(sequences), fields=fields, digests=tuple(digests), why=why)
    stores.recorder.happened(erased)
    stores.sealing.seal()  # before anything goes: an unsealed line that takes something away is not believed later
    stores.events.erase_fields(sequences, set(fields))
    _remove(stores, digests)


def _remove(stores: Stores, digests: list[Digest]) -> None:
    forget_exports(stores.layout, digests)
    forget_damaged(stores.layout)
    keys = {key for digest in digests for key in stores.derived.keys_of(digest)}
    if keys:
        stores.derived.erase(*keys)
    for digest in digests:
        stores.objects.erase(digest)
        stores.derived.drop_member(digest)
    stores.renew_index()
    stores.catalog.scrub()


def _with_members(stores: Stores, digests: Iterable[Digest]) -> list[Digest]:
    found: dict[Digest, None] = {}
    todo = list(digests)
    while todo:
        digest = todo.pop()
        if digest not in found:
            found[digest] = None
            todo.extend(stores.catalog.only_here(digest))
    return list(found)


def _outermost(stores: Stores, digest: Digest) -> list[Digest]:
    found: dict[Digest, None] = {}
    todo = [digest]
    while todo:
        one = todo.pop()
        if one not in found:
            found[one] = None
            todo.extend(stores.catalog.containers_of(one))
            todo.extend(stores.catalog.set_of(one))
    return _with_members(stores, found)
