"""DBF tables of every level, written here byte by byte after the published descriptions of their headers."""

from __future__ import annotations

import random
import struct

import pytest

from tests.read_by_child import Said, read

Field = tuple[str, str, int, int]


def dbf(
    fields: list[Field], records: list[tuple[bytes, ...]], *, version: int = 3, driver: int = 0, encoding: str = "cp1252",
    deleted: tuple[int, ...] = (), stated: int | None = None,
) -> bytes:  # fmt: skip
    if version in (0x04, 0x8C):
        described = b"".join(
            name.encode(encoding).ljust(32, b"\0") + kind.encode() + bytes([length, decimals]) + bytes(13) for name, kind, length, decimals in fields
        )
        before = bytes(36)
    else:
        described = b"".join(
            name.encode(encoding).ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([length & 255, length >> 8 if kind == "C" else decimals]) + bytes(14)
            for name, kind, length, decimals in fields
        )
        before = b""
    length = 32 + len(before) + len(described) + 1 + (263 if version == 0x30 else 0)
    width = 1 + sum(field[2] for field in fields)
    head = struct.pack("<4B I 2H", version, 117, 2, 6, len(records) if stated is None else stated, length, width) + bytes(17) + bytes([driver, 0, 0])
    body = b"".join(
        (b"*" if number in deleted else b" ") + b"".join(value.ljust(field[2], b" ") for value, field in zip(record, fields, strict=True))
        for number, record in enumerate(records)
    )
    return head + before + described + b"\r" + bytes(length - len(head) - len(before) - len(described) - 1) + body + b"\x1a"


PLAIN: list[Field] = [("NAME", "C", 20, 0), ("AGE", "N", 5, 1), ("BORN", "D", 8, 0), ("HELD", "L", 1, 0), ("NOTE", "M", 10, 0)]
ROWS = [(b"first", b"  4.5", b"19720131", b"T", b"         3"), (b"second", b"", b"00000000", b"?", b"")]


def reason(said: Said) -> str:
    assert said.finished is not None
    return said.finished.reason


def test_records_are_rows_under_their_headings_with_types() -> None:
    said = read(dbf(PLAIN, ROWS), "a.dbf")
    assert said.outcome == "read"
    assert said.text == "NAME\tAGE\tBORN\tHELD\tNOTE\nfirst\t4.5\t1972-01-31\tTRUE\t[memo 3]\nsecond"
    assert [(cell.type, cell.raw) for cell in said.parts[0].cells if cell.row == 1] == [
        ("text", None), ("number", None), ("date", "19720131"), ("boolean", "T"), ("text", "3"),
    ]  # fmt: skip
    assert [code for code, _ in said.notes] == ["memos"]
    assert said.metadata.dates[0].value == "2017-02-06"


@pytest.mark.parametrize(("driver", "encoding", "names"), [
    (0x4D, "gb18030", ["孙都克乡派出所", "张三", "户籍登记"]), (0x4F, "cp950", ["戶籍登記", "張三", "派出所"]),
    (0xC9, "cp1251", ["Алматы", "Иванов"]), (0x26, "cp866", ["Алматы", "Иванов"]), (0, "gb18030", ["孙都克乡派出所", "王小明", "工作单位名称"]),
    (0x03, "cp1251", ["Распоряжение о проверке документов", "Список сотрудников"]),
])  # fmt: skip
def test_texts_are_in_the_code_page_that_fits(driver: int, encoding: str, names: list[str]) -> None:
    said = read(dbf([("姓名" if encoding == "gb18030" else "NAME", "C", 80, 0)], [(name.encode(encoding),) for name in names],
                    driver=driver, encoding=encoding), "a.dbf")  # fmt: skip
    assert said.text.split("\n")[1:] == names


def test_deleted_rows_are_shown_as_hidden_ones() -> None:
    said = read(dbf(PLAIN, ROWS, deleted=(1,)), "a.dbf")
    assert said.parts[0].hidden_rows == (2,)
    assert "second" in said.text and "deleted-rows" in dict(said.notes)


def test_foxpro_stores_numbers_and_times_in_its_own_way() -> None:
    fields: list[Field] = [("I", "I", 4, 0), ("Y", "Y", 8, 4), ("B", "B", 8, 2), ("T", "T", 8, 0), ("M", "M", 4, 0), ("F", "0", 1, 0)]
    # 2457791 is the Julian day of 2017-02-06.
    row = (struct.pack("<i", -7), struct.pack("<q", 123450), struct.pack("<d", 0.1), struct.pack("<2i", 2457791, 36_000_000), struct.pack("<i", 9), b"\1")
    said = read(dbf(fields, [row], version=0x30), "a.dbf")
    assert said.text.split("\n")[1] == "-7\t12.3450\t0.1\t2017-02-06 10:00:00\t[memo 9]"


