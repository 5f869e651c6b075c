"""Telling kinds of text apart: markup by its first tags, mail by its headers, data by whether it parses."""

from __future__ import annotations

import json
import re
from typing import Final

from unburnt.read.charset import decode, wide_encoding
from unburnt.read.charset_escaped import escaped_encoding
from unburnt.read.extensions import extension
from unburnt.read.plausible import has_few_controls, plausibility, without_controls
from unburnt.read.source import Source

_CONTROLS: Final = re.compile(rb"[\x01-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_SURE_ENCODINGS: Final = ("ascii", "utf-8")
_WIDE: Final = "utf-16"
_TELLING: Final = 64
_PLAUSIBLE: Final = 0.3
_JSON_MOST: Final = 32 << 20
_HEADERS: Final = (
    "from", "to", "subject", "date", "received", "message-id", "mime-version", "return-path", "content-type", "cc",
    "bcc", "reply-to", "delivered-to", "sender", "in-reply-to", "references", "content-transfer-encoding",
    "dkim-signature", "x-mailer", "x-originating-ip", "organization", "user-agent", "envelope-to", "thread-index",
    "importance", "x-priority", "newsgroups", "resent-from", "status", "disposition-notification-to",
)  # fmt: skip
_EMPTY_LINE: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*):")
_MBOX: Final = re.compile(r"From \S+[^\r\n]*\d{4}[^\r\n]*(?:\r\n|\r|\n)(?:>?[A-Za-z][A-Za-z0-9-]*:)")
_MBOX_LATER: Final = re.compile(
    r"[\n\r\0]From \S+[^\r\n]*\d\d?:\d\d[^\r\n]*\d{4}[^\r\n]*(?:\r\n|\r|\n)"
    r"(?:>?[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r\n|\r|\n)[ \t]?){2}"
)
"""A mailbox behind something else, be it zeros: the first message's line and two fields of its header."""
_MBOX_NAMES: Final = ("mbox", "mbx")
_EMLX: Final = re.compile(r"\d{1,12}[ \t]*\r?\n")
_BLOCK: Final = re.compile(r"BEGIN:(VCALENDAR|VCARD)[ \t]*\r?\n", re.IGNORECASE)
_ARMOR: Final = re.compile(r"-----BEGIN PGP ([A-Z ]{1,40})(?:, PART [0-9/]{1,9})?-----[ \t]*\r?\n")
_ARMORED: Final = {"PUBLIC KEY BLOCK": "application/pgp-keys", "PRIVATE KEY BLOCK": "application/pgp-keys",
                   "SIGNATURE": "application/pgp-signature"}  # fmt: skip
_ENTITY: Final = re.compile(r"(?:Content-[A-Za-z-]+|MIME-Version):[ \t]*[^\s]", re.IGNORECASE)
_TAG: Final = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_HTML: Final = re.compile(
    r"<(!doctype\s+html|html|head|body|title|meta|table|div|p|br|script|style|font|h[1-6]|ul|ol|span|a\s+href|center|pre)\b",
    re.IGNORECASE,
)
_PROLOGUE: Final = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE)
_OPEN_TYPE: Final = re.compile(r"""office:mimetype\s*=\s*["'](application/vnd\.oasis\.opendocument\.[a-z-]+)["']""")
_BY_NAME: Final = {"csv": "text/csv", "tsv": "text/tab-separated-values", "tab": "text/tab-separated-values",
                   "md": "text/markdown", "markdown": "text/markdown"}  # fmt: skip


def sniff_text(untrusted_head: bytes, source: Source) -> str | None:
    """The type of a text; None where the bytes are no text."""
    if not looks_like_text(untrusted_head):
        return _by_headers(untrusted_head)
    return _kind_of_text(untrusted_head, source)


def sniff_text_with_controls(untrusted_head: bytes, source: Source) -> str | None:
    """The type of a text that holds zeros, bells and the like among its signs; None where the bytes are no text.

    For bytes that match nothing else: what is left once the controls are taken away must be UTF-8 or look like language.
    """
    if not has_few_controls(untrusted_head):
        return None
    signs = without_controls(untrusted_head)
    decoded = decode(signs, native=False)
    sure = decoded.encoding in _SURE_ENCODINGS
    if decoded.replaced > 1 or not (sure or (len(signs) >= _TELLING and plausibility(decoded.text) > _PLAUSIBLE)):
        return None  # one sign may be cut in two where the head ends
    return _kind_of_text(untrusted_head, source)


