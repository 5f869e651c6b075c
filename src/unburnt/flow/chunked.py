"""A derived record as a sequence of its chunks, wherever they are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import overload


class Chunked(Sequence[bytes]):
    """Chunk 0 is the reading, chunk 1 + i its part i, as JSON. Whoever derives from it gives the length and one chunk."""

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._chunk(index)

    @abstractmethod
    def _chunk(self, index: int) -> bytes: ...
