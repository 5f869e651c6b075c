"""Types that the first bytes alone do not tell: late signatures, mails with binary bodies, volumes of split archives."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from tests.read_by_child import read
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

HEADERS = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: report\r\n\r\n"


def type_of(data: bytes, name: str = "") -> str:
    return sniff(Source(io.BytesIO(data), len(data), name))


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, data in entries:
            target.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("body", [b"\x00\x01\x02" * 40, bytes(range(1, 256)) * 20, b"text\x00text", "Отчёт".encode("koi8-r") * 9])
def test_a_mail_is_known_by_its_headers_whatever_its_body(body: bytes) -> None:
    assert type_of(HEADERS + body) == "message/rfc822"


def test_a_mailbox_is_known_by_its_first_headers_whatever_follows() -> None:
    assert type_of(b"From a@b.example Mon Jan  4 10:00:00 2016\n" + HEADERS.replace(b"\r\n", b"\n") + bytes(500)) == "application/mbox"


def test_binary_data_after_a_blank_line_is_no_mail_without_headers() -> None:
    assert type_of(b"Name: x\r\n\r\n" + bytes(500)) == "application/octet-stream"


def test_compress_is_named() -> None:
    assert type_of(b"\x1f\x9d\x90" + b"abc" * 20, "a.Z") == "application/x-compress"


def test_a_book_whose_type_does_not_come_first_is_a_book() -> None:
    container = ("META-INF/container.xml", b"<container/>")
    assert type_of(zipped(container, ("mimetype", b"application/epub+zip\n"))) == "application/epub+zip"
    sheet = ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")
    assert type_of(zipped(("content.xml", b"<a/>"), sheet)) == "application/vnd.oasis.opendocument.spreadsheet"
    assert type_of(zipped(("mimetype", b"anything else"), ("a", b""))) == "application/zip"


def last_volume(*, volume: int = 2) -> bytes:
    """The last part of a split archive: the end of one member's bytes, the directory, an end record that counts volumes."""
    whole = bytearray(zipped(("one.txt", b"first " * 900), ("two.txt", b"second" * 9), method=zipfile.ZIP_STORED))
    directory, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    second = whole.rindex(b"PK\x03\x04")
    at = whole.index(b"PK\x01\x02", directory + 4)
    cut = second - 100
    struct.pack_into("<H", whole, at + 34, volume)
    struct.pack_into("<I", whole, at + 42, second - cut)
    struct.pack_into("<HH", whole, end + 4, volume, volume)
    struct.pack_into("<I", whole, end + 16, directory - cut)
    return bytes(whole[cut:])


def test_the_last_volume_of_a_split_archive_gives_what_it_holds_and_names_what_is_missing() -> None:
    said = read(last_volume(), "a.zip")
    assert said.began is not None
    assert said.began.type == "application/zip"
    assert said.outcome == "partial"
    assert said.bytes == b"second" * 9
    assert said.finished is not None
    assert "volumes 1 to 2 are missing" in said.finished.reason
    assert [(one.path, one.outcome) for one in said.failed] == [(b"one.txt", "not-received")]
    assert "volume 1 of 3" in said.failed[0].reason
