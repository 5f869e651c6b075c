"""The other engines, inside the sandbox. Imported by the service's worker only.

Kreuzberg carries the same pdfium as our reader, and wants to write it to disk first: PDF goes to pypdf, which is
slower and independent.
"""

from __future__ import annotations

import mmap
import re
from typing import BinaryIO, cast

import kreuzberg
import msgspec
import pypdf
from pypdf.errors import PyPdfError

_MOST_PAGES = 2_000

_CONFIGURATION = kreuzberg.ExtractionConfig(
    use_cache=False, output_format="plain", enable_quality_processing=False,
)
_CONFIGURATION.disable_ocr = True  # type: ignore[attr-defined]
_TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?: \"[^\"\n]*\")?\)")
"""A link's address, which even its plain output holds; readers of text do not see it."""


def warm() -> None:
    """Use each engine once."""
    kreuzberg.extract_bytes_sync(b"<p>warm</p>", "text/html", _CONFIGURATION)
    pypdf.PdfWriter().add_blank_page(10, 10).extract_text()


def main(request: bytes, files: list[int]) -> bytes:
    """The text of the one file, whose media type is *request*, as ``[text, reason]``; a reason where it gave up."""
    media_type = request.decode()
    with mmap.mmap(files[0], 0, prot=mmap.PROT_READ) as untrusted_bytes:
        try:
            text = _of_pdf(untrusted_bytes) if media_type == "application/pdf" else _of_other(untrusted_bytes[:], media_type)
        except (kreuzberg.KreuzbergError, PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            return msgspec.msgpack.encode(("", type(error).__name__))
    return msgspec.msgpack.encode((text.encode("utf-8", "replace").decode(), ""))


def _of_other(data: bytes, media_type: str) -> str:
    return _TARGET.sub("]", kreuzberg.extract_bytes_sync(data, media_type, _CONFIGURATION).content)


def _of_pdf(file: mmap.mmap) -> str:
    pages = pypdf.PdfReader(cast(BinaryIO, file)).pages
    return "\n".join(pages[number].extract_text() for number in range(min(len(pages), _MOST_PAGES)))
