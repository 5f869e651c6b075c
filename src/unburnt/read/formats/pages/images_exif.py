"""What a picture says about itself: EXIF (CIPA DC-008), GPS, the text chunks of PNG, and what people wrote about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image, PsdImagePlugin

from unburnt.model.reading import Date, Metadata
from unburnt.read.formats.pages.images_boxes import said_in_boxes
from unburnt.read.formats.pages.images_open import quiet
from unburnt.read.formats.pages.images_words import words_of
from unburnt.read.source import Source

_LONGEST = 2000
_MOST = 200
_BLOCK = re.compile(rb"Exif\0\0((?:II\*\0|MM\0\*))")
_SEARCHED, _LONGEST_BLOCK = 8 << 20, 1 << 20
_PSD_EXIF, _PSD_XMP = 1058, 1060
"""Image resources (Adobe Photoshop File Formats Specification)."""
_EXIF_DATE = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
# tag, its offset, its fraction of a second, the kind of date
_DATES = (
    ("DateTimeOriginal", "OffsetTimeOriginal", "SubsecTimeOriginal", "taken"),
    ("DateTimeDigitized", "OffsetTimeDigitized", "SubsecTimeDigitized", "created"),
    ("DateTime", "OffsetTime", "SubsecTime", "modified"),
)
_SKIPPED = frozenset((
    "ExifOffset", "GPSInfo", "MakerNote", "PrintImageMatching", "ComponentsConfiguration", "JPEGInterchangeFormat",
    "StripOffsets", "StripByteCounts", "TileOffsets", "TileByteCounts", "ColorMap", "JPEGTables", "InterColorProfile",
    "XMLPacket", "Padding", "ImageResources", "ExifInteroperabilityOffset",
    *(name for row in _DATES for name in row[:3]),
))
_BY_NAME = {name: number for number, name in ExifTags.TAGS.items()}


def metadata_of(image: Image.Image, pages: int, source: Source) -> Metadata:
    """EXIF and text chunks as metadata; a zone is given only where the file states one."""
    exif_block, packet = _elsewhere(image, source)
    tags, places = _tags(image, exif_block)
    fields: dict[str, str] = {}
    _exif_fields(tags, fields)
    if stated := image.info.get("original_orientation"):
        # A HEIC is turned by a property of its own, so that the library takes away what EXIF says of it.
        fields["exif:Orientation"] = str(stated)
    _chunks(image, fields)
    _layers(image, fields)
    fields |= words_of(image, packet)
    dates = _dates(tags) + _place(places, fields)
    return Metadata(
        author=fields.get("exif:Artist") or fields.get("png:Author") or fields.get("iptc:by-line") or fields.get("xmp:creator"),
        title=fields.get("png:Title") or fields.get("exif:XPTitle") or fields.get("iptc:title") or fields.get("xmp:title"),
        dates=tuple(dates), pages=pages, fields=fields,
    )


def metadata_of_unopened(source: Source) -> Metadata:
    """EXIF that stands near the beginning of a picture which cannot be opened: its place and time can be had all the same."""
    untrusted_head = source.head(_SEARCHED)
    found = _BLOCK.search(untrusted_head)
    if found is None:
        return Metadata()
    tags, places = _tags(Image.new("1", (1, 1)), untrusted_head[found.start(1) : found.start(1) + _LONGEST_BLOCK])
    fields: dict[str, str] = {}
    _exif_fields(tags, fields)
    dates = _dates(tags) + _place(places, fields)
    return Metadata(author=fields.get("exif:Artist"), dates=tuple(dates), fields=fields)


def _tags(image: Image.Image, block: bytes) -> tuple[dict[int, Any], dict[int, Any]]:
    """EXIF's own and the place's; *block* is EXIF that Pillow does not find."""
    with quiet():
        try:
            exif = _exif(image, block)
            tags: dict[int, Any] = dict(exif)
            tags.update(exif.get_ifd(ExifTags.IFD.Exif))
            return tags, dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a broken EXIF block must not cost the picture
            return {}, {}


def _exif(image: Image.Image, data: bytes) -> Image.Exif:
    if not data:
        return image.getexif()
    exif = Image.Exif()
    exif.load(data)
    return exif


def _elsewhere(image: Image.Image, source: Source) -> tuple[bytes, bytes]:
    """EXIF and XMP where Pillow does not look for them. They turn no picture there: nobody's viewer does."""
    if isinstance(image, PsdImagePlugin.PsdImageFile):
        found = {number: bytes(data) for number, _, data in image.resources}
        return found.get(_PSD_EXIF, b""), found.get(_PSD_XMP, b"")
    return said_in_boxes(source.file, source.size) if image.format == "JPEG2000" else (b"", b"")


def _layers(image: Image.Image, fields: dict[str, str]) -> None:
    if not isinstance(image, PsdImagePlugin.PsdImageFile):
        return
    with quiet():
        try:
            names = [_words(layer[0]) for layer in image.layers[:_MOST]]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - layers that cannot be followed must not cost the picture
            return
    if any(names):
        fields["psd:Layers"] = ", ".join(name for name in names if name)[:_LONGEST]


