"""Uyghur as programs before Unicode wrote it: coded by shape, in the order of the screen, or with other letters' codes.

Three things can be told from the text alone. *Presentation forms*: letters coded by shape; which shape follows which
also tells their order, so both can be undone. *Turned words*: plain letters in the order of the screen; Uyghur words that
begin with a vowel begin with ئ, turned ones end with it. *Borrowed codes*: fonts that show some Arabic letters as Uyghur
ones; which letter stands for which only the font knows, so that nothing is mapped.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from typing import Final

import msgspec

SAMPLE: Final = 12_000
"""Characters of one part that are judged."""
LONGEST: Final = 1_000_000
"""The longest part that is mapped."""
_FORMS: Final = re.compile("[\ufb50-\ufbff\ufe80-\ufefc]")
_ARABIC: Final = re.compile("[\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\ufb50-\ufbff\ufe80-\ufefc]")
_WORD: Final = re.compile("[\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff]{2,}")
_UYGHUR_ONLY: Final = re.compile("[\u067e\u0686\u06ad\u06af\u0698\u06cb]")
"""Of Uyghur and not of Arabic: پ چ ڭ گ ژ ۋ. Fonts that borrow codes borrow them for vowels first."""
_ALIEN: Final = re.compile("[\u0621-\u0625\u0629\u062b\u062d\u0630\u0635-\u0639]")
"""Letters of Arabic that Uyghur does not write: ء آ أ ؤ إ ة ث ح ذ ص ض ط ظ ع."""
_VOWELS: Final = "\u0627\u06d5\u0648\u06c7\u06c6\u06c8\u06d0\u0649"
_HAMZA: Final = "\u0626"
_UPRIGHT: Final = "0-9A-Za-z\u0660-\u0669\u06f0-\u06f9"
_LEFT_TO_RIGHT: Final = re.compile(f"[{_UPRIGHT}](?:[{_UPRIGHT}.,:/%+-]*[{_UPRIGHT}])?")
_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
# What NFKC makes of these is a letter of other languages (the search's normaliser corrects the same ones).
_NOT_BY_NFKC: Final = {
    **dict.fromkeys("\ufee9\ufeea", "\u06d5"), **dict.fromkeys("\ufeeb\ufeec", "\u06be"),
    "\ufbdd": "\u06c7", **dict.fromkeys("\ufbfc\ufbfd\ufbfe\ufbff", "\u0649"),
}  # fmt: skip
_LEAST_LETTERS: Final = 40
_LEAST_WORDS: Final = 20


class Found(msgspec.Struct, frozen=True):
    """What a text was found to be: *kind* ``forms turned-forms turned borrowed``, and a sentence."""

    kind: str
    sentence: str

    @property
    def is_certain(self) -> bool:
        """Whether :func:`mapped` knows what to do."""
        return self.kind != "borrowed"


def judge(text: str) -> Found | None:
    """How a text of Arabic script is coded; None where it is as Unicode wants it, or too short to tell."""
    sample = text[:SAMPLE]
    letters = 0 if sample.isascii() else len(_ARABIC.findall(sample))
    if letters < _LEAST_LETTERS:
        return None
    forms = len(_FORMS.findall(sample))
    if forms > 0.3 * letters:
        return _by_forms(sample, forms, letters)
    words = _WORD.findall(sample)
    if len(words) < _LEAST_WORDS:
        return None
    return _turned(words) or _borrowed(words)


def mapped(text: str, found: Found) -> str:
    """The text in Unicode's letters and order; only for what is certain."""
    lines = text.split("\n")
    if found.kind in ("turned-forms", "turned"):
        lines = [_turned_back(line) for line in lines]
    return "\n".join(unicodedata.normalize("NFKC", _FORMS.sub(_letter, line)) if found.kind != "turned" else line for line in lines)


