"""The other engines, inside the sandbox. Imported by the service's worker only.

Kreuzberg carries the same pdfium as our reader, and wants to write it to disk first: PDF goes to pypdf, which is
slower and independent. What kreuzberg adds to a file's words is taken off again, so that only words are compared: a table
in CSV is read as plain text (its own reading names the column in each row, and drops rows), the names of XML elements,
the addresses of links and the word before a picture's description go, and entities left in a mail's text are resolved.
"""

from __future__ import annotations

import html
import mmap
import re
from collections import Counter
from typing import BinaryIO, Final, cast

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
_PICTURE = re.compile(r"\[Image(?:: ([^\[\]]*))?\]")
"""How it marks a picture, with its description where there is one."""
_ELEMENT = re.compile(rb"<([^\s<>/!?][^\s<>/]*)")
_AS_TEXT: Final = frozenset(("text/csv", "text/tab-separated-values"))


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
    asked = "text/plain" if media_type in _AS_TEXT else media_type
    text = _PICTURE.sub(r"\1", _TARGET.sub("]", kreuzberg.extract_bytes_sync(data, asked, _CONFIGURATION).content))
    if media_type == "application/xml":
        return _without_names(text, data)
    return html.unescape(text) if media_type == "message/rfc822" else text


def _without_names(text: str, data: bytes) -> str:
    """Without the lines that name an element, each as often as *data* opens it: so a word that is also a name stays."""
    names = Counter(name.decode("utf-8", "replace") for name in _ELEMENT.findall(data))
    kept = []
    for line in text.splitlines():
        if names[line.strip()]:
            names[line.strip()] -= 1
        else:
            kept.append(line)
    return "\n".join(kept)


def _of_pdf(file: mmap.mmap) -> str:
    pages = pypdf.PdfReader(cast(BinaryIO, file)).pages
    return "\n".join(pages[number].extract_text() for number in range(min(len(pages), _MOST_PAGES)))
