"""What follows the end of a picture or a PDF, and comments in archives: places that no program shows."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from tests.archives_made import RAR4, RAR5, number, rar4_block, rar4_file, rar5_block, rar5_file
from tests.material import zipped
from tests.read_by_child import Said, read
from unburnt.read.formats.pages.behind_end import MOST_ENDS

HIDDEN = zipped({"名单.txt": "张三\n李四\n".encode()})


def picture(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((120, 80), 90).save(out, kind, **options)
    return out.getvalue()


def pages(update: bool = False) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out, linearize=update)
    return out.getvalue()


WHOLE = {
    "a.jpg": picture("JPEG"), "b.jpg": picture("JPEG", progressive=True, quality=95), "c.png": picture("PNG"), "d.pdf": pages(), "e.pdf": pages(update=True),
    "f.jpg": picture("JPEG", exif=b"Exif\0\0" + picture("JPEG")),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_behind_the_end_is_a_member(name: str) -> None:
    said = read(WHOLE[name] + HIDDEN, name)
    assert said.bytes == HIDDEN
    assert said.members == [b"behind the end"]
    assert said.expected is not None and said.expected.members == 1
    assert [code for code, _ in said.notes].count("behind-end") == 1
    assert len(said.parts) == 1


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("filling", [b"", b"\0" * 3000, b"\r\n\r\n"])
def test_filling_is_no_file(name: str, filling: bytes) -> None:
    said = read(WHOLE[name] + filling, name)
    assert said.members == []
    assert "behind-end" not in [code for code, _ in said.notes]


def test_a_pdf_within_what_follows_does_not_hide_it() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("inner.pdf", pages())
    assert read(WHOLE["d.pdf"] + stored.getvalue(), "d.pdf").bytes == stored.getvalue()


def ends_behind(filling: bytes, count: int, *, size: int) -> bytes:
    """A PDF whose one stream holds *size* bytes of filling and as many ends of files that name a place in it, with a file embedded."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.attachments["名单.txt"] = b"names"
        made.Root.Filling = made.make_stream(filling * (size // len(filling)) + b"startxref\n0000099\n%%EOF\n" * count)
        made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    data = out.getvalue()
    place = data.index(filling * 99) + 9
    return data.replace(b"startxref\n0000099\n", b"startxref\n%07d\n" % place)


@pytest.mark.parametrize("filling", [b" ", b"\n", b"7", b"7 "])
def test_false_ends_of_a_pdf_take_time_as_their_number_and_hide_nothing(filling: bytes) -> None:
    data = ends_behind(filling, 100_000, size=2 << 20)
    began = time.process_time()
    said = read(data + HIDDEN, "a.pdf")
    assert time.process_time() - began < 120  # seconds are a few; what grows with the square takes hours
    assert said.members == ["名单.txt".encode(), b"behind the end"]
    assert said.bytes == b"names" + HIDDEN


def test_ends_of_a_pdf_beyond_number_are_told_and_hide_no_embedded_file() -> None:
    said = read(ends_behind(b" ", MOST_ENDS + 5, size=999) + HIDDEN, "a.pdf")
    assert said.members == ["名单.txt".encode()]
    assert [text for code, text in said.notes if code == "behind-end-unknown"] == [
        f"More than {MOST_ENDS} places in the file look like its end; what may follow the true one was not looked for."
    ]
    assert said.expected is not None and said.expected.members == 1


def test_a_revision_far_behind_the_one_before_it_is_no_file() -> None:
    first = pages()
    second = first + b" " * 5000 + pages()[9:]
    assert read(second, "a.pdf").members == []


def test_a_picture_that_is_cut_off_has_nothing_behind_it() -> None:
    for name in ("a.jpg", "c.png"):
        assert read(WHOLE[name][:-40], name).members == []


def commented() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, comment in (("a.txt", "只给局长看"), ("b.txt", ""), ("c.txt", "第二批名单，勿外传")):
            entry = zipfile.ZipInfo(name, (2017, 2, 6, 10, 0, 0))
            entry.comment = comment.encode("gbk")
            archive.writestr(entry, name)
        told = zipfile.ZipInfo("名.txt", (2017, 2, 6, 10, 0, 0))
        told.comment = "ئىزاھ".encode()
        archive.writestr(told, "x")
    return out.getvalue()


def comments(said: Said) -> list[tuple[str, str]]:
    return [(part.label, part.text) for part in said.parts if part.kind == "comments"]


def test_comments_of_a_zips_entries_are_text_beside_their_names() -> None:
    said = read(commented(), "a.zip")
    assert comments(said) == [("comments of the members", "a.txt\t只给局长看\nc.txt\t第二批名单，勿外传\n名.txt\tئىزاھ\n")]
    assert (said.outcome, len(said.members)) == ("read", 4)


def rar5(comment: bytes, checked: bytes | None = None) -> bytes:
    sum_of = b"" if checked is None else struct.pack("<I", zlib.crc32(checked))
    fields = number(4 if sum_of else 0) + number(len(comment)) + number(0) + sum_of + number(0) + number(1) + number(3) + b"CMT"
    return RAR5 + rar5_block(1, number(0)) + rar5_block(3, fields, flags=2, data=comment) + rar5_file("a.txt", b"text") + rar5_block(5, number(0))


def rar4(comment: bytes, method: int = 0x30, *, wide: bool = False, checked: bytes | None = None) -> bytes:
    checksum = zlib.crc32(comment if checked is None else checked)
    fields = struct.pack("<IIBIIBBHI", len(comment), len(comment), 3, checksum, 0, 29, method, 3, int(wide)) + b"CMT"
    return RAR4 + rar4_block(0x73, 0, bytes(6)) + rar4_block(0x7A, 0x8000, fields, comment) + rar4_file(b"a.txt", b"text") + rar4_block(0x7B, 0x4000, b"")


def codes(said: Said) -> list[str]:
    return [code for code, _ in said.notes]


def test_the_comment_of_a_rar_archive_is_text() -> None:
    for data in (
        rar5("内部资料，严禁外传".encode() + b"\0"), rar4("内部资料，严禁外传".encode("gbk")), rar4("内部资料，严禁外传".encode("gbk") + b"\r\n\0"),
        rar4("内部资料，严禁外传".encode("utf-16-le") + b"\0\0", wide=True),
    ):  # fmt: skip
        said = read(data, "a.rar")
        assert comments(said) == [("comment of the archive", "内部资料，严禁外传")]
        assert (said.members, said.bytes) == ([b"a.txt"], b"text")
        assert codes(said) == []


@pytest.mark.parametrize(
    "comment", ["Only for Mr. Li", "Only for Mr. A\r\n", "\r\nfor A", "只给李\u4e00\u5300", "\u010a\u2000first", "ئىزاھ", "a\0hidden\0b"]
)
def test_a_comment_in_utf_16_is_whole(comment: str) -> None:
    for tail in (b"", b"\0\0", b"\0"):
        said = read(rar4(comment.encode("utf-16-le") + tail, wide=True), "a.rar")
        assert comments(said) == [("comment of the archive", comment.strip("\0\r\n "))]


def test_a_comment_in_utf_16_that_does_not_say_so_is_whole() -> None:
    text = "Only for Mr. Li, do not pass on to anybody"
    assert comments(read(rar4(text.encode("utf-16-le")), "a.rar")) == [("comment of the archive", text)]


def test_a_comment_that_is_packed_is_named() -> None:
    said = read(rar4(b"packed", 0x33), "a.rar")
    assert (comments(said), codes(said)) == ([], ["comment-packed"])


@pytest.mark.parametrize("kind", [rar4, rar5])
def test_a_comment_of_more_than_is_read_is_told(kind: Callable[..., bytes]) -> None:
    for length, told in ((256 << 10, []), ((256 << 10) + 1, ["comment-cut"])):
        said = read(kind(b"a" * length), "a.rar")
        assert [len(text) for _, text in comments(said)] == [256 << 10]
        assert codes(said) == told
        assert said.bytes == b"text"


@pytest.mark.parametrize("kind", [rar4, rar5])
def test_a_comment_that_is_damaged_is_told_with_what_is_left(kind: Callable[..., bytes]) -> None:
    said = read(kind(b"for Mr. Li only", checked=b"for Mr. Wu only"), "a.rar")
    assert (comments(said), codes(said)) == ([("comment of the archive", "for Mr. Li only")], ["comment-damaged"])
    whole = kind(b"for Mr. Li only")
    said = read(whole[: whole.index(b"Li only")], "a.rar")
    assert (comments(said), codes(said)) == ([("comment of the archive", "for Mr.")], ["comment-damaged"])
    said = read(whole[: whole.index(b"for Mr.")], "a.rar")
    assert (comments(said), codes(said)) == ([], ["comment-damaged"])
