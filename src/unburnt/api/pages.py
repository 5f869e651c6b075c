"""Pictures of pages, rendered in a sandbox of their own that starts when the first is wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import BadAnswer, NotFound, UnburntError
from unburnt.base.limits import MIB, Limits
from unburnt.flow.content import Content

if TYPE_CHECKING:
    from unburnt.sandbox.runner import Sandbox

RENDER_ENTRY = "unburnt.read.render:main"
_LIMITS = Limits(wall_seconds=20.0, cpu_seconds=20.0, output=64 * MIB)


class Pages:
    """Renders pages; any thread may ask."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._sandbox: Sandbox | None = None
        self._lock = threading.Lock()

    def picture(self, document: Digest, page: int, *, width: int, media_type: str) -> bytes:
        """One page as PNG, *width* pixels wide at most."""
        picture = self.render(document, {"page": page, "width": width, "media_type": media_type})
        if not picture.startswith(b"\x89PNG\r\n\x1a\n"):
            raise BadAnswer("The page could not be rendered.")
        return picture

    def render(self, document: Digest, order: dict[str, object]) -> bytes:
        """What the renderer answers to *order*; raises :class:`NotFound`, :class:`UnburntError`."""
        frames: list[bytes] = []
        with self._content.open(document) as file:
            ended = self._running().run(msgspec.msgpack.encode(order), [file.fileno()], _LIMITS, frames.append)
        if ended.kind != "done":
            raise UnburntError(f"The page could not be rendered: {ended.detail or ended.limit}")
        if not frames:
            raise NotFound("This document has no such page.")
        return b"".join(frames)

    def close(self) -> None:
        """End the sandbox."""
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()
                self._sandbox = None

    def _running(self) -> Sandbox:
        with self._lock:
            if self._sandbox is None:
                from unburnt.sandbox.runner import Sandbox

                self._sandbox = Sandbox(RENDER_ENTRY)
            return self._sandbox
