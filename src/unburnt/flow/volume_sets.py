"""Split archives: which files make up a set, and whether it is worth reading (again) as it is here now.

Volumes of one folder belong together. What a folder lacks may come from elsewhere, as when each volume came with a
mail of its own or in a later delivery: but never out of a folder that has a set of that name of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.records import VolumePlace, Waiting
from unburnt.flow.chunks import Chunks
from unburnt.flow.reading import Done
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Reading, Volume
from unburnt.model.volume_names import FOLLOWER, LAST, MOST_VOLUMES, PLAIN, ZIP, volume_name
from unburnt.sandbox.runner import Ended

_Group = dict[int, VolumePlace]
"""The volumes of one place by their numbers."""
_Name = tuple[str, str]
_Rank = tuple[int, int, int]
_NONE: Final = (0, 0, 0)


class VolumeSets:
    """Asks the catalogue, when everything else was read, for sets that more can be had of than was read before."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._looked_at = -2

    def to_read(self) -> list[Waiting]:
        """The sets to be read now, and the volumes to be said to have been read with one; none while nothing is new."""
        applied = self._catalog.applied
        if applied == self._looked_at:
            return []
        lacking = self._catalog.lacking_volumes()
        found: list[Waiting] = []
        room = MOST_VOLUMES
        for one in self._sets(lacking):
            if len(one.volumes) <= room:
                found.append(one)
                room -= len(one.volumes)
        following = self._following(lacking, {one.digest for one in found})
        if not found and not following:
            self._looked_at = applied
        return [*found, *following]

    def _sets(self, lacking: Sequence[VolumePlace]) -> list[Waiting]:
        """The best that can be made of each set, where that is better than what was read."""
        open_leads = {one.digest for one in lacking}
        best: dict[Digest, tuple[_Rank, Waiting]] = {}
        before: dict[Digest, _Rank] = {}
        for name, groups in self._grouped(lacking).items():
            items = {one.digest: one.item for group in groups for one in group.values()}
            for group in _led(name[0], groups):
                lead = group[_first_of(name[0], group)]
                if lead.digest not in open_leads:
                    continue
                known = self._catalog.joined_under(lead.digest)
                rank = _NONE if known.is_begun else _rank(known.volumes, group, items)
                before[lead.digest] = max(rank, before.get(lead.digest, _NONE))
                volumes = _completed(name[0], group, groups)
                made = _rank([Volume(number, one.digest) for number, one in volumes], group, items)
                if made > best.get(lead.digest, (_NONE, None))[0]:
                    best[lead.digest] = made, _waiting(lead, volumes)
        # Only what is better in this order is read again, so that this ends whatever lies there.
        return [waiting for digest, (rank, waiting) in best.items() if rank > before[digest]]

    def _grouped(self, lacking: Sequence[VolumePlace]) -> dict[_Name, list[_Group]]:
        """By style and stem the volumes of each place, those that were read with others included."""
        stems: dict[tuple[_Name, Any], dict[str, VolumePlace]] = defaultdict(dict)
        for one in lacking:
            if name := volume_name(one.name):
                stems[(name.style, name.stem.lower()), one.place].setdefault(name.stem, one)
        found: dict[_Name, list[_Group]] = defaultdict(list)
        for (key, _), spelled in stems.items():
            group: _Group = {}
            for stem, sample in spelled.items():
                for one in self._catalog.beside(sample, stem.encode("utf-8", "surrogateescape")):
                    name = volume_name(one.name)
                    if name and (name.style, name.stem) == (key[0], stem):
                        group.setdefault(name.number, one)
            if group:
                found[key].append(group)
        return found

    def _following(self, lacking: Sequence[VolumePlace], being_read: set[Digest]) -> list[Waiting]:
        places = {one.digest: one for one in lacking if one.digest not in being_read}
        return [
            Waiting(digest=digest, size=places[digest].size, name="", declared=None, depth=places[digest].depth,
                    volumes=(Volume(number, digest),), read_with=lead)
            for digest, (lead, number) in self._catalog.followers(places).items() if lead not in being_read
        ]


def _first_of(style: str, group: _Group) -> int:
    """The number of the volume under which a set is read: that which people open, else the first that is here."""
    wanted = LAST if style == ZIP else 1
    return wanted if wanted in group else min(group)


def _led(style: str, groups: Sequence[_Group]) -> list[_Group]:
    """Those that have a volume to open; where none has, all that there are as one, unless it would mean nothing."""
    wanted = LAST if style == ZIP else 1
    if led := [group for group in groups if wanted in group]:
        return led
    return [] if style == PLAIN else [_newest(groups)]


def _newest(groups: Iterable[_Group]) -> _Group:
    found: _Group = {}
    for group in groups:
        for number, one in group.items():
            if number not in found or one.item > found[number].item:
                found[number] = one
    return found


def _completed(style: str, group: _Group, groups: Sequence[_Group]) -> list[tuple[int, VolumePlace]]:
    """*group*, with what it lacks out of groups that have no volume to open, in order, at most :data:`MOST_VOLUMES`."""
    wanted = LAST if style == ZIP else 1
    whole = _newest(other for other in groups if wanted not in other) | group
    last = [(LAST, whole.pop(LAST))] if LAST in whole else []
    return sorted(whole.items())[: MOST_VOLUMES - len(last)] + last


def _rank(volumes: Sequence[Volume], group: _Group, items: Mapping[Digest, int]) -> _Rank:
    """How good a set is: how many volumes, how many of them out of its own place, and how lately the others came."""
    at_home = [one for one in volumes if one.number in group and group[one.number].digest == one.digest]
    newest = max((items.get(one.digest, 0) for one in volumes if one not in at_home), default=0)
    return len(volumes), len(at_home), newest


def _waiting(lead: VolumePlace, volumes: Sequence[tuple[int, VolumePlace]]) -> Waiting:
    return Waiting(
        digest=lead.digest, size=sum(one.size for _, one in volumes), name=lead.name, declared=None, depth=lead.depth,
        is_begun=True, volumes=tuple(Volume(number, one.digest) for number, one in volumes))


def said_of(tmp: Path, batch: Sequence[Waiting]) -> list[Done]:
    """The readings of volumes that were read with the rest of their set: all that is to be said of each."""
    return [_follower(tmp, waiting) for waiting in batch]


def _follower(tmp: Path, waiting: Waiting) -> Done:
    number = waiting.volumes[0].number
    place = "the last part" if number == LAST else f"part {number}"
    reading = Reading(
        blob=waiting.digest, type="application/octet-stream", reader=FOLLOWER, outcome=Outcome.READ,
        reason=f"It is {place} of a split archive, and was read together with the others.", read_with=waiting.read_with,
    )
    chunks = Chunks(tmp)
    chunks.finish(reading)
    return Done(waiting, reading, chunks, Ended("done"))
