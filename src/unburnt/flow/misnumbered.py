"""Lines that somebody put between or behind a keeper's own, so that numbers occur twice and no keeper can start.

Which of two lines with one number is the true one, the log tells that this machine's key signed; of unsealed ones its
notes tell which are its own (``vault/log/written``). The others are moved out; what is sealed, and what a note vouches
for, never is.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.flow.aside import set_aside
from unburnt.flow.own_notes import counted, notes_of, own_key, signed_by
from unburnt.vault.durable import disk_errors, flush_directory, replace_file
from unburnt.vault.fields import BadLine, fields_missing, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Verifier
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
    """The files of events from the one on in which the unsealed ones begin. For who holds the keeper's lock, where they
    cannot be opened.

    :attr:`lines` are those that must go, and may; raises *error* where that would not help.
    """

    def __init__(self, layout: Layout, keys: Keys, error: DamagedArchive) -> None:
        self._layout, self._error = layout, error
        ours = own_key(layout, keys)
        self._log = _log_of(layout, ours)
        self._sealed = max(counted(layout), signed_by(layout, keys, ours) if ours is not None else 0)
        with disk_errors("reading events"):
            self._paths, self._first = self._place()
            every = [_read(raw) for path in self._paths for raw in path.read_bytes().splitlines(keepends=True)]
            written = notes_of(layout, keys)
            noted = set() if written is None else written.all()
            self._kept = self._chosen(every, noted)
        kept = set(map(id, self._kept))
        self.lines = [one for one in every if id(one) not in kept]
        if not self.lines or any(self._is_needed(one, noted) for one in self.lines):
            raise error

    def refused(self) -> DamagedArchive:
        """Why no keeper starts, and the way out."""
        count = "1 line" if len(self.lines) == 1 else f"{len(self.lines)} lines"
        return DamagedArchive(
            f"{count} that this machine's keeper did not write stand among its own and bear wrong numbers: "
            f"{self._error.message} Nothing was changed.", remedy=_WAY_OUT)

    def take_out(self) -> tuple[Path, list[Digest]]:
        """Move the lines into a new folder of ``out/``, durably; gives that and their SHA-256."""
        numbered = [(one.noted[0] if one.noted else -1, one.raw) for one in self.lines]
        folder, kept = set_aside(self._layout, numbered, in_their_places=False)
        with disk_errors("setting lines of events aside"):
            replace_file(self._paths[0], b"".join(one.raw for one in self._kept), self._layout.tmp)
            for path in reversed(self._paths[1:]):
                path.unlink()
            flush_directory(self._layout.events)
        return folder, kept

    def _place(self) -> tuple[list[Path], int]:
        """The last file that begins with a sealed event, with those behind it; and the number that it begins with."""
        paths = segments(self._layout.events)
        numbers = [first_sequence(path) for path in paths]
        begin = max((at for at, number in enumerate(numbers) if number is not None and number <= self._sealed), default=None)
        if begin is None:
            raise self._error
        return paths[begin:], numbers[begin] or 0

    def _chosen(self, every: Sequence[_Raw], noted: set[Noted]) -> list[_Raw]:
        """One line for each number, without a gap."""
        by_number: dict[int, list[_Raw]] = {}
        for one in every:
            if one.noted is not None:
                by_number.setdefault(one.noted[0], []).append(one)
        chosen: list[_Raw] = []
        while candidates := by_number.get(number := self._first + len(chosen)):
            true = candidates if len({one.noted for one in candidates}) == 1 else self._true(number, candidates, noted)
            chosen.append(min(true, key=lambda one: (one.missing, len(one.raw))))
        if self._first + len(chosen) < self._sealed:
            raise self._error  # a sealed line is gone
        return chosen

    def _true(self, number: int, candidates: Sequence[_Raw], noted: set[Noted]) -> list[_Raw]:
        """Of different lines with one number those that are the archive's own."""
        if number < self._sealed:
            known = {(number, self._logged(number))}
        else:
            known = noted
        if true := [one for one in candidates if one.noted in known]:
            return true
        raise DamagedArchive(
            f"{len(candidates)} lines bear the number {number}, and nothing on this machine tells which is true. Nothing was "
            "changed.", remedy="Run 'unburnt rebuild --set-aside' on the machine that has the archive's key, or put the "
            "file back from a copy of the archive (unburnt repair --from COPY).")

    def _logged(self, number: int) -> bytes:
        """The entry of that number that this machine's key signed; empty where it signed no log that can tell."""
        with suppress(UnburntError):
            if self._log is not None:
                self._log.inclusion(number, self._log.size)  # checks what the entry is taken from
                return self._log.entry(number)
        return b""

    def _is_needed(self, one: _Raw, noted: set[Noted]) -> bool:
        """Whether it may be an honest line behind one that is gone, or of a file before: then only a copy helps."""
        if one.noted is None:
            return False
        is_beyond = one.noted[0] >= self._first + len(self._kept)
        return one.noted[0] < self._first or is_beyond and (one.noted in noted or not noted)


def _log_of(layout: Layout, ours: Verifier | None) -> Log | None:
    """The archive's log, where this machine's key signed it."""
    with suppress(UnburntError):
        log = Log(layout.log, layout.tmp, origin_of(layout.archive_id))
        if ours is not None and (note := log.checkpoint()) is not None and ours.verified(note) is not None:
            return log
    return None


def _read(raw: bytes) -> _Raw:
    try:
        line = parse_line(raw)
        return _Raw(raw, (line.seq, entry_of(line.digests)), len(fields_missing(line)))
    except BadLine:
        return _Raw(raw, None)
