"""What a repair moves aside and what it heals, written down before it is done: so a killed repair is finished and told.

Everything lies in ``out/damaged-<time>/``. ``unfinished.jsonl`` becomes ``healed.jsonl`` once an event says it all. Anybody who
can write to the archive could put such a list there, so only what is also noted outside, on this machine, is believed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from unburnt.base.clock import now
from unburnt.base.errors import DamagedArchive
from unburnt.base.settings import state_folder
from unburnt.model.audit import Finding
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, write_all
from unburnt.vault.layout import Layout

MAX_JOURNAL = 1 << 30
"""Bytes: ten million things that were healed."""
_FORMS = {"object": r"[0-9a-f]{64}", "record": r"[0-9a-f]{64}", "event": r"0|[1-9][0-9]{0,15}",
          "file": r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,200}"}
_UNFINISHED, _DONE = "unfinished.jsonl", "healed.jsonl"


class Healed(msgspec.Struct, frozen=True):
    """One thing that was healed: *kind* is ``object event record file``, *item* its digest, number, key or path."""

    kind: str
    item: str


class Journal:
    """The folder for damaged bytes, made when the first are moved, and the list of what is healed.

    *archive_id* names the list outside the archive; copies share it, and each has its own list inside.
    """

    def __init__(self, layout: Layout, archive_id: str) -> None:
        self._out = layout.out
        self._root = layout.root
        self._outside = state_folder() / "repair" / f"{archive_id}.jsonl"
        self.folder: Path | None = None
        self.healed: dict[Healed, None] = {}
        self.strange: list[Finding] = []
        """Lists in ``out/`` of which no line, or not each, was written by a repair on this machine."""
        ours = set(_read(self._outside)) if self._outside.exists() else set()
        for path in sorted(self._out.glob(f"damaged-*/{_UNFINISHED}")):
            self._take(path, ours)

    def note(self, things: Iterable[Healed]) -> None:
        """Write down, durably, what is about to be healed."""
        new = [one for one in things if one not in self.healed]
        if not new:
            return
        self.healed.update(dict.fromkeys(new))
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in new)
        with disk_errors("noting the repair"):
            self._outside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _append(self._outside, lines)
            _append(self._made() / _UNFINISHED, lines)

    def forget(self, thing: Healed) -> None:
        """It could not be healed after all."""
        self.healed.pop(thing, None)

    def aside(self, path: Path) -> None:
        """Keep the damaged file *path* beside, under its place in the archive; the original name stays where it is."""
        if not path.is_file():
            return
        place = self._made() / path.relative_to(self._root)
        for folder in place.parents:
            if folder.is_symlink() and folder != self._root and folder.is_relative_to(self._root):
                raise DamagedArchive(f"{folder.relative_to(self._root)} is a link to another place.",
                                     remedy="Nothing was moved there. Find out who put it there, and take it out.")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while place.exists():
            place = place.with_name(f"{path.name}.{number}")
            number += 1
        try:
            os.link(path, place)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, place)
        flush_directory(place.parent)

    def finish(self) -> None:
        """An event says it all now."""
        if self.folder is not None and (self.folder / _UNFINISHED).exists():
            with disk_errors("noting the repair"):
                os.replace(self.folder / _UNFINISHED, self.folder / _DONE)
                flush_directory(self.folder)
                self._outside.unlink(missing_ok=True)

    def _take(self, path: Path, ours: set[Healed]) -> None:
        """Go on with a list that this machine began; of others it is only said that they are there."""
        found = _read(path)
        believed = [one for one in found if one in ours]
        if believed and self.folder is None:
            self.folder, self.healed = path.parent, dict.fromkeys(believed)
        if strangers := len(found) - len(believed):
            self.strange.append(Finding(
                str(path.relative_to(self._root)), f"It says of {strangers} things that a repair was about to heal them, and no "
                "repair on this machine wrote that: it was neither believed nor told.",
                "If a repair was killed on another machine, run it there again. If not, somebody put the list there."))

    def _made(self) -> Path:
        if self.folder is None:
            name, number = f"damaged-{re.sub('[^0-9TZ]', '', now())}", 1
            self.folder = self._out / name
            while not make_directory(self.folder):  # never into one that stands there already
                number += 1
                self.folder = self._out / f"{name}-{number}"
            flush_directory(self._out)
        return self.folder


def _append(path: Path, lines: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        write_all(descriptor, lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    flush_directory(path.parent)


def _read(path: Path) -> list[Healed]:
    found = []
    for line in path.read_bytes().splitlines():
        try:
            healed = msgspec.json.decode(line, type=Healed)
        except (msgspec.DecodeError, RecursionError):
            continue  # the last line of a killed run: what it was about to do is seen again
        if re.fullmatch(_FORMS.get(healed.kind, r"(?!)"), healed.item):  # else no repair wrote it, and no event repeats it
            found.append(healed)
    return found
