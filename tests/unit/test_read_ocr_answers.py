"""What engines answer is untrusted: bounds, nonsense, and how two readings are put together."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from tests.scanned import page_in, png
from unburnt.base.errors import BadAnswer
from unburnt.model.reading import Mark, Part
from unburnt.read.ocr import available, chinese, tesseract
from unburnt.read.ocr.merge import merged
from unburnt.read.ocr.narrow import better, line_by_line, narrowings
from unburnt.read.ocr.page_part import page_part
from unburnt.read.ocr.picture import Picture, picture_of
from unburnt.read.ocr.recognised import RecognisedLine, RecognitionFailed

PICTURE = Picture(b"", 1000, 500)
ALL = ("eng", "rus", "kaz", "uig", "chi_sim")
RUSSIAN, UYGHUR, CHINESE = "Справка о проверке", "ئۇيغۇر تىلى ۋە يېزىقى", "关于进一步加强管理"


def row(word: str, place: str = "10\t20\t30\t40", confidence: str = "95.5", line: str = "1\t1\t1\t1") -> str:
    return f"5\t{line}\t1\t{place}\t{confidence}\t{word}\n"


def line(text: str, top: float, confidence: float = 0.9, left: float = 0, width: float = 100) -> RecognisedLine:
    return RecognisedLine(text, (left, top, left + width, top + 10), confidence)


def test_words_of_one_line_are_joined_with_spaces_and_chinese_without() -> None:
    table = row("one") + row("two", "50\t20\t30\t40") + row("关于", line="1\t1\t1\t2") + row("进", "41\t20\t20\t40", line="1\t1\t1\t2")
    found = tesseract.lines_of(table.encode(), PICTURE)
    assert [one.text for one in found] == ["one two", "关于进"]
    assert found[0].rectangle == (10, 20, 80, 60)
    assert found[0].confidence == pytest.approx(0.955)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"", b"\xff\xfe\x00", b"5\t1\n", row("x", confidence="nan").encode(), row("x", "a\t1\t1\t1").encode(),
        row("x", confidence="inf").encode(), row(" \u200f ").encode(), b"\t" * 11, row("x", "1\t1\t1\t" + "9" * 5000).encode(),
    ],
)
def test_rows_that_are_no_words_are_passed_over(nonsense: bytes) -> None:
    found = tesseract.lines_of(nonsense + b"\n" + row("kept").encode(), PICTURE)
    assert [one.text for one in found] == ["kept"]


def test_rectangles_never_leave_the_picture() -> None:
    (found,) = tesseract.lines_of(row("x", "-50\t-9\t99999999\t99999999").encode(), PICTURE)
    assert found.rectangle == (0, 0, 1000, 500)


def test_a_table_beyond_all_pages_is_refused() -> None:
    with pytest.raises(BadAnswer):
        tesseract.lines_of(row("w" * 5_000).encode(), PICTURE)
    with pytest.raises(BadAnswer):
        tesseract.lines_of(row("w").encode() * 100_001, PICTURE)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\x91", msgspec.msgpack.encode({"lines": []}), msgspec.msgpack.encode([["x", [1, 2, 3], 1.0]]),
        msgspec.msgpack.encode([["x", [math.nan, 1.0, 1.0, 1.0], 1.0]]),
        msgspec.msgpack.encode([["x", [1.0, 1.0, 1.0, 1.0], math.inf]]),
        msgspec.msgpack.encode([["x" * 20_000, [1.0, 1.0, 2.0, 2.0], 1.0]]),
        msgspec.msgpack.encode([["x", [1.0, 1.0, 2.0, 2.0], 1.0]] * 10_001),
    ],
)
def test_a_chinese_answer_of_another_form_is_refused(answer: bytes) -> None:
    with pytest.raises(BadAnswer):
        chinese.lines_of(answer, PICTURE)


def test_a_chinese_answer_is_clipped() -> None:
    answer = msgspec.msgpack.encode([["关于", [-5.0, 3.2, 5000.0, 9.0], 1.5], [" ", [1.0, 1.0, 2.0, 2.0], 1.0]])
    assert chinese.lines_of(answer, PICTURE) == (RecognisedLine("关于", (0, 3, 1000, 9), 1.0),)


def test_pictures_are_measured_and_others_refused() -> None:
    image = page_in("en")
    data = png(image)
    assert (picture_of(data, pixels=9_000_000).width, picture_of(data, pixels=9_000_000).height) == image.size
    for bad in (b"", b"GIF89a" + data, data[:20], data[:16] + bytes(8) + data[24:]):
        with pytest.raises(BadAnswer):
            picture_of(bad, pixels=9_000_000)
    with pytest.raises(BadAnswer):
        picture_of(data, pixels=1000)


def test_stored_pictures_leave_nothing_behind(tmp_path: Path) -> None:
    with Picture(b"pixels", 1, 1).stored(tmp_path) as descriptor, open(f"/proc/self/fd/{descriptor}", "rb") as again:
        assert again.read() == b"pixels"
        assert not list(tmp_path.iterdir())


def test_each_engine_keeps_the_scripts_that_it_can_read() -> None:
    general = [line("美于", 0, 0.6), line(UYGHUR, 20), line(RUSSIAN, 40)]
    from_chinese = [line("关于", 0, 0.99), line("39g3", 20, 0.8), line("o ,", 40, 0.7)]
    assert [one.text for one in merged(general, from_chinese)] == ["关于", UYGHUR, RUSSIAN]


def test_chinese_lines_follow_the_columns_that_tesseract_saw() -> None:
    general = [line("左一", 0), line("左二", 20), line("右一", 0, left=200), line("右二", 20, left=200)]
    by_height = [line("左一", 0), line("右一", 0, left=200), line("左二", 20), line("右二", 20, left=200), line("左三", 40)]
    assert [one.text for one in merged(general, by_height)] == ["左一", "左二", "左三", "右一", "右二"]


def test_a_second_look_uses_only_the_languages_of_the_page() -> None:
    uyghur, cyrillic = ("Arab", ("uig",)), ("Cyrl", ("rus", "kaz"))
    assert narrowings([line(UYGHUR, 0, 0.95)], ALL, is_chinese_read_elsewhere=True) == [uyghur]
    assert narrowings([line(UYGHUR, 0), line(CHINESE, 20)], ALL, is_chinese_read_elsewhere=True) == [uyghur]
    assert narrowings([line(RUSSIAN, 0, 0.8)], ALL, is_chinese_read_elsewhere=True) == [cyrillic]
    assert narrowings([line(RUSSIAN, 0, 0.95)], ALL, is_chinese_read_elsewhere=True) == []
    assert narrowings([line(CHINESE, 0, 0.5)], ALL, is_chinese_read_elsewhere=True) == []
    assert narrowings([], ALL, is_chinese_read_elsewhere=True) == []


def test_an_english_line_with_a_word_that_only_looks_english_is_looked_at_in_latin_letters() -> None:
    latin = ("Latn", ("eng",))
    assert narrowings([line("the plan оп 22 May", 0, 0.95)], ALL, is_chinese_read_elsewhere=True) == [latin]
    assert narrowings([line("the plan of 22 Мау", 0, 0.95), line(RUSSIAN, 20, 0.95)], ALL, is_chinese_read_elsewhere=True) == [latin]
    assert narrowings([line("the paper Правда of 22 May", 0, 0.95)], ALL, is_chinese_read_elsewhere=True) == []


def test_a_word_that_only_looks_english_gives_way_to_latin_letters_that_are_hardly_less_sure() -> None:
    mixed, real = (line("the plan of 22 Мау", 0, 0.962),), (line("the paper Правда", 0, 0.96),)
    assert line_by_line(mixed, again := (line("the plan of 22 May", 0, 0.961),), "Latn") == again
    assert line_by_line(real, (line("the paper IIpagna", 0, 0.92),), "Latn") == real


def test_a_line_is_replaced_only_in_its_own_script_or_where_it_was_misread() -> None:
    first = (line(RUSSIAN, 0, 0.95), line(UYGHUR + " GBS", 20, 0.8), line("шш бай ile", 40, 0.5))
    second = (line("ئۇرۇسچە", 0, 0.4), line(UYGHUR, 20, 0.9), line(UYGHUR, 40, 0.9))
    assert [one.text for one in line_by_line(first, second, "Arab")] == [RUSSIAN, UYGHUR, UYGHUR]


def test_of_two_looks_each_line_comes_from_the_surer_one() -> None:
    first = (line("see www.example.org", 0, 0.9), line("ab Qh cd", 20, 0.7))
    second = (line("ئ ئ ئ", 0, 0.4), line(UYGHUR, 20, 0.9))
    assert [one.text for one in better(first, second, "Arab")] == ["see www.example.org", UYGHUR]
    assert better(first, second[1:], "Arab") == first


def test_latin_letters_in_a_uyghur_line_are_believed_only_where_they_are_much_surer() -> None:
    misread, real = (line(UYGHUR + " Sky", 0, 0.903),), (line(UYGHUR + " PDF", 0, 0.95),)
    alone = (line(UYGHUR + " ياكى", 0, 0.865),)
    assert better(misread, alone, "Arab") == alone
    assert better(real, alone, "Arab") == real
    assert line_by_line(misread, alone, "Arab") == alone
    assert line_by_line(real, alone, "Arab") == real


def test_lines_are_measured_as_the_page_is() -> None:
    page = Part(
        ordinal=4, kind="page", label="5", text=" ", page=4, width=500.0, height=250.0,
        marks=(Mark(kind="link", text="there", start=0, end=1),),
    )
    part = page_part(page, PICTURE, [line("ab", 100), line("关于", 200, 0.98765)])
    assert part.text == "ab\n关于"
    assert [(one.start, one.end, one.rectangle, one.confidence) for one in part.lines] == [
        (0, 2, (0, 50, 50, 55), 0.9), (3, 5, (0, 100, 50, 105), 0.988),
    ]
    assert (part.origin, part.page, part.label, part.width) == ("ocr", 4, "5", 500.0)
    assert part.marks == (Mark(kind="link", text="there"),)


def test_more_text_than_a_part_may_hold_is_a_failure_of_the_page() -> None:
    page = Part(ordinal=0, kind="page", label="1", text="", page=0)
    with pytest.raises(RecognitionFailed):
        page_part(page, PICTURE, [line("关" * 400_000, 0)])


def test_what_lacks_is_said_with_its_cost_and_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    state = available.ocr_state()
    assert state.languages == ()
    assert state.chinese_engine
    assert state.is_available
    assert len(state.missing) == 1
    assert "English, Russian, Kazakh and Uyghur stay unread" in state.missing[0]
    assert "apt install tesseract-ocr" in state.missing[0]


def test_each_missing_language_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\nprintf \'List of available languages in "/data/" (2):\\neng\\nrus\\n\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    state = available.ocr_state()
    assert state.languages == ("eng", "rus")
    assert state.data_folder == "/data"
    assert not state.can_find_rotation
    assert "Kazakh, Uyghur and Chinese" in state.missing[0]
    assert "tesseract-ocr-uig tesseract-ocr-chi-sim" in state.missing[0]
