"""What a tagged PDF says of its pictures and signs to those who cannot see them (ISO 32000-1, 14.7.2 and 14.9.3 to 14.9.5)."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import pikepdf

from unburnt.read.formats.pages.pdf_objects import MOST_OBJECTS, TROUBLE, first_time, get, text_of

_TOLD: Final = {"/Alt": 0, "/ActualText": 1, "/E": 1}
_LEAST: Final = 3
"""Shorter replacement texts are hyphens, ligatures and bullets: what the page shows anyway."""
_NEAR: Final = 50
"""So many nodes beneath an element are asked for the page of what they mark."""

Texts = dict[int | None, dict[str, None]]
"""By page (from 0, None where none is said), each once on a page, in the order of the structure."""


def alternative_texts(pdf: pikepdf.Pdf, pages: Sequence[Any]) -> tuple[Texts, Texts]:
    """Descriptions of pictures, and texts to be read in place of what is drawn; *pages* in order."""
    found: tuple[Texts, Texts] = (defaultdict(dict), defaultdict(dict))
    places = _Places(pages)
    seen: set[tuple[int, int]] = set()
    # Beside each node the nearest element above that names a page.
    stack: list[tuple[Any, Any]] = [(get(get(pdf.Root, "/StructTreeRoot"), "/K"), None)]
    visited = 0
    while stack and visited < MOST_OBJECTS:
        node, above = stack.pop()
        visited += 1
        try:
            if isinstance(node, pikepdf.Array):
                if first_time(node, seen):
                    stack += [(node[at], above) for at in range(min(len(node), MOST_OBJECTS) - 1, -1, -1)]
            elif isinstance(node, pikepdf.Dictionary) and first_time(node, seen):
                keys = node.keys()
                for key, place in _TOLD.items():
                    text = " ".join(text_of(node[key]).split()) if key in keys else ""
                    if len(text) >= (_LEAST if place else 1):
                        found[place][places.of(node, above)].setdefault(text)
                if "/K" in keys:
                    stack.append((node["/K"], node if "/Pg" in keys else above))
        except TROUBLE:
            continue
    return found


class _Places:
    """Tells which page an element of the structure stands on."""

    def __init__(self, pages: Sequence[Any]) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        for number, page in enumerate(pages):
            self._numbers.setdefault(page.objgen, number)
        self._numbers.pop((0, 0), None)

    def of(self, element: Any, above: Any) -> int | None:
        """The page that the element names, else what it marks, else an element *above* it."""
        own = self._named(element)
        if own is None:
            own = self._beneath(element)
        return own if own is not None else self._named(above)

    def _named(self, node: Any, key: str = "/Pg") -> int | None:
        page = get(node, key)
        return self._numbers.get(page.objgen) if isinstance(page, pikepdf.Dictionary) else None

    def _beneath(self, element: Any) -> int | None:
        """The page of the first marked content, annotation or element beneath that has one."""
        stack = [get(element, "/K")]
        for _ in range(_NEAR):
            if not stack:
                break
            node = stack.pop()
            if isinstance(node, pikepdf.Array):
                with contextlib.suppress(*TROUBLE):
                    stack += [node[at] for at in range(min(len(node), _NEAR) - 1, -1, -1)]
            elif isinstance(node, pikepdf.Dictionary):
                page = self._named(node)
                if page is None:
                    page = self._named(get(node, "/Obj"), "/P")
                if page is not None:
                    return page
                stack.append(get(node, "/K"))
        return None
