"""Where a copy of an archive goes: a new folder, one that an interrupted run began, or an older copy.

A copy is an archive like its original, but for ``copy = "ID"`` in its ``unburnt.toml``. Until the first run
ends, that file has another name: so a half-made copy is never taken for an archive.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unburnt.base.errors import DamagedArchive, UnburntError, UsageError
from unburnt.flow.copy_plain import require_plain
from unburnt.flow.lock import KeeperLock
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, replace_file
from unburnt.vault.layout import CONFIG_NAME, FORMAT_VERSION, MARKERS, Layout

_UNFINISHED = f"{CONFIG_NAME}.unfinished"
_FOLDERS = ("objects", "events", "log", "derived", "index", "tmp", "out")


class Place:
    """A folder that holds a copy, or will; locked against keepers while :func:`place_for` is entered."""

    def __init__(self, layout: Layout, copy: str, *, finished: bool) -> None:
        self.layout = layout
        self.copy = copy
        self.finished = finished
        """Whether it was a whole copy before."""

    def finish(self) -> None:
        """From now on it is an archive; everything in it is durable."""
        if not self.finished:
            with disk_errors("finishing the copy"):
                os.rename(self.layout.root / _UNFINISHED, self.layout.config)
                flush_directory(self.layout.root)
            self.finished = True


@contextmanager
def place_for(source: Layout, target: Path) -> Iterator[Place]:
    """Make or open the folder *target* for a copy of *source*.

    Raises :class:`UsageError` for a folder that is, or holds, something else, :class:`KeeperBusy`.
    """
    with disk_errors("beginning the copy"):
        target = target.resolve()
        if any((target / name).is_symlink() for name in (*_FOLDERS, CONFIG_NAME, _UNFINISHED)):
            raise UsageError("That folder holds links where a copy holds folders.", remedy="Choose a new folder.")
        require_plain(target)
        _refuse_overlap(source.root.resolve(), target)
        if (target / CONFIG_NAME).exists():
            layout = Layout.open(target)
            _require_same(source, layout.archive_id)
            copy, finished = copy_id(layout), True
        else:
            layout, copy, finished = _begun(source, target), "", False
            copy = str(_settings(target / _UNFINISHED).get("copy", ""))
    lock = KeeperLock(layout.root)
    try:
        layout.clean_tmp()
        yield Place(layout, copy, finished=finished)
    finally:
        lock.release()


def copy_id(layout: Layout) -> str:
    """The id of a copy, empty for an archive that no ``unburnt copy`` made."""
    return str(_settings(layout.config).get("copy", ""))


def _begun(source: Layout, target: Path) -> Layout:
    """A layout without its ``unburnt.toml``: new, or as an interrupted run left it."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (target / _UNFINISHED).exists():
        _require_same(source, str(_settings(target / _UNFINISHED).get("archive", "")))
    else:
        if any(target.iterdir()):
            raise UsageError("A copy needs a folder of its own, and this one holds other things.",
                             remedy="Choose a new or empty folder, or an older copy of this archive.")
        text = (f"# A copy of an unburnt archive. Do not edit.\nformat = {FORMAT_VERSION}\n"
                f'archive = "{source.archive_id}"\ncopy = "{secrets.token_hex(8)}"\n')
        replace_file(target / _UNFINISHED, text.encode())
    with contextlib.suppress(OSError):  # a stick formatted for Windows knows no modes
        target.chmod(0o700)
    for name in _FOLDERS:
        make_directory(target / name)
    for name in MARKERS:
        (target / name).touch(mode=0o600)
    return Layout(target)


def _refuse_overlap(source: Path, target: Path) -> None:
    if target == source or (target.exists() and os.path.samefile(source, target)):
        raise UsageError("That is the archive itself.", remedy="Name another folder for the copy.")
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise UsageError("A copy cannot lie inside its archive, nor the archive inside its copy.")


def _require_same(source: Layout, archive_id: str) -> None:
    if archive_id != source.archive_id:
        raise UsageError("That folder belongs to another archive.", remedy="Nothing was changed.")


def _settings(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DamagedArchive(f"{path.name} of the copy is damaged.", remedy="Make a new copy elsewhere.") from error
    except OSError as error:
        raise UnburntError(f"{path.name} of the copy cannot be read.") from error
