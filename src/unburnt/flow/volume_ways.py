"""The ways in which a split archive can be put together out of the volumes that are here, the likeliest first.

Each folder's own volumes come first, with what lacks from folders that have no volume to open. Where that was not read
whole, a volume may be a damaged copy, or one of another set of that name: then each other volume of its number is tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from unburnt.base.digests import Digest
from unburnt.catalog.records import VolumePlace
from unburnt.model.volume_names import LAST, MOST_VOLUMES, ZIP

Group = dict[int, VolumePlace]
"""The volumes of one place by their numbers."""
Volumes = list[tuple[int, VolumePlace]]
MOST_WAYS: Final = 12
"""Each may mean to read a giant archive once more."""


def wanted_of(style: str) -> int:
    """The number of the volume that people open."""
    return LAST if style == ZIP else 1


def ways_to_join(style: str, group: Group, groups: Sequence[Group], open_leads: Collection[Digest]) -> Iterator[Volumes]:
    """At most :data:`MOST_WAYS` lists of volumes in order, each at most :data:`MOST_VOLUMES` long, all with the volume that
    *group* is opened by. *open_leads* are volumes whose own set was not read whole: only such a set lends any of its own.
    """
    wanted = wanted_of(style)
    loose = [other for other in groups if wanted not in other]
    own = newest(loose) | group
    same = [other for other in groups if other is not group and wanted in group and _lead(other, wanted) == _lead(group, wanted)]
    lending = [other for other in groups if other is not group and _lead(other, wanted) in open_leads]
    others = [*loose, *same, *lending]
    made: list[Group] = [own]
    made += [own | _later(newest(loose), group), newest([*lending, *same]) | own]
    base = made[-1]
    for number in sorted(base):
        if number != wanted:
            made += [base | {number: other[number]} for other in others if number in other and other[number].digest != base[number].digest]
    for one in made[:MOST_WAYS]:
        yield _in_order(one)


def newest(groups: Iterable[Group]) -> Group:
    """Of each number the volume that came last."""
    found: Group = {}
    for group in groups:
        for number, one in group.items():
            if number not in found or one.item > found[number].item:
                found[number] = one
    return found


def _lead(group: Group, wanted: int) -> Digest | None:
    return group[wanted].digest if wanted in group else None


def _later(loose: Group, group: Group) -> Group:
    """Of *loose* what came after the volume that *group* has of that number."""
    return {number: one for number, one in loose.items() if number not in group or one.item > group[number].item}


def _in_order(whole: Group) -> Volumes:
    rest = dict(whole)
    last = [(LAST, rest.pop(LAST))] if LAST in rest else []
    return sorted(rest.items())[: MOST_VOLUMES - len(last)] + last
