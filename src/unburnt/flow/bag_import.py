"""After a bag was taken in: is what the archive holds what was checked before?"""

from __future__ import annotations

from unburnt.model.audit import Finding
from unburnt.publish.bag_check import BadBag, Bag
from unburnt.vault.objects import Objects


def require_taken(objects: Objects, bag: Bag) -> None:
    """Raise :class:`BadBag` where a payload file was changed between the check and the receipt.

    What was received then stands in the archive under the digest it had; nothing is taken back.
    """
    changed = [Finding(one.path, "It was changed after it had been checked.")
               for one in bag.payload if not objects.has(one.digest)]
    if changed:
        raise BadBag(changed, remedy="What was received in its place is kept; treat this delivery with suspicion.")
