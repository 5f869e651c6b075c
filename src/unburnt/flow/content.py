"""The bytes of any blob: an object, a member still at hand, or a member extracted from its container again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from unburnt.base.digests import CHUNK, Digest
from unburnt.base.errors import NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.flow.slices import Slices
from unburnt.model.reading import Reading, Volume
from unburnt.vault.derived import Derived
from unburnt.vault.durable import write_all
from unburnt.vault.objects import Objects

_DEEPEST = 32
COPIED_TO = 64 << 20
"""Bytes. Larger ones are containers for the most part, and are read where they stand."""


class Opened(msgspec.Struct, frozen=True):
    """A container's bytes: one file, or those of the volumes that are read as one, with their numbers."""

    digest: Digest
    files: tuple[BinaryIO, ...]
    volumes: tuple[Volume, ...] = ()
    charsets: tuple[str, ...] = ()
    """With which a text was read, and has to be again: what it holds may come out of its letters."""


Extract = Callable[[Opened, Digest, Reading | None], BinaryIO | None]


def _digest_of(file: BinaryIO) -> Digest:
    """Read past the file's own position, which a child goes on from."""
    hasher, place = hashlib.sha256(), 0
    while piece := os.pread(file.fileno(), CHUNK, place):
        hasher.update(piece)
        place += len(piece)
    return hasher.hexdigest()


def copy_of(file: BinaryIO, digest: Digest) -> BinaryIO | None:
    """The file's bytes in memory that no other process writes to, None where they do not have the digest.

    What is hashed is what is read then, whoever writes to the file in between.
    """
    hasher = hashlib.sha256()
    copy = open(os.memfd_create("content", os.MFD_CLOEXEC), "rb")  # noqa: SIM115 - who gets it closes it
    try:
        while piece := file.read(CHUNK):
            hasher.update(piece)
            write_all(copy.fileno(), piece)
        os.lseek(copy.fileno(), 0, os.SEEK_SET)
    except BaseException:
        copy.close()
        raise
    if hasher.hexdigest() == digest:
        return copy
    copy.close()
    return None


class Content:
    """Opens blobs by digest, wherever their bytes are."""

    def __init__(self, objects: Objects, derived: Derived, catalog: Catalog) -> None:
        self._objects = objects
        self._derived = derived
        self._catalog = catalog
        self._extracting = threading.RLock()
        self._looked_at: dict[Digest, tuple[int, int, int, int]] = {}
        self._slices = Slices(catalog, derived)
        self._extract: Extract | None = None

    def extract_with(self, extract: Extract) -> None:
        """Set what reads a container again and gives one of its members' bytes.

        It may begin after a slice that is known to end before the member.
        """
        self._extract = extract

    def open(self, digest: Digest, *, depth: int = 0) -> BinaryIO:
        """The blob's bytes, seekable; raises :class:`NotFound` where they cannot be had."""
        with contextlib.suppress(NotFound):
            return self._objects.open(digest)
        file = self._derived.open_member(digest) or self._extracted(digest, depth)
        if file is not None:
            return file
        raise NotFound(
            f"The bytes of {digest} cannot be had.",
            remedy="Its container was erased, or does not open any more; the text read from it is kept.",
        )

    def open_unchanged(self, digest: Digest) -> BinaryIO:
        """As :meth:`open`, after a look at every byte: what is read from a content must have been read from that one.

        What is given is a copy in memory, but for very large contents. A changed copy of a member is dropped and had again;
        raises :class:`NotFound` where nothing has the digest.
        """
        for _ in range(2):
            file = self.open(digest)
            if os.fstat(file.fileno()).st_size <= COPIED_TO:
                with file:
                    copy = copy_of(file, digest)
                if copy is not None:
                    return copy
            elif self._is_unchanged(digest, file):
                return file
            file.close()
            if self._objects.has(digest):
                break
            self._derived.drop_member(digest)
        raise NotFound(f"The bytes of {digest} were changed since they were received.",
                       remedy="Heal them from a copy: unburnt repair --from COPY.")

    @contextlib.contextmanager
    def _opened(self, container: Digest, depth: int) -> Iterator[Opened]:
        volumes = self._catalog.volumes_of(container)
        with contextlib.ExitStack() as stack:
            digests = [volume.digest for volume in volumes] or [container]
            files = tuple(stack.enter_context(self.open(digest, depth=depth)) for digest in digests)
            reading = self._catalog.document(container).reading
            yield Opened(container, files, volumes, reading.charsets if reading is not None else ())

    def _is_unchanged(self, digest: Digest, file: BinaryIO) -> bool:
        """A large container is opened for each of its slices: it is hashed again only if the file is another by then."""
        status = os.fstat(file.fileno())
        now = status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns
        if self._looked_at.get(digest) == now:
            return True
        if _digest_of(file) != digest:
            return False
        self._looked_at[digest] = now
        return True

    def _extracted(self, digest: Digest, depth: int) -> BinaryIO | None:
        if self._extract is None or depth >= _DEEPEST:
            return None
        # One at a time: threads that want members of one container need it read once.
        with self._extracting:
            file = self._derived.open_member(digest)
            if file is not None:
                return file
            for container in self._catalog.containers_of(digest):
                with contextlib.suppress(NotFound), self._opened(container, depth + 1) as outer:
                    before = self._slices.before(container, digest)
                    if before is not None and before.volumes != outer.volumes:
                        before = None
                    member = self._extract(outer, digest, before)
                    if member is None and before is not None:
                        member = self._extract(outer, digest, None)
                    if member is not None:
                        return member
        return None
