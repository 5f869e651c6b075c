"""What an engine made of one picture: lines with places in pixels, from 0,0 at the upper left."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Rectangle

TRUSTED = 0.5
"""Lines below this confidence are taken for what engines see in photographs and stains."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_ARABIC = re.compile("[\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W_]")
_HAN_WEIGHT = 3


class RecognisedLine(msgspec.Struct, frozen=True):
    """One line in its logical order, its rectangle in pixels, its confidence from 0 to 1."""

    text: str
    rectangle: Rectangle
    confidence: float


class Recognised(msgspec.Struct, frozen=True):
    """The lines of one picture in reading order and the engines that gave them; *doubt* is a sentence or empty.

    To be read the picture was turned clockwise by *turn* degrees (0, 90, 180, 270), then straightened by *skew* against
    the clock; the lines stand where they are on the picture as it was given.
    """

    lines: tuple[RecognisedLine, ...]
    engines: tuple[str, ...]
    doubt: str = ""
    turn: int = 0
    skew: float = 0.0


class RecognitionFailed(UnburntError):
    """An engine gave nothing for this picture; *outcome* is ``crashed``, or ``refused`` where a limit stopped it."""

    def __init__(self, message: str, outcome: Outcome = Outcome.CRASHED) -> None:
        super().__init__(message)
        self.outcome = outcome


def letters(text: str) -> int:
    """How many letters and digits there are."""
    return len(_LETTER.findall(text))


def han(text: str) -> int:
    """How many Chinese characters there are."""
    return len(_HAN.findall(text))


def cyrillic(text: str) -> int:
    """How many Cyrillic letters there are."""
    return len(_CYRILLIC.findall(text))


def arabic(text: str) -> int:
    """How many Arabic letters there are."""
    return len(_ARABIC.findall(text))


def latin(text: str) -> int:
    """How many Latin letters there are."""
    return len(_LATIN.findall(text))


def han_share(lines: Iterable[RecognisedLine]) -> float:
    """The share of Chinese in all text, a character counted as three letters; 0 where there is no text."""
    text = "".join(line.text for line in lines)
    chinese = han(text)
    total = letters(text) + chinese * (_HAN_WEIGHT - 1)
    return chinese * _HAN_WEIGHT / total if total else 0.0


def confidence(lines: Iterable[RecognisedLine]) -> float:
    """The mean over all letters, 0 to 1; 0 where there is no text."""
    weighed = [(letters(line.text), line.confidence) for line in lines]
    total = sum(weight for weight, _ in weighed)
    return sum(weight * value for weight, value in weighed) / total if total else 0.0


def trusted(lines: Iterable[RecognisedLine]) -> tuple[RecognisedLine, ...]:
    """Those lines that hold a letter or digit and are recognised well enough to be taken for text."""
    return tuple(line for line in lines if line.confidence >= TRUSTED and letters(line.text))


def worth(lines: Iterable[RecognisedLine]) -> float:
    """How much was recognised how well: for choosing between two readings of one picture."""
    return sum(letters(line.text) * line.confidence**2 for line in lines)
