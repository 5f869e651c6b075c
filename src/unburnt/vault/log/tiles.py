"""The log's files as C2SP tlog-tiles lays them out: hashes of 256 neighbours a tile, entries beside them.

A tile of level 0 holds the hashes of 256 entries; a tile of a higher level, the roots of 256 full tiles below.
The last tile of a level is partial and has its width in its name. Of the partial ones those stay that the newest
checkpoint or a kept one counts on, until the full one is there: any reader of such logs can check these, and the
others would tell how much came when.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from unburnt.base.errors import DamagedArchive
from unburnt.vault.durable import FILE_MODE, disk_errors, make_directory, write_all
from unburnt.vault.log.entries import ENTRY_BYTES
from unburnt.vault.log.merkle import joined, perfect_ranges, perfect_root
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.undated import undate

WIDTH = 256
_HASH = 32
_PREFIX = ENTRY_BYTES.to_bytes(2, "big")
_RECORD = len(_PREFIX) + ENTRY_BYTES
LARGEST_TILE = WIDTH * _RECORD
"""Bytes of a full bundle of entries, the largest file below ``log/tile/``."""
_CACHED = 64
REPAIR = "Put it back from a copy of the archive; the events and objects are untouched."


class DamagedLog(DamagedArchive):
    """A file of the log is missing, cut off, or contradicts the checkpoint."""


def tile_name(level: int | None, number: int, width: int = WIDTH) -> str:
    """The path below ``log/`` of a tile, of a bundle of entries where *level* is None."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{path}{suffix}"


def levels(size: int) -> range:
    """The levels at which a log of *size* has a tile."""
    return range((size.bit_length() + 7) // 8)


def edge_of(size: int, level: int) -> tuple[int, int]:
    """Number and width of the unfinished tile of *level* in a log of *size*; the width may be 0."""
    return size >> 8 * (level + 1), size >> 8 * level & (WIDTH - 1)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a file holds them: each with its length, two bytes, most significant first."""
    return b"".join([_PREFIX + entry for entry in entries])


def write_tile(folder: Path, name: str, data: bytes) -> Path:
    """Write a file of the log that no checkpoint counts yet; so it is never read half written, whatever happens.

    What a crash left there goes first, and so does a link: nothing is ever written through one.
    """
    path = folder / name
    try:
        descriptor = _create(path)
    except FileNotFoundError:
        _make_parents(folder, path.parent)
        descriptor = _create(path)
    except FileExistsError:
        path.unlink()
        descriptor = _create(path)
    try:
        write_all(descriptor, data)
        undate(descriptor)
    finally:
        os.close(descriptor)
    return path


class Tiles:
    """Reads the tiles of a log as it is at *size* entries; another *size* may be had from the same files."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._cache: dict[tuple[int | None, int], list[bytes]] = {}

    def hashes(self, level: int, number: int, width: int) -> list[bytes]:
        """The first *width* hashes of a tile; raises :class:`DamagedLog`."""
        return self._tile(level, number, _HASH, width)

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first *width* entries of a bundle; raises :class:`DamagedLog`."""
        records = self._tile(None, number, _RECORD, width)
        if any(not record.startswith(_PREFIX) for record in records):
            raise DamagedLog(f"log/{tile_name(None, number)} is damaged.", remedy=REPAIR)
        return [record[len(_PREFIX):] for record in records]

    def range_hash(self, start: int, end: int) -> bytes:
        """The root over the entries of a range that begins at a subtree's edge (see ``merkle``)."""
        return joined([self._perfect(*part) for part in perfect_ranges(start, end)])

    def _perfect(self, start: int, end: int) -> bytes:
        level, shift = divmod((end - start).bit_length() - 1, 8)
        number, place = divmod(start >> 8 * level, WIDTH)
        return perfect_root(self.hashes(level, number, place + (1 << shift))[place:])

    def _tile(self, level: int | None, number: int, unit: int, width: int) -> list[bytes]:
        cached = self._cache.pop((level, number), None)
        if cached is None:
            cached = self._read(level, number, unit)
            if len(self._cache) >= _CACHED:
                del self._cache[next(iter(self._cache))]
        self._cache[level, number] = cached
        if len(cached) < width:
            raise DamagedLog(f"log/{tile_name(level, number)} is asked for more than the log holds.")
        return cached[:width]

    def _read(self, level: int | None, number: int, unit: int) -> list[bytes]:
        width = max(0, min(WIDTH, (self._size >> 8 * (level or 0)) - number * WIDTH))
        # A partial tile goes once a wider one is there, which a keeper at work may have written meanwhile.
        wider = (wide for wide in partial_widths(self._folder, level, number) if wide > width)
        for wide in dict.fromkeys((width, *wider, WIDTH)):
            name = tile_name(level, number, wide)
            data = read_at_most(self._folder / name, wide * unit + 1)
            if data is None:
                continue
            if len(data) != wide * unit:
                raise DamagedLog(f"log/{name} is cut off or too long.", remedy=REPAIR)
            return [data[at:at + unit] for at in range(0, width * unit, unit)]
        raise DamagedLog(f"log/{tile_name(level, number, width)} is missing.", remedy=REPAIR)


def read_at_most(path: Path, limit: int) -> bytes | None:
    """The first *limit* bytes of a file, None where there is none; what is no plain file holds up nobody."""
    with disk_errors("reading the log"):
        try:
            with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
                return file.read(limit)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)


def require_own_folders(folder: Path) -> None:
    """Refuse a log whose folders lead elsewhere: what is written and removed here must stay here."""
    with disk_errors("opening the log"):
        tiles = folder / "tile"
        levels_there = list(tiles.iterdir()) if tiles.is_dir() else []
        if any(path.is_symlink() for path in (folder, tiles, *levels_there)):
            raise DamagedLog("A folder of the log is a link to another place.", remedy=REPAIR)


def partial_widths(folder: Path, level: int | None, number: int) -> list[int]:
    """The widths of the unfinished forms of a tile that are there, ascending."""
    partial = folder / f"{tile_name(level, number)}.p"
    with disk_errors("reading the log"):
        if partial.is_symlink() or not partial.is_dir():
            return []
        return sorted(width for path in partial.iterdir() if 0 < (width := decimal(path.name) or 0) < WIDTH)


def remove_partial(folder: Path, level: int | None, number: int, needed: Collection[int] = ()) -> None:
    """Remove the unfinished forms of a tile but those of *needed* widths, and nothing else that may stand beside them."""
    partial = folder / f"{tile_name(level, number)}.p"
    widths = partial_widths(folder, level, number)
    for width in widths:
        if width not in needed:
            (partial / str(width)).unlink()
    if widths and not any(partial.iterdir()):
        partial.rmdir()
    undate(partial, partial.parent)


def _make_parents(folder: Path, parent: Path) -> None:
    for one in reversed([parent, *parent.parents]):
        if one.is_relative_to(folder):
            make_directory(one)
