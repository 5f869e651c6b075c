"""Pictures as archives of scans, fax programs and picture editors keep them, read and drawn in the real sandbox."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.read_in_sandbox import read
from tests.unit.test_read_phone_photos import drawn
from unburnt.read.extensions import mismatch
from unburnt.read.sniff import sniff
from unburnt.read.source import Source
from unburnt.sandbox.runner import Sandbox

KINDS = {
    "a.jp2": ("JPEG2000", {}, "image/jp2"), "a.j2k": ("JPEG2000", {"no_jp2": True}, "image/jp2"),
    "a.pcx": ("PCX", {}, "image/vnd.zbrush.pcx"), "a.tga": ("TGA", {"rle": True}, "image/x-tga"),
    "a.ppm": ("PPM", {}, "image/x-portable-anymap"), "a": ("PPM", {}, "image/x-portable-anymap"),
}  # fmt: skip


def sniffed(data: bytes, name: str = "") -> str:
    return sniff(Source(io.BytesIO(data), len(data), name))


def saved(kind: str, image: Image.Image | None = None, **how: object) -> bytes:
    file = io.BytesIO()
    (image or Image.effect_noise((120, 80), 90)).save(file, kind, **how)
    return file.getvalue()


def photoshop(*layers: str, exif: bytes = b"") -> bytes:
    """A red picture of 40 × 30 points whose layers have these names, in 8 bits and not packed."""
    records = b""
    for name in layers:
        own = bytes([len(name)]) + name.encode() + bytes(-(len(name) + 1) % 4)
        extra = bytes(8) + own
        records += struct.pack(">4iH", 0, 0, 0, 0, 3) + b"".join(struct.pack(">hI", channel, 2) for channel in range(3))
        records += b"8BIMnorm\xff\0\0\0" + struct.pack(">I", len(extra)) + extra
    info = struct.pack(">h", len(layers)) + records + bytes(2 * 3 * len(layers))
    section = struct.pack(">I", len(info)) + info if layers else b""
    resources = b"8BIM" + struct.pack(">H", 1058) + bytes(2) + struct.pack(">I", len(exif)) + exif + bytes(len(exif) % 2) if exif else b""
    plane = 40 * 30
    return (
        b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30, 40, 8, 3) + bytes(4) + struct.pack(">I", len(resources)) + resources
        + struct.pack(">I", len(section)) + section + bytes(2) + b"\xff" * plane + bytes(2 * plane)
    )  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_is_a_page_that_waits_for_ocr_and_can_be_looked_at(
    sandbox: Sandbox, painter: Sandbox, tmp_path: Path, name: str
) -> None:
    kind, how, media_type = KINDS[name]
    data = saved(kind, **how)
    (tmp_path / name).write_bytes(data)
    assert sniffed(data, name) == media_type
    said = read(sandbox, tmp_path / name)
    assert (said.outcome, said.noted("page-needs-ocr")) == ("needs-ocr", ["0"])
    assert (said.one("page").width, said.one("page").height) == (120, 80)
    assert drawn(painter, tmp_path / name, 0, media_type).size == (120, 80)


@pytest.mark.parametrize("name", KINDS)
def test_half_a_picture_is_damaged(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    kind, how, _ = KINDS[name]
    data = saved(kind, **how)
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    said = read(sandbox, tmp_path / name)
    assert (said.ended.kind, said.outcome) == ("done", "damaged")


def test_each_page_of_a_fax_in_dcx_is_a_page(sandbox: Sandbox, painter: Sandbox, tmp_path: Path) -> None:
    pages = [saved("PCX", Image.effect_noise((100 + number, 60), 90)) for number in range(3)]
    starts = [16 + sum(map(len, pages[:number])) for number in range(3)]
    (tmp_path / "a.dcx").write_bytes(struct.pack("<5I", 987654321, *(start + 4 for start in starts), 0)[:20] + b"".join(pages))
    said = read(sandbox, tmp_path / "a.dcx")
    assert [(page.page, page.width) for page in said.pages()] == [(0, 100), (1, 101), (2, 102)]
    assert drawn(painter, tmp_path / "a.dcx", 2, "image/x-dcx").width == 102


def test_of_a_picture_in_layers_the_whole_is_one_page_and_the_layers_are_named(
    sandbox: Sandbox, painter: Sandbox, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Nikon"
    data = photoshop("stamp", "signature", exif=exif.tobytes()[6:])
    (tmp_path / "a.psd").write_bytes(data)
    assert sniffed(data) == "image/vnd.adobe.photoshop"
    said = read(sandbox, tmp_path / "a.psd")
    assert [(page.width, page.height) for page in said.pages()] == [(40, 30)]
    assert (said.metadata.fields["psd:Layers"], said.metadata.fields["exif:Make"]) == ("stamp, signature", "Nikon")
    assert drawn(painter, tmp_path / "a.psd", 0, "image/vnd.adobe.photoshop").getpixel((5, 5)) == (255, 0, 0)


def test_an_icon_of_apple_is_a_picture(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.icns").write_bytes(saved("ICNS", Image.effect_noise((64, 64), 90)))
    assert read(sandbox, tmp_path / "a.icns").outcome == "needs-ocr"


def test_exif_and_xmp_in_boxes_of_a_scan_are_metadata(sandbox: Sandbox, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Zeutschel"
    content = b"JpgTiffExif->JP2" + exif.tobytes()[6:]
    data = saved("JPEG2000")
    at = data.index(b"jp2c") - 4
    box = (8 + len(content)).to_bytes(4, "big") + b"uuid" + content
    packet = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + b"""<x xmlns:d="http://purl.org/dc/elements/1.1/" d:source="box 7"/>"""
    box += (8 + len(packet)).to_bytes(4, "big") + b"uuid" + packet
    (tmp_path / "a.jp2").write_bytes(data[:at] + box + data[at:])
    said = read(sandbox, tmp_path / "a.jp2")
    assert (said.outcome, said.metadata.fields["exif:Make"]) == ("needs-ocr", "Zeutschel")
    assert said.metadata.fields["xmp:source"] == "box 7"


def test_a_scan_of_too_many_pixels_is_refused_before_it_is_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    data = bytearray(saved("JPEG2000", no_jp2=True))
    data[8:16] = (20_000).to_bytes(4, "big") * 2
    (tmp_path / "a.j2k").write_bytes(data)
    said = read(sandbox, tmp_path / "a.j2k")
    assert said.outcome == "refused"
    assert said.ended.peak_memory < 200 << 20


@pytest.mark.parametrize("name", ["a.heic", "a.avif", "a.jp2", "a.psd", "a.ppm", "a.jpg"])
def test_a_picture_of_another_kind_than_its_name_says_is_noted(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(saved("PNG"))
    assert len(read(sandbox, tmp_path / name).noted("extension-mismatch")) == 1
    assert mismatch("a.heic", "image/heif") is None


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "a", "image/jxl"), (b"\xff\x0a" + bytes(20), "a.jxl", "image/jxl"),
        (b"BPG\xfb" + bytes(20), "a", "image/bpg"), (b"8BPS\0\2" + bytes(20), "a.psb", "application/x-photoshop-large"),
        (b"P3\n1 1\n255\n0 0 0\n", "a.ppm", "image/x-portable-anymap"), (b"P3 1 1 is the third paragraph", "a.txt", "text/plain"),
        (b"icns are the icons of Apple", "a.txt", "text/plain"),
    ],
)  # fmt: skip
def test_what_nobody_decodes_is_named_and_what_only_begins_like_a_picture_is_none(data: bytes, name: str, media_type: str) -> None:
    assert sniffed(data, name) == media_type
