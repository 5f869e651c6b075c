"""Mails written by the standard library from known texts, read back through the child that reads everything."""

from __future__ import annotations

import base64
import hashlib
import mailbox
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

from tests.read_by_child import read as ask
from unburnt.model.frames import (
    ExpectedFrame,
    Finished,
    Frame,
    MemberBegan,
    MemberBytes,
    MemberFailed,
    MetadataFrame,
    PartFrame,
)
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mail, Metadata

ZH = "关于加强户籍登记管理工作的通知"
UG = "ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى"
NAME = "مەمەت ئىلى"


def read(data: bytes, name: str = "x.eml", *, members_limit: int = 100_000, shared: bool = True) -> list[Frame]:
    """All frames that a child answers for one document."""
    return ask(data, name, shared=shared, members_limit=members_limit).frames


def texts(frames: list[Frame]) -> dict[str, str]:
    return {
        frame.part.label: frame.part.text for frame in frames
        if isinstance(frame, PartFrame) and frame.part.kind != "properties"
    }  # fmt: skip


def members(frames: list[Frame]) -> list[tuple[bytes, str | None, str, bytes]]:
    """Path, name, kind and bytes of each member."""
    return [
        (one.path, one.name, one.kind,
         b"".join(frame.data for frame in frames if isinstance(frame, MemberBytes) and frame.ordinal == one.ordinal))
        for one in frames if isinstance(one, MemberBegan)
    ]  # fmt: skip


def metadata(frames: list[Frame]) -> Metadata:
    return next(frame.metadata for frame in frames if isinstance(frame, MetadataFrame))


def mail_of(frames: list[Frame]) -> Mail:
    mail = metadata(frames).mail
    assert mail is not None
    return mail


def expected(frames: list[Frame]) -> int | None:
    return next(frame.expected.members for frame in frames if isinstance(frame, ExpectedFrame))


def ending(frames: list[Frame]) -> Finished:
    (last,) = [frame for frame in frames if isinstance(frame, Finished)]
    return last


def letter(subject: str = ZH) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Cc"] = f"{NAME} <m@county.example>", "a@x.example, 张　三 <b@x.example>", "c@x.example"
    message["Subject"], message["Date"] = subject, "Mon, 06 Feb 2017 10:00:00 +0800"
    message["Message-ID"], message["References"] = "<3@county.example>", "<1@county.example> <2@county.example>"
    message["In-Reply-To"] = "<2@county.example>"
    message["Received"] = "from a by b; Mon, 06 Feb 2017 02:00:05 +0000"
    message["X-Originating-IP"] = "[10.1.2.3]"
    message.set_content(UG + "\n")
    return message


def test_headers_and_body_of_a_mail() -> None:
    frames = read(bytes(letter()))
    found, mail = metadata(frames), mail_of(frames)
    assert (found.title, mail.subject) == (ZH, ZH)
    assert mail.sender == (f"{NAME} <m@county.example>",)
    assert mail.to == ("a@x.example", "张　三 <b@x.example>")
    assert mail.cc == ("c@x.example",)
    assert (mail.message_id, mail.in_reply_to) == ("<3@county.example>", ("<2@county.example>",))
    assert mail.references == ("<1@county.example>", "<2@county.example>")
    assert [(date.kind, date.value, date.zone) for date in found.dates] == [
        ("sent", "2017-02-06T10:00:00+08:00", "+08:00"), ("received", "2017-02-06T02:00:05Z", "UTC"),
    ]  # fmt: skip
    assert found.fields["mail:X-Originating-IP"] == "[10.1.2.3]"
    assert texts(frames) == {"body": UG + "\n"}
    assert ending(frames).outcome is Outcome.READ