def test_level_7_has_long_names_and_numbers_that_sort_as_bytes() -> None:
    fields: list[Field] = [("A_NAME_LONGER_THAN_ELEVEN", "C", 10, 0), ("ID", "+", 4, 0), ("O", "O", 8, 0), ("N", "O", 8, 0)]
    positive = bytes([0x80 | struct.pack(">d", 2.5)[0]]) + struct.pack(">d", 2.5)[1:]
    negative = bytes(255 - byte for byte in struct.pack(">d", -2.5))
    said = read(dbf(fields, [(b"x", struct.pack(">I", 0x80000005), positive, negative)], version=4), "a.dbf")
    assert said.text == "A_NAME_LONGER_THAN_ELEVEN\tID\tO\tN\nx\t5\t2.5\t-2.5"


def test_a_table_that_is_cut_off_or_counts_wrongly_gives_what_is_there() -> None:
    whole = dbf(PLAIN, ROWS * 50)
    cut = read(whole[:-1000], "a.dbf")
    assert (cut.outcome, "of the 100 records" in reason(cut)) == ("partial", True)
    lie = read(dbf(PLAIN, ROWS, stated=4_000_000_000), "a.dbf")
    assert (lie.outcome, lie.text.count("\n")) == ("partial", 2)
    crashed = read(dbf(PLAIN, ROWS, stated=0), "a.dbf")
    assert (crashed.outcome, "second" in crashed.text, "dbf-count" in dict(crashed.notes)) == ("read", True, True)
    assert read(dbf(PLAIN, []), "a.dbf").outcome == "empty"


def test_what_only_begins_like_a_table_is_none() -> None:
    chance = random.Random(1)
    for _ in range(50):
        said = read(b"\x03" + chance.randbytes(300), "a.bin")
        assert said.began is not None and said.began.type != "application/x-dbf"


def test_random_damage_is_an_outcome() -> None:
    whole, chance = dbf(PLAIN, ROWS * 20), random.Random(2)
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(5):
            damaged[chance.randrange(200)] = chance.randrange(256)
        assert read(bytes(damaged), "a.dbf").finished is not None


def test_memos_of_foxpro_stand_under_their_numbers() -> None:
    texts = {8: "通知：关于人员管理".encode("gb18030"), 10: b"plain", 11: b""}
    body = b"".join((struct.pack(">2I", 1, len(text)) + text).ljust(64 if number != 8 else 128, b"\0") for number, text in texts.items())
    data = struct.pack(">I2H", 12, 0, 64) + bytes(504) + body
    said = read(data, "a.fpt")
    assert (said.outcome, [(part.label, part.text) for part in said.parts]) == ("read", [("memo 8", "通知：关于人员管理"), ("memo 10", "plain")])


@pytest.mark.parametrize("level", [3, 4])
def test_memos_of_dbase_stand_under_their_numbers(level: int) -> None:
    texts = ["first " * 200, "второй"]
    raw = [text.encode("cp866") for text in texts]
    if level == 3:
        blocks = [(text + b"\x1a\x1a").ljust(-(-(len(text) + 2) // 512) * 512, b"\0") for text in raw]
    else:
        blocks = [(b"\xff\xff\x08\0" + struct.pack("<I", len(text) + 8) + text).ljust(-(-(len(text) + 8) // 512) * 512, b"\0") for text in raw]
    head = struct.pack("<I", 5).ljust(20, b"\0") + struct.pack("<H", 512 if level == 4 else 0)
    said = read(head.ljust(512, b"\0") + b"".join(blocks), "a.dbt")
    assert [(part.label, part.text) for part in said.parts] == [("memo 1", texts[0]), ("memo 4", texts[1])]


def test_a_memo_file_without_an_end_is_read_within_bounds() -> None:
    head = struct.pack("<I", 8000).ljust(512, b"\0")
    said = read(head + b"x" * (4 << 20), "a.dbt")
    assert (said.outcome, len(said.text)) == ("read", 4 << 20)


def test_memos_that_come_after_many_plain_ones_keep_their_letters() -> None:
    raw = [b"plain words " * 500] * 20 + ["Распоряжение о проверке".encode("cp1251")]
    blocks = [(text + b"\x1a\x1a").ljust(-(-(len(text) + 2) // 512) * 512, b"\0") for text in raw]
    said = read(struct.pack("<I", 242).ljust(512, b"\0") + b"".join(blocks), "a.dbt")
    assert (said.parts[-1].text, said.metadata.fields["text:encoding"]) == ("Распоряжение о проверке", "cp1251")


def test_two_accents_in_english_memos_make_no_chinese() -> None:
    raw = [b"Gift wrap you don't have to do\x85Petits fours " * 3, b"Raspberry Cr\x8ame, " * 3]
    blocks = [(text + b"\x1a\x1a").ljust(512, b"\0") for text in raw]
    said = read(struct.pack("<I", 3).ljust(512, b"\0") + b"".join(blocks), "a.dbt")
    assert "do…Petits" in said.text and not any(sign >= "\u3000" for sign in said.text)
