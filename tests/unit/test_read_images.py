"""Pictures read in the real sandbox: pages that wait for OCR, and what the camera wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from tests.read_in_sandbox import read
from unburnt.base.limits import Limits
from unburnt.model.reading import Date
from unburnt.sandbox.runner import Sandbox


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF"])
def test_a_picture_is_a_page_that_waits_for_ocr(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    Image.effect_noise((120, 80), 90).save(tmp_path / "a", kind)
    said = read(sandbox, tmp_path / "a")
    assert said.outcome == "needs-ocr"
    assert said.reason == "It is a picture; its text has not been read from the pixels yet."
    page = said.one("page")
    assert (page.text, page.page, page.label, page.width, page.height) == ("", 0, "1", 120, 80)
    assert said.noted("page-needs-ocr") == ["0"]
    assert said.expected.pages == 1


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "group4", "jpeg"])
def test_each_page_of_a_tiff_is_a_page(sandbox: Sandbox, tmp_path: Path, compression: str | None) -> None:
    pages = [Image.new("1" if compression == "group4" else "RGB", (100 + number, 60), "white") for number in range(4)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression=compression)
    said = read(sandbox, tmp_path / "a.tif")
    assert [(page.label, page.page, page.width) for page in said.pages()] == [
        (str(number + 1), number, 100 + number) for number in range(4)
    ]
    assert said.noted("page-needs-ocr") == ["0", "1", "2", "3"]
    assert (said.expected.pages, said.metadata.pages) == (4, 4)


def test_pages_of_a_tiff_that_is_cut_off_are_missed(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [Image.effect_noise((100 + number, 60), 90) for number in range(4)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    data = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(data[: len(data) * 6 // 10])
    said = read(sandbox, tmp_path / "a.tif")
    assert said.outcome == "partial"
    assert said.reason == "Page 3 of 4 and what follows was left out: The picture is damaged or cut off: its pixels cannot all be decoded."
    assert said.noted("page-needs-ocr") == ["0", "1"]


def test_a_turned_photograph_has_the_size_it_is_shown_in(sandbox: Sandbox, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    Image.new("RGB", (90, 40)).save(tmp_path / "a.jpg", exif=exif)
    page = read(sandbox, tmp_path / "a.jpg").one("page")
    assert (page.width, page.height) == (40, 90)


def test_what_the_camera_wrote_is_metadata_with_its_zone(sandbox: Sandbox, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Huawei", "P10"
    exif[ExifTags.Base.DateTime] = "2018:03:02 01:02:03"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2017:02:06 10:11:12"
    details[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (39.0, 28.0, 12.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "W", (75.0, 59.0, 24.0)
    Image.new("RGB", (60, 40)).save(tmp_path / "a.jpg", exif=exif)
    metadata = read(sandbox, tmp_path / "a.jpg").metadata
    assert (metadata.fields["exif:Make"], metadata.fields["exif:Model"]) == ("Huawei", "P10")
    assert metadata.fields["exif:GPSLatitude"] == "39.470000"
    assert metadata.fields["exif:GPSLongitude"] == "-75.990000"
    assert metadata.dates == (
        Date(kind="taken", value="2017-02-06T10:11:12+08:00", zone="+08:00", origin="exif:DateTimeOriginal"),
        Date(kind="modified", value="2018-03-02T01:02:03", zone="unknown", origin="exif:DateTime"),
    )


def test_a_date_of_zeros_is_uncertain_and_kept_as_written(sandbox: Sandbox, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "0000:00:00 00:00:00"
    Image.new("RGB", (60, 40)).save(tmp_path / "a.jpg", exif=exif)
    (date,) = read(sandbox, tmp_path / "a.jpg").metadata.dates
    assert (date.value, date.certain) == ("0000:00:00 00:00:00", False)


def test_words_in_a_png_are_metadata(sandbox: Sandbox, tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Title", "Screenshot")
    chunks.add_itxt("Comment", "截图")
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png", pnginfo=chunks)
    metadata = read(sandbox, tmp_path / "a.png").metadata
    assert metadata.title == "Screenshot"
    assert metadata.fields["png:Comment"] == "截图"


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
 photoshop:Headline="开工仪式" crs:Version="9.1"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">Построен новый
 корпус</rdf:li></rdf:Alt></dc:description><dc:subject><rdf:Bag><rdf:li>叶城</rdf:li><rdf:li>wall</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def captioned(text: bytes, coded: bytes = b"") -> bytes:
    """A JPEG's block of IPTC records, wrapped as Photoshop does."""
    records = coded + b"\x1c\x02\x78" + len(text).to_bytes(2, "big") + text + b"\x1c\x02\x19\x00\x05first\x1c\x02\x19\x00\x06second"
    block = b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    block = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "TIFF"])
