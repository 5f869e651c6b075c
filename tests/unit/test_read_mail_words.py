"""Headers, dates, HTML bodies, compressed RTF and ASN.1 of mails, piece by piece."""

from __future__ import annotations

import email.utils
from email.charset import QP, Charset
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unburnt.read.formats.mail.mail_asn1 import BrokenEncoding, element_at, octets
from unburnt.read.formats.mail.mail_dates import mail_date
from unburnt.read.formats.mail.mail_headers import parse_headers, structured
from unburnt.read.formats.mail.mail_html import html_text
from unburnt.read.formats.mail.mail_words import addresses, header_text, parameter_text
from unburnt.read.formats.mail.msg_rtf import decompress_rtf

ZH = "关于加强户籍登记管理工作的通知"
UG = "ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى"


@pytest.mark.parametrize("text", [ZH, UG, "Распоряжение о порядке учёта граждан", "plain words"])
@pytest.mark.parametrize("encoding", ["base64", "quoted"])
def test_encoded_words_come_back_whole(text: str, encoding: str) -> None:
    charset = Charset("utf-8")
    if encoding == "quoted":
        charset.header_encoding = QP
    assert header_text(Header(text * 3, charset).encode().encode()) == text * 3


def test_characters_split_over_encoded_words_are_joined() -> None:
    raw = ZH.encode("gb18030")
    words = b" ".join(b"=?gb2312?Q?" + b"".join(b"=%02X" % byte for byte in raw[at : at + 5]) + b"?=" for at in range(0, len(raw), 5))
    assert header_text(words) == ZH


def test_short_words_that_could_be_utf_8_are_read_as_they_say() -> None:
    # The GBK bytes of these two words are valid UTF-8 for something else.
    for text in ("通知", "联通"):
        assert header_text(b"=?gb2312?Q?" + b"".join(b"=%02X" % byte for byte in text.encode("gbk")) + b"?=") == text


def test_words_in_seven_bits_are_read_as_they_say() -> None:
    assert header_text(b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=") == "日本"


def test_raw_bytes_in_a_header_are_understood() -> None:
    assert header_text(ZH.encode("gb18030")) == ZH
    assert header_text(UG.encode()) == UG
    assert header_text(ZH.encode("gb18030"), "gb2312") == ZH


@given(st.binary(max_size=200))
def test_no_header_makes_the_decoder_fail(raw: bytes) -> None:
    header_text(b"=?" + raw + b"?=")
    addresses([raw])
    structured(b"text/plain; " + raw)
    parse_headers(raw, 0, len(raw))


@pytest.mark.parametrize("name", [ZH + ".doc", UG + ".pdf", "a b; c.txt", 'say "yes".txt'])
def test_file_names_of_rfc_2231_come_back(name: str) -> None:
    encoded = email.utils.encode_rfc2231(name, "utf-8")
    third = len(encoded) // 3
    split = f"attachment; filename*0*={encoded[:third]};\r\n filename*1*={encoded[third:]}"
    for written in (f"attachment; filename*={encoded}", split):
        parameter = structured(written.encode()).parameters["filename"]
        assert parameter_text(parameter) == name


def test_file_names_that_break_the_rules_are_still_read() -> None:
    encoded = Header(ZH + ".doc", "utf-8", maxlinelen=10_000).encode()
    assert parameter_text(structured(f'attachment; filename="{encoded}"'.encode()).parameters["filename"]) == ZH + ".doc"
    raw = b"attachment; filename=" + (ZH + " 1.doc").encode("gb18030")
    assert parameter_text(structured(raw).parameters["filename"]) == ZH + " 1.doc"


def test_addresses_keep_commas_in_names() -> None:
    encoded = Header("买买提, 艾力", "utf-8").encode()
    raw = f'"Doe, J. (A)" <a@b.c>, plain@x.y, {encoded} <m@x.cn>, Group: g@h.i;'.encode()
    assert addresses([raw]) == ('"Doe, J. (A)" <a@b.c>', "plain@x.y", "买买提, 艾力 <m@x.cn>", "Group: g@h.i")


@pytest.mark.parametrize(
    ("written", "value", "zone"),
    [
        ("Mon, 06 Feb 2017 10:00:00 +0800", "2017-02-06T10:00:00+08:00", "+08:00"),
        ("6 Feb 2017 10:00:00 GMT", "2017-02-06T10:00:00Z", "UTC"),
        ("Mon, 06 Feb 2017 10:00:00 +0800 (CST)", "2017-02-06T10:00:00+08:00", "+08:00"),
        ("Mon, 06 Feb 2017 10:00:00 CST", "2017-02-06T10:00:00", "unknown"),
        ("Mon, 06 Feb 2017 10:00:00 -0000", "2017-02-06T10:00:00", "unknown"),
        ("Mon, 06 Feb 2017 10:00:00 -0330", "2017-02-06T10:00:00-03:30", "-03:30"),
    ],
)
def test_a_date_keeps_its_zone(written: str, value: str, zone: str) -> None:
    date = mail_date("sent", written, "mail:Date")
    assert date is not None
    assert (date.value, date.zone, date.certain) == (value, zone, True)


@pytest.mark.parametrize("written", ["yesterday", "Mon, 31 Feb 2017 10:00:00 +0800", "99 99 9999 99:99:99 +9999"])
def test_a_date_that_is_none_is_kept_as_written(written: str) -> None:
    date = mail_date("sent", written, "mail:Date")
    assert date is not None
    assert (date.value, date.certain) == (written, False)


def test_html_becomes_lines_cells_and_links() -> None:
    built = html_text(
        "<html><head><title>no</title><style>p{}</style></head><body><p>One &amp; <b>two</b>\n three</p>"
        "<table><tr><td>姓名<td>村</tr></table><pre>a\n  b</pre><script>if (a<b) {}</script>"
        '<a title="x>y" href="http://a.example/?x=1&amp;y=2">here</a><br>end<!-- hidden --></body>'
    )
    assert built.text() == "One & two three\n姓名\t村\na\n  b\nhere\nend\n"
    (mark,) = built.marks
    assert built.text()[mark.start : mark.end] == "here"
    assert mark.text == "http://a.example/?x=1&y=2"


@given(st.text(alphabet="<>/!-\"'= abp&;", max_size=200))
def test_any_markup_ends(markup: str) -> None:
    html_text(markup)


def test_rich_text_of_the_specification_is_decompressed() -> None:
    # MS-OXRTFCP, section 4.1.1.
    raw = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompress_rtf(raw) == (b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", True)


def test_rich_text_that_refers_to_what_it_is_writing_is_decompressed() -> None:
    # MS-OXRTFCP, section 4.1.2: WXYZ repeated.
    raw = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress_rtf(raw) == (b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", True)


def test_cut_rich_text_says_so() -> None:
    raw = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758")
    text, whole = decompress_rtf(raw)
    assert text.startswith(b"{\\rtf1 ")
    assert not whole


def test_strings_in_pieces_are_put_together() -> None:
    pieces = bytes.fromhex("248004036162632404040264650000")
    assert octets(pieces, element_at(pieces, 0, len(pieces))) == b"abcde"


@given(st.binary(max_size=80))
def test_any_bytes_are_walked_or_called_broken(data: bytes) -> None:
    try:
        octets(data, element_at(data, 0, len(data)))
    except BrokenEncoding:
        return
