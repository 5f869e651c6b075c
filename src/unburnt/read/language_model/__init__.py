"""Which of the languages of one script a text is in: sums of trigrams' weights, in pure Python.

``ngrams.bin`` is made by ``python -m unburnt.read.language_model.make_model`` from the lexicons beside it, which are of
our own writing; ``benchmarks/language.py`` measures it. A trigram's weights stand in one integer, 32 bits a language, so
that one addition serves all languages; and a word's sum is kept, since a text says most of its words again.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import cache
from itertools import repeat
from pathlib import Path

import msgspec

MODEL = Path(__file__).with_name("ngrams.bin")
MAGIC = b"unburnt-language-model 1\n"
SCRIPTS = ("Latn", "Cyrl", "Arab")
_LANE = 4
_MOST_WORDS = 20_000
_LONGEST_WORD = 40
"""What is longer is no word of a language: keys, Base64."""
_MOST_CHARACTERS = 1 << 20
_WORD = re.compile(r"[^\W\d_][\w'’‘ʻʼ`´]*")
_ASCII_WORD = re.compile("[a-z][a-z0-9_'`]*")
"""The same of small letters within ASCII, in a third of the time."""
_IN_WORDS = b"abcdefghijklmnopqrstuvwxyz0123456789_'`"
_CUT = bytes(code if code in _IN_WORDS else ord(" ") for code in bytes(range(128)).lower()) + bytes(128)
"""For ``bytes.translate``: small letters, and a blank for what stands in no word. Split at blanks, ASCII gives its words in a
quarter of the time, once more."""
_DIGITS = b"0123456789"
_FEW_DIGITS = 8
_NO_LETTERS = "0123456789_'`"
"""What stands in words and begins none."""
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʻʼ`´", "'"))
_STRANGE = {
    # Of languages that the model does not know: Nordic, Hungarian, Czech, Romanian, Baltic, Vietnamese ...
    "Latn": re.compile("[åæøăđőűřůěťďșțơưāēīķļņ\u1ea0-\u1eff]"),
    # ... Bashkir, Chuvash, Macedonian, Yakut.
    "Cyrl": re.compile("[ҙҫҡӑӗѓќѕҕҥ]"),
}  # fmt: skip


class Scored(msgspec.Struct, frozen=True):
    """The language that fits best, and how sure that is.

    *fit* is a letter's weight on the average (0-255), *lead* how much less it is in the next language, *letters* how
    many there are, *strange* the share of words with letters that no language of the model has.
    """

    lang: str
    fit: float
    lead: float
    letters: int
    strange: float


class StoredTable(msgspec.Struct, frozen=True, array_like=True):
    """One script's table as the file holds it: a row of *weights* for each three letters of *trigrams*."""

    langs: tuple[str, ...]
    trigrams: str
    weights: bytes


class _Sums(dict[str | bytes, int]):
    """Words in small letters with their trigrams' sum; the lanes after the languages' count strange words, and letters.

    As bytes stand those of ASCII, with what may be before their first letter.
    """

    def __init__(self, script: str, stored: StoredTable) -> None:
        self.langs = stored.langs
        width = len(stored.langs)
        self.unpacked = struct.Struct(f"<{width + 2}I")
        self._is_strange = _STRANGE[script].search if script in _STRANGE else None
        self._strange = 1 << 8 * _LANE * width
        self._letter = self._strange << 8 * _LANE
        lanes = bytearray(_LANE * len(stored.weights))
        lanes[::_LANE] = stored.weights
        step = _LANE * width
        rows = (int.from_bytes(lanes[at : at + step], "little") for at in range(0, len(lanes), step))
        trigrams = (stored.trigrams[at : at + 3] for at in range(0, len(stored.trigrams), 3))
        self._weights = dict(zip(trigrams, rows, strict=True))

    def __missing__(self, key: str | bytes) -> int:
        word = key if isinstance(key, str) else key.decode("ascii").lstrip(_NO_LETTERS)
        if len(word) > _LONGEST_WORD:
            return len(word) * self._letter
        text = f" {word.translate(_APOSTROPHES)} "
        trigrams = map("".join, zip(text, text[1:], text[2:], strict=False))
        found = sum(map(self._weights.get, trigrams, repeat(0))) + len(word) * self._letter
        if self._is_strange and self._is_strange(word):
            found += self._strange
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[key] = found
        return found


@cache
def _tables() -> dict[str, _Sums]:
    data = MODEL.read_bytes()
    if not data.startswith(MAGIC):
        raise RuntimeError(f"{MODEL.name} is of another version; make it again with make_model.")
    stored = msgspec.msgpack.decode(data[len(MAGIC):], type=dict[str, StoredTable])
    return {script: _Sums(script, table) for script, table in stored.items()}


def warm() -> None:
    """Load the model: a locked child can open no file."""
    _tables()


def words_of(text: str) -> list[str]:
    """The words in small letters, apostrophes inside kept."""
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text.lower())


def best(script: str, text: str) -> Scored | None:
    """The language of *script* that the first MiB of *text* fits best; None where nothing in it is known."""
    table = _tables()[script]
    words = _keys_of(text[:_MOST_CHARACTERS])
    total = sum(map(table.__getitem__, words))
    lanes = table.unpacked.unpack(total.to_bytes(table.unpacked.size, "little"))
    sums, strange, letters = lanes[:-2], lanes[-2], lanes[-1]
    ordered = sorted(sums)
    first, second = ordered[-1], ordered[-2]
    if not first:
        return None
    # No word of ASCII is strange, so that numbers among the keys change no share.
    return Scored(table.langs[sums.index(first)], first / letters, (first - second) / letters, letters, strange / len(words))


def _keys_of(text: str) -> Sequence[str | bytes]:
    """The words as :class:`_Sums` knows them. Where many digits are, they are searched for: each number would be kept as a word."""
    if text.isascii():
        data = text.encode()
        if len(data.translate(None, _DIGITS)) * _FEW_DIGITS > len(data) * (_FEW_DIGITS - 1):
            return data.translate(_CUT).split()
    return words_of(text)
