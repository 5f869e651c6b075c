"""Every file of the log against what it must be, so that damage can be named file by file."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct

from unburnt.base.errors import UnburntError
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.merkle import joined, leaf_hash, perfect_ranges, perfect_root
from unburnt.vault.log.tiles import WIDTH, Tiles, levels, tile_name


class Contradiction(Struct, frozen=True):
    """One thing that is not as the rest says: *path* within the archive, *index* of the entry where there is one."""

    path: str
    reason: str
    index: int | None = None


def contradictions(
    folder: Path, head: Checkpoint, entries: Iterable[bytes] | None = None
) -> Iterator[Contradiction]:
    """Compare every file of the log in *folder* with what it must be for the checkpoint *head*.

    *entries*, worked out from the events, are taken for true; without them the files are compared among
    themselves, and the file that the hash above it speaks against is named.
    """
    yield from _Check(folder, head).run(None if entries is None else iter(entries))


class _Check:
    def __init__(self, folder: Path, head: Checkpoint) -> None:
        self._head = head
        self._tiles = Tiles(folder, head.size)
        self._levels: list[list[bytes]] = [[] for _ in levels(head.size)]
        self._numbers = [0 for _ in self._levels]

    def run(self, entries: Iterator[bytes] | None) -> Iterator[Contradiction]:
        for number in range(-(-self._head.size // WIDTH)):
            width = min(WIDTH, self._head.size - number * WIDTH)
            if entries is None:
                self._levels[0] = yield from self._leaves(number, width)
            else:
                expected = list(islice(entries, width))
                yield from self._compare_entries(number, width, expected)
                if len(expected) < width:
                    return
                self._levels[0] = [leaf_hash(entry) for entry in expected]
                yield from self._compare(0, number, self._levels[0])
            if width == WIDTH:
                yield from self._finish(0)
        yield from self._compare_end()

    def _finish(self, level: int) -> Iterator[Contradiction]:
        above = self._levels[level + 1]
        above.append(perfect_root(self._levels[level]))
        self._levels[level] = []
        self._numbers[level] += 1
        if len(above) == WIDTH:
            yield from self._compare(level + 1, self._numbers[level + 1], above)
            yield from self._finish(level + 1)

    def _compare_end(self) -> Iterator[Contradiction]:
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                yield from self._compare(level, self._numbers[level], hashes)
        peaks = [
            perfect_root(hashes[start:end])
            for hashes in reversed(self._levels)
            for start, end in perfect_ranges(0, len(hashes))
        ]
        if joined(peaks) != self._head.root:
            yield Contradiction("log/checkpoint", "The checkpoint was signed over other entries than these.")

    def _compare(self, level: int, number: int, expected: Sequence[bytes]) -> Iterator[Contradiction]:
        path = f"log/{tile_name(level, number, len(expected))}"
        try:
            found = self._tiles.hashes(level, number, len(expected))
        except UnburntError as error:
            yield Contradiction(path, error.message)
            return
        if found != list(expected):
            yield Contradiction(path, "This tile holds other hashes than what it stands for.")

    def _compare_entries(self, number: int, width: int, expected: Sequence[bytes]) -> Iterator[Contradiction]:
        path = f"log/{tile_name(None, number, width)}"
        if len(expected) < width:
            missing = number * WIDTH + len(expected)
            yield Contradiction("events", f"The log counts {self._head.size} events; there are {missing}.", missing)
        try:
            found = self._tiles.entries(number, width)
        except UnburntError as error:
            yield Contradiction(path, error.message)
            return
        for place, (one, other) in enumerate(zip(found, expected, strict=False)):
            if one != other:
                index = number * WIDTH + place
                yield Contradiction(path, f"Entry {index} is not that of event {index}.", index)

    def _leaves(self, number: int, width: int) -> Generator[Contradiction, None, list[bytes]]:
        """Compare a bundle with its tile; gives the hashes to go on with: those that the hash above speaks for."""
        found: list[bytes] = []
        stored: list[bytes] = []
        bundle, tile = f"log/{tile_name(None, number, width)}", f"log/{tile_name(0, number, width)}"
        try:
            found = [leaf_hash(entry) for entry in self._tiles.entries(number, width)]
        except UnburntError as error:
            yield Contradiction(bundle, error.message)
        try:
            stored = self._tiles.hashes(0, number, width)
        except UnburntError as error:
            yield Contradiction(tile, error.message)
        if found == stored or not found or not stored:
            return found or stored or [bytes(32)] * width
        index = number * WIDTH + next(at for at in range(width) if found[at] != stored[at])
        above = self._hash_above(number) if width == WIDTH else None
        if above is None or above != perfect_root(found):
            yield Contradiction(bundle, f"Entry {index} is not the one whose hash the log holds.", index)
        if above is not None and above == perfect_root(stored):
            return stored
        yield Contradiction(tile, f"The hash of entry {index} is not that of the entry.", index)
        return found

    def _hash_above(self, number: int) -> bytes | None:
        try:
            return self._tiles.hashes(1, number // WIDTH, number % WIDTH + 1)[-1]
        except UnburntError:
            return None
