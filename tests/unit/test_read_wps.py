"""WPS Office under its own extensions, old form and new, and the other .wps: Microsoft Works."""

from __future__ import annotations

import io
import struct

import docx
import openpyxl
import pptx
import pytest
import xlwt

from tests.ole_made import compound
from tests.read_by_child import read

ZH = "关于加强户籍登记管理工作的通知"


def document() -> bytes:
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph(ZH)
    made.save(out)
    return out.getvalue()


def workbook() -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active["B2"] = ZH
    made.save(out)
    return out.getvalue()


def old_workbook() -> bytes:
    made, out = xlwt.Workbook(), io.BytesIO()
    made.add_sheet("名单").write(1, 1, ZH)
    made.save(out)
    return out.getvalue()


def slides() -> bytes:
    made, out = pptx.Presentation(), io.BytesIO()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = ZH
    made.save(out)
    return out.getvalue()


WRITTEN = {"docx": document(), "xlsx": workbook(), "xls": old_workbook(), "pptx": slides()}


@pytest.mark.parametrize(("reader", "end"), [
    ("docx", "wps"), ("docx", "wpt"), ("xlsx", "et"), ("xlsx", "ett"), ("xls", "et"), ("xls", "ett"), ("pptx", "dps"), ("pptx", "dpt")])
def test_what_wps_office_writes_is_read_and_its_extension_is_no_surprise(reader: str, end: str) -> None:
    said = read(WRITTEN[reader], f"a.{end}")
    assert said.began is not None
    assert (said.began.reader, said.outcome) == (reader, "read")
    assert ZH in said.text
    assert "extension-mismatch" not in dict(said.notes)


@pytest.mark.parametrize(("end", "reader"), [("et", "docx"), ("wps", "xls"), ("dps", "xlsx")])
def test_an_extension_of_wps_office_on_another_kind_of_file_is_noted(end: str, reader: str) -> None:
    assert "extension-mismatch" in dict(read(WRITTEN[reader], f"a.{end}").notes)


def works(*texts: str, kind: bytes = b"CHNKWKS\0", tables: int = 1) -> bytes:
    """CONTENTS of Works 2000 to 9: a header, chained tables of entries, the chunks."""
    chunks = [(b"FONT", b"\1\2\3\4"), *((b"TEXT", text.encode("utf-16-le")) for text in texts)]
    start, size = 0x400, len(chunks)
    index, body = b"", b""
    per_table = -(-size // tables)
    for number in range(0, size, per_table):
        some = chunks[number : number + per_table]
        following = 0x18 + len(index) + 8 + 24 * len(some) if number + per_table < size else 0xFFFFFFFF
        index += struct.pack("<HHI", 8 + 24 * len(some), len(some), following)
        for name, data in some:
            index += struct.pack("<H4sHHH4sII", 24, name, 0, 1, 0, name, start + len(body), len(data))
            body += data
    return (kind + struct.pack("<8H", 4, 8, size, 0x300, 0x200, 0, 0x2600, 0) + index).ljust(start, b"\0") + body


@pytest.mark.parametrize("kind", [b"CHNKWKS\0", b"CHNKWKS ", b"CHNKINK "])
@pytest.mark.parametrize("tables", [1, 3])
def test_the_text_of_works_is_read_by_paragraphs(kind: bytes, tables: int) -> None:
    said = read(compound({"CONTENTS": works(f"{ZH}\rпримечание\r", "سىن\r", kind=kind, tables=tables)}), "a.wps")
    assert said.began is not None
    assert (said.began.type, said.outcome) == ("application/vnd.ms-works", "read")
    assert said.text == f"{ZH}\nпримечание\nسىن\n"
    assert "extension-mismatch" not in dict(said.notes)


def test_the_text_of_works_4_ends_where_its_head_says() -> None:
    text = "Résumé of the meeting\r\nSecond line\r\n".encode("cp1252")
    head = b"\x06\xfe".ljust(0x26, b"\0") + struct.pack("<I", 0x100 + len(text))
    said = read(compound({"MN0": head.ljust(0x100, b"\0") + text + b"left over from an earlier save"}), "a.wps")
    assert (said.outcome, said.text) == ("read", "Résumé of the meeting\nSecond line\n")


def test_works_that_is_cut_or_bent_gives_what_there_is() -> None:
    whole = works(f"{ZH}\r" * 50)
    cut = read(compound({"CONTENTS": whole[:-100]}), "a.wps")
    assert (cut.outcome, cut.text.startswith(ZH)) == ("partial", True)
    circle = bytearray(whole)
    struct.pack_into("<I", circle, 0x1C, 0x18)
    assert read(compound({"CONTENTS": bytes(circle)}), "a.wps").text.startswith(ZH)
    assert read(compound({"CONTENTS": whole[:0x30]}), "a.wps").outcome == "damaged"
    assert read(compound({"MatOST": b"\0" * 600}), "a.wps").outcome == "unsupported"
    assert read(compound({"MN0": b"\x06\xfe".ljust(0x30, b"\xff")}), "a.wps").outcome == "damaged"


def test_a_stream_of_that_name_alone_makes_no_works_file() -> None:
    said = read(compound({"CONTENTS": b"something else"}), "a.bin")
    assert said.began is not None
    assert said.began.type == "application/x-ole-storage"
