"""What may be erased together with a content: what sealed readings say belongs to it, and not what the catalogue alone says.

An erasing is told by a sealed event, and explains from then on why something is gone. So somebody who can change the
catalogue, a view, must not have a person erase what was never meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.flow.stores import Stores
from unburnt.model.events import ItemReceived, ReadingMade
from unburnt.model.reading import Reading

_reading = msgspec.json.Decoder(Reading)


def receipts(stores: Stores, contents: Collection[Digest]) -> dict[Digest, list[int]]:
    """The numbers of the events by which each of *contents* was received, as the events say."""
    found: dict[Digest, list[int]] = defaultdict(list)
    for number, event in stores.events.replay():
        if isinstance(event, ItemReceived) and event.digest is not None and event.digest in contents:
            found[event.digest].append(number)
    return found


def require_belonging(stores: Stores, digest: Digest, doomed: Collection[Digest], by_itself: Collection[Digest]) -> None:
    """That all that is *doomed* belongs to *digest*: lies in it, holds it, or was read with it as one.

    What lies in it and was also received *by_itself* does not. Raises :class:`DamagedArchive`.
    """
    if not set(doomed) - {digest}:
        return
    inner = _inner(stores, set(doomed))
    reached, grown = {digest}, True
    while grown:
        before = len(reached)
        for outer, (members, together) in inner.items():
            if reached & (members | together):
                reached.add(outer)
            if outer in reached:
                reached |= members - set(by_itself) | together
        grown = len(reached) > before
    if strangers := set(doomed) - reached:
        raise DamagedArchive(
            f"The catalogue says of {len(strangers)} contents that they belong to this one, and no reading says so. Nothing was erased.",
            remedy="Make the catalogue again (unburnt rebuild), then try again.",
        )


def _inner(stores: Stores, doomed: set[Digest]) -> dict[Digest, tuple[set[Digest], set[Digest]]]:
    """What each container among *doomed* holds of these, and what was read with it as one, as far as events name the readings."""
    found: dict[Digest, tuple[set[Digest], set[Digest]]] = {}
    for _, event in stores.events.replay():
        if isinstance(event, ReadingMade) and event.blob in doomed:
            members, together = found.setdefault(event.blob, (set(), set()))
            for reading in _records(stores, event):
                members |= doomed & {one.digest for one in reading.members if one.digest}
                together |= doomed & {*(one.digest for one in reading.volumes), *filter(None, [reading.read_with])}
    return found


def _records(stores: Stores, event: ReadingMade) -> Iterable[Reading]:
    try:
        head = stores.derived.chunk(event.key, 0)
        if head is not None and digest_of(head) == event.output:
            yield _reading.decode(head)
    except (UnburntError, msgspec.DecodeError):  # damaged: it says nothing
        return