def test_what_people_wrote_about_a_picture_is_found(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    exif, chunks = Image.Exif(), PngImagePlugin.PngInfo()
    exif[ExifTags.Base.XPComment] = "不得外传".encode("utf-16-le") + b"\0\0"
    chunks.add_itxt("XML:com.adobe.xmp", XMP)
    said = {"PNG": {"pnginfo": chunks}, "TIFF": {"tiffinfo": {700: XMP.encode()}}}.get(kind, {"xmp": XMP.encode(), "exif": exif})
    Image.new("RGB", (60, 40)).save(tmp_path / "a", kind, **said)
    found = read(sandbox, tmp_path / "a")
    fields = found.metadata.fields
    assert (fields["xmp:Headline"], fields["xmp:description"], fields["xmp:subject"]) == ("开工仪式", "Построен новый корпус", "叶城; wall")
    assert "xmp:Version" not in fields
    assert "Headline: 开工仪式" in found.properties
    if kind in ("JPEG", "WEBP"):
        assert fields["exif:XPComment"] == "不得外传"


@pytest.mark.parametrize(("encoding", "coded"), [("utf-8", b"\x1c\x01\x5a\x00\x03\x1b%G"), ("gb18030", b""), ("cp1251", b"")])
def test_captions_of_news_agencies_are_found(sandbox: Sandbox, tmp_path: Path, encoding: str, coded: bytes) -> None:
    text = "Начальник отдела открывает новое здание" if encoding == "cp1251" else "公安局长出席新楼开工仪式"
    Image.new("RGB", (60, 40)).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[:2] + captioned(text.encode(encoding), coded) + data[2:])
    said = read(sandbox, tmp_path / "a.jpg")
    assert (said.metadata.fields["iptc:caption"], said.metadata.fields["iptc:keywords"]) == (text, "first; second")
    assert f"caption: {text}" in said.properties


def test_a_caption_that_lies_costs_no_picture(sandbox: Sandbox, tmp_path: Path) -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]><x>&a;</x>"
    for packet in (bomb, b"<x>" * 100_000, b"<x", b"\xff" * 100, b"<?xml version='1.0' encoding='utf-16'?><x/>"):
        Image.new("RGB", (60, 40)).save(tmp_path / "a.webp", xmp=packet)
        assert read(sandbox, tmp_path / "a.webp").outcome == "needs-ocr"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF"])
def test_half_a_picture_is_damaged_and_can_still_be_looked_at(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    Image.effect_noise((300, 200), 90).convert("RGB").save(tmp_path / "a", kind)
    data = (tmp_path / "a").read_bytes()
    (tmp_path / "b").write_bytes(data[: len(data) // 2])
    said = read(sandbox, tmp_path / "b")
    assert said.ended.kind == "done", said.ended
    assert said.outcome == "damaged"
    assert len(said.pages()) <= 1


def test_a_tiff_whose_last_page_is_cut_off_is_read_in_part(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [Image.effect_noise((100, 60), 90) for _ in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    data = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "b.tif").write_bytes(data[: len(data) - 1000])
    said = read(sandbox, tmp_path / "b.tif")
    assert said.outcome in ("partial", "needs-ocr")
    assert said.noted("page-needs-ocr")[:2] == ["0", "1"]


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    said = read(sandbox, tmp_path / "a.png")
    assert said.outcome == "refused"
    assert "20000 × 20000 pixels" in said.reason
    assert said.ended.peak_memory < 200 << 20


def test_a_dot_is_too_small_to_hold_text(sandbox: Sandbox, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "a.gif")
    said = read(sandbox, tmp_path / "a.gif")
    assert (said.outcome, said.reason) == ("empty", "The picture is too small to hold text.")
    assert said.noted("page-needs-ocr") == []


def test_an_animation_gives_its_first_hundred_pictures(sandbox: Sandbox, tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (32, 32), (number, 255 - number, 0)) for number in range(130)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    said = read(sandbox, tmp_path / "a.gif")
    assert said.outcome == "needs-ocr"
    assert len(said.pages()) == 100
    assert len(said.noted("frames-left-out")) == 1


def test_a_chain_of_tiff_pages_that_bites_its_tail_ends(sandbox: Sandbox, tmp_path: Path) -> None:
    pages = [Image.new("L", (64, 64)) for _ in range(2)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    data = bytearray((tmp_path / "a.tif").read_bytes())
    first = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[first : first + 2], "little")
    place = first + 2 + entries * 12
    data[place : place + 4] = first.to_bytes(4, "little")
    (tmp_path / "b.tif").write_bytes(data)
    said = read(sandbox, tmp_path / "b.tif", limits=Limits(cpu_seconds=10, wall_seconds=15))
    assert said.ended.kind == "done", said.ended
    assert said.outcome in ("needs-ocr", "partial", "damaged")
    assert len(said.pages()) <= 2
