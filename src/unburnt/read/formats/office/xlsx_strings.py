"""A workbook's table of strings (ECMA-376 part 1, section 18.4.9): each text once, cells name its number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unburnt.read.formats.office.office_xml import Element
from unburnt.read.formats.office.xlsx_plain import NotPlain, PlainList, resolved
from unburnt.read.formats.office.xlsx_sheet import rich_text, unescape

ITEMS = re.compile(
    r'[ \t\n]*(?:<si>[ \t\n]*<t(?: xml:space="preserve")?>([^<]*)</t>[ \t\n]*</si>|(<si/>|<si>.*?</si>)|(.))', re.DOTALL
)


def strings(chunks: Iterator[bytes]) -> Iterator[str]:
    """The strings in order. Raises lxml's XMLSyntaxError where the XML is broken, after those before it."""
    items = PlainList(chunks, "sst", "si")
    yield from _parsed(items.head())
    for region in items.regions():
        yield from _plain(items, region)
    yield from _parsed(items.rest())


def _plain(items: PlainList, region: str) -> Iterator[str]:
    for match in ITEMS.finditer(region):
        plain, rich, other = match.groups()
        try:
            if plain is not None:
                yield unescape(resolved(plain))
            elif other is None:
                yield rich_text(items.alone(rich))
            elif not other.isspace():
                raise NotPlain
        except NotPlain:
            items.hand_back(region[match.start() :])
            return


def _parsed(events: Iterator[tuple[str, Element]]) -> Iterator[str]:
    for event, element in events:
        if event == "start" or not element.tag.endswith("si"):
            continue
        yield rich_text(element)
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
