"""Where the words of a drawing (SVG) within a page stand apart: each text by itself, its pieces as they are placed."""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborNode

from unburnt.read.formats.texts.html_spaces import BREAK, LINE_END

_APART: Final = frozenset(("text", "desc"))
_PIECE: Final = "tspan"
DRAWN: Final = frozenset((*_APART, _PIECE))
"""Elements that mean something within a drawing, and nothing outside one."""
_UNMOVED: Final = frozenset(("", "0", "0em", "0px"))
_DEEPEST: Final = 200
"""So many elements above are looked at: drawings are not nested deeper."""


def is_drawn(node: LexborNode) -> bool:
    """Whether an element stands within a drawing."""
    above = node.parent
    for _ in range(_DEEPEST):
        if above is None:
            return False
        if above.tag == "svg":
            return True
        above = above.parent
    return False


def begun(tag: str, node: LexborNode) -> str:
    """What stands before the words of an element of :data:`DRAWN`."""
    if not is_drawn(node):
        return ""
    return BREAK if tag in _APART else _between_pieces(node)


def ended(tag: str, node: LexborNode) -> str:
    """What stands after the words of any element, on account of a drawing."""
    return BREAK if tag in _APART and is_drawn(node) else ""


def _between_pieces(piece: LexborNode) -> str:
    """A line end where a piece is placed lower or higher than the one before, a space where it is only placed.

    Drawing programs place the letters of one word one by one, all at one stated height: those are not torn apart.
    """
    attributes, before = piece.attributes, piece.prev
    while before is not None and before.tag != _PIECE:
        before = before.prev
    if before is None:
        return ""
    height, above = (attributes.get("y") or "").strip(), (before.attributes.get("y") or "").strip()
    if (attributes.get("dy") or "").strip() not in _UNMOVED or (height and height != above):
        return LINE_END
    return " " if attributes.get("x") and not height else ""
