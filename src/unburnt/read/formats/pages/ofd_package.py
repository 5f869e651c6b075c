"""How the files of an OFD package hang together (GB/T 33190-2016, clause 6 and 7): documents, pages, templates, resources."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

import msgspec

from unburnt.read.formats.office.office_xml import (
    Element,
    Tree,
    attribute,
    child,
    children,
    descendants,
    local,
    parse_bytes,
    text_of,
)
from unburnt.read.formats.office.ooxml_package import Package, key_of
from unburnt.read.formats.pages.ofd_geometry import A4, Box, box

MOST_RESOURCES = 200_000
_PLACES = frozenset(
    ("DocRoot", "FileLoc", "MediaFile", "FontFile", "PublicRes", "DocumentRes", "PageRes", "Annotations", "Attachments",
     "Extensions", "CustomTags", "Signatures", "BaseLoc", "SignedValue", "Thumbnail", "ExtendData", "SchemaLoc", "Cover")
)  # fmt: skip
"""Elements whose text is a path (ST_Loc)."""


class Page(msgspec.Struct, frozen=True):
    """A page or a template page: its id, its file, where a template is drawn, and the page area of its document."""

    id: str
    file: str
    order: str = "Background"


@dataclass
class Resources:
    """What pages refer to by number."""

    fonts: dict[str, str] = field(default_factory=dict)
    """Font names."""
    media: dict[str, str] = field(default_factory=dict)
    """Files of pictures and other media."""
    graphics: dict[str, Element] = field(default_factory=dict)
    """Composite graphic units."""
    pens: dict[str, Element] = field(default_factory=dict)
    """Drawing parameters."""


@dataclass
class Document:
    """One document of the package. *body* is its entry in OFD.xml."""

    body: Element
    file: str
    root: Element | None
    area: Box
    pages: list[Page] = field(default_factory=list)
    templates: dict[str, Page] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)


class OfdPackage:
    """An OFD package's XML files, with every file that one of them names. Nothing is parsed that nobody asks for."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.used: set[str] = set()
        """Keys of the parts that something refers to."""
        self.loaded: set[str] = set()
        """Keys of the parts that were parsed."""
        self.broken: dict[str, str] = {}
        """Parts that are missing or could not be read whole, with what is wrong."""

    def load(self, name: str) -> Element | None:
        """Parse one file; None where it is missing or no XML. What it refers to counts as used."""
        self.used.add(key_of(name))
        self.loaded.add(key_of(name))
        if not self.package.has(name):
            self.broken[name] = "is missing"
            return None
        before = len(self.package.damaged_parts)
        tree: Tree = parse_bytes(self.package.chunks(name))
        if not tree.whole:
            self.broken[name] = tree.reason
        elif len(self.package.damaged_parts) > before:
            self.broken[name] = "fails its checksum"
        if tree.root is not None and local(tree.root) != "Page":
            self._follow(tree.root, name)
        elif tree.root is not None:
            for one in descendants(tree.root, "PageRes"):
                self.resolve(name, text_of(one))
        return tree.root

    def resolve(self, base: str, place: str, *, folder: str = "") -> str:
        """The part that a path in *base* means; it counts as used. Where none is there, the name it would have.

        Paths are relative to the file they stand in; programs also write them relative to their document or the package.
        """
        place = place.strip().replace("\\", "/")
        inside = posixpath.dirname(base)
        roots = ["/"] if place.startswith("/") else [posixpath.join(inside, folder), inside, *_above(inside)]
        names = [posixpath.normpath(posixpath.join("/", root, place.lstrip("/"))).lstrip("/") for root in roots]
        found = next((name for name in names if self.package.has(name)), names[0])
        self.used.add(key_of(found))
        return found

    def _follow(self, root: Element, name: str) -> None:
        folder = attribute(root, "BaseLoc") or "" if local(root) == "Res" else ""
        for element in root.iter("{*}*"):
            if local(element) in _PLACES and (place := (element.text or "").strip()):
                self.resolve(name, place[:1000], folder=folder)
            if local(element) not in ("Version", "Res") and (based := attribute(element, "BaseLoc")):
                self.resolve(name, based[:1000])

    def unused(self) -> list[str]:
        """The parts that nothing refers to, and XML that no page needed (tags, extensions, templates), in the directory's order."""
        names = [(name, key_of(name)) for name in self.package.names()]
        return [name for name, key in names if key not in self.used or (key.endswith(".xml") and key not in self.loaded)]


def _above(folder: str) -> list[str]:
    """All folders above, nearest first."""
    found = []
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found[:32]


def documents_of(ofd: OfdPackage) -> list[Document]:
    """The package's documents in order, with pages, templates and resources."""
    root = ofd.load("OFD.xml")
    found: list[Document] = []
    for body in children(root, "DocBody") if root is not None else ():
        place = text_of(child(body, "DocRoot")).strip()
        if not place:
            continue
        file = ofd.resolve("OFD.xml", place)
        found.append(_document(ofd, body, file))
    return found


def _document(ofd: OfdPackage, body: Element, file: str) -> Document:
    root = ofd.load(file)
    common = child(root, "CommonData")
    document = Document(body, file, root, page_area(child(common, "PageArea")) or Box(*A4))
    if root is None:
        return document
    for element in children(common, "TemplatePage") if common is not None else ():
        template = _page(ofd, file, element)
        document.templates.setdefault(template.id, template)
    for kind in ("PublicRes", "DocumentRes"):
        for element in children(common, kind) if common is not None else ():
            add_resources(ofd, ofd.resolve(file, text_of(element)), document.resources)
    pages = child(root, "Pages")
    document.pages = [_page(ofd, file, element) for element in children(pages, "Page")] if pages is not None else []
    return document


def _page(ofd: OfdPackage, base: str, element: Element) -> Page:
    place = attribute(element, "BaseLoc") or ""
    return Page(attribute(element, "ID") or "", ofd.resolve(base, place), attribute(element, "ZOrder") or "Background")


def page_area(element: Element | None) -> Box | None:
    """What is shown of a page: its physical box (7.5)."""
    return None if element is None else box(text_of(child(element, "PhysicalBox")))


def add_resources(ofd: OfdPackage, name: str, resources: Resources) -> None:
    """Add what a resource file describes; the first of each number counts."""
    root = ofd.load(name)
    if root is None:
        return
    folder = attribute(root, "BaseLoc") or ""
    for element in descendants(root, "Font", "MultiMedia", "CompositeGraphicUnit", "DrawParam"):
        identity, kind = attribute(element, "ID") or "", local(element)
        if len(resources.fonts) + len(resources.media) + len(resources.graphics) + len(resources.pens) > MOST_RESOURCES:
            return
        if kind == "Font":
            resources.fonts.setdefault(identity, attribute(element, "FontName") or "")
        elif kind == "MultiMedia":
            place = text_of(child(element, "MediaFile"))
            resources.media.setdefault(identity, ofd.resolve(name, place, folder=folder))
        elif kind == "CompositeGraphicUnit":
            resources.graphics.setdefault(identity, element)
        else:
            resources.pens.setdefault(identity, element)
