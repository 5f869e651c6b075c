"""The right edge of a growing tree: all that is needed to add entries and to know the root."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from unburnt.vault.log.merkle import joined, perfect_ranges, perfect_root
from unburnt.vault.log.tiles import WIDTH, Tiles, bundle, edge_of, levels, tile_name, write_tile


class Edge:
    """The unfinished tile of each level. A tile that fills up is written at once, past the checkpoint."""

    def __init__(self, folder: Path, tiles: Tiles, size: int) -> None:
        """Read the edge of a log of *size*; raises :class:`DamagedLog`."""
        self._folder = folder
        self.size = size
        self._levels: list[list[bytes]] = []
        for level in levels(size):
            number, width = edge_of(size, level)
            self._levels.append(tiles.hashes(level, number, width) if width else [])
        number, width = edge_of(size, 0)
        self.entries: list[bytes] = tiles.entries(number, width) if width else []

    @property
    def leaves(self) -> Sequence[bytes]:
        """The hashes of :attr:`entries`, as the tile of level 0 has them."""
        return self._levels[0] if self._levels else ()

    @property
    def room(self) -> int:
        """How many entries fit before the tile of level 0 is full."""
        return WIDTH - len(self.entries)

    def root(self) -> bytes:
        """The Merkle root of everything so far."""
        peaks = [
            perfect_root(hashes[start:end])
            for hashes in reversed(self._levels)
            for start, end in perfect_ranges(0, len(hashes))
        ]
        return joined(peaks)

    def add(self, entries: Sequence[bytes]) -> Iterator[Path]:
        """Add at most :attr:`room` entries; gives each file that was written because it is full."""
        if not self._levels:
            self._levels.append([])
        self._levels[0] += [sha256(b"\x00" + entry).digest() for entry in entries]
        self.entries += entries
        self.size += len(entries)
        if len(self.entries) == WIDTH:
            yield write_tile(self._folder, tile_name(None, (self.size >> 8) - 1), bundle(self.entries))
            self.entries = []
            yield from self._finish(0)

    def partial(self, before: int) -> Iterator[tuple[str, bytes]]:
        """Name and content of every unfinished file that is another than in the log of size *before*.

        What an older checkpoint counts is never written again, since a crash could leave it half written.
        """
        for level, hashes in enumerate(self._levels):
            place = edge_of(self.size, level)
            if hashes and place != edge_of(before, level):
                yield tile_name(level, *place), b"".join(hashes)
                if level == 0:
                    yield tile_name(None, *place), bundle(self.entries)

    def _finish(self, level: int) -> Iterator[Path]:
        hashes = self._levels[level]
        number = (self.size >> 8 * (level + 1)) - 1
        yield write_tile(self._folder, tile_name(level, number), b"".join(hashes))
        self._levels[level] = []
        if level + 1 == len(self._levels):
            self._levels.append([])
        above = self._levels[level + 1]
        above.append(perfect_root(hashes))
        if len(above) == WIDTH:
            yield from self._finish(level + 1)
