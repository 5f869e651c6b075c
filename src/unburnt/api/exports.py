"""What leaves: pixels by default, text, or on an explicit wish the original; always into the archive's ``out/``.

Names are neutral (the beginning of the digest), so that no received name reaches a screen or another machine.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from unburnt.api.pages import Pages
from unburnt.base.digests import Digest
from unburnt.base.errors import BadAnswer, DamagedArchive, UnburntError, UsageError
from unburnt.flow.content import Content
from unburnt.model.reading import Part, Reading
from unburnt.model.unvouched import Unvouched, said_of_document

_MOST_PAGES = 2_000
_DPI = 150


class Exports:
    """Writes into *folder*, 0600; *reading* and *parts* give a document's current ones, *unvouched* what nobody vouches for."""

    def __init__(
        self, folder: Path, content: Content, pages: Pages, *, reading: Callable[[Digest], Reading | None],
        parts: Callable[[Digest], Iterator[Part]], unvouched: Callable[[Digest], Unvouched],
    ) -> None:
        self._unvouched = unvouched
        self._folder = folder
        self._content = content
        self._pages = pages
        self._reading = reading
        self._parts = parts

    def text(self, document: Digest) -> Path:
        """The parts' texts, each after a line that names it; before all what of it nobody vouches for."""
        path = self._path(document, "txt")
        with _private(path) as file:
            if said := said_of_document(self._unvouched(document)):
                file.write(f"=== {said} ===\n".encode())
            for part in self._parts(document):
                file.write(f"=== {part.kind} {part.label} ===\n{part.text}\n".encode("utf-8", "replace"))
        return path

    def original(self, document: Digest) -> Path:
        """The bytes as received, under a name without their extension."""
        path = self._path(document, "original.bin")
        hasher = hashlib.sha256()
        with self._content.open(document) as source, _private(path) as file:
            while piece := source.read(1 << 20):
                file.write(piece)
                hasher.update(piece)
            if hasher.hexdigest() != document:
                raise DamagedArchive("The bytes of this document were changed since they were received; nothing was exported.",
                                     remedy="Heal them from a copy: unburnt repair --from COPY.")
        return path

    def safe_pdf(self, document: Digest) -> Path:
        """A PDF of pictures of the pages; nothing of the original's bytes is in it.

        Only for what has pages (PDF and pictures); raises :class:`UsageError` for the rest.
        """
        reading = self._reading(document)
        numbers = sorted({head.page for head in reading.parts if head.page is not None}) if reading else []
        if reading is None or not numbers:
            raise UsageError("This document has no pages that could be pictured.", remedy="Export its text instead.")
        if len(numbers) > _MOST_PAGES:
            raise UsageError(f"This document has more than {_MOST_PAGES} pages.", remedy="Export its text instead.")
        path = self._path(document, "safe.pdf")
        with _private(path) as file:
            for piece in pixel_pdf(self._pixels(document, number, reading.type) for number in numbers):
                file.write(piece)
        return path

    def _pixels(self, document: Digest, page: int, media_type: str) -> tuple[int, int, bytes]:
        order: dict[str, object] = {"page": page, "dpi": _DPI, "width": 0, "raw": True, "media_type": media_type}
        answer = self._pages.render(document, order)
        width, height = int.from_bytes(answer[:4], "big"), int.from_bytes(answer[4:8], "big")
        if len(answer) != 8 + width * height * 3 or not (width and height):
            raise BadAnswer("The page's pixels are not of the agreed form.")
        return width, height, answer[8:]

    def _path(self, document: Digest, ending: str) -> Path:
        require_no_link(self._folder)
        return self._folder / f"document-{document[:16]}.{ending}"


def require_no_link(folder: Path) -> None:
    """Refuse an ``out/`` that leads elsewhere: nothing leaves but to where a person sees it go."""
    if folder.is_symlink():
        raise DamagedArchive("out/ of this archive is a link to another place.", remedy="Take the link out.")


class _private:
    """A file that only its owner reads; it appears whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.part")

    def __enter__(self) -> _private:
        try:
            self._file = os.fdopen(os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb")
        except OSError as error:
            raise UnburntError(f"The export could not be written: {error.strerror}.") from error
        return self

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise UnburntError(f"The export could not be written: {error.strerror}.") from error

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._file.close()
        if kind is None:
            self._temporary.replace(self._path)
        else:
            self._temporary.unlink(missing_ok=True)


def pixel_pdf(pages: Iterator[tuple[int, int, bytes]]) -> Iterator[bytes]:
    """A minimal PDF 1.4 (ISO 32000-1) of RGB pictures, written piece by piece: one page a picture, 150 dpi."""
    offsets: dict[int, int] = {}
    position = 0

    def numbered(number: int, body: bytes) -> bytes:
        nonlocal position
        offsets[number] = position
        piece = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        position += len(piece)
        return piece

    header = b"%PDF-1.4\n"
    position = len(header)
    yield header
    kids: list[int] = []
    number = 3
    for width, height, pixels in pages:
        points = (width * 72 / _DPI, height * 72 / _DPI)
        picture = zlib.compress(pixels, 6)
        drawing = b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % points
        yield numbered(number, (
            b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
            b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream"
        ) % (width, height, len(picture), picture))
        yield numbered(number + 1, b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawing), drawing))
        yield numbered(number + 2, (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>"
        ) % (*points, number + 1, number))
        kids.append(number + 2)
        number += 3
    yield numbered(1, b"<</Type/Catalog/Pages 2 0 R>>")
    yield numbered(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)))
    table = b"".join(b"%010d 00000 n \n" % offsets[one] for one in range(1, number))
    yield b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        number, table, number, position,
    )
