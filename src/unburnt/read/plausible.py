"""How much a decoded text looks like language: what a guess of its encoding is judged by.

Bytes of one 8-bit encoding read in another give letters too. What gives them away is their company: capitals inside
words, Cyrillic beside Latin letters, signs between letters, rare Han characters.
"""

from __future__ import annotations

import re
from typing import Final

_SAMPLE: Final = 20_000
_CONTROLS: Final = bytes((*range(0x08), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F))
_LEAST_SIGNS: Final = 8
_LETTER: Final = 64
"""So many bytes are enough to be judged by themselves, however many zeros fill up the block around them."""
_FOREIGN: Final = re.compile("[^\\x00-\\x7f]")
COMMON_HAN: Final = re.compile(
    "[的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生会那后能对着事其里所去行过家十用发天如"
    "然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从村县区乡镇员工关通知第号户组管理单位部门名姓月份"
    "王李张刘陈杨黄赵吴周四五六七八九百千万元市省州府局院所长书记民政治安全文化教育卫"
    "們這來為個說國時會學對發後經過還進長開間問題點頭實現區當體應機關於無書東車門員變業導農鄉縣處報強戶籍登記張劉陳楊黃趙吳萬號單組]"
)
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_WIDE_SIGNS: Final = re.compile("[\u3000-\u3011\uff01-\uff5e\u2460-\u2473]")
_RUSSIAN: Final = re.compile("[а-яё]")
_RUSSIAN_CAPITAL: Final = re.compile("[А-ЯЁ]")
_RUSSIAN_RARE: Final = re.compile("[ъщэцфюЪЩЭЦФЮ]")
_OTHER_CYRILLIC: Final = re.compile("[іїєґІЇЄҐәғқңөұүһӘҒҚҢӨҰҮҺ]")
"""Letters of Ukrainian and Kazakh."""
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_ARABIC: Final = re.compile("[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af\u06be\u06c6-\u06cb\u06d0\u06d5\u06ad]")
_LATIN: Final = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_LATIN_AT_HOME: Final = re.compile("(?<=[A-Za-z])[\u00c0-\u024f]|[\u00c0-\u024f](?=[A-Za-z])")
_LATIN_RUN: Final = re.compile("[\u00c0-\u024f]{3,}")
_PUNCTUATION: Final = re.compile("[“”‘’–—…«»„©®°§№·¿¡€£\xa0、。，：；（）《》]")
_UNLIKELY: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\u2500-\u259f]")
_MIXED: Final = re.compile("[A-Za-z][\u0400-\u04ff\u0620-\u06ff]|[\u0400-\u04ff\u0620-\u06ff][A-Za-z]")
_CASE: Final = re.compile("[а-яё][А-ЯЁ]|[А-ЯЁ]{2}[а-яё]")
_SIGN_INSIDE: Final = re.compile(
    "(?<=[^\\W\\d_])[\xa0\xa1-\xb6\xb8-\xbf\u2018-\u203a\u20ac\u2116](?=[^\\W\\d_])|[\xa1-\xb6\xb8-\xbf]{2}"
)


def plausibility(text: str) -> float:
    """Between about -2 and 1, by character outside ASCII: common letters count for it, strange company against."""
    sample = text[:_SAMPLE]
    total = len(_FOREIGN.findall(sample))
    if not total:
        return 0.0 if _UNLIKELY.search(sample) else 1.0
    return (_good(sample) - _bad(sample)) / total


def without_controls(untrusted_data: bytes) -> bytes:
    """The bytes without zeros, bells and other controls that texts do not need.

    Tabs, line ends, form feeds, backspaces and escapes are at home in texts.
    """
    return untrusted_data.translate(None, _CONTROLS)


def has_few_controls(untrusted_data: bytes) -> bool:
    """Whether at most a tenth of the bytes are such controls, zeros that fill up the end, or stand before all, not counted.

    A handful of bytes tells nothing. Zeros stand before a text where a program had lost its place in a log.
    """
    body = untrusted_data.rstrip(b"\0")
    behind = body.lstrip(b"\0")
    if behind[:1] not in _CONTROLS:  # a text follows, not more that is none
        body = behind
    signs, filling = len(without_controls(body)), len(untrusted_data) - len(body)
    return signs * 10 >= len(body) * 9 and signs >= _LEAST_SIGNS and (len(body) >= _LETTER or filling <= len(body))


def _good(sample: str) -> float:
    common, han = len(COMMON_HAN.findall(sample)), len(_HAN.findall(sample))
    russian, capital = len(_RUSSIAN.findall(sample)), len(_RUSSIAN_CAPITAL.findall(sample))
    cyrillic = len(_CYRILLIC.findall(sample)) - russian - capital
    at_home, latin = len(_LATIN_AT_HOME.findall(sample)), len(_LATIN.findall(sample))
    return (
        common + (han - common) * 0.35 + len(_WIDE_SIGNS.findall(sample)) * 0.8 + russian * 0.9 + capital * 0.75
        + cyrillic * 0.2 + len(_OTHER_CYRILLIC.findall(sample)) * 0.5
        + len(_ARABIC.findall(sample)) * 0.8 + at_home * 0.9 + (latin - at_home) * 0.1
        + len(_PUNCTUATION.findall(sample)) * 0.4 - len(_RUSSIAN_RARE.findall(sample)) * 0.6
    )


def _bad(sample: str) -> float:
    return (
        len(_UNLIKELY.findall(sample)) * 2.0 + len(_MIXED.findall(sample)) * 1.5 + len(_CASE.findall(sample)) * 1.5
        + sum(len(run) for run in _LATIN_RUN.findall(sample)) * 1.0 + len(_SIGN_INSIDE.findall(sample)) * 0.8
    )
