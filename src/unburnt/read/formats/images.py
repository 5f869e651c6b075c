"""Pictures: each frame a page that waits for OCR, with its size in pixels; what the camera wrote is metadata."""

from __future__ import annotations

import re
import warnings
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

# Our own limit is checked before anything is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None

MEDIA_TYPES = ("image/png", "image/jpeg", "image/tiff", "image/gif", "image/webp", "image/bmp")
TROUBLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, AttributeError, OverflowError, ZeroDivisionError)
"""What Pillow raises over damaged files."""
_LONGEST = 5_000
_EXIF_FOLDER, _GPS_FOLDER = 0x8769, 0x8825
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d:\d\d:\d\d)")
_ZONE = re.compile(r"[+-]\d\d:\d\d")
_DATES = (
    ("DateTimeOriginal", "OffsetTimeOriginal", "taken"),
    ("DateTimeDigitized", "OffsetTimeDigitized", "digitized"),
    ("DateTime", "OffsetTime", "modified"),
)


def read(source: Source, emitter: Emitter) -> Ending:
    """Name every frame of a TIFF, and the one picture of other files, as a page that needs OCR."""
    picture = open_picture(source)
    emitter.metadata(_metadata(picture))
    frames = frame_count(picture)
    emitter.expect(pages=frames)
    emitter.check_pages(frames)
    damaged = 0
    for number in range(frames):
        try:
            picture.seek(number)
            width, height = oriented_size(picture)
            check_pixels(picture, emitter.pixels_limit)
            picture.load()
        except TROUBLE:
            damaged += 1
            continue
        emitter.part("page", str(number + 1), "", page=number, width=float(width), height=float(height))
        emitter.note("page-needs-ocr", str(number))
    if damaged:
        if damaged == frames:
            raise Damaged("The picture's data is cut short or damaged.")
        emitter.note("damaged-frames", f"{damaged} of {frames} pictures are cut short or damaged.")
    return Ending(Outcome.NEEDS_OCR, "It is a picture: only OCR can read what is written in it.")


def open_picture(source: Source) -> Image.Image:
    """The picture, its head read and nothing decoded. Raises :class:`Damaged`."""
    source.file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(source.file, formats=("PNG", "JPEG", "MPO", "TIFF", "GIF", "WEBP", "BMP", "DIB"))
    except (UnidentifiedImageError, *TROUBLE) as error:
        raise Damaged("The picture's head is damaged.") from error


def frame_count(picture: Image.Image) -> int:
    """Pages of a TIFF; an animation counts as its first picture."""
    if picture.format != "TIFF":
        return 1
    try:
        return max(1, int(getattr(picture, "n_frames", 1)))
    except TROUBLE:
        return 1


def check_pixels(picture: Image.Image, limit: int) -> None:
    """Raises :class:`Stopped` where the present frame would decode to more than *limit* pixels."""
    width, height = picture.size
    if width * height > limit:
        raise Stopped("pixels", f"The picture has {width} x {height} pixels, more than is safe to decode.")


def oriented_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height as the picture is meant to be seen."""
    width, height = picture.size
    turned = picture.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _metadata(picture: Image.Image) -> Metadata:
    try:
        tags = _tags(picture)
    except TROUBLE:
        tags = {}
    dates = tuple(_date(kind, tags[name], tags.get(zone, ""), name) for name, zone, kind in _DATES if name in tags)
    fields = {f"exif:{name}": value for name, value in tags.items() if name not in {one[0] for one in _DATES}}
    for key, value in list(picture.info.items())[:100]:
        if isinstance(value, str) and value.strip():
            fields[f"image:{key}"] = value[:_LONGEST]
        elif key == "comment" and isinstance(value, bytes):
            fields["image:comment"] = decode(value[:_LONGEST], native=False).text
    fields["image:format"] = str(picture.format)
    return Metadata(
        title=tags.get("XPTitle") or tags.get("ImageDescription"), author=tags.get("Artist") or tags.get("XPAuthor"),
        dates=dates, fields=fields,
    )


def _tags(picture: Image.Image) -> dict[str, str]:
    exif = picture.getexif()
    named: dict[str, str] = {}
    for number, value in [*exif.items(), *exif.get_ifd(_EXIF_FOLDER).items()]:
        _put(named, ExifTags.TAGS.get(number, str(number)), value)
    for number, value in exif.get_ifd(_GPS_FOLDER).items():
        _put(named, ExifTags.GPSTAGS.get(number, f"GPS {number}"), value)
    return named


def _put(named: dict[str, str], name: str, value: Any) -> None:
    if name in ("MakerNote", "ExifOffset", "GPSInfo", "PrintImageMatching", "StripOffsets", "StripByteCounts", "JPEGTables",
                "TileOffsets", "TileByteCounts", "ColorMap"):  # fmt: skip
        return
    if isinstance(value, bytes):
        if name.startswith("XP"):
            value = value.decode("utf-16-le", "replace")
        elif name == "UserComment":
            value = value[8:].decode("utf-16" if value.startswith(b"UNICODE") else "utf-8", "replace")
        else:
            value = value.decode("ascii", "replace") if value.isascii() else value.hex()
    elif isinstance(value, tuple):
        value = " ".join(map(str, value[:20]))
    shown = str(value).strip("\x00 ")[:_LONGEST]
    if shown:
        named[name] = shown


def _date(kind: str, value: str, zone: str, name: str) -> Date:
    origin = f"exif:{name}"
    found = _TIME.match(value)
    if found is None or found[1] == "0000":
        return Date(kind=kind, value=value[:100], zone="unknown", origin=origin, certain=False)
    has_zone = _ZONE.fullmatch(zone) is not None
    shown = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}" + (zone if has_zone else "")
    return Date(kind=kind, value=shown, zone=zone if has_zone else "unknown", origin=origin)


FORMATS = (Format("image", MEDIA_TYPES, read, memory_safe=False, version=1, libraries=("pillow",)),)
