"""Old office files that are cut off: the list of their streams, which stands last, is lost, and the texts before it are not."""

from __future__ import annotations

import io
import random
import struct
import time

import pytest
import xlwt

from tests.ole_made import compound
from tests.read_by_child import Said, read
from tests.unit.test_read_doc import word

LINES = [f"第{number}号通知：关于加强户籍登记管理工作的通知" for number in range(200)] + [f"Приказ № {number} о сдаче" for number in range(200)]
REASON = "texts were found by their bytes, in the order in which they lie."


def presentation() -> bytes:
    """Text atoms alone, in one byte a letter and in two."""
    wide = b"".join(b"\0\0\xa0\x0f" + struct.pack("<I", 2 * len(line)) + line.encode("utf-16-le") for line in LINES)
    title = b"Title of the first slide"
    return compound({"PowerPoint Document": b"\0\0\xa8\x0f" + struct.pack("<I", len(title)) + title + wide})


def workbook() -> bytes:
    made, out = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("名单")
    for row, line in enumerate(LINES):
        sheet.write(row, 1, line)
    made.save(out)
    return out.getvalue()


def cut(whole: bytes, name: str, lost: int) -> Said:
    return read(whole[:-lost], name)


@pytest.mark.parametrize(("whole", "name"), [(word("\r".join(LINES)), "a.doc"), (presentation(), "a.ppt"), (workbook(), "a.xls")])
def test_the_texts_are_found_and_the_file_is_partial(whole: bytes, name: str) -> None:
    said = cut(whole, name, 1500)
    found = [line for line in LINES if line in said.text]
    assert said.outcome == "partial"
    assert said.finished is not None and said.finished.reason.endswith(REASON)
    assert len(found) >= 0.99 * len(LINES)
    assert said.parts[0].origin == "recovered"


def test_texts_of_one_byte_a_letter_are_found_too() -> None:
    assert cut(presentation(), "a.ppt", 1500).text.startswith("Title of the first slide\n第0号通知")


@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.ppt"])
@pytest.mark.parametrize("seed", range(7, 11))
def test_bytes_without_language_stay_damaged(seed: int, name: str) -> None:
    said = read(bytes.fromhex("d0cf11e0a1b11ae1") + random.Random(seed).randbytes(300_000), name)
    assert (said.outcome, said.all_parts) == ("damaged", [])


def test_a_file_of_nothing_but_beginnings_of_texts_is_not_decoded_for_each() -> None:
    began = time.process_time()
    said = read(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0\0\xa0\x0f\0\0\x10\0" * 400_000, "a.ppt")
    assert said.outcome in ("damaged", "unsupported")
    assert time.process_time() - began < 60
