"""How the desk cuts texts, names, sheets and pages for the screen."""

from __future__ import annotations

import gettext
import string
from pathlib import Path

import pytest

from unburnt.desk import figures, language
from unburnt.desk.memory import Shelf, StoredSearch
from unburnt.desk.names import name_of
from unburnt.desk.overlay import line_spots, spots
from unburnt.desk.pager import pager
from unburnt.desk.passages import WINDOW, marked, segments, shown, window_at, windows
from unburnt.desk.sheets import grid, place_of
from unburnt.model.addresses import address_of
from unburnt.model.reading import Cell, Line, Mark, Part, Passage


def test_a_right_to_left_override_cannot_hide_the_true_extension() -> None:
    name = name_of("a/invoice\u202efdp.exe")
    assert name.extension == ".exe"
    assert name.stem == "invoice⟦RLO⟧fdp"


@pytest.mark.parametrize("path", ["a/.hidden", "README", "a/b.this is no extension", "x."])
def test_names_without_an_extension_stay_whole(path: str) -> None:
    assert name_of(path).extension == ""


def test_undecodable_bytes_in_a_name_are_shown_as_signs() -> None:
    assert name_of("sec\udcffret.zip").stem == "sec⟦FF⟧ret"


def test_segments_know_the_passage_that_they_stand_in() -> None:
    english, russian = Passage(0, 4, "en", "Latn"), Passage(4, 9, "ru", "Cyrl")
    part = Part(ordinal=0, kind="text", label="", text="ab\n\nвгде\n", lang="en", script="Latn", passages=(english, russian))
    made = segments(part, [(2, 6)], (0, 9))
    assert [(one.text, one.tongue) for one in made] == [
        ("ab", english), ("\n\n", english), ("вг", russian), ("де\n", russian)]


def test_recognised_lines_have_the_numbers_of_their_rectangles() -> None:
    lines = (Line(0, 2, (1, 2, 30, 12), 0.98), Line(3, 5, (1, 20, 30, 32), 0.4))
    part = Part(ordinal=0, kind="page", label="1", text="ab\ncd", origin="ocr", page=0, width=40, height=40, lines=lines)
    made = segments(part, [(1, 4)], (0, 5))
    assert [(one.text, one.line) for one in made] == [("a", 1), ("b", 1), ("\n", None), ("c", 2), ("d", 2)]
    assert [(spot.hit, spot.top, spot.confidence) for spot in line_spots(part)] == [(1, 2, 98), (2, 20, 40)]


def test_lines_of_a_text_layer_are_no_links() -> None:
    part = Part(ordinal=0, kind="page", label="1", text="ab", page=0, lines=(Line(0, 2, (1, 2, 30, 12)),))
    assert [one.line for one in segments(part, [], (0, 2))] == [None]
    assert line_spots(part) == []


def test_segments_give_back_the_whole_text_however_marks_and_hits_overlap() -> None:
    part = Part(ordinal=0, kind="text", label="", text="abcdefghij", marks=(
        Mark(kind="insertion", start=1, end=5), Mark(kind="comment", text="why", start=3, end=8)))
    made = segments(part, [(2, 4), (7, 9)], (0, 10))
    assert "".join(s.text for s in made) == "abcdefghij"
    assert "".join(s.text for s in made if s.hit == 1) == "cd"
    assert "".join(s.text for s in made if s.change == "insertion") == "bcde"
    assert "".join(s.text for s in made if s.remark == 1) == "defgh"
    assert sum(s.first for s in made) == 2


def test_bidi_controls_in_text_are_visible_and_lines_are_kept() -> None:
    assert shown("a\r\nb\t\u202ec") == "a\nb\t⟦RLO⟧c"


