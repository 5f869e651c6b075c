"""Mails: what stands beside the text is found: files written into it, words outside the parts, rare headers, names in any dress."""

from __future__ import annotations

import base64
import codecs
import email.policy
import re
import time
import zlib
from email.message import EmailMessage

import pytest

from tests.read_by_child import Said, read
from unburnt.model import frames

ZH = "关于村民搬迁的通知，请各村查收。"
SHEET = bytes(range(256)) * 3
HEAD = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
FOOTER = (
    b"_______________________________________________\r\nVillages mailing list\r\nhttps://list.example/mailman/listinfo/villages\r\n"
)


def encoded(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def in_base64(text: str, charset: str, after: bytes = b"") -> Said:
    body = encoded(text.encode(charset)) + after
    return read(HEAD + f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + body, "a.eml")


def texts(said: Said) -> dict[str, str]:
    return {part.label: part.text for part in said.parts}


def names(said: Said) -> list[str | None]:
    return [one.name for one in said.frames if isinstance(one, frames.MemberBegan)]


def with_attachment(disposition: bytes) -> Said:
    return read(
        HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nbody\r\n--B\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Disposition: attachment; " + disposition + b"\r\n\r\nxx\r\n--B--\r\n", "a.eml",
    )  # fmt: skip


def test_files_written_into_the_text_are_members() -> None:
    written = codecs.encode(SHEET, "uu").replace(b"<data>", b"\xe5\x90\x8d.xls").replace(b"\n", b"\r\n")
    also = b"begin-base64 644 b.bin\r\n" + encoded(SHEET) + b"====\r\n"
    said = read(HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nbefore\r\n" + written + b"between\r\n" + also + b"after\r\n", "a.eml")
    assert said.bytes == SHEET * 2 and names(said) == ["名.xls", "b.bin"]
    assert said.outcome == "read" and said.expected is not None and said.expected.members == 2
    assert "between" in said.text


def test_a_file_in_the_text_that_is_cut_off_gives_what_is_there_and_says_so() -> None:
    written = codecs.encode(SHEET, "uu").splitlines(keepends=True)
    said = read(HEAD + b"\r\n" + b"".join(written[:8]) + b"and words again\r\n", "a.eml")
    assert said.outcome == "partial" and said.bytes == SHEET[: 45 * 7]


def yenc(data: bytes, name: bytes, *, part: str = "", begin: str = "", check: str = "") -> bytes:
    """As the draft of yEnc (version 1.3, yenc.org) says; the size and checksum are of *data*."""
    signs = b"".join(b"=" + bytes([(sign + 42 + 64) & 255]) if (sign + 42) & 255 in (0, 10, 13, 61) else bytes([(sign + 42) & 255])
                     for sign in data)  # fmt: skip
    lines = re.findall(rb"(?s)(?:=.|[^=]){1,128}", signs)
    crc = check or f"crc32={zlib.crc32(data):08x}"
    return (b"=ybegin %sline=128 size=%d name=%s\r\n" % (part.encode(), len(data), name) + begin.encode()
            + b"".join(line + b"\r\n" for line in lines) + f"=yend size={len(data)} {part}{crc}\r\n".encode())


PICTURE = bytes(range(256)) * 9 + b"=\r\n\0\x7f" * 40


def test_files_in_yenc_are_members_and_their_signs_spoil_no_text() -> None:
    body = "до\r\n".encode("cp1251") + yenc(PICTURE, b"\xe5\x90\x8d.bin") + b"between\r\n" + yenc(SHEET, b"b.xls") + b"after\r\n"
    said = read(HEAD + b"Content-Type: text/plain; charset=windows-1251\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body, "a.eml")
    assert said.bytes == PICTURE + SHEET and names(said) == ["名.bin", "b.xls"]
    assert said.outcome == "read" and said.notes == []
    assert said.text.splitlines()[0] == "до" and "between" in said.text and "after" in said.text
    assert len(said.text) < 400


def test_an_attachment_in_yenc_is_decoded_whatever_its_part_says() -> None:
    for encoding in (b"8bit", b"x-yenc"):
        said = read(
            HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nbody\r\n--B\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: " + encoding + b"\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n"
            + yenc(PICTURE, b"a.bin") + b"--B--\r\n", "a.eml",
        )  # fmt: skip
        assert said.bytes == PICTURE and said.outcome == "read"


def test_a_file_in_yenc_that_is_cut_off_or_changed_gives_what_is_there_and_says_so() -> None:
    whole = yenc(PICTURE, b"a.bin")
    for body in (whole[:900] + b"\r\n", yenc(PICTURE, b"a.bin", check="crc32=00000000"), yenc(PICTURE[:500], b"a.bin").replace(b"size=500", b"size=900")):
        said = read(HEAD + b"Content-Transfer-Encoding: 8bit\r\n\r\nwords\r\n" + body, "a.eml")
        assert said.outcome == "partial" and PICTURE.startswith(said.bytes[:400]) and len(said.bytes) >= 400
        assert "file 1 in the text is cut off or damaged" in str(said.finished.reason if said.finished else "")


def test_one_part_of_several_is_named_as_a_volume_so_that_the_others_are_joined_to_it() -> None:
    piece = yenc(PICTURE[1000:2000], b"a.rar", part="part=2 total=3 ", begin="=ypart begin=1001 end=2000\r\n",
                 check=f"pcrc32={zlib.crc32(PICTURE[1000:2000]):08X} crc32={zlib.crc32(PICTURE):08x}")  # fmt: skip
    piece = piece.replace(b"size=1000 name", b"size=%d name" % len(PICTURE))
    said = read(HEAD + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + piece, "a.eml")
    assert said.outcome == "read" and said.bytes == PICTURE[1000:2000] and names(said) == ["a.rar.002"]


def test_a_line_that_speaks_of_yenc_is_text() -> None:
    said = read(HEAD + b"\r\n=ybegin is how it begins\r\n=ybegin line=x size=y name=\r\nand words\r\n", "a.eml")
    assert said.members == [] and "and words" in said.text and said.outcome == "read"


def test_a_sentence_that_begins_like_a_file_is_none() -> None:
    said = read(HEAD + b"\r\nbegin 644 words and more\r\nwe shall, said he, not go there today.\r\nend\r\n", "a.eml")
    assert said.members == [] and said.outcome == "read"


def test_words_after_the_last_part_are_kept_as_hidden() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=I\r\n\r\n--I\r\n\r\ntext\r\n--I--\r\ninner epilogue\r\n"
    said = read(HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\npreamble\r\n--B\r\n" + inner + b"--B--\r\nouter epilogue\r\n", "a.eml")
    outside = [part.text.strip() for part in said.parts if part.hidden and part.label.startswith("outside the parts of")]
    assert sorted(outside) == ["inner epilogue", "outer epilogue", "preamble"]


@pytest.mark.parametrize("times", [1, 2, 3, 40])
@pytest.mark.parametrize("after", [FOOTER, b"\r\n\r\nSent from my phone\r\n", b"-- \r\nRegards\r\n"])
def test_words_that_a_list_puts_behind_base64_spoil_nothing(times: int, after: bytes) -> None:
    said = in_base64(ZH * times, "utf-8", after)
    assert texts(said)["body"] == ZH * times
    assert said.outcome == "read" and texts(said)["after the encoding of part 1"].split() == after.decode().split()


def test_words_behind_an_attachment_do_not_change_its_bytes() -> None:
    head = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    said = read(HEAD + head + encoded(SHEET) + FOOTER, "a.eml")
    assert said.bytes == SHEET and "Villages" in said.text


def test_a_damaged_line_within_base64_does_not_end_it() -> None:
    lines = encoded(SHEET).splitlines(keepends=True)
    said = read(HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"".join([*lines[:2], b"!!! relay\r\n", *lines[2:]]), "a.eml")
    assert not any("after the encoding" in part.label for part in said.parts)


def test_base64_that_ends_within_a_letter_says_so() -> None:
    said = in_base64(ZH * 9, "utf-8")
    body = encoded((ZH * 9).encode())
    cut = read(HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body[:-11], "a.eml")
    assert said.notes == []
    assert texts(cut)["body"].startswith(ZH * 7) and [code for code, _ in cut.notes] == ["undecodable-bytes"]


@pytest.mark.parametrize("dress", [
    b'filename==?gb2312?B?%s?=', b'filename="=?gb2312?B?%s?="', b"filename*0*=gb2312''=?gb2312?B?%s?=",
    b'filename="=?GBK?b?%s?="',
])  # fmt: skip
def test_encoded_words_in_a_file_name_are_read(dress: bytes) -> None:
    assert names(with_attachment(dress % base64.b64encode("机密.xls".encode("gbk")))) == ["机密.xls"]


@pytest.mark.parametrize("at", range(2, 14))
def test_an_encoded_name_that_was_cut_anywhere_is_joined(at: int) -> None:
    signs = base64.b64encode("机密档案.xls".encode("gbk"))
    dress = b'filename="=?gb2312?B?' + signs[:at] + b'?=\r\n =?gb2312?B?' + signs[at:] + b'?="'
    assert names(with_attachment(dress)) == ["机密档案.xls"]


@pytest.mark.parametrize("dress", [b"filename*0*=gbk''%BB%FA%C3; filename*1*=%DC.xls", b"filename*=gbk''%BB%FA%C3%DC.xls"])
def test_names_in_pieces_and_percents_are_read_by_their_charset(dress: bytes) -> None:
    assert names(with_attachment(dress)) == ["机密.xls"]


def test_rare_headers_are_found_and_are_no_text() -> None:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@x.example", "b@x.example", "s"
    mail["X-Mailer"], mail["Organization"], mail["Keywords"] = "Foxmail 7.2", "县户籍办", "搬迁, 名单"
    mail["X-Originating-IP"], mail["Comments"] = "[10.20.30.40]", "forwarded by hand"
    mail["DKIM-Signature"] = "v=1; b=QUJDREVGR0g="
    said = read(bytes(mail), "a.eml")
    for word in ("Foxmail 7.2", "县户籍办", "搬迁, 名单", "[10.20.30.40]", "forwarded by hand"):
        assert word in said.properties
    assert "QUJDREVG" not in said.properties and "Subject" not in said.properties
    assert said.outcome == "empty"


def test_what_an_html_mail_hides_is_found_beside_its_text() -> None:
    page = (
        '<html><head><title>Тема</title></head><!-- draft 3 --><p title="for internal use">Hello</p>'
        '<img src="https://track.example/o.gif?id=77"><img src="cid:logo"><input placeholder="ID number">'
        '<iframe srcdoc="&lt;p&gt;inner words"></iframe><a href="https://dump.example/?q=1&amp;x">here</a>'
    )
    said = read(HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode(), "a.eml")
    assert said.text == "Hello\nhere"
    for line in ("link: https://dump.example/?q=1&x", "title: Тема", "comment: draft 3", "title: for internal use", "img: https://track.example/o.gif?id=77",
                 "placeholder: ID number", "frame: inner words"):
        assert line in said.properties.splitlines()
    assert "cid:" not in said.properties


def test_hostile_bodies_end_soon() -> None:
    began = time.process_time()
    read(HEAD + b"\r\n" + b"begin 644 a\r\n" * 200_000, "a.eml")
    read(HEAD + b"\r\n" + b"=ybegin line=128 size=9 name=a\r\n" * 100_000, "a.eml")
    read(HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"A\r\n" * 500_000, "a.eml")
    read(HEAD + b"X: " + b"=?a?b?a?= " * 50_000 + b"\r\n\r\nx", "a.eml")
    read(HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--a-->" * 200_000 + b"<p title='b'>" * 50_000, "a.eml")
    assert time.process_time() - began < 120  # seconds are a few; what grows with the square takes hours
