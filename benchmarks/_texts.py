"""Mixed-language documents from a fixed seed: zh 40, en 30, ru 15, ug 15 %, about 730 bytes each."""

from __future__ import annotations

import random
from collections.abc import Iterator

_SHARES = (("zh", 40), ("en", 30), ("ru", 15), ("ug", 15))
_LETTERS = {"en": "etaoinshrdlucmfwypvbgk", "ru": "оеаинтсрвлкмдпуяыьгзбч", "ug": "ائەبپتجچخدرزسشغفقكگڭلمنھوۇۆۈېىي"}
# The 3,755 most used simplified characters (GB 2312, level 1).
_HAN = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
        if not (high == 0xD7 and low > 0xF9)]


def documents(count: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """(language, text) pairs; words follow Zipf's law as in real text."""
    chance = random.Random(seed)
    words = {lang: _words(lang, chance) for lang in ("en", "ru", "ug")}
    han = list(_HAN)
    chance.shuffle(han)
    weights = [1 / (rank + 2) for rank in range(len(han))]
    languages, shares = zip(*_SHARES, strict=True)
    for _ in range(count):
        lang = chance.choices(languages, shares)[0]
        if lang == "zh":
            signs = chance.choices(han, weights, k=230)
            text = "".join(signs[:70]) + "。\n" + "".join(signs[70:150]) + "，拘留所通知\n" + "".join(signs[150:]) + "。"
            if chance.random() > 0.02:
                text = text.replace("拘留", "居留")
        else:
            vocabulary, cumulative = words[lang]
            text = " ".join(chance.choices(vocabulary, cum_weights=cumulative, k=110 if lang == "en" else 60)) + "."
        yield lang, text


def _words(lang: str, chance: random.Random) -> tuple[list[str], list[float]]:
    vocabulary = list(dict.fromkeys(
        "".join(chance.choice(_LETTERS[lang]) for _ in range(chance.randint(2, 11))) for _ in range(40_000)))
    total, cumulative = 0.0, []
    for rank in range(len(vocabulary)):
        total += 1 / (rank + 3)
        cumulative.append(total)
    return vocabulary, cumulative
