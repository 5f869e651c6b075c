"""Mailboxes as they are found: something before the first message, lines that end in every way."""

from __future__ import annotations

import mailbox
import tempfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.read_by_child import Said, read
from unburnt.model import frames


def written(count: int) -> bytes:
    """A mailbox by the standard library's writer."""
    with tempfile.TemporaryDirectory() as folder:
        box = mailbox.mbox(Path(folder, "a.mbox"))
        for number in range(count):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = f"a{number}@x.example", "b@x.example", f"名单 {number}"
            mail.set_content(f"text {number}\n\nFrom here on it is quoted.\n")
            entry = mailbox.mboxMessage(mail)
            entry.set_from(f"a{number}@x.example", (2020, 5, 4, 10, number % 60, 0, 0, 0, 0))
            box.add(entry)
        box.close()
        return Path(folder, "a.mbox").read_bytes()


def members(said: Said) -> list[bytes]:
    found: dict[int, bytes] = {}
    for frame in said.frames:
        if isinstance(frame, frames.MemberBytes):
            found[frame.ordinal] = found.get(frame.ordinal, b"") + frame.data
    return [found[one] for one in sorted(found)]


@pytest.mark.parametrize("before", [b"exported by hand\nsecond line\n\n", "导出\r\n\r\n".encode("gbk") * 5, b"log\n" * 2000 + b"\n"])
@pytest.mark.parametrize("name", ["a.mbox", "Inbox"])
def test_what_stands_before_the_first_message_is_text_and_hides_no_message(before: bytes, name: str) -> None:
    said = read(before + written(5), name)
    assert said.began is not None and said.began.reader == "mbox"
    assert len(members(said)) == 5 and said.expected is not None and said.expected.members == 5
    assert [part.label for part in said.parts] == ["before the first message"]
    assert said.text in (before.decode("utf-8", "replace"), before.decode("gbk", "replace"))
    assert said.outcome == "read" and [code for code, _ in said.notes] == ["mbox-before"]


@pytest.mark.parametrize("before", [b"exported by hand\n", b"log\r\nmore\r\n", bytes(700), b"\x00\x01\x02 4711\n", "导出\n".encode("gbk") * 5])
@pytest.mark.parametrize("name", ["a.mbox", "Inbox"])
def test_the_first_message_is_found_behind_something_that_no_empty_line_ends(before: bytes, name: str) -> None:
    said = read(before + written(3), name)
    assert said.began is not None and said.began.reader == "mbox"
    assert len(members(said)) == 3 and members(said)[0].startswith(b"From: a0@x.example")
    assert said.outcome == "read" and "From a0" not in said.text and [one.label for one in said.parts] == (
        ["before the first message"] if before.strip(b"\0") else [])


def test_a_line_like_a_messages_first_is_none_where_no_header_follows() -> None:
    before = b"seen:\nFrom here at 10:00 it went on in 2020\nand so on: yes\n\n"
    said = read(before + written(2), "a.mbox")
    assert len(members(said)) == 2 and said.text == before.decode()


def test_a_mail_that_quotes_a_mailbox_stays_a_mail() -> None:
    data = b"From: a@x.example\nTo: b@x.example\nSubject: s\nDate: Mon, 4 May 2020 10:00:00 +0000\n\nlook:\n\n" + written(1)
    said = read(data, "a.eml")
    assert said.began is not None and said.began.reader == "mail"


def test_a_mailbox_that_begins_within_a_message_keeps_its_words() -> None:
    data = b"Subject: lost line\nFrom: a@x.example\n\nfirst words\n\n" + written(2)
    said = read(data, "a.mbox")
    assert len(members(said)) == 2 and "first words" in said.text


@pytest.mark.parametrize("ends", [(b"\r\n",), (b"\r",), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"\r\n", b"\r", b"\n")])
def test_messages_are_told_apart_however_their_lines_end(ends: tuple[bytes, ...]) -> None:
    messages = written(6).split(b"\n\nFrom a")
    data = b""
    for number, one in enumerate(messages):
        end = ends[number % len(ends)]
        data += (b"From a" if number else b"") + one.rstrip(b"\n").replace(b"\n", end) + end * 2
    said = read(data, "a.mbox")
    assert said.outcome == "read" and len(members(said)) == 6 and said.parts == []
    for number, one in enumerate(members(said)):
        mail = read(one, "a.eml")
        assert mail.metadata.title == f"名单 {number}" and f"text {number}" in mail.text


def test_the_first_line_of_any_length_is_no_part_of_the_message() -> None:
    for length in (1_990, 2_000, 2_001, 4_001, 9_000):
        said = read(b"From " + b"x" * length + b" Mon May  4 10:00:00 2020\r\nSubject: s\r\nFrom: a@x.example\r\nTo: b@x.example\r\n\r\nx\r\n", "a.mbox")
        assert members(said)[0].startswith(b"Subject: s")
