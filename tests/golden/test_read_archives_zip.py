"""ZIP: what went in comes out, byte for byte and name for name, whichever program wrote it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from tests.archives_made import seen
from tests.read_by_child import read
from tests.zip_made import aes_zip, traditional_zip
from unburnt.model.outcome import Outcome

MEMBERS = {
    "通知/名册.txt": "第三号指示".encode() * 50,
    "empty.txt": b"",
    "сводка.csv": b"a,b\r\n1,2\r\n" * 9000,
    "noise.bin": bytes(zlib.crc32(bytes([n % 256, n >> 8])) & 255 for n in range(60_000)),
}


def made(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2017, 2, 6, 10, 0, 2)), data, method)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_standard_method_gives_back_what_went_in(method: int) -> None:
    result = seen(made(MEMBERS, method))
    assert result.members == [(name.encode(), data) for name, data in MEMBERS.items()]
    assert (result.outcome, result.reason, result.is_whole) == (Outcome.READ, "", True)
    assert {one.modified for one in result.began.values()} == {"2017-02-06T10:00:02"}


def test_directories_are_no_members_but_one_with_content_is() -> None:
    result = seen(made({"a/": b"", "a/b.txt": b"b", "hidden/": b"content under a directory's name"}))
    assert result.members == [(b"a/b.txt", b"b"), (b"hidden/", b"content under a directory's name")]
    assert result.is_whole


def test_sizes_written_behind_the_content_are_found() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
    data = out.getvalue()
    assert [content for _, content in seen(data).members] == list(MEMBERS.values())
    # The same without the directory: only the records behind the content tell how long it is.
    recovered = seen(data[: data.index(b"PK\x01\x02")])
    assert [content for _, content in recovered.members] == list(MEMBERS.values())
    assert recovered.outcome is Outcome.PARTIAL


def test_names_in_gb18030_are_told_as_bytes_and_as_text() -> None:
    raw = "通知关于进一步加强管理.txt".encode("gb18030")
    placeholder = b"x" * len(raw)
    result = seen(made({placeholder.decode(): b"1"}).replace(placeholder, raw))
    assert result.members == [(raw, b"1")]
    assert result.began[0].name == "通知关于进一步加强管理.txt"


def test_bytes_before_the_archive_do_not_move_its_members() -> None:
    result = seen(b"PK\x03\x04"[:2] + made(MEMBERS)[2:])
    shifted = made(MEMBERS)
    end = shifted.rindex(b"PK\x05\x06")
    # A self-extracting archive keeps its old offsets: here the archive is told that it stood 7 bytes earlier.
    prefixed = b"PK\x03\x04junk" + shifted[:end] + shifted[end:]
    assert seen(prefixed).members == result.members


def test_wrong_offsets_in_the_directory_are_noted_and_mended() -> None:
    data = bytearray(made(MEMBERS))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", data, second + 42, 5)
    result = seen(bytes(data))
    assert [content for _, content in result.members] == list(MEMBERS.values())
    assert (result.outcome, result.notes) == (Outcome.READ, ["zip-offsets"])


def test_the_count_of_a_zip64_end_record_is_believed() -> None:
    data = made(MEMBERS)
    end = data.rindex(b"PK\x05\x06")
    entries, _, length, offset = struct.unpack_from("<2H2I", data, end + 8)
    wide = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, length, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    overflown = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    result = seen(data[:end] + wide + locator + overflown)
    assert [content for _, content in result.members] == list(MEMBERS.values())
    assert (result.expected, result.outcome) == (len(MEMBERS), Outcome.READ)
    # One entry more than the directory lists: what is missing is told, not passed over.
    claimed = wide[:24] + struct.pack("<QQ", entries + 1, entries + 1) + wide[40:]
    short = seen(data[:end] + claimed + locator + overflown)
    assert (short.expected, len(short.ended), short.outcome) == (len(MEMBERS) + 1, len(MEMBERS), Outcome.PARTIAL)


def test_zip64_sizes_and_offsets_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open(zipfile.ZipInfo("a"), "w", force_zip64=True) as file:
        file.write(b"wide")
    assert seen(out.getvalue()).members == [(b"a", b"wide")]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("strength", [1, 2, 3])
def test_aes_members_open_with_the_right_password_only(version: int, strength: int) -> None:
    data = aes_zip({"a.txt": b"secret " * 1000, "b.txt": b""}, "пароль", version=version, strength=strength)
    opened = seen(data, "wrong", "пароль")
    assert opened.members == [(b"a.txt", b"secret " * 1000), (b"b.txt", b"")]
    assert (opened.outcome, opened.opened_with_secret) == (Outcome.READ, True)
    shut = seen(data, "wrong")
    assert (shut.outcome, shut.opened_with_secret, shut.is_whole) == (Outcome.LOCKED, False, True)
    assert shut.failures == [(b"a.txt", "locked"), (b"b.txt", "locked")]


def test_aes_content_that_was_changed_is_damaged() -> None:
    data = bytearray(aes_zip({"a.txt": b"secret " * 1000}, "word", version=2, strength=3))
    data[data.index(b"PK\x01\x02") - 12] ^= 1
    assert seen(bytes(data), "word").failures == [(b"a.txt", "damaged")]


def test_traditionally_encrypted_members_open_with_the_right_password_only() -> None:
    data = traditional_zip({"a.txt": b"secret " * 1000, "b.txt": b"second"}, "口令".encode("gb18030"))
    opened = seen(data, "wrong", "口令")
    assert opened.members == [(b"a.txt", b"secret " * 1000), (b"b.txt", b"second")]
    assert opened.opened_with_secret
    # One wrong password in 256 passes the check byte: not one of these may open anything.
    shut = seen(data, *(f"wrong{number}" for number in range(600)))
    assert (shut.outcome, shut.members, shut.opened_with_secret) == (Outcome.LOCKED, [], False)


def test_a_file_that_the_directory_does_not_list_is_taken_out_and_told() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("a.txt", "ghost.txt", "c.txt", "last.txt"):
            archive.writestr(name, f"words of {name}")
        archive.filelist = [archive.filelist[0], archive.filelist[2]]
    found = seen(file.getvalue())
    assert found.members == [(name.encode(), f"words of {name}".encode()) for name in ("a.txt", "c.txt", "ghost.txt", "last.txt")]
    assert found.is_whole
    assert found.notes == ["zip-unlisted"]


def test_the_comment_of_an_archive_is_text() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
        archive.comment = "内部资料，严禁外传。收到后请核对名册。".encode("gbk")
    assert read(file.getvalue(), "a.zip").text == "内部资料，严禁外传。收到后请核对名册。"


def test_an_archive_behind_other_bytes_is_opened() -> None:
    assert list(seen(b"\x00\x01\x02stub of a program" * 20 + made({"a.txt": b"a"}), name="photo.zip").members) == [(b"a.txt", b"a")]
