"""Which events this machine's keeper wrote and has not sealed yet, noted beside the key before they are written.

Whoever can write to the archive's folder can append an event; so one that nobody sealed is not believed. A keeper that
was killed between its events and the seal, or whose key a passphrase kept closed, is told from a forger by these notes:
they stand outside the archive, and hold each event's number and its entry of the log, which commits to every field.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from unburnt.base.errors import UnburntError
from unburnt.vault.durable import FILE_MODE, disk_errors, replace_file, write_all
from unburnt.vault.fields import LARGEST_INTEGER
from unburnt.vault.log.entries import ENTRY_BYTES
from unburnt.vault.log.keyfile import locked

_NAME = "written"
_NUMBER_BYTES = 8
_RECORD_BYTES = _NUMBER_BYTES + ENTRY_BYTES
_MOST_BYTES = 1 << 30

Noted = tuple[int, bytes]
"""An event's number and its 32-byte entry of the log."""


class Written:
    """The notes in *folder*, the key's own. What cannot be read there counts as nothing: then a person is asked.

    Copies of an archive share its key, so notes of several may stand here side by side.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME

    def note(self, events: Iterable[Noted]) -> None:
        """Note, durably, that these events are about to be written."""
        records = b"".join(_record(*one) for one in events)
        with locked(self._folder), disk_errors("noting what is written"):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
            try:
                whole = os.fstat(descriptor).st_size // _RECORD_BYTES * _RECORD_BYTES  # a torn record counts as none
                os.lseek(descriptor, whole, os.SEEK_SET)
                write_all(descriptor, records)
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)

    def all(self) -> set[Noted]:
        """Every event that was noted and is not forgotten."""
        try:
            with disk_errors("reading what was written"), self._path.open("rb") as file:
                # Asked for a number, Python makes room for all of it before it looks how much there is.
                data = file.read(min(os.fstat(file.fileno()).st_size, _MOST_BYTES))
        except UnburntError:
            return set()
        records = (data[at:at + _RECORD_BYTES] for at in range(0, len(data) - _RECORD_BYTES + 1, _RECORD_BYTES))
        noted = ((int.from_bytes(record[:_NUMBER_BYTES]), record[_NUMBER_BYTES:]) for record in records)
        return {one for one in noted if one[0] <= LARGEST_INTEGER}  # no event has a larger number: a damaged file

    def forget(self, before: int) -> None:
        """Drop what a seal of *before* events has settled, so that an archive put back cannot call on it again."""
        with locked(self._folder):
            left = sorted(one for one in self.all() if one[0] >= before)
            with disk_errors("forgetting what was written"):
                if left:
                    replace_file(self._path, b"".join(_record(*one) for one in left))
                elif self._path.exists():
                    os.truncate(self._path, 0)


def _record(number: int, entry: bytes) -> bytes:
    return number.to_bytes(_NUMBER_BYTES) + entry
