"""The real engines, in the sandbox, on pages whose text is known. They must be installed: nothing is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from tests.scanned import TEXTS, error_rate, page, page_in, png
from unburnt.base.limits import Limits
from unburnt.model.outcome import Outcome
from unburnt.read.ocr.available import OcrState, ocr_state
from unburnt.read.ocr.chinese import ChineseEngine
from unburnt.read.ocr.choose import Recogniser
from unburnt.read.ocr.picture import Picture, picture_of
from unburnt.read.ocr.prepare import Preparer
from unburnt.read.ocr.recognised import Recognised, RecognitionFailed
from unburnt.read.ocr.tesseract import Tesseract
from unburnt.sandbox.runner import Sandbox

PIXELS = 60_000_000


@pytest.fixture(scope="module")
def state() -> OcrState:
    return ocr_state()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.ocr.language_child:main") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def tesseract(state: OcrState, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Tesseract:
    return Tesseract(sandbox, state.languages, state.data_folder, tmp_path_factory.mktemp("tmp"))


@pytest.fixture(scope="module")
def recogniser(tesseract: Tesseract, sandbox: Sandbox) -> Iterator[Recogniser]:
    with Sandbox("unburnt.read.ocr.prepare_child:main") as preparing:
        recogniser = Recogniser(
            tesseract, ChineseEngine(sandbox.rung), Preparer(lambda: preparing), can_find_rotation=True
        )
        yield recogniser
        recogniser.close()


def picture(image: Image.Image) -> Picture:
    return picture_of(png(image), pixels=PIXELS)


def text_of(found: Recognised) -> str:
    return "\n".join(line.text for line in found.lines)


def test_all_engines_and_languages_are_installed_here(state: OcrState) -> None:
    assert state.languages == ("eng", "rus", "kaz", "uig", "chi_sim")
    assert state.chinese_engine
    assert state.can_find_rotation
    assert state.missing == ()
    assert set(state.versions) == {"tesseract", "rapidocr"}


@pytest.mark.parametrize(
    ("language", "engine", "worst"),
    [("zh", "rapidocr", 0.02), ("ru", "tesseract", 0.02), ("en", "tesseract", 0.02), ("ug", "tesseract", 0.05)],
)
def test_clean_pages_are_read_nearly_without_errors(
    recogniser: Recogniser, language: str, engine: str, worst: float
) -> None:
    found = recogniser.recognise(picture(page_in(language)))
    assert error_rate(TEXTS[language], text_of(found)) <= worst
    assert found.engines == (engine,)
    assert found.doubt == ""


def test_a_page_in_two_scripts_loses_neither_and_keeps_its_order(recogniser: Recogniser) -> None:
    lines = [line for pair in zip(TEXTS["zh"], TEXTS["ug"], strict=False) for line in pair]
    image = page([("ug" if line in TEXTS["ug"] else "zh", line) for line in lines])
    found = recogniser.recognise(picture(image))
    assert error_rate(lines, text_of(found)) <= 0.05
    assert found.engines == ("rapidocr", "tesseract")


@pytest.mark.parametrize(("language", "turn"), [("ru", 270), ("en", 180), ("zh", 90), ("ug", 180)])
def test_a_page_that_lies_is_turned_upright_read_and_placed_where_it_stands(
    recogniser: Recogniser, language: str, turn: int
) -> None:
    upright = page_in(language)
    # Pillow turns against the clock: the page lies so that turning it by *turn* clockwise makes it upright.
    found = recogniser.recognise(picture(upright.rotate(turn, expand=True)))
    assert error_rate(TEXTS[language], text_of(found)) <= 0.05
    assert found.turn == turn
    for number, (left, top, right, bottom) in enumerate(line.rectangle for line in found.lines):
        above, below = {90: (left, right), 180: (upright.height - bottom, upright.height - top),
                        270: (upright.height - right, upright.height - left)}[turn]  # fmt: skip
        assert 70 + 68 * number <= above < below <= 80 + 68 * (number + 1)


def test_lines_stand_where_the_ink_is(recogniser: Recogniser) -> None:
    found = recogniser.recognise(picture(page_in("en")))
    assert [round(line.rectangle[1] / 68) for line in found.lines] == [1, 2, 3, 4, 5]
    assert all(85 <= line.rectangle[0] <= 100 for line in found.lines)
    assert all(line.confidence > 0.9 for line in found.lines)


def test_noisy_uyghur_keeps_its_words_in_order(recogniser: Recogniser) -> None:
    noise = Image.effect_noise((1240, 500), 40)
    image = page_in("ug")
    image = Image.blend(image, noise.resize(image.size), 0.25).filter(ImageFilter.GaussianBlur(0.6))
    found = recogniser.recognise(picture(image))
    assert error_rate(TEXTS["ug"], text_of(found)) <= 0.10


def test_a_picture_without_text_gives_no_lines(recogniser: Recogniser) -> None:
    found = recogniser.recognise(picture(Image.new("L", (600, 400), 180)))
    assert found.lines == ()
    assert found.engines == ()


def test_a_picture_that_no_engine_can_decode_fails_and_the_next_is_read(recogniser: Recogniser) -> None:
    broken = png(page_in("en"))[:400] + bytes(100)
    with pytest.raises(RecognitionFailed):
        recogniser.recognise(picture_of(broken, pixels=PIXELS))
    found = recogniser.recognise(picture(page_in("zh")))
    assert error_rate(TEXTS["zh"], text_of(found)) <= 0.02


def test_where_the_chinese_engine_fails_tesseract_is_believed_and_the_doubt_is_said(
    tesseract: Tesseract, sandbox: Sandbox
) -> None:
    recogniser = Recogniser(
        tesseract, ChineseEngine(sandbox.rung, Limits(wall_seconds=0.0)), can_find_rotation=True
    )
    try:
        found = recogniser.recognise(picture(page_in("zh")))
    finally:
        recogniser.close()
    assert error_rate(TEXTS["zh"], text_of(found)) <= 0.10
    assert found.engines == ("tesseract",)
    assert "Chinese engine" in found.doubt


def test_a_page_that_takes_too_long_is_refused(sandbox: Sandbox, state: OcrState, tmp_path: Path) -> None:
    hasty = Tesseract(sandbox, state.languages, state.data_folder, tmp_path, Limits(wall_seconds=0.05))
    with pytest.raises(RecognitionFailed) as caught:
        hasty.recognise(picture(page_in("zh")))
    assert caught.value.outcome is Outcome.REFUSED
    assert not list(tmp_path.iterdir())
