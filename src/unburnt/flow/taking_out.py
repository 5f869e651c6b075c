"""Taking a member out of its container anew, from a received object down: what its seal will then say is so.

Neither the copies of members nor the catalogue nor derived records are believed, since anybody who may write to the
archive's folder can change those. The catalogue only says where to look; each container on the way is hashed, or was
itself taken out, and the sandbox reads it again until bytes with the wanted digest come.

The cost is bounded: a giant container is gone on with at the slice before the member, where the sealed history names
that slice's record by its digest, and no more than :data:`_MOST_TRIED` containers are tried.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO
from weakref import WeakKeyDictionary

from unburnt.base.digests import Digest, digest_of_file
from unburnt.base.errors import NotFound
from unburnt.base.limits import Limits
from unburnt.catalog.catalog import Catalog
from unburnt.flow.content import COPIED_TO, Opened, copy_of
from unburnt.flow.extraction import Extraction
from unburnt.flow.sealed_history import SealedHistory
from unburnt.flow.steps import read_step
from unburnt.model.reading import Reading
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects, Staged

_DEEPEST = 32
_MOST_TRIED = 24


class TakingOut:
    """For one thread that is not the keeper's: a giant container takes its time. To be closed."""

    def __init__(self, layout: Layout, catalog: Catalog, derived: Derived, limits: Limits) -> None:
        self._objects, self._catalog, self._derived = Objects(layout), catalog, derived
        self._history = SealedHistory(layout)
        self._extraction = Extraction(layout, limits)
        self._left = _MOST_TRIED
        self._hashed = WeakKeyDictionary[BinaryIO, tuple[int, int, int, int]]()

    def close(self) -> None:
        """End the sandbox."""
        self._extraction.close()

    def is_named(self, content: Digest) -> bool:
        """Whether a sealed event says that this content was received, adopted or promoted."""
        return self._history.naming(content, self._catalog.item_sequences(content)) is not None

    def stage(self, member: Digest) -> tuple[Digest, Staged]:
        """The container that holds *member*, and the member's bytes, staged; raises :class:`NotFound`."""
        for container, file in self._out_of_containers(member, ()):
            with file:
                staged = self._objects.stage(file, anew=True)
            if staged.digest == member:
                return container, staged
            self._objects.drop(staged)
        raise NotFound(
            "These bytes did not come out of any container in this archive just now, so nothing was sealed that says so.",
            remedy="'unburnt rebuild' makes the catalogue again, should somebody have changed it. What only a password opens is "
            "kept by itself from the moment in which 'unburnt unlock' opens it.",
        )

    def _out_of_containers(self, member: Digest, inner: tuple[Digest, ...]) -> Iterator[tuple[Digest, BinaryIO]]:
        """Every container that holds *member*, with the member's bytes as they came out of it."""
        if member in inner or len(inner) >= _DEEPEST:
            return
        for container in self._catalog.containers_of(member):
            if self._left <= 0:
                return
            with contextlib.suppress(NotFound), self._opened(container, (*inner, member)) as opened:
                self._left -= 1
                file = self._extracted(opened, member)
                if file is None:
                    continue
                if all(self._is_as_hashed(each) for each in opened.files):
                    yield container, file
                else:  # somebody wrote to it between its hashing and its reading
                    file.close()

    def _extracted(self, container: Opened, member: Digest) -> BinaryIO | None:
        before = self._slice_before(container, member)
        found = self._extraction.extract(container, member, before)
        if found is None and before is not None:
            found = self._extraction.extract(container, member)
        return found

    @contextlib.contextmanager
    def _opened(self, container: Digest, inner: tuple[Digest, ...]) -> Iterator[Opened]:
        """A container's bytes, or those of its set, as the sealed history says it was read; raises :class:`NotFound`."""
        shown = self._catalog.document(container)
        says_how = self._catalog.volumes_of(container) or (shown.reading is not None and shown.reading.charsets)
        found = self._history.record(self._derived, shown.key, container) if shown.key and says_how else None
        volumes, charsets = (found[1].volumes, found[1].charsets) if found else ((), ())
        with contextlib.ExitStack() as stack:
            digests = [volume.digest for volume in volumes] or [container]
            files = tuple(stack.enter_context(self._bytes_of(digest, inner)) for digest in digests)
            yield Opened(container, files, volumes, charsets)

    def _bytes_of(self, content: Digest, inner: tuple[Digest, ...]) -> BinaryIO:
        """Bytes that have the digest *content*: a received object, or a member taken out again; raises :class:`NotFound`."""
        if self._objects.has(content) and self.is_named(content):
            file = self._objects.open(content)
            if os.fstat(file.fileno()).st_size <= COPIED_TO:
                with file:
                    copy = copy_of(file, content)
                if copy is not None:
                    return copy
            else:
                self._hashed[file] = _state(file)  # before, so that whatever is written from now on is seen
                if digest_of_file(file)[0] == content:
                    file.seek(0)
                    return file
                file.close()
        for _, file in self._out_of_containers(content, inner):
            return file
        raise NotFound(f"The bytes of {content} cannot be had.")

    def _is_as_hashed(self, file: BinaryIO) -> bool:
        """Whether nobody wrote to it between its hashing and now; nobody can write to copies and to what was taken out."""
        return self._hashed.get(file, state := _state(file)) == state

    def _slice_before(self, container: Opened, member: Digest) -> Reading | None:
        """The slice from which on to seek: without the word of the history its cursor could lead anywhere."""
        key = self._catalog.slice_before(container.digest, member)
        found = self._history.record(self._derived, key, container.digest) if key else None
        if found is None:
            return None
        event, reading = found
        is_current = (event.step, event.version) == read_step(reading.reader)
        return reading if is_current and reading.volumes == container.volumes else None


def _state(file: BinaryIO) -> tuple[int, int, int, int]:
    """What changes when somebody writes to an open file; its clock (ctime) nobody can put back, but a mapping may evade it."""
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns
