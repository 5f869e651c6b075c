"""The bodies of a message that is kept as properties: plain, HTML, and what rich text says beyond the plain where there is no HTML."""

from __future__ import annotations

from unburnt.model.reading import Mark
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.formats.mail.mail_bodies import says_the_same
from unburnt.read.formats.mail.mail_html import declared_charset, html_text
from unburnt.read.formats.mail.mail_quotes import with_quotes
from unburnt.read.formats.mail.mapi_values import Properties
from unburnt.read.formats.mail.msg_rtf import decompress_rtf
from unburnt.read.formats.texts.rtf_fields import targets_of
from unburnt.read.formats.texts.rtf_text import RtfWalker

BODY, HTML, RTF = 0x1000, 0x1013, 0x1009

Text = tuple[str, str, tuple[Mark, ...]]


def emit_bodies(message: Properties, encoding: str | None, emitter: Emitter, losses: list[str]) -> int:
    """Emit each body, the first as the message's; how many there were. *encoding* is that of texts in single bytes."""
    texts: list[Text] = []
    beside: list[str] = []
    if (plain := message.text(BODY)).strip():
        texts.append(("text", plain, ()))
    raw = message.binary(HTML)
    markup = decode(raw, declared_charset(raw) or encoding, native=False).text if raw else message.text(HTML)
    if markup.strip():
        texts.append(_page(markup, beside))
    elif compressed := message.binary(RTF):
        found = _rich_text(compressed, losses, beside)
        # Outlook makes one of the two from the other.
        texts += [] if found is None or (plain and says_the_same(plain, found[1], found[2])) else [found]
    shown = [one for one in texts if one[1].strip()]
    for number, (kind, text, marks) in enumerate(shown):
        emitter.part("message", kind if number else "body", text, marks=with_quotes(text, marks))
    for lines in beside:
        emitter.part("properties", "beside the text", lines, hidden=True)
    return len(shown)


def _page(markup: str, beside: list[str]) -> Text:
    built = html_text(markup)
    beside += ["\n".join(built.beside)] if built.beside else []
    return "html", built.text(), tuple(built.marks)


def _rich_text(compressed: bytes, losses: list[str], beside: list[str]) -> Text | None:
    """The page that rich text was made from where it holds one (MS-OXRTFEX), else its own text."""
    data, whole = decompress_rtf(compressed)
    if not whole:
        losses.append("its rich text is damaged")
    if not data:
        return None
    found = RtfWalker().walk(data)
    if found.html.strip():
        return _page(found.html, beside)
    story = found.stories.get("text")
    beside += [targets] if story is not None and (targets := targets_of(story)) else []
    return ("rich text", story.text(), tuple(story.marks)) if story is not None else None
