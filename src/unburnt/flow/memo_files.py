"""Tables and the memo files that lie beside them: which are worth reading together, as they are here now.

A table is read by itself first. When nothing else waits it is read again, with every memo file that bears its name and lies
in one folder with it, in a delivery, an archive or a mail. One table may lie in several places beside memo files that
differ: then it is read with all of them, and its reader believes only what they agree on.
"""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.catalog.records import TableRow, VolumePlace, Waiting
from unburnt.flow.together import Together
from unburnt.model.memo_names import BESIDE, memo_ending
from unburnt.model.reading import Volume
from unburnt.model.volume_names import MOST_VOLUMES, key_of_set

_AT_ONCE = 200
_Where = tuple[int | None, int | None]
_Beside = dict[tuple[_Where, str], list[VolumePlace]]


class MemoFiles(Together):
    """Tables whose memo files are others than those they were read with."""

    def _found(self) -> list[Waiting]:
        """With their memo files, or by themselves again."""
        found: list[Waiting] = []
        known: _Beside = {}
        for table in self._catalog.tables_with_memos():
            if (waiting := self._next(table, known)) is not None:
                found.append(waiting)
            if len(found) >= _AT_ONCE:
                break
        return found

    def _next(self, table: TableRow, known: _Beside) -> Waiting | None:
        """How it is to be read, where it was not yet. So this ends: each list of memo files is tried once."""
        places = self._catalog.places_of(table.digest)
        memos = {memo.digest: memo.size for place in places for memo in self._memos_of(place, table.version, known)}
        wanted: tuple[Volume, ...] = ()
        if places and 0 < len(memos) < MOST_VOLUMES:
            wanted = (Volume(1, table.digest), *(Volume(BESIDE + number, one) for number, one in enumerate(sorted(memos))))
        joined = self._catalog.joined_under(table.digest)
        if wanted == joined.volumes:
            if not (wanted and table.failed):
                return None
            wanted = ()  # with them it came to no good end: what was read of the table alone is more
        elif wanted and not joined.volumes and key_of_set(wanted) in joined.tried:
            return None
        name = places[0].name if places else ""
        size = table.size + (sum(memos.values()) if wanted else 0)
        return Waiting(digest=table.digest, size=size, name=name, depth=table.depth, volumes=wanted)

    def _memos_of(self, table: VolumePlace, version: int, known: _Beside) -> Iterator[VolumePlace]:
        """The memo files of its name beside it: the one that is spelled as it is, else all."""
        stem, _, ending = table.name.rpartition(".")
        if not stem:
            return
        wanted = memo_ending(ending, version)
        folder, container, _ = table.place
        if ((folder, container), wanted) not in known:
            known[(folder, container), wanted] = self._catalog.ending_beside(folder, container, (wanted,))
        same = [one for one in known[(folder, container), wanted] if one.place == table.place and _is_stem(one.name, stem)]
        yield from [one for one in same if one.name.rpartition(".")[0] == stem] or same


def _is_stem(name: str, stem: str) -> bool:
    return name.rpartition(".")[0].casefold() == stem.casefold()
