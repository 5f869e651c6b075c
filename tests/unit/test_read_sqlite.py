"""SQLite databases: every row of every table under its heading and number, nothing run, nothing lost without a word."""

from __future__ import annotations

import plistlib
import random
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.read_by_child import Said, read
from unburnt.model.reading import Cell, Part
from unburnt.read.formats.databases import sqlite_

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(60)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., bytes]:
    def make(script: str, *rows: tuple[str, list[tuple[object, ...]]], before: str = "") -> bytes:
        path = tmp_path / "made.db"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(before)
        connection.executescript(script)
        for statement, values in rows:
            connection.execute("BEGIN")
            connection.executemany(statement, values)
            connection.execute("COMMIT")
        connection.close()
        return path.read_bytes()

    return make


def sheets(said: Said) -> dict[str, Part]:
    return {part.label: part for part in said.parts if part.kind == "sheet"}


def shown(part: Part) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): part.text[cell.start : cell.end] for cell in part.cells}


def at(part: Part, row: int, column: int) -> Cell:
    return next(cell for cell in part.cells if (cell.row, cell.column) == (row, column))


def reason(said: Said) -> str:
    assert said.finished is not None
    return said.finished.reason


def test_each_table_is_a_sheet_with_headings_and_row_numbers(made: Callable[..., bytes]) -> None:
    said = read(made(
        "CREATE TABLE 名册 (姓名, возраст INTEGER, share REAL); CREATE TABLE keyed (id INTEGER PRIMARY KEY, note TEXT);"
        'CREATE TABLE "a ""b" (rowid TEXT, "c,d"); CREATE TABLE empty (x)',
        ("INSERT INTO 名册 VALUES (?, ?, ?)", [("ئايگۈل", 45, None), ("张三", None, 0.1)]),
        ("INSERT INTO keyed VALUES (?, ?)", [(7, "seven"), (-3, "")]),
        ('INSERT INTO "a ""b" VALUES (?, ?)', [("mine", 2**62)]),
    ), "a.db")  # fmt: skip
    assert said.outcome == "read"
    assert said.expected is not None and said.expected.pages == len(said.parts) == 5
    assert sheets(said)["名册"].text == "rowid\t姓名\tвозраст\tshare\n1\tئايگۈل\t45\n2\t张三\t\t0.1"
    assert sheets(said)["keyed"].text == "id\tnote\n-3\n7\tseven"
    assert sheets(said)['a "b'].text == f"rowid\trowid\tc,d\n1\tmine\t{2**62}"
    assert sheets(said)["empty"].text == "rowid\tx"
    assert shown(sheets(said)["名册"])[1, 1] == "ئايگۈل"


def test_tables_without_row_numbers_and_wide_texts_are_read(made: Callable[..., bytes]) -> None:
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
        said = read(made(
            "CREATE TABLE t (code TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID",
            ("INSERT INTO t VALUES (?, ?)", [("б", "居留"), ("а", "拘留")]), before=f"PRAGMA encoding='{encoding}'",
        ), "a.db")  # fmt: skip
        assert (said.outcome, sheets(said)["t"].text) == ("read", "code\tv\nа\t拘留\nб\t居留")
        assert said.metadata.fields["sqlite:encoding"] == encoding


def test_no_view_trigger_or_computed_column_is_run(made: Callable[..., bytes]) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    said = read(made(
        f"CREATE TABLE t (a, b AS (hex(zeroblob(100000000))) VIRTUAL, c AS (a || '!') STORED); CREATE VIEW v AS {endless};"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT raise(ABORT, 'no'); END; DROP TRIGGER g;"
        "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END",
        ("INSERT INTO t (a) VALUES (?)", [("x",)]),
    ), "a.db")  # fmt: skip
    assert said.outcome == "read"
    assert sheets(said)["t"].text == "rowid\ta\tc\n1\tx\tx!"
    assert "CREATE VIEW v AS WITH RECURSIVE" in said.parts[0].text and "CREATE TRIGGER g" in said.parts[0].text
    assert [code for code, _ in said.notes] == ["not-run", "computed-columns"]


def test_full_text_tables_are_read_from_where_their_content_lies(made: Callable[..., bytes]) -> None:
    said = read(made("CREATE VIRTUAL TABLE notes USING fts5(body)", ("INSERT INTO notes VALUES (?)", [("第三号指示",)])), "a.db")
    assert said.outcome == "read"
    assert "第三号指示" in sheets(said)["notes_content"].text
    assert sheets(said)["notes_content"].hidden and "notes" not in sheets(said)


