"""What others say of an archive's checkpoints: countersignatures and timestamps, each verified before it counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unburnt.base.errors import NotFound
from unburnt.model.seal import Vouched
from unburnt.vault.durable import disk_errors
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Note, Verifier
from unburnt.vault.log.outside import is_anything_there

if TYPE_CHECKING:
    from unburnt.vault.log.timestamp import Timestamped

Best = tuple[Note, list[bytes], tuple[Vouched, ...]]
"""A checkpoint, the timestamps over it, and everybody's statements about it."""


class Statements:
    """Those about the log of one archive."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._log, self._tmp = layout, layout.log, layout.tmp
        self._looked_at: tuple[tuple[str, int, int], ...] | None = None
        self._found: tuple[Vouched, ...] = ()

    def all(self) -> tuple[Vouched, ...]:
        """Everybody's statements; each is verified once for as long as no file that holds one changes."""
        files = _files_of_statements(self._log)
        if files != self._looked_at:
            self._found = self._verified_statements()
            self._looked_at = files
        return self._found

    def best(self, event: int) -> Best:
        """The kept checkpoint over *event* that says most: the earliest timestamped, else countersigned, else newest."""
        vouched = [one for one in self.all() if one.size > event]
        for best in sorted(vouched, key=lambda one: (one.kind != "timestamped", one.time))[:1]:
            note = Kept(self._log, self._tmp).note(best.size)
            if note is not None:
                return self.at(note)
        return self.newest()

    def newest(self) -> Best:
        """The newest checkpoint; raises :class:`NotFound` where there is none."""
        note = Log(self._log, self._tmp, origin_of(self._layout.archive_id)).checkpoint()
        if note is None:
            raise NotFound("This archive has no seal yet.")
        kept = Kept(self._log, self._tmp).note(Checkpoint.parse(note.text).size)
        return self.at(kept or note)

    def at(self, note: Note) -> Best:
        """This checkpoint with what is said of it."""
        size = Checkpoint.parse(note.text).size
        tokens = [said.token for stamped, said in self._timestamps() if stamped == size]
        return note, tokens, tuple(one for one in self.all() if one.size == size)

    def witnesses_of(self, note: Note) -> list[Verifier]:
        """The archive's witnesses who countersigned it."""
        known = Countersigning(self._log, self._tmp).witnesses()
        return [one for one in known if one.verified(note) is not None]

    def _verified_statements(self) -> tuple[Vouched, ...]:
        said = [Vouched(kind="countersigned", by=one.witness, time=_utc(one.time), size=one.size)
                for one in Countersigning(self._log, self._tmp).found()]
        said += [Vouched(kind="timestamped", by=one.authority, time=_utc(one.time), size=size)
                 for size, one in self._timestamps()]
        return tuple(sorted(said, key=lambda one: (one.time, one.kind)))

    def _timestamps(self) -> Iterator[tuple[int, Timestamped]]:
        """Every timestamp that holds, with the size of its checkpoint."""
        if not is_anything_there(self._log):
            return
        from unburnt.vault.log.roots import pinned
        from unburnt.vault.log.timestamp import Timestamped
        from unburnt.vault.log.timestamps import Timestamps

        for one in Timestamps(self._log, self._tmp).found(pinned(self._log)):
            if isinstance(one.said, Timestamped):
                yield one.size, one.said


def _files_of_statements(log: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a statement comes, goes or is touched: each file's size and time of last change (ctime, ns)."""
    with disk_errors("reading the log"):
        folders = (log / "checkpoints", log / "timestamps", log / "roots")
        paths = [log / "witnesses", *(path for folder in folders for path in folder.rglob("*"))]
        found = [(str(path), path.lstat()) for path in paths if path.exists()]
    return tuple(sorted((name, said.st_size, said.st_ctime_ns) for name, said in found))


def _utc(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
