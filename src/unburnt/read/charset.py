"""Which encoding bytes are in, and their text; nothing is replaced silently.

Order: byte order mark, UTF-8 (strictly, it does not lie), what was declared if it fits, UTF-16 by its zeros, then
guesses that must decode strictly and look like language. Native code (cchardet) only outside shared children.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

import cchardet
import msgspec

from unburnt.model.encodings import known_encoding
from unburnt.read.charset_at_home import is_rather_kazakh
from unburnt.read.charset_escaped import decode_escaped, escaped_encoding
from unburnt.read.charset_names import worth_in_few_words
from unburnt.read.charset_short_names import is_seldom
from unburnt.read.charset_western import is_of_latin_letters, is_western
from unburnt.read.plausible import has_few_controls, plausibility

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
_SELDOM = ("iso8859-5", "iso8859-6", "mac-cyrillic")
"""Encodings that few machines wrote, looked at where nothing else is said: a few letters have to look much better in them."""
_SHORT, _BETTER = 24, 0.1
_SAME = 0.08
"""Windows has Ukrainian letters where its Kazakh encoding has Kazakh ones, and all others are the same."""
_WIDE = ("euc", "shift", "cp932", "cp949", "johab")
"""Where one of these is guessed, letters of two bytes look like Cyrillic ones too."""
_CANDIDATES = ("gb18030", "cp1251", "koi8-r", "koi8-u", "big5hkscs", "cp1256", "cp866", "cp1252", "kz1048")
_OF_FEW_WORDS = ("cp932", "cp949")
"""What else is looked at where at most a few words are to be judged, by what names of files are judged by."""
_NOTE = 4096
_MISTAKEN = ("mac-cyrillic",)
"""What cchardet names for other encodings; such a guess gets no credit."""
_ALSO_UTF8 = ("utf-16-le", "utf-16-be", "utf-7", "hz", "iso2022_jp")
"""Encodings whose bytes can be UTF-8 too: only where they are named are they looked at."""
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_FOREIGN = re.compile(rb"[\x80-\xff]")
_HAN_PAGES = re.compile(rb"[\x30\x4e-\x9f\xff]")
"""The higher bytes of Han characters and of the punctuation between them."""
_NAMED = re.compile("[\u0370-\u03ff\u0531-\u0587\u05d0-\u05ea\u0e01-\u0e5b\u10d0-\u10ff\u3041-\u30ff\uac00-\ud7a3]")
_NAMED_GOOD = 0.5
"""Greek, Armenian, Hebrew, Thai, Georgian, Japanese, Korean: Chinese read as Korean stays behind what it is in its own encoding."""
_FOREIGN_SIGN = re.compile("[^\\x00-\\x7f]")
_SAMPLE = 40_000
_FEW = 6
_SOME = 4
"""Letters of UTF-8 for each place that is none, and at least: texts in other encodings have fewer, however short."""
_CUT = re.compile(rb"[\xe0-\xef][\x80-\xbf]?\Z|[\xf0-\xf4][\x80-\xbf]{0,2}\Z")
_LIKE_HAN = 0.42
"""What Chinese scores; rare characters alone score less."""


class Decoded(msgspec.Struct, frozen=True):
    """*replaced* counts the signs U+FFFD that stand for bytes which are no text in that encoding."""

    text: str
    encoding: str
    replaced: int = 0


def decode(data: bytes, declared: str | None = None, *, hints: Iterable[str] = (), native: bool = True) -> Decoded:
    """The text of *data*; what it declares itself, and *hints*, which containers declare for it, are believed only where they fit."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _with(data, encoding)
    if data.startswith(b"\x00") and (behind := _behind_zeros(data, declared, tuple(hints), native=native)) is not None:
        return behind
    named = tuple(dict.fromkeys(name for one in (declared, *hints) if (name := known_encoding(one)) is not None))
    if b"\x00" in data[:4096]:
        wide = _utf16(data)
        if wide is not None:
            return wide
    if (escaped := escaped_encoding(data)) is not None:
        shown = decode_escaped(data, escaped)
        # HZ has no sign that programs do not write too.
        if shown and plausibility(shown) > (0.5 if escaped == "hz" else -0.1):
            return Decoded(shown, escaped)
    text = _strictly(data, "utf-8")
    if text is not None:
        if len(data) <= _NOTE and not text.isascii() and is_seldom(data) and worth_in_few_words(data.decode("cp866"), "cp866") > 0:
            return _with(data, "cp866")
        ours = Decoded(text, "ascii" if text.isascii() else "utf-8")
        return _fitting(data, [name for name in named if name in _ALSO_UTF8], but=text) or ours
    if (fitting := _fitting(data, named)) is not None:
        return fitting
    if (order := wide_encoding(data)) is not None and plausibility(_sampled(data[:_SAMPLE], order)) > _LIKE_HAN:
        return _with(data, order)
    best = _best_guess(data, named, native=native)
    if best is not None:
        return best
    return _with(data, named[0] if named else "utf-8")


def _fitting(data: bytes, named: Iterable[str], but: str | None = None) -> Decoded | None:
    """The text in the likeliest of the encodings that were named, if any fits, and gives another text than *but*."""
    found: list[tuple[float, int, str, str]] = []
    for rank, name in enumerate(named):
        text = _strictly(data, name)
        # Almost any even number of bytes is UTF-16 of rare characters.
        if text is not None and text != but and (score := _as_named(text)) > (_LIKE_HAN if name.startswith("utf-16") else 0.2):
            found.append((score, -rank, text, name))
    return Decoded(*max(found)[2:]) if found else None


def _as_named(text: str) -> float:
    """How plausible it is in an encoding that somebody named: letters count too of scripts that nobody would guess."""
    sample = text[:_SAMPLE]
    return plausibility(text) + _NAMED_GOOD * len(_NAMED.findall(sample)) / max(1, len(_FOREIGN_SIGN.findall(sample)))


