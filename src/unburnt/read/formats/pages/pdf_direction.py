"""Right-to-left PDF text, which PDF stores in any order: two engines read it, and what they disagree on or both spell wrong is told."""

from __future__ import annotations

import io
import logging
import re
import time
import unicodedata
import warnings
from collections import Counter
from typing import BinaryIO

import msgspec
import pikepdf
import pypdf

_WORD = re.compile("[\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]{2,}")
_ARABIC = "\u0620-\u064a\u066e-\u06d3\u06d5\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
_MISSPELT = re.compile(
    f"(?<![^\\s])(?=[^\\s]*[{_ARABIC}])(?:[^\\s]*[\ufffd\ue000-\uf8ff]|[^\\s]*[{_ARABIC}][0-9A-Za-z]+[{_ARABIC}])[^\\s]*"
)
"""A word in Arabic script with a sign that its font gave no letter for, or a digit or Latin letter between its letters."""
_MOST_MISSPELT, _LEAST_MISSPELT = 0.05, 2
MOST_BYTES = 64 << 20
"""Larger files are not read a second time."""
MOST_PAGES = 300
_SECONDS = 6.0
"""Of processor time for second opinions on one document; pypdf can be slow."""


# What it complains about is the document, and no log may hold a word of that.
logging.getLogger("pypdf").addHandler(logging.NullHandler())
logging.getLogger("pypdf").propagate = False


class Judged(msgspec.Struct, frozen=True):
    """The text to keep, whether it is pdfium's own, and whether the two engines disagree or it is misspelt."""

    text: str
    is_first: bool
    doubtful: bool


class SecondOpinion:
    """pypdf over the same file, opened only when a page needs it."""

    def __init__(self, file: BinaryIO, size: int, password: str) -> None:
        self._file = file
        self._size = size
        self._password = password
        self._reader: pypdf.PdfReader | None = None
        self._asked = 0
        self._spent = 0.0
        self.given_up = False
        """Whether a page was not judged because the effort for this document was used up."""

    def judge(self, page: int, text: str) -> Judged:
        """Compare pdfium's *text* of a page with pypdf's."""
        other = self._text(page)
        if other is None or not other.strip():
            return Judged(text, True, is_misspelt(text))
        ours, theirs = _words(text), _words(other)
        differ = sum((ours - theirs).values()) + sum((theirs - ours).values())
        doubtful = differ * 10 > sum(ours.values()) + sum(theirs.values()) or is_misspelt(text)
        # Text in visual order has its words' ends in front; the engine with logical order is right then.
        if logical_order(text) < 0 < logical_order(other):
            return Judged(other, False, doubtful)
        return Judged(text, True, doubtful or logical_order(text) < 0)

    def _text(self, page: int) -> str | None:
        self._asked += 1
        if self._size > MOST_BYTES or self._asked > MOST_PAGES or self._spent > _SECONDS:
            self.given_up = True
            return None
        began = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if self._reader is None:
                    self._file.seek(0)
                    self._reader = pypdf.PdfReader(self._file, password=self._password or None)
                return self._reader.pages[page].extract_text()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a second opinion that cannot be had costs nothing; pypdf has no error family
            return None
        finally:
            self._spent += time.process_time() - began


def is_misspelt(text: str) -> bool:
    """Whether letters of its words are lost, which no engine can tell: a font that names no letters for some of its glyphs."""
    misspelt = sum(1 for _ in _MISSPELT.finditer(text))
    return misspelt >= _LEAST_MISSPELT and misspelt >= _MOST_MISSPELT * len(_WORD.findall(text))


def logical_order(text: str) -> int:
    """Above zero where words begin as Arabic script lets them begin, below where they look reversed.

    The hamza carrier and the article open words, ta marbuta and alef maksura close them.
    """
    score = 0
    for word in _WORD.findall(unicodedata.normalize("NFKC", text)):
        score += word.startswith(("ئ", "ال")) - word.endswith(("ئ", "لا"))
        score += word.endswith(("ة", "ى")) - word.startswith(("ة", "ى"))
    return score


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text)))


def warm() -> None:
    """Let pypdf load what it loads late: a locked child can import nothing."""
    for encryption in (False, pikepdf.Encryption(owner="o", user="", R=4), pikepdf.Encryption(owner="o", user="", R=6)):
        file, pdf = io.BytesIO(), pikepdf.new()
        page = pdf.add_blank_page()
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = pdf.make_stream(b"BT /F 9 Tf 9 9 Td (warm) Tj ET")
        pdf.save(file, encryption=encryption)
        SecondOpinion(file, 0, "")._text(0)


warm()
