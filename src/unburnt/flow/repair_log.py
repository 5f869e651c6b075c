"""Healing the log: tiles are worked out again from the events; what only strangers could give comes from the copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from unburnt.base.digests import digest_of
from unburnt.base.errors import UnburntError
from unburnt.flow.copy_history import put_in_place
from unburnt.flow.repair_events import good_lines
from unburnt.flow.repair_journal import Healed, Journal
from unburnt.model.audit import Finding
from unburnt.vault.durable import FILE_MODE, disk_errors, make_directory, new_temporary, write_all
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.edge import Edge
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.note import Verifier, parse_note
from unburnt.vault.log.roots import fingerprint, read_roots
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import Tiles


def heal_log(layout: Layout, copy: Layout, journal: Journal) -> list[Finding]:
    """Heal ``log/`` after the events were; gives what could not be healed."""
    with disk_errors("healing the log"):
        healing = _Healing(layout, copy, journal)
        healing.vouched_for({"key.pub"})  # without a key no checkpoint can be told from a forged one
        findings = healing.checkpoint_and_tiles()
        healing.vouched_for()
        return findings


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
            data = (self._copy.log / CHECKPOINT).read_bytes()
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
            if not place.is_file() or place.read_bytes() != path.read_bytes():
                yield path, place

    def vouched_for(self, kinds: Collection[str] = ("key.pub", "witnesses", "checkpoints", "timestamps", "roots")) -> None:
        """Keys, kept checkpoints, timestamps and roots that are lost or damaged here, and sound in the copy."""
        head = self._head(self._layout)
        batch = []
        for path in sorted(self._copy.log.rglob("*")):
            name = path.relative_to(self._copy.log)
            if name.parts[0] not in kinds or path.is_symlink() or not path.is_file():
                continue
            if len(name.parts) > 1 and name.parts[1].isdecimal() and int(name.parts[1]) > (head.size if head else 0):
                continue
            place = self._layout.log / name
            if _is_sound(name, path) and not _is_sound(name, place):
                batch.append((self._staged(path.read_bytes()), place))
        self._put(batch)

    def _put(self, batch: list[tuple[Path, Path]]) -> None:
        if not batch:
            return
        self._journal.note(Healed("file", str(place.relative_to(self._layout.root))) for _, place in batch)
        for _, place in batch:
            self._journal.aside(place)
        put_in_place(batch, self._layout.log)

    def _staged(self, data: bytes) -> Path:
        descriptor, temporary = new_temporary(self._layout.tmp)
        try:
            write_all(descriptor, data)
        finally:
            os.close(descriptor)
        return temporary

    def _head(self, layout: Layout) -> Checkpoint | None:
        """The checkpoint of one of the two, where it is this archive's and a key of the archive signed it."""
        try:
            note = parse_note((layout.log / CHECKPOINT).read_bytes())
            head = Checkpoint.parse(note.text)
            keys = (self._layout.log / "key.pub").read_text("utf-8").split("\n")
            signed = any(Verifier.parse(key).verified(note) is not None for key in keys if key)
        except (UnburntError, OSError, UnicodeDecodeError):
            return None
        return head if signed and head.origin == self._origin else None


def _is_sound(name: Path, path: Path) -> bool:
    """Whether one of the files that cannot be worked out again says what it must."""
    kind = name.parts[0]
    try:
        data = path.read_bytes()
        if kind in ("key.pub", "witnesses"):
            return bool(data) and all(Verifier.parse(line) for line in data.decode().split("\n") if line)
        if kind == "checkpoints":
            return str(Checkpoint.parse(parse_note(data).text).size) == name.name
        if kind == "timestamps" and name.suffix == ".tsr":
            return digest_of(data) == name.stem
        if kind == "roots":
            certificates = read_roots(data)
            return [fingerprint(one) for one in (*certificates.anchors, *certificates.intermediates)] == [name.stem]
    except (OSError, UnburntError, UnicodeDecodeError):
        return False
    return bool(data)
