"""The real engines on pages as scanners give them: askew, speckled, with tables, in several scripts at once."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.scanned import FONTS, TEXTS, error_rate, page, page_in, png
from unburnt.read.ocr.available import ocr_state
from unburnt.read.ocr.chinese import ChineseEngine
from unburnt.read.ocr.choose import Recogniser
from unburnt.read.ocr.picture import picture_of
from unburnt.read.ocr.prepare import ENTRY, Preparer
from unburnt.read.ocr.recognised import Recognised
from unburnt.read.ocr.tesseract import Tesseract
from unburnt.sandbox.runner import Sandbox

TABLES = {
    "ug": (("ئىسىم", "كەنت", "سانى"), ("ئالىم", "يېڭىئۆستەڭ كەنتى", "128"), ("مەكتەپ", "قوشئېرىق كەنتى", "74"),
           ("بازار", "گۈلباغ كەنتى", "1450")),
    "ru": (("Название", "Село", "Число"), ("Склад", "Новое", "128"), ("Школа", "Речное", "74"), ("Рынок", "Садовое", "1450")),
}  # fmt: skip
EDGES = (100, 520, 900, 1140)


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recogniser]:
    state = ocr_state()
    with Sandbox("unburnt.read.ocr.language_child:main") as sandbox, Sandbox(ENTRY) as preparing:
        tesseract = Tesseract(sandbox, state.languages, state.data_folder, tmp_path_factory.mktemp("tmp"))
        chinese = ChineseEngine(sandbox.rung)
        yield Recogniser(tesseract, chinese, Preparer(lambda: preparing), can_find_rotation=True)
        chinese.close()


def noisy(image: Image.Image, degrees: float = 1.5) -> Image.Image:
    """At two thirds of the size, turned, speckled, and packed badly: what 130 dpi make of a careless scan."""
    small = image.resize((image.width * 2 // 3, image.height * 2 // 3), Image.Resampling.LANCZOS)
    turned = small.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    chance = random.Random(4)
    pixels = turned.load()
    assert pixels is not None
    for _ in range(turned.width * turned.height * 3 // 1000):
        pixels[chance.randrange(turned.width), chance.randrange(turned.height)] = chance.choice((0, 255))
    packed = io.BytesIO()
    turned.save(packed, "JPEG", quality=55)
    return Image.open(packed).convert("L")


def table(language: str) -> Image.Image:
    """A ruled table of :data:`TABLES`, its first column at the right in Uyghur."""
    rows = TABLES[language]
    image = Image.new("L", (1240, 900), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FONTS[language], 34)
    for number, row in enumerate(rows):
        top = 118 + 90 * number
        for left, right, text in zip(EDGES, EDGES[1:], reversed(row) if language == "ug" else row, strict=False):
            if language == "ug":
                draw.text((right - 16, top), text, font=font, fill=0, anchor="ra", direction="rtl", language="ug")
            else:
                draw.text((left + 16, top), text, font=font, fill=0)
    for number in range(len(rows) + 1):
        draw.line((EDGES[0], 100 + 90 * number, EDGES[-1], 100 + 90 * number), fill=0, width=3)
    for edge in EDGES:
        draw.line((edge, 100, edge, 100 + 90 * len(rows)), fill=0, width=3)
    return image


def read(recogniser: Recogniser, image: Image.Image) -> Recognised:
    return recogniser.recognise(picture_of(png(image), pixels=60_000_000))


def lines_of(found: Recognised) -> Sequence[str]:
    return [line.text for line in found.lines]


@pytest.mark.parametrize("language", ["ug", "ru"])
def test_noisy_pages_are_read_with_fewer_than_five_wrong_characters_in_a_hundred(
    recogniser: Recogniser, language: str
) -> None:
    found = read(recogniser, noisy(page_in(language)))
    assert error_rate(TEXTS[language], "\n".join(lines_of(found))) <= 0.05
    assert found.skew == pytest.approx(-1.5, abs=0.2)


def test_lines_of_a_page_that_lies_askew_stand_where_the_ink_is(recogniser: Recogniser) -> None:
    image = page_in("en").rotate(6, Image.Resampling.BICUBIC, fillcolor=255)
    found = read(recogniser, image)
    assert error_rate(TEXTS["en"], "\n".join(lines_of(found))) <= 0.02
    for line in found.lines:
        inside = image.crop(tuple(map(round, line.rectangle)))
        # The line rises to the right: there is ink at the lower left and at the upper right corner.
        across, down = inside.width // 8, inside.height // 2
        assert inside.crop((0, down, across, inside.height)).getextrema()[0] < 128
        assert inside.crop((inside.width - across, 0, inside.width, down)).getextrema()[0] < 128
        assert inside.height < inside.width * 0.105 + 60


@pytest.mark.parametrize("language", ["ug", "ru"])
def test_each_row_of_a_ruled_table_is_a_line_with_its_cells_in_reading_order(
    recogniser: Recogniser, language: str
) -> None:
    found = lines_of(read(recogniser, table(language)))
    assert len(found) == len(TABLES[language])
    assert error_rate(["\n".join(map("\t".join, TABLES[language]))], "\n".join(found)) <= 0.12
    first, _, last = found[1].split("\t")
    assert (first, last) == (TABLES[language][1][0], TABLES[language][1][2])


def test_a_page_in_four_languages_is_read_line_by_line_in_the_right_one(recogniser: Recogniser) -> None:
    mixed = [(language, TEXTS[language][number]) for language in ("zh", "ug", "ru", "en") for number in range(4)]
    found = read(recogniser, noisy(page(mixed)))
    assert error_rate([text for _, text in mixed], "\n".join(lines_of(found))) <= 0.03
    assert found.engines == ("rapidocr", "tesseract")
