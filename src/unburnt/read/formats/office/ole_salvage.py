"""What can still be read of an old office file whose list of streams is lost: texts, found by their bytes alone.

Programs write the list and the tables of sectors last, so a file that is cut off mostly lacks both; its texts stand there whole.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.ole_objects import OLE_MAGIC
from unburnt.read.plausible import plausibility
from unburnt.read.registry import Ending
from unburnt.read.source import Source

_MOST, _PIECE = 64 * MIB, MIB
_MOST_FALSE = 1_000
"""Places that look like the beginning of a text of a presentation and are none: a file of nothing else would be decoded for each."""
_CHARACTERS, _BYTES = b"\0\0\xa0\x0f", b"\0\0\xa8\x0f"
"""How the texts of a PPT begin (MS-PPT 2.9.42, 2.9.43): version and instance 0, then 4000 or 4008, then their length."""
_WIDE = re.compile(
    "[\t\r\n\x07\x0b\x20-\x7e\xa0-\xff\u0101-\u024f\u0400-\u052f\u0600-\u06ff\u2010-\u203a\u2116\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{5,}"
)
_NARROW = re.compile(rb"(?:[\t\r\n\x07\x0b\x20-\x7e]|(?<=[\x20-\x7e])[\x85\x91-\x97\xa0-\xff](?=[\x20-\x7e])){12,}")
_SHOWN = {7: "\t", 11: "\n", 13: "\n"}
_WORD = re.compile("[A-Z]?[a-z]{2,}|[A-Z]{3,}|[^\\W\\d_a-zA-Z]+")
_WHOLE_WORD = re.compile("[A-Z\u00c0-\u00de]?[a-z\u00df-\u00ff]+|[A-Z\u00c0-\u00de]+|[^\\W\\d_a-zA-Z\u00c0-\u00ff]+")
_LETTERS = re.compile("[^\\W\\d_]+")
_VOWEL = re.compile(
    "[aeiouyAEIOUY\u00c0-\u00c6\u00c8-\u00cf\u00d2-\u00d6\u00d8-\u00dd\u00e0-\u00e6\u00e8-\u00ef\u00f2-\u00f6\u00f8-\u00fd\u00ff-\uffff]"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_NEUTRAL = re.compile("[\\s\\d]+")
_WORDLIKE = 0.6
_SHORT, _WHOLE = 24, 0.85
"""Of runs of so few signs nearly all must be whole words, of common characters: chance makes a dozen signs, and syllables among them."""
_FIRST_OF_GB, _FIRST_OF_BIG5 = (frozenset(bytes([lead]) for lead in range(*span)) for span in ((0xB0, 0xD8), (0xA4, 0xC7)))
_LIKE_LANGUAGE = 0.45
"""More than rare Chinese characters score, which two letters at a wrong place look like."""


def salvage(source: Source, emitter: Emitter, reason: Damaged) -> Ending:
    """Give the texts that are found as one part, in the order in which they lie. Raises *reason* where there are none."""
    data = source.all(_MOST)
    if not data.startswith(OLE_MAGIC):
        raise reason
    texts = [text for _, text in sorted(_slides(data) or _runs(data))]
    if not texts:
        raise reason
    emitter.part("section", "", "".join(text.translate(_SHOWN).rstrip("\n") + "\n" for text in texts), origin="recovered")
    return Ending(Outcome.PARTIAL, f"{reason.reason} {len(texts)} texts were found by their bytes, in the order in which they lie.")


def _slides(data: bytes) -> list[tuple[int, str]]:
    """Where each text of a presentation begins, by the records that hold them."""
    found = []
    for mark, encoding in ((_CHARACTERS, "utf-16-le"), (_BYTES, "latin-1")):
        at, false = data.find(mark), 0
        while at >= 0 and false < _MOST_FALSE:
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            text = data[at + 8 : at + 8 + size].decode(encoding, "replace") if 0 < size <= MIB else ""
            if text and plausibility(text) > _LIKE_LANGUAGE:
                found.append((at, text))
                at += size
            else:
                false += 1
            at = data.find(mark, at + 8)
    return found


def _runs(data: bytes) -> Iterator[tuple[int, str]]:
    """Where each run of letters begins, in one byte or two a letter; of two that overlap the one that begins first."""
    found = [(match.start(), match.end(), match[0].decode("cp1252", "replace")) for match in _NARROW.finditer(data)]
    for begin in range(0, len(data), _PIECE):
        for first in (begin, begin + 1):
            units = data[first : first + _PIECE]
            whole = "".join(map(chr, struct.unpack(f"<{len(units) // 2}H", units[: len(units) & ~1])))
            found += [(first + 2 * match.start(), first + 2 * match.end(), match[0]) for match in _WIDE.finditer(whole)]
    end = 0
    for start, stop, text in sorted(found, key=lambda one: (one[0], -one[1])):
        if start >= end and _is_language(text):
            end = stop
            yield start, text


def _is_language(text: str) -> bool:
    """Words for the most part; the shorter, the more it must look like language."""
    rest = len(_NEUTRAL.sub("", text))
    words = sum(map(len, _WORD.findall(text)))
    if not words or words < _WORDLIKE * rest or plausibility(text) <= _LIKE_LANGUAGE + 1 / len(text):
        return False
    return len(text) >= _SHORT or _is_of_words(text, rest)


def _is_of_words(text: str, signs: int) -> bool:
    """Whether the *signs* of a short run are words that stand by themselves and can be spoken, and its characters what people write."""
    words = sum(len(one) for one in _LETTERS.findall(text) if _WHOLE_WORD.fullmatch(one) and _is_spoken(one))
    han = _HAN.findall(text)
    return words >= _WHOLE * signs and sum(map(_is_usual, han)) >= _WHOLE * len(han)


def _is_spoken(word: str) -> bool:
    vowels = len(_VOWEL.findall(word))
    return 5 * vowels >= len(word) if word.isupper() else vowels > 0


def _is_usual(character: str) -> bool:
    """Whether it is of the first level of GB 2312 or of Big5."""
    return character.encode("gb2312", "ignore")[:1] in _FIRST_OF_GB or character.encode("big5", "ignore")[:1] in _FIRST_OF_BIG5
