"""Checkpoints that are kept for good, ``log/checkpoints/<size>``: those countersigned, timestamped or in a proof.

The log's own checkpoint moves on; what a stranger signed was one text at one size, and that text is kept.
"""

from __future__ import annotations

from pathlib import Path

from unburnt.base.errors import DamagedArchive
from unburnt.vault.durable import disk_errors, flush_directory, make_directory
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Signature, parse_note
from unburnt.vault.log.strict import decimal
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.undated import replace_undated, undate


class CheckpointsDiffer(DamagedArchive):
    """Two different checkpoints of one size: the log was forked, or put back and continued otherwise."""


class Kept:
    """The folder *log* ``/checkpoints``. Writing is for the keeper; *tmp* is on the same file system."""

    def __init__(self, log: Path, tmp: Path) -> None:
        self._folder = log / "checkpoints"
        self._tmp = tmp

    def sizes(self) -> list[int]:
        """The sizes of the kept checkpoints, ascending."""
        if not self._folder.is_dir():
            return []
        numbers = (decimal(path.name) for path in self._folder.iterdir())
        return sorted(number for number in numbers if number is not None)

    def note(self, size: int) -> Note | None:
        """The checkpoint of *size* with all its signatures, unchecked; raises :class:`DamagedArchive`."""
        untrusted = read_at_most(self._folder / str(size), MAX_NOTE_BYTES + 1)
        if untrusted is None:
            return None
        try:
            note = parse_note(untrusted)
            stated = Checkpoint.parse(note.text).size
        except BadNote as error:
            raise _damaged(size) from error
        if stated != size:
            raise _damaged(size)
        return note

    def keep(self, note: Note) -> int:
        """Keep a signed checkpoint, its signatures joined with those kept before; gives its size.

        Raises :class:`BadNote`, and :class:`CheckpointsDiffer` where another text of this size is kept.
        """
        size = Checkpoint.parse(note.text).size
        before = self.note(size)
        if before is not None and before.text != note.text:
            raise CheckpointsDiffer(
                f"Another checkpoint over {size} events was kept before: this log was forked or put back.",
                remedy=f"Keep both as evidence: log/checkpoints/{size} and log/checkpoint. Nothing was changed.",
            )
        signatures = _joined(before.signatures if before else (), note.signatures)
        if before is None or signatures != before.signatures:
            self._write(size, Note(note.text, signatures))
        return size

    def _write(self, size: int, note: Note) -> None:
        encoded = note.encode()
        parse_note(encoded)  # never write what would not be read again: there are limits to size and number
        with disk_errors("keeping a checkpoint"):
            own_folder(self._folder)
            replace_undated(self._folder / str(size), encoded, self._tmp)


def own_folder(folder: Path) -> None:
    """Make a folder of the log where it is missing; one that leads elsewhere is refused, as nothing may be written there.

    Raises :class:`DamagedArchive`.
    """
    if make_directory(folder):
        flush_directory(folder.parent)
        undate(folder, folder.parent)
    elif folder.is_symlink():
        raise DamagedArchive(
            "A folder of the log is a link to another place.", remedy="Put log/ back from a copy of the archive.",
        )


def _joined(old: tuple[Signature, ...], new: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """One signature a key; the older one stays, since an earlier time says more."""
    known = {(one.name, one.key_id) for one in old}
    return (*old, *(one for one in new if (one.name, one.key_id) not in known))


def _damaged(size: int) -> DamagedArchive:
    return DamagedArchive(
        f"The kept checkpoint log/checkpoints/{size} is damaged.",
        remedy="Put the file back from a copy of the archive. Nothing was changed.",
    )