def test_files_in_cells_are_members_once_for_each_content(made: Callable[..., bytes]) -> None:
    said = read(made(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, photo BLOB)",
        ("INSERT INTO p VALUES (?, ?)", [(1, PNG), (2, PNG), (5, "текст".encode()), (6, b"\0\1\2"), (7, b""), (8, bytes(range(200, 256)))]),
    ), "a.db")  # fmt: skip
    assert (said.members, said.bytes) == ([b"p/photo/1.png"], PNG)
    sheet = sheets(said)["p"]
    assert at(sheet, 2, 1).comment == at(sheet, 1, 1).comment == "Kept as the member p/photo/1.png (image/png)."
    assert [shown(sheet)[row, 1] for row in (3, 4)] == ["текст", "x'000102' (3 bytes)"]
    assert shown(sheet)[6, 1].startswith("x'c8c9") and shown(sheet)[6, 1].endswith("…' (56 bytes)")


def test_property_lists_in_cells_are_shown_by_their_values(made: Callable[..., bytes]) -> None:
    stored = plistlib.dumps({"CKChatName": "明天见", "n": [1]}, fmt=plistlib.FMT_BINARY)
    said = read(made("CREATE TABLE t (p BLOB)", ("INSERT INTO t VALUES (?)", [(stored,), (b"bplist00" + bytes(40),)])), "a.db")
    assert shown(sheets(said)["t"])[1, 1] == "CKChatName: 明天见\nn[0]: 1"
    assert shown(sheets(said)["t"])[2, 1].startswith("x'62706c69")


def test_apple_messages_show_their_texts_and_times_beside_what_is_stored(made: Callable[..., bytes]) -> None:
    text = "明天见".encode()
    archived = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x01\x94\x84\x01+" + bytes([len(text)]) + text + b"\x86"
    said = read(made(
        "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, text, attributedBody BLOB, date INTEGER); CREATE TABLE chat (a);"
        "CREATE TABLE handle (id); CREATE TABLE chat_message_join (chat_id, message_date)",
        ("INSERT INTO message VALUES (?, ?, ?, ?)", [(1, "hello", None, 508064400), (2, None, archived, 508064400 * 10**9), (3, "", None, 0)]),
    ), "sms.db")  # fmt: skip
    sheet = sheets(said)["message"]
    assert shown(sheet)[1, 3] == "508064400 (2017-02-06 09:00:00 UTC)"
    assert at(sheet, 1, 3).raw == "508064400"
    assert shown(sheet)[2, 3] == "508064400000000000 (2017-02-06 09:00:00 UTC)"
    assert shown(sheet)[2, 2] == "明天见" and shown(sheet)[3, 3] == "0"
    assert said.metadata.fields["sqlite:program"] == "Apple Messages (sms.db, chat.db)"


def test_a_number_that_only_may_be_a_time_stays_a_number(made: Callable[..., bytes]) -> None:
    said = read(made("CREATE TABLE t (date, timestamp)", ("INSERT INTO t VALUES (?, ?)", [(1486375200, 1486375200000)])), "a.db")
    assert sheets(said)["t"].text.endswith("\t1486375200\t1486375200000")


def test_core_data_times_count_from_2001(made: Callable[..., bytes]) -> None:
    said = read(made(
        "CREATE TABLE Z_PRIMARYKEY (a); CREATE TABLE Z_METADATA (a); CREATE TABLE ZWACHATSESSION (a);"
        "CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZMESSAGEDATE TIMESTAMP, ZTEXT VARCHAR)",
        ("INSERT INTO ZWAMESSAGE VALUES (?, ?, ?)", [(1, 508064400.5, "hi")]),
    ), "ChatStorage.sqlite")  # fmt: skip
    assert shown(sheets(said)["ZWAMESSAGE"])[1, 1] == "508064400.5 (2017-02-06 09:00:00 UTC)"
    assert said.metadata.fields["sqlite:program"] == "WhatsApp on iOS (ChatStorage.sqlite)"


