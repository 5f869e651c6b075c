"""Opening pictures with Pillow: only formats that it decodes itself, and nothing decoded before its size is known."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import BinaryIO

import pi_heif
from PIL import AvifImagePlugin, ExifTags, Image, ImageOps, UnidentifiedImageError

from unburnt.read.errors import Damaged, Stopped

# Never EPS and its like: Pillow hands those to another program.
PILLOW_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "DIB", "AVIF", "HEIF", "JPEG2000", "PSD", "PCX", "DCX", "ICNS", "TGA", "PPM")
ONE_PICTURE = ("JPEG", "MPO", "PSD")
"""Formats whose further frames are no pages: previews that a camera put there, and the layers that a picture is made of."""
_TURNED = (5, 6, 7, 8)


def warm() -> None:
    """Load every plugin, and what plugins load when they are first used: a locked child can import nothing."""
    Image.init()
    # Previews, depths and masks are no pages. The children use one thread each; several of them run at once.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # Sizes are compared with the limit of the task instead, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    for kind in ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF", "JPEG2000", "PCX", "ICNS", "TGA", "PPM"):
        file = io.BytesIO()
        more = {"save_all": True, "append_images": [second]} if kind in ("TIFF", "WEBP", "GIF") else {}
        first.save(file, kind, exif=exif, **more)
        image = open_picture(file)
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            ImageOps.exif_transpose(image).convert("RGBA").convert("L").resize((4, 4))
    for colours in (first.quantize(2), first.convert("1"), first.convert("CMYK")):
        colours.convert("RGB")


def open_picture(file: BinaryIO) -> Image.Image:
    """The picture, not yet decoded. Raises :class:`Damaged`."""
    file.seek(0)
    with quiet():
        try:
            return Image.open(file, formats=PILLOW_FORMATS)
        except UnidentifiedImageError as error:
            raise Damaged("The picture cannot be opened: its header makes no sense.") from error
        except MemoryError:
            raise
        except Exception as error:
            raise Damaged(f"The picture cannot be opened ({type(error).__name__}).") from error


def turn_to(image: Image.Image, number: int) -> None:
    """The frame *number*, counted from 0; what a file shows first need not be the first. Raises EOFError."""
    if image.format not in ONE_PICTURE:
        image.seek(number)
    elif number:
        raise EOFError


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns about odd metadata; what matters becomes a note or an outcome."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def turned(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 where there is none or it makes no sense."""
    with quiet():
        try:
            value = image.getexif().get(ExifTags.Base.Orientation, 1)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a broken EXIF block must not cost the picture
            return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def shown_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as shown, turned as EXIF says."""
    width, height = image.size
    return (height, width) if turned(image) in _TURNED else (width, height)


def check_pixels(image: Image.Image, limit: int) -> None:
    """Raises :class:`Stopped` where decoding would take more than *limit* pixels."""
    width, height = image.size
    if width * height > limit:
        raise Stopped("pixels", f"The picture has {width} × {height} pixels, more than the limit of {limit}.")


warm()
