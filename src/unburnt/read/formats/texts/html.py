"""HTML and XHTML: what a person would read, in order; nothing is ever fetched or run."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts.html_beside import beside_of
from unburnt.read.formats.texts.html_depth import is_too_deep, without_tags
from unburnt.read.formats.texts.html_drawn import DRAWN, begun, ended, is_drawn
from unburnt.read.formats.texts.html_spaces import BREAK, CELL_END, KEPT, LINE_END, folded
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 64 << 20
_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]{1,40})|<\?xml[^>]+encoding=[\"']([\w.:-]{1,40})", re.I)
_SKIPPED = frozenset(("script", "style", "noscript", "template", "head", "iframe", "object"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul", "title",
))
_CELLS = frozenset(("td", "th"))
_BEGUN = {**dict.fromkeys(_BLOCKS, BREAK), "br": LINE_END}
"""What elements put before their text, and after it."""
_ENDED = {**dict.fromkeys(_BLOCKS, BREAK), **dict.fromkeys(_CELLS, CELL_END)}
_TELLING = frozenset((*_BEGUN, *_ENDED, *DRAWN, "img", "input"))
"""Elements that make a difference to the text around them."""
_SPACES = re.compile(r"[ \t\r\n\f]+")
_DATES = {
    "date": "created", "dc.date": "created", "dcterms.created": "created", "article:published_time": "created",
    "last-modified": "modified", "dcterms.modified": "modified", "article:modified_time": "modified",
    "og:updated_time": "modified", "pubdate": "created", "publishdate": "created",
}


def read(source: Source, emitter: Emitter) -> Ending:
    """One part of running text, others for what stands beside it; title, author and dates from the head."""
    data = source.all(_MOST)
    match = _DECLARED.search(data[:8192])
    declared = next((group.decode("ascii", "ignore") for group in match.groups() if group), None) if match else None
    decoded = decode(data, declared, hints=source.charsets)
    if source.size > len(data):
        emitter.note("cut", f"Only the first {_MOST >> 20} MiB were read.")
    if is_too_deep(decoded.text):
        # HTML's own rules make a parser look through all open elements for each new one: hours at this depth.
        emitter.note("deep-nesting", "Its elements are nested absurdly deep: it was read without its structure.")
        emitter.part("text", "", without_tags(decoded.text))
        emitter.metadata(Metadata(fields={"text:encoding": decoded.encoding}))
        return ending_of(decoded, emitter)
    is_utf8 = decoded.encoding in ("utf-8", "ascii") and not decoded.replaced
    page = LexborHTMLParser(data if is_utf8 else decoded.text)  # the parser's own encoding: nothing to encode again
    comments: list[str] = []
    text, hidden = text_of(page, comments)
    if hidden:
        emitter.note("hidden-text", f"{hidden} pieces of text are hidden from who looks at the page; they are kept here.")
    emitter.part("text", "", text)
    ending = ending_of(decoded, emitter)
    emitter.metadata(_metadata(page, {"text:encoding": decoded.encoding}), searchable=True)
    beside_of(page, comments, lambda node, met: _walk(node, met, frozenset())[0]).emit(emitter)
    if ending.outcome is Outcome.EMPTY and emitter.has_content:
        return Ending(Outcome.EMPTY, "It shows no text by itself; what its source holds beside that is kept.")
    return ending


def text_of(page: LexborHTMLParser, comments: list[str]) -> tuple[str, int]:
    """The running text and how many hidden pieces are in it; adds the *comments* that stand in it."""
    return _walk(page.root, comments, _hidden_elements(page)) if page.root is not None else ("", 0)


def _walk(root: LexborNode, comments: list[str], hidden: frozenset[int]) -> tuple[str, int]:
    """The same under any node; without recursion, however deep the nesting, and asking each node for as little as can be."""
    pieces: list[str] = []
    add = pieces.append
    preformatted = seen_hidden = 0
    is_skipped = False
    # The innermost element that changes what comes after it, the node that follows all of it, and what is put there.
    itself, after, mark, is_preformatted = root.mem_id, 0, "", False
    above: list[tuple[int, int, str, bool]] = []  # those in which this one stands
    for node in root.traverse(include_text=True):
        place = node.mem_id
        while place == after:
            is_skipped = False
            add(mark)
            preformatted -= is_preformatted
            itself, after, mark, is_preformatted = above.pop()
        if is_skipped:
            continue
        text = node.text_content
        if text is not None:
            add(text.translate(KEPT) if preformatted else text)
            continue
        tag = node.tag or ""
        if hidden and place in hidden:
            seen_hidden += 1
        if tag in _TELLING:
            preformatted += tag == "pre"
            text = _BEGUN.get(tag) or _shown(tag, node)
            add(text.translate(KEPT) if preformatted else text)
        elif tag == "-comment":
            comments.append(node.comment_content or "")
        elif tag in _SKIPPED and place != root.mem_id:
            is_skipped = True
        if is_skipped or tag in _ENDED or tag in DRAWN:
            above.append((itself, after, mark, is_preformatted))
            following = node.next
            after = following.mem_id if following is not None else _after(node, itself, after)
            itself, mark, is_preformatted = place, _ENDED.get(tag) or ended(tag, node), tag == "pre"
    return folded("".join(pieces)), seen_hidden


def _after(node: LexborNode, outer: int, after_outer: int) -> int:
    """What follows the last node in *outer*. In linear time for all of them: no step up is taken twice."""
    above: LexborNode | None = node
    while above is not None and above.mem_id != outer:
        if (following := above.next) is not None:
            return int(following.mem_id)
        above = above.parent
    return after_outer


def _shown(tag: str, node: LexborNode) -> str:
    """What an element shows by its attributes."""
    if tag in _CELLS:
        return ""
    if tag in DRAWN:
        return begun(tag, node)
    attributes = node.attributes
    if tag == "img":
        return f" {alternative} " if (alternative := attributes.get("alt")) else ""
    return "" if attributes.get("type", "") in ("hidden", "password") else f" {attributes.get('value') or ''} "


def _hidden_elements(page: LexborHTMLParser) -> frozenset[int]:
    root = page.root
    if root is None:
        return frozenset()
    return frozenset(node.mem_id for node in [root, *page.css("[hidden],[style]")] if _is_hidden(node))


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _metadata(page: LexborHTMLParser, fields: dict[str, str]) -> Metadata:
    title_node = next((node for node in page.css("title") if not is_drawn(node)), None)
    title = _SPACES.sub(" ", title_node.text()).strip() if title_node else None
    author: str | None = None
    dates: list[Date] = []
    for meta in page.css("meta")[:200]:
        attributes = meta.attributes
        name = (attributes.get("name") or attributes.get("property") or attributes.get("http-equiv") or "").lower()
        content = (attributes.get("content") or "").strip()
        if not name or not content:
            continue
        fields[f"html:{name[:60]}"] = content[:2000]
        if name in ("author", "dc.creator", "article:author") and author is None:
            author = content[:500]
        if name in _DATES:
            dates.append(_date(name, content))
    return Metadata(title=title or None, author=author, dates=tuple(dates), fields=fields)


def _date(name: str, content: str) -> Date:
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?)\s*(Z|[+-]\d\d:?\d\d)?)?", content)
    if match is None:
        return Date(kind=_DATES[name], value=content[:100], zone="unknown", origin=f"html:{name}", certain=False)
    day, clock, zone = match.groups()
    zone = "UTC" if zone == "Z" else zone or "unknown"
    value = day + (f"T{clock}" if clock else "") + ("Z" if zone == "UTC" else zone if zone != "unknown" else "")
    return Date(kind=_DATES[name], value=value, zone=zone, origin=f"html:{name}")


FORMATS = (
    Format(
        "html", read, memory_safe=False, libraries=("selectolax", "faust-cchardet"),
        title="HTML and XHTML",
        gives=(
            "what a person would read, in order: title, text, alternative texts, hidden text named as such, dates "
            "from the head; beside it, in parts of their own, where it leads, tooltips and labels, frames, what "
            "noscript, templates and hidden fields hold, comments in the source, data for scripts; embedded data as members; of a saved "
            "page the files that it refers to in folders beside it, received or not, and from each of them the page"
        ),
        lacks=(
            "nothing is fetched, no script runs, so what scripts would show is not there; embedded pictures of fewer than 200 bytes, the "
            "dots of a layout, are counted and not taken out"
        ),
    ),
)
