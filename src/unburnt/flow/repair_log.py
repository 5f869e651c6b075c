"""Healing the log: tiles are worked out again from the events; what only strangers could give comes from the copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from unburnt.base.errors import UnburntError
from unburnt.flow.copy_history import put_in_place
from unburnt.flow.copy_sealed import announced, is_signed, known_keys, published
from unburnt.flow.repair_events import good_lines
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.flow.repair_vouched import Vouched
from unburnt.model.audit import Finding
from unburnt.vault.durable import FILE_MODE, disk_errors, make_directory, new_temporary, write_all
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.edge import Edge
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.note import MAX_NOTE_BYTES, parse_note
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import LARGEST_TILE, Tiles, read_at_most
from unburnt.vault.log.undated import undate


def heal_log(layout: Layout, copy: Layout, journal: Journal) -> tuple[list[Finding], list[Finding]]:
    """Heal ``log/`` after the events were; gives what could not be healed, and what the copy has and was not taken."""
    with disk_errors("healing the log"):
        healing, vouched = _Healing(layout, copy, journal), Vouched(layout, copy)
        healing.bring(vouched.keys())  # without a key no checkpoint can be told from a forged one
        findings = healing.checkpoint_and_tiles()
        most = healing.size()
        healing.bring(vouched.witnesses())  # by what the archive itself kept, so before the copy's comes
        healing.bring(vouched.checkpoints(most))
        healing.bring(vouched.roots())
        healing.bring(vouched.timestamps(most))
        return [*findings, *vouched.damaged()], vouched.left


class _Healing:
    def __init__(self, layout: Layout, copy: Layout, journal: Journal) -> None:
        self._layout = layout
        self._copy = copy
        self._journal = journal
        self._origin = origin_of(copy.archive_id)
        self._anew = layout.tmp / "log-anew"

    def checkpoint_and_tiles(self) -> list[Finding]:
        """The checkpoint that the events bear out, the archive's own or the copy's; then tiles that fit it."""
        ours, theirs = self._head(self._layout), self._head(self._copy)
        if ours is None and self._is_a_strangers():
            return [Finding("log/checkpoint", "It is signed with a key that the copy, and this machine, do not know.",
                            "It was left as it is. If the key was lost and replaced, make a new copy; else keep everything: "
                            "this may be evidence of a forgery.")]
        if ours is None and theirs is None:
            lost = (self._layout.log / CHECKPOINT).exists()
            return [Finding("log/checkpoint", "It is damaged, and the copy has no good one.")] if lost else []
        try:
            return self._fit(ours, theirs)
        finally:
            shutil.rmtree(self._anew, ignore_errors=True)

    def _fit(self, ours: Checkpoint | None, theirs: Checkpoint | None) -> list[Finding]:
        head = ours if ours is not None and self._bears_out(ours) else None
        if head is None:
            if theirs is None or not self._bears_out(theirs):
                return [Finding("log/checkpoint", "Neither the archive's checkpoint nor the copy's fits the events.",
                                "Keep everything as it is: this may be evidence of a forgery.")]
            head = theirs
        self._put(list(self._tiles_that_differ(head)))
        if head is not ours:  # last: it must never count what is not there
            data = read_at_most(self._copy.log / CHECKPOINT, MAX_NOTE_BYTES) or b""
            self._put([(self._staged(data), self._layout.log / CHECKPOINT)])
        return []

    def _bears_out(self, head: Checkpoint) -> bool:
        """Whether the events give this checkpoint's root; the tiles for it then lie in ``tmp/``."""
        if head.size == 0:
            return True
        shutil.rmtree(self._anew, ignore_errors=True)
        make_directory(self._anew)
        edge = Edge(self._anew, Tiles(self._anew, 0), 0)
        entries = islice(self._entries(), head.size)
        while batch := list(islice(entries, edge.room)):
            for _ in edge.add(batch):
                pass
        if edge.size != head.size or edge.root() != head.root:
            return False
        for name, data in edge.partial(0):
            place = self._anew / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.touch(mode=FILE_MODE)
            place.write_bytes(data)
        return True

    def _entries(self) -> Iterator[bytes]:
        return (entry_of(one.line.digests) for one in good_lines(self._layout.events))

    def _tiles_that_differ(self, head: Checkpoint) -> Iterator[tuple[Path, Path]]:
        if not any(contradictions(self._layout.log, head, self._entries())):
            return
        for path in sorted(one for one in self._anew.rglob("*") if one.is_file()):
            place = self._layout.log / path.relative_to(self._anew)
            if read_at_most(place, LARGEST_TILE + 1) != path.read_bytes():
                yield path, place

    def bring(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Put files of ``log/`` in place: names below it, and bytes."""
        self._put([(self._staged(data), self._layout.log / name) for name, data in list(files)])

    def size(self) -> int:
        """How many events the archive's checkpoint counts now."""
        head = self._head(self._layout)
        return head.size if head else 0

    def _put(self, batch: list[tuple[Path, Path]]) -> None:
        if not batch:
            return
        self._journal.note(Healed("file", str(place.relative_to(self._layout.root))) for _, place in batch)
        for _, place in batch:
            self._journal.aside(place)
        put_in_place(batch, self._layout.log)
        undate(self._layout.log, *self._layout.log.rglob("*"))

    def _staged(self, data: bytes) -> Path:
        descriptor, temporary = new_temporary(self._layout.tmp)
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
        return temporary

    def _is_a_strangers(self) -> bool:
        """Whether a key that only the archive itself names signed its checkpoint: no rot, but nobody to vouch for it."""
        if Keys().has(self._copy.archive_id):
            return False  # then it is surely not the archive's
        try:
            note = parse_note(read_at_most(self._layout.log / CHECKPOINT, MAX_NOTE_BYTES + 1) or b"")
        except (UnburntError, OSError):
            return False
        return is_signed(note, [*published(self._layout), *announced(self._layout)])

    def _head(self, layout: Layout) -> Checkpoint | None:
        """The checkpoint of one of the two, where it is this archive's and a key of the archive signed it."""
        try:
            note = parse_note(read_at_most(layout.log / CHECKPOINT, MAX_NOTE_BYTES + 1) or b"")
            head = Checkpoint.parse(note.text)
            signed = is_signed(note, known_keys(self._layout, self._copy))
        except (UnburntError, OSError):
            return None
        return head if signed and head.origin == self._origin else None