def test_a_write_ahead_log_and_free_pages_are_noted_and_the_log_file_named(made: Callable[..., bytes]) -> None:
    data = made("CREATE TABLE t (a); CREATE TABLE u (a)", ("INSERT INTO t VALUES (?)", [("x" * 3000,)] * 50), before="PRAGMA journal_mode=WAL")
    assert (read(data, "a.db").outcome, [code for code, _ in read(data, "a.db").notes]) == ("read", ["write-ahead-log"])
    freed = made("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(90000)); DROP TABLE t; CREATE TABLE u (a)")
    assert [code for code, _ in read(freed, "a.db").notes] == ["free-pages"]
    log = read(struct.pack(">8I", 0x377F0682, 3007000, 4096, 0, 1, 2, 3, 4) + bytes(4120), "a.db-wal")
    assert (log.outcome, "write-ahead log" in reason(log)) == ("unsupported", True)


def test_text_that_is_no_utf8_is_decoded_as_what_it_is(made: Callable[..., bytes]) -> None:
    names = ["关于进一步加强人员管理工作的通知", "单位名称和组织机构", "户籍登记和安全教育"]
    for table in ("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)", "CREATE TABLE t (id INT PRIMARY KEY, a, b) WITHOUT ROWID"):
        said = read(made(table, (
            "INSERT INTO t VALUES (?, CAST(? AS TEXT), ?)", [(n, name.encode("gb18030") if n != 1 else "ok", n) for n, name in enumerate(names)],
        )), "a.db")  # fmt: skip
        assert said.outcome == "read"
        assert sheets(said)["t"].text == f"id\ta\tb\n0\t{names[0]}\t0\n1\tok\t1\n2\t{names[2]}\t2"


def test_rows_behind_a_damaged_page_are_still_read(made: Callable[..., bytes]) -> None:
    data = bytearray(made("CREATE TABLE t (id INTEGER PRIMARY KEY, a)", ("INSERT INTO t VALUES (?, ?)", [(n, f"row {n}") for n in range(20_000)])))
    pages = len(data) // 4096
    for page in (pages // 3, pages // 2):
        data[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    said = read(bytes(data), "a.db")
    rows = [int(line.split("\t")[0]) for part in sheets_in_order(said, "t") for line in part.text.splitlines() if line[0].isdigit()]
    assert said.outcome == "partial"
    assert f"damaged in 2 places; {len(rows)} rows were read" in reason(said)
    assert rows == sorted(set(rows)) and rows[-1] == 19_999
    assert 19_000 < len(rows) < 20_000


def sheets_in_order(said: Said, label: str) -> list[Part]:
    return [part for part in said.parts if part.label == label]


def test_a_database_that_is_cut_off_gives_what_is_there(made: Callable[..., bytes]) -> None:
    data = made("CREATE TABLE t (id INTEGER PRIMARY KEY, a)", ("INSERT INTO t VALUES (?, ?)", [(n, f"row {n}") for n in range(20_000)]))
    said = read(data[: len(data) // 2 + 100], "a.db")
    assert said.outcome == "partial" and "is cut off" in reason(said)
    assert "row 5000" in said.text


def test_a_schema_that_makes_no_sense_in_one_place_is_read_elsewhere(made: Callable[..., bytes]) -> None:
    data = made("CREATE TABLE good (a); CREATE TABLE evil (bbbbbbbb); INSERT INTO good VALUES ('kept')")
    said = read(data.replace(b"CREATE TABLE evil (", b"CREATE TXXXX evil ("), "a.db")
    assert said.outcome == "partial" and "schema is damaged" in reason(said)
    assert sheets(said)["good"].text == "rowid\ta\n1\tkept"


def test_tables_beyond_the_limit_are_counted(made: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_, "MOST_TABLES", 20)
    said = read(made("".join(f"CREATE TABLE t{number} (a);" for number in range(23))), "a.db")
    assert (said.outcome, len(sheets(said))) == ("partial", 20)
    assert said.expected is not None and said.expected.pages == 24
    assert "Only the first 20 of 23 tables were read." in reason(said)


def test_an_encrypted_database_is_locked_and_named(made: Callable[..., bytes]) -> None:
    pages = random.Random(4).randbytes(64 * 1024)
    said = read(pages, "EnMicroMsg.db")
    assert (said.outcome, "SQLCipher" in reason(said), "WeChat" in reason(said)) == ("locked", True, True)
    assert read(pages, "noise.bin").outcome == "unsupported"
    assert read(pages[:-1], "EnMicroMsg.db").outcome == "unsupported"
    assert read(bytes(range(256)) * 3 + bytes(256), "a.db").outcome != "locked"
