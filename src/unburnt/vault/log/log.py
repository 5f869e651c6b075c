"""The append-only Merkle log of an archive: what happened, in which order, nothing taken out, nothing slipped in.

A commit writes the tiles that changed, flushes them together, signs, and puts the new checkpoint in place by a
rename. So a crash at any moment leaves the old checkpoint or the new one with all its tiles; whatever lies past
the checkpoint is ignored and written again from the events.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.vault.durable import disk_errors, flush_batch, flush_directory
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.edge import Edge
from unburnt.vault.log.entries import ENTRY_BYTES
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.merkle import (
    EMPTY_ROOT,
    BadProof,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    verify_inclusion,
)
from unburnt.vault.log.note import MAX_NOTE_BYTES, Note, Signer, parse_note
from unburnt.vault.log.tiles import (
    REPAIR,
    WIDTH,
    DamagedLog,
    Tiles,
    edge_of,
    levels,
    read_at_most,
    remove_partial,
    require_own_folders,
    write_tile,
)
from unburnt.vault.log.undated import replace_undated, undate

__all__ = ["CHECKPOINT", "DamagedLog", "Log", "WrongLog"]

CHECKPOINT = "checkpoint"


class WrongLog(DamagedArchive):
    """The log in an archive's folder is that of another archive."""


