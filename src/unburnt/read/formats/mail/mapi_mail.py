"""A message that is kept as properties, written out as a mail (RFC 5322, MIME): the same bytes for the same properties.

Nothing of where it was stored goes into the bytes, so that copies of one message stay one content. What is added
stands in fields named ``X-Unburnt-``.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from unburnt.read.formats.mail.mail_headers import FIELD
from unburnt.read.formats.mail.mapi_fields import encoded, mail_time, person, quoted_name
from unburnt.read.formats.mail.mapi_listing import listing
from unburnt.read.formats.mail.mapi_values import INTERNET_CODEPAGE, Values
from unburnt.read.formats.mail.msg_rtf import decompress_rtf
from unburnt.read.formats.office.code_pages import encoding_of
from unburnt.read.formats.texts.rtf_text import Found, RtfWalker

BODY, HTML, RTF, TRANSPORT = 0x1000, 0x1013, 0x1009, 0x007D
CLASS, SUBJECT, FLAGS = 0x001A, 0x0037, 0x0E07
SENDER, REPRESENTED = (0x0C1A, (0x5D01, 0x0C1F)), (0x0042, (0x5D02, 0x0065))
RECIPIENT, RECIPIENT_KIND = (0x3001, (0x39FE, 0x3003)), 0x0C15
SHOWN = ((1, "To", 0x0E04), (2, "Cc", 0x0E03), (3, "Bcc", 0x0E02))
IDENTIFIERS = ((0x1035, "Message-ID"), (0x1042, "In-Reply-To"), (0x1039, "References"))
TIMES = ((0x0E06, "X-Unburnt-Delivered"), (0x3007, "X-Unburnt-Created"), (0x3008, "X-Unburnt-Modified"))
SUBMITTED = 0x0039
FLAG_NAMES = ((0x01, "read"), (0x08, "unsent"), (0x02, "unmodified"), (0x10, "has-attachments"), (0x20, "from-me"))
ATTACHED_NAMES, MEDIA_TYPE, CONTENT_ID, METHOD = (0x3707, 0x3704, 0x3001), 0x370E, 0x3712, 0x3705
BY_REFERENCE = (2, 3, 4, 7)
STRUCTURAL = (b"content-type", b"content-transfer-encoding", b"content-disposition", b"content-length", b"mime-version")
PLAIN_CLASSES = ("ipm.note", "report.", "ipm.post")
DEEPEST = 8
SIGNS, LINE = 76, 57
MOST_LOSSES = 100


class Attachment(Protocol):
    """One attachment: its properties, its bytes in pieces, or the message that it is."""

    properties: Values

    def pieces(self) -> Iterator[bytes]:
        """The bytes; raises :class:`Unreadable` where they end too early."""

    def message(self) -> Message | None:
        """The message that is attached; None where it is a file."""


class Unreadable(Exception):
    """The store does not give what it says it has; the text says what."""


@dataclass
class Message:
    """What a store gave of one message, and in *losses* what it did not."""

    properties: Values
    recipients: list[Values] = field(default_factory=list)
    attachments: Iterable[Attachment] = ()
    losses: list[str] = field(default_factory=list)


def mail_bytes(message: Message, origin: str, *, depth: int = 0, mark: str = "") -> Iterator[bytes]:
    """The mail in pieces. *origin* says what it was rebuilt from.

    Each part but a message is base64, in which no boundary can occur; *mark* tells the boundaries of nested mails apart.
    """
    boundary = f"=_unburnt{mark}".encode()
    yield _header(message, origin, boundary)
    bodies = list(_bodies(message))
    if len(bodies) == 1:
        yield b"--" + boundary + b"\r\n" + _encoded_part(*bodies[0])
    elif bodies:
        inner = boundary + b"_text"
        yield b"--" + boundary + b"\r\nContent-Type: multipart/alternative; boundary=\"" + inner + b"\"\r\n\r\n"
        for body in bodies:
            yield b"--" + inner + b"\r\n" + _encoded_part(*body)
        yield b"--" + inner + b"--\r\n"
    kind = message.properties.text(CLASS).lower()
    if kind and not kind.startswith(PLAIN_CLASSES):
        said = listing(message.properties)
        yield b"--" + boundary + b"\r\n" + _encoded_part("text/plain; charset=utf-8", said.encode("utf-8", "replace"))
    for number, attachment in enumerate(message.attachments, 1):
        yield b"--" + boundary + b"\r\n"
        yield from _attached(message, attachment, origin, number, depth, f"{mark}_{number}")
    if message.losses:
        said = "".join(f"{loss}\r\n" for loss in ("[Lost when this mail was rebuilt]", *message.losses[:MOST_LOSSES]))
        yield b"--" + boundary + b"\r\n" + _encoded_part("text/plain; charset=utf-8", said.encode("utf-8", "replace"))
    yield b"--" + boundary + b"--\r\n"


def _header(message: Message, origin: str, boundary: bytes) -> bytes:
    """Fields that came over the network as they were stored; whatever they lack from the properties."""
    found, lines = message.properties, []
    present: set[str] = set()
    for name, raw in _transported(found.text(TRANSPORT)):
        lines.append(name + b":" + raw)
        present.add(name.decode("latin-1").lower())
    lines += [
        f"{name}: {value}\r\n".encode() for name, value in _stated(message) if value and name.lower() not in present
    ]
    lines.append(f"X-Unburnt-Rebuilt: {origin}\r\n".encode())
    lines.append(b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + b"\"\r\n\r\n")
    return b"".join(lines)


def _transported(text: str) -> Iterator[tuple[bytes, bytes]]:
    """Fields of the header block as stored. Those about a structure that is no more, and what is no field, are renamed."""
    name, value = b"", b""
    for line in text.encode("utf-8", "replace").splitlines():
        if not line.strip():
            continue
        match = FIELD.match(line)
        if line[:1] in (b" ", b"\t") and name:
            value += line + b"\r\n"
            continue
        if name:
            yield name, value
        name, value = (match.group(1), line[match.end() :]) if match else (b"X-Unburnt-Header-Line", b" " + line)
        if name.lower() in STRUCTURAL or match and name.lower().startswith(b"x-unburnt-"):
            name = b"X-Original-" + name
        value += b"\r\n"
    if name:
        yield name, value


def _stated(message: Message) -> Iterator[tuple[str, str]]:
    """Header fields that the properties say, in the order that mails have."""
    found = message.properties
    represented, sender = person(found, *REPRESENTED), person(found, *SENDER)
    yield "From", represented or sender
    if represented and sender and represented != sender:
        yield "Sender", sender
    for kind, name, shown in SHOWN:
        people = [one for recipient in message.recipients if (recipient.integer(RECIPIENT_KIND) or 1) & 0xF == kind
                  and (one := person(recipient, *RECIPIENT))]  # fmt: skip
        yield name, ",\r\n ".join(people) or ",\r\n ".join(
            quoted_name(one.strip()) for one in found.text(shown).split(";") if one.strip()
        )
    yield "Subject", encoded(subject_of(found))
    yield "Date", mail_time(found.time(SUBMITTED))
    for number, name in IDENTIFIERS:
        yield name, encoded(found.text(number))
    for number, name in TIMES:
        yield name, mail_time(found.time(number))
    yield "X-Unburnt-Message-Class", encoded(found.text(CLASS))
    flags = found.integer(FLAGS)
    if flags is not None:
        yield "X-Unburnt-Flags", " ".join(word for bit, word in FLAG_NAMES if flags & bit) or "unread"


def subject_of(found: Values) -> str:
    """The subject. MS-PST 2.5.3.1.1.1: a first sign U+0001 and the next tell how long its prefix is; they are no text."""
    stored = found.text(SUBJECT)
    return stored[2:] if stored[:1] == "\x01" else stored


def _bodies(message: Message) -> Iterator[tuple[str, bytes]]:
    """The alternatives from poor to rich, each as stored; rich text alone is put in words as well."""
    found = message.properties
    plain, raw_html, markup = found.text(BODY), found.binary(HTML), found.text(HTML)
    compressed = found.binary(RTF)
    rich, whole = decompress_rtf(compressed) if compressed else (b"", True)
    if not whole:
        message.losses.append("A part of the rich text.")
    walked = RtfWalker().walk(rich) if rich else Found()
    story = walked.stories.get("text")
    said = story.text() if story is not None else ""
    if not raw_html and not markup:
        markup = walked.html if walked.html.strip() else ""
    if not plain.strip() and not raw_html and not markup:
        plain = said
    if plain:
        yield "text/plain; charset=utf-8", plain.encode("utf-8", "replace")
    if _adds(rich, said, plain, bool(raw_html or markup)):
        yield "application/rtf", rich
    if raw_html:
        page = found.integer(INTERNET_CODEPAGE)
        yield f"text/html; charset={encoding_of(page)}" if page else "text/html", raw_html
    elif markup:
        yield "text/html; charset=utf-8", markup.encode("utf-8", "replace")


def _adds(rich: bytes, said: str, plain: str, has_html: bool) -> bool:
    """Whether the rich text is more than another dress of the other bodies (MS-OXRTFEX, section 2.1.3.1), or than nothing."""
    head = rich[:1024]
    if b"\\fromtext" in head and plain.strip() or b"\\fromhtml" in head and has_html:
        return False
    return bool(said.strip()) or b"\\pict" in rich or b"\\object" in rich


def _encoded_part(media_type: str, data: bytes) -> bytes:
    return f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + _lines(data) + b"\r\n"


def _lines(data: bytes) -> bytes:
    encoded_data = binascii.b2a_base64(data, newline=False)
    return b"".join(encoded_data[at : at + SIGNS] + b"\r\n" for at in range(0, len(encoded_data), SIGNS))


def _attached(message: Message, attachment: Attachment, origin: str, number: int, depth: int, mark: str) -> Iterator[bytes]:
    found = attachment.properties
    name = next((text for one in ATTACHED_NAMES if (text := found.text(one).strip())), "")
    inner = attachment.message() if depth < DEEPEST else None
    if inner is not None:
        shown = f'; filename="{encoded(name)}"' if name else ""
        yield f"Content-Type: message/rfc822\r\nContent-Disposition: attachment{shown}\r\n\r\n".encode()
        yield from mail_bytes(inner, origin, depth=depth + 1, mark=mark)
        yield b"\r\n"
        return
    media_type = found.text(MEDIA_TYPE).strip().lower()
    if media_type.startswith(("multipart/", "message/")) or not media_type.isascii() or not _is_type(media_type):
        media_type = "application/octet-stream"
    name = name or f"attachment-{number}"
    fields = f"Content-Type: {media_type}\r\nContent-Disposition: attachment;\r\n filename=\"{encoded(name)}\"\r\n"
    if identifier := found.text(CONTENT_ID).strip():
        fields += f"Content-ID: <{encoded(identifier)}>\r\n"
    yield fields.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n"
    yield from _content(message, attachment, f"Attachment {number} ({name})")
    yield b"\r\n"


def _is_type(written: str) -> bool:
    kind, slash, rest = written.partition("/")
    return bool(slash and kind.isalnum() and rest and all(sign.isalnum() or sign in "+-._" for sign in rest))


def _content(message: Message, attachment: Attachment, called: str) -> Iterator[bytes]:
    """The bytes as base64, as far as they can be had; what cannot is told at the mail's end."""
    carry, sent = b"", 0
    try:
        if attachment.properties.integer(METHOD) in BY_REFERENCE:
            raise Unreadable("the message only says where the file was")
        for piece in attachment.pieces():
            carry += piece
            sent += len(piece)
            whole = len(carry) // LINE * LINE
            yield _lines(carry[:whole])
            carry = carry[whole:]
    except Unreadable as error:
        message.losses.append(f"{called}, after {sent} bytes: {error}.")
    yield _lines(carry)
