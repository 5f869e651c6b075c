"""EPUB books: the documents of the spine in order (EPUB 3.3, sections 4 and 5)."""

from __future__ import annotations

import html
import posixpath

from lxml import etree

from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    descendants,
    local,
    parse_bytes,
    parse_part,
    text_of,
)
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package, key_of
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.formats.office.ooxml_relations import resolve
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".tif", ".tiff", ".pdf", ".mp3", ".mp4", ".m4a")
BLOCKS = frozenset(
    ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "section",
    "article", "blockquote", "pre", "hr", "header", "footer", "aside", "nav", "figure", "figcaption", "body",
    "title"]
)
MOST_LINKS = 50_000
PAGES = (".xhtml", ".html", ".htm")
SKIPPED = frozenset(("script", "style", "head"))


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a book: one part for each document of the spine; pictures as members."""
    package, _ = open_or_recover(source.file)
    progress = Progress()
    name, opf = _opf(package)
    spine = _spine(name, opf) if opf is not None else [part for part in package.names() if part.lower().endswith(PAGES)]
    members = [part for part in package.names() if part.lower().endswith(PICTURES)]
    emitter.expect(pages=len(spine), members=len(members))
    if opf is not None:
        emitter.metadata(_metadata(opf), searchable=True)
    else:
        progress.losses.append("its list of contents is gone, and the sections stand in the file's order")
    if package.has("META-INF/encryption.xml"):
        emitter.note("encryption", "The book says that parts of it are encrypted (often only its fonts).")
    links: dict[str, None] = {}
    for position, target in enumerate(spine):
        if not target or not package.has(target):
            progress.losses.append(f"section {position + 1} is missing")
            continue
        _section(package, target, str(position + 1), links, emitter, progress)
    read_already = set(map(key_of, spine))
    for target in [part for part in package.names() if part.lower().endswith(PAGES) and key_of(part) not in read_already]:
        # Tables of contents, notes that open beside the text, and what was taken out of the book and is still in the file.
        _section(package, target, target.rsplit("/", 1)[-1], links, emitter, progress)
    if links:
        emitter.part("properties", "links", "\n".join(links))
    note_package(package, emitter)
    emit_members(package, members, emitter)
    return ending(package, progress, len(members))


def _spine(name: str, opf: Element) -> list[str]:
    """The documents in the order of reading; an empty name for one that the list of contents lacks."""
    folder = posixpath.dirname(name)
    manifest = {attribute(item, "id") or "": attribute(item, "href") or "" for item in descendants(opf, "item")}
    places = [manifest.get(attribute(item, "idref") or "") for item in descendants(opf, "itemref")]
    return [resolve(folder, place) if place else "" for place in places]


def _opf(package: Package) -> tuple[str, Element | None]:
    """The list of contents and its name; none where a recovered package has lost it."""
    container = parse_part(package, "META-INF/container.xml").root
    for rootfile in descendants(container, "rootfile") if container is not None else ():
        name = attribute(rootfile, "full-path") or ""
        root = parse_part(package, name).root
        if root is not None and package.has(name):
            return name, root
    for name in package.names():
        if name.lower().endswith(".opf"):
            root = parse_part(package, name).root
            if root is not None:
                return name, root
    if package.recovered:
        return "", None
    raise Damaged("The book's list of contents (OPF) is missing.")


def _section(package: Package, name: str, label: str, links: dict[str, None], emitter: Emitter, progress: Progress) -> None:
    data = package.read(name, 64 << 20)
    tree = parse_bytes(data)
    root = tree.root
    if not tree.whole:
        try:
            root = etree.fromstring(data, etree.HTMLParser(no_network=True, recover=True, huge_tree=False))
        except etree.XMLSyntaxError:
            progress.losses.append(f"section {label} {tree.reason}")
    if root is None:
        return
    out = TextBuilder()
    _walk(root, out, preformatted=False)
    emitter.part("section", label, out.text())
    progress.text = progress.text or out.has_text()
    for anchor in descendants(root, "a"):
        if ":" in (place := (attribute(anchor, "href") or "").strip()) and len(links) < MOST_LINKS:
            links.setdefault(place[:10_000])


def _walk(element: Element, out: TextBuilder, *, preformatted: bool) -> None:
    """Text with a line for each block; white space collapses outside ``pre`` as in a browser."""
    name = local(element).lower()
    if name in SKIPPED:
        return
    if not name:
        if isinstance(element, etree._Entity):
            out.add(html.unescape(f"&{element.name};"))
        return
    if name in BLOCKS:
        out.end_line()
    elif name == "br":
        out.add("\n")
    elif name == "img" and (words := (attribute(element, "alt") or "").strip()):
        out.add(f"{words} ")
    elif name in ("td", "th") and not out.at_line_start:
        out.add("\t")
    preformatted = preformatted or name == "pre"
    _add(element.text, out, preformatted)
    for inner in element:
        _walk(inner, out, preformatted=preformatted)
        _add(inner.tail, out, preformatted)
    if name in BLOCKS:
        out.end_line()


def _add(text: str | None, out: TextBuilder, preformatted: bool) -> None:
    if not text:
        return
    if preformatted:
        out.add(text)
        return
    words = text.split()
    if words:
        before = " " if text[0].isspace() and not out.at_line_start else ""
        after = " " if text[-1].isspace() else ""
        out.add(f"{before}{' '.join(words)}{after}")
    elif not out.at_line_start:
        out.add(" ")


def _metadata(opf: Element) -> Metadata:
    title = author = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for element in descendants(opf, "title", "creator", "date", "publisher", "language", "identifier", "subject", "rights", "description"):
        name, value = local(element), text_of(element).strip()[:20_000]
        if name == "title" and value and title is None:
            title = value
        elif name == "creator" and value and author is None:
            author = value
        elif name == "date" and value and len(dates) < 20:
            dates.append(date(attribute(element, "event") or "published", value, "epub:dc:date"))
        elif value:
            fields[f"epub:{name}"] = value
    return Metadata(title=title, author=author, dates=tuple(dates), fields=fields)


FORMATS = (
    Format(
        "epub", read, memory_safe=False, libraries=("lxml",),
        title="EPUB books",
        gives="the documents of the spine in order, then those that stand beside it, where links lead, metadata, pictures as members",
        lacks="encrypted (DRM) parts are named",
    ),
)
