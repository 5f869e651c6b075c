"""Making a picture fit for recognition, inside the sandbox: Pillow alone, no network and no file."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import msgspec
import PIL.ImageFile
import PIL.PngImagePlugin
from PIL import Image

from unburnt.base.limits import Limits
from unburnt.read.ocr.ruling import Row, unruled
from unburnt.read.ocr.straighten import despeckled, paper, skew_of

_FRAME = 4 << 20
_HEADER = struct.Struct(">I")
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Pillow turns against the clock."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: degrees against the clock, and the rows of ruled tables on the new picture."""

    skew: float = 0.0
    is_cleaned: bool = False
    rows: tuple[Row, ...] = ()


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Turn the PNG in *payload* (behind a big-endian 32-bit number of degrees clockwise), clean and straighten it.

    Answers a :class:`Found` behind its length, then the new PNG, or nothing where the old one is as good.
    """
    (turn,) = _HEADER.unpack_from(payload)
    with Image.open(io.BytesIO(payload[_HEADER.size :]), formats=["PNG"]) as untrusted_image:
        if untrusted_image.width * untrusted_image.height > Limits().pixels:
            raise ValueError("too many pixels")
        image = untrusted_image.convert("L")
    given = image
    if turn in _TURNS:
        image = image.transpose(_TURNS[turn])
    cleaned = despeckled(image)
    is_cleaned = cleaned is not image
    skew = skew_of(cleaned)
    image = cleaned
    if skew:
        image = image.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=paper(image))
    image, rows = unruled(image)
    found = msgspec.msgpack.encode(Found(skew=skew, is_cleaned=is_cleaned, rows=tuple(rows)))
    answer = _HEADER.pack(len(found)) + found + (_png(image) if image is not given else b"")
    for start in range(0, len(answer), _FRAME):
        send(answer[start : start + _FRAME])


def warm() -> None:
    """Load Pillow's PNG reader and its resamplers."""
    PIL.ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.init()
    image = Image.new("L", (64, 64), 255)
    with Image.open(io.BytesIO(_png(image))) as again:
        skew_of(again.convert("L"))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
