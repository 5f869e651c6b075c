"""Macros are shown as the text that somebody wrote, and are never run."""

from __future__ import annotations

import io
import struct
import zipfile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.read_by_child import read
from unburnt.read.formats.office import vba
from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound
from unburnt.read.formats.office.vba import BrokenMacros, decompressed

SOURCE = 'Attribute VB_Name = "登记"\r\nSub AutoOpen()\r\n    MsgBox "名册已更新"\r\nEnd Sub\r\n'


def compressed(data: bytes) -> bytes:
    """Every byte as a literal: chunks of at most 4,096 bytes, eight tokens behind each byte of flags."""
    out = bytearray(b"\x01")
    for start in range(0, len(data), 3000):
        piece = data[start : start + 3000]
        chunk = b"".join(b"\0" + piece[at : at + 8] for at in range(0, len(piece), 8))
        out += struct.pack("<H", 0xB000 | (len(chunk) + 2 - 3)) + chunk
    return bytes(out)


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def project(source: bytes, *, offset: int = 7, name: bytes = "登记".encode("gbk")) -> bytes:
    listed = record(0x03, struct.pack("<H", 936)) + struct.pack("<HIIH", 0x09, 4, 1, 1)
    listed += record(0x19, name) + record(0x1A, name) + record(0x32, "登记".encode("utf-16-le"))
    listed += record(0x31, struct.pack("<I", offset)) + record(0x21, b"") + record(0x2B, b"") + record(0x10, b"")
    return write_compound([
        Entry("Root Entry", ROOT, children=[1]), Entry("VBA", children=[2, 3]), Entry("dir", STREAM, compressed(listed)),
        Entry("登记", STREAM, bytes(7) + compressed(source)),
    ])  # fmt: skip


def document(macros: bytes) -> bytes:
    written, file = docx.Document(), io.BytesIO()
    written.add_paragraph("正文")
    written.save(file)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("word/vbaProject.bin", macros)
    return file.getvalue()


@pytest.mark.parametrize(("packed", "plain"), [
    # The examples of MS-OVBA, sections 3.2.2 and 3.2.3.
    ("012fb00023616161626364658266007061676869 6a013808616b6c00306d6e6f70067102700410727374757610 7778797a003c",
     b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"),
    ("0103b002614500", b"a" * 73),
])
def test_the_standards_examples_unpack(packed: str, plain: bytes) -> None:
    assert decompressed(bytes.fromhex(packed)) == plain


@given(st.binary(max_size=9000))
def test_what_was_packed_is_unpacked(data: bytes) -> None:
    assert decompressed(compressed(data)) == data


@given(st.binary(max_size=400))
def test_any_bytes_end_in_source_or_a_refusal(data: bytes) -> None:
    try:
        assert len(decompressed(b"\x01" + data)) <= vba.MOST_SOURCE + 4096
    except BrokenMacros:
        pass


def test_a_documents_macros_are_text_with_their_names() -> None:
    said = read(document(project(SOURCE.encode("gbk"))), "a.docm")
    assert {part.label: part.text for part in said.parts}["macro 登记"] == SOURCE.replace("\r\n", "\n")
    assert [text for code, text in said.notes if code == "macros"] == [
        "The file holds macros (program code). They were not run; the source of 1 modules is shown as text."
    ]


def test_modules_without_code_are_no_text() -> None:
    said = read(document(project(b'Attribute VB_Name = "x"\r\n')), "a.docm")
    assert not [part for part in said.parts if part.label.startswith("macro")]
    assert "hold no code" in dict(said.notes)["macros"]


@pytest.mark.parametrize("macros", [b"", b"no compound file", project(SOURCE.encode("gbk"), offset=10**6), project(b"")[:1500]])
def test_broken_macros_are_named_and_the_text_is_read(macros: bytes) -> None:
    said = read(document(macros), "a.docm")
    assert "正文" in said.text
    assert "cannot be read whole" in dict(said.notes)["macros"]
