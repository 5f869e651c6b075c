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

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)
# What people write, and what they mean: the larger set that holds the declared one.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-9": "cp1254", "windows-31j": "cp932", "shift_jis": "cp932", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "big5": "big5hkscs",
}
_CANDIDATES = ("gb18030", "cp1251", "koi8-r", "cp1256", "big5hkscs", "cp1252")
_SAMPLE = 200_000
_HAN = re.compile("[\u4e00-\u9fff]")
_COMMON_HAN = re.compile(
    "["
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生"
    "会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好"
    "看学进种将还分此心前面又定见只主没公从村县区乡镇员工关于通知第号户组管理单位部门"
    "名姓月份"
    "]"
)
_RUSSIAN = re.compile("[оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ARABIC = re.compile("[\u0621-\u06d3]")
_UNLIKELY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]|[\u2500-\u259f]")


class Decoded(msgspec.Struct, frozen=True):
    """*replaced* counts the signs U+FFFD that stand for bytes which are no text in that encoding."""

    text: str
    encoding: str
    replaced: int = 0


def decode(data: bytes, declared: str | None = None, *, native: bool = True) -> Decoded:
    """The text of *data*; *declared* is believed only where it fits."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _with(data, encoding)
    wanted = known_encoding(declared)
    if b"\x00" in data[:4096]:
        wide = _utf16(data)
        if wide is not None:
            return wide
    text = _strictly(data, "utf-8")
    if text is not None and wanted not in ("utf-16-le", "utf-16-be", "utf-7", "hz", "iso2022_jp"):
        return Decoded(text, "ascii" if text.isascii() else "utf-8")
    if wanted is not None and (text := _strictly(data, wanted)) is not None and plausibility(text) > 0.2:
        return Decoded(text, wanted)
    best = _best_guess(data, wanted, native=native)
    if best is not None:
        return best
    return _with(data, wanted or "utf-8")


def known_encoding(name: str | None) -> str | None:
    """Python's name for a declared encoding, widened to what people mean by it; None for nonsense."""
    if not name:
        return None
    cleaned = name.strip().strip("\"'").lower()
    cleaned = _MEANT.get(cleaned, cleaned)
    try:
        info = codecs.lookup(cleaned)
    except (LookupError, ValueError):
        return None
    return info.name if info._is_text_encoding else None


def plausibility(text: str) -> float:
    """How much *text* looks like some language, between -1 and 1: common letters count, strange ones cost."""
    sample = text[:_SAMPLE]
    foreign = [character for character in sample if ord(character) > 127]
    if not foreign:
        return 1.0 if not _UNLIKELY.search(sample) else 0.0
    joined = "".join(foreign)
    good = len(_COMMON_HAN.findall(joined)) * 1.0 + (len(_HAN.findall(joined)) - len(_COMMON_HAN.findall(joined))) * 0.35
    good += len(_RUSSIAN.findall(joined)) * 0.9 + (len(_CYRILLIC.findall(joined)) - len(_RUSSIAN.findall(joined))) * 0.1
    good += len(_ARABIC.findall(joined)) * 0.8
    good += sum(0.5 for character in foreign if "\u00c0" <= character <= "\u024f" or character in "“”‘’–—…«»©®°§№")
    bad = len(_UNLIKELY.findall(joined)) * 2.0
    return (good - bad) / len(foreign)


def _best_guess(data: bytes, declared: str | None, *, native: bool) -> Decoded | None:
    names: list[str] = [declared] if declared else []
    if native:
        guess = known_encoding(cchardet.detect(data[:_SAMPLE]).get("encoding"))
        names += [guess] if guess else []
    scored: list[tuple[float, str, str]] = []
    for rank, name in enumerate(dict.fromkeys([*names, *_CANDIDATES])):
        text = _strictly(data, name)
        if text is not None:
            scored.append((plausibility(text) + (0.1 if name in names else 0) - rank * 0.001, name, text))
    if not scored:
        return None
    score, name, text = max(scored)
    return Decoded(text, name) if score > 0 else None


def _utf16(data: bytes) -> Decoded | None:
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    order: Iterable[str] = ("utf-16-le", "utf-16-be") if odd >= even else ("utf-16-be", "utf-16-le")
    if max(even, odd) / half < 0.02:
        return None
    for name in order:
        text = _strictly(data[: len(data) // 2 * 2], name)
        if text is not None and plausibility(text) > 0.3:
            return Decoded(text, name)
    return None


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _with(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd") - (data.count("\ufffd".encode()) if encoding == "utf-8" else 0))
