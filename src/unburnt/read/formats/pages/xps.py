"""Printed pages of Windows (XPS and OpenXPS, ECMA-388): a package of pages that hold letters at places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.office_xml import Tree, attribute, descendants, parse_bytes
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import is_member, relations_of, resolve
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.pages.xps_lines import joined, page_lines, page_links
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_XML = (".fpage", ".fdoc", ".fdseq", ".struct", ".frag", ".dict", ".piece", ".odttf", ".ttf", ".ttc", ".otf")
_INSIDE = re.compile(r"^#|\.f(?:doc|dseq|page)(?:#|$)", re.IGNORECASE)
"""How an address begins or ends that leads to another page of the document."""
_PIECE = re.compile(r"/\[(\d+)\](?:\.last)?\.piece$", re.IGNORECASE)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read the pages of all documents in the package, in order: lines, where they lead, pictures as members."""
    package, _ = open_or_recover(source.file)
    pieces = _pieces(package)
    pages = list(_pages(package, pieces))
    if not pages:
        raise Damaged("The list of the document's pages cannot be read.")
    emitter.check_pages(len(pages))
    names = [name for name in package.names() if not name.lower().endswith(_XML) and is_member(name)]
    emitter.expect(pages=len(pages), members=len(names))
    emitter.metadata(read_properties(package), searchable=True)
    progress, links = Progress(), dict[str, None]()
    for number, part in enumerate(pages, 1):
        tree = _parsed(package, pieces, part)
        if not tree.whole or tree.root is None:
            progress.losses.append(f"page {number} {tree.reason or 'is missing'}")
        if tree.root is None:
            continue
        text = joined(page_lines(tree.root))
        progress.text = progress.text or bool(text.strip())
        emitter.part("page", str(number), text)
        links.update(dict.fromkeys(page_links(tree.root)))
    if outside := "\n".join(link for link in links if not _INSIDE.search(link)):
        emitter.part("properties", "links", outside)
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _pieces(package: Package) -> dict[str, list[str]]:
    """The parts that were written in pieces, as printers do (section 9.1.3): the pieces' names in order."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in package.names():
        if match := _PIECE.search(name):
            found.setdefault(name[: match.start()].lower().lstrip("/"), []).append((int(match[1][:9]), name))
    return {part: [name for _, name in sorted(each)] for part, each in found.items()}


def _parsed(package: Package, pieces: dict[str, list[str]], part: str) -> Tree:
    names = [part] if package.has(part) else pieces.get(part.lower(), [])
    if not names:
        return Tree(None, whole=False)
    return parse_bytes(chunk for name in names for chunk in package.chunks(name))


def _pages(package: Package, pieces: dict[str, list[str]]) -> Iterator[str]:
    """From the package's start to the sequence of documents, from there to each document, from there to each page."""
    starts = [one.target for one in relations_of(package, "").values() if one.kind == "fixedrepresentation"]
    starts = starts or [name for name in package.names() if name.lower().endswith(".fdseq")]
    seen: set[str] = set()
    for start in starts:
        for document in _listed(package, pieces, start, "DocumentReference"):
            for page in _listed(package, pieces, document, "PageContent"):
                if page not in seen:
                    seen.add(page)
                    yield page


def _listed(package: Package, pieces: dict[str, list[str]], part: str, name: str) -> Iterator[str]:
    root = _parsed(package, pieces, part).root
    for element in descendants(root, name) if root is not None else ():
        if target := attribute(element, "Source"):
            yield resolve(part.rpartition("/")[0], target)


FORMATS = (
    Format(
        "xps", read, memory_safe=False, libraries=("lxml",),
        title="Printed pages of Windows (XPS, OpenXPS)",
        gives="pages with their lines in reading order, right to left too, links, pictures, properties",
        lacks="places of the letters, and pictures of the pages",
    ),
)
