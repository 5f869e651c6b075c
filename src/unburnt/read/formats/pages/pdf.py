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
from unburnt.read.formats.pages import pdf_structure
from unburnt.read.formats.pages.behind_end import emit_behind, end_of_pdf, is_followed
from unburnt.read.formats.pages.pdf_beside import emit_beside
from unburnt.read.formats.pages.pdf_bidi import is_right_to_left
from unburnt.read.formats.pages.pdf_direction import SecondOpinion
from unburnt.read.formats.pages.pdf_drawn import draws_unsaid, words_drawn
from unburnt.read.formats.pages.pdf_form import form_text
from unburnt.read.formats.pages.pdf_members import embedded_files, emit_embedded
from unburnt.read.formats.pages.pdf_metadata import metadata_of
from unburnt.read.formats.pages.pdf_opening import Opened, open_pdf
from unburnt.read.formats.pages.pdf_pictures import PageState, state_of
from unburnt.read.formats.pages.pdf_places import Frame
from unburnt.read.formats.pages.pdf_text import PageText, page_text
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_BEYOND = 100
"""Unreadable pages in a row after which a count that no walk confirmed is not believed any more."""


@dataclass
class Found:
    """What the pages held."""

    with_text: int = 0
    need_ocr: int = 0
    stamped: int = 0
    blank: int = 0
    unreadable: int = 0
    claimed: int = 0
    """What the file says that it has."""
    said: list[tuple[int, Mark]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """All pages that were looked at."""
        return self.with_text + self.need_ocr + self.blank + self.unreadable


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a PDF. Pages without usable text are named by notes ``page-needs-ocr`` whose text is the page, from 0."""
    with contextlib.closing(open_pdf(source)) as opened:
        structure = opened.structure
        leaves = pdf_structure.pages_of(structure, emitter.pages_limit + 1) if structure is not None else []
        expected = len(leaves)
        if structure is not None and opened.is_mended:
            expected = max(expected, pdf_structure.claimed_pages(structure, emitter.pages_limit))
        if structure is None:
            emitter.note("pdf-structure", "The file's structure is damaged: annotations, forms and members were not read.")
        else:
            emitter.expect(pages=expected)
            emitter.metadata(metadata_of(structure, expected), searchable=True)
        if opened.is_mended:
            emitter.note("pdf-repaired", "The file's own index of its objects was damaged and was built again.")
        found = _read_pages(opened, leaves, expected, source, emitter)
        if structure is not None:
            _read_rest(structure, leaves, expected, found, source, emitter)
        else:
            emitter.expect(pages=found.pages)
    return _ending(found, expected, emitter, opened)


def frame_of(page: Any) -> Frame:
    """The visible box of a page opened by pdfium."""
    left, bottom, right, top = page.get_bbox()
    return Frame(left, bottom, right, top, page.get_rotation())


def _read_pages(opened: Opened, leaves: list[Any], expected: int, source: Source, emitter: Emitter) -> Found:
    found = Found(claimed=len(opened.document))
    second = SecondOpinion(source.file, source.size, opened.password)
    # pdfium believes the file's own count; the walk through the page tree does not.
    count, failed = min(found.claimed, expected or found.claimed), 0
    for number in range(count):
        emitter.check_pages(number + 1)
        try:
            page = opened.document[number]
        except pypdfium2.PdfiumError:
            failed += 1
            if not expected and failed > _BEYOND:
                break
            if number < expected:
                found.unreadable += 1
                emitter.part("page", str(number + 1), "", page=number)
            continue
        failed = 0
        label = opened.document.get_page_label(number) or str(number + 1)
        try:
            _read_page(page, number, label, leaves, found, second, emitter)
        finally:
            page.close()
    if second.given_up:
        emitter.note("rtl-order-unchecked", "Not every right-to-left page was read a second time: there are too many.")
    return found


def _read_page(
    page: Any, number: int, label: str, leaves: list[Any], found: Found, second: SecondOpinion, emitter: Emitter
) -> None:
    frame = frame_of(page)
    content = page_text(page, frame)
    marks = pdf_structure.marks_of(leaves[number], frame) if number < len(leaves) else []
    found.said += [(number, mark) for mark in marks if mark.kind == "annotation"]
    state = state_of(page, content, frame)
    found.with_text += state in (PageState.TEXT, PageState.STAMPED)
    found.stamped += state is PageState.STAMPED
    found.need_ocr += state is PageState.PICTURE
    found.blank += state is PageState.BLANK
    is_doubtful = False
    if state in (PageState.TEXT, PageState.STAMPED):
        content, is_doubtful = _in_order(content, number, second, emitter)
    width, height = frame.size
    emitter.part(
        "page", label, content.text, page=number, lines=content.lines, marks=marks,
        width=round(width, 2), height=round(height, 2),
    )  # fmt: skip
    if number < len(leaves) and draws_unsaid(leaves[number]) and (words := words_drawn(page, number, frame, content)):
        found.said.append((number, Mark(kind="annotation", text=words)))
    # Where two engines disagree about the text layer, or it is misspelt, what can be seen is read beside it.
    if is_doubtful or state in (PageState.STAMPED, PageState.PICTURE):
        emitter.note("page-needs-ocr", str(number))


def _in_order(content: PageText, number: int, second: SecondOpinion, emitter: Emitter) -> tuple[PageText, bool]:
    """The text in logical order, and whether it is doubtful."""
    if not is_right_to_left(content.text):
        return content, False
    judged = second.judge(number, content.text)
    if judged.doubtful:
        emitter.note("rtl-order-doubtful", str(number))
    return (content if judged.is_first else PageText(judged.text, ())), judged.doubtful


def _read_rest(pdf: pikepdf.Pdf, leaves: list[Any], expected: int, found: Found, source: Source, emitter: Emitter) -> None:
    """What stands beside the pages: comments, form fields, embedded files, what follows the end."""
    pieces, marks, length = [], [], 0
    for number, mark in found.said:
        piece = f"page {number + 1}: {mark.text}\n"
        start = length + len(piece) - len(mark.text) - 1
        marks.append(Mark(kind="annotation", author=mark.author, date=mark.date, start=start, end=start + len(mark.text)))
        pieces.append(piece)
        length += len(piece)
    if pieces:
        emitter.part("annotations", "annotations", "".join(pieces), marks=marks)
    values = form_text(pdf)
    if values:
        emitter.part("form", "form", values)
    if pdf_structure.is_active(pdf):
        emitter.note("active-content", "The file wants to run something when it is opened; nothing was run.")
    embedded = list(embedded_files(pdf, leaves))
    emit_beside(pdf, leaves, [specification for _, specification in embedded], emitter)
    emitter.expect(pages=expected, members=len(embedded))
    emit_embedded([file for file, _ in embedded], emitter)
    # Last, for it looks at all bytes: whatever time that takes hides no file that the PDF names.
    end = end_of_pdf(source.file, source.size, emitter)
    if is_followed(source.file, source.size, end):
        emitter.expect(pages=expected, members=len(embedded) + 1)
        emit_behind(source.file, source.size, end, emitter)


def _ending(found: Found, expected: int, emitter: Emitter, opened: Opened) -> Ending:
    secret = bool(opened.password)
    lost = found.unreadable + max(0, expected - found.pages)
    total = max(expected, found.pages)
    if lost and not found.with_text and not found.need_ocr:
        return Ending(Outcome.DAMAGED, f"None of its {total} pages can be read.", secret)
    if lost:
        return Ending(Outcome.PARTIAL, f"{lost} of {total} pages cannot be read.", secret)
    if opened.is_cut_off:
        if found.with_text or found.need_ocr or emitter.has_content:
            return Ending(Outcome.PARTIAL, f"The file is cut off; {found.pages} pages could be had.", secret)
        return Ending(Outcome.DAMAGED, "The file is cut off, and nothing could be read from what is left.", secret)
    if found.need_ocr and not found.with_text:
        return Ending(Outcome.NEEDS_OCR, f"{found.need_ocr} of {total} pages have no text layer.", secret)
    said = [f"{found.need_ocr} of {total} pages have no text layer"] if found.need_ocr else []
    said += [f"{found.stamped} of {total} pages are pictures with little text on them"] if found.stamped else []
    if said:
        return Ending(Outcome.PARTIAL, f"{'; '.join(said)}.", secret)
    if not total and found.claimed and not emitter.has_content:
        return Ending(Outcome.DAMAGED, f"It says that it has {found.claimed} pages, and its page tree leads to none.", secret)
    if not emitter.has_content:
        return Ending(Outcome.EMPTY, "Its pages are blank." if total else "It has no pages.", secret)
    if not emitter.characters:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; its {emitter.members} embedded files are listed.", secret)
    return Ending(Outcome.READ, "", secret)


FORMATS = (
    Format(
        "pdf", read, memory_safe=False, libraries=("pypdfium2", "pikepdf", "pypdf"),
        title="PDF",
        gives=(
            "text with a rectangle for each line, annotations and the words of stamps, form fields with their prompts and choices, "
            "bookmarks, targets of links and actions, scripts as text, layers, pictures' descriptions and replacement texts of "
            "tagged files with their pages, embedded files, metadata, page count, page pictures on demand"
        ),
        lacks="no JavaScript runs; XFA forms are not laid out; text drawn as curves needs OCR",
    ),
)
