"""OFD, China's layout format (GB/T 33190-2016): pages of text with places, annotations, attachments, signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.pages.ofd_beside import Annotation, Attachment, annotations_of, attachments_of, metadata_of
from unburnt.read.formats.pages.ofd_geometry import POINTS
from unburnt.read.formats.pages.ofd_objects import Opened, Placed
from unburnt.read.formats.pages.ofd_package import Document, OfdPackage, Page, documents_of
from unburnt.read.formats.pages.ofd_signatures import signatures_of
from unburnt.read.formats.pages.ofd_text import PageText, page_text, runs_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_FEW_SIGNS = 60
_MOST_OF_THE_PAGE = 0.7
_UNUSABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_SIMPLIFIED = (
    "Pictures of its pages are simplified: text is drawn with a font of this machine, not with those in the file; "
    "shadings, patterns, clipping and transparency are left out."
)


@dataclass
class Found:
    """What the pages held."""

    pages: int = 0
    with_text: int = 0
    need_ocr: int = 0
    stamped: int = 0
    unreadable: int = 0
    left_out: int = 0
    hidden: int = 0
    said: list[tuple[int, Mark]] = field(default_factory=list)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read an OFD package. Pages without usable text are named by notes ``page-needs-ocr`` whose text is the page, from 0."""
    package, recovered = open_or_recover(source.file)
    ofd = OfdPackage(package)
    documents = documents_of(ofd)
    if not documents or all(document.root is None for document in documents):
        _check_locked(ofd)
        raise Damaged("Its main file (OFD.xml or Document.xml) is missing or no XML.")
    expected = sum(len(document.pages) for document in documents)
    attachments = [one for document in documents for one in attachments_of(ofd, document)]
    emitter.expect(pages=expected, members=len(attachments))
    found = Found()
    for number, document in enumerate(documents, 1):
        _read_document(ofd, document, "" if len(documents) == 1 else f"{number}-", found, emitter)
    _say_annotations(found, emitter)
    _say_signatures(ofd, documents, expected, emitter)
    _emit_attachments(ofd, attachments, emitter)
    _emit_unused(ofd, len(attachments), expected, emitter)
    if found.pages:
        emitter.note("ofd-pictures", _SIMPLIFIED)
    if found.hidden:
        emitter.note("hidden-text", f"{found.hidden} signs of its text are not shown on the pages.")
    return _ending(found, ofd, recovered, emitter)


def _check_locked(ofd: OfdPackage) -> None:
    """Raise :class:`Locked` for an encrypted package (GM/T 0099, or ZIP's own encryption)."""
    names = [name.lower() for name in ofd.package.names()]
    if any(name.endswith(("encryptions.xml", "decryptseed.dat")) for name in names):
        raise Locked("The file is encrypted (OFD, GM/T 0099); a key is needed, and this kind of key cannot be given yet.")
    if any(ofd.package.encrypted(name) for name in ofd.package.names()):
        raise Locked("The file is encrypted; a password is needed.")


def _read_document(ofd: OfdPackage, document: Document, prefix: str, found: Found, emitter: Emitter) -> None:
    by_page: dict[str, list[Annotation]] = {}
    for one in annotations_of(ofd, document):
        by_page.setdefault(one.page, []).append(one)
    for number, page in enumerate(document.pages, 1):
        emitter.check_pages(found.pages + 1)
        _read_page(ofd, document, page, f"{prefix}{number}", by_page.get(page.id, []), found, emitter)


def _read_page(
    ofd: OfdPackage, document: Document, page: Page, label: str, annotations: list[Annotation], found: Found, emitter: Emitter
) -> None:
    opened = Opened(ofd, document, page)
    objects = list(opened.objects())
    content = page_text(runs_of(objects), opened.area)
    marks: list[Mark] = []
    for one in annotations:
        drawn = page_text(runs_of(opened.of_annotation(one.appearance)), opened.area) if one.appearance is not None else None
        text = "\n".join(piece for piece in (one.text, drawn.text.strip() if drawn else "") if piece)
        if text:
            rectangle = drawn.lines[0].rectangle if drawn and drawn.lines else None
            mark = Mark(kind="annotation", text=text, author=one.author, date=one.date, rectangle=rectangle)
            marks.append(mark)
            found.said.append((found.pages, mark))
    width, height = round(opened.area.width * POINTS, 2), round(opened.area.height * POINTS, 2)
    emitter.part("page", label, content.text, page=found.pages, lines=content.lines, marks=marks, width=width, height=height)
    found.left_out += opened.left_out + opened.missing_templates
    found.hidden += content.hidden
    found.unreadable += opened.root is None
    if opened.root is not None:
        _judge(content, objects, opened, found, emitter)
    found.pages += 1


def _judge(content: PageText, objects: list[Placed], opened: Opened, found: Found, emitter: Emitter) -> None:
    """Whether the page has words only as pixels: as for PDF, a picture over most of it beside a few signs."""
    signs = sum(map(len, content.text.split()))
    usable = signs > 0 and len(_UNUSABLE.findall(content.text)) * 3 <= signs
    page = opened.area.width * opened.area.height
    largest = max((abs(one.size[0] * one.size[1]) for one in objects if one.kind == "picture"), default=0.0)
    if usable and (signs >= _FEW_SIGNS or largest < _MOST_OF_THE_PAGE * page):
        found.with_text += 1
    elif usable:
        found.with_text += 1
        found.stamped += 1
        emitter.note("page-needs-ocr", str(found.pages))
    elif signs or any(one.kind == "picture" for one in objects):
        found.need_ocr += 1
        emitter.note("page-needs-ocr", str(found.pages))


