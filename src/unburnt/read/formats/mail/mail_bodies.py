"""Which parts of a mail are its text and which are its members, decided from the structure alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from unburnt.model.reading import Mark
from unburnt.read.charset import decode
from unburnt.read.formats.mail.mail_headers import VAGUE, Bytes, Parameter, charset_text, structured, unfold
from unburnt.read.formats.mail.mail_structure import Entity, Structure

TEXTS = ("text/plain", "text/html")
MOST_SAMPLE = 1 << 16
MESSAGES = ("message/rfc822", "message/global", "message/news")


@dataclass
class Arrangement:
    """The leaves of a mail: bodies in groups of alternatives, and members."""

    groups: list[list[Entity]] = field(default_factory=list)
    members: list[Entity] = field(default_factory=list)


def arrange(structure: Structure) -> Arrangement:
    """Text without a file name that is not marked as an attachment is body; everything else is a member."""
    found = Arrangement()
    groups: dict[int, list[Entity]] = {}
    for leaf in structure.leaves:
        if not is_body(leaf):
            found.members.append(leaf)
            continue
        key = id(_alternative(leaf) or leaf)
        if key not in groups:
            groups[key] = []
            found.groups.append(groups[key])
        groups[key].append(leaf)
    return found


def is_body(leaf: Entity) -> bool:
    """Whether the part is shown as the message's text."""
    if leaf.too_deep or not (leaf.type in TEXTS or leaf.type.startswith("multipart/")):
        return False
    disposition = structured(leaf.headers.first(b"content-disposition"))
    return disposition.value != "attachment" and file_name(leaf) is None and _leads(leaf)


def _leads(leaf: Entity) -> bool:
    """In multipart/related only the first part is shown by itself; the others are what it refers to."""
    entity = leaf
    while entity.parent is not None:
        if entity.parent.type == "multipart/related" and not _is_start(entity, entity.parent):
            return False
        entity = entity.parent
    return True


def _is_start(entity: Entity, related: Entity) -> bool:
    start = related.content_type.parameters.get("start")
    identifier = entity.headers.first(b"content-id")
    if start is not None and start.raw.strip() and identifier is not None:
        return start.raw.strip(b"<> ") == unfold(identifier).strip(b"<> ") or entity.number == 1
    return entity.number == 1


def _alternative(leaf: Entity) -> Entity | None:
    entity = leaf.parent
    while entity is not None and entity.type != "multipart/alternative":
        entity = entity.parent
    return entity


def file_name(leaf: Entity) -> Parameter | None:
    """The file name that the part states."""
    disposition = structured(leaf.headers.first(b"content-disposition"))
    for parameter in (disposition.parameters.get("filename"), leaf.content_type.parameters.get("name")):
        if parameter is not None and parameter.raw.strip():
            return parameter
    return None


def transfer_encoding(leaf: Entity) -> str:
    """The part's Content-Transfer-Encoding in lower case."""
    raw = leaf.headers.first(b"content-transfer-encoding")
    return unfold(raw or b"").decode("latin-1").split(";")[0].split("(")[0].strip("\"' ").lower()


def charset_hint(data: Bytes, structure: Structure) -> str | None:
    """The charset for what is undeclared: the first that any part states, else what explains all such bytes together.

    One name of two characters is too short a sample; a mail's headers and text come from one program.
    """
    for entity in structure.entities:
        charset = entity.content_type.plain("charset")
        if charset and charset.lower() not in ("us-ascii", "utf-8", "utf8", "iso-8859-1"):
            return charset
    pieces = [raw[:4096] for _, raw in structure.root.headers.fields[:2000]]
    pieces += [data[leaf.body : min(leaf.end, leaf.body + 4096)] for leaf in structure.leaves[:100] if is_body(leaf)]
    sample = b"\n".join(piece for piece in pieces if not piece.isascii() and not is_utf8(piece))[:MOST_SAMPLE]
    return decode(sample, native=False).encoding if sample else None


def is_utf8(raw: bytes) -> bool:
    """Whether the bytes are UTF-8, be it cut at the end."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(raw) - 4 and error.reason == "unexpected end of data"
    return True


def body_text(raw: bytes, charset: str | None, hint: str | None) -> str:
    """A body's bytes as text."""
    return charset_text(raw, charset if charset and charset.lower() not in VAGUE else hint)


def says_the_same(plain: str, text: str, marks: Iterable[Mark]) -> bool:
    """Whether *text* has the signs of *plain* in the same order, white space and signs of quotation apart, and no other links."""
    if _signs(plain) != _signs(text):
        return False
    return all(mark.text.removeprefix("mailto:") in plain for mark in marks if mark.kind == "link")


def _signs(text: str) -> str:
    return "".join(text.replace(">", "").split())
