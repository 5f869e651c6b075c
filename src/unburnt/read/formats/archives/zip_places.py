"""Where a ZIP archive's entries really stand: directory, volumes, overlaps, and recovery when the directory lies."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.zip_records import (
    DESCRIBED,
    LOCAL,
    LOCAL_SIZE,
    End,
    Entry,
    find_end,
    listed_from,
    read_directory,
    read_local,
)
from unburnt.read.formats.archives.zip_recovery import scan
from unburnt.read.formats.archives.zip_volumes import ELSEWHERE, leave_out_interrupted, numbered, place_in_whole
from unburnt.read.source import VolumeAt

_DESCRIPTORS = (0, 12, 16, 20, 24)
"""Bytes that may follow a file's data (section 4.3.9): checksum and sizes, of 4 or 8 bytes, with or without signature."""

_METHODS = (0, 8, 9, 12, 14, 93, 95, 98, 99)
"""Ways of packing that are met (section 4.4.5)."""


class Contents(msgspec.Struct):
    """An archive's entries with their places, and what is wrong with it as a whole."""

    entries: list[Entry]
    declared: int
    """How many entries the end record states; where there is none, how many local headers were found."""
    volume: int = 0
    """Which volume this file is, from 0; the last one holds the directory."""
    loss: str = ""
    overlapping: frozenset[int] = frozenset()
    """Places of local headers whose entries share bytes with others."""
    notes: tuple[tuple[str, str], ...] = ()
    shift: int = 0
    """How far the entries stand from where their offsets say."""
    plain_until: int = 0
    """Where a directory ends that is all there is to know of its entries' places; 0 where it is not."""

    def missing_volume(self, entry: Entry) -> str:
        """A sentence where the entry begins in another volume, else nothing."""
        if entry.volume == ELSEWHERE:
            return "A part of the member stands in another volume of the split archive, which is not here."
        # Where there is one volume only, an entry cannot begin in another, whatever number stands there.
        if entry.volume == self.volume or not self.volume:
            return ""
        return f"It begins in volume {entry.volume + 1} of {self.volume + 1} of the split archive, which is not here."


def contents_of(file: BinaryIO, size: int, volumes: Sequence[VolumeAt] = ()) -> Contents:
    """Find everything, in all of *volumes* where the file is made up of some.

    Raises :class:`Damaged` where the file holds no entry that could be found.
    """
    end = find_end(file, size)
    if end is None:
        found = _recover(file, size, "the end of the archive is missing (cut off, or not its last volume)")
        leave_out_interrupted(found.entries, numbered(volumes, volumes[-2].number if len(volumes) > 1 else 0))
        return found
    try:
        entries, shift = read_directory(file, end)
    except Damaged:
        return _recover(file, size, "its central directory is damaged", end)
    if shift > 0 and not end.volume and _begins_unlisted(file, entries, shift):
        return _recover(file, size, "its directory is cut off, and the one that was found belongs to a file inside it")
    declared = end.entries if end.wide or len(entries) & 0xFFFF != end.entries else len(entries)
    if len(entries) < declared:
        return _recover(file, size, f"its directory lists {len(entries)} of {declared} entries", end, entries)
    found = Contents(entries, len(entries), end.volume, shift=shift)
    if declared < len(entries):
        found.loss = f"The archive states {declared} entries, its directory lists {len(entries)}."
    if end.volume and volumes:
        volumes = numbered(volumes, end.volume)
        place_in_whole(entries, volumes, end.volume)
        shift = 0
    elif end.volume:
        missing = "volume 1 is" if end.volume == 1 else f"volumes 1 to {end.volume} are"
        found.loss = f"This is volume {end.volume + 1} of {end.volume + 1} of a split archive; {missing} missing."
    is_plain, listed = _locate(file, size, found, shift, volumes), len(entries)
    # Where entries overlap the directory is made to lie, and a bomb's own pieces would be found between them.
    # What runs into a missing volume is listed, too, and stands nowhere.
    if not end.volume and not found.overlapping and all(entry.volume != ELSEWHERE for entry in entries):
        _add_unlisted(file, found, end.position - end.size)
    if is_plain and not end.volume and len(found.entries) == listed:
        found.plain_until = end.position
    return found


def _begins_unlisted(file: BinaryIO, entries: list[Entry], shift: int) -> bool:
    """Whether an entry stands at the file's very beginning that the directory knows nothing of."""
    first = read_local(file, 0)
    return first is not None and first.method in _METHODS and all(entry.offset + shift > 0 for entry in entries)


def go_on(file: BinaryIO, start: int, until: int, shift: int) -> Iterator[Entry]:
    """The entries of a plain directory from the one listed at *start* on, each with its place when its turn comes."""
    for entry in listed_from(file, start, until):
        place = _header_at(file, entry, _where(entry, shift))
        if place is not None:
            _take(entry, place)
        yield entry


