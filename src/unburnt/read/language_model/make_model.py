"""Makes ngrams.bin: ``python -m unburnt.read.language_model.make_model``; the same lexicons give the same bytes.

A lexicon holds common words, stems with their endings, and sentences, all written for this purpose. Every stem is put
together with every ending, in the variant that its vowels ask for; Uyghur, Kazakh and Uzbek are transliterated into
their other scripts. A trigram's weight is how much more frequent it is in the language than the rarest that counts.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from unburnt.read.language_model import MAGIC, MODEL, SCRIPTS, StoredTable, words_of
from unburnt.read.language_model import transliteration as into

LEXICONS = Path(__file__).with_name("lexicons")
_RAREST = 6e-5
"""Share of all trigrams below which one counts as never seen."""
_STEEPNESS = 24
_LEAST = 16
"""A trigram whose weight is below this in every language is left out."""
_COMMON, _STEM, _SENTENCE = 4.0, 2.0, 2.0
"""What a common word, a stem with all its endings, and a word of a sentence count."""
_FIRST_COMMON = 60
_BACK = frozenset("aouıаоұуыюяё")
_FRONT = frozenset("eöüəiäәеөүіэ")
_NEUTRAL = {"ug": frozenset("iéи"), "uz": frozenset("i")}
_VOICELESS = frozenset("pftksqxhcç")
_SECTION = re.compile(r"^\[(.+)\]$")

LANGUAGES: dict[str, tuple[tuple[str, str, Callable[[str], str]], ...]] = {
    "Latn": (
        *((lang, lang, str) for lang in ("en", "tr", "uz", "ug", "az", "de", "fr", "es", "it", "pt", "nl", "pl", "id")),
        ("kk", "kk", into.kazakh_latin), ("kk", "kk", into.kazakh_latin_2018),
    ),
    "Cyrl": (
        *((lang, lang, str) for lang in ("ru", "kk", "ky", "tg", "mn", "tt", "uk", "be", "bg", "sr")),
        ("ug", "ug", into.uyghur_cyrillic), ("uz", "uz", into.uzbek_cyrillic),
    ),
    "Arab": (
        *((lang, lang, str) for lang in ("ar", "fa", "ur", "ckb", "ps")),
        ("ug", "ug", into.uyghur_arabic), ("kk", "kk", into.kazakh_arabic),
    ),
}  # fmt: skip
"""By script: the code, the lexicon, and how its words get into the script."""


@cache
def weighted_words(lang: str) -> tuple[tuple[str, float], ...]:
    """Every word of a lexicon with what it counts, in the script that the lexicon is written in."""
    return tuple(_weighted((LEXICONS / f"{lang}.txt").read_text(encoding="utf-8"), lang))


def _weighted(lexicon: str, lang: str) -> Iterator[tuple[str, float]]:
    sections = _sections(lexicon)
    common = sections["common"].split()
    for rank, word in enumerate(common):
        yield word, _COMMON if rank < _FIRST_COMMON else _COMMON / 2
    for line in sections.get("sentences", "").splitlines():
        for word in words_of(line):
            yield word, _SENTENCE
    prefixes = sections.get("noun prefixes", "-").split()
    for kind in ("noun", "verb"):
        endings = sections.get(f"{kind} endings", "-").split()
        for stem in sections.get(f"{kind}s", "").split():
            yield stem, _STEM / 2
            for prefix in prefixes if kind == "noun" else ["-"]:
                for ending in endings:
                    word = prefix.strip("-") + stem + fitting(lang, stem, ending)
                    yield word, _STEM / len(endings) / len(prefixes)


def fitting(lang: str, stem: str, ending: str) -> str:
    """*ending* as it follows *stem*: ``back/front``, each ``after a voiced sound,after a voiceless one``."""
    variants = ending.strip("-").split("/")
    variant = variants[-1 if _is_front(lang, stem) else 0].split(",")
    return variant[-1 if stem[-1] in _VOICELESS else 0]


def _is_front(lang: str, stem: str) -> bool:
    neutral = _NEUTRAL.get(lang, frozenset())
    vowels = [letter for letter in stem if letter in _BACK | _FRONT and letter not in neutral]
    return bool(vowels) and vowels[-1] in _FRONT


def _sections(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = defaultdict(list)
    name = ""
    for line in text.splitlines():
        if match := _SECTION.match(line):
            name = match[1]
        elif not line.startswith("#"):
            found[name].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def shares(words: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Trigrams with their share of all."""
    counts: dict[str, float] = defaultdict(float)
    for word, weight in words:
        text = f" {word} "
        for at in range(len(text) - 2):
            counts[text[at : at + 3]] += weight
    total = math.fsum(counts.values())
    return {trigram: count / total for trigram, count in counts.items()}


def table(script: str) -> StoredTable:
    """The weights of one script's languages."""
    words: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for lang, lexicon, written in LANGUAGES[script]:
        words[lang] += [(written(word), weight) for word, weight in weighted_words(lexicon)]
    by_lang: Mapping[str, dict[str, float]] = {lang: shares(listed) for lang, listed in words.items()}
    langs = tuple(by_lang)
    trigrams, weights = [], bytearray()
    for trigram in sorted({one for found in by_lang.values() for one in found}):
        row = [_weight(by_lang[lang].get(trigram, 0.0)) for lang in langs]
        if max(row) >= _LEAST:
            trigrams.append(trigram)
            weights += bytes(row)
    return StoredTable(langs, "".join(trigrams), bytes(weights))


def _weight(share: float) -> int:
    return min(255, round(_STEEPNESS * math.log(share / _RAREST))) if share > _RAREST else 0


def model() -> bytes:
    """The whole file."""
    return MAGIC + msgspec.msgpack.encode({script: table(script) for script in SCRIPTS})


if __name__ == "__main__":
    MODEL.write_bytes(model())
