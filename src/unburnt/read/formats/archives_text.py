"""Names and undeclared 8-bit text in mails and archives: which encoding explains the bytes best."""

from __future__ import annotations

from collections.abc import Iterable

CANDIDATES = ("gb18030", "cp866", "cp1251", "koi8-r")
COMMON_CYRILLIC = frozenset("оеаинтсрвлкмдпу")


def guess_encoding(untrusted_samples: Iterable[bytes]) -> str:
    """The one encoding for all samples together (an archive's names are decided as one)."""
    joined = b"\n".join(untrusted_samples)[: 1 << 16]
    if decodes(joined, "utf-8"):
        return "utf-8"
    scores = {name: _score(joined.decode(name, "replace")) for name in CANDIDATES}
    return max(scores, key=lambda name: scores[name])


def decodes(raw: bytes, encoding: str) -> bool:
    """Whether *raw* is wholly valid in *encoding*."""
    try:
        raw.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def decode_text(untrusted_raw: bytes, declared: str | None = None) -> str:
    """Decode by the declared charset where it fits, else by the best guess; never raises."""
    if declared:
        name = "gb18030" if declared.lower() in ("gb2312", "gbk", "x-gbk", "cp936") else declared
        if decodes(untrusted_raw, name):
            return untrusted_raw.decode(name)
    return untrusted_raw.decode(guess_encoding([untrusted_raw]), "replace")


def _score(text: str) -> float:
    """Plausibility: common letters count for, rare signs and impossible places against."""
    score = 0.0
    wide = [character for character in text if ord(character) > 127]
    for character in wide:
        code = ord(character)
        if 0x4E00 <= code <= 0x9FFF:
            # A Han character used up two bytes; level 1 of GB 2312 holds the common ones.
            lead = character.encode("gb18030")[0]
            score += 2.0 if 0xB0 <= lead <= 0xD7 else -0.5
        elif character in COMMON_CYRILLIC:
            score += 1.0
        elif "а" <= character <= "я" or character == "ё":
            score += 0.3
        elif "А" <= character <= "Я":
            score += 0.1
        elif character == "\ufffd":
            score -= 3.0
        else:
            score -= 1.0
    return score / max(1, len(wide))
