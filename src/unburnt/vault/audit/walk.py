"""Looking at an archive's files from outside, before anything in it is read: each a plain file, in its place, not too large.

A link may lead anywhere, a FIFO never answers, and a sparse file fills the memory. So nothing of a folder that holds
such a thing is opened, but for originals, which are looked at one by one.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from unburnt.base.digests import Digest, is_digest
from unburnt.model.audit import Check, Finding
from unburnt.vault.keeper_files import odd_keeper_files
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import MAX_PUBLIC
from unburnt.vault.log.note import MAX_NOTE_BYTES
from unburnt.vault.log.outside import MAX_PEM, MAX_TOKEN
from unburnt.vault.unpacking import MAX_CHUNK

MAX_SEGMENT = 1 << 30
"""The largest file of events: some are longer than the size at which a new one is begun."""
_MAX_WITNESSES = 64 << 10
_HASHES, _ENTRIES = 256 * 32, 256 * 34
_NUMBER = r"(0|[1-9][0-9]{0,18})"
_TILE = r"(x\d{3}/){0,6}\d{3}(\.p/[1-9]\d{0,2})?"
_DIGEST = r"[0-9a-f]{64}"
_SEGMENT = r"(\d{6}|[1-9]\d{6,})"
_CRASHED = "is what a crash left; nothing reads it."
_ASIDE = "Keep it as evidence and move it away; nothing of the archive needs it."

_KINDS: dict[str, tuple[tuple[str, int | None, str], ...]] = {
    "objects": ((rf"[0-9a-f]{{2}}/{_DIGEST}", None, ""),),
    "events": (
        (rf"{_SEGMENT}\.jsonl", MAX_SEGMENT, ""), (rf"{_SEGMENT}\.torn-\d+", MAX_SEGMENT, _CRASHED),
        (r"[0-9a-f]{32}", MAX_SEGMENT, _CRASHED),
    ),
    "log": (
        ("checkpoint", MAX_NOTE_BYTES, ""), (r"key\.pub", MAX_PUBLIC, ""), ("witnesses", _MAX_WITNESSES, ""),
        (rf"checkpoints/{_NUMBER}", MAX_NOTE_BYTES, ""),
        (rf"timestamps/{_NUMBER}/{_DIGEST}\.ts[qr]", MAX_TOKEN, ""), (rf"roots/{_DIGEST}\.pem", MAX_PEM, ""),
        (r"roots/[0-9a-f]{32}", MAX_PEM, _CRASHED), (rf"tile/[0-7]/{_TILE}", _HASHES, ""),
        (rf"tile/entries/{_TILE}", _ENTRIES, ""),
    ),
    "derived": (
        (r"\d{3,}\.sqlite(-wal|-shm|-journal)?", None, ""), (rf"[0-9a-f]{{2}}/{_DIGEST}\.zst", MAX_CHUNK, ""),
        (rf"members/[0-9a-f]{{2}}/{_DIGEST}", None, ""),
    ),
}
"""Per folder: what a file's path in it may look like, the most bytes it may have, and what is noted of it."""
_FOLDERS = {
    "objects": r"[0-9a-f]{2}",
    "events": r"(?!)",
    "log": rf"checkpoints|roots|timestamps(/{_NUMBER})?|tile|tile/([0-7]|entries)(/x[0-9]{{3}}){{0,6}}(/[0-9]{{3}}\.p)?",
    "derived": r"[0-9a-f]{2}|members(/[0-9a-f]{2})?",
}


@cache
def _like(pattern: str) -> Callable[[str], object]:
    """Patterns are compiled when one is asked for: an archive without timestamps needs none for these."""
    return re.compile(pattern, re.ASCII).fullmatch


