"""Members' bytes: a cache of what containers hold, under ``derived/members/``; it may be dropped at any time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from unburnt.base.digests import Digest, is_digest
from unburnt.base.errors import UnburntError
from unburnt.vault.durable import disk_errors, flush_batch, make_directory, new_temporary, write_all
from unburnt.vault.layout import Layout


class MemberSink:
    """Takes one member's bytes as they come and hashes them; ends with :meth:`finish` or :meth:`drop`."""

    def __init__(self, cache: MemberCache, folder: Path) -> None:
        self._cache = cache
        self._hasher = hashlib.sha256()
        self._size = 0
        with disk_errors("keeping a member"):
            self._descriptor, self._path = new_temporary(folder)

    def write(self, untrusted_bytes: bytes) -> None:
        """Add bytes; raises :class:`OutOfSpace`."""
        with disk_errors("keeping a member"):
            write_all(self._descriptor, untrusted_bytes)
        self._hasher.update(untrusted_bytes)
        self._size += len(untrusted_bytes)

    def finish(self) -> tuple[Digest, int]:
        """Digest and size; from now on the member can be opened."""
        self._close()
        digest = self._hasher.hexdigest()
        self._cache.take(digest, self._path)
        return digest, self._size

    def drop(self) -> None:
        """Forget what was written; harmless after :meth:`finish`."""
        if self._descriptor >= 0:
            self._close()
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor < 0:
            raise UnburntError("This member was finished already.")
        os.close(self._descriptor)
        self._descriptor = -1


class MemberCache:
    """Members stay in ``tmp/`` until :meth:`flush`, so that a name in the cache always has its whole bytes."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.derived / "members"
        self._tmp = layout.tmp
        self._pending: dict[Digest, Path] = {}
        self._guard = threading.Lock()
        self._bytes: int | None = None

    def sink(self) -> MemberSink:
        """A new sink."""
        return MemberSink(self, self._tmp)

    def take(self, digest: Digest, temporary: Path) -> None:
        """Adopt a finished temporary file."""
        with self._guard:
            if digest in self._pending or self._path(digest).is_file():
                temporary.unlink()
                return
            self._pending[digest] = temporary
            if self._bytes is not None:
                self._bytes += temporary.stat().st_size

    def open(self, digest: Digest) -> BinaryIO | None:
        """The member's bytes, or None when the cache does not hold them."""
        if not is_digest(digest):
            return None
        with self._guard, disk_errors("opening a member"):
            try:
                file = (self._pending.get(digest) or self._path(digest)).open("rb")
            except FileNotFoundError:
                return None
        with contextlib.suppress(OSError):  # a drive that is read-only now
            os.utime(file.fileno())
        return file

    def drop(self, digest: Digest) -> None:
        """Remove a member from the cache."""
        if not is_digest(digest):
            return
        with self._guard, disk_errors("dropping a member"):
            path = self._pending.pop(digest, None) or self._path(digest)
            with contextlib.suppress(FileNotFoundError):
                size = path.stat().st_size
                path.unlink()
                if self._bytes is not None:
                    self._bytes -= size

    def by_age(self) -> list[tuple[Digest, int]]:
        """Digest and size of every member that has its name, the longest unused first."""
        with self._guard, disk_errors("looking through the members"):
            found = [(status.st_mtime_ns, path.name, status.st_size) for path, status in self._all()]
        return [(digest, size) for _, digest, size in sorted(found)]

    def flush(self) -> None:
        """Make every finished member durable under its name."""
        with self._guard, disk_errors("keeping members"):
            if not self._pending:
                return
            make_directory(self._folder)
            flush_batch(self._tmp, self._pending.values())
            for digest, temporary in list(self._pending.items()):
                path = self._path(digest)
                try:
                    os.replace(temporary, path)
                except FileNotFoundError:  # of 256 folders nearly all are there: asking for each member costs more
                    make_directory(path.parent)
                    os.replace(temporary, path)
                del self._pending[digest]

    def size(self) -> int:
        """Bytes that the cache takes."""
        with self._guard, disk_errors("measuring the members"):
            if self._bytes is None:
                self._bytes = sum(path.stat().st_size for path in self._pending.values())
                self._bytes += sum(status.st_size for _, status in self._all())
            return self._bytes

    def _all(self) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        with contextlib.suppress(FileNotFoundError):
            for folder in os.scandir(self._folder):
                yield from ((entry, entry.stat(follow_symlinks=False)) for entry in os.scandir(folder))

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest[:2] / digest
