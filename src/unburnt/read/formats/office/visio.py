"""Visio drawings (VSDX): the words of every page's shapes (MS-VSDX, section 2.3)."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress, ending
from unburnt.read.formats.office.office_xml import Element, attribute, child, children, descendants, parse_part
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import read_properties
from unburnt.read.formats.office.ooxml_relations import main_part, member_names, relations_of, targets
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_PAGES = 5_000


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a drawing: pages in order, each shape's text a line; background pages are hidden parts; members."""
    package, _ = open_or_recover(source.file)
    relations = relations_of(package, main_part(package, "visio/document.xml"))
    lists = targets(relations, "pages")
    root = parse_part(package, lists[0]).root if lists else None
    if root is None:
        raise Damaged("The drawing's list of pages cannot be read.")
    pages, names, progress = list(children(root, "Page")), member_names(package), Progress()
    emitter.expect(pages=len(pages), members=len(names))
    emitter.metadata(read_properties(package), searchable=True)
    contents = relations_of(package, lists[0])
    for position, page in enumerate(pages[:MOST_PAGES], 1):
        relation = contents.get(_relation_id(page))
        if relation is None or not package.has(relation.target):
            progress.losses.append(f"page {position} is missing")
            continue
        _page(package, relation.target, page, str(position), emitter, progress)
    if len(pages) > MOST_PAGES:
        progress.losses.append(f"only the first {MOST_PAGES} pages were read")
    note_package(package, emitter)
    emit_members(package, names, emitter)
    return ending(package, progress, len(names))


def _relation_id(page: Element) -> str:
    relation = child(page, "Rel")
    if relation is None:
        return ""
    return next((str(value) for key, value in relation.attrib.items() if str(key).endswith("}id")), "")


def _page(package: Package, part: str, page: Element, label: str, emitter: Emitter, progress: Progress) -> None:
    tree = parse_part(package, part)
    if not tree.whole:
        progress.losses.append(f"page {label} {tree.reason}")
    if tree.root is None:
        return
    lines = ["".join(map(str, text.itertext())).strip("\n") for text in descendants(tree.root, "Text")]
    text = "\n".join(line for line in lines if line.strip())
    progress.text = progress.text or bool(text)
    name = attribute(page, "Name") or ""
    emitter.part("section", f"{label} {name}".strip(), text, hidden=attribute(page, "Background") == "1")


FORMATS = (
    Format(
        "visio", read, memory_safe=False, libraries=("lxml",),
        title="Visio drawings (VSDX, VSDM)",
        gives="pages with the words of their shapes, background pages, properties, members, macros as text",
        lacks="connections between shapes, shape data and the old binary form (VSD), which is named as unsupported",
    ),
)