class Walk:
    """The four folders that verifying reads, and what stands beside them.

    :attr:`barred` are paths within the archive that must not be opened, :attr:`originals` the names of those that may,
    in order.
    """

    def __init__(self, layout: Layout) -> None:
        self._root = layout.root
        self._looked_at = 0
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self.barred: set[str] = set()
        self.originals: list[Digest] = []

    def run(self) -> Check:
        """Look at every name, and at nothing in it."""
        for name, status in self._entries("."):
            if name not in _KINDS and not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
                                           or stat.S_ISSOCK(status.st_mode) and name.endswith(".sock")):
                self._bar(name, f"It is {_kind(status.st_mode)}, and no file or folder.")
        self._findings += [one for one in odd_keeper_files(self._root) if one.item not in self.barred]
        for folder in _KINDS:
            if self._is_folder(folder, self._root / folder):
                self._walk(folder, "")
        self.originals.sort()
        self._looked_at += len(self.originals)
        return Check(name="files", looked_at=self._looked_at, unit="files", findings=tuple(self._findings),
                     notes=tuple(self._notes))

    def is_barred(self, folder: str) -> bool:
        """Whether *folder* holds, or is, something that must not be opened."""
        return any(path == folder or path.startswith(f"{folder}/") for path in self.barred)

    def _walk(self, folder: str, below: str) -> None:
        for name, status in self._entries(f"{folder}/{below}"):
            path = f"{below}{name}"
            if stat.S_ISREG(status.st_mode):
                self._looked_at += 1
                self._file(folder, path, status.st_size)
            elif not stat.S_ISDIR(status.st_mode):
                self._bar(f"{folder}/{path}", f"It is {_kind(status.st_mode)}, and no plain file.")
            elif _like(_FOLDERS[folder])(path):
                self._walk(folder, f"{path}/")
            elif any(_like(kind)(path) for kind, _, _ in _KINDS[folder]):
                self._bar(f"{folder}/{path}", "It is a folder where a file belongs.")
            else:
                self._findings.append(Finding(f"{folder}/{path}", "This folder is not one of the archive's.", _ASIDE))

    def _file(self, folder: str, path: str, size: int) -> None:
        for kind, most, note in _KINDS[folder]:
            if _like(kind)(path):
                if most is not None and size > most:
                    self._bar(f"{folder}/{path}", f"It has {size} bytes, more than the {most} that such a file may have.")
                elif note:
                    self._notes.append(f"{folder}/{path} {note}")
                return
        if _like(_FOLDERS[folder])(path):
            self._bar(f"{folder}/{path}", "It is a file where a folder belongs.")
        elif folder != "objects":  # there, completeness says so
            self._findings.append(Finding(f"{folder}/{path}", "This is not one of the archive's files.", _ASIDE))

    def _is_folder(self, name: str, path: Path) -> bool:
        status = _status(path)
        if status is None or stat.S_ISDIR(status.st_mode):
            return status is not None
        self._bar(name, f"It is {_kind(status.st_mode)}, and no folder.")
        return False

    def _entries(self, below: str) -> Iterator[tuple[str, os.stat_result]]:
        """What stands there, in order, but for plain originals: they are counted, and need no closer look."""
        is_theirs = below.startswith("objects/") and below != "objects/"
        try:
            with os.scandir(self._root / below) as listing:
                found = list(listing)
            if is_theirs:
                found = self._without_originals(found)
        except FileNotFoundError:
            return  # a keeper at work removed it
        except OSError as error:
            self._bar(below.rstrip("/"), f"It cannot be looked at: {error.strerror}.")
            return
        for one in sorted(found, key=lambda one: one.name):
            try:
                yield one.name, one.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue

    def _without_originals(self, found: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
        plain = [one.name for one in found if one.is_file(follow_symlinks=False) and is_digest(one.name)]
        self.originals += plain
        theirs = set(plain)
        return [one for one in found if one.name not in theirs]

    def _bar(self, path: str, what: str) -> None:
        self.barred.add(path)
        self._findings.append(Finding(path, what, "Nothing behind it was looked at. Keep it as evidence, and put the file "
                                      "back from a copy of the archive (unburnt repair --from COPY)."))


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _kind(mode: int) -> str:
    names = {stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device",
             stat.S_IFCHR: "a device", stat.S_IFREG: "a file"}
    return names.get(stat.S_IFMT(mode), "something unknown")
