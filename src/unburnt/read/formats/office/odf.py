"""OpenDocument: ODT, ODS, ODP, ODG, their templates, pages for the web, master documents, and the flat XML forms."""

from __future__ import annotations

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.odf_base import emit_base
from unburnt.read.formats.office.odf_beside import emit_beside, mathematics
from unburnt.read.formats.office.odf_secrets import open_parts
from unburnt.read.formats.office.odf_sheet import changes_of_cells, hidden_styles, read_sheet
from unburnt.read.formats.office.odf_text import OdfWalker, read_changes
from unburnt.read.formats.office.office_xml import (
    Element,
    Tree,
    attribute,
    child,
    children,
    descendants,
    local,
    parse_bytes,
    parse_part,
    text_of,
)  # fmt: skip
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.formats.office.package_recovery import open_or_recover, recovery_losses
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

DATES = {"creation-date": "created", "date": "modified", "print-date": "printed"}
SVG = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
OWN_FILES = ("content.xml", "styles.xml", "meta.xml", "settings.xml", "mimetype", "manifest.rdf", "current.xml")


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an OpenDocument file, in a package or flat."""
    source.file.seek(0)
    if source.file.read(2) != b"PK":
        source.file.seek(0)
        return _flat(parse_bytes(iter(lambda: source.file.read(MIB), b"")), emitter)
    package, secret = open_parts(open_or_recover(source.file)[0], source.passwords)
    content = parse_part(package, "content.xml")
    if content.root is None and not package.recovered:
        raise Damaged("The document's content cannot be read.")
    progress = Progress(losses=recovery_losses(package))
    if content.root is None:
        progress.losses.append("the content is gone")
    elif not content.whole:
        progress.losses.append(f"the content {content.reason}")
    members = [name for name in package.names() if _is_member(name)]
    emitter.expect(members=len(members))
    meta, styles = parse_part(package, "meta.xml").root, parse_part(package, "styles.xml").root
    if content.root is not None:
        _content(content.root, meta, styles, emitter, progress)
    elif styles is not None:
        _headers(styles, emitter, progress)
    _inner_objects(package, emitter, progress)
    progress.text |= progress.beside.emit(emitter)
    note_package(package, emitter)
    if any(name.startswith(("Basic/", "Scripts/")) for name in package.names()):
        emitter.note("macros", "The file may hold macros (program code); they were not run and are not shown.")
    emit_members(package, members, emitter)
    if package.damaged_parts:
        progress.losses.append(f"{len(set(package.damaged_parts))} of its parts are damaged")
    return _ending(progress, len(members), secret)


def _flat(tree: Tree, emitter: Emitter) -> Ending:
    if tree.root is None:
        raise Damaged("The document's XML cannot be read.")
    progress = Progress()
    if not tree.whole:
        progress.losses.append(f"the document {tree.reason}")
    _content(tree.root, tree.root, tree.root, emitter, progress)
    progress.text |= progress.beside.emit(emitter)
    return _ending(progress, 0)


def _ending(progress: Progress, members: int, secret: bool = False) -> Ending:
    losses = "; ".join(progress.losses)
    if losses:
        return Ending(Outcome.PARTIAL if progress.text or members else Outcome.DAMAGED, f"Some was lost: {losses}.", secret)
    if not progress.text:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.", secret)
    return Ending(Outcome.READ, "", secret)


def _is_member(name: str) -> bool:
    lowered = name.lower()
    if lowered.startswith(("meta-inf/", "configurations2/", "basic/", "scripts/")):
        return False
    return lowered.rsplit("/", 1)[-1] not in OWN_FILES and not lowered.endswith((".xml", ".rdf"))


def _content(root: Element, meta: Element | None, styles: Element | None, emitter: Emitter, progress: Progress) -> None:
    if local(root) == "math":
        emitter.metadata(_metadata(meta, sheets=None), searchable=True)
        if text := mathematics(root):
            progress.text = True
            emitter.part("text", "text", text + "\n")
        return
    body = next(descendants(root, "body"), None)
    content = next(iter(body), None) if body is not None else None
    if body is None or content is None:
        raise Damaged("The document has no body.")
    kind = local(content)
    if (older := attribute(root, "class")) and local(root) in ("document-content", "document"):
        # OpenOffice.org 1 says it at the root, and has nothing around the content.
        content, kind = body, "text" if older not in ("spreadsheet", "presentation", "drawing") else older
    pages = list(children(content, "page")) if kind in ("presentation", "drawing") else []
    tables = list(children(content, "table")) if kind == "spreadsheet" else []
    emitter.metadata(_metadata(meta, sheets=len(tables) if kind == "spreadsheet" else None), searchable=True)
    if kind == "spreadsheet":
        emitter.expect(pages=len(tables))
        hidden = hidden_styles(root)
        for table in tables:
            read_sheet(table, emitter, hidden, progress)
        if changes := changes_of_cells(content):
            emitter.part("section", "changes", "\n".join(changes), hidden=True)
    elif kind in ("presentation", "drawing"):
        emitter.expect(pages=len(pages))
        _slides(root, pages, emitter, progress)
        said = [text_of(one) for one in descendants(content, "header-decl", "footer-decl", "date-time-decl")]
        if lines := dict.fromkeys(filter(str.strip, said)):
            progress.text = True
            emitter.part("header", "headers and footers", "\n".join(lines) + "\n")
    elif kind == "database":
        progress.text |= emit_base(content, emitter)
    else:
        walker = OdfWalker(read_changes(content))
        walker.walk(content)
        _emit("text", "text", walker, emitter, progress)
    _descriptions(content, emitter, progress)
    progress.text |= emit_beside(content, emitter)
    if styles is not None:
        _headers(styles, emitter, progress)


def _descriptions(content: Element, emitter: Emitter, progress: Progress) -> None:
    """What the author wrote about pictures for those who cannot see them (``svg:title``, ``svg:desc``)."""
    said = [text_of(one).strip() for name in ("title", "desc") for one in content.iter(f"{{{SVG}}}{name}")]
    said = [text for text in said if text]
    if said:
        progress.text = True
        emitter.part("section", "descriptions of pictures", "\n".join(said) + "\n")


def _emit(kind: str, label: str, walker: OdfWalker, emitter: Emitter, progress: Progress, *, hidden: bool = False) -> None:
    emitter.part(kind, label, walker.out.text(), marks=tuple(walker.out.marks), hidden=hidden)
    progress.beside.take([*walker.out.marks, *walker.comments.marks])
    progress.text = progress.text or walker.out.has_text()
    for name, found in (("footnotes", walker.footnotes), ("comments", walker.comments)):
        if found.has_text():
            progress.text = True
            emitter.part(name, label if kind == "slide" else name, found.text(), marks=tuple(found.marks), hidden=hidden)


def _slides(root: Element, pages: list[Element], emitter: Emitter, progress: Progress) -> None:
    hiding = {
        attribute(style, "name") for style in descendants(root, "style") for inner in style
        if local(inner) == "drawing-page-properties" and attribute(inner, "visibility") == "hidden"
    }  # fmt: skip
    for position, page in enumerate(pages):
        hidden = attribute(page, "style-name") in hiding
        walker = OdfWalker()
        walker.walk(page)
        _emit("slide", str(position + 1), walker, emitter, progress, hidden=hidden)
        for notes in children(page, "notes"):
            inner = OdfWalker()
            inner.walk(notes)
            if inner.out.has_text():
                _emit("notes", str(position + 1), inner, emitter, progress, hidden=hidden)


def _headers(styles: Element, emitter: Emitter, progress: Progress) -> None:
    """Headers, footers and what master pages show; each text once."""
    seen: set[str] = set()
    for master in descendants(styles, "master-page"):
        walker = OdfWalker()
        walker.walk(master)
        text = walker.out.text()
        if text.strip() and text not in seen:
            seen.add(text)
            _emit("header", attribute(master, "name") or "master", walker, emitter, progress)


def _inner_objects(package: Package, emitter: Emitter, progress: Progress) -> None:
    """Embedded formulas, charts and documents are folders of the same package."""
    for name in package.names():
        if "/" in name and name.lower().endswith("/content.xml"):
            root = parse_part(package, name).root
            if root is not None and local(root) == "math":
                text = mathematics(root)
                if text:
                    progress.text = True
                    emitter.part("section", name.rsplit("/", 1)[0], text + "\n")
            elif root is not None:
                walker = OdfWalker()
                walker.walk(root)
                if walker.out.has_text():
                    _emit("section", name.rsplit("/", 1)[0], walker, emitter, progress)


def _metadata(meta: Element | None, *, sheets: int | None) -> Metadata:
    holder = None if meta is None else next(descendants(meta, "meta"), None)
    title = author = initial = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for element in holder if holder is not None else ():
        name, value = local(element), text_of(element).strip()
        if name == "title":
            title = value or None
        elif name == "creator":
            author = value or None
        elif name == "initial-creator":
            initial = value or None
        elif name in DATES and value:
            dates.append(date(DATES[name], value, f"odf:{name}"))
        elif name == "user-defined":
            fields[f"odf:custom:{(attribute(element, 'name') or '')[:200]}"] = value[:20_000]
        elif value:
            fields[f"odf:{name}"] = value[:20_000]
    if initial and author and initial != author:
        fields["odf:last-author"] = author
    statistics = child(holder, "document-statistic")
    stated = (attribute(statistics, "page-count") or "") if statistics is not None else ""
    pages = int(stated) if stated.isdecimal() and len(stated) < 7 else None
    return Metadata(
        title=title, author=initial or author, dates=tuple(dates), pages=pages, sheets=sheets,
        fields=dict(list(fields.items())[:500]),
    )  # fmt: skip


FORMATS = (
    Format(
        "odf", read, memory_safe=False, libraries=("lxml", "cryptography"),
        title=(
            "OpenDocument (ODT, ODS, ODP, ODG, ODF, ODB, templates, web pages, master documents, flat XML) "
            "and OpenOffice.org 1 (SXW, SXC, SXI, SXD)"
        ),
        gives=(
            "text, sheets with cells and who changed them, slides, notes, comments, tracked changes, texts of boxes and charts, "
            "pictures' descriptions, link targets, forms, choices and prompts, formulas, a database's connection, queries and names of "
            "tables, members; "
            "encrypted packages with a password"
        ),
        lacks="macros are never run; of a database within (HSQLDB, Firebird) the files are members: what HSQLDB keeps as text is read",
    ),
)
