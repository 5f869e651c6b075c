"""Pages out of a PDF whose end is missing: a new catalogue over the page objects that are still there."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

import pikepdf

_MOST_BYTES = 256 << 20
_MOST_PAGES = 20_000
_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})[\x00\t\n\f\r ]+(\d{1,5})[\x00\t\n\f\r ]+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_LOOK = 4096
_TAIL = 2048


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether the mark that every PDF ends with is missing."""
    file.seek(max(0, size - _TAIL))
    return b"%%EOF" not in file.read(_TAIL)


def recovered(file: BinaryIO, size: int) -> BinaryIO | None:
    """The file with a new catalogue behind it, for engines that rebuild their table by scanning; None for no pages.

    Objects packed into object streams are not found.
    """
    if size > _MOST_BYTES:
        return None
    file.seek(0)
    data = file.read(_MOST_BYTES)
    pages: dict[tuple[int, int], None] = {}
    highest = 0
    found = list(_OBJECT.finditer(data))
    for index, match in enumerate(found):
        number, generation = int(match[1]), int(match[2])
        highest = max(highest, number if number < 8_000_000 else 0)
        end = min(found[index + 1].start() if index + 1 < len(found) else len(data), match.end() + _LOOK)
        if len(pages) < _MOST_PAGES and _PAGE.search(data[match.end() : end].partition(b"stream")[0]):
            pages[number, generation] = None
    if not pages:
        return None
    kids = " ".join(f"{number} {generation} R" for number, generation in pages)
    root, tree = highest + 1, highest + 2
    return io.BytesIO(data + (
        f"\nendstream endobj\n{tree} 0 obj\n<</Type /Pages /Count {len(pages)} /Kids [{kids}] /MediaBox [0 0 612 792]>>\nendobj\n"
        f"{root} 0 obj\n<</Type /Catalog /Pages {tree} 0 R>>\nendobj\n"
        f"trailer\n<</Root {root} 0 R /Size {highest + 3}>>\nstartxref\n0\n%%EOF\n"
    ).encode())  # fmt: skip


def rewritten(file: BinaryIO, password: str) -> BinaryIO | None:
    """The file as qpdf mends and writes it; None where qpdf gives up too."""
    out = io.BytesIO()
    try:
        with pikepdf.open(file, password=password, suppress_warnings=True) as pdf:
            pdf.save(out)
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, AttributeError, KeyError):
        return None
    out.seek(0)
    return out
