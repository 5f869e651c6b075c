"""Pictures of pages, made in the real sandbox."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from unburnt.base.limits import Limits
from unburnt.sandbox.runner import Ended, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.render:main") as started:
        yield started


def render(sandbox: Sandbox, path: Path, **order: object) -> tuple[Ended, list[bytes]]:
    frames: list[bytes] = []
    with path.open("rb") as file:
        ended = sandbox.run(msgspec.msgpack.encode(order), [file.fileno()], Limits(), frames.append)
    return ended, frames


def picture(sandbox: Sandbox, path: Path, **order: object) -> Image.Image:
    ended, frames = render(sandbox, path, **order)
    assert ended.kind == "done", ended
    return Image.open(io.BytesIO(b"".join(frames)))


def make_pdf(path: Path, *, rotate: int = 0) -> Path:
    canvas = Canvas(str(path), pagesize=(400, 200))
    canvas.setFillColorRGB(1, 0, 0)
    canvas.rect(0, 0, 100, 50, stroke=0, fill=1)
    canvas.acroForm.textfield(value="filled in", x=200, y=100, width=150, height=40, fontSize=30)
    canvas.showPage()
    canvas.save()
    if rotate:
        with pikepdf.open(path, allow_overwriting_input=True) as document:
            document.pages[0].Rotate = rotate
            document.save(path)
    return path


def test_a_page_is_drawn_as_wide_as_asked_with_its_colours(sandbox: Sandbox, tmp_path: Path) -> None:
    image = picture(sandbox, make_pdf(tmp_path / "a.pdf"), page=0, width=800)
    assert image.size == (800, 400)
    assert image.getpixel((20, 380)) == (255, 0, 0)
    assert image.getpixel((20, 20)) == (255, 255, 255)


def test_a_page_of_a_file_that_is_cut_off_is_drawn_where_it_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    data = make_pdf(tmp_path / "a.pdf").read_bytes()
    (tmp_path / "b.pdf").write_bytes(data[: data.rindex(b"\nxref")].replace(b"/Type /Catalog", b"/Type /Nothing"))
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(tmp_path / "b.pdf")
    image = picture(sandbox, tmp_path / "b.pdf", page=0, width=800)
    assert image.getpixel((20, 380)) == (255, 0, 0)


def test_a_rotated_page_is_drawn_as_it_is_shown(sandbox: Sandbox, tmp_path: Path) -> None:
    image = picture(sandbox, make_pdf(tmp_path / "a.pdf", rotate=90), page=0, dpi=72)
    assert image.size == (200, 400)
    assert image.getpixel((10, 10)) == (255, 0, 0)


def test_what_was_filled_into_a_form_is_drawn(sandbox: Sandbox, tmp_path: Path) -> None:
    image = picture(sandbox, make_pdf(tmp_path / "a.pdf"), page=0, width=400, gray=True)
    assert image.mode == "L"
    field = image.crop((205, 65, 345, 95))
    assert field.getextrema()[0] < 100


def test_raw_pixels_come_behind_their_width_and_height(sandbox: Sandbox, tmp_path: Path) -> None:
    ended, frames = render(sandbox, make_pdf(tmp_path / "a.pdf"), page=0, width=2000, raw=True)
    data = b"".join(frames)
    assert ended.kind == "done"
    assert max(map(len, frames)) <= 4 << 20
    assert struct.unpack(">II", data[:8]) == (2000, 1000)
    assert len(data) == 8 + 2000 * 1000 * 3
    assert data[-2000 * 3:][:3] == b"\xff\x00\x00"


def test_a_page_that_is_not_there_gives_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf")
    for number in (1, 99_999, -1):
        ended, frames = render(sandbox, path, page=number, width=100)
        assert (ended.kind, frames) == ("done", [])


def test_an_encrypted_document_gives_nothing_without_its_password(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    with pikepdf.open(make_pdf(tmp_path / "a.pdf")) as document:
        document.save(path, encryption=pikepdf.Encryption(owner="o", user="geheim"))
    ended, frames = render(sandbox, path, page=0, width=100)
    assert (ended.kind, frames) == ("done", [])
    assert picture(sandbox, path, page=0, width=100, passwords=["x", "geheim"]).size == (100, 50)


def test_a_page_as_large_as_a_city_is_drawn_small(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    document = pikepdf.new()
    document.add_blank_page(page_size=(14_400, 14_400))
    document.add_blank_page(page_size=(3, 14_400))
    document.pages[0].UserUnit = 1000
    document.save(path)
    image = picture(sandbox, path, page=0, dpi=1_000_000)
    assert image.width * image.height <= 60_000_000
    assert image.width <= 8000
    thin = picture(sandbox, path, page=1, width=4000)
    assert thin.width * thin.height <= 60_000_000


def test_a_photograph_is_turned_as_its_camera_says(sandbox: Sandbox, tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 30), "white")
    image.paste((0, 0, 255), (0, 0, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    shown = picture(sandbox, tmp_path / "a.jpg", page=0, media_type="image/jpeg")
    assert shown.size == (30, 60)
    assert shown.getpixel((15, 5))[2] > 200  # type: ignore[index]
    assert shown.getpixel((15, 5))[0] < 60  # type: ignore[index]


@pytest.mark.parametrize("compression", ["tiff_lzw", "group4", "jpeg", "tiff_deflate", None])
def test_each_page_of_a_tiff_can_be_drawn(sandbox: Sandbox, tmp_path: Path, compression: str | None) -> None:
    mode = "1" if compression == "group4" else "RGB"
    pages = [Image.new(mode, (100 + 10 * number, 50), "white") for number in range(3)]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:], compression=compression)
    assert picture(sandbox, tmp_path / "a.tiff", page=2, media_type="image/tiff").size == (120, 50)
    ended, frames = render(sandbox, tmp_path / "a.tiff", page=3, media_type="image/tiff")
    assert (ended.kind, frames) == ("done", [])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP"])
def test_other_pictures_are_drawn_smaller_but_never_larger(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (300, 100), "red").save(tmp_path / "a", kind)
    order = {"page": 0, "media_type": f"image/{kind.lower()}"}
    assert picture(sandbox, tmp_path / "a", width=150, **order).size == (150, 50)
    assert picture(sandbox, tmp_path / "a", width=900, **order).size == (300, 100)


def test_a_transparent_picture_is_laid_on_white(sandbox: Sandbox, tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert picture(sandbox, tmp_path / "a.png", page=0, media_type="image/png").getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bit_gray_keeps_its_shades(sandbox: Sandbox, tmp_path: Path) -> None:
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 1000)
    image.putpixel((1, 0), 60_000)
    image.save(tmp_path / "a.png")
    shown = picture(sandbox, tmp_path / "a.png", page=0, media_type="image/png", gray=True)
    assert (shown.getpixel((0, 0)), shown.getpixel((1, 0))) == (0, 255)


def test_a_cut_off_picture_is_still_drawn(sandbox: Sandbox, tmp_path: Path) -> None:
    Image.effect_noise((200, 200), 50).save(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:9000])
    assert picture(sandbox, tmp_path / "b.jpg", page=0, media_type="image/jpeg").size == (200, 200)


def test_a_picture_of_too_many_pixels_is_never_decoded(sandbox: Sandbox, tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "a.png")
    ended, frames = render(sandbox, tmp_path / "a.png", page=0, media_type="image/png")
    assert (ended.kind, frames) == ("done", [])
    assert ended.peak_memory < 300 << 20
