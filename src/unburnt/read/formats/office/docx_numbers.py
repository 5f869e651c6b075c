"""The numbers that Word puts before paragraphs of lists and headings (ECMA-376 part 1, 17.9): 第一条, 1.2., (a).

They stand nowhere in the text: each is worked out from the paragraphs before it. A clause that somebody cites is found by them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from unburnt.read.formats.office.docx_numerals import numeral
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    is_true,
    number,
    parse_bytes,
    parse_part,
)
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import Relation, targets

MOST_NUMBERED = 50_000
_WORDS = 80
"""Characters of a paragraph that stand behind its number."""
_LEVELS, _LONGEST, _DEEPEST = 9, 200, 20
_STYLES_BYTES = 32 << 20


@dataclass(frozen=True)
class _Level:
    """How one level of a list is counted and written."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    """0 where nothing begins it anew, else the level (from 1) that does; None for any above it."""
    is_plain: bool = False
    """Whether all numbers in it are written in digits (``isLgl``)."""
    style: str = ""


@dataclass
class _List:
    """One way of counting, and how far it has come."""

    levels: dict[int, _Level]
    counts: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


@dataclass
class _Use:
    """A list as paragraphs name it (``num``), with what it does otherwise."""

    list_: _List
    levels: dict[int, _Level]
    starts: dict[int, int]
    """Levels that begin anew where they are first used."""


class Numbering:
    """Numbers one paragraph after another; to be asked in the order of the document."""

    def __init__(self, package: Package, relations: dict[str, Relation]) -> None:
        self._package = package
        self._relations = relations
        self._uses: dict[str, _Use] | None = None
        self._styles: dict[str, tuple[str, int]] | None = None
        self.lines: list[str] = []
        """A line for each numbered paragraph: its number and how it begins."""

    def take(self, paragraph: Element) -> None:
        """Count a paragraph, and keep its number with how it begins."""
        label = self._label(child(paragraph, "pPr"))
        if label and len(self.lines) < MOST_NUMBERED:
            words = " ".join("".join(one.text or "" for one in islice(descendants(paragraph, "t"), _WORDS)).split())
            self.lines.append(f"{label} {words[:_WORDS]}".rstrip())

    def _label(self, properties: Element | None) -> str:
        if properties is None:
            return ""
        own, style = child(properties, "numPr"), child(properties, "pStyle")
        name = (attribute(style, "val") or "") if style is not None else ""
        if own is None and not name:
            return ""
        use, level = self._of_style(name)
        if own is not None:
            stated, depth = child(own, "numId"), child(own, "ilvl")
            use = attribute(stated, "val") or "" if stated is not None else use
            level = number(attribute(depth, "val")) if depth is not None else level if stated is None else 0
        return self._next(use, level) if use and use != "0" else ""


    def _next(self, name: str, level: int) -> str:
        if self._uses is None:
            self._uses = _uses(self._package, self._relations)
        use = self._uses.get(name)
        if use is None or not 0 <= level < _LEVELS:
            return ""
        counts, levels = use.list_.counts, use.levels
        about = levels.get(level, _Level())
        count, start = counts[level], use.starts.pop(level, None)
        counts[level] = start if start is not None else about.start if count is None else count + 1
        for above in range(level):
            if counts[above] is None:
                counts[above] = levels.get(above, _Level()).start
        for below in range(level + 1, _LEVELS):
            restart = levels.get(below, _Level()).restart
            if restart is None or restart > 0 and level < restart:
                counts[below] = None
        return _written(about, levels, counts)

    def _of_style(self, name: str) -> tuple[str, int]:
        """The list and level that a style names, itself or by what it is based on."""
        if self._styles is None:
            self._styles = _styles(self._package, self._relations)
        use, level = self._styles.get(name, ("", 0)) if name else ("", 0)
        if use:
            if self._uses is None:
                self._uses = _uses(self._package, self._relations)
            found = self._uses.get(use)
            level = next((place for place, one in found.levels.items() if one.style == name), level) if found is not None else level
        return use, level


def _written(about: _Level, levels: dict[int, _Level], counts: list[int | None]) -> str:
    """The number as it is shown; empty for a bullet."""
    if about.form == "bullet":
        return ""
    shown = about.text
    for place in range(_LEVELS):
        sign = f"%{place + 1}"
        if sign in shown:
            form = levels.get(place, _Level()).form
            if about.is_plain and form != "none":
                form = "decimal"
            shown = shown.replace(sign, numeral(counts[place] or 0, form))
    return " ".join(shown.split())[:_LONGEST]


def _uses(package: Package, relations: dict[str, Relation]) -> dict[str, _Use]:
    found: dict[str, _Use] = {}
    for name in targets(relations, "numbering")[:1]:
        root = parse_part(package, name).root
        if root is None:
            continue
        lists = {attribute(one, "abstractNumId") or "": _List(_levels(one)) for one in children(root, "abstractNum")}
        for one in children(root, "num"):
            reference = child(one, "abstractNumId")
            list_ = lists.get((attribute(reference, "val") or "") if reference is not None else "")
            if list_ is None:
                continue
            levels, starts = dict[int, _Level](), dict[int, int]()
            for over in children(one, "lvlOverride"):
                place, start = number(attribute(over, "ilvl")), child(over, "startOverride")
                levels |= _levels(over)
                if start is not None and 0 <= place < _LEVELS:
                    starts[place] = number(attribute(start, "val"))
            # A file may use one list thousands of times: what none of them changes is held once.
            found[attribute(one, "numId") or ""] = _Use(list_, list_.levels | levels if levels else list_.levels, starts)
    return found


def _levels(holder: Element) -> dict[int, _Level]:
    places = ((number(attribute(one, "ilvl")), one) for one in children(holder, "lvl"))
    return {place: _level(one) for place, one in places if 0 <= place < _LEVELS}


def _level(element: Element) -> _Level:
    said = {name: attribute(one, "val") for name in ("start", "numFmt", "lvlText", "lvlRestart", "isLgl", "pStyle")
            if (one := child(element, name)) is not None}  # fmt: skip
    restart = said.get("lvlRestart")
    return _Level(
        number(said.get("start")), said.get("numFmt") or "decimal", (said.get("lvlText") or "")[:_LONGEST],
        None if restart is None else number(restart), "isLgl" in said and is_true(said["isLgl"], default=True), said.get("pStyle") or "",
    )  # fmt: skip


def _styles(package: Package, relations: dict[str, Relation]) -> dict[str, tuple[str, int]]:
    """The lists that styles of paragraphs name, with their levels; the part is parsed only where one does."""
    for name in targets(relations, "styles")[:1]:
        raw = package.read(name, _STYLES_BYTES) if package.has(name) else b""
        root = parse_bytes(raw).root if b"numPr" in raw else None
        if root is None:
            continue
        own: dict[str, tuple[str | None, int | None, str]] = {}
        for style in children(root, "style"):
            stated, level, base = child(style, "pPr", "numPr", "numId"), child(style, "pPr", "numPr", "ilvl"), child(style, "basedOn")
            own[attribute(style, "styleId") or ""] = (
                attribute(stated, "val") if stated is not None else None, number(attribute(level, "val")) if level is not None else None,
                (attribute(base, "val") or "") if base is not None else "",
            )  # fmt: skip
        return {name: found for name in own if (found := _inherited(name, own))[0]}
    return {}


def _inherited(name: str, own: dict[str, tuple[str | None, int | None, str]]) -> tuple[str, int]:
    depth: int | None = None
    for _ in range(_DEEPEST):
        use, level, base = own.get(name, (None, None, ""))
        depth = level if depth is None else depth
        if use is not None:
            return use, depth or 0
        name = base
    return "", 0
