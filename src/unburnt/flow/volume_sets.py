"""Split archives: which files make up a set, and whether it is worth reading (again) as it is here now.

Volumes of one folder belong together. What a folder lacks may come from elsewhere, as when each volume came with a
mail of its own or in a later delivery: ``volume_ways`` says in which order that is tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import DamagedArchive
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.records import VolumePlace, Waiting
from unburnt.flow.chunks import Chunks
from unburnt.flow.reading import Done
from unburnt.flow.together import Together
from unburnt.flow.volume_ways import Group, newest, wanted_of, ways_to_join
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Reading, Volume
from unburnt.model.volume_names import FOLLOWER, LAST, MOST_VOLUMES, PLAIN, SetKey, key_of_set, volume_name
from unburnt.sandbox.runner import Ended
from unburnt.vault.derived import Derived

_Name = tuple[str, str]

_reading = msgspec.json.Decoder(Reading)


class VolumeSets(Together):
    """Sets that more can be had of than was read before."""

    def _found(self) -> list[Waiting]:
        """The sets, and the volumes to be said to have been read with one."""
        lacking = self._catalog.lacking_volumes()
        found: list[Waiting] = []
        room = MOST_VOLUMES
        for one in self._sets(lacking):
            if len(one.volumes) <= room:
                found.append(one)
                room -= len(one.volumes)
        return [*found, *self._following([*lacking, *self._read_apart()], {one.digest for one in found})]

    def _read_apart(self) -> list[VolumePlace]:
        """What looked like a document of its own, and is a volume wherever it lies: by its name, and by the set that it is read in."""
        places: dict[Digest, list[VolumePlace]] = defaultdict(list)
        for one in self._catalog.volumes_read_apart():
            places[one.digest].append(one)
        return [some[0] for some in places.values() if all((name := volume_name(one.name)) and name.is_certain for one in some)]

    def _sets(self, lacking: Sequence[VolumePlace]) -> list[Waiting]:
        """For each set that was not read whole the next way to put it together that nobody tried, else the best again."""
        open_leads = {one.digest for one in lacking}
        ways: dict[Digest, dict[SetKey, Waiting]] = defaultdict(dict)
        for name, groups in self._grouped(lacking).items():
            led = _led(name[0], groups)
            for group in led:
                lead = group[_first_of(name[0], group)]
                if lead.digest in open_leads:
                    for volumes in ways_to_join(name[0], group, groups, open_leads):
                        waiting = _waiting(lead, volumes)
                        ways[lead.digest].setdefault(key_of_set(waiting.volumes), waiting)
        chosen = (self._next(lead, possible) for lead, possible in ways.items())
        return [waiting for waiting in chosen if waiting is not None]

    def _next(self, lead: Digest, ways: Mapping[SetKey, Waiting]) -> Waiting | None:
        """Every way is tried once, in order; where none gave all, what gave most stays. So this ends whatever lies there."""
        known = self._catalog.joined_under(lead)
        for key, waiting in ways.items():
            if key not in known.tried:
                return waiting
        best = max(ways, key=lambda key: known.tried[key])
        is_better = known.tried[best] > known.tried.get(key_of_set(known.volumes), -1)
        return ways[best] if is_better or known.is_begun else None

    def _grouped(self, lacking: Sequence[VolumePlace]) -> dict[_Name, list[Group]]:
        """By style and stem the volumes of each place, those that were read with others included."""
        stems: dict[tuple[_Name, Any], dict[str, VolumePlace]] = defaultdict(dict)
        for one in lacking:
            if name := volume_name(one.name):
                stems[(name.style, name.stem.lower()), one.place].setdefault(name.stem, one)
        found: dict[_Name, list[Group]] = defaultdict(list)
        for (key, _), spelled in stems.items():
            group: Group = {}
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
            Waiting(digest=digest, size=places[digest].size, name="", depth=places[digest].depth,
                    volumes=(Volume(number, digest),), read_with=lead)
            for digest, (lead, number) in self._catalog.followers(places).items() if lead not in being_read
        ]


def _first_of(style: str, group: Group) -> int:
    """The number of the volume under which a set is read: that which people open, else the first that is here."""
    wanted = wanted_of(style)
    return wanted if wanted in group else min(group)


def _led(style: str, groups: Sequence[Group]) -> list[Group]:
    """Those that have a volume to open; where none has, all that there are as one, unless it would mean nothing."""
    if led := [group for group in groups if wanted_of(style) in group]:
        return led
    return [] if style == PLAIN else [newest(groups)]


def _waiting(lead: VolumePlace, volumes: Sequence[tuple[int, VolumePlace]]) -> Waiting:
    return Waiting(
        digest=lead.digest, size=sum(one.size for _, one in volumes), name=lead.name, depth=lead.depth,
        is_begun=True, volumes=tuple(Volume(number, one.digest) for number, one in volumes))


def said_of(tmp: Path, derived: Derived, catalog: Catalog, batch: Sequence[Waiting]) -> list[Done]:
    """The readings of volumes that were read with the rest of their set: all that is to be said of each.

    Raises :class:`DamagedArchive` where the set's own record does not name the volume.
    """
    return [_follower(tmp, waiting, *_record_of(derived, catalog, waiting)) for waiting in batch]


def _record_of(derived: Derived, catalog: Catalog, waiting: Waiting) -> tuple[Digest, bytes]:
    key = catalog.key_of(waiting.read_with) if waiting.read_with else None
    head = derived.chunk(key, 0) if key else None
    volumes = _reading.decode(head).volumes if head is not None else ()
    if key is None or head is None or waiting.volumes[0] not in volumes:
        raise DamagedArchive(
            "The catalogue says of a file that it was read with others as one, and the record of that reading does not name it.",
            remedy="Make the catalogue again: unburnt rebuild.",
        )
    return key, head


def _follower(tmp: Path, waiting: Waiting, key: Digest, head: bytes) -> Done:
    number = waiting.volumes[0].number
    place = "the last part" if number == LAST else f"part {number}"
    reading = Reading(
        blob=waiting.digest, type="application/octet-stream", reader=FOLLOWER, outcome=Outcome.READ,
        reason=f"It is {place} of a split archive, and was read together with the others.", read_with=waiting.read_with,
    )
    chunks = Chunks(tmp)
    chunks.finish(reading)
    return Done(waiting, reading, chunks, Ended("done"), made_from=((key, digest_of(head)),))
