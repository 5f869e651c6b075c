"""Whole numbers in the signs in which Word counts (ST_NumberFormat, ECMA-376 part 1, 17.18.59)."""

from __future__ import annotations

from collections.abc import Callable

_LARGEST = 99_999_999
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
          (4, "iv"), (1, "i"))  # fmt: skip
_CHINESE, _SIMPLIFIED, _TRADITIONAL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ARABIC, _ABJAD = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي", "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"


def numeral(number: int, form: str) -> str:
    """*number* in the signs of *form*; in digits where the form is not known or has no sign for it."""
    if form == "none":
        return ""
    write = _FORMS.get(form)
    return write(number) if write is not None and 0 < number <= _LARGEST else str(number)


def _letters(signs: str) -> Callable[[int], str]:
    """a, b ... z, aa, bb: the letter is repeated."""
    return lambda number: signs[(number - 1) % len(signs)] * min((number - 1) // len(signs) + 1, 30)


def _listed(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


def _around(first: int, count: int) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if number <= count else str(number)


def _circled(number: int) -> str:
    first = 0x2460 if number <= 20 else 0x3251 - 20 if number <= 35 else 0x32B1 - 35
    return chr(first + number - 1) if number <= 50 else str(number)


def _digits(signs: str) -> Callable[[int], str]:
    return lambda number: "".join(signs[int(digit)] for digit in str(number))


def _roman(number: int) -> str:
    if number >= 40_000:
        return str(number)
    found = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        found += sign * count
    return found


def _chinese(digits: str, units: str, *, short_ten: bool) -> Callable[[int], str]:
    """Chinese numerals: 一百零五; where *short_ten*, ten is 十 and not 一十."""

    def four(number: int) -> str:
        found, gap = "", False
        for place, unit in ((1000, units[2]), (100, units[1]), (10, units[0]), (1, "")):
            digit = number // place % 10
            if digit:
                found += (digits[0] if gap and found else "") + digits[digit] + unit
            gap = not digit
        return found

    def write(number: int) -> str:
        high, low = divmod(number, 10_000)
        found = four(low)
        if high:
            found = four(high) + units[3] + (digits[0] if low and low < 1000 else "") + found
        return found[1:] if short_ten and found.startswith(digits[1] + units[0]) else found

    return write


_COUNTED = _chinese(_CHINESE, "十百千万", short_ten=True)
_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": "{:02d}".format,
    "upperRoman": lambda number: _roman(number).upper(), "lowerRoman": _roman,
    "upperLetter": _letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "lowerLetter": _letters("abcdefghijklmnopqrstuvwxyz"),
    "russianUpper": _letters(_RUSSIAN.upper()), "russianLower": _letters(_RUSSIAN),
    "arabicAlpha": _letters(_ARABIC), "arabicAbjad": _letters(_ABJAD),
    "chineseCounting": _COUNTED, "chineseCountingThousand": _COUNTED, "japaneseCounting": _COUNTED, "taiwaneseCountingThousand": _COUNTED,
    "taiwaneseCounting": _COUNTED,
    "chineseLegalSimplified": _chinese(_SIMPLIFIED, "拾佰仟万", short_ten=False),
    "ideographLegalTraditional": _chinese(_TRADITIONAL, "拾佰仟萬", short_ten=False),
    "ideographDigital": _digits("〇一二三四五六七八九"), "japaneseDigitalTenThousand": _digits("〇一二三四五六七八九"),
    "taiwaneseDigital": _digits("○一二三四五六七八九"),
    "ideographTraditional": _listed(_STEMS), "ideographZodiac": _listed(_BRANCHES),
    "ideographEnclosedCircle": _around(0x3280, 10),
    "decimalEnclosedParen": _around(0x2474, 20), "decimalEnclosedFullstop": _around(0x2488, 20),
    "decimalEnclosedCircle": _circled, "decimalEnclosedCircleChinese": _circled,
    "decimalFullWidth": _digits("０１２３４５６７８９"), "decimalFullWidth2": _digits("０１２３４５６７８９"),
    "numberInDash": "- {} -".format,
}  # fmt: skip
