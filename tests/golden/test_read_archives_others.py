"""TAR, 7z, RAR and compressed streams: what went in comes out, with names, times and what could not be had."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from typing import Any

import py7zr
import pytest
import zstandard

from tests.archives_made import (
    DIRECTORY,
    ENCRYPTED,
    RAR4,
    RAR5,
    SPLIT_AFTER,
    SPLIT_BEFORE,
    UNICODE,
    number,
    rar4,
    rar4_block,
    rar4_file,
    rar5,
    rar5_block,
    rar5_file,
    rar5_record,
    seen,
)
from unburnt.model.outcome import Outcome

MEMBERS = {"通知/名册.txt": "第三号指示".encode() * 500, "empty.txt": b"", "long/" * 40 + "сводка.csv": b"1,2\r\n" * 300}
EXPECTED = [(name.encode(), data) for name, data in MEMBERS.items()]


def tar(members: dict[str, bytes] = MEMBERS, *, form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), 1486375200
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_gives_back_what_went_in_under_its_whole_name(form: int) -> None:
    result = seen(tar(form=form))
    assert result.members == EXPECTED
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)
    assert {one.modified for one in result.began.values()} == {"2017-02-06T10:00:00+00:00"}


def test_tar_links_and_devices_are_failed_members_and_directories_none() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            entry = tarfile.TarInfo(f"kind-{kind.decode()}")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    result = seen(out.getvalue())
    assert [outcome for _, outcome in result.failures] == ["not-received"] * 4
    assert result.is_whole and not result.ended


def test_tar_names_in_gb18030_are_told_as_bytes_and_as_text() -> None:
    raw = "通知关于进一步加强管理.txt".encode("gb18030")
    entry = tarfile.TarInfo(raw.decode("utf-8", "surrogateescape"))
    data = entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape") + bytes(1024)
    result = seen(data)
    assert result.members == [(raw, b"")]
    assert result.began[0].name == "通知关于进一步加强管理.txt"


def test_tars_one_after_another_are_all_read() -> None:
    result = seen(tar({"a": b"1"}) + tar({"b": b"2"}))
    assert (result.members, result.notes, result.outcome) == ([(b"a", b"1"), (b"b", b"2")], ["tar-appended"], Outcome.READ)


FILTERS: dict[str, list[dict[str, Any]]] = {
    "lzma2": [{"id": py7zr.FILTER_LZMA2, "preset": 3}],
    "lzma": [{"id": py7zr.FILTER_LZMA}],
    "bcj": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2, "preset": 3}],
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "deflate": [{"id": py7zr.FILTER_DEFLATE}],
    "ppmd": [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}],
    "zstd": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    "copy": [{"id": py7zr.FILTER_COPY}],
}


def seven(members: dict[str, bytes] = MEMBERS, **options: Any) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


@pytest.mark.parametrize("method", FILTERS)
def test_7z_gives_back_what_went_in(method: str) -> None:
    result = seen(seven(filters=FILTERS[method]))
    assert result.members == EXPECTED
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)


@pytest.mark.parametrize("hidden_names", [False, True])
def test_7z_opens_with_the_right_password_only(hidden_names: bool) -> None:
    data = seven({"a.txt": b"secret " * 500, "b.txt": b"two"}, password="пароль", header_encryption=hidden_names)
    opened = seen(data, "wrong", "пароль")
    assert opened.members == [(b"a.txt", b"secret " * 500), (b"b.txt", b"two")]
    assert (opened.outcome, opened.opened_with_secret) == (Outcome.READ, True)
    shut = seen(data, "wrong")
    assert (shut.outcome, shut.members, shut.opened_with_secret) == (Outcome.LOCKED, [], False)


def test_7z_keeps_members_of_the_same_name_apart() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(b"first", "a.txt")
        archive.writestr(b"second", "a.txt")
    assert seen(out.getvalue()).members == [(b"a.txt", b"first"), (b"a.txt", b"second")]


def test_stored_rar5_gives_back_what_went_in() -> None:
    files = [rar5_file("目录", b"", directory=True), *(rar5_file(name, data) for name, data in MEMBERS.items())]
    result = seen(rar5(*files))
    assert result.members == EXPECTED
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)
    assert {one.modified for one in result.began.values()} == {"2017-02-06T10:00:00+00:00"}


def test_stored_rar4_gives_back_what_went_in() -> None:
    raw = "通知关于管理报告.txt".encode("gb18030")
    result = seen(rar4(rar4_file(b"d", b"", flags=DIRECTORY), rar4_file(raw, b"hello"), rar4_file(b"empty", b"")))
    assert result.members == [(raw, b"hello"), (b"empty", b"")]
    assert (result.outcome, result.is_whole, result.began[0].name) == (Outcome.READ, True, "通知关于管理报告.txt")


def test_rar4_names_packed_as_utf16_are_unpacked() -> None:
    # Flag byte 0b01_01_11_00: two characters with the high byte 0x62, then a run of 2 from the plain name, then one.
    coded = bytes([0x62, 0b01011100]) + bytes([0x11, 0x25]) + bytes([0]) + b"t"
    result = seen(rar4(rar4_file(b"??.t\x00" + coded, b"1", flags=UNICODE)))
    assert result.began[0].name == "\u6211\u6225.tt"


def test_rar_members_that_fail_are_named_beside_those_that_are_read() -> None:
    encrypted = rar5_record(1, bytes([0, 0, 15]) + bytes(32))
    link = rar5_record(5, number(1) + number(0) + number(2) + b"ok")
    result = seen(rar5(
        rar5_file("ok", b"one"), rar5_file("changed", b"two", crc=1), rar5_file("shut", b"three", extra=encrypted),
        rar5_file("link", b"", extra=link), rar5_file("last", b"four"),
    ))
    assert result.members == [(b"ok", b"one"), (b"last", b"four")]
    assert result.failures == [(b"changed", "damaged"), (b"shut", "locked"), (b"link", "not-received")]
    assert (result.outcome, result.is_whole) == (Outcome.PARTIAL, True)
    older = seen(rar4(rar4_file(b"ok", b"one"), rar4_file(b"shut", bytes(16), flags=ENCRYPTED), rar4_file(b"z", b"2")))
    assert (older.members, older.failures) == ([(b"ok", b"one"), (b"z", b"2")], [(b"shut", "locked")])


def test_rar_with_encrypted_headers_is_locked() -> None:
    assert seen(RAR4 + rar4_block(0x73, 0x80, bytes(6)) + bytes(99)).outcome is Outcome.LOCKED
    header = number(0) + number(0) + b"\x0f" + bytes(16)
    assert seen(RAR5 + rar5_block(4, header) + bytes(99)).outcome is Outcome.LOCKED


def test_one_volume_of_a_rar_tells_what_is_missing() -> None:
    first = seen(rar5(rar5_file("ok", b"one"), rar5_file("part", b"two", flags=SPLIT_AFTER), volume=0, more=True))
    assert (first.members, first.failures) == ([(b"ok", b"one")], [(b"part", "not-received")])
    assert first.outcome is Outcome.PARTIAL and "volume 1 of a split archive" in first.reason
    second = seen(rar5(rar5_file("part", b"two", flags=SPLIT_BEFORE), rar5_file("ok", b"one"), volume=1))
    assert (second.members, second.failures) == ([(b"ok", b"one")], [(b"part", "not-received")])
    assert second.is_whole and "missing: volume 1." in second.reason


STREAMS = {
    "a.txt.gz": gzip.compress, "a.txt.bz2": bz2.compress, "a.txt.xz": lzma.compress,
    "a.txt.lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE), "a.txt.zst": zstandard.compress,
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_a_container_with_one_member(name: str) -> None:
    data = "第三号指示".encode() * 100_000
    result = seen(STREAMS[name](data), name=name)
    assert (result.members, result.outcome, result.is_whole) == ([(b"a.txt", data)], Outcome.READ, True)


@pytest.mark.parametrize("name", ["a.gz", "a.bz2", "a.xz", "a.zst"])
def test_streams_one_after_another_are_one_content(name: str) -> None:
    pack = STREAMS["a.txt." + name[2:]]
    assert seen(pack(b"one ") + pack(b"two"), name=name).members == [(b"a", b"one two")]


def test_a_tgz_holds_a_tar() -> None:
    assert seen(gzip.compress(tar()), name="bundle.tgz").members == [(b"bundle.tar", tar())]
