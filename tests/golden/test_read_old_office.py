"""Old office files that other programs wrote (``made_elsewhere``): comments stand at their places, choices at their cells."""

from __future__ import annotations

import contextlib
import lzma
import random
import struct
from pathlib import Path

import pytest

from tests.hostile.test_read_fuzzed import survives
from tests.read_by_child import read, task
from unburnt.model.frames import Frame, PartFrame
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Stopped
from unburnt.read.formats.office.xls_around import emit_names
from unburnt.read.formats.office.xls_records import facts_of_sheets
from unburnt.sandbox.runner import Sandbox

MADE = Path(__file__).with_name("made_elsewhere")


def test_comments_of_a_workbook_stand_at_their_cells_empty_ones_too() -> None:
    said = read((MADE / "commented.xls").read_bytes(), "a.xls")
    found = {
        (part.label, cell.row, cell.column, part.text[cell.start : cell.end]): cell.comment
        for part in said.parts for cell in part.cells if cell.comment
    }  # fmt: skip
    assert found == {
        ("名册", 2, 1, "张三"): "核对过 checked",
        ("名册", 9, 5, ""): "第二条批注，较长：" + "长" * 300,
        ("Two", 0, 0, "x"): "plain latin",
    }


def test_comments_of_a_presentation_stand_with_their_slide_and_author() -> None:
    said = read(lzma.decompress((MADE / "commented.ppt.xz").read_bytes()), "a.ppt")
    assert [(part.kind, part.label) for part in said.parts] == [("slide", "1"), ("comments", "1")]
    assert said.parts[1].text == "这里要改 change this\n"
    (mark,) = said.parts[1].marks
    assert (mark.kind, mark.author, said.parts[1].text[mark.start : mark.end]) == ("comment", "李四", "这里要改 change this")


def biff5(*records: tuple[int, bytes]) -> bytes:
    sheet = ((0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0)), *records, (0x0A, b""))
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in sheet)


def test_a_comment_of_excel_95_may_go_on_in_further_records() -> None:
    text = "пояснение к списку".encode("cp1251")
    stream = biff5((0x1C, struct.pack("<HHH", 4, 2, len(text)) + text[:9]), (0x1C, struct.pack("<HHH", 0xFFFF, 0, 9) + text[9:]))
    (facts,) = facts_of_sheets(stream, "cp1251", [])
    assert facts.comments == {(4, 2): "пояснение к списку"}


def test_comment_records_that_lie_end() -> None:
    chance = random.Random(11)
    whole = (MADE / "commented.xls").read_bytes()
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 30)):
            changed[chance.randrange(512, len(changed))] = chance.randrange(256)
        with contextlib.suppress(Stopped):
            list(facts_of_sheets(bytes(changed[512:]), "cp1252", []))


def test_records_may_end_anywhere() -> None:
    stream = biff5((0x208, bytes(16)), (0x7D, bytes(12)), (0x203, bytes(14)), (0x1C, bytes(12)), (0x1BE, bytes(40)))
    for end in range(len(stream)):
        list(facts_of_sheets(stream[:end], "cp1252", []))


def test_choices_and_prompts_of_old_workbooks_are_found() -> None:
    """``choices.xls`` was written by Spreadsheet::WriteExcel 2.40."""
    said = read((MADE / "choices.xls").read_bytes(), "choices.xls")
    assert {part.label: part.text for part in said.parts if part.kind == "annotations"} == {
        "Plan (choices and prompts)": "A2:A9: released,拘留,moved; Status; Выберите статус; Wrong; ask the bureau\n"
                                      "B2:B6: 3; 700; number of persons\nC2: E4:G4; see the list beside",
    }  # fmt: skip
    assert said.outcome == "read"


def test_letters_are_right_where_a_workbook_states_a_code_page_that_it_does_not_use() -> None:
    """All strings since Excel 97 are Unicode; ``stated.xls`` (Spreadsheet::WriteExcel 2.40) states windows-1252, as much of the kind does."""
    said = read((MADE / "stated.xls").read_bytes(), "stated.xls")
    assert said.parts[0].label == "名册"
    assert said.parts[0].text.splitlines()[:3] == ["status", "拘留 и др.\t", "Müller"]
    assert "批注 note" in said.text


