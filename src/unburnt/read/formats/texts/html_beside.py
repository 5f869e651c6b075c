"""What an HTML page holds beside its running text: where it leads, what it says on request, and what nobody is shown.

Each kind becomes a part of its own, so that it can be found and the running text stays as a person reads it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import unquote_to_bytes

from selectolax.lexbor import LexborHTMLParser, LexborNode

from unburnt.model.charsets import tidied
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.html_depth import is_too_deep, without_styles, without_tags

_INSIDE: Final = 3
"""How deep documents within attributes and templates are followed as documents."""
_ANCHOR: Final = 200
_ANCHOR_NODES: Final = 500
"""Of what an anchor holds; all of it again for each of many anchors within anchors would take hours."""
_ANCHOR_CHAIN: Final = 4
"""So far down an anchor's only child is followed; most hold one text."""
_LEAST_PICTURE: Final = 200
"""Bytes: smaller embedded pictures are the dots and lines of a layout. What is made of words may be as short as it likes."""
_SAYING: Final = frozenset(("title", "placeholder", "aria-label", "aria-description", "summary", "label", "standby"))
_LEADING: Final = frozenset(("href", "src", "action", "formaction", "data", "poster", "background", "cite", "longdesc", "srcset"))
_TOLD: Final = _SAYING | _LEADING
_FREQUENT: Final = ("href", "title", "src")
_TELLING_NODES: Final = f":is({','.join(f'[{name}]' for name in (*_FREQUENT, *sorted(_TOLD.difference(_FREQUENT))))})"
"""A list of selectors alone would give a node once for each that it meets; the first that fits ends the search."""
_UNSHOWN: Final = ("noscript", "template", "object", "iframe")
_OTHERS: Final = f":is(input[type=hidden],input[type=password],script[type*=json],{','.join(_UNSHOWN)})"
_DATA: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[^,;]{0,200}){0,9}),", re.IGNORECASE)

Walk = Callable[[LexborNode, list[str]], str]
"""Gives the running text under a node, and adds the comments that it meets."""


@dataclass
class Beside:
    """Lines by kind, each once, in the order of the page."""

    links: dict[str, None] = field(default_factory=dict)
    """``anchor's text: address``, or the element's name where it has no text."""
    said: dict[str, None] = field(default_factory=dict)
    """Tooltips, labels, hints."""
    frames: list[str] = field(default_factory=list)
    """Texts of pages inside the page."""
    unshown: list[str] = field(default_factory=list)
    """Texts of ``noscript``, ``template`` and of what stands in for objects."""
    fields: dict[str, None] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    """Data for scripts (JSON)."""
    data: dict[str, None] = field(default_factory=dict)
    """Addresses that are content themselves (RFC 2397)."""

    def emit(self, emitter: Emitter) -> None:
        """A part for each kind that occurs; what addresses hold as members. Only pages and prose count as text of the page."""
        for kind, label, pieces, hidden in (
            ("section", "frames", self.frames, False), ("section", "not shown", self.unshown, True),
            ("properties", "links", self.links, False), ("properties", "titles and labels", self.said, False),
            ("properties", "hidden fields", self.fields, True), ("properties", "comments in the source", self.comments, True),
            ("properties", "data for scripts", self.scripts, True),
        ):  # fmt: skip
            if pieces:
                emitter.part(kind, label, "".join(f"{piece}\n" for piece in pieces), hidden=hidden, is_prose=kind != "properties")
        embedded = [found for one in self.data if (found := _embedded(one)) is not None and found[1]]
        members = [one for one in embedded if not _is_dot(*one)]
        if len(members) < len(embedded):
            dots = len(embedded) - len(members)
            emitter.note("small-pictures", f"{dots} embedded pictures of fewer than {_LEAST_PICTURE} bytes are not taken out.")
        emitter.expect(members=len(members))
        for number, (media_type, content) in enumerate(members, 1):
            emitter.member(str(number).encode(), "embedded", content, declared=media_type)


def beside_of(page: LexborHTMLParser, comments: list[str], walk: Walk) -> Beside:
    """What *page* holds beside the text that *walk* gave, which met *comments*."""
    found = Beside()
    _collect(page, comments, walk, found, _INSIDE)
    return found


