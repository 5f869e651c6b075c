"""A rendered page on its way to the engines: PNG bytes from the sandbox, measured but never decoded here."""

from __future__ import annotations

import contextlib
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from unburnt.base.errors import BadAnswer
from unburnt.model.reading import Rectangle

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">8sI4sII")  # signature, length, chunk type, width, height (PNG, section 11.2.2)


class Picture(msgspec.Struct, frozen=True):
    """A picture's bytes and its size in pixels; *dpi* 0 where it is not known."""

    untrusted_png: bytes
    width: int
    height: int
    dpi: int = 0

    @contextlib.contextmanager
    def stored(self, folder: Path) -> Iterator[int]:
        """A descriptor of the bytes in a nameless file of *folder*: Landlock lets no tool read from pure memory."""
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(self.untrusted_png)
            file.flush()
            yield file.fileno()

    def clipped(self, rectangle: tuple[float, float, float, float]) -> Rectangle:
        """The part of an engine's *rectangle* that lies on the picture, its edges in order; raises ValueError."""
        left, top, right, bottom = (round(edge) for edge in rectangle)
        (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
        return (
            float(min(max(left, 0), self.width)), float(min(max(top, 0), self.height)),
            float(min(max(right, 0), self.width)), float(min(max(bottom, 0), self.height)),
        )


def picture_of(untrusted_png: bytes, *, pixels: int, dpi: int = 0) -> Picture:
    """Measure a PNG; raises :class:`BadAnswer` for anything else, and beyond *pixels*."""
    if len(untrusted_png) < _HEADER.size:
        raise BadAnswer("The rendered page is no picture.")
    signature, length, kind, width, height = _HEADER.unpack_from(untrusted_png)
    if (signature, length, kind) != (_SIGNATURE, 13, b"IHDR") or not width or not height:
        raise BadAnswer("The rendered page is no picture.")
    if width * height > pixels:
        raise BadAnswer("The rendered page has more pixels than it may.")
    return Picture(untrusted_png, width, height, dpi)
