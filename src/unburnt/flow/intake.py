"""Walking what was delivered: every entry becomes an item, and nothing is written to the source.

Small files are taken first, so that something can be read within seconds whatever the size of the rest.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from unburnt.vault.objects import Objects, SourceUnreadable, Staged

_SMALL = 1 << 20

_KINDS = {
    stat.S_IFLNK: "It is a symbolic link; links are recorded, not followed.",
    stat.S_IFSOCK: "It is a socket, not a file.",
    stat.S_IFIFO: "It is a pipe, not a file.",
    stat.S_IFBLK: "It is a block device, not a file.",
    stat.S_IFCHR: "It is a character device, not a file.",
}


class Entry(msgspec.Struct, frozen=True):
    """One thing found in a source; *path* is relative to it. With *reason*, it cannot be received."""

    path: bytes
    size: int | None
    modified_ns: int | None
    reason: str | None = None


class Taken(msgspec.Struct, frozen=True):
    """One entry after its bytes were staged, or with the reason why there are none."""

    entry: Entry
    staged: Staged | None
    reason: str | None


def entries(source: Path, *, skip: set[tuple[int, int]] = frozenset()) -> Iterator[Entry]:  # type: ignore[assignment]
    """Everything below *source* (or the one file that it is): small files first, then the others.

    *skip* holds (device, inode) of folders not to enter: an archive never receives itself.
    """
    root = os.fsencode(source)
    if not stat.S_ISDIR(os.lstat(root).st_mode):
        yield _entry(os.path.basename(root), root)
        return
    for wants_small in (True, False):
        yield from _below(root, b"", skip, wants_small)


def take(source: Path, entry: Entry, objects: Objects) -> Taken:
    """Copy and hash one entry's bytes; whatever the source does, this gives an item."""
    if entry.reason is not None:
        return Taken(entry, None, entry.reason)
    root = os.fsencode(source)
    # Never through a link, and never waiting for a pipe that took the file's place.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(os.path.join(root, entry.path), flags)
        except NotADirectoryError:  # the source is that one file
            descriptor = os.open(root, flags)
    except OSError as error:
        return Taken(entry, None, f"It could not be opened: {error.strerror}.")
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return Taken(entry, None, "It is no longer a file.")
        try:
            return Taken(entry, objects.stage(file), None)
        except SourceUnreadable as error:
            return Taken(entry, None, error.message)


def _below(root: bytes, folder: bytes, skip: set[tuple[int, int]], wants_small: bool) -> Iterator[Entry]:
    try:
        with os.scandir(os.path.join(root, folder) if folder else root) as listing:
            found = sorted(listing, key=lambda one: one.name)
    except OSError as error:
        if wants_small:
            yield Entry(folder or b".", None, None, f"The folder could not be opened: {error.strerror}.")
        return
    for one in found:
        path = os.path.join(folder, one.name) if folder else one.name
        try:
            is_folder = one.is_dir(follow_symlinks=False)
            status = one.stat(follow_symlinks=False)
        except OSError as error:
            if wants_small:
                yield Entry(path, None, None, f"It could not be looked at: {error.strerror}.")
            continue
        if is_folder:
            if (status.st_dev, status.st_ino) not in skip:
                yield from _below(root, path, skip, wants_small)
            elif wants_small:
                yield Entry(path, None, status.st_mtime_ns, "It is this archive; an archive never receives itself.")
        elif wants_small == (status.st_size <= _SMALL or not stat.S_ISREG(status.st_mode)):
            yield _entry_of(path, status)


def _entry(name: bytes, path: bytes) -> Entry:
    return _entry_of(name, os.lstat(path))


def _entry_of(path: bytes, status: os.stat_result) -> Entry:
    reason = _KINDS.get(stat.S_IFMT(status.st_mode))
    return Entry(path, status.st_size if reason is None else None, status.st_mtime_ns, reason)
