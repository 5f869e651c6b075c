"""What the comments of a PDF page draw and do not say: the words of a stamp, with a name and a date in them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from unburnt.read.formats.pages.pdf_objects import TROUBLE, get, text_of
from unburnt.read.formats.pages.pdf_places import Frame
from unburnt.read.formats.pages.pdf_structure import MOST_MARKS
from unburnt.read.formats.pages.pdf_text import PageText, page_text

_DRAWN = frozenset(("/Stamp", "/FreeText", "/Watermark"))


def draws_unsaid(page: Any) -> bool:
    """Whether a comment of the page has a drawing and no words that say the same."""
    annotations = get(page, "/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return False
    for index in range(min(len(annotations), MOST_MARKS)):
        try:
            one = annotations[index]
            is_drawn = str(get(one, "/Subtype")) in _DRAWN and get(get(one, "/AP"), "/N") is not None
            if is_drawn and not text_of(get(one, "/Contents")).strip():
                return True
        except TROUBLE:
            continue
    return False


def words_drawn(page: Any, number: int, frame: Frame, known: PageText) -> str:
    """The lines that an opened page shows beyond *known* when its comments are drawn into it. Nothing is to be asked of *page* after."""
    if pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return ""
    try:
        drawn = page.pdf[number]
    except pypdfium2.PdfiumError:
        return ""
    try:
        lines = page_text(drawn, frame).text.split("\n")
    finally:
        drawn.close()
    before = Counter(line.strip() for line in known.text.split("\n"))
    after = Counter(line.strip() for line in lines)
    return "\n".join(line for line in dict.fromkeys(line.strip() for line in lines) if line and after[line] > before[line])
