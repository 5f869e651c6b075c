"""What stands on an OFD page (GB/T 33190-2016, 7.7 and clause 8 to 13): texts, paths and pictures, each with its place.

Layers come in the order in which they are drawn; composite objects are opened, a unit that holds itself only once.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unburnt.read.formats.office.office_xml import Element, attribute, child, children, is_true, local, text_of
from unburnt.read.formats.pages.ofd_geometry import PLAIN, Box, Matrix, joined, matrix, moved, numbers
from unburnt.read.formats.pages.ofd_package import Document, OfdPackage, Page, add_resources, page_area

MOST_OBJECTS = 100_000
"""On one page, annotations included; the rest is left out, and the reading says so."""
DEEPEST = 16
"""Composite objects and blocks within each other."""
_LAYERS = {"Background": 0, "Body": 1, "Custom": 1, "Foreground": 2}


class Placed(msgspec.Struct, frozen=True):
    """An object: *kind* ``text path picture``; *place* leads from its own space to the page, in millimetres."""

    kind: str
    element: Element
    place: Matrix
    size: tuple[float, float]
    """Of its boundary."""
    pen: Element | None = None
    """The drawing parameter that holds for it."""
    shown: bool = True


class Opened:
    """A page's own XML with its area, and how many objects could not be taken."""

    def __init__(self, ofd: OfdPackage, document: Document, page: Page) -> None:
        self._ofd, self._document = ofd, document
        self.root = ofd.load(page.file)
        self.area = document.area
        self.left_out = 0
        self._steps = 0
        self.missing_templates = 0
        if self.root is not None:
            self.area = page_area(child(self.root, "Area")) or document.area
            for element in children(self.root, "PageRes"):
                add_resources(ofd, ofd.resolve(page.file, text_of(element)), document.resources)

    def objects(self) -> Iterator[Placed]:
        """Everything on the page with its templates, in the order in which it is drawn."""
        if self.root is None:
            return
        for root in self._drawn():
            for layer in _layers(root):
                pen = self._document.resources.pens.get(attribute(layer, "DrawParam") or "")
                yield from self._inside(layer, PLAIN, pen, (), 0)

    def of_annotation(self, appearance: Element) -> Iterator[Placed]:
        """What an annotation draws; its appearance has a boundary of its own (15.2)."""
        found = numbers(attribute(appearance, "Boundary"), 4)
        place = moved(found[0], found[1]) if len(found) == 4 else PLAIN
        yield from self._inside(appearance, place, None, (), 0)

    def _drawn(self) -> list[Element]:
        """Templates behind, the page itself, templates before it. A template has none of its own: no circle is followed."""
        assert self.root is not None
        behind: list[Element] = []
        before: list[Element] = []
        for element in children(self.root, "Template"):
            template = self._document.templates.get(attribute(element, "TemplateID") or "")
            root = self._ofd.load(template.file) if template is not None and len(behind) + len(before) < DEEPEST else None
            if template is None or root is None:
                self.missing_templates += 1
                continue
            order = attribute(element, "ZOrder") or template.order
            (before if order == "Foreground" else behind).append(root)
        return [*behind, self.root, *before]

    def _inside(
        self, element: Element, place: Matrix, pen: Element | None, open_units: tuple[str, ...], depth: int
    ) -> Iterator[Placed]:
        if depth > DEEPEST:
            self.left_out += 1
            return
        for inner in element:
            name = local(inner)
            # Units that hold each other many times over cost steps even where they draw nothing.
            self._steps += 1
            if self._steps > MOST_OBJECTS:
                self.left_out = max(1, self.left_out)
                return
            if name in ("PageBlock", "Content"):
                yield from self._inside(inner, place, pen, open_units, depth + 1)
            elif name == "CompositeObject":
                yield from self._composite(inner, place, open_units, depth)
            elif name in ("TextObject", "PathObject", "ImageObject"):
                own = self._document.resources.pens.get(attribute(inner, "DrawParam") or "")
                bounds = _bounds(inner)
                yield Placed(
                    _KINDS[name], inner, _own_place(inner, bounds, place), (bounds.width, bounds.height),
                    pen if own is None else own, is_true(attribute(inner, "Visible"), default=True),
                )  # fmt: skip

    def _composite(self, element: Element, place: Matrix, open_units: tuple[str, ...], depth: int) -> Iterator[Placed]:
        identity = attribute(element, "ResourceID") or ""
        unit = self._document.resources.graphics.get(identity)
        if unit is None or identity in open_units:
            self.left_out += 1
            return
        inside = _own_place(element, _bounds(element), place)
        yield from self._inside(unit, inside, None, (*open_units, identity), depth + 1)


_KINDS = {"TextObject": "text", "PathObject": "path", "ImageObject": "picture"}


def _layers(root: Element) -> list[Element]:
    content = child(root, "Content")
    layers = list(children(content, "Layer")) if content is not None else []
    return sorted(layers, key=lambda layer: _LAYERS.get(attribute(layer, "Type") or "Body", 1))


def _bounds(element: Element) -> Box:
    found = numbers(attribute(element, "Boundary"), 4)
    return Box(*found) if len(found) == 4 else Box(0.0, 0.0, 0.0, 0.0)


def _own_place(element: Element, bounds: Box, place: Matrix) -> Matrix:
    return joined(joined(matrix(attribute(element, "CTM")), moved(bounds.left, bounds.top)), place)
