"""Parsing untrusted XML: no entity is expanded, nothing is fetched, depth, bytes and tags are bounded.

Names are compared by their local part, so that transitional and strict OOXML (other namespaces) read alike.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree

from unburnt.base.limits import MIB
from unburnt.read.formats.office.ooxml_package import Package

Element = etree._Element

TREE_BYTES = 96 * MIB
"""The most XML that is held as one tree; the rest of a longer part is left unread, and the reading says so."""
TREE_TAGS = 3_000_000
"""The most tags in one tree: an empty element of 5 bytes costs 200 in memory."""


_MOST_NAMES = 10_000


class Tree:
    """A parsed part. *whole* is false where the XML was cut at a limit, too deep or not well formed."""

    def __init__(self, root: Element | None, *, whole: bool, reason: str = "") -> None:
        self.root = root
        self.whole = whole
        self.reason = reason


class _Names(dict[object, str]):
    """Names by tags: a document has few that differ, and is asked for them at every step."""

    def __missing__(self, tag: object) -> str:
        if len(self) >= _MOST_NAMES:
            self.clear()
        name = self[tag] = tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""
        return name


_names = _Names()


def local(element: Element) -> str:
    """An element's name without its namespace; empty for comments, instructions and entities."""
    return _names[element.tag]


def attribute(element: Element, name: str, default: str | None = None) -> str | None:
    """An attribute's value by local name, whatever its namespace."""
    value = element.get(name)
    if value is not None:
        return value
    ending = f"}}{name}"
    for key in map(str, element.keys()):
        if key.endswith(ending):
            return element.get(key)
    return default


def attributes(element: Element) -> dict[str, str]:
    """All attributes by local name, as :func:`attribute` gives each of them."""
    found: dict[str, str] = {}
    for key, value in cast("list[tuple[str, str]]", element.items()):
        at = key.rfind("}") + 1
        if not at or key[at:] not in found:
            found[key[at:]] = value
    return found


def children(element: Element, name: str) -> Iterator[Element]:
    """Child elements with that local name."""
    return element.iterchildren(f"{{*}}{name}")


def child(element: Element | None, *names: str) -> Element | None:
    """Follow a path of local names downward, taking the first child each time."""
    for name in names:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{name}"), None)
    return element


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """All elements below (and this one) with one of the local names, in document order."""
    return (found for found in element.iter(*(f"{{*}}{name}" for name in names)))


def text_of(element: Element | None) -> str:
    """All text below, joined; none of an entity that was left unexpanded, which is no element."""
    return "" if element is None or not isinstance(element.tag, str) else "".join(str(piece) for piece in element.itertext())


def is_true(value: str | None, default: bool = False) -> bool:
    """An on/off attribute as office files write it: ``1 true on`` or ``0 false off``."""
    return default if value is None else value.lower() in ("1", "true", "on", "t")


def number(value: str | None, default: int = 0, *, most: int = 1 << 31) -> int:
    """A whole number from an attribute; *default* where it is none."""
    try:
        return max(-most, min(most, int(value))) if value is not None and len(value) < 20 else default
    except ValueError:
        return default


@functools.cache
def parser(*, recover: bool) -> etree.XMLParser:
    """A parser that expands no entity, loads no DTD, opens nothing, and stops at 256 levels."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, dtd_validation=False,
        remove_comments=True, remove_pis=True, recover=recover,
    )  # fmt: skip


def parse_bytes(untrusted_xml: bytes | Iterable[bytes]) -> Tree:
    """Parse XML, or as much of it as the limits and its well-formedness allow."""
    chunks = [untrusted_xml] if isinstance(untrusted_xml, bytes) else untrusted_xml
    data, within = _bounded(chunks)
    if not data.strip():
        return Tree(None, whole=False, reason="holds nothing")
    if within:
        try:
            return Tree(etree.fromstring(data, parser(recover=False)), whole=True)
        except etree.XMLSyntaxError:
            pass
    reason = "is not well formed or nested too deeply" if within else "is longer than is safe to hold"
    try:
        root = etree.fromstring(data, parser(recover=True))
    except etree.XMLSyntaxError:
        return Tree(None, whole=False, reason=reason)
    return Tree(root, whole=False, reason=reason)


def parse_part(package: Package, name: str) -> Tree:
    """Parse one part of a package; an absent part gives an empty tree that is *whole*."""
    if not package.has(name):
        return Tree(None, whole=True)
    return parse_bytes(package.chunks(name))


def _bounded(chunks: Iterable[bytes]) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    size = tags = counted = 0
    for chunk in chunks:
        size += len(chunk)
        pieces.append(chunk)
        if size > TREE_TAGS:  # fewer bytes cannot hold so many
            tags += sum(map(_tags, pieces[counted:]))
            counted = len(pieces)
        if size > TREE_BYTES or tags > TREE_TAGS:
            pieces = pieces[:-1] or [chunk[: TREE_BYTES // 4]]
            return b"".join(pieces), False
    return b"".join(pieces), True


def _tags(chunk: bytes) -> int:
    return chunk.count(b"<") + chunk.count(b'="') + chunk.count(b"='")