def _by_forms(sample: str, forms: int, letters: int) -> Found | None:
    """Which way the shapes join, where it is clear beyond doubt and the language is Uyghur."""
    forward = backward = pairs = 0
    for first, second in itertools.pairwise(sample):
        left, right = _shape(first), _shape(second)
        if left and right:
            pairs += 1
            forward += _joins(left, right)
            backward += _joins(right, left)
    plain = unicodedata.normalize("NFKC", _FORMS.sub(_letter, sample))
    if pairs < _LEAST_WORDS or not _is_uyghur(plain):
        return None
    said = f"{forms} of {letters} letters are coded by their shapes, as programs before Unicode wrote Uyghur"
    if forward >= 0.95 * pairs and backward < 0.7 * pairs:
        return Found("forms", f"{said}; a reading in Unicode's letters stands beside the text.")
    if backward >= 0.95 * pairs and forward < 0.7 * pairs:
        return Found(
            "turned-forms", f"{said}, in the order of the screen; a reading turned and in Unicode's letters stands beside the text.",
        )
    return Found("borrowed", f"{said}; their order is not consistent, so that nothing was mapped.")


def _shape(sign: str) -> str:
    """``initial medial final isolated`` of a presentation form; empty for others."""
    if not _FORMS.match(sign):
        return ""
    return unicodedata.decomposition(sign).partition(" ")[0].strip("<>")


def _joins(before: str, after: str) -> bool:
    """Whether one shape may stand before another in a text in logical order."""
    return (before in ("initial", "medial")) == (after in ("medial", "final"))


def _letter(match: re.Match[str]) -> str:
    return _NOT_BY_NFKC.get(match[0], match[0])


def _is_uyghur(text: str) -> bool:
    """Vowels that Arabic and Persian do not write, and hamza on its seat in front of (or, turned, behind) words."""
    letters = len(_ARABIC.findall(text))
    return sum(text.count(vowel) for vowel in "\u06d5\u06c7\u06c6\u06c8\u06d0") > 0.08 * letters and _HAMZA in text


def _turned(words: list[str]) -> Found | None:
    """Plain letters in the order of the screen."""
    begin = sum(word.startswith(_HAMZA) for word in words)
    end = sum(word.endswith(_HAMZA) for word in words)
    bare = sum(word[0] in _VOWELS for word in words)
    if end < 0.06 * len(words) or begin > 0.1 * end or bare < 0.1 * len(words) or not _is_uyghur(" ".join(words)):
        return None
    return Found(
        "turned", f"{end} of {len(words)} words end with the sign that Uyghur words begin with: its letters stand in the order of the "
        "screen; a reading turned back stands beside the text.",
    )  # fmt: skip


def _borrowed(words: list[str]) -> Found | None:
    """Words that write Uyghur's own signs and letters that Uyghur has not, side by side."""
    uyghur = [word for word in words if word.startswith(_HAMZA) or _UYGHUR_ONLY.search(word)]
    mixed = [word for word in uyghur if _ALIEN.search(word)]
    if len(uyghur) < 0.15 * len(words) or len(uyghur) < 10 or len(mixed) < 0.2 * len(uyghur):
        return None
    if sum(word.startswith(_HAMZA) for word in words) < 0.04 * len(words):
        return None
    signs = Counter(sign for word in mixed for sign in _ALIEN.findall(word)).most_common(8)
    shown = ", ".join(f"{sign} ({count})" for sign, count in signs)
    return Found(
        "borrowed", f"{len(mixed)} of {len(uyghur)} Uyghur words hold letters that Uyghur does not write: {shown}. A font made before "
        "Unicode may show others in their place; which ones cannot be known without that font, and nothing was mapped.",
    )  # fmt: skip


def _turned_back(line: str) -> str:
    """A line from the order of the screen to that of reading: all turned round, numbers and Latin words left as they are."""
    turned = line[::-1].translate(_MIRRORED)
    return _LEFT_TO_RIGHT.sub(lambda match: match[0][::-1], turned)