def _best_guess(data: bytes, named: tuple[str, ...], *, native: bool) -> Decoded | None:
    """The candidate whose sample looks most like language; a broken byte counts against it and rules nothing out."""
    lenient = _with(data, "utf-8")
    good = sum(character > "\x7f" for character in lenient.text[:_SAMPLE]) - lenient.replaced
    if (good >= _SOME and good > _SOME * lenient.replaced) or _is_cut(data):
        return lenient
    names = list(named)
    sample = data[:_SAMPLE]
    if 2 * len(_FOUR_BYTES.findall(sample)) > 0.3 * len(_FOREIGN.findall(sample)) and plausibility(_sampled(sample, "gb18030")) > 0:
        return _with(data, "gb18030")
    guess = known_encoding(cchardet.detect(sample).get("encoding")) if native else None
    guessed = ("koi8-r", "koi8-u") if guess == "koi8-r" else (guess,) if guess else ()
    names += guessed
    western = is_western(data)
    words = b"".join(set(sample.split()))  # a word that is said again says nothing more
    is_short, is_few = len(words) < _SHORT, len(_FOREIGN.findall(words)) < _SHORT
    scored: list[tuple[float, str]] = []
    candidates = (*_candidates(guess, western=western), *(_OF_FEW_WORDS if is_few else ()))
    for rank, name in enumerate(dict.fromkeys([*names, *candidates])):
        if western and not is_of_latin_letters(name):
            continue
        credit = 0.15 if name in named else 0.0
        credit = max(credit, 0.05 if is_few else 0.15) if name in guessed and name not in _MISTAKEN else credit
        credit -= _BETTER if name in _SELDOM and is_short else 0
        shown = data.decode(name, "replace") if is_few and len(data) <= _SAMPLE else _sampled(sample, name)
        credit += worth_in_few_words(shown, name) if is_few else 0
        credit -= _SAME if name == "cp1251" and is_rather_kazakh(shown) else 0
        scored.append((plausibility(shown) + credit - rank * 0.001, name))
    score, name = max(scored)
    return _with(data, name) if score > 0 or western else None


def _candidates(guess: str | None, *, western: bool) -> tuple[str, ...]:
    if western:
        return ("cp1252",)
    return _CANDIDATES if guess and guess.startswith(_WIDE) else (*_CANDIDATES, *_SELDOM)


def _is_cut(data: bytes) -> bool:
    """Whether a few Chinese characters in UTF-8 were cut within the last one: letters of two bytes may be anything."""
    cut = _CUT.search(data[-3:])
    text = _strictly(data[: len(data) - len(cut[0])], "utf-8") if cut else None
    foreign = [character for character in text or "" if character > "\x7f"]
    return len(foreign) > 1 and min(foreign) >= "\u2e80"


def _sampled(sample: bytes, encoding: str) -> str:
    """The beginning decoded; a character cut at its end is no fault."""
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    except (UnicodeError, LookupError, ValueError):
        return "\ufffd"


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark in which Han characters stand: most of the bytes at every other place are of their pages.

    Latin letters, whose bytes are of those pages too, are to be ruled out before.
    """
    sample = data[:4096]
    half = len(sample) // 2
    if half < _FEW or len(data) % 2:
        return None
    shares = {name: len(_HAN_PAGES.findall(sample[first::2])) / half for name, first in (("utf-16-le", 1), ("utf-16-be", 0))}
    name = max(shares, key=lambda one: shares[one])
    other = min(shares.values())
    pages = _HAN_PAGES.findall(sample[1 if name == "utf-16-le" else 0 :: 2])
    # Kana of Shift JIS begin with two bytes of those pages only.
    is_uniform = max(map(pages.count, set(pages) - {b"\x30", b"\xff"}), default=half) > 0.34 * half
    if shares[name] < 0.7 or other > 0.6 or is_uniform or _strictly(sample[: half * 2], name) is None:
        return None
    return name


def _utf16(data: bytes) -> Decoded | None:
    if has_few_controls(data[:_SAMPLE]) and _strictly(data, "utf-8") is not None:  # its zeros are strays in a text of single bytes
        return None
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    order: Iterable[str] = ("utf-16-le", "utf-16-be") if odd >= even else ("utf-16-be", "utf-16-le")
    if max(even, odd) / half < 0.02:
        wide = wide_encoding(data)
        text = _strictly(data, wide) if wide is not None else None
        return Decoded(text, wide) if wide is not None and text is not None and plausibility(text) > _LIKE_HAN else None
    for name in order:
        text = _strictly(data[: len(data) // 2 * 2], name)
        if text is not None and plausibility(text) > 0.3:
            return Decoded(text, name)
    return None


def _behind_zeros(data: bytes, declared: str | None, hints: tuple[str, ...], *, native: bool) -> Decoded | None:
    """A text with zeros before it, which say nothing of its encoding; None where they may belong to its letters."""
    count = len(data) - len(data.lstrip(b"\x00"))
    if b"\x00" not in data[count:count + 4096]:
        found, wide = (decode(data[count:], declared, hints=hints, native=native) if count < len(data) else None), 1
    else:
        # Which of the last zeros is the higher byte of the first letter, only the rest can tell.
        tried = [_utf16(data[start:]) for start in sorted({count // 2 * 2, count}) if start > 1]
        found, wide = max(filter(None, tried), key=lambda one: plausibility(one.text), default=None), 2
    return None if found is None else Decoded("\0" * (count // wide) + found.text, found.encoding, found.replaced)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _with(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd") - (data.count("\ufffd".encode()) if encoding == "utf-8" else 0))