def _exif_fields(tags: Mapping[int, Any], fields: dict[str, str]) -> None:
    for number, value in tags.items():
        name = ExifTags.TAGS.get(number)
        if name is None or name in _SKIPPED or len(fields) >= _MOST:
            continue
        # Windows keeps what people write about a picture in letters of two bytes.
        text = _wide(bytes(value)) if name.startswith("XP") and isinstance(value, bytes | tuple) else _words(value)
        if text:
            fields[f"exif:{name}"] = text


def _chunks(image: Image.Image, fields: dict[str, str]) -> None:
    origin = (image.format or "picture").lower()
    for key, value in image.info.items():
        if isinstance(key, str) and isinstance(value, str) and value.strip() and len(fields) < _MOST:
            fields[f"{origin}:{key[:80]}"] = value.strip()[:_LONGEST]
    comment = image.info.get("comment")
    if isinstance(comment, bytes) and (text := _words(comment)):
        fields[f"{origin}:comment"] = text


def _dates(tags: Mapping[int, Any]) -> list[Date]:
    found = []
    for name, offset_name, fraction_name, kind in _DATES:
        raw = tags.get(_BY_NAME[name])
        if not isinstance(raw, str) or not raw.strip(" \0:"):
            continue
        match = _EXIF_DATE.match(raw.strip())
        if match is None or not _sensible(match):
            found.append(Date(kind=kind, value=raw.strip(" \0"), zone="unknown", origin=f"exif:{name}", certain=False))
            continue
        fraction = tags.get(_BY_NAME[fraction_name])
        part = f".{fraction.strip()}" if isinstance(fraction, str) and fraction.strip().isdecimal() else ""
        offset = tags.get(_BY_NAME[offset_name])
        zone = offset.strip(" \0") if isinstance(offset, str) and _OFFSET.fullmatch(offset.strip(" \0")) else ""
        value = "{}-{}-{}T{}:{}:{}".format(*match.groups()) + part + zone
        found.append(Date(kind=kind, value=value, zone=zone or "unknown", origin=f"exif:{name}"))
    return found


def _sensible(match: re.Match[str]) -> bool:
    year, month, day, hour, minute, second = map(int, match.groups())
    return year > 0 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61


def _place(places: Mapping[int, Any], fields: dict[str, str]) -> list[Date]:
    for name, value_tag, reference_tag in (
        ("Latitude", ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef),
        ("Longitude", ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef),
    ):
        degrees = _degrees(places.get(value_tag), places.get(reference_tag))
        if degrees is not None:
            fields[f"exif:GPS{name}"] = f"{degrees:.6f}"
    altitude = _number(places.get(ExifTags.GPS.GPSAltitude))
    if altitude is not None:
        fields["exif:GPSAltitude"] = f"{altitude:.1f}"
    day, clock = places.get(ExifTags.GPS.GPSDateStamp), places.get(ExifTags.GPS.GPSTimeStamp)
    if not isinstance(day, str) or not isinstance(clock, tuple) or len(clock) != 3:
        return []
    parts = [_number(one) for one in clock]
    hour, minute, second = parts
    if hour is None or minute is None or second is None:
        return []
    match = _EXIF_DATE.match(f"{day.strip(chr(0))} {int(hour):02}:{int(minute):02}:{int(second):02}")
    if match is None or not _sensible(match):
        return []
    value = "{}-{}-{}T{}:{}:{}Z".format(*match.groups())
    return [Date(kind="taken", value=value, zone="UTC", origin="exif:GPSDateStamp")]


def _degrees(value: object, reference: object) -> float | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [_number(one) for one in value]
    degrees, minutes, seconds = parts
    if degrees is None or minutes is None or seconds is None:
        return None
    total = degrees + minutes / 60 + seconds / 3600
    return -total if reference in ("S", "W") else total


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if number == number and abs(number) < 1e9 else None


def _words(value: object) -> str:
    """A value for people; bytes only where they are text."""
    if isinstance(value, bytes):
        if value[:8] in (b"ASCII\0\0\0", b"\0" * 8):
            value = value[8:]
        elif value[:8] == b"UNICODE\0":
            return _wide(value[8:])
        try:
            text = value.decode("utf-8").strip("\0 ")
        except UnicodeDecodeError:
            return ""
        return text[:_LONGEST] if text.isprintable() else ""
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value[:16])[:_LONGEST]
    return str(value).strip("\0 ")[:_LONGEST]


def _wide(data: bytes) -> str:
    """EXIF does not say which byte order; the one that gives printable text is taken."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data[: len(data) // 2 * 2].decode(encoding, "replace").strip("\0 ")
        if text.isprintable() and "\ufffd" not in text:
            return text[:_LONGEST]
    return ""
