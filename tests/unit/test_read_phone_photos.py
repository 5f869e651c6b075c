"""Photos as phones write them: HEIC and AVIF, read and drawn in the real sandbox.

``made_elsewhere/turned.heic`` and ``several.heic`` were written by libheif 1.23 with x265, which is no library of ours: what we
install decodes only.
"""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from PIL import ExifTags, Image

from tests.read_in_sandbox import read
from unburnt.base.limits import Limits
from unburnt.model.reading import Date
from unburnt.read.sniff import sniff
from unburnt.read.source import Source
from unburnt.sandbox.runner import Sandbox

MADE = Path(__file__).parents[1] / "golden" / "made_elsewhere"


def drawn(painter: Sandbox, path: Path, page: int, media_type: str) -> Image.Image:
    frames: list[bytes] = []
    with path.open("rb") as file:
        order = msgspec.msgpack.encode({"page": page, "media_type": media_type})
        ended = painter.run(order, [file.fileno()], Limits(), frames.append)
    assert ended.kind == "done", ended
    return Image.open(io.BytesIO(b"".join(frames)))


def written(image: Image.Image) -> int:
    """Where the first dark column is."""
    box = image.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return int(box[0])


def test_a_photo_of_a_phone_is_a_page_that_waits_for_ocr(sandbox: Sandbox) -> None:
    said = read(sandbox, MADE / "turned.heic")
    assert (said.outcome, said.noted("page-needs-ocr")) == ("needs-ocr", ["0"])
    assert (said.one("page").width, said.one("page").height) == (240, 96)


def test_a_photo_of_a_phone_tells_its_place_time_and_camera(sandbox: Sandbox) -> None:
    metadata = read(sandbox, MADE / "turned.heic").metadata
    assert metadata.fields["exif:Model"] == "iPhone 8"
    assert metadata.fields["exif:Orientation"] == "6"
    assert (metadata.fields["exif:GPSLatitude"], metadata.fields["exif:GPSLongitude"]) == ("39.470000", "75.990000")
    assert metadata.dates == (
        Date(kind="taken", value="2018-03-02T01:02:03+08:00", zone="+08:00", origin="exif:DateTimeOriginal"),
    )


def test_a_photo_that_cannot_be_opened_tells_its_place_and_time_all_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes((MADE / "turned.heic").read_bytes().replace(b"hvcC", b"free"))
    said = read(sandbox, tmp_path / "a.heic")
    assert (said.outcome, said.metadata.fields["exif:GPSLatitude"]) == ("damaged", "39.470000")
    assert said.metadata.dates[0].value == "2018-03-02T01:02:03+08:00"


def test_a_turned_photo_is_drawn_upright_and_turned_once(painter: Sandbox) -> None:
    image = drawn(painter, MADE / "turned.heic", 0, "image/heic")
    assert image.size == (240, 96)
    assert written(image) < 20


def test_each_picture_of_a_file_is_the_page_of_its_place_whichever_is_shown_first(sandbox: Sandbox, painter: Sandbox) -> None:
    pages = read(sandbox, MADE / "several.heic").pages()
    assert [(page.page, page.width) for page in pages] == [(0, 192), (1, 240)]
    assert [drawn(painter, MADE / "several.heic", page, "image/heic").width for page in (0, 1)] == [192, 240]


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_photo_that_is_cut_off_is_damaged_and_can_still_be_looked_at(sandbox: Sandbox, tmp_path: Path, share: float) -> None:
    whole = (MADE / "turned.heic").read_bytes()
    (tmp_path / "a.heic").write_bytes(whole[: int(len(whole) * share)])
    said = read(sandbox, tmp_path / "a.heic")
    assert (said.ended.kind, said.outcome) == ("done", "damaged")


def test_a_photo_of_too_many_pixels_is_refused_before_it_is_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = (MADE / "turned.heic").read_bytes()
    at = whole.index(b"ispe") + 8
    (tmp_path / "a.heic").write_bytes(whole[:at] + (20_000).to_bytes(4, "big") * 2 + whole[at + 8 :])
    said = read(sandbox, tmp_path / "a.heic")
    assert said.outcome == "refused"
    assert said.ended.peak_memory < 200 << 20


def test_an_avif_has_its_metadata_and_is_drawn_as_it_is_shown(sandbox: Sandbox, painter: Sandbox, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Huawei", 8
    Image.effect_noise((120, 80), 90).save(tmp_path / "a.avif", exif=exif)
    said = read(sandbox, tmp_path / "a.avif")
    assert said.metadata.fields["exif:Make"] == "Huawei"
    assert (said.one("page").width, said.one("page").height) == (80, 120)
    assert drawn(painter, tmp_path / "a.avif", 0, "image/avif").size == (80, 120)


@pytest.mark.parametrize(
    ("brand", "others", "media_type"),
    [
        (b"heic", b"mif1heic", "image/heic"), (b"mif1", b"mif1heic", "image/heic"), (b"mif1", b"mif1avifmiaf", "image/avif"),
        (b"mif1", b"mif1", "image/heif"), (b"avis", b"avifavis", "image/avif"), (b"msf1", b"msf1", "image/heif-sequence"),
        (b"isom", b"isomavif", "video/mp4"),
    ],
)  # fmt: skip
def test_the_brands_tell_how_a_picture_is_coded(brand: bytes, others: bytes, media_type: str) -> None:
    data = (16 + len(others)).to_bytes(4, "big") + b"ftyp" + brand + bytes(4) + others + bytes(64)
    assert sniff(Source(io.BytesIO(data), len(data), "a")) == media_type