def test_a_long_text_is_cut_at_line_ends_and_loses_nothing() -> None:
    text = "a line of text\n" * 12_000
    spans = windows(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(end - start <= WINDOW for start, end in spans)
    assert all(text[end - 1] == "\n" for _, end in spans)
    assert window_at(spans, spans[1][0]) == 1
    assert window_at(spans, spans[1][0] - 1) == 0


def test_overlapping_marks_of_a_snippet_show_no_character_twice() -> None:
    made = marked("abcdef", [(1, 3), (2, 4)])
    assert "".join(s.text for s in made) == "abcdef"


@pytest.mark.parametrize(("row", "column", "address"), [(0, 0, "A1"), (6, 25, "Z7"), (0, 26, "AA1"), (9, 16383, "XFD10")])
def test_addresses_go_both_ways(row: int, column: int, address: str) -> None:
    assert address_of(row, column) == address
    assert place_of(address) == (row, column)


@pytest.mark.parametrize("untrusted", ["", "a1", "A0", "A", "1", "ABCD1", "A1;", "A12345678", "Ａ1"])
def test_what_is_no_address_is_no_place(untrusted: str) -> None:
    assert place_of(untrusted) is None


def _sheet(cells: list[tuple[int, int, str]], **more: object) -> Part:
    text, made = "", []
    for row, column, value in cells:
        made.append(Cell(row, column, len(text), len(text) + len(value)))
        text += value + "\t"
    return Part(ordinal=0, kind="sheet", label="S", text=text, cells=tuple(made), **more)  # type: ignore[arg-type]


def test_a_sparse_sheet_is_small_on_screen_and_says_what_it_left_out() -> None:
    table = grid(_sheet([(0, 0, "first"), (1_048_575, 16_383, "last")]), [])
    assert [line.number for line in table.lines] == [1, 1_048_576]
    assert table.lines[1].skipped == 1_048_574
    assert [letters for letters, _, _ in table.columns] == ["A", "XFD"]


def test_a_sheet_opens_on_the_page_that_holds_the_cell() -> None:
    table = grid(_sheet([(row, 0, str(row)) for row in range(1000)]), [], cell=(777, 0))
    assert 778 in [line.number for line in table.lines]
    assert table.page > 0


def test_a_lying_merged_range_hides_no_value() -> None:
    part = _sheet([(0, 0, "title"), (1, 1, "kept")], merged=((0, 0, 5, 5),))
    boxes = [box for line in grid(part, []).lines for box in line.boxes if box]
    assert {"title", "kept"} == {"".join(s.text for s in box.segments) for box in boxes if box.cell}


def test_a_hidden_row_is_shown_as_hidden() -> None:
    part = _sheet([(0, 0, "a"), (1, 0, "b")], hidden_rows=(1,))
    assert [line.hidden for line in grid(part, []).lines] == [False, True]


def test_a_hit_marks_the_rectangles_of_the_lines_it_touches() -> None:
    part = Part(ordinal=0, kind="page", label="1", text="one\ntwo\nthree", lines=(
        Line(0, 3, (10, 10, 50, 20)), Line(4, 7, (10, 30, 50, 40)), Line(8, 13, None)))
    assert [(s.left, s.top, s.width, s.height) for s in spots(part, [(2, 5)])] == [(10, 10, 40, 10), (10, 30, 40, 10)]
    assert spots(part, [(9, 10)]) == []


def test_a_pager_stays_within_the_list() -> None:
    assert (pager(99, 45, 20).page, pager(99, 45, 20).last) == (3, 45)
    assert (pager(1, 0, 20).pages, pager(1, 0, 20).first) == (1, 0)


def test_equal_searches_share_an_identifier_that_tells_nothing() -> None:
    shelf: Shelf[StoredSearch] = Shelf(2)
    first = shelf.put(StoredSearch("拘留"))
    assert shelf.put(StoredSearch("拘留")) == first
    assert set(first) <= set(string.ascii_letters + string.digits + "-_")
    shelf.put(StoredSearch("b"))
    shelf.put(StoredSearch("c"))
    assert shelf.get(first) is None


def test_bars_are_whole_percentages_and_never_vanish() -> None:
    assert [bar.width for bar in figures.bars([("a", 1000), ("b", 1), ("c", 0)])] == [100, 1, 0]


@pytest.mark.parametrize(("accept", "expected"), [
    ("zh-CN,zh;q=0.9", "zh-Hans"), ("ug", "ug"), ("fr,ru;q=0.5", "ru"), ("", "en"), ("xx" * 5000, "en")])
def test_the_browsers_wish_chooses_a_language(accept: str, expected: str) -> None:
    assert language.choose(None, accept) == expected


@pytest.mark.parametrize("tag", ["zh-Hans", "ru", "ug"])
def test_every_word_is_translated_and_keeps_its_placeholders(tag: str) -> None:
    english = _catalogue("en")
    other = _catalogue(tag)
    assert english.keys() == other.keys() or {k[0] if isinstance(k, tuple) else k for k in english} == {
        k[0] if isinstance(k, tuple) else k for k in other}
    for key, value in other.items():
        source = key[0] if isinstance(key, tuple) else key
        if source:
            assert value, source
            assert _placeholders(value) == _placeholders(source), source


def _catalogue(tag: str) -> dict[object, str]:
    path = Path(language.LOCALE) / tag.replace("-", "_") / "LC_MESSAGES" / "desk.mo"
    with path.open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def _placeholders(text: str) -> set[str]:
    return {piece.split(")", 1)[0] for piece in text.split("%(")[1:]}


def test_no_style_or_script_stands_in_a_template() -> None:
    templates = Path(language.LOCALE).parent / "templates"
    for template in templates.glob("*.html"):
        source = template.read_text()
        assert " style=" not in source and "<style" not in source and " onclick" not in source, template.name
        assert "|safe" not in source, template.name


def test_styles_use_logical_properties_only() -> None:
    physical = ("margin-left", "margin-right", "padding-left", "padding-right", "border-left", "border-right",
                "text-align: left", "text-align: right", "float:")
    for sheet in (Path(language.LOCALE).parent / "static").glob("*.css"):
        assert not [word for word in physical if word in sheet.read_text()], sheet.name