def _collect(page: LexborHTMLParser, comments: list[str], walk: Walk, found: Beside, depth: int) -> None:
    found.comments += [text for one in (*_outer_comments(page), *comments) if (text := without_styles(one).strip())]
    for node in page.css(_TELLING_NODES):
        for name, value in node.attributes.items():
            if name in _LEADING:
                if value and (address := value.strip()):
                    _lead(node, address, found)
            elif name in _SAYING and value and (text := _folded(value)):
                found.said[text] = None
    others = page.css(_OTHERS)
    for node in others:
        if node.tag == "input" and (value := node.attributes.get("value")):
            found.fields[f"{node.attributes.get('name') or ''}: {value}"] = None
        elif node.tag == "script" and (text := node.text().strip()):
            found.scripts.append(text)
    for node in others:
        if node.tag in _UNSHOWN:
            _unshown(node, walk, found, depth)


def _lead(node: LexborNode, address: str, found: Beside) -> None:
    if address[0] in "dD" and address[:5].lower() == "data:":
        found.data[address] = None
    elif address[0] != "#":
        tag = node.tag
        found.links[f"{(tag == 'a' and _anchor(node)) or tag}: {address}"] = None


def _anchor(node: LexborNode) -> str:
    inside = node.first_child
    for _ in range(_ANCHOR_CHAIN):
        if inside is None:
            return ""
        if inside.next is not None:
            break
        if (alone := inside.text_content) is not None:
            return _folded(alone[:_ANCHOR])
        if inside.tag == "img":
            break
        inside = inside.first_child
    text = ""
    for inner in islice(node.traverse(include_text=True), _ANCHOR_NODES):
        if inner.tag == "-text":
            text += (inner.text_content or "")[:_ANCHOR]
        elif inner.tag == "img":
            text += f" {(inner.attributes.get('alt') or '')[:_ANCHOR]} "
        if len(text) > _ANCHOR:
            break
    return _folded(text)[:_ANCHOR]


def _unshown(node: LexborNode, walk: Walk, found: Beside, depth: int) -> None:
    """The text of an element that is not walked through; a document inside it is parsed for itself."""
    if node.tag == "iframe":
        for markup, texts in ((node.attributes.get("srcdoc"), found.frames), (node.text(), found.unshown)):
            if markup and markup.strip():
                texts.append(_inner(markup, walk, found, depth))
    elif node.tag == "template":
        markup = (node.html or "").partition(">")[2].rpartition("</")[0]
        if markup.strip():
            found.unshown.append(_inner(markup, walk, found, depth))
    elif text := walk(node, found.comments).strip():
        found.unshown.append(text)


def _inner(markup: str, walk: Walk, found: Beside, depth: int) -> str:
    if not depth or is_too_deep(markup):
        return without_tags(markup).strip()
    page, comments = LexborHTMLParser(markup), list[str]()
    text = walk(page.root, comments).strip() if page.root is not None else ""
    _collect(page, comments, walk, found, depth - 1)
    return text


def _outer_comments(page: LexborHTMLParser) -> list[str]:
    """Those before and after the root, and of the head, which has no running text."""
    comments: list[str] = []
    root = page.root
    for start, step in ((root, "prev"), (root, "next"), (page.head.first_child if page.head else None, "next")):
        node = start
        while node is not None:
            if node.tag == "-comment":
                comments.append(node.comment_content or "")
            node = getattr(node, step)
    return comments


def _embedded(address: str) -> tuple[str, bytes] | None:
    match = _DATA.match(address)
    if match is None:
        return None
    body = unquote_to_bytes(address[match.end() :])
    if match[2].lower().endswith(";base64"):
        signs = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        try:
            body = binascii.a2b_base64(signs + b"=" * (-len(signs) % 4))
        except binascii.Error:
            body = base64.b64decode(signs[: len(signs) // 4 * 4])
    return tidied(f"{match[1] or 'text/plain'}{match[2]}") or "text/plain", body


def _is_dot(media_type: str, content: bytes) -> bool:
    return len(content) < _LEAST_PICTURE and media_type.lower().startswith("image/") and "svg" not in media_type.lower()


def _folded(text: str) -> str:
    return " ".join(text.split())
