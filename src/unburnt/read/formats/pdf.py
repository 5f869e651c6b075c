"""PDF: pages of text with a rectangle for each line, annotations, form fields, embedded files, metadata."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import pikepdf
import pypdfium2

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats import pdf_structure
from unburnt.read.formats.pdf_direction import SecondOpinion, is_right_to_left
from unburnt.read.formats.pdf_metadata import metadata_of
from unburnt.read.formats.pdf_places import Frame
from unburnt.read.formats.pdf_structure import TROUBLE
from unburnt.read.formats.pdf_text import PageText, page_text
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_WRONG_PASSWORD = 4
_MOST_NOTES = 500


@dataclass
class Found:
    """What the pages held."""

    with_text: int = 0
    without_text: list[int] = field(default_factory=list)
    blank: int = 0
    unreadable: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    said: list[tuple[int, Mark]] = field(default_factory=list)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a PDF. Pages without usable text are named by notes ``page-needs-ocr`` whose text is the page, from 0."""
    document, password = open_document(source)
    with contextlib.closing(document):
        structure = _structure(source, password)
        pages = pdf_structure.pages_of(structure, emitter.pages_limit) if structure is not None else []
        expected = len(pages) if structure is not None else len(document)
        emitter.expect(pages=expected)
        if structure is None:
            emitter.note("pdf-structure", "The file's structure is damaged: annotations, forms and members were not read.")
        else:
            emitter.metadata(metadata_of(structure, expected))
        count = max(expected, len(document))
        found = _read_pages(document, pages, source, emitter, password)
        if structure is not None:
            _read_rest(structure, pages, found, emitter)
    return _ending(found, count, emitter, bool(password))


def open_document(source: Source) -> tuple[Any, str]:
    """The document opened by pdfium, and the password that did it (empty where none was needed).

    Raises :class:`Locked` or :class:`Damaged`.
    """
    for password in ("", *source.passwords):
        source.file.seek(0)
        try:
            return pypdfium2.PdfDocument(source.file, password=password or None), password
        except pypdfium2.PdfiumError as error:
            if error.err_code != _WRONG_PASSWORD:
                raise Damaged("The PDF cannot be opened: it is cut short or damaged.") from error
    if source.passwords:
        raise Locked("The PDF is encrypted, and none of the given passwords opens it.")
    raise Locked("The PDF is encrypted; a password is needed.")


def _structure(source: Source, password: str) -> pikepdf.Pdf | None:
    source.file.seek(0)
    try:
        pdf = pikepdf.open(source.file, password=password, suppress_warnings=True)
        return pdf if isinstance(pdf.Root, pikepdf.Dictionary) else None
    except (*TROUBLE, OSError):
        return None


def frame_of(page: Any) -> Frame:
    """The visible box of a page opened by pdfium."""
    left, bottom, right, top = page.get_bbox()
    return Frame(left, bottom, right, top, page.get_rotation())


def _read_pages(document: Any, pages: list[Any], source: Source, emitter: Emitter, password: str) -> Found:
    found = Found()
    second = SecondOpinion(source.file, source.size, password)
    for number in range(len(document)):
        emitter.check_pages(number + 1)
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            found.unreadable.append(number)
            emitter.part("page", str(number + 1), "", page=number)
            continue
        try:
            _read_page(page, number, pages, found, second, emitter)
        finally:
            page.close()
    return found


def _read_page(
    page: Any, number: int, pages: list[Any], found: Found, second: SecondOpinion, emitter: Emitter
) -> None:
    frame = frame_of(page)
    content = page_text(page, frame)
    marks = pdf_structure.marks_of(pages[number], frame) if number < len(pages) else []
    found.said += [(number, mark) for mark in marks if mark.kind == "annotation"]
    if content.is_usable:
        found.with_text += 1
        content = _in_order(content, number, found, second, emitter)
    elif content.text.strip() or next(page.get_objects(max_depth=1), None) is not None:
        found.without_text.append(number)
    else:
        found.blank += 1
    width, height = frame.size
    emitter.part(
        "page", str(number + 1), content.text, page=number, lines=content.lines, marks=marks,
        width=round(width, 2), height=round(height, 2),
    )
    if number in found.without_text[-1:]:
        emitter.note("page-needs-ocr", str(number))


def _in_order(content: PageText, number: int, found: Found, second: SecondOpinion, emitter: Emitter) -> PageText:
    if not is_right_to_left(content.text):
        return content
    judged = second.judge(number, content.text)
    if judged.doubtful and len(found.doubtful) < _MOST_NOTES:
        found.doubtful.append(number)
        emitter.note("rtl-order-doubtful", str(number))
    return content if judged.is_first else PageText(judged.text, ())


def _read_rest(pdf: pikepdf.Pdf, pages: list[Any], found: Found, emitter: Emitter) -> None:
    """What stands beside the pages: comments, form fields, embedded files."""
    pieces, marks, length = [], [], 0
    for number, mark in found.said:
        piece = f"{number + 1}\t{mark.author or ''}\t{mark.text}\n"
        start = length + len(piece) - len(mark.text) - 1
        marks.append(Mark(kind="annotation", text=mark.text[:200], author=mark.author, date=mark.date, start=start, end=start + len(mark.text)))
        pieces.append(piece)
        length += len(piece)
    if pieces:
        emitter.part("annotations", "annotations", "".join(pieces), marks=marks)
    values = pdf_structure.fields_of(pdf)
    if values:
        emitter.part("form", "form", "".join(f"{name}\t{value}\n" for name, value in values))
    if pdf_structure.is_active(pdf):
        emitter.note("active-content", "The file wants to run something when it is opened; nothing was run.")
    embedded = list(pdf_structure.embedded_files(pdf, pages))
    emitter.expect(pages=len(pages), members=len(embedded))
    for one in embedded:
        path = one.name.encode("utf-8", "surrogatepass")
        try:
            data = bytes(one.stream.read_bytes())
        except TROUBLE:
            emitter.member_failed(path, "embedded", Outcome.DAMAGED, "The embedded file cannot be unpacked.", name=one.name)
        else:
            emitter.member(path, "embedded", data, name=one.name, modified=one.modified)


def _ending(found: Found, expected: int, emitter: Emitter, secret: bool) -> Ending:
    pages = found.with_text + len(found.without_text) + found.blank + len(found.unreadable)
    lost = len(found.unreadable) + max(0, expected - pages)
    if lost and not found.with_text and not found.without_text:
        return Ending(Outcome.DAMAGED, f"None of its {expected} pages can be read.", secret)
    if found.without_text and not found.with_text:
        return Ending(Outcome.NEEDS_OCR, f"{len(found.without_text)} of {expected} pages hold pictures and no usable text.", secret)
    if lost:
        return Ending(Outcome.PARTIAL, f"{lost} of {expected} pages cannot be read.", secret)
    if found.without_text:
        return Ending(Outcome.PARTIAL, f"{len(found.without_text)} of {expected} pages have no usable text.", secret)
    if not emitter.has_content:
        return Ending(Outcome.EMPTY, f"Its {expected} pages are blank." if expected else "It has no pages.", secret)
    return Ending(Outcome.READ, "", secret)


FORMATS = (
    Format("pdf", ("application/pdf",), read, memory_safe=False, version=1, libraries=("pypdfium2", "pikepdf", "pypdf")),
)