def _locate(file: BinaryIO, size: int, found: Contents, shift: int, volumes: Sequence[VolumeAt]) -> bool:
    """Give each entry its place, by its offset, else by going through the whole file; whether all stand where they should."""
    lost, renamed = [], 0
    for entry in found.entries:
        if found.missing_volume(entry):
            continue
        place = _header_at(file, entry, _where(entry, shift))
        if place is None:
            lost.append(entry)
        else:
            renamed += not _take(entry, place)
    if lost:
        _find_lost(file, size, lost)
        found.notes += (("zip-offsets", f"The directory gives wrong places for {len(lost)} entries; they were sought."),)
    if renamed:
        found.notes += (("zip-names", f"{renamed} entries have another name in their own header than in the directory."),)
    leave_out_interrupted(found.entries, volumes)
    found.overlapping = _overlapping(found.entries)
    return not lost and not found.overlapping


def _where(entry: Entry, shift: int) -> tuple[int, ...]:
    return (entry.offset + shift, entry.offset) if shift else (entry.offset,)


def _header_at(file: BinaryIO, entry: Entry, places: tuple[int, ...]) -> tuple[int, int, bytes] | None:
    """Place, data's place and name of the local header; one with the right name goes first."""
    best = None
    for place in places:
        if place < 0:
            continue
        file.seek(place)
        header = file.read(LOCAL_SIZE + len(entry.raw))
        if len(header) < LOCAL_SIZE or not header.startswith(LOCAL):
            continue
        names, extras = struct.unpack_from("<2H", header, 26)
        name = header[LOCAL_SIZE : LOCAL_SIZE + names]
        candidate = place, place + LOCAL_SIZE + names + extras, name
        if name == entry.raw and names == len(entry.raw):
            return candidate
        best = best or candidate
    return best


def _take(entry: Entry, place: tuple[int, int, bytes]) -> bool:
    """Note where it stands; gives whether both headers agree about its name."""
    entry.header, entry.data, name = place
    return name == entry.raw


def _find_lost(file: BinaryIO, size: int, lost: list[Entry]) -> None:
    """Match entries by name, checksum and length with the local headers that going forward finds."""
    waiting: dict[tuple[bytes, int, int], list[Entry]] = {}
    for local in scan(file, size):
        waiting.setdefault((local.raw, local.crc, local.compressed), []).append(local)
    for entry in lost:
        matches = waiting.get((entry.raw, entry.crc, entry.compressed))
        if matches:
            local = matches.pop(0)
            entry.header, entry.data = local.header, local.data


def _overlapping(entries: list[Entry]) -> frozenset[int]:
    """Entries that share bytes: the way to declare terabytes in a file of some kilobytes (Fifield, WOOT 2019)."""
    ranges = sorted((entry.header, entry.data + entry.compressed) for entry in entries if entry.data >= 0)
    overlapping: set[int] = set()
    reached, owner = -1, -1
    for start, end in ranges:
        if start < reached:
            overlapping |= {start, owner}
        if end > reached:
            reached, owner = end, start
    return frozenset(overlapping)


def _add_unlisted(file: BinaryIO, found: Contents, until: int) -> None:
    """Add the files that stand whole between listed ones: deleting from an archive often takes away the listing only."""
    spans = sorted((entry.header, entry.data + entry.compressed) for entry in found.entries if entry.data >= 0)
    unlisted: list[Entry] = []
    reached = 0
    for start, end in [*spans, (until, until)]:
        at = reached
        while start - at > LOCAL_SIZE and (entry := _stray(file, at, start)) is not None:
            unlisted.append(entry)
            at = entry.data + entry.compressed
        reached = max(reached, end)
    if unlisted:
        found.entries += unlisted
        found.declared += len(unlisted)
        told = f"{len(unlisted)} files stand in the archive that its directory does not list; they were taken out too."
        found.notes += (("zip-unlisted", told),)


def _stray(file: BinaryIO, start: int, end: int) -> Entry | None:
    """A file that begins at *start*, or behind the checksums of the one before, and ends before *end*."""
    for gap in _DESCRIPTORS:
        entry = read_local(file, start + gap)
        if entry is not None and entry.data + entry.compressed <= end and (entry.compressed or not entry.flags & DESCRIBED):
            return entry
    return None


def _recover(file: BinaryIO, size: int, why: str, end: End | None = None, listed: list[Entry] | None = None) -> Contents:
    """What local headers tell; entries that only the directory's rest knows are kept too."""
    entries = scan(file, size)
    if not entries and not listed:
        if end is not None and end.volume:
            raise Damaged(f"This is volume {end.volume + 1} of a split archive, and its directory is not whole.")
        raise Damaged(f"Nothing could be recovered from this ZIP archive: {why}.")
    by_name = {entry.raw: entry for entry in listed or []}
    for entry in entries:
        known = by_name.pop(entry.raw, None)
        if known is not None:
            entry.system, entry.attributes, entry.extra = known.system, known.attributes, known.extra
            if entry.crc == 0 and entry.compressed <= known.compressed:
                entry.crc, entry.compressed, entry.size = known.crc, known.compressed, known.size
    volume = end.volume if end else 0
    for entry in entries:
        entry.volume = volume
    entries += by_name.values()
    declared = max(len(entries), end.entries if end else 0)
    loss = f"Entries were recovered by their own headers: {why}."
    return Contents(entries, declared, volume, loss)
