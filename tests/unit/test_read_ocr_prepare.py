"""Pictures made fit for recognition: speckles, skew, ruled lines, and what no page should do to that."""

from __future__ import annotations

import math
import struct

import msgspec
import pytest
from PIL import Image, ImageDraw

from tests.scanned import page_in, png
from unburnt.base.errors import BadAnswer
from unburnt.model.reading import Rectangle
from unburnt.read.ocr import prepare_child
from unburnt.read.ocr.picture import Picture, picture_of
from unburnt.read.ocr.prepare import Prepared, prepared_of
from unburnt.read.ocr.recognised import RecognisedLine
from unburnt.read.ocr.ruling import unruled
from unburnt.read.ocr.straighten import despeckled, skew_of
from unburnt.read.ocr.table_rows import TableRow, best_cells, in_rows


def picture(image: Image.Image) -> Picture:
    return picture_of(png(image), pixels=60_000_000)


def prepared(image: Image.Image, turn: int = 0) -> Prepared:
    """What the child answers, in this process."""
    pieces: list[bytes] = []
    given = picture(image)
    prepare_child.main(struct.pack(">I", turn) + given.untrusted_png, [], pieces.append)
    return prepared_of(b"".join(pieces), given, turn)


def grid(rows: int, edges: tuple[int, ...]) -> Image.Image:
    image = Image.new("L", (1000, 1000), 250)
    draw = ImageDraw.Draw(image)
    for number in range(rows + 1):
        draw.line((edges[0], 100 + 60 * number, edges[-1], 100 + 60 * number), fill=0, width=3)
    for edge in edges:
        draw.line((edge, 100, edge, 100 + 60 * rows), fill=0, width=3)
    return image


def line(text: str, rectangle: Rectangle, confidence: float = 0.9) -> RecognisedLine:
    return RecognisedLine(text, rectangle, confidence)


@pytest.mark.parametrize("language", ["ug", "zh"])
@pytest.mark.parametrize("degrees", [-9.0, -1.5, 0.0, 4.3])
def test_skew_is_found_to_a_fifth_of_a_degree(language: str, degrees: float) -> None:
    askew = page_in(language).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert skew_of(askew) == pytest.approx(-degrees, abs=0.2)


def test_skew_beyond_what_is_looked_for_and_pictures_without_lines_are_left_alone() -> None:
    assert skew_of(page_in("en").rotate(40, expand=True, fillcolor=255)) == 0.0
    assert skew_of(Image.effect_noise((400, 400), 60)) == 0.0
    assert skew_of(Image.radial_gradient("L").resize((500, 500))) == 0.0


def test_specks_go_and_clean_pages_keep_every_pixel() -> None:
    clean = page_in("ug")
    assert despeckled(clean) is clean
    speckled = clean.copy()
    for at in range(0, clean.width * clean.height, 997):
        speckled.putpixel((at % clean.width, at // clean.width), 0)
    assert sum(1 for pixel in despeckled(speckled).crop((0, 0, clean.width, 60)).tobytes() if pixel < 128) == 0


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (1, 1), 0), Image.new("L", (1, 20_000), 255), Image.new("L", (20_000, 1), 0), Image.new("L", (900, 1200), 0),
        Image.new("L", (900, 1200), 255), Image.new("L", (33, 5_000), 128),
    ],
    ids=["one pixel", "a column", "a row", "all black", "blank", "a strip"],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0, 90])
def test_pages_without_anything_on_them_are_only_turned(image: Image.Image, turn: int) -> None:
    found = prepared(image, turn)
    assert (found.skew, found.rows) == (0.0, ())
    assert (found.picture.width, found.picture.height) == (image.size if not turn else image.size[::-1])


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    header = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 0, 0, 0, 0)
    untrusted_png = b"\x89PNG\r\n\x1a\n" + header + b"\0\0\0\0"
    with pytest.raises(Exception):  # noqa: B017 - whatever it is, it ends the child
        prepare_child.main(struct.pack(">I", 0) + untrusted_png, [], lambda _: None)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, -3.0])
