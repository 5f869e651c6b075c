"""The bodies of a message that is kept as properties: plain, HTML, and rich text where there is neither."""

from __future__ import annotations

from unburnt.model.reading import Mark
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.formats.mail.mail_html import declared_charset, html_text
from unburnt.read.formats.mail.mail_quotes import with_quotes
from unburnt.read.formats.mail.mapi_values import Properties
from unburnt.read.formats.mail.msg_rtf import decompress_rtf
from unburnt.read.formats.texts.rtf_text import RtfWalker

BODY, HTML, RTF = 0x1000, 0x1013, 0x1009

Text = tuple[str, str, tuple[Mark, ...]]


def emit_bodies(message: Properties, encoding: str | None, emitter: Emitter, losses: list[str]) -> int:
    """Emit each body, the first as the message's; how many there were. *encoding* is that of texts in single bytes."""
    texts: list[Text] = []
    if (plain := message.text(BODY)).strip():
        texts.append(("text", plain, ()))
    raw = message.binary(HTML)
    markup = decode(raw, declared_charset(raw) or encoding, native=False).text if raw else message.text(HTML)
    if markup.strip():
        built = html_text(markup)
        texts.append(("html", built.text(), tuple(built.marks)))
    if not texts and (compressed := message.binary(RTF)):
        texts.extend(_rich_text(compressed, losses))
    found = [one for one in texts if one[1].strip()]
    for number, (kind, text, marks) in enumerate(found):
        emitter.part("message", kind if number else "body", text, marks=with_quotes(text, marks))
    return len(found)


def _rich_text(compressed: bytes, losses: list[str]) -> list[Text]:
    data, whole = decompress_rtf(compressed)
    if not whole:
        losses.append("its rich text is damaged")
    if not data:
        return []
    story = RtfWalker().walk(data).stories.get("text")
    return [("rich text", story.text(), tuple(story.marks))] if story is not None else []
