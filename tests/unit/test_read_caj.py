"""CAJ and KDH: the PDF inside is put together and reads as the PDF it was made from."""

from __future__ import annotations

import functools
import io
import re
import struct

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.read_by_child import read

WORDS = ["First page of the journal", "Second page", "Third page"]


@functools.cache
def pdf() -> bytes:
    out, plain = io.BytesIO(), io.BytesIO()
    canvas = Canvas(out)
    for words in WORDS:
        canvas.drawString(100, 700, words)
        canvas.showPage()
    canvas.save()
    with pikepdf.open(out) as document:
        document.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return plain.getvalue()


def objects(*, drop: bytes) -> bytes:
    """The PDF's objects without those whose dictionary matches *drop*, header, references and trailer."""
    found = re.findall(rb"\d+ 0 obj\n.*?\nendobj\n", pdf(), re.DOTALL)
    return b"".join(one for one in found if not re.search(drop, one))


def caj(body: bytes, pages: int = 3) -> bytes:
    head = b"CAJ\0".ljust(0x10, b"\0") + struct.pack("<iI", pages, 0x200)
    return head.ljust(0x200, b"\0") + struct.pack("<I", 0x240) + bytes(0x3C) + body + b"trailing bytes of its own"


@pytest.mark.parametrize("drop", [rb"/Type /Catalog", rb"/Type /(Catalog|Pages)"])
def test_the_pdf_inside_is_framed_anew_and_reads_in_order(drop: bytes) -> None:
    said = read(caj(objects(drop=drop)), "a.caj")
    assert said.began is not None
    assert (said.began.type, said.outcome, said.members, said.metadata.pages) == ("application/x-caj", "read", [b"content.pdf"], 3)
    with pikepdf.open(io.BytesIO(said.bytes)) as document:
        assert len(document.pages) == 3
    inner = read(said.bytes, "content.pdf")
    assert inner.outcome == "read"
    assert [part.text.strip() for part in inner.parts] == WORDS
    assert "pdf-repaired" not in dict(inner.notes)


def test_pages_below_two_lost_parents_are_all_there() -> None:
    body = objects(drop=rb"/Type /(Catalog|Pages)")
    parent = re.search(rb"/Parent (\d+) 0 R", body)
    assert parent is not None
    first, rest = body.split(b"endobj", 1)[0], body.split(b"endobj", 1)[1]
    body = first + b"endobj" + rest.replace(parent[0], b"/Parent 90 0 R", 1)
    with pikepdf.open(io.BytesIO(read(caj(body), "a.caj").bytes)) as document:
        assert len(document.pages) == 3


def test_a_kdh_file_gives_its_pdf_without_what_follows() -> None:
    key = b"FZHMEI"
    plain = pdf().rstrip() + b"\n more bytes"
    sealed = b"KDH 2.00".ljust(254, b"\0") + bytes(byte ^ key[at % 6] for at, byte in enumerate(plain))
    said = read(sealed, "a.kdh")
    assert (said.outcome, said.bytes) == ("read", pdf().rstrip())
    assert read(sealed[:600], "a.kdh").outcome == "damaged"


def test_however_it_is_cut_there_is_an_outcome_and_missing_pages_are_counted() -> None:
    body = objects(drop=rb"/Type /(Catalog|Pages)")
    whole = caj(body)
    for cut in range(0x100, len(whole), 197):
        assert read(whole[:cut], "a.caj").finished is not None
    short = read(caj(body, pages=5), "a.caj")
    assert short.finished is not None
    assert (short.outcome, short.finished.reason) == ("partial", "Some was lost: 2 of 5 pages are missing.")


@pytest.mark.parametrize("head", [b"HN\x90\x01", b"HN\0\0", b"HN\xc8\0"])
def test_other_kinds_are_named(head: bytes) -> None:
    said = read(head.ljust(400, b"\1"), "a.caj")
    assert said.began is not None and said.finished is not None
    assert (said.began.type, said.outcome) == ("application/x-caj", "unsupported")
    assert "of the kind HN" in said.finished.reason


def test_bodies_that_lie_are_damaged_or_end() -> None:
    assert read(caj(b""), "a.caj").outcome == "damaged"
    assert read(b"CAJ\0" + b"\xff" * 60, "a.caj").outcome == "damaged"
    circle = b"1 0 obj\n<</Type /Pages /Parent 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Parent 1 0 R>>\nendobj\n3 0 obj\n<</Type /Page /Parent 1 0 R>>\nendobj\n"
    said = read(caj(circle), "a.caj")
    assert said.finished is not None
    assert read(said.bytes, "content.pdf").finished is not None
