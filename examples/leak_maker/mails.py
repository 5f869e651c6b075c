"""Mail written byte by byte: replies, attachments, a mail within a mail, a mailbox."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from leak_maker.papers import Paper
from leak_maker.truth import Document, Made, Passage, member


@dataclass
class Letter:
    """A mail to be written."""

    paper: Paper
    sender: str
    to: str
    date: str
    identity: str
    reply_to: str | None = None
    cc: str | None = None
    charset: str = "utf-8"
    declare: bool = True
    attachments: Sequence[tuple[str, str, Made]] = field(default_factory=list)
    """(file name, media type, content); ``message/rfc822`` puts a mail inside."""
    alternative: bool = False
    """Also as HTML."""
    line_end: bytes = b"\r\n"


def mail(letter: Letter) -> Made:
    """An EML file, with what it holds."""
    body = _bodies(letter)
    if letter.attachments:
        boundary = f"=_outer_{letter.identity.split('@')[0]}"
        parts = [body, *(_attachment(*attachment) for attachment in letter.attachments)]
        body = _multipart("mixed", boundary, parts)
    lines = [*_headers(letter), b"MIME-Version: 1.0"]
    raw = b"\n".join(lines) + b"\n" + body
    data = b""
    # Only our own lines get the wished line ends: what is inside an attached mail stays as it was.
    pieces = raw.split(b"\0")
    for number, piece in enumerate(pieces):
        data += piece if number % 2 else piece.replace(b"\n", letter.line_end)
    return Made(data, _truth(letter), [made for _, _, made in letter.attachments])


def _headers(letter: Letter) -> list[bytes]:
    rows = [f"From: {_address(letter.sender)}", f"To: {_address(letter.to)}"]
    if letter.cc:
        rows.append(f"Cc: {_address(letter.cc)}")
    rows += [f"Subject: {_word(letter.paper.title)}", f"Date: {letter.date}", f"Message-ID: <{letter.identity}>"]
    if letter.reply_to:
        rows += [f"In-Reply-To: <{letter.reply_to}>", f"References: <{letter.reply_to}>"]
    return [row.encode() for row in rows]


def _address(written: str) -> str:
    name, _, rest = written.partition(" <")
    return f"{_word(name)} <{rest}" if rest else written


def _word(text: str) -> str:
    """An encoded word (RFC 2047) where the text needs it, folded every 12 characters."""
    if text.isascii():
        return text
    words = [text[start : start + 12] for start in range(0, len(text), 12)]
    return "\n ".join(f"=?utf-8?B?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def _bodies(letter: Letter) -> bytes:
    text = "\n".join(letter.paper.body) + "\n"
    raw = text.encode(letter.charset)
    declared = f"; charset={letter.charset}" if letter.declare else ""
    if not letter.declare:
        return b"Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n" + raw
    coded = quopri.encodestring(raw) if text.isascii() else base64.encodebytes(raw)
    coding = "quoted-printable" if text.isascii() else "base64"
    plain = f"Content-Type: text/plain{declared}\nContent-Transfer-Encoding: {coding}\n\n".encode() + coded
    if not letter.alternative:
        return plain
    markup = "".join(f"<p>{line}</p>" for line in letter.paper.body)
    page = b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    page += base64.encodebytes(f"<html><body>{markup}</body></html>".encode())
    return _multipart("alternative", f"=_inner_{letter.identity.split('@')[0]}", [plain, page])


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    return head + b"".join(f"--{boundary}\n".encode() + part + b"\n" for part in parts) + f"--{boundary}--\n".encode()


def _attachment(name: str, media_type: str, made: Made) -> bytes:
    if media_type == "message/rfc822":
        head = f'Content-Type: message/rfc822\nContent-Disposition: attachment; filename="{name}"\n\n'
        return head.encode() + b"\0" + made.data + b"\0"
    quoted = quote(name, safe="._-")
    head = f"Content-Type: {media_type}\nContent-Transfer-Encoding: base64\n"
    head += f"Content-Disposition: attachment; filename*=utf-8''{quoted}\n\n"
    return head.encode() + base64.encodebytes(made.data)


def _truth(letter: Letter) -> Document:
    known: dict[str, Any] = {
        "subject": letter.paper.title,
        "message_id": letter.identity,
        "sender": letter.sender,
        "to": letter.to,
    }
    if letter.reply_to:
        known["in_reply_to"] = letter.reply_to
    truth = Document("mail", ["message/rfc822"], mail=known)
    truth.passages.append(Passage(list(letter.paper.body), lang=letter.paper.lang))
    truth.members = [
        member(name.encode(), made, kind="message" if media_type == "message/rfc822" else "attachment")
        for name, media_type, made in letter.attachments
    ]
    return truth


def mailbox(messages: Sequence[Made]) -> Made:
    """An mbox (RFC 4155): messages end their lines with LF and hold no line that starts with ``From``."""
    out = b""
    for number, message in enumerate(messages):
        if b"\nFrom " in message.data or b"\r" in message.data or not message.data.endswith(b"\n"):
            raise ValueError("This message cannot stand in a mailbox unchanged.")
        out += b"From clerk@sunduq.example Mon May 29 0%d:00:00 2017\n" % number + message.data + b"\n"
    truth = Document("mbox", ["application/mbox"])
    # A mailbox gives its messages no names.
    truth.members = [dict(member(b"", message, kind="message"), path=None, name=None) for message in messages]
    return Made(out, truth, list(messages))
