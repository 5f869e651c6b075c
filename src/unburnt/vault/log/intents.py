"""What an archive's keeper was about to take away, noted beside the key before the event that says so is written.

Whoever can write to the archive's folder can append an event that erases; so one that nobody sealed is not believed.
A keeper that was killed between its event and the seal is told from a forger by this note: it stands outside the
archive, and holds the event's number and its entry of the log, which commits to every field of it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.vault.durable import disk_errors, replace_file
from unburnt.vault.log.keyfile import locked

_NAME = "intended"
_MOST_BYTES = 1 << 20

_decode = msgspec.json.Decoder(dict[int, bytes]).decode


class Intents:
    """The note in *folder*, the key's own. What cannot be read there counts as nothing: then a person is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME

    def note(self, number: int, entry: bytes) -> None:
        """Note, durably, that event *number* with this entry of the log is about to be written."""
        with locked(self._folder):
            self._write({**self._read(), number: entry})

    def holds(self, number: int, entry: bytes) -> bool:
        """Whether just this event was noted, on this machine."""
        return self._read().get(number) == entry

    def forget(self, before: int) -> None:
        """Drop what a seal of *before* events has settled, so that an archive put back cannot call on it again."""
        left = {number: entry for number, entry in self._read().items() if number >= before}
        if len(left) < len(self._read()):
            with locked(self._folder):
                self._write(left)

    def _read(self) -> dict[int, bytes]:
        try:
            with disk_errors("reading what was intended"), self._path.open("rb") as file:
                return _decode(file.read(_MOST_BYTES))
        except (UnburntError, msgspec.DecodeError):
            return {}

    def _write(self, intended: dict[int, bytes]) -> None:
        with disk_errors("noting what is intended"):
            replace_file(self._path, msgspec.json.encode(intended) + b"\n")
