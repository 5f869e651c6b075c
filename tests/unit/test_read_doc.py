"""Old Word files of the smallest kind, made here after MS-DOC: what damage may cost and what it may not."""

from __future__ import annotations

import struct

from tests.ole_made import compound
from tests.read_by_child import read

ZH = "关于加强户籍登记管理工作的通知"


def word(text: str, *, lost: int = 0, flags: int = 0x0200, tables: str = "1Table") -> bytes:
    """A document of one piece in UTF-16, *lost* bytes of which are missing at the end of its stream."""
    units = text.encode("utf-16-le")
    head = bytearray(0x400)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 0x0A, flags)
    struct.pack_into("<i", head, 0x4C, len(text))
    piece = struct.pack("<HIH", 0, len(head), 0)
    plc = struct.pack("<2I", 0, len(text)) + piece
    table = b"\x02" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<II", head, 0x1A2, 0, len(table))
    return compound({"WordDocument": bytes(head) + units[: len(units) - lost], tables: table})


def test_text_stands_where_the_table_of_pieces_says() -> None:
    assert read(word(ZH), "a.doc").text.strip() == ZH


def test_text_that_ends_within_a_letter_is_read_to_there() -> None:
    assert read(word(ZH, lost=3), "a.doc").text.strip() == ZH[:-2]


def test_words_that_stand_in_a_fields_instruction_are_text() -> None:
    """Circled letters and readings above letters have no result (Word and WPS draw them); links and page numbers show theirs."""
    said = read(word("a\x13 EQ \\o\\ac(○,印)\x15b\x13 IF \x13 EQ \\f(1,2)\x15 \x14c\x15\x13 PAGE \x15"), "a.doc")
    assert said.text == "a○印bc"


def test_an_encrypted_file_without_its_table_is_locked_and_ends_no_child() -> None:
    """msoffcrypto says a missing stream by the machine's own kind of error, as a fuzzer found."""
    said = read(word(ZH, flags=0x0300, tables="Other"), "a.doc", passwords=("one",))
    assert said.outcome == "locked"