def test_both_alternatives_are_kept_and_the_plain_one_is_the_body() -> None:
    message = letter()
    message.add_alternative(f"<html><body><p>{ZH}</p><p>x &lt; y</p></body></html>", subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<i@x>")  # type: ignore[union-attr, index]
    frames = read(bytes(message))
    assert texts(frames) == {"body": UG + "\n", "html": f"{ZH}\nx < y\n"}
    assert [(path, kind, data) for path, _, kind, data in members(frames)] == [(b"2.2", "attachment", b"\x89PNG")]
    assert expected(frames) == 1


def test_an_empty_plain_alternative_does_not_hide_the_html() -> None:
    message = letter()
    message.set_content(" \n")
    message.add_alternative(f"<p>{ZH}</p>", subtype="html")
    assert texts(read(bytes(message))) == {"body": ZH + "\n"}


def test_attachments_keep_bytes_and_names() -> None:
    message = letter()
    for data, name in ((b"\x00\x01\xff" * 999, ZH + ".doc"), (UG.encode(), UG + ".txt"), (b"", "empty.bin")):
        message.add_attachment(data, "application", "octet-stream", filename=name)
    frames = read(bytes(message))
    assert [(name, data) for _, name, _, data in members(frames)] == [
        (ZH + ".doc", b"\x00\x01\xff" * 999), (UG + ".txt", UG.encode()), ("empty.bin", b""),
    ]  # fmt: skip
    assert [path.split(b"/")[0] for path, _, _, _ in members(frames)] == [b"2", b"3", b"4"]
    assert (expected(frames), ending(frames).outcome) == (3, Outcome.READ)


def test_identical_attachments_are_handed_out_each_time() -> None:
    message = letter()
    for _ in range(3):
        message.add_attachment(b"one and the same", "application", "pdf", filename="order.pdf")
    found = members(read(bytes(message)))
    assert [data for _, _, _, data in found] == [b"one and the same"] * 3
    assert len({path for path, _, _, _ in found}) == 3


def test_a_forwarded_message_is_handed_out_byte_for_byte() -> None:
    inner = letter("inner")
    inner.add_attachment(b"deep", "application", "pdf", filename="deep.pdf")
    message = letter("outer")
    message.add_attachment(inner)
    (path, _, kind, data), = members(read(bytes(message)))
    assert (path, kind) == (b"2", "message")
    assert data.rstrip(b"\n") == bytes(inner).rstrip(b"\n")
    assert [name for _, name, _, _ in members(read(data))] == ["deep.pdf"]


def test_undeclared_gbk_in_headers_and_body_is_read() -> None:
    header = f"From: 张三 <z@x.example>\r\nTo: b@x.example\r\nSubject: {ZH}\r\n\r\n"
    raw = (header + f"{ZH}，请各村委员会于月底前上报。\r\n").encode("gb18030")
    frames = read(raw)
    assert metadata(frames).title == ZH
    assert mail_of(frames).sender == ("张三 <z@x.example>",)
    assert texts(frames)["body"] == f"{ZH}，请各村委员会于月底前上报。\r\n"


def test_a_charset_that_lies_is_not_believed() -> None:
    raw = b"From: a@b\nSubject: x\nContent-Type: text/plain; charset=us-ascii\n\n" + (ZH * 3).encode("gb18030")
    assert texts(read(raw))["body"] == ZH * 3


def test_a_file_name_in_raw_gbk_keeps_its_bytes_in_the_path() -> None:
    message = MIMEMultipart()
    message["From"], message["Subject"] = "a@b", "x"
    message.attach(MIMEText("hello"))
    message.attach(MIMEApplication(b"data"))
    name = (ZH + ".xls").encode("gb18030")
    raw = bytes(message).replace(b"octet-stream", b'octet-stream; name="' + name + b'"')
    ((path, shown, _, data),) = members(read(raw))
    assert (path, shown, data) == (b"2/" + name, ZH + ".xls", b"data")


def test_broken_base64_is_kept_as_far_as_it_goes_and_called_partial() -> None:
    message = letter()
    message.add_attachment(b"the list of names", "application", "pdf", filename="a.pdf")
    encoded = base64.b64encode(b"the list of names")
    frames = read(bytes(message).replace(encoded, encoded[:13] + b"*"))
    ((_, _, _, data),) = members(frames)
    assert data.startswith(b"the list ")
    assert ending(frames).outcome is Outcome.PARTIAL


def test_a_cut_mail_is_partial() -> None:
    message = letter()
    message.add_attachment(b"x" * 5000, "application", "pdf", filename="a.pdf")
    frames = read(bytes(message)[:3000])
    assert ending(frames).outcome is Outcome.PARTIAL
    assert len(members(frames)) == expected(frames) == 1


def test_a_mail_without_text_is_empty_and_not_read() -> None:
    message = letter()
    message.set_content("\n")
    assert ending(read(bytes(message))).outcome is Outcome.EMPTY


def test_an_attachment_that_is_elsewhere_was_not_received() -> None:
    raw = (b"From: a@b\nSubject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\n"
           b'Content-Type: message/external-body; access-type=URL; URL="http://x.example/"\n\n--x--\n')  # fmt: skip
    (failed,) = [frame for frame in read(raw) if isinstance(frame, MemberFailed)]
    assert failed.outcome is Outcome.NOT_RECEIVED


def test_an_encrypted_mail_is_locked_and_its_header_read() -> None:
    raw = (b'From: a@b\nSubject: s\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\n\n--x\n'
           b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\nContent-Type: application/octet-stream\n\nsecret\n--x--\n")  # fmt: skip
    frames = read(raw)
    assert ending(frames).outcome is Outcome.LOCKED
    assert metadata(frames).title == "s"
    assert len(members(frames)) == 2


def der(tag: int, *contents: bytes) -> bytes:
    body = b"".join(contents)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def cms(kind: int, content: bytes) -> bytes:
    return der(0x30, der(0x06, bytes.fromhex("2a864886f70d0107") + bytes([kind])), der(0xA0, content))


def test_a_signed_message_is_taken_out_of_its_signature() -> None:
    inner = b"Content-Type: text/plain\r\n\r\nsigned words\r\n"
    data = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010701")), der(0xA0, der(0x04, inner)))
    frames = read(cms(2, der(0x30, der(0x02, b"\x01"), der(0x31), data, der(0x31))), "smime.p7m", shared=False)
    ((_, _, kind, found),) = members(frames)
    assert (kind, found) == ("message", inner)
    assert ending(frames).outcome is Outcome.READ


def test_an_enveloped_message_is_locked() -> None:
    assert ending(read(cms(3, der(0x30, der(0x02, b"\x00"))), "smime.p7m", shared=False)).outcome is Outcome.LOCKED


def test_a_mailbox_gives_the_bytes_that_the_standard_library_finds(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(5):
        message = letter(f"{ZH} {number}")
        message.set_content(f"From here on {number}\n\nFrom there it was different.\n>From was quoted.\n")
        box.add(mailbox.mboxMessage(message))
    box.flush()
    theirs = [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118 - a mailbox iterates over messages
    box.close()
    frames = read((tmp_path / "box").read_bytes(), "box")
    found = members(frames)
    assert [hashlib.sha256(data).digest() for *_, data in found] == [hashlib.sha256(data).digest() for data in theirs]
    assert [path for path, *_ in found] == [f"message-{number:06}.eml".encode() for number in range(1, 6)]
    assert expected(frames) == 5


def test_a_sentence_that_begins_with_from_does_not_divide_a_mailbox() -> None:
    raw = (b"From a@b Mon Jun 01 10:00:00 2009\nSubject: one\n\nHello.\n\nFrom what I know it is so.\n\n"
           b"From c@d Mon Jun 01 11:00:00 2009\nSubject: two\n\nBye.\n\n")  # fmt: skip
    frames = read(raw, "x.mbox")
    assert [data for *_, data in members(frames)] == [
        b"Subject: one\n\nHello.\n\nFrom what I know it is so.\n", b"Subject: two\n\nBye.\n",
    ]  # fmt: skip
    assert [one.modified for one in frames if isinstance(one, MemberBegan)] == ["2009-06-01T10:00:00", "2009-06-01T11:00:00"]
    assert members(frames)[0][1] == "message-000001 a@b Mon Jun 01 10:00:00 2009.eml"


def test_a_saved_page_gives_its_text_and_its_pictures() -> None:
    page = MIMEMultipart("related")
    page["Snapshot-Content-Location"], page["Subject"] = "http://x.example/", ZH
    html = MIMEText(f"<html><body><h1>{ZH}</h1>{UG}</body></html>", "html", "utf-8")
    html["Content-Location"] = "http://x.example/"
    picture = MIMEApplication(b"\x89PNG", "png")
    picture["Content-Location"] = "http://x.example/a.png"
    frame = MIMEText("<p>inside a frame</p>", "html", "utf-8")
    frame["Content-Location"] = "http://x.example/frame.html"
    for part in (html, picture, frame):
        page.attach(part)
    frames = read(bytes(page), "x.mhtml")
    assert texts(frames) == {"body": f"{ZH}\n{UG}\n"}
    assert [(path, data[:4]) for path, _, _, data in members(frames)] == [
        (b"2/http://x.example/a.png", b"\x89PNG"), (b"3/http://x.example/frame.html", b"<p>i"),
    ]  # fmt: skip
