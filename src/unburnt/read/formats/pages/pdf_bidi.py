"""The logical order of a printed right-to-left line, from where its signs stand.

pdfium keeps words in order but sets signs beside numbers where they stand on paper: ``2017-`` becomes ``-2017``. This
goes the Unicode bidirectional algorithm (UAX #9, rules W2 to N1) backwards over whole words and numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[float, float]
"""Left and right of a sign on the page."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LETTER = re.compile(r"[^\W\d_]")
_BRACKETS = ("()", "[]", "{}", "«»", "‹›", "<>")
_MIRRORED = {pair[side]: pair[1 - side] for pair in _BRACKETS for side in (0, 1)}
_KINDS = {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N"}
_KEPT_WHOLE = ("R", "L", "N")
_ALEF_LAM = re.compile("[\u0622\u0623\u0625\u0627]\u0644")


@dataclass
class _Atom:
    """A word, a number, or one other sign: what keeps its order."""

    kind: str
    bidirectional: str
    first: int
    end: int
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def is_right_to_left(text: str) -> bool:
    """Whether more than a third of the letters are Arabic, Hebrew or their kin."""
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return False
    letters = len(_LETTER.findall(text))
    return letters > 0 and len(_RIGHT_TO_LEFT.findall(text)) * 3 > letters


def logical_line(text: str, places: Sequence[Place]) -> str:
    """*text*, one place for each of its signs, in the order in which people read it; as many signs as before.

    A line without right-to-left letters, with nothing but them, or that does not run across keeps its order but for
    ligatures.
    """
    text = _lam_before_alef(text, places)
    atoms = _atoms(text, places)
    kinds = {atom.kind for atom in atoms}
    if "R" not in kinds or len(kinds) < 2 or all(atom.kind == "R" or atom.bidirectional == "WS" for atom in atoms):
        return text
    widths = sum(right - left for left, right in places)
    if max(right for _, right in places) - min(left for left, _ in places) < widths / 2:
        return text
    printed = sorted(atoms, key=lambda atom: atom.middle)
    ordered = _read_leftwards(printed)
    return _brackets_facing("".join(text[atom.first : atom.end] for atom in ordered))


def _lam_before_alef(text: str, places: Sequence[Place]) -> str:
    """Turn round an alef and a lam that stand in one place: the ligature that fonts draw for them is always lam, alef.

    pdfium turns printed letters round one by one, those that one glyph stands for too.
    """
    if not _ALEF_LAM.search(text):
        return text
    signs = list(text)
    for found in _ALEF_LAM.finditer(text):
        at = found.start()
        if places[at] == places[at + 1]:
            signs[at], signs[at + 1] = signs[at + 1], signs[at]
    return "".join(signs)


def _atoms(text: str, places: Sequence[Place]) -> list[_Atom]:
    atoms: list[_Atom] = []
    for index, (sign, (left, right)) in enumerate(zip(text, places, strict=True)):
        direction = unicodedata.bidirectional(sign)
        kind = _KINDS.get(direction, "")
        last = atoms[-1] if atoms else None
        if last and (direction in ("NSM", "BN") or (kind in _KEPT_WHOLE and kind == last.kind)):
            last.end = index + 1
            if kind:
                last.left, last.right = min(last.left, left), max(last.right, right)
        else:
            atoms.append(_Atom(kind, direction, index, index + 1, left, right))
    for atom in atoms:
        # pdfium spells the one sign № with two letters in one place.
        if text[atom.first : atom.end] == "No" and places[atom.first] == places[atom.end - 1]:
            atom.kind, atom.bidirectional = "", "ET"
    return atoms


def _read_leftwards(printed: list[_Atom]) -> list[_Atom]:
    """The atoms from the right end of the line to its left end, with numbers and foreign words read rightwards."""
    ordered: list[_Atom] = []
    before, at = "R", len(printed)
    while at:
        last = at - 1
        if printed[last].kind in ("L", "N"):
            at = _start_of_run(printed, last, before)
            ordered += printed[at : last + 1]
            before = "L" if any(atom.kind == "L" for atom in printed[at : last + 1]) else before
        else:
            at = last
            ordered.append(printed[last])
            before = printed[last].bidirectional if printed[last].kind == "R" else before
        # Signs of currency and percent belong to a number, unless Arabic letters stand before it (W2, W5).
        if before != "AL" and at and ordered[-1].kind == "N" and printed[at - 1].bidirectional == "ET":
            at -= 1
            ordered.insert(len(ordered) - (last - at), printed[at])
    return ordered


def _start_of_run(printed: list[_Atom], last: int, before: str) -> int:
    """Where the left-to-right run that ends at *last* begins."""
    start = last
    while start and printed[start - 1].kind != "R":
        start -= 1
    stretch = range(start, last + 1)
    if any(printed[index].kind == "L" for index in stretch):
        return next(index for index in stretch if printed[index].kind in ("L", "N"))
    joining = ("CS",) if before == "AL" else ("CS", "ES")
    start = last
    while start > 1 and printed[start - 1].bidirectional in joining and printed[start - 2].kind == "N":
        start -= 2
    return start


def _brackets_facing(ordered: str) -> str:
    """Turn the brackets round where they open to the wrong side: they are printed mirrored, some engines tell that shape."""
    if not any(sign in _MIRRORED for sign in ordered) or _is_balanced(ordered):
        return ordered
    turned = "".join(_MIRRORED.get(sign, sign) for sign in ordered)
    if _is_balanced(turned):
        return turned
    return _paired(ordered)


def _is_balanced(text: str) -> bool:
    waiting: list[str] = []
    for sign in text:
        if sign in _MIRRORED:
            if any(sign == pair[0] for pair in _BRACKETS):
                waiting.append(_MIRRORED[sign])
            elif not waiting or waiting.pop() != sign:
                return False
    return not waiting


def _paired(text: str) -> str:
    """Let the first of every two brackets of a kind open and the second close, where there is an even number of them."""
    signs = list(text)
    for pair in _BRACKETS:
        places = [index for index, sign in enumerate(signs) if sign in pair]
        if len(places) % 2 == 0:
            for number, index in enumerate(places):
                signs[index] = pair[number % 2]
    return "".join(signs)
