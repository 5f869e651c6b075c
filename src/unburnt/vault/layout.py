"""Where everything of an archive stands on disk (docs/format.md is the contract)."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from unburnt.base.errors import DamagedArchive, FormatVersionError, NotFound, UnburntError
from unburnt.base.visible import visible
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, replace_file

FORMAT_VERSION = 1
CONFIG_NAME = "unburnt.toml"

MARKERS = (
    ".nomedia",               # Android and several galleries: no thumbnails of this folder
    ".trackerignore",         # GNOME's Tracker/LocalSearch: no indexing below this folder
    ".metadata_never_index",  # macOS Spotlight
)
"""Empty files that keep desktop indexers and thumbnailers, which copy content elsewhere, out.

Not ``CACHEDIR.TAG``: backup programs skip folders that hold one, and an archive must be backed up.
"""

_FOLDERS = ("objects", "events", "log", "derived", "index", "tmp", "out")
_WRITTEN = ("objects", "events", "derived", "derived/members", "index")
_MAX_CONFIG = 64 << 10
_ARCHIVE_ID = re.compile(r"[A-Za-z0-9-]{1,64}\Z")


class Layout:
    """The paths of one archive. Nothing is checked or made here: see :meth:`create` and :meth:`open`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / CONFIG_NAME
        self.objects = root / "objects"
        self.events = root / "events"
        self.log = root / "log"
        self.derived = root / "derived"
        self.catalog = root / "catalog.sqlite"
        self.index = root / "index"
        self.desk = root / "desk.sqlite"
        self.tmp = root / "tmp"
        self.out = root / "out"

    @classmethod
    def create(cls, root: Path, archive_id: str) -> Layout:
        """Make an empty archive at *root*, a new or empty folder; an interrupted creation may be repeated.

        *archive_id* is 1-64 of ``A-Za-z0-9-``. Raises :class:`UnburntError`, :class:`OutOfSpace`.
        """
        if not _ARCHIVE_ID.match(archive_id):
            raise UnburntError("An archive id has 1 to 64 letters, digits and hyphens.")
        layout = cls(root)
        with disk_errors("making the archive"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            layout._refuse_foreign_content()
            root.chmod(0o700)
            for name in _FOLDERS:
                make_directory(root / name)
            for name in MARKERS:
                (root / name).touch(mode=0o600)
            # Last, and atomically: a folder without it is no archive.
            replace_file(layout.config, _config_text(archive_id).encode(), layout.tmp)
            flush_directory(root.parent)
        return layout

    @classmethod
    def open(cls, root: Path) -> Layout:
        """The archive at *root*; raises :class:`NotFound`, :class:`FormatVersionError`, :class:`DamagedArchive`."""
        layout = cls(root)
        version = layout._settings().get("format")
        if version != FORMAT_VERSION:
            raise FormatVersionError(
                f"This archive has format version {version!r}; this program knows version {FORMAT_VERSION} only.",
                remedy="Open it with the program version that wrote it, or a newer one. Nothing was changed.",
            )
        with disk_errors("opening the archive"):
            for name in _FOLDERS:  # empty folders get lost in copies made by some tools
                make_directory(root / name)
        return layout

    @classmethod
    def find(cls, start: Path) -> Layout:
        """The archive that *start* lies in: the nearest folder upwards that holds ``unburnt.toml``."""
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / CONFIG_NAME).is_file():
                return cls.open(folder)
        raise NotFound(
            "There is no archive in this folder or in one above it.",
            remedy="Name one with -a DIR or $UNBURNT_ARCHIVE.",
        )

    def require_own_places(self) -> None:
        """Refuse an archive of which a part leads elsewhere: a keeper empties, cuts off and writes what stands here.

        Looked at are the archive's own folder and the folders' first level. Raises :class:`DamagedArchive`.
        """
        with disk_errors("looking at the archive's folders"):
            for folder in (self.root, *(self.root / name for name in _WRITTEN)):
                if not folder.is_dir():
                    continue
                with os.scandir(folder) as entries:
                    for entry in entries:
                        _require_own(entry, self.root)

    @property
    def archive_id(self) -> str:
        """The id that ``unburnt.toml`` gives."""
        value = self._settings().get("archive")
        if not isinstance(value, str) or not _ARCHIVE_ID.match(value):
            raise self._damaged_config()
        return value

    def clean_tmp(self) -> int:
        """Delete what a dead keeper left in ``tmp/``; gives the number of entries. Only the keeper may call this."""
        import shutil  # with it come compressors, which most commands do without

        count = 0
        with disk_errors("cleaning tmp/"):
            for path in self.tmp.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                count += 1
        return count

    def _settings(self) -> dict[str, object]:
        try:
            with open(self.config, "rb", opener=_never_waiting) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise _no_plain_config()
                untrusted = file.read(_MAX_CONFIG + 1)
            if len(untrusted) > _MAX_CONFIG:
                raise self._damaged_config()
            return _parsed(untrusted.decode())
        except FileNotFoundError as error:
            raise NotFound("This folder holds no archive: unburnt.toml is missing.") from error
        except ValueError as error:  # no TOML, or no UTF-8
            raise self._damaged_config() from error
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):  # a link, a socket, a folder
                raise _no_plain_config() from error
            raise UnburntError(f"unburnt.toml of this archive cannot be read: {error.strerror}.") from error

    def _damaged_config(self) -> DamagedArchive:
        return DamagedArchive(
            "unburnt.toml of this archive is damaged.",
            remedy='Restore it from a copy, or write it anew: format = 1 and archive = "ID", '
            "where ID stands in the first event.",
        )

    def _refuse_foreign_content(self) -> None:
        if self.config.exists():
            raise UnburntError("There is an archive here already.", remedy="Open it, or choose another folder.")
        ours = {*_FOLDERS, *MARKERS}
        if any(path.name not in ours for path in self.root.iterdir()):
            raise UnburntError(
                "An archive needs a folder of its own, and this one holds other things.",
                remedy="Choose a new or empty folder.",
            )


def _require_own(entry: os.DirEntry[str], root: Path) -> None:
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return
    if entry.name.endswith(".sock") and not entry.is_symlink():  # a keeper at work has its socket here
        return
    kind = "a link to another place" if entry.is_symlink() else "neither a file nor a folder"
    raise DamagedArchive(
        f"{visible(os.path.relpath(entry.path, root))} of this archive is {kind}: no archive has such a thing.",
        remedy="Nothing was changed. Find out who put it there, and take it out.",
    )


def _never_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _no_plain_config() -> DamagedArchive:
    return DamagedArchive(
        "unburnt.toml of this archive is no plain file, but a link, a pipe, a socket or a folder.",
        remedy="Nothing was changed. Find out who put it there, take it out, and restore the file from a copy.",
    )


def _parsed(untrusted: str) -> dict[str, object]:
    """What ``unburnt.toml`` says; its parser is loaded only for one that is not as it was written."""
    parts = untrusted.split('"')
    if len(parts) == 3 and _ARCHIVE_ID.match(parts[1]) and untrusted == _config_text(parts[1]):
        return {"format": FORMAT_VERSION, "archive": parts[1]}
    import tomllib

    return tomllib.loads(untrusted)


def _config_text(archive_id: str) -> str:
    return (
        "# An unburnt archive. Do not edit: a program that does not know this format version refuses the archive.\n"
        f'format = {FORMAT_VERSION}\narchive = "{archive_id}"\n'
    )
