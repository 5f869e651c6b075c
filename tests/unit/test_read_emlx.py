"""Messages of Apple Mail."""

from __future__ import annotations

import plistlib

from tests.read_by_child import read

MAIL = "From: ann@example.org\r\nTo: bob@example.org\r\nSubject: 报告\r\nDate: Mon, 1 Jan 2024 10:00:00 +0800\r\n\r\n正文在此\r\n".encode()
PARTIAL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n"
    b"--x\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\nX-Apple-Content-Length: 48211\r\n\r\n\r\n--x--\r\n"
)


def emlx(mail: bytes, length: int | None = None, **listed: object) -> bytes:
    return str(len(mail) if length is None else length).encode().ljust(10) + b"\n" + mail + plistlib.dumps(listed)


def test_the_message_is_read_and_its_flags_are_told() -> None:
    said = read(emlx(MAIL, flags=1 | 1 << 2 | 1 << 24, **{"date-received": 1_704_074_400, "remote-id": "77"}), "1.emlx")
    assert said.began is not None and said.began.reader == "emlx" and said.outcome == "read"
    assert said.text == "正文在此\r\n" and said.metadata.mail is not None and said.metadata.mail.subject == "报告"
    assert said.metadata.fields["emlx:flags"] == "read answered junk" and said.metadata.fields["emlx:remote-id"] == "77"
    assert [(date.kind, date.value) for date in said.metadata.dates] == [("sent", "2024-01-01T10:00:00+08:00"), ("received", "2024-01-01T02:00:00Z")]


def test_attachments_that_lie_elsewhere_are_named() -> None:
    said = read(emlx(PARTIAL, flags=1), "1.partial.emlx")
    assert said.outcome == "partial" and "plan.pdf" in said.finished.reason  # type: ignore[union-attr]
    assert "see attached" in said.text


def test_a_message_shorter_than_its_stated_length_is_partial() -> None:
    said = read(str(len(MAIL) + 50).encode() + b"\n" + MAIL, "1.emlx")
    assert said.outcome == "partial" and "正文" in said.text


def test_a_damaged_list_of_flags_costs_the_flags_only() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaa">]><plist><dict><key>flags</key><string>&a;</string></dict></plist>'
    for damaged in (bomb, b'<?xml version="1.0" encoding="UTY-8"?><plist><dict/></plist>', b"<plist><dict><key>a</key></plist>"):
        said = read(str(len(MAIL)).encode() + b"\n" + MAIL + damaged, "1.emlx")
        assert said.outcome == "partial" and "正文" in said.text and "flags" in said.finished.reason  # type: ignore[union-attr]
