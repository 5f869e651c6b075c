"""What people wrote about a picture: IPTC's captions (IIM 4.2) and XMP (ISO 16684-1), as photographers and agencies keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

from PIL import Image, ImageFile, IptcImagePlugin

from unburnt.read.charset import decode
from unburnt.read.formats.pages.images_open import quiet

_IPTC: Final = {
    5: "title", 25: "keywords", 40: "instructions", 55: "date created", 80: "by-line", 85: "by-line title", 90: "city",
    92: "place", 95: "province", 101: "country", 103: "reference", 105: "headline", 110: "credit", 115: "source", 116: "copyright",
    118: "contact", 120: "caption", 122: "caption writer",
}  # fmt: skip
_UTF8: Final = b"\x1b%G"
_MOST_BYTES: Final = 1 << 20
_MOST: Final = 200
_LONGEST: Final = 10_000
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MACHINES: Final = (
    # What a camera or a program says to itself; EXIF's own is read where it stands.
    "/camera-raw-settings/", "/tiff/", "/exif/", "/xap/1.0/mm/", "/xap/1.0/sType/", "/xap/1.0/g/", "/gpano/", "hdr-gain-map",
    "hdrgm", "/photos/1.0/container/", "22-rdf-syntax-ns#", "adobe:ns:meta/",
)


def words_of(image: Image.Image, packet: bytes = b"") -> dict[str, str]:
    """Each thing said, called ``iptc:caption`` or ``xmp:description``; what is damaged gives nothing.

    *packet* is XMP that Pillow does not find.
    """
    with quiet():
        try:
            captions = IptcImagePlugin.getiptcinfo(image) if isinstance(image, ImageFile.ImageFile) else None
            return {**_iptc(captions or {}), **_xmp(packet or _packet(image))}
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a broken caption must not cost the picture
            return {}


def _iptc(records: Mapping[tuple[int, int], Any]) -> dict[str, str]:
    declared = "utf-8" if records.get((1, 90)) == _UTF8 else None
    found: dict[str, str] = {}
    for (record, number), value in records.items():
        name = _IPTC.get(number) if record == 2 else None
        if name is not None:
            values = value[:_MOST] if isinstance(value, list) else [value]
            texts = [decode(bytes(one), declared, native=False).text.strip("\0 ") for one in values]
            if text := "; ".join(filter(None, texts)):
                found[f"iptc:{name}"] = text[:_LONGEST]
    return found


def _packet(image: Image.Image) -> bytes:
    value = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or getattr(image, "tag_v2", {}).get(700) or b""
    return value.encode() if isinstance(value, str) else bytes(value)


def _xmp(packet: bytes) -> dict[str, str]:
    start, end = packet.find(b"<"), packet.rfind(b">")
    if not 0 <= start < end <= _MOST_BYTES or b"<!" in packet.replace(b"<!--", b""):
        return {}
    found: dict[str, list[str]] = {}
    for element in ElementTree.fromstring(packet[start : end + 1]).iter():
        said = [(name, value) for name, value in element.attrib.items() if name.startswith("{")]
        if not element.tag.startswith(_RDF):
            items = [item.text or "" for item in element.iter(f"{_RDF}li") if not len(item)]
            said += [(element.tag, text) for text in items or [element.text or ""]]
        for name, value in said:
            if value.strip() and name[1:].partition("}")[0] and not any(one in name for one in _MACHINES) and len(found) < _MOST:
                found.setdefault(f"xmp:{name.rpartition('}')[2]}", []).append(" ".join(value.split()))
    return {name: "; ".join(dict.fromkeys(values))[:_LONGEST] for name, values in found.items()}
