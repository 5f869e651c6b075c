"""The text of an HTML body, in pure Python and in linear time: enough for mail, whatever the markup is like."""

from __future__ import annotations

import html
import re

from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.texts.html_depth import without_styles

SPACE = re.compile(r"[ \t\r\n\f]+")
NAME = re.compile(r"/?[a-zA-Z][^\s/>]{0,40}")
ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20})\s{0,20}=\s{0,20}("[^"]*+"?|'[^']*+'?|[^\s>]+)""")
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_-]{2,40})""", re.IGNORECASE)
RAW = frozenset(["script", "style", "title", "textarea", "xmp", "noembed", "iframe"])
SHOWN_RAW = frozenset(["textarea", "xmp"])
BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend",
    "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
])  # fmt: skip
CELLS = frozenset(["td", "th"])
TOLD = re.compile(r"\b(?:title|placeholder|aria-label|src|action|background|srcdoc)\s{0,20}=", re.IGNORECASE)
SAYING, LEADING = ("title", "placeholder", "aria-label"), ("src", "action", "background")
MOST_BESIDE = 1 << 20
"""Characters."""
MOST_LINKS = 5_000
MOST_ATTRIBUTES = 20_000


def declared_charset(raw: bytes) -> str | None:
    """The charset that a ``meta`` element in the first 4 KiB states."""
    match = CHARSET.search(raw[:4096])
    return match.group(1).decode("ascii") if match else None


class HtmlText(TextBuilder):
    """The text a person sees, and *beside* it lines that nobody is shown: comments, tooltips, where pictures come from."""

    def __init__(self) -> None:
        super().__init__()
        self.beside: dict[str, None] = {}
        self._room = MOST_BESIDE

    def tell(self, kind: str, text: str) -> None:
        """Keep a line, once."""
        text = SPACE.sub(" ", text).strip()[: self._room]
        if text and (line := f"{kind}: {text}") not in self.beside:
            self.beside[line] = None
            self._room -= len(text)


def html_text(untrusted_html: str) -> HtmlText:
    """The text a person sees, lines broken at blocks, links marked with where they lead."""
    return _Extractor(untrusted_html).run()


class _Extractor:
    """One walk from tag to tag. What never closes is looked for once, not once for each opening."""

    def __init__(self, text: str, *, inside: bool = False) -> None:
        self.text, self.lower = text, ""
        self.inside = inside
        self.out = HtmlText()
        self.preformatted = 0
        self.link: tuple[int, str] | None = None
        self.quotes = 0
        self.quote = 0
        self.absent: set[str] = set()
        self.pending = False

    def run(self) -> HtmlText:
        """Walk to the end."""
        position, size = 0, len(self.text)
        while position < size:
            tag = self.text.find("<", position)
            if tag < 0:
                tag = size
            if tag > position:
                self._words(self.text[position:tag])
            position = self._markup(tag) if tag < size else size
        self._quotation(-self.quotes)
        return self.out

    def _find(self, needle: str, start: int) -> int:
        """Like ``str.find``; a needle once found missing is not looked for again."""
        if needle in self.absent:
            return -1
        found = self.text.find(needle, start)
        if found < 0:
            self.absent.add(needle)
        return found

    def _markup(self, at: int) -> int:
        """Handle what begins with ``<`` at *at*; where to go on."""
        if self.text.startswith("<!--", at):
            end = self._find("-->", at + 4)
            self.out.tell("comment", without_styles(self.text[at + 4 : end if end >= 0 else at + 4]))
            return end + 3 if end >= 0 else max(at + 4, self._find(">", at) + 1)
        match = NAME.match(self.text, at + 1)
        if match is None:
            if self.text[at + 1 : at + 2] in ("!", "?"):
                end = self._find(">", at)
                return end + 1 if end >= 0 else len(self.text)
            self._words("<")
            return at + 1
        end = self._tag_end(match.end())
        name = match.group().lower()
        self._tag(name, self.text[match.end() : min(end - 1, match.end() + MOST_ATTRIBUTES)])
        return self._raw(name, end) if name in RAW else end

    def _tag_end(self, position: int) -> int:
        """After the ``>`` that is not inside a quoted value."""
        start = position
        while True:
            end = self._find(">", position)
            if end < 0:
                return len(self.text)
            quote = re.compile(r"""=\s{0,20}(["'])""").search(self.text, position, end)
            if quote is None:
                return end + 1
            close = self._find(quote.group(1), quote.end())
            if close < 0 or close - start > MOST_ATTRIBUTES:
                return end + 1
            position = close + 1

    def _raw(self, name: str, position: int) -> int:
        """Skip or show the content of an element that holds no markup."""
        closing = f"</{name}"
        if not self.lower:
            # Lower-casing by ASCII only keeps every offset.
            self.lower = self.text.translate({code: code + 32 for code in range(65, 91)})
        end = -1 if closing in self.absent else self.lower.find(closing, position)
        if end < 0:
            self.absent.add(closing)
            return position
        if name in SHOWN_RAW:
            self._words(self.text[position:end])
        elif name == "title":
            self.out.tell(name, html.unescape(self.text[position:end]))
        return end

    def _tag(self, name: str, attributes: str) -> None:
        closing, name = name.startswith("/"), name.lstrip("/")
        if not closing and TOLD.search(attributes):
            self._tell(name, attributes)
        if name == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if closing else 1))
        if name == "br" and not closing:
            self._break(always=True)
        elif name in BLOCKS:
            self._break(always=False)
            if name == "blockquote":
                self._quotation(-1 if closing else 1)
        elif name in CELLS and not closing and not self.out.at_line_start:
            self.out.add("\t")
            self.pending = False
        elif name == "a":
            self._anchor("" if closing else self._attribute(attributes, "href"))
        elif name in ("img", "area") and (alternative := self._attribute(attributes, "alt")):
            self._words(alternative)

    def _tell(self, name: str, attributes: str) -> None:
        for match in ATTRIBUTE.finditer(attributes):
            attribute, value = match[1].lower(), html.unescape(match[2].strip("\"'"))
            if attribute in SAYING:
                self.out.tell(attribute, value)
            elif attribute in LEADING and not value.lower().startswith(("cid:", "data:")):
                self.out.tell(name, value)
            elif attribute == "srcdoc" and not self.inside:
                inner = _Extractor(value, inside=True).run()
                self.out.tell("frame", inner.text())

    def _quotation(self, change: int) -> None:
        """Mark what the outermost quotation holds; one that is not closed goes on to the end."""
        was, self.quotes = self.quotes, max(0, self.quotes + change)
        if self.quotes and not was:
            self.quote = self.out.length
        elif was and not self.quotes and self.out.length > self.quote:
            self.out.mark("quote", self.quote, self.out.length)

    def _break(self, *, always: bool) -> None:
        self.pending = False
        if always:
            self.out.add("\n")
        else:
            self.out.end_line()

    def _anchor(self, target: str) -> None:
        if self.link is not None and len(self.out.marks) < MOST_LINKS:
            start, leads_to = self.link
            self.out.mark("link", start, self.out.length, text=leads_to)
        self.link = (self.out.length, target) if target else None
        self.out.tell("link", target)

    def _attribute(self, attributes: str, wanted: str) -> str:
        for match in ATTRIBUTE.finditer(attributes):
            if match.group(1).lower() == wanted:
                return html.unescape(match.group(2).strip("\"'"))[:2000]
        return ""

    def _words(self, raw: str) -> None:
        text = html.unescape(raw)
        if self.preformatted:
            self.out.add(text)
            return
        text = SPACE.sub(" ", text)
        before, text, after = text[:1] == " ", text.strip(" "), text[-1:] == " "
        if not text:
            self.pending = self.pending or before
            return
        if (before or self.pending) and not self.out.at_line_start:
            self.out.add(" ")
        self.out.add(text)
        self.pending = after
