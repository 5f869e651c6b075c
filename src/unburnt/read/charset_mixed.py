"""Texts that were put together from several encodings: each line by its own, where no one encoding explains them all.

Logs, lists and exports that grew over years hold lines in UTF-8 beside lines in GBK or windows-1251. Decoded as a
whole one kind becomes signs that nobody ever wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from unburnt.read.charset import Decoded, decode
from unburnt.read.plausible import plausibility

_FOREIGN: Final = re.compile(rb"[\x80-\xff]")
_ONE_FOR_ALL: Final = ("ascii", "utf-8-sig", "utf-16", "utf-32", "hz", "iso2022")
"""Beginnings of the names of encodings that a whole text is in or is not."""
_BETTER: Final = 0.2
"""So much more than in one encoding for all must the lines look like language."""
_SAMPLE: Final = 20_000


def decode_lines(untrusted_data: bytes, hints: Sequence[str] = (), *, native: bool = True) -> tuple[Decoded, str]:
    """The text, and a sentence where its lines are in two encodings; the encoding is then named as ``utf-8, gb18030``."""
    whole = decode(untrusted_data, hints=hints, native=native)
    if whole.encoding.startswith(_ONE_FOR_ALL) or (whole.encoding == "utf-8" and not whole.replaced) or b"\x00" in untrusted_data[:4096]:
        return whole, ""
    lines = untrusted_data.splitlines(keepends=True)
    texts = [_utf8(line) for line in lines]
    ours = [at for at, text in enumerate(texts) if text is not None and not text.isascii()]
    others = [at for at, text in enumerate(texts) if text is None]
    if not ours or not others:
        return whole, ""
    rest = decode(b"".join(lines[at] for at in others), hints=hints, native=native)
    if rest.encoding == "utf-8" or not _is_better(lines, ours, others, whole, rest):
        return whole, ""
    replaced = counted = 0
    for at in others:
        texts[at] = lines[at].decode(rest.encoding, "replace")
        replaced += str(texts[at]).count("\ufffd")
    for at in ours:
        if (other := _rather(lines[at], str(texts[at]), rest.encoding)) is not None:
            texts[at], counted = other, counted + 1
    said = f"{len(ours) - counted} lines are in UTF-8 and {len(others) + counted} in {rest.encoding}: each was decoded by its own."
    return Decoded("".join(map(str, texts)), f"utf-8, {rest.encoding}", replaced), said


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_better(lines: list[bytes], ours: list[int], others: list[int], whole: Decoded, rest: Decoded) -> bool:
    """Whether the lines look more like language each in its own encoding. Some lines of any GBK text are UTF-8 by chance."""
    mine, theirs = _sample(lines, ours), _sample(lines, others)
    split = min(plausibility(mine.decode("utf-8", "ignore")), plausibility(theirs.decode(rest.encoding, "ignore")))
    one = min(plausibility(sample.decode(whole.encoding, "replace")) for sample in (mine, theirs))
    return split > max(0.0, one + _BETTER)


def _sample(lines: list[bytes], chosen: list[int]) -> bytes:
    found, size = [], 0
    for at in chosen:
        found.append(lines[at][:_SAMPLE])
        size += len(found[-1])
        if size > _SAMPLE:
            break
    return b"".join(found)


def _rather(line: bytes, text: str, encoding: str) -> str | None:
    """The line in the other encoding where it looks better so: a word or two of GBK can be valid UTF-8."""
    if len(_FOREIGN.findall(line)) > 12:
        return None
    try:
        other = line.decode(encoding)
    except UnicodeError:
        return None
    return other if plausibility(other) > plausibility(text) + _BETTER else None
