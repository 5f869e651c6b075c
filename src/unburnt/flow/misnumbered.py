"""Lines that somebody put between or behind a keeper's own, so that numbers occur twice and no keeper can start.

Which of two lines with one number is this machine's own, its notes tell (``vault/log/written``). The others are moved out;
what is sealed, and what a note vouches for, never is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive
from unburnt.flow.aside import set_aside
from unburnt.flow.own_notes import counted, notes_of, own_key, signed_by
from unburnt.vault.durable import disk_errors, flush_directory, replace_file
from unburnt.vault.fields import BadLine, fields_missing, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.written import Noted
from unburnt.vault.segments import first_sequence, segments

_WAY_OUT = ("Keep a copy of the archive as it is: it is evidence. Then 'unburnt rebuild --set-aside' moves those lines into out/ and "
            "goes on; what this machine's keeper wrote all stays.")


class _Raw(msgspec.Struct, frozen=True, eq=False):
    """A line as it stands, with what it says of itself where it is whole."""

    raw: bytes
    noted: Noted | None
    missing: int = 0
    """How many of its fields are not shown."""


class Misnumbered:
    """What stands behind the sealed events. Made where the events cannot be opened, by who holds the keeper's lock.

    :attr:`lines` are those that must go, and may; raises *error* where that would not help.
    """

    def __init__(self, layout: Layout, keys: Keys, error: DamagedArchive) -> None:
        self._layout, self._error = layout, error
        self._sealed = _sealed(layout, keys)
        with disk_errors("reading events"):
            self._paths, self._before, following = self._unsealed()
            written = notes_of(layout, keys)
            noted = set() if written is None else written.all()
            self._kept = self._chosen(following, noted)
        kept = set(map(id, self._kept))
        self.lines = [one for one in following if id(one) not in kept]
        if not self.lines or any(self._is_needed(one, noted) for one in self.lines):
            raise error

    def refused(self) -> DamagedArchive:
        """Why no keeper starts, and the way out."""
        count = "1 line" if len(self.lines) == 1 else f"{len(self.lines)} lines"
        return DamagedArchive(
            f"{count} that this machine's keeper did not write stand among the newest events and bear wrong numbers: "
            f"{self._error.message} Nothing was changed.", remedy=_WAY_OUT)

    def take_out(self) -> tuple[Path, list[Digest]]:
        """Move the lines into a new folder of ``out/``, durably; gives that and their SHA-256."""
        numbered = [(one.noted[0] if one.noted else -1, one.raw) for one in self.lines]
        folder, kept = set_aside(self._layout, numbered, in_their_places=False)
        with disk_errors("setting lines of events aside"):
            replace_file(self._paths[0], b"".join([*self._before, *(one.raw for one in self._kept)]), self._layout.tmp)
            for path in reversed(self._paths[1:]):
                path.unlink()
            flush_directory(self._layout.events)
        return folder, kept

    def _unsealed(self) -> tuple[list[Path], list[bytes], list[_Raw]]:
        """The files that hold the unsealed lines, the sealed ones of the first of these, and the unsealed."""
        paths = segments(self._layout.events)
        numbers = [first_sequence(path) for path in paths]
        begin = max((at for at, number in enumerate(numbers) if number is not None and number <= self._sealed), default=0)
        raws = [raw for path in paths[begin:] for raw in path.read_bytes().splitlines(keepends=True)]
        count = self._sealed - (numbers[begin] or 0) if paths else 0
        before, rest = raws[:count], [_read(raw) for raw in raws[count:]]
        for number, raw in enumerate(before, self._sealed - count):
            if (noted := _read(raw).noted) is None or noted[0] != number:
                raise self._error  # a sealed line is damaged, or another stands among them
        if len(before) < count:
            raise self._error
        return paths[begin:], before, rest

    def _chosen(self, following: Sequence[_Raw], noted: set[Noted]) -> list[_Raw]:
        """One line for each number: this machine's own where there is one."""
        by_number: dict[int, list[_Raw]] = {}
        for one in following:
            if one.noted is not None:
                by_number.setdefault(one.noted[0], []).append(one)
        chosen = []
        number = self._sealed
        while candidates := by_number.get(number):
            own = [one for one in candidates if one.noted in noted]
            if not own and len({one.noted for one in candidates}) > 1:
                raise DamagedArchive(
                    f"{len(candidates)} lines bear the number {number}, and no note on this machine tells which is true. Nothing was "
                    "changed.", remedy="Run 'unburnt rebuild --set-aside' on the machine that has the archive's key, or put the "
                    "file back from a copy of the archive (unburnt repair --from COPY).")
            chosen.append(min(own or candidates, key=lambda one: (one.missing, len(one.raw))))
            number += 1
        return chosen

    def _is_needed(self, one: _Raw, noted: set[Noted]) -> bool:
        """Whether it may be an honest line behind one that is gone: then only a copy helps."""
        is_beyond = one.noted is not None and one.noted[0] >= self._sealed + len(self._kept)
        return is_beyond and (one.noted in noted or not noted)


def _read(raw: bytes) -> _Raw:
    try:
        line = parse_line(raw)
        return _Raw(raw, (line.seq, entry_of(line.digests)), len(fields_missing(line)))
    except BadLine:
        return _Raw(raw, None)


def _sealed(layout: Layout, keys: Keys) -> int:
    """How many events a checkpoint counts, whoever signed it, be it one that only the key on this machine remembers."""
    ours = own_key(layout, keys)
    return max(counted(layout), signed_by(layout, keys, ours) if ours is not None else 0)
