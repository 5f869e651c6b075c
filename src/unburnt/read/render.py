"""A page as pixels, made in a sandboxed child: for the desk, and in grey for OCR."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable

import msgspec
import pypdfium2
from PIL import Image, ImageOps

from unburnt.base.limits import MIB, Limits
from unburnt.read.errors import Damaged
from unburnt.read.formats import pdf
from unburnt.read.formats.images_open import check_pixels, open_picture
from unburnt.read.source import Source

PIECE = 4 * MIB
"""The longest answer frame."""
WIDEST = 8_000
"""The most pixels in one direction."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which page (0-based), and how: *width* pixels wide in colour, or *gray* at *dpi* dots per inch.

    A picture is never enlarged in colour, and keeps its own pixels in grey.
    """

    page: int
    width: int = 1_000
    media_type: str = "application/pdf"
    gray: bool = False
    dpi: int = 300
    passwords: tuple[str, ...] = ()
    pixels: int = Limits().pixels


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Answer with one PNG in pieces of at most 4 MiB."""
    wanted = msgspec.msgpack.decode(payload, type=Wanted)
    with os.fdopen(files[0], "rb", closefd=False) as untrusted_file:
        source = Source(untrusted_file, untrusted_file.seek(0, os.SEEK_END), passwords=wanted.passwords)
        picture = _pdf_page(source, wanted) if wanted.media_type == "application/pdf" else _frame(source, wanted)
    file = io.BytesIO()
    # Little compression: the keeper looks at the picture once, and time counts more than size.
    picture.save(file, "PNG", compress_level=1)
    answer = memoryview(file.getvalue())
    for start in range(0, len(answer), PIECE):
        send(bytes(answer[start : start + PIECE]))


def warm() -> None:
    """Load everything that drawing may need."""
    Image.init()
    Image.new("L", (8, 8)).resize((4, 4), Image.Resampling.LANCZOS).save(io.BytesIO(), "PNG")
    document = pypdfium2.PdfDocument.new()
    document.new_page(10, 10).render().to_pil()
    document.close()


def _pdf_page(source: Source, wanted: Wanted) -> Image.Image:
    document, _ = pdf.open_document(source)
    with contextlib.closing(document):
        if not 0 <= wanted.page < len(document):
            raise Damaged("The document has no such page.")
        document.init_forms()
        page = document[wanted.page]
        width, height = page.get_size()
        scale = wanted.dpi / 72 if wanted.gray else wanted.width / max(width, 1)
        scale = min(scale, WIDEST / max(width, height, 1), (wanted.pixels / max(width * height, 1)) ** 0.5)
        picture: Image.Image = page.render(scale=scale, grayscale=wanted.gray).to_pil()
        return picture.convert("L" if wanted.gray else "RGB")


def _frame(source: Source, wanted: Wanted) -> Image.Image:
    picture = open_picture(source.file)
    picture.seek(wanted.page)
    check_pixels(picture, wanted.pixels)
    if not wanted.gray:
        picture.draft("RGB", (wanted.width, wanted.width))
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        # What is transparent is shown on white, as on paper.
        layer = turned.convert("RGBA")
        turned = Image.new("RGBA", layer.size, "white")
        turned.alpha_composite(layer)
    if turned.mode.startswith("I;16") or turned.mode in ("I", "F"):
        turned = ImageOps.autocontrast(turned.point(lambda value: value / 256).convert("L"))
    turned = turned.convert("L" if wanted.gray else "RGB")
    if not wanted.gray and turned.width > wanted.width:
        height = max(1, round(turned.height * wanted.width / turned.width))
        turned = turned.resize((wanted.width, height), Image.Resampling.LANCZOS)
    return turned
