"""What a tagged PDF says of its pictures and signs to those who cannot see them (ISO 32000-1, 14.7.2 and 14.9.3 to 14.9.5)."""

from __future__ import annotations

from typing import Any, Final

import pikepdf

from unburnt.read.formats.pages.pdf_objects import MOST_OBJECTS, TROUBLE, first_time, get, text_of

_TOLD: Final = {"/Alt": 0, "/ActualText": 1, "/E": 1}
_LEAST: Final = 3
"""Shorter replacement texts are hyphens, ligatures and bullets: what the page shows anyway."""


def alternative_texts(pdf: pikepdf.Pdf) -> tuple[dict[str, None], dict[str, None]]:
    """Descriptions of pictures, and texts to be read in place of what is drawn, each once, in the order of the structure."""
    found: tuple[dict[str, None], dict[str, None]] = ({}, {})
    seen: set[tuple[int, int]] = set()
    stack: list[Any] = [get(get(pdf.Root, "/StructTreeRoot"), "/K")]
    visited = 0
    while stack and visited < MOST_OBJECTS:
        node = stack.pop()
        visited += 1
        try:
            if isinstance(node, pikepdf.Array):
                stack += [node[at] for at in range(min(len(node), MOST_OBJECTS) - 1, -1, -1)]
            elif isinstance(node, pikepdf.Dictionary) and first_time(node, seen):
                keys = node.keys()
                for key, place in _TOLD.items():
                    text = " ".join(text_of(node[key]).split()) if key in keys else ""
                    if len(text) >= (_LEAST if place else 1):
                        found[place].setdefault(text)
                if "/K" in keys:
                    stack.append(node["/K"])
        except TROUBLE:
            continue
    return found