def _say_annotations(found: Found, emitter: Emitter) -> None:
    pieces: list[str] = []
    marks: list[Mark] = []
    length = 0
    for number, mark in found.said:
        piece = f"page {number + 1}: {mark.text}\n"
        start = length + len(piece) - len(mark.text) - 1
        marks.append(Mark(kind="annotation", author=mark.author, date=mark.date, start=start, end=start + len(mark.text)))
        pieces.append(piece)
        length += len(piece)
    if pieces:
        emitter.part("annotations", "annotations", "".join(pieces), marks=marks)


def _say_signatures(ofd: OfdPackage, documents: list[Document], pages: int, emitter: Emitter) -> None:
    metadata = metadata_of(documents, pages)
    signatures = [one for document in documents for one in signatures_of(ofd, document)]
    fields = metadata.fields | {f"ofd:signature:{number}": said for number, said in enumerate(signatures, 1)}
    versions = sum(1 for document in documents for _ in document.body.iter("{*}Version"))
    emitter.metadata(type(metadata)(
        title=metadata.title, author=metadata.author, dates=metadata.dates, pages=metadata.pages, fields=fields,
    ), searchable=True)  # fmt: skip
    if signatures:
        emitter.note("signature", f"The file carries {len(signatures)} digital signatures or seals; none was checked.")
    if versions > 1:
        emitter.note("versions", f"The file says that it keeps {versions} versions; the current one is shown.")


def _emit_attachments(ofd: OfdPackage, attachments: list[Attachment], emitter: Emitter) -> None:
    for one in attachments:
        _emit(ofd, one.part, "attachment", one.name, emitter, modified=one.modified)


def _emit_unused(ofd: OfdPackage, attached: int, pages: int, emitter: Emitter) -> None:
    """What no page shows: tags, earlier versions, what was taken out of the document and not out of the file."""
    unused = ofd.unused()
    if not unused:
        return
    emitter.note("unreferenced-parts", f"{len(unused)} of its parts are shown by none of its pages; they are members.")
    emitter.expect(pages=pages, members=attached + len(unused))
    for name in unused:
        _emit(ofd, name, "embedded", name.rsplit("/", 1)[-1], emitter)


def _emit(ofd: OfdPackage, part: str, kind: str, name: str, emitter: Emitter, modified: str | None = None) -> None:
    path = part.encode("utf-8", "surrogateescape")
    package = ofd.package
    if not package.has(part):
        emitter.member_failed(path, kind, Outcome.DAMAGED, "The package holds no such part.", name=name)
    elif package.encrypted(part):
        emitter.member_failed(path, kind, Outcome.LOCKED, "This part is encrypted.", name=name)
    else:
        modified = modified or package.modified(part)
        emitter.member(path, kind, package.chunks(part, counted=False), name=name, modified=modified)


def _ending(found: Found, ofd: OfdPackage, recovered: bool, emitter: Emitter) -> Ending:
    losses: list[str] = []
    if recovered:
        losses.append("the file is cut off, and its parts were found by their own headers")
    if found.unreadable:
        losses.append(f"{found.unreadable} of {found.pages} pages cannot be read")
    broken = {name: said for name, said in ofd.broken.items() if said != "is missing"}
    if broken or ofd.package.damaged_parts:
        losses.append(f"{len(broken.keys() | set(ofd.package.damaged_parts))} of its parts are damaged")
    if missing := len(ofd.broken) - len(broken) - found.unreadable:
        losses += [f"{missing} parts that it refers to are missing"] if missing > 0 else []
    if found.left_out:
        losses.append(f"{found.left_out} templates or objects could not be followed")
    if losses:
        return Ending(Outcome.PARTIAL if emitter.has_content else Outcome.DAMAGED, f"Some was lost: {'; '.join(losses)}.")
    if found.need_ocr and not found.with_text:
        return Ending(Outcome.NEEDS_OCR, f"{found.need_ocr} of {found.pages} pages have no text layer.")
    said = [f"{found.need_ocr} of {found.pages} pages have no text layer"] if found.need_ocr else []
    said += [f"{found.stamped} of {found.pages} pages are pictures with little text on them"] if found.stamped else []
    if said:
        return Ending(Outcome.PARTIAL, f"{'; '.join(said)}.")
    if not emitter.has_content:
        return Ending(Outcome.EMPTY, "Its pages are blank." if found.pages else "It has no pages.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "ofd", read, memory_safe=False, libraries=("lxml", "asn1crypto"),
        title="OFD (GB/T 33190-2016)",
        gives=(
            "pages of text with a rectangle for each line, templates, annotations, attachments, parts that no page shows, "
            "several documents in one file, what signatures and seals claim, page pictures on demand"
        ),
        lacks=(
            "signatures are named and not checked, seals are not drawn; pictures of pages are simplified: a font of the machine in "
            "place of the file's, no shadings, patterns, clipping or transparency; text drawn as curves needs OCR; "
            "packages encrypted by GM/T 0099 stay locked"
        ),
    ),
)
