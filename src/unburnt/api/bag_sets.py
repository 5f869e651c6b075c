"""Split archives in a bag: all volumes of a set, under names that say nothing but their order; tables with their memo files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.catalog import Catalog
from unburnt.model.memo_names import is_beside
from unburnt.model.volume_names import ending_of, volume_name

_MOST_NAMES = 1_000
_STEM = "set"


def with_whole_sets(catalog: Catalog, wished: Iterable[Digest]) -> tuple[tuple[Digest, ...], dict[Digest, tuple[str, ...]]]:
    """*wished* with the other volumes of each set, and where below ``data/`` volumes stand: each set in a folder of its own.

    A table stands once beside each of its memo files, in folders of their own.
    """
    chosen = dict.fromkeys(wished)
    leads = dict.fromkeys(lead for digest in chosen for lead in _leads_of(catalog, digest))
    places: defaultdict[Digest, list[str]] = defaultdict(list)
    for lead in leads:
        volumes = catalog.volumes_of(lead)
        memos = [one.digest for one in volumes if is_beside(one.number)]
        for number, (memo, names) in enumerate((one, _names_as_pair(catalog, lead, one)) for one in memos):
            if names:
                chosen |= dict.fromkeys((lead, memo))
                for digest, name in zip((lead, memo), names, strict=True):
                    places[digest].append(f"sets/{lead[:16]}{f'-{number}' if number else ''}/{name}")
        if memos:
            continue
        name = _name_as_volume(catalog, lead, {one.number for one in volumes if one.digest == lead})
        if len(volumes) < 2 or not name:
            continue
        for one in volumes:
            chosen[one.digest] = None
            places[one.digest].append(f"sets/{lead[:16]}/{_STEM}{ending_of(name, one.number)}")
    return tuple(chosen), {digest: tuple(paths) for digest, paths in places.items()}


def _leads_of(catalog: Catalog, digest: Digest) -> list[Digest]:
    """The contents under which sets were read that this one is a volume of."""
    if catalog.volumes_of(digest):
        return [digest]
    return [lead for lead, _ in catalog.followers([digest]).values()]


def _names_as_pair(catalog: Catalog, table: Digest, memo: Digest) -> tuple[str, str] | None:
    """Names by which the two are found to belong together; None where they have none left."""
    endings = tuple(_ending_of_memos(catalog, digest) for digest in (table, memo))
    return (f"{_STEM}.{endings[0]}", f"{_STEM}.{endings[1]}") if all(endings) else None


def _ending_of_memos(catalog: Catalog, digest: Digest) -> str:
    """How a name of it ends, in small letters, where it is one of a table or memo file."""
    places, _ = catalog.occurrences(digest, _MOST_NAMES)
    endings = (decode_path(place.path.rpartition(b".")[2]).lower() for place in places)
    return next((one for one in endings if len(one) == 3 and one.isascii() and one.isalpha()), "")


def _name_as_volume(catalog: Catalog, digest: Digest, numbers: set[int]) -> str:
    """One of the names under which a content was received that tells its place in the set; empty where it has none left."""
    places, _ = catalog.occurrences(digest, _MOST_NAMES)
    for place in places:
        name = decode_path(place.path.rpartition(b"/")[2])
        found = volume_name(name)
        if found is not None and found.number in numbers:
            return name
    return ""
