"""Old Word files of the smallest kind, made here after MS-DOC: what damage may cost and what it may not."""

from __future__ import annotations

import struct
import time

from tests.ole_made import compound
from tests.read_by_child import Said, read

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


# --- tracked changes and comments ---------------------------------------------------------------------------------

MAY_4 = 12 | 9 << 6 | 4 << 11 | 5 << 16 | 117 << 20
"""4 May 2017, 9:12, as Word packs it."""
INSERTED, DELETED = struct.pack("<HB", 0x0801, 1), struct.pack("<HB", 0x0800, 1)


def by(author: int, date: int = MAY_4, *, deleted: bool = False) -> bytes:
    return struct.pack("<HHHI", 0x4863 if deleted else 0x4804, author, 0x6864 if deleted else 0x6805, date)


def strings(*texts: str) -> bytes:
    return struct.pack("<HHH", 0xFFFF, len(texts), 0) + b"".join(struct.pack("<H", len(text)) + text.encode("utf-16-le") for text in texts)


def changed(
    runs: list[tuple[str, bytes]], *, modifier: int = 0, lists: bytes = b"", comments: tuple[str, int, str] | None = None
) -> bytes:
    """A document of these stretches of text, each with its properties, and one comment: its words, place and author."""
    text = "".join(one for one, _ in runs) + (comments[0] if comments else "")
    units, head = text.encode("utf-16-le"), bytearray(0x600)
    page, bounds, packed = bytearray(512), [len(head)], 510
    for index, (one, properties) in enumerate(runs):
        bounds.append(bounds[-1] + len(one.encode("utf-16-le")))
        if properties:
            packed = (packed - len(properties) - 1) // 2 * 2
            page[packed : packed + 1 + len(properties)] = bytes([len(properties)]) + properties
            page[4 * (len(runs) + 1) + index] = packed // 2
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    page[511] = len(runs)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<HH", head, 0x0A, 0x0200, 0)
    struct.pack_into("<H", head, 0x98, 0x88)
    length = len(units) // 2 - (len(comments[0]) if comments else 0)
    struct.pack_into("<i", head, 0x4C, length)
    plc = struct.pack("<2IHIH", 0, len(units) // 2, 0, len(head), modifier)
    table = bytearray(16)

    def named(entry: int, data: bytes) -> None:
        struct.pack_into("<II", head, entry, len(table), len(data))
        table.extend(data)

    named(0x1A2, lists + b"\x02" + struct.pack("<I", len(plc)) + plc)
    named(0x232, strings("Unknown", "张三", "Иванов"))
    named(0xFA, struct.pack("<3I", bounds[0], bounds[-1], (len(head) + len(units) + 511) // 512))
    if comments:
        words, place, author = comments
        struct.pack_into("<i", head, 0x5C, len(words))
        named(0xBA, struct.pack("<2I", place, length) + struct.pack("<H", 2) + "ZS".encode("utf-16-le") + bytes(24))
        named(0xC2, struct.pack("<3I", 0, len(words), len(words)))
        named(0x1BA, struct.pack("<H", len(author)) + author.encode("utf-16-le"))
        named(0x41A, struct.pack("<I", MAY_4) + bytes(14))
    stream = bytes(head) + units
    return compound({"WordDocument": stream.ljust((len(stream) + 511) // 512 * 512, b"\0") + bytes(page), "1Table": bytes(table)})


def told(said: Said, kind: str) -> list[tuple[str, str, str | None, str | None]]:
    return [(mark.kind, part.text[mark.start : mark.end], mark.author, mark.date)
            for part in said.parts if part.kind == kind for mark in part.marks if mark.kind != "field"]


def test_deleted_and_inserted_text_is_marked_with_who_and_when() -> None:
    said = read(changed([
        ("第一条 𠮷 ", b""), ("不", DELETED + by(2, deleted=True)), ("应当", INSERTED + by(1)), ("立即", INSERTED + b"\x35\x08\x01" + by(1)),
        ("执行\r", b"\x35\x08\x01"), ("\r", INSERTED + by(2, 0)), ("旧", DELETED + by(1)),
        ("both", INSERTED + by(1) + DELETED + by(2, deleted=True)), ("\r", b""),
    ]), "a.doc")
    assert said.text == "第一条 𠮷 不应当立即执行\n\n旧both\n"
    assert told(said, "text") == [
        ("deletion", "不", "Иванов", "2017-05-04T09:12:00"), ("insertion", "应当立即", "张三", "2017-05-04T09:12:00"),
        ("insertion", "\n", "Иванов", None), ("deletion", "旧", "张三", "2017-05-04T09:12:00"),
        ("insertion", "both", "张三", "2017-05-04T09:12:00"), ("deletion", "both", "Иванов", "2017-05-04T09:12:00"),
    ]
    assert [mark.text for mark in said.parts[0].marks] == ["", "", "paragraph mark", "", "", ""]
    assert "Иванов: 1 insertion, 2 deletions, 2017-05-04T09:12:00\n" in said.properties
    assert not [note for note in said.notes if note[0] == "doc-limits"]


def test_changes_within_fields_and_tables_stand_where_they_are_shown() -> None:
    said = read(changed([
        ("a\x07b\x07\x07", b""), ("\x13 PAGE ", INSERTED + by(1)), ("\x14", INSERTED + by(1)), ("7\x15c", INSERTED + by(1)), ("d\r", b""),
    ]), "a.doc")
    assert said.text == "a\tb\n7cd\n"
    assert told(said, "text") == [("insertion", "7c", "张三", "2017-05-04T09:12:00")]


def test_a_piece_of_text_may_be_deleted_as_a_whole() -> None:
    whole = [("deletion", "ab\n", None, None)]
    assert told(read(changed([("a", b""), ("b\r", b"")], modifier=1 << 8 | 0x41 << 1), "a.doc"), "text") == whole
    one = DELETED + by(1)
    listed = read(changed([("ab\r", b"")], modifier=1, lists=b"\x01" + struct.pack("<H", len(one)) + one), "a.doc")
    assert told(listed, "text") == [("deletion", "ab\n", "张三", "2017-05-04T09:12:00")]


def test_comments_of_old_word_files_have_author_time_and_place() -> None:
    said = read(changed([("词𠮷\x05句\r", b"")], comments=("\x05不实\r", 3, "李四")), "a.doc")
    assert told(said, "comments") == [("comment", "不实\n", "李四", "2017-05-04T09:12:00")]
    (mark,) = said.parts[0].marks
    assert (mark.text, mark.author, mark.date, mark.start, mark.end) == ("不实", "李四", "2017-05-04T09:12:00", 2, 2)
    assert said.parts[0].text == "词𠮷句\n", "letters beyond the first 65,536 count twice where stories are told apart"


def test_changes_that_cannot_be_followed_cost_no_text() -> None:
    data = changed([("abc", DELETED + by(9, 0xFFFFFFFF)), ("\r", b"")])
    assert told(read(data, "a.doc"), "text") == [("deletion", "abc", None, None)]
    for place in range(0, len(data), 97):
        read(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :], "a.doc")


NOT_ALL = ("doc-limits", "Old Word file: some of its tracked changes and comments are not told apart.")


def forged(pages: list[list[bytes]], *, pieces: int, letters: int) -> bytes:
    """A document whose pieces are all the same *letters*, over which each page of properties lies with one run or one a letter."""
    head, units = bytearray(0x400), "a".encode("utf-16-le") * letters
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<HH", head, 0x0A, 0x0200, 0)
    struct.pack_into("<i", head, 0x4C, pieces * letters)
    stream = bytearray(bytes(head) + units)
    stream += bytes(-len(stream) % 512)
    first = len(stream) // 512
    for runs in pages:
        page, packed, size = bytearray(512), 510, len(units) // len(runs)
        struct.pack_into(f"<{len(runs) + 1}I", page, 0, *(len(head) + size * one for one in range(len(runs) + 1)))
        kept: dict[bytes, int] = {}
        for index, properties in enumerate(runs):
            if properties not in kept:
                packed = (packed - len(properties) - 1) // 2 * 2
                page[packed : packed + 1 + len(properties)] = bytes([len(properties)]) + properties
                kept[properties] = packed // 2
            page[4 * (len(runs) + 1) + index] = kept[properties]
        page[511] = len(runs)
        stream += page
    plc = struct.pack(f"<{pieces + 1}I", *range(0, (pieces + 1) * letters, letters)) + struct.pack("<HIH", 0, len(head), 0) * pieces
    table = bytearray(b"\x02" + struct.pack("<I", len(plc)) + plc)
    struct.pack_into("<II", stream, 0x1A2, 0, len(table))
    numbers = struct.pack(f"<{2 * len(pages) + 1}I", *range(len(pages) + 1), *range(first, first + len(pages)))
    struct.pack_into("<II", stream, 0xFA, len(table), len(numbers))
    return compound({"WordDocument": bytes(stream), "1Table": bytes(table + numbers)})


def test_properties_that_lie_one_over_the_other_are_gone_through_once() -> None:
    """Every piece went through all that lie over it: 1,000 pieces and 5,000 equal runs took two seconds."""
    began = time.process_time()
    said = read(forged([[b"", INSERTED]] * 10_000, pieces=3_000, letters=2), "a.doc")
    assert time.process_time() - began < 5
    assert [(mark.kind, mark.start, mark.end) for mark in said.parts[0].marks] == [("insertion", one, one + 1) for one in range(1, 6_000, 2)]
    assert NOT_ALL not in said.notes


def test_changes_beyond_what_is_told_are_said_to_be_missing() -> None:
    """Pieces may show the same bytes again and again: what is told of them has an end, and the reader says so."""
    many = read(forged([[INSERTED, DELETED] * 30], pieces=1_000, letters=60), "a.doc")
    assert len(many.text) == 60_000 and len(many.parts[0].marks) == 50_000 and many.notes == [NOT_ALL]
    again = read(forged([[INSERTED] * 60], pieces=9_000, letters=60), "a.doc")
    assert len(again.text) == 540_000 and again.notes == [NOT_ALL]
    (mark,) = again.parts[0].marks
    assert mark.start == 0 and mark.end and mark.end < 540_000


def commented(words: str, bounds: list[int], *, endnote: str = "", author: str = "李四") -> bytes:
    """A document of one line on which there are comments with these bounds in their story, and an endnote."""
    text, head, count = "词句\r", bytearray(0x600), len(bounds) - 2
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<HH", head, 0x0A, 0x0200, 0)
    struct.pack_into("<8i", head, 0x4C, len(text), 0, 0, 0, len(words), len(endnote), 0, 0)
    units, table = (text + words + endnote).encode("utf-16-le"), bytearray(16)
    plc = struct.pack("<2IHIH", 0, len(units) // 2, 0, len(head), 0)
    about = (struct.pack("<H", 2) + "ZS".encode("utf-16-le") + bytes(24)) * count
    for entry, data in (
        (0x1A2, b"\x02" + struct.pack("<I", len(plc)) + plc), (0xBA, struct.pack(f"<{count + 1}I", *[1] * count, len(text)) + about),
        (0xC2, struct.pack(f"<{len(bounds)}I", *bounds)), (0x1BA, struct.pack("<H", len(author)) + author.encode("utf-16-le")),
    ):  # fmt: skip
        struct.pack_into("<II", head, entry, len(table), len(data))
        table.extend(data)
    return compound({"WordDocument": bytes(head) + units, "1Table": bytes(table)})


def test_comments_whose_words_overlap_are_told_once_and_the_rest_is_said_to_be_missing() -> None:
    """Each of 200 comments claimed the whole story: 209 KB became 20 million characters of marks."""
    words = "不" * 9_999 + "\r"
    said = read(commented(words, [0, len(words)] * 100), "a.doc")
    assert sum(len(mark.text) for mark in said.parts[0].marks) <= len(words)
    assert [part.text for part in said.parts] == ["词句\n", words.replace("\r", "\n")] and said.notes == [NOT_ALL]
    fine = read(commented("\x05甲\r\x05乙\r\r", [0, 3, 6, 7]), "a.doc")
    assert [mark.text for mark in fine.parts[0].marks] == ["甲", "乙"] and not fine.notes


def test_comments_that_claim_to_reach_beyond_their_story_stand_on_no_other() -> None:
    said = read(commented("\x05甲\r", [0, 8, 8], endnote="尾注一二\r"), "a.doc")
    assert [(part.label, part.text, len(part.marks)) for part in said.parts] == [
        ("text", "词句\n", 0), ("comments", "甲\n", 0), ("endnotes", "尾注一二\n", 0),
    ]
    assert said.notes == [NOT_ALL]


def test_a_name_longer_than_any_is_not_repeated_at_every_comment() -> None:
    said = read(commented("甲\r" * 100, list(range(0, 204, 2)), author="长" * 60_000), "a.doc")
    assert len(said.parts[0].marks) == 100 and {mark.author for mark in said.parts[0].marks} == {"长" * 255}
