"""Long lists in a workbook's XML (rows, strings): plain items by patterns, everything else by lxml.

Programs write rows and strings in few forms, and patterns find what is in them ten times faster than a parser hands
over elements. What a pattern takes must be well formed beyond doubt; whatever is not goes to the parser: one item alone
where that is enough, else all of the part from there on. So nothing is read otherwise than a parser would read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from lxml import etree

from unburnt.read.formats.office.office_xml import Element, parser

MOST_PENDING: Final = 4 << 20
"""Bytes of one item: a longer one is left to the parser and its own limits."""
_CONTROL: Final = bytes(sorted({*range(32)} - {9, 10}))
_NEVER_PLAIN: Final = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""What may not stand in text, and two signs that are no XML characters."""
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r' +(?:([A-Za-z_][A-Za-z0-9_.-]*):)?([A-Za-z_][A-Za-z0-9_.-]*)="([^"<&\t\n]*)"')
_REFERENCE: Final = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7})));|&")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NotPlain(Exception):
    """An item that no pattern may judge."""


class PlainList:
    """One part: :meth:`head`, then :meth:`regions` of whole items, then :meth:`rest`, to be consumed in this order.

    A caller that cannot take an item hands back the region from there on (:meth:`hand_back`); no region follows then.
    """

    def __init__(self, chunks: Iterator[bytes], container: str, item: str, further: tuple[str, ...] = ()) -> None:
        self._chunks = chunks
        self._container = container
        self._opening, self._closing = f"<{item}".encode(), f"</{item}>".encode()
        tags = tuple(f"{{*}}{name}" for name in (container, item, *further))
        self._parser = etree.XMLPullParser(
            events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._pending = b""
        self._error: etree.XMLSyntaxError | None = None
        self._is_plain = False
        self._wrapped = ("", "")
        self.prefixes: frozenset[str] = frozenset()
        """Namespace prefixes that an item may use."""

    def head(self) -> Iterator[tuple[str, Element]]:
        """What the parser finds before the first item."""
        at = -1
        for chunk in self._chunks:
            self._pending += chunk
            at = self._pending.find(self._opening)
            if at >= 0 or len(self._pending) > MOST_PENDING:
                break
        if at < 0:
            return
        head, self._pending = self._pending[:at], self._pending[at:]
        last: tuple[str, Element] | None = None
        for last in self._fed(head):
            yield last
        if self._error is None and last is not None and b"<!" not in head and not _ENCODING.search(head):
            event, element = last
            if event == "start" and str(element.tag).endswith(f"}}{self._container}"):
                self._is_plain = True
                self.prefixes = frozenset(prefix for prefix in element.nsmap if prefix)
                self._wrapped = _wrapping(element)

    def regions(self) -> Iterator[str]:
        """Runs of whole items, without control characters; markup and references stand as written."""
        while self._is_plain:
            end = self._pending.rfind(self._closing) + len(self._closing)
            if end >= len(self._closing):
                region = self._pending[:end]
                if len(region.translate(None, _CONTROL)) != len(region) or any(each in region for each in _NEVER_PLAIN):
                    return
                try:
                    text = region.decode()
                except UnicodeDecodeError:
                    return
                self._pending = self._pending[end:]
                yield text
            chunk = next(self._chunks, b"")
            if not chunk or len(self._pending) > MOST_PENDING:
                self._pending += chunk
                return
            self._pending += chunk

    def hand_back(self, text: str) -> None:
        """Leave *text*, the end of the last region, and all that follows to the parser."""
        self._pending = text.encode() + self._pending
        self._is_plain = False

    def alone(self, item: str) -> Element:
        """One item parsed by itself; raises :class:`NotPlain` where that would not be the same as in its place."""
        before, after = self._wrapped
        if "<!" in item or "<?" in item:
            raise NotPlain  # Its end may stand in a comment.
        try:
            root = etree.fromstring(f"{before}{item}{after}", parser(recover=False))
        except etree.XMLSyntaxError as error:
            raise NotPlain from error
        if len(root) != 1 or len(root[0]) != 1:
            raise NotPlain
        return root[0][0]

    def rest(self) -> Iterator[tuple[str, Element]]:
        """What the parser finds from where the regions ended. Raises lxml's XMLSyntaxError after what it could find."""
        if self._error is None and self._pending:
            yield from self._fed(self._pending)
            self._pending = b""
        while self._error is None and (chunk := next(self._chunks, b"")):
            yield from self._fed(chunk)
        if self._error is None:
            try:
                self._parser.close()
            except etree.XMLSyntaxError as error:
                self._error = error
            yield from self._found()
        if self._error is not None:
            raise self._error

    def _fed(self, data: bytes) -> Iterator[tuple[str, Element]]:
        try:
            self._parser.feed(data)
        except etree.XMLSyntaxError as error:
            self._error = error
        yield from self._found()

    def _found(self) -> Iterator[tuple[str, Element]]:
        return cast(Iterator[tuple[str, Element]], self._parser.read_events())


def attributes_of(written: str, prefixes: frozenset[str]) -> dict[str, str]:
    """The attributes of a tag as written between its name and its end. Raises :class:`NotPlain` where in doubt."""
    found: dict[str, str] = {}
    count, prefixed, end = 0, 0, 0
    for match in _ATTRIBUTE.finditer(written):
        prefix, name, value = match.groups()
        if match.start() != end or name == "xmlns":
            raise NotPlain
        end = match.end()
        if prefix is None:
            found[name] = value
            count += 1
        else:
            prefixed += 1
            if prefix not in prefixes:
                raise NotPlain
    if len(found) != count or prefixed > 1 or written[end:].strip(" "):
        raise NotPlain
    return found


def resolved(text: str) -> str:
    """*text* with its references replaced. Raises :class:`NotPlain` for one that XML alone does not know."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name, hexadecimal, decimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal) if decimal else 0
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise NotPlain


def _wrapping(container: Element) -> tuple[str, str]:
    """Tags to stand around an item, with the namespaces of its place."""
    spaces = "".join(
        f' xmlns{":" if prefix else ""}{prefix or ""}="{uri}"' for prefix, uri in container.nsmap.items()
        if not set(uri) & set("\"<&")
    )  # fmt: skip
    return f"<a{spaces}><b>", "</b></a>"
