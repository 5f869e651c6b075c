"""Keeping the copies of containers' members small: what was read goes, the longest unused first.

A member's bytes stand in its container, which is sealed; the copy only saves extracting it again.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection

from unburnt.catalog.catalog import Catalog
from unburnt.vault.derived import Derived

_AT_ONCE = 500


class MemberBudget:
    """Drops copies beyond *limit* bytes. For the keeper's own thread.

    Never what is still to be read, or what lacks one of the things in *awaited* (OCR, say) that this keeper will
    do next: extracting its whole container again for each member would never end.
    """

    def __init__(self, derived: Derived, catalog: Catalog, limit: int) -> None:
        self._derived = derived
        self._catalog = catalog
        self._limit = limit
        self._look_at = limit
        self._was_idle = False

    def keep(self, *, awaited: Collection[str], is_idle: bool) -> None:
        """Drop what may go, when there is more than the limit and something has changed since the last look."""
        settles, self._was_idle = is_idle and not self._was_idle, is_idle
        if is_idle and not settles:
            return
        if self._derived.member_bytes() > (self._limit if settles else self._look_at):
            left = self._drop(awaited, is_idle=is_idle)
            # What could not go now is not looked at again for every batch.
            self._look_at = max(self._limit, left + self._limit // 10)

    def _drop(self, awaited: Collection[str], *, is_idle: bool) -> int:
        left, enough = self._derived.member_bytes(), self._limit - self._limit // 10
        oldest = iter(self._derived.members_by_age())
        while left > enough and (some := list(itertools.islice(oldest, _AT_ONCE))):
            finished = self._catalog.finished([digest for digest, _ in some], awaited=awaited)
            for digest, size in some:
                # While work is under way an unknown member may belong to a container just being read.
                if left > enough and finished.get(digest, is_idle):
                    self._derived.drop_member(digest)
                    left -= size
        return left
