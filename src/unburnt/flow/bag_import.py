"""After a bag was taken in: is what the archive holds what was checked before?"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

from unburnt.base.digests import Digest
from unburnt.base.visible import visible
from unburnt.model.audit import Finding
from unburnt.model.events import AnyEvent, ItemReceived
from unburnt.publish.bag_check import BadBag, Bag
from unburnt.vault.objects import Objects

_SUSPICION = "What was received in its place is kept; treat this delivery with suspicion."


def require_taken(
    objects: Objects, bag: Bag, received: Iterable[AnyEvent], *, erased: Collection[Digest], tag_files: bool
) -> None:
    """Raise :class:`BadBag` where a payload file was changed between the check and the receipt, or one was slipped in.

    *received* are the events of this delivery, *erased* contents that are not taken in again. What was received stands
    in the archive under the digest it had; nothing is taken back.
    """
    changed = [Finding(one.path, "It was changed after it had been checked.")
               for one in bag.payload if one.digest not in erased and not objects.has(one.digest)]
    changed += _slipped_in(bag, received, tag_files=tag_files)
    if changed:
        raise BadBag(changed, remedy=_SUSPICION)


def _slipped_in(bag: Bag, received: Iterable[AnyEvent], *, tag_files: bool) -> Iterator[Finding]:
    """Items that were not there when the bag was checked, or were other files then."""
    checked: dict[str, Digest | None] = {one.path: one.digest for one in bag.payload}
    if tag_files:
        checked.update(dict.fromkeys(bag.tags))
    for event in received:
        if not isinstance(event, ItemReceived) or event.path is None:
            continue
        path = os.fsdecode(event.path) if tag_files else f"data/{os.fsdecode(event.path)}"
        if path not in checked:
            yield Finding(visible(path), "It was not in the bag when that was checked.")
        elif checked[path] not in (None, event.digest):
            yield Finding(visible(path), "It was another file when the bag was checked.")
