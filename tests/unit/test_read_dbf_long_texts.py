"""Tables beside their memo files: each long text stands in its row, and what does not fit is a number as before."""

from __future__ import annotations

import random
import struct

import pytest

from tests.read_by_child import Said
from tests.read_joined import read_joined
from tests.unit.test_read_dbf import Field, dbf
from unburnt.model.memo_names import BESIDE, VERSION, memo_ending, version_of

FIELDS: list[Field] = [("NAME", "C", 10, 0), ("NOTE", "M", 10, 0)]
FOX_FIELDS: list[Field] = [("NAME", "C", 10, 0), ("NOTE", "M", 4, 0)]


def table(numbers: dict[str, int], *, version: int = 0x83, driver: int = 0) -> bytes:
    """A table with a row for each name that names a memo."""
    is_foxpro = version == 0x30
    rows = [(name.encode(), struct.pack("<I", number) if is_foxpro else str(number).rjust(10).encode()) for name, number in numbers.items()]
    return dbf(FOX_FIELDS if is_foxpro else FIELDS, rows, version=version, driver=driver)


def dbt3(texts: list[bytes], *, free: int | None = None) -> bytes:
    """A memo file of dBASE III: each text in the next free blocks."""
    blocks = [(text + b"\x1a\x1a").ljust(-(-(len(text) + 2) // 512) * 512, b"\0") for text in texts]
    body = b"".join(blocks)
    return struct.pack("<I", 1 + len(body) // 512 if free is None else free).ljust(512, b"\0") + body


def dbt4(texts: list[bytes]) -> bytes:
    body = b"".join((b"\xff\xff\x08\0" + struct.pack("<I", len(text) + 8) + text).ljust(-(-(len(text) + 8) // 512) * 512, b"\0") for text in texts)
    head = struct.pack("<I", 1 + len(body) // 512).ljust(20, b"\0") + struct.pack("<H", 512)
    return head.ljust(512, b"\0") + body


def fpt(memos: list[tuple[int, bytes]], *, size: int = 64) -> bytes:
    """A memo file of FoxPro: (type, bytes) each in the next free blocks, from number ``512 / size`` on."""
    body = b"".join((struct.pack(">2I", kind, len(data)) + data).ljust(-(-(len(data) + 8) // size) * size, b"\0") for kind, data in memos)
    return struct.pack(">I2H", (512 + len(body)) // size, 0, size).ljust(512, b"\0") + body


def together(of_table: bytes, *memos: bytes) -> Said:
    return read_joined({1: of_table, **{BESIDE + number: memo for number, memo in enumerate(memos)}}, "a.dbf")


def reason(said: Said) -> str:
    assert said.finished is not None
    return said.finished.reason


@pytest.mark.parametrize("made", ["dbase 3", "dbase 4", "foxpro"])
def test_each_text_stands_in_the_cell_that_names_it(made: str) -> None:
    long = "первое слово " * 90
    texts = [long.encode("cp866"), "второй\r\nтекст".encode("cp866")]
    if made == "foxpro":
        said = together(table({"b": 27, "a": 8}, version=0x30), fpt([(1, texts[0]), (1, texts[1])]))
    else:
        said = together(table({"b": 4, "a": 1}, version=0x83 if made == "dbase 3" else 0x8B), (dbt3 if made == "dbase 3" else dbt4)(texts))
    assert (said.outcome, reason(said)) == ("read", "")
    (sheet,) = said.parts
    shown = {(cell.row, cell.column): sheet.text[cell.start : cell.end] for cell in sheet.cells}
    assert shown == {(0, 0): "NAME", (0, 1): "NOTE", (1, 0): "b", (1, 1): "второй\r\nтекст", (2, 0): "a", (2, 1): long}
    assert {cell.raw for cell in sheet.cells if cell.row and cell.column} == ({"27", "8"} if made == "foxpro" else {"4", "1"})
    assert "beside: 2." in dict(said.notes)["memos"]


def test_a_text_is_in_the_code_page_that_fits_it_though_the_table_itself_tells_none() -> None:
    words = "通知：关于人员管理的意见，请各派出所认真执行"
    assert words in together(table({"a": 1}), dbt3([words.encode("gb18030")])).text
    assert "Распоряжение" in together(table({"a": 1}, driver=0x03), dbt3(["Распоряжение о проверке документов".encode("cp1251")])).text


def test_a_late_text_is_in_the_stated_code_page_though_all_before_it_is_plain() -> None:
    plain = [b"plain words " * 40_000] * 10  # more than is looked at
    numbers = {f"r{number}": 1 + 938 * number for number in range(11)}
    said = together(table(numbers, driver=0x65), dbt3([*plain, "Приказ".encode("cp866")]))
    assert (said.outcome, said.text.rpartition("\t")[2]) == ("read", "Приказ")


def test_two_accents_in_english_texts_make_no_chinese() -> None:
    said = together(table({"a": 1, "b": 3}), dbt3([b"Gift wrap you don't have to do\x85Petits fours " * 20, b"Raspberry Cr\x8ame, " * 20]))
    assert not any(sign >= "\u3000" for sign in said.text) and "do…Petits" in said.text


def test_a_number_that_the_memo_file_does_not_hold_stays_a_number_and_is_counted() -> None:
    said = together(table({"a": 1, "b": 3, "c": 900}), dbt3([b"first", b"second"]))
    assert said.outcome == "partial" and "holds none: 2." in reason(said)
    assert said.text.split("\n")[1:] == ["a\tfirst", "b\t[memo 3]", "c\t[memo 900]"]


def test_a_number_that_leads_into_the_middle_of_a_text_gives_no_text() -> None:
    said = together(table({"a": 1, "b": 2}), dbt3([b"x" * 900, b"second"]))
    assert said.text.split("\n")[2] == "b\t[memo 2]"
    fox = together(table({"a": 8, "b": 9}, version=0x30), fpt([(1, b"y" * 300)]))
    assert fox.text.split("\n")[2] == "b\t[memo 9]"


def test_objects_stay_under_the_memo_file() -> None:
    said = together(table({"a": 8, "b": 9}, version=0x30), fpt([(0, b"picture"), (1, b"words")]))
    assert (said.outcome, said.text.split("\n")[1:]) == ("read", ["a\t[memo 8]", "b\twords"])


def test_compiled_code_that_a_program_keeps_as_text_is_none() -> None:
    said = together(table({"code": 8, "words": 14}, version=0x30), fpt([(1, bytes(range(256)) + b"\1\2\3" * 40), (1, b"words")]))
    assert (said.outcome, said.text.split("\n")[1:]) == ("read", ["code\t[memo 8]", "words\twords"])


def test_beside_memo_files_that_differ_a_row_shows_only_what_they_agree_on() -> None:
    said = together(table({"a": 1, "b": 2}), dbt3([b"same", b"one"]), dbt3([b"same", b"other"]))
    assert said.text.split("\n")[1:] == ["a\tsame", "b\t[memo 2]"]
    assert said.outcome == "partial" and "memo files that differ; long texts that are shown by their numbers: 1." in reason(said)


@pytest.mark.parametrize("memo", [
    b"\0" * 4096, b"\xff" * 4096, b"%PDF-1.4 " * 300, b"\x1a" * 2048, random.Random(5).randbytes(5000), b"x",
    struct.pack("<I", 0xFFFFFFFF).ljust(512, b"\0") + b"\xff\xff\x08\0\xff\xff\xff\xff" + bytes(504),
    struct.pack(">I2H", 0xFFFFFFFF, 0, 0xFFFF).ljust(512, b"\0") + struct.pack(">2I", 1, 0xFFFFFFFF) + bytes(504),
], ids=range(8))  # fmt: skip
@pytest.mark.parametrize("version", [0x83, 0x8B, 0x30])
def test_whatever_lies_there_instead_the_rows_are_all_there(memo: bytes, version: int) -> None:
    numbers = {"first": 1, "zero": 0, "last": 9_999_999, "far": (1 << 32) - 1}
    said = together(table(numbers, version=version), memo)
    assert said.outcome in ("read", "partial")
    assert [line.split("\t")[0] for line in said.text.split("\n") if line.split("\t")[0] in numbers] == list(numbers)


def test_numbers_that_are_none_and_hundreds_of_digits_are_shown_as_they_are() -> None:
    fields: list[Field] = [("NOTE", "M", 200, 0)]
    for raw in (b"9" * 200, b"-1", b"1e3", "３".encode(), b"0x1"):
        said = together(dbf(fields, [(raw,)], version=0x83), dbt3([b"text"]))
        assert "[memo" in said.text and "text" not in said.text.split("\n")[1]


def test_ten_thousand_rows_of_one_giant_text_end_at_the_limit_on_text() -> None:
    rows = {f"r{number}": 1 for number in range(10_000)}
    said = read_joined({1: table(rows), BESIDE: dbt3([b"word " * 200_000])}, "a.dbf", text_limit=8 << 20)
    assert said.outcome == "partial" and len(said.text) <= 8 << 20


@pytest.mark.parametrize(("ending", "version", "wanted"), [
    ("dbf", 0x83, "dbt"), ("DBF", 0x8B, "dbt"), ("dbf", 0x30, "fpt"), ("dbf", 0xF5, "fpt"), ("SCX", 0x30, "sct"), ("dbc", 0x30, "dct"),
])  # fmt: skip
def test_memo_files_are_called_by_the_version_of_the_table(ending: str, version: int, wanted: str) -> None:
    assert memo_ending(ending, version) == wanted


@pytest.mark.parametrize(("told", "version"), [("0x8b", 0x8B), ("", 0), ("0x", 0), ("zz", 0), ("0x" + "f" * 10_000, 0), ("-0x1", 0), ("0x８b", 0)])
def test_a_version_that_a_taken_over_reader_made_up_is_none(told: str, version: int) -> None:
    assert version_of({VERSION: told}) == version