def test_a_workbook_whose_sectors_go_round_in_a_circle_is_read() -> None:
    """As a fuzzer found: following them filled the memory."""
    data = bytearray((MADE / "stated.xls").read_bytes())
    table = 512 + 512 * struct.unpack_from("<I", data, 76)[0]
    directory = struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, table + 4 * directory, directory)
    with Sandbox("unburnt.read.child:main") as sandbox:
        assert survives(sandbox, "a.xls", bytes(data)).kind == "done"
    assert "拘留 и др." in read(bytes(data), "a.xls").text


def test_a_sheet_may_state_any_span() -> None:
    """calamine 0.9 makes room for all of it: the memory of a child did not do for a span of four thousand million cells."""
    data = bytearray((MADE / "stated.xls").read_bytes())
    at = data.index(struct.pack("<2H", 0x200, 14))
    struct.pack_into("<2I2H", data, at + 4, 0, 0xFFFF, 0, 0xFFFF)
    with Sandbox("unburnt.read.child:main") as sandbox:
        assert survives(sandbox, "a.xls", bytes(data)).kind == "done"
    assert "拘留 и др." in read(bytes(data), "a.xls").text


@pytest.mark.parametrize("change", [b"", b"\xff", b"\0\xff\xff"])
def test_a_damaged_choice_costs_nothing_else(change: bytes) -> None:
    data = (MADE / "choices.xls").read_bytes()
    at = data.index(b"\x83\x01\x0c\0\x06\0\0Status")
    for place in range(at, at + 120, 3):
        said = read(data[:place] + change + data[place + len(change):], "a.xls")
        assert said.outcome in ("read", "partial") and "status" in said.text


def test_what_a_person_sees_around_the_cells_of_an_old_workbook_is_found() -> None:
    """``around.xls`` was written by LibreOffice 7.4."""
    said = read((MADE / "around.xls").read_bytes(), "around.xls")
    found = {(part.kind, part.label): part.text for part in said.parts if part.kind != "sheet" and part.kind != "comments"}
    assert found[("section", "名册 (drawings)")].split("\n") == ["月份", "完成情况 chart", "此件不得外传 do not pass on", "Проверить"]
    assert found[("section", "图 (drawings)")] == "饼图 pie"
    assert found[("header", "名册 (printed header and footer)")] == "机密 header  \n第   页 footer"
    everything = {part.label: part.text for part in said.all_parts}
    assert everything["名册 (links)"].split("\n") == ["http://example.org/名单", "#Two!B2", "C:/Users/clerk/其他.xls"]
    assert everything["names"] == "Total: A1:B4\nUnit: 万元"
    assert everything["other workbook 1"] == "/tmp/around/other.xlsx"
    assert "批注" not in found[("section", "名册 (drawings)")]  # it stands at its cell


def test_values_kept_of_other_workbooks_stand_in_old_workbooks_too() -> None:
    book = struct.pack("<HHB", 1, 4, 0) + b"\x01\x02ab" + struct.pack("<HB", 2, 1) + "人口".encode("utf-16-le")
    kept = struct.pack("<BBH", 3, 1, 7) + b"\x01" + struct.pack("<d", 2.5) + b"\x02" + struct.pack("<HB", 2, 1)
    kept += "叶城".encode("utf-16-le") + b"\x04\x01" + bytes(7)
    said: list[Frame] = []
    assert emit_names(iter([(0x1AE, book), (0x5A, kept), (0x5A, kept[:9])]), Emitter(said.append, task("a"), 1))
    assert [(part.kind, part.text) for part in (one.part for one in said if isinstance(one, PartFrame))] == [
        ("section", "/ab\n人口\nB8:D8\t2.5\t叶城\tTRUE")]