def _kind_of_text(untrusted_head: bytes, source: Source) -> str:
    text = decode(untrusted_head, native=False).text.lstrip("\ufeff")
    start = text.lstrip()
    if start.startswith("{\\rt"):
        return "application/rtf"
    if start.startswith("<"):
        found = _markup(start)
        if found is not None:
            return found
    if _MBOX.match(text):
        return "application/mbox"
    mail = _any_mail(text)
    # Behind a mail's header another's first line is a quotation, unless the name says otherwise.
    if (mail is None or extension(source.name) in _MBOX_NAMES) and _MBOX_LATER.search(text):
        return "application/mbox"
    if mail is not None:
        return mail
    if extension(source.name) == "eml" and _ENTITY.match(start):
        return "message/rfc822"  # what was signed or encrypted of a mail has no sender's lines
    if armor := _ARMOR.match(start):
        return _ARMORED.get(armor[1], "application/pgp-encrypted")
    if block := _BLOCK.match(start):
        return "text/vcard" if block[1].upper() == "VCARD" else "text/calendar"
    if start[:1] in ("{", "[") and _is_json(source):
        return "application/json"
    if _is_html(start):
        return "text/html"
    return _BY_NAME.get(extension(source.name), "text/plain")


def _by_headers(head: bytes) -> str | None:
    """A mail's type where only its body is no text: its headers end at the first empty line."""
    block = _EMPTY_LINE.split(head, maxsplit=1)[0]
    if len(block) == len(head) or not looks_like_text(block):
        return None
    text = decode(block, native=False).text
    return "application/mbox" if _MBOX.match(text) else _any_mail(text)


def looks_like_text(head: bytes) -> bool:
    """Whether bytes can be text at all: hardly any control characters, zeros only where UTF-16 has them."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00\x00\xfe\xff")):
        return True
    if 0 in head:
        decoded = decode(head[: len(head) // 2 * 2], native=False)
        return decoded.encoding.startswith("utf-16") and not decoded.replaced
    if wide_encoding(head) is not None and _WIDE in decode(head, native=False).encoding:
        return True
    if escaped_encoding(head) is not None:
        head = head.translate(None, b"\x0e\x0f")
    controls = len(_CONTROLS.findall(head))
    return controls <= len(head) * 0.005 or (controls <= 2 and len(head) > 100)


def _markup(start: str) -> str | None:
    rest = start[_PROLOGUE.match(start).end():] if _PROLOGUE.match(start) else start  # type: ignore[union-attr]
    root = _TAG.match(rest)
    if root is None:
        return "application/xml" if start.startswith("<?xml") else None
    prefix, name = (root[1] or "").rstrip(":"), root[2]
    if name.lower() == "html" or re.match(r"<!doctype\s+html", start, re.IGNORECASE):
        return "application/xhtml+xml" if start.startswith("<?xml") else "text/html"
    if prefix == "office" and name.startswith("document"):
        stated = _OPEN_TYPE.search(rest[:8192])
        return f"{stated[1]}-flat-xml" if stated else "application/xml"
    if name == "package" and "schemas.microsoft.com/office/2006/xmlPackage" in rest[:4096]:
        return "application/vnd.ms-word.flat+xml"
    if name == "wordDocument":
        return "application/vnd.ms-wordml+xml"
    if prefix == "uof" and name in ("UOF", "UOF_0000"):
        return "application/vnd.uof"
    if name == "svg":
        return "image/svg+xml"
    if start.startswith("<?xml") or "xmlns" in rest[:2048]:
        return "application/xml"
    if _HTML.match(rest) or _is_html(rest):
        return "text/html"
    return "application/xml" if re.search(rf"</{re.escape(root[0][1:])}\s*>\s*$|/>\s*$", rest) else None


def _is_html(start: str) -> bool:
    """Text that opens with words can still be HTML: several of its tags, and one closing."""
    sample = start[:16384]
    return len(_HTML.findall(sample)) >= 5 and "</" in sample and sample.count("<") * 200 > len(sample)


def _any_mail(text: str) -> str | None:
    """A mail, or one behind a line with its length, as Apple Mail keeps it."""
    if (length := _EMLX.match(text)) is not None:
        return "message/x-emlx" if _mail(text[length.end() :]) is not None else None
    return _mail(text)


def _mail(text: str) -> str | None:
    """A mail's headers come first, each on its line, until an empty one."""
    known: set[str] = set()
    web_archive = False
    for number, line in enumerate(text.splitlines()[:200]):
        if not line.strip():
            if known or number > 2:
                break
            continue
        if line[0] in " \t":
            if not known:
                return None
            web_archive = web_archive or "multipart/related" in line.lower()
            continue
        if line.startswith((">From ", "From ")) and number < 2:
            continue
        field = _FIELD.match(line)
        if field is None:
            break
        name = field[1].lower()
        if name in _HEADERS:
            known.add(name)
        web_archive = web_archive or (name == "content-type" and "multipart/related" in line.lower())
        web_archive = web_archive or name == "snapshot-content-location"
    if web_archive and not known & {"to", "received", "message-id"}:
        return "multipart/related"
    strong = known & {"from", "received", "message-id", "mime-version", "return-path", "subject", "date", "to"}
    return "message/rfc822" if len(strong) >= 2 and len(known) >= 2 else None


def _is_json(source: Source) -> bool:
    if source.size > _JSON_MOST:
        return False
    try:
        json.loads(source.all(_JSON_MOST))
    except (ValueError, RecursionError):
        return False
    return True
