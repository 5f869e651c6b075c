"""Opening a PDF with both engines: pdfium for pages, qpdf for what stands beside them; passwords and repairs."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import msgspec
import pikepdf
import pypdfium2

from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.pages.pdf_objects import TROUBLE
from unburnt.read.formats.pages.pdf_recovery import is_cut_off, recovered, rewritten
from unburnt.read.source import Source

_WRONG_PASSWORD, _OTHER_SECURITY = 4, 5
_IN_MEMORY = 8 << 20
"""So many bytes are handed to pdfium at once: it asks for a file's piece by piece, through Python."""
_REPAIRS = ("reconstruct", "damaged", "xref")


class Opened(msgspec.Struct, frozen=True):
    """*document* is pdfium's; *structure* is qpdf's, None where qpdf finds none."""

    document: Any
    structure: pikepdf.Pdf | None
    password: str = ""
    """Empty where none was needed."""
    is_mended: bool = False
    is_cut_off: bool = False

    def close(self) -> None:
        """Close both."""
        self.document.close()
        if self.structure is not None:
            self.structure.close()


def open_pdf(source: Source) -> Opened:
    """Try the passwords, the empty one first; mend what can be mended. Raises :class:`Locked`, :class:`Damaged`."""
    cut_off = is_cut_off(source.file, source.size)
    file: BinaryIO = source.file
    document, password = _pdfium(file, source.passwords)
    mended = False
    # A document without pages is looked at once more: its page tree may be what was lost.
    if document is None or not len(document):
        for other in (rewritten(file, password), recovered(file, source.size)):
            mended_document = _pdfium(other, source.passwords)[0] if other is not None else None
            if other is not None and mended_document is not None and len(mended_document):
                file, document, mended = other, mended_document, True
                break
    if document is None:
        raise Damaged("The PDF cannot be opened: it is cut off or damaged.")
    structure = _qpdf(file, password)
    if structure is not None:
        mended = mended or any(word in str(said) for said in structure.get_warnings() for word in _REPAIRS)
    return Opened(document, structure, password, mended, cut_off and (mended or structure is None))


def _pdfium(file: BinaryIO, passwords: tuple[str, ...]) -> tuple[Any, str]:
    """pdfium's document, None where it is damaged, and the password that opened it. Raises :class:`Locked`."""
    content: bytes | BinaryIO = file
    if file.seek(0, io.SEEK_END) <= _IN_MEMORY:
        file.seek(0)
        content = file.read()
    for password in ("", *passwords):
        file.seek(0)
        try:
            document = pypdfium2.PdfDocument(content, password=password or None)
        except pypdfium2.PdfiumError as error:
            if error.err_code == _OTHER_SECURITY:
                raise Locked("The PDF is encrypted in a way that no password opens, such as for certain people's keys.") from error
            if error.err_code != _WRONG_PASSWORD:
                return None, ""
        else:
            return document, password
    if passwords:
        raise Locked("The PDF is encrypted, and none of the given passwords opens it.")
    raise Locked("The PDF is encrypted; a password is needed.")


def _qpdf(file: BinaryIO, password: str) -> pikepdf.Pdf | None:
    file.seek(0)
    try:
        pdf = pikepdf.open(file, password=password, suppress_warnings=True)
        return pdf if isinstance(pdf.Root, pikepdf.Dictionary) else None
    except (*TROUBLE, OSError):
        return None