class Log:
    """The folder ``log/``. *write* = False reads only; several readers and one writer may be at work.

    *origin* is the log's name, the first line of its checkpoints. Opening reads the checkpoint and the tiles at
    the log's end and compares them; raises :class:`DamagedLog`, :class:`WrongLog`, :class:`BadNote`. Who signed
    the checkpoint is not checked here: that takes a key.
    """

    def __init__(self, folder: Path, tmp: Path, origin: str, *, write: bool = False) -> None:
        self._folder = folder
        self._tmp = tmp
        self._origin = origin
        self._write = write
        self._broken = False
        if write:
            require_own_folders(folder)
        self._note = _read_checkpoint(folder)
        self._head = Checkpoint(origin, 0, EMPTY_ROOT) if self._note is None else Checkpoint.parse(self._note.text)
        if self._head.origin != origin:
            raise WrongLog(
                "The log in this archive belongs to another archive.",
                remedy="Put the folder log/ back from a copy of this archive, or verify it by the other one's key.",
            )
        self._tiles = Tiles(folder, self._head.size)
        self._edge = Edge(folder, self._tiles, self._head.size)
        self._require_sound_edge()
        self._unflushed: list[Path] = []

    @property
    def size(self) -> int:
        """How many entries the checkpoint counts."""
        return self._head.size

    @property
    def appended(self) -> int:
        """How many entries there are with those not yet committed."""
        return self._edge.size

    def checkpoint(self) -> Note | None:
        """The last signed checkpoint, None before the first."""
        return self._note

    def append(self, entries: Iterable[bytes]) -> None:
        """Line up *entries* of 32 bytes each; they count from the next :meth:`commit` on.

        Memory stays bounded: a tile that fills up is written at once. Raises :class:`OutOfSpace`.
        """
        self._require_writer()
        entries = iter(entries)
        self._broken = True  # until it went well: half of a tile may be written, half of the edge changed
        with disk_errors("writing the log"):
            while batch := list(islice(entries, self._edge.room)):
                if any(len(entry) != ENTRY_BYTES for entry in batch):
                    raise UnburntError(f"An entry of the log has {ENTRY_BYTES} bytes.")
                self._unflushed.extend(self._edge.add(batch))
        self._broken = False

    def commit(self, signer: Signer) -> Note:
        """Make every appended entry durable and sign a checkpoint over them all; gives the checkpoint.

        Nothing is written where nothing was appended since this key's last one. After an error nobody knows
        what the disk holds: this object then refuses to go on, and opening anew recovers.
        """
        self._require_writer()
        if self._note is not None and self.appended == self.size and signer.verifier.verified(self._note):
            return self._note
        self._flush_tiles()
        head = Checkpoint(self._origin, self._edge.size, self._edge.root())
        note = Note(head.text(), (signer.sign(head.text()),))
        self._broken = True
        with disk_errors("writing the log"):
            replace_undated(self._folder / CHECKPOINT, note.encode(), self._tmp)
            self._drop_outgrown(head.size)
        self._note, self._head, self._tiles = note, head, Tiles(self._folder, head.size)
        self._broken = False
        return note

    def root(self, size: int) -> bytes:
        """The Merkle root over the first *size* entries."""
        self._require_size(size)
        return self._tiles.range_hash(0, size)

    def entry(self, index: int) -> bytes:
        """Entry number *index*."""
        self._require_index(index, self.size)
        number, place = divmod(index, WIDTH)
        return self._tiles.entries(number, place + 1)[place]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that entry *index* is among the first *size*; verified before it is given."""
        self._require_size(size)
        self._require_index(index, size)
        proof = [self._tiles.range_hash(*part) for part in inclusion_ranges(index, size)]
        try:
            verify_inclusion(leaf_hash(self.entry(index)), index, size, self._known_root(size), proof)
        except BadProof as error:
            raise DamagedLog(f"The log's tiles contradict each other at entry {index}.", remedy=REPAIR) from error
        return proof

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of *new* entries begins with the whole log of *old* entries."""
        self._require_size(new)
        if not 0 <= old <= new:
            raise UnburntError(f"The log of {new} entries cannot have grown from {old}.")
        return [self._tiles.range_hash(*part) for part in consistency_ranges(old, new)]

    def _flush_tiles(self) -> None:
        self._broken = True
        with disk_errors("writing the log"):
            for name, data in self._edge.partial(self.size):
                self._unflushed.append(write_tile(self._folder, name, data))
            flush_batch(self._folder, self._unflushed)
            parents = {parent for path in self._unflushed for parent in path.parents}
            for folder in sorted(parents):
                if folder.is_relative_to(self._folder):
                    undate(folder)
                    flush_directory(folder)
        self._unflushed.clear()
        self._broken = False

    def _known_root(self, size: int) -> bytes:
        return self._head.root if size == self.size else self.root(size)

    def _require_sound_edge(self) -> None:
        leaves = [leaf_hash(entry) for entry in self._edge.entries]
        if self._edge.root() != self._head.root or leaves != list(self._edge.leaves):
            raise DamagedLog(
                "The last files of the log contradict its checkpoint.",
                remedy="Verify the archive to see which; put the folder log/ back from a copy. Nothing was changed.",
            )

    def _drop_outgrown(self, size: int) -> None:
        """Delete the partial tiles of the former edge that no checkpoint needs, or whose full tile is there now."""
        counted = (size, *Kept(self._folder, self._tmp).sizes())
        for level in levels(self.size):
            number, width = edge_of(self.size, level)
            if not width:
                continue
            full = edge_of(size, level)[0] > number
            needed = () if full else {wide for at, wide in (edge_of(one, level) for one in counted) if at == number}
            for each in (level, None) if level == 0 else (level,):
                remove_partial(self._folder, each, number, needed)

    def _require_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise UnburntError(f"The log has {self.size} entries; {size} were asked for.")

    def _require_index(self, index: int, size: int) -> None:
        if not 0 <= index < size:
            raise UnburntError(f"There is no entry {index} among the first {size} of the log.")

    def _require_writer(self) -> None:
        if not self._write:
            raise UnburntError("The log of this archive is open for reading only.")
        if self._broken:
            raise UnburntError(
                "The disk of this archive failed while its log was written.",
                remedy="Check the drive, then start again: what the last checkpoint counts is kept.",
            )


def _read_checkpoint(folder: Path) -> Note | None:
    untrusted = read_at_most(folder / CHECKPOINT, MAX_NOTE_BYTES + 1)
    return None if untrusted is None else parse_note(untrusted)
