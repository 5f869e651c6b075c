"""A derived record as it is kept: its chunks one by one, however large the whole is."""

from __future__ import annotations

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.flow.chunked import Chunked
from unburnt.vault.derived import Derived


class KeptRecord(Chunked):
    """The chunks of one derived record, each read when it is asked for; the first once, so that all see the same.

    Raises :class:`NotFound` where there is no such record, or not all of it, and :class:`DamagedArchive`.
    """

    def __init__(self, derived: Derived, key: Digest) -> None:
        self._derived = derived
        self.key = key
        self.described = derived.describe(key)
        self._head: bytes | None = None

    def __len__(self) -> int:
        return self.described.chunks

    def _chunk(self, index: int) -> bytes:
        chunk = self._head if index == 0 and self._head is not None else self._derived.chunk(self.key, index)
        if chunk is None:
            raise NotFound(f"A part of a derived record is not kept: {self.key}.")
        if index == 0:
            self._head = chunk
        return chunk
