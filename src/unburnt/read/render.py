"""Pictures of pages, made in the sandbox: PDF by pdfium, OFD and pictures by Pillow; nothing is ever run or fetched."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import msgspec
import PIL.ImageFile
import PIL.ImageOps
import pypdfium2
from PIL import Image

from unburnt.base.limits import Limits
from unburnt.read.errors import GivenUp
from unburnt.read.formats.pages import images_open, ofd_draw
from unburnt.read.formats.pages.pdf_recovery import recovered, rewritten

MOST_WIDTH = 4000
"""Pixels; wider pictures of pages are not made for looking at."""
MOST_WIDTH_AT_DPI = 8000
"""A3 and somewhat more at the 300 dpi that OCR wants."""
_MOST_PIXELS = Limits().pixels
_FRAME = 4 << 20
_POINTS = 72.0
_LOCKED = (4, 5)
"""pdfium's numbers for a wrong password and another kind of lock."""
_WHITE = (255, 255, 255, 255)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What picture is wanted. *page* counts from 0; *width* in pixels, 0 for as many as *dpi* gives."""

    page: int
    width: int = 0
    dpi: int = 150
    gray: bool = False
    raw: bool = False
    """RGB bytes behind two big-endian 32-bit numbers, width and height, in place of PNG."""
    media_type: str = ""
    passwords: tuple[str, ...] = ()


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Answer one :class:`Order` about ``files[0]``; answers nothing where there is no such page or no way in."""
    order = msgspec.msgpack.decode(payload, type=Order)
    with os.fdopen(files[0], "rb", closefd=False) as untrusted_file:
        picture = _picture(untrusted_file, order)
    if picture is None:
        return
    data = _raw(picture) if order.raw else _png(picture)
    for start in range(0, len(data), _FRAME):
        send(data[start : start + _FRAME])


def warm() -> None:
    """Load pdfium with its fonts; Pillow's plugins are there with ``images_open``."""
    # Half a picture is worth looking at.
    PIL.ImageFile.LOAD_TRUNCATED_IMAGES = True
    document = pypdfium2.PdfDocument.new()
    _png(_drawn(document.new_page(10, 10), 1.0, gray=False))
    document.close()
    ofd_draw.warm()


def _picture(untrusted_file: BinaryIO, order: Order) -> Image.Image | None:
    if order.page < 0:
        return None
    if order.media_type.startswith("image/"):
        return _of_picture(untrusted_file, order)
    if order.media_type == "application/ofd":
        return _of_ofd(untrusted_file, order)
    return _of_pdf(untrusted_file, order)


def _of_ofd(untrusted_file: BinaryIO, order: Order) -> Image.Image | None:
    try:
        sheet = ofd_draw.open_page(untrusted_file, order.page)
    except GivenUp:
        return None
    if sheet is None:
        return None
    canvas = ofd_draw.Canvas(sheet, _scale(*sheet.size, order))
    canvas.draw()
    return canvas.image.convert("L") if order.gray else canvas.image


def _of_pdf(untrusted_file: BinaryIO, order: Order) -> Image.Image | None:
    document = _opened(untrusted_file, order.passwords)
    if document is None:
        return None
    try:
        document.init_forms()
        if order.page >= len(document):
            return None
        page = document[order.page]
    except pypdfium2.PdfiumError:
        return None
    width, height = page.get_size()
    if not (0 < width < 1e7 and 0 < height < 1e7):
        return None
    return _drawn(page, _scale(width, height, order), gray=order.gray)


def _opened(untrusted_file: BinaryIO, passwords: tuple[str, ...]) -> pypdfium2.PdfDocument | None:
    """The document, mended as its reader mends it (``pdf_opening``): what was read can be looked at."""
    found, is_locked = _unlocked(untrusted_file, passwords)
    if is_locked or (found is not None and len(found)):
        return found
    size = untrusted_file.seek(0, io.SEEK_END)
    for mend in (partial(rewritten, password=""), partial(recovered, size=size)):
        other = mend(untrusted_file)
        mended = _unlocked(other, passwords)[0] if other is not None else None
        if mended is not None and len(mended):
            return mended
    return found


def _unlocked(untrusted_file: BinaryIO, passwords: tuple[str, ...]) -> tuple[pypdfium2.PdfDocument | None, bool]:
    """The document, or None and whether it is a password that lacks."""
    is_locked = False
    for password in (None, *passwords):
        untrusted_file.seek(0)
        try:
            return pypdfium2.PdfDocument(untrusted_file, password=password), False
        except pypdfium2.PdfiumError as error:
            is_locked = is_locked or error.err_code in _LOCKED
    return None, is_locked


def _scale(width: float, height: float, order: Order) -> float:
    """Pixels a point, so that no limit on pixels is passed."""
    wanted = min(order.width, MOST_WIDTH) / width if order.width > 0 else max(1, order.dpi) / _POINTS
    widest = MOST_WIDTH if order.width > 0 else MOST_WIDTH_AT_DPI
    # The renderer rounds both sides up: 3 % below the limit leaves room for that.
    most: float = min(widest / width, (_MOST_PIXELS * 0.97 / (width * height)) ** 0.5, _MOST_PIXELS * 0.4 / height)
    return min(wanted, most)


def _drawn(page: pypdfium2.PdfPage, scale: float, *, gray: bool) -> Image.Image:
    bitmap = page.render(scale=scale, grayscale=gray, rev_byteorder=True, fill_color=_WHITE)
    mode = "L" if gray else "RGB"
    view = Image.frombuffer(mode, (bitmap.width, bitmap.height), bitmap.buffer, "raw", mode, bitmap.stride, 1)
    # The buffer goes when the bitmap does.
    return view.copy()


def _of_picture(untrusted_file: BinaryIO, order: Order) -> Image.Image | None:
    try:
        image = images_open.open_picture(untrusted_file)
        with images_open.quiet():
            images_open.turn_to(image, order.page)
            images_open.check_pixels(image, _MOST_PIXELS)
            image.load()
            upright = PIL.ImageOps.exif_transpose(image) if images_open.turned(image) != 1 else image
            return _fitted(_opaque(upright), order)
    except (GivenUp, EOFError):
        return None


def _opaque(image: Image.Image) -> Image.Image:
    """RGB on white; deep gray is scaled down and not cut off."""
    if image.mode.startswith("I") or image.mode == "F":
        deep = image.convert("F")
        lowest, highest = deep.getextrema()
        factor = 255.0 / max(1.0, float(highest) - float(lowest))  # type: ignore[arg-type]
        shift = float(lowest) * factor  # type: ignore[arg-type]
        return deep.point(lambda value: value * factor - shift).convert("L").convert("RGB")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return image.convert("RGB")


def _fitted(image: Image.Image, order: Order) -> Image.Image:
    width = min(image.width, order.width, MOST_WIDTH) if order.width > 0 else image.width
    if width < image.width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image.convert("L") if order.gray else image


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    # Little compression: the picture is looked at once, and time counts more than size.
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _raw(image: Image.Image) -> bytes:
    return struct.pack(">II", image.width, image.height) + image.convert("RGB").tobytes()
