"""What was received: raw bytes, one file each, written once, named by their SHA-256.

``sha256sum`` audits them. Data goes to ``tmp/``, a batch is flushed at once, then renamed into place
and the directories are flushed; only then may an event name it (DESIGN.md, section 4).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from unburnt.base.digests import CHUNK, Digest, digest_of_file, is_digest
from unburnt.base.errors import NotFound, UnburntError
from unburnt.vault.durable import (
    OBJECT_MODE,
    disk_errors,
    flush_batch,
    flush_directory,
    make_directory,
    new_temporary,
    write_all,
)
from unburnt.vault.layout import Layout

_MOST_FILES = 64 << 10
"""Bytes. Most files are smaller, and room for larger ones need not be made for each."""


class SourceUnreadable(UnburntError):
    """The source, not the archive, failed while it was read: one ledger line, and the import goes on."""


class Staged(msgspec.Struct, frozen=True):
    """Bytes that were read and hashed; *temporary* is None when the archive held them already."""

    digest: Digest
    size: int
    temporary: Path | None


class Objects:
    """The folder ``objects/``. Staging may run in several threads; committing belongs to the keeper."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.objects
        self._place = os.fspath(layout.objects)
        self._tmp = layout.tmp
        self._whole: set[Digest] = set()
        """Objects that came again and were found whole; files of a leak come many times."""

    def stage(self, file: BinaryIO, *, anew: bool = False) -> Staged:
        """Copy and hash what is left to read in *file*; what was read is what is kept, whatever happens to the source.

        An object that is here already is not kept twice, but with *anew*, or where it is damaged, :meth:`commit` replaces it.
        Raises :class:`SourceUnreadable`, :class:`OutOfSpace`, :class:`UnburntError`; leaves nothing behind then.
        """
        untrusted_first = _read(file, _MOST_FILES)
        untrusted_second = _read(file, _MOST_FILES) if untrusted_first else b""
        hasher = hashlib.sha256(untrusted_first)
        is_whole, digest = not untrusted_second, hasher.hexdigest()
        if is_whole and not anew and self._holds(digest, len(untrusted_first)):
            return Staged(digest, len(untrusted_first), None)
        with disk_errors("keeping a received file"):
            descriptor, temporary = new_temporary(self._tmp, OBJECT_MODE)
        try:
            size = _copy(descriptor, hasher, [untrusted_first, untrusted_second], file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        if not is_whole:
            digest = hasher.hexdigest()
            if not anew and self._holds(digest, size):
                temporary.unlink()
                return Staged(digest, size, None)
        return Staged(digest, size, temporary)

    def drop(self, staged: Staged) -> None:
        """Forget what was staged and is not to be kept."""
        if staged.temporary is not None:
            staged.temporary.unlink(missing_ok=True)

    def commit(self, staged: Iterable[Staged]) -> None:
        """Put a batch in place, durably: when this returns, events may name it. Repeating it is harmless."""
        batch = [(one.digest, one.temporary) for one in staged if one.temporary is not None]
        if not batch:
            return
        with disk_errors("keeping received files"):
            flush_batch(self._tmp, [temporary for _, temporary in batch])
            touched = {digest[:2] for digest, temporary in batch if self._put(digest, temporary)}
            folders = [self._folder / name for name in touched]
            if len(folders) > 3:  # one flush of the file system costs about as much as three of directories
                flush_batch(self._folder, [*folders, self._folder])
            else:
                for folder in (*folders, self._folder):
                    flush_directory(folder)

    def path(self, digest: Digest) -> Path:
        """Where the object stands, or would stand; raises :class:`NotFound` for what is no digest."""
        if not is_digest(digest):
            raise NotFound("That is not a digest (64 lower-case hexadecimal digits).")
        return self._folder / digest[:2] / digest

    def has(self, digest: Digest) -> bool:
        """Whether there is such an object; its bytes are not checked."""
        return is_digest(digest) and self.path(digest).is_file()

    def open(self, digest: Digest) -> BinaryIO:
        """The object's bytes, read-only and seekable; raises :class:`NotFound`."""
        path = self.path(digest)
        try:
            return open(path, "rb", opener=_following_no_link)
        except FileNotFoundError as error:
            raise NotFound(f"There is no object {digest} in this archive.") from error
        except OSError as error:
            raise UnburntError(f"The object {digest} cannot be opened: {error.strerror}.") from error

    def erase(self, digest: Digest) -> None:
        """Remove the object. The disk may keep its blocks until they are reused (docs/format.md, "Erasing")."""
        path = self.path(digest)
        with disk_errors("erasing an object"):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                flush_directory(path.parent)

    def digests(self) -> Iterator[Digest]:
        """Every object's digest, by name only, in order."""
        for folder in sorted(self._folder.iterdir()):
            if folder.is_dir():
                yield from sorted(name for name in os.listdir(folder) if is_digest(name))

    def orphans(self, known: Container[Digest]) -> Iterator[Digest]:
        """Objects that are not in *known*, the digests that events name: kept, to be adopted by an event."""
        return (digest for digest in self.digests() if digest not in known)

    def _put(self, digest: Digest, temporary: Path) -> bool:
        """Rename into place; False where that was done before."""
        target = self._target(digest)
        try:
            os.replace(temporary, target)
        except FileNotFoundError:
            if make_directory(self.path(digest).parent):  # its folder's first
                os.replace(temporary, target)
            elif not os.path.isfile(target):  # neither staged nor in place: somebody emptied tmp/
                raise
            else:
                return False
        return True

    def _holds(self, digest: Digest, size: int) -> bool:
        # Other bytes under this name are a damaged object, or one that somebody put there: the good copy at hand replaces it.
        if digest in self._whole:
            return True
        try:
            if os.stat(self._target(digest)).st_size != size:
                return False
        except FileNotFoundError:
            return False
        with contextlib.suppress(UnburntError, OSError), self.open(digest) as file:
            if digest_of_file(file)[0] == digest:
                self._whole.add(digest)
                return True
        return False

    def _target(self, digest: Digest) -> str:
        """As :meth:`path`, of a digest that was computed here."""
        return f"{self._place}/{digest[:2]}/{digest}"


def _following_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)


def _read(file: BinaryIO, most: int = CHUNK) -> bytes:
    try:
        return file.read(most) or b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it went away"
        raise SourceUnreadable(f"The file could not be read to its end: {reason}.") from error


def _copy(descriptor: int, hasher: hashlib._Hash, read_already: list[bytes], file: BinaryIO) -> int:
    first, piece = read_already
    with disk_errors("keeping a received file"):  # what the source does is told otherwise, by _read
        write_all(descriptor, first)
        size = len(first)
        while piece:
            hasher.update(piece)
            write_all(descriptor, piece)
            size += len(piece)
            piece = _read(file)
    return size
