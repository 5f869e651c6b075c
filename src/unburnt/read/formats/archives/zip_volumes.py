"""The volumes of a ZIP archive (APPNOTE.TXT, section 8): places are told by volume, and the last one holds the directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from unburnt.model.volume_names import LAST
from unburnt.read.formats.archives.zip_records import Entry
from unburnt.read.source import VolumeAt, is_interrupted

ELSEWHERE = -1
"""The volume of an entry of which a part is not here."""


def numbered(volumes: Sequence[VolumeAt], last: int) -> tuple[VolumeAt, ...]:
    """*volumes*, the last one with its number, which only the end record tells (*last*, from 0)."""
    return tuple(msgspec.structs.replace(one, number=last + 1) if one.number == LAST else one for one in volumes)


def place_in_whole(entries: Iterable[Entry], volumes: Sequence[VolumeAt], last: int) -> None:
    """Turn places in volumes into places in the file that they make up; those of missing volumes are left as they are."""
    starts = {one.number - 1: one.start for one in volumes}
    for entry in entries:
        if entry.volume in starts:
            entry.offset += starts[entry.volume]
            entry.volume = last


def leave_out_interrupted(entries: Iterable[Entry], volumes: Sequence[VolumeAt]) -> None:
    """An entry that runs into a missing volume has no bytes: it must not be taken for one that overlaps the next."""
    for entry in entries:
        if entry.data >= 0 and is_interrupted(volumes, entry.data, entry.data + entry.compressed):
            entry.volume, entry.header, entry.data = ELSEWHERE, -1, -1
