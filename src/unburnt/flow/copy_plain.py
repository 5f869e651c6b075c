"""Before an archive is copied or healed: it is made of folders and plain files, so nothing is followed or waited for.

A link would lead out of the archive, and whoever opens a pipe waits until somebody writes into it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from unburnt.base.errors import DamagedArchive
from unburnt.base.visible import visible
from unburnt.flow.repair_journal import MAX_JOURNAL
from unburnt.vault.audit.walk import MAX_SEGMENT
from unburnt.vault.durable import disk_errors

_MOST = {"events": MAX_SEGMENT, "log": 256 << 10, "out": MAX_JOURNAL}
_WALKED = ("events", "log", "objects", "derived")


def require_plain(root: Path) -> None:
    """Raise :class:`DamagedArchive`, naming it, for anything else in what an archive is made of; nothing is opened."""
    with disk_errors("looking through the archive"):
        if not root.is_dir():
            return
        for entry in _entries(root):
            # A keeper at work has its socket here.
            if not (_is_plain(entry) or entry.name.endswith(".sock") and not entry.is_symlink()):
                raise _odd(entry, root)
        for entry in (*_below(root), *_journals(root / "out")):
            if not _is_plain(entry):
                raise _odd(entry, root)
            _require_size(entry, root)


def _below(root: Path) -> Iterator[os.DirEntry[str]]:
    todo = [root / name for name in _WALKED if (root / name).is_dir()]
    while todo:
        for entry in _entries(todo.pop()):
            yield entry
            if entry.is_dir(follow_symlinks=False):
                todo.append(Path(entry.path))


def _journals(out: Path) -> Iterator[os.DirEntry[str]]:
    """The folders in which earlier repairs kept what was damaged, and what lies directly in them."""
    if out.is_dir():
        for entry in _entries(out):
            if entry.name.startswith("damaged-"):
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    yield from _entries(Path(entry.path))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_plain(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)


def _require_size(entry: os.DirEntry[str], root: Path) -> None:
    """A file with a hole may claim any size, and what is read whole would then fill the memory."""
    place = os.path.relpath(entry.path, root)
    most = next((most for folder, most in _MOST.items() if place.startswith(f"{folder}/")), None)
    if most is not None and entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size > most:
        raise DamagedArchive(
            f"In {visible(root.name)}, {visible(place)} is larger than the {most} bytes that such a file may have.",
            remedy="Nothing was changed. Find out who put it there, and take it out.",
        )


def _odd(entry: os.DirEntry[str], root: Path) -> DamagedArchive:
    kind = "a link" if entry.is_symlink() else "neither a file nor a folder"
    return DamagedArchive(
        f"In {visible(root.name)}, {visible(os.path.relpath(entry.path, root))} is {kind}: no archive has such a thing.",
        remedy="Nothing was changed. Find out who put it there, and take it out.",
    )
