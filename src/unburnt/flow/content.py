"""The bytes of any blob: an object, a member still at hand, or a member extracted from its container again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import BinaryIO

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.flow.slices import Slices
from unburnt.model.reading import Reading
from unburnt.vault.derived import Derived
from unburnt.vault.objects import Objects

_DEEPEST = 32
Extract = Callable[[Digest, BinaryIO, Digest, Reading | None], BinaryIO | None]


class Content:
    """Opens blobs by digest, wherever their bytes are."""

    def __init__(self, objects: Objects, derived: Derived, catalog: Catalog) -> None:
        self._objects = objects
        self._derived = derived
        self._catalog = catalog
        self._extracting = threading.RLock()
        self._slices = Slices(catalog, derived)
        self._extract: Extract | None = None

    def extract_with(self, extract: Extract) -> None:
        """Set what reads a container (its digest and bytes) again and gives one of its members' bytes.

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

    def _extracted(self, digest: Digest, depth: int) -> BinaryIO | None:
        if self._extract is None or depth >= _DEEPEST:
            return None
        # One at a time: threads that want members of one container need it read once.
        with self._extracting:
            file = self._derived.open_member(digest)
            if file is not None:
                return file
            for container in self._catalog.containers_of(digest):
                with contextlib.suppress(NotFound), self.open(container, depth=depth + 1) as outer:
                    before = self._slices.before(container, digest)
                    member = self._extract(container, outer, digest, before)
                    if member is None and before is not None:
                        member = self._extract(container, outer, digest, None)
                    if member is not None:
                        return member
        return None