def test_the_way_back_leads_to_the_same_place_on_the_page(turn: int, skew: float) -> None:
    image = Image.new("L", (600, 400), 255)
    image.paste(0, (450, 60, 500, 90))
    lying = image.rotate(-skew, Image.Resampling.BICUBIC, expand=True, fillcolor=255).rotate(turn, expand=True)
    upright = lying.rotate(-turn, expand=True).rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    page = Prepared(picture(upright), picture(lying), turn, skew)
    seen = upright.point(lambda shade: 255 * (shade < 128)).getbbox()
    there = lying.point(lambda shade: 255 * (shade < 128)).getbbox()
    assert seen is not None
    assert there is not None
    found = page.on_page(tuple(map(float, seen)))  # type: ignore[arg-type]
    # A box around a slanted box is a little larger.
    room = 2 + 60 * math.sin(math.radians(abs(skew)))
    assert all(abs(one - other) <= room for one, other in zip(found, there, strict=True))


def test_ruled_lines_go_and_the_rows_with_their_cells_are_known() -> None:
    cleared, rows = unruled(grid(3, (80, 300, 600, 900)))
    assert cleared.getextrema() == (250, 250)
    assert [round(top / 60) for top, _, _ in rows] == [2, 3, 4]
    assert all(edges == pytest.approx((80, 300, 600, 900), abs=3) for _, _, edges in rows)


def test_a_frame_around_a_paragraph_and_lines_under_words_are_no_table() -> None:
    for image in (grid(1, (80, 900)), grid(3, (80, 900))):
        assert unruled(image) == (image, [])


ROWS = (TableRow(100, 160, (80, 300, 600), 0), TableRow(160, 220, (80, 300, 600), 0), TableRow(500, 560, (80, 300, 600), 1))


def test_rows_of_a_uyghur_table_go_from_the_right_and_tables_keep_their_place_in_the_text() -> None:
    lines = [
        line("ئىسىم", (400, 110, 500, 150)), line("مەكتەپ", (400, 170, 500, 210)), line("سانى", (100, 110, 200, 150)),
        line("12", (100, 170, 200, 210)), line("between", (80, 300, 600, 330)), line("left", (100, 510, 200, 550)),
        line("right", (400, 510, 500, 530)), line("below", (400, 532, 500, 552)),
    ]  # fmt: skip
    found = in_rows(lines, ROWS)
    assert [one.text for one in found] == ["ئىسىم\tسانى", "مەكتەپ\t12", "between", "left\tright below"]
    assert found[0].rectangle == (100, 110, 500, 150)


def test_each_cell_keeps_the_better_of_two_readings() -> None:
    first = (line("above", (80, 20, 200, 50)), line("l2", (100, 110, 200, 150), 0.4), line("end", (80, 700, 200, 730)))
    again = (line("12", (100, 110, 200, 150), 0.95), line("new", (400, 170, 500, 210)), line("other", (80, 20, 200, 50)))
    assert [one.text for one in best_cells(first, again, ROWS)] == ["above", "12", "new", "end"]


@pytest.mark.parametrize(
    "answer",
    [
        {"skew": math.nan}, {"skew": 80.0}, {"skew": 1.0}, {"rows": [(0, 10, (1, 2))]}, {"rows": [(10, 5, (1, 2, 3))]},
        {"rows": [(0, 99, (1, 2, 3))]}, {"rows": [(0, 5, (3, 2, 1))]}, {"rows": [(0, 5, (1, 2, math.inf))]}, {"rows": "x"},
        {"rows": [(0, 5, (1, 2, 3)), (1, 6, (1, 2, 3))]}, {"rows": [(n / 50, (n + 1) / 50, (1, 2, 3)) for n in range(401)]},
    ],
)  # fmt: skip
def test_a_lying_child_is_not_believed(answer: dict[str, object]) -> None:
    found = msgspec.msgpack.encode({"skew": 0.0, "is_cleaned": False, "rows": []} | answer)
    with pytest.raises(BadAnswer):
        prepared_of(struct.pack(">I", len(found)) + found, picture(Image.new("L", (10, 10))), 0)


@pytest.mark.parametrize("answer", [b"", b"\0\0", b"\xff\xff\xff\xff", struct.pack(">I", 3) + b"abcdef"])
def test_an_answer_that_is_none_is_refused(answer: bytes) -> None:
    with pytest.raises(BadAnswer):
        prepared_of(answer, picture(Image.new("L", (10, 10))), 0)
