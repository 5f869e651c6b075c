"""A picture of an OFD page, simplified: text with a font of this machine, paths and pictures where they belong.

Glyphs of embedded fonts, shadings, patterns, clipping and transparency are left out; the reading's note says so.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
from PIL import Image, ImageDraw, ImageFont

from unburnt.read.errors import GivenUp
from unburnt.read.formats.office.office_xml import Element, attribute, child, is_true, text_of
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.pages import images_open
from unburnt.read.formats.pages.ofd_beside import annotations_of
from unburnt.read.formats.pages.ofd_geometry import POINTS, Matrix, joined, number, numbers, placed
from unburnt.read.formats.pages.ofd_objects import Opened, Placed
from unburnt.read.formats.pages.ofd_package import Document, OfdPackage, documents_of
from unburnt.read.formats.pages.ofd_path import lines_of
from unburnt.read.formats.pages.ofd_text import Run, runs_of

Colour = tuple[int, int, int]
_BLACK: Colour = (0, 0, 0)
_PICTURE_BYTES = 64 << 20
_MOST_PICTURE_PIXELS = 60_000_000
_MOST_SIGNS = 100_000
_MOST_PICTURES = 500
_SIZES = (12, 16, 24, 32, 48, 72, 108, 162, 243)
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)  # fmt: skip
_ARABIC_FONTS = (
    "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)  # fmt: skip
_SIMPLIFIED_CHINESE = 2
"""Which of the collection's faces: the first one draws Han characters as in Japan."""
_loaded: dict[str, dict[int, ImageFont.FreeTypeFont]] = {}


def warm() -> None:
    """Open the fonts, which a locked child could not; FreeType maps them and reads what it draws."""
    for script, paths in (("", _FONTS), ("Arab", _ARABIC_FONTS)):
        path = next((one for one in paths if Path(one).is_file()), None)
        if path is not None:
            face = _SIMPLIFIED_CHINESE if path.endswith("NotoSansCJK-Regular.ttc") else 0
            _loaded[script] = {size: ImageFont.truetype(path, size, face, layout_engine=_LAYOUT[script]) for size in _SIZES}
    if "" not in _loaded:
        _loaded[""] = {size: found for size in _SIZES if isinstance(found := ImageFont.load_default(size), ImageFont.FreeTypeFont)}
    for fonts in _loaded.values():
        fonts[_SIZES[0]].getmask("بa永")


_LAYOUT = {"": ImageFont.Layout.BASIC, "Arab": ImageFont.Layout.RAQM}


class Sheet(msgspec.Struct, frozen=True):
    """A page with what it needs to be drawn."""

    opened: Opened
    document: Document
    ofd: OfdPackage
    appearances: tuple[Element, ...] = ()
    """What annotations draw."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.opened.area.width * POINTS, self.opened.area.height * POINTS


def open_page(untrusted_file: BinaryIO, page: int) -> Sheet | None:
    """Page *page*, counted from 0 through all documents; None where there is none. Raises :class:`GivenUp`."""
    package, _ = open_or_recover(untrusted_file)
    ofd = OfdPackage(package)
    for document in documents_of(ofd):
        if page < len(document.pages):
            wanted = document.pages[page]
            drawn = [one.appearance for one in annotations_of(ofd, document) if one.page == wanted.id and one.shown]
            return Sheet(Opened(ofd, document, wanted), document, ofd, tuple(one for one in drawn if one is not None))
        page -= len(document.pages)
    return None


class Canvas:
    """A page under the pencil; *scale* is pixels a point."""

    def __init__(self, sheet: Sheet, scale: float) -> None:
        self._document, self._ofd = sheet.document, sheet.ofd
        self._objects = chain(sheet.opened.objects(), *map(sheet.opened.of_annotation, sheet.appearances))
        area, scale = sheet.opened.area, scale * POINTS
        size = (max(1, round(area.width * scale)), max(1, round(area.height * scale)))
        self.image = Image.new("RGB", size, "white")
        self._pencil = ImageDraw.Draw(self.image)
        self._view: Matrix = (scale, 0.0, 0.0, scale, -area.left * scale, -area.top * scale)
        self._signs = 0
        self._pictures = 0

    def draw(self) -> None:
        """Draw everything that is shown."""
        for one in self._objects:
            if not one.shown:
                continue
            if one.kind == "text":
                for run in runs_of([one]):
                    self._run(run, _colour(one, "FillColor") or _BLACK)
            elif one.kind == "path":
                self._path(one)
            else:
                self._picture(one)

    def _run(self, run: Run, colour: Colour) -> None:
        place = joined(run.place, self._view)
        tall = run.size * math.hypot(place[2], place[3])
        if not 1 <= tall <= 4096:
            return
        for text, at in _pieces(run):
            self._signs += 1
            if self._signs > _MOST_SIGNS:
                return
            self._glyph(text, at, run, place, tall, colour)

    def _glyph(self, text: str, at: tuple[float, float], run: Run, place: Matrix, tall: float, colour: Colour) -> None:
        """Draw signs at a size near the wanted one and bring them where they belong, turned as the page turns them."""
        fonts = _loaded.get("Arab" if _is_arabic(text) else "") or _loaded.get("") or {}
        size = next((one for one in fonts if one >= tall), max(fonts, default=0))
        if not size:
            return
        font = fonts[size]
        left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font, anchor="ls")
        unit = run.size / size
        own: Matrix = (unit * run.scale, 0.0, 0.0, unit, left * unit * run.scale + at[0], top * unit + at[1])
        self._lay(mask, joined(own, place), colour)

    def _lay(self, picture: Image.Image, place: Matrix, colour: Colour | None) -> None:
        """Lay a mask (with *colour*) or a picture on the page; *place* leads from its pixels to the page's."""
        corners = [placed(point, place) for point in ((0, 0), (picture.width, 0), (0, picture.height), (picture.width, picture.height))]
        if not all(abs(edge) < 1e7 for corner in corners for edge in corner):
            return
        left, top = max(0, math.floor(min(x for x, _ in corners))), max(0, math.floor(min(y for _, y in corners)))
        right = min(self.image.width, math.ceil(max(x for x, _ in corners)))
        bottom = min(self.image.height, math.ceil(max(y for _, y in corners)))
        back = _inverse(joined(place, (1.0, 0.0, 0.0, 1.0, -left, -top)))
        if right <= left or bottom <= top or back is None:
            return
        size, order = (right - left, bottom - top), (back[0], back[2], back[4], back[1], back[3], back[5])
        if colour is not None:
            mask = picture.transform(size, Image.Transform.AFFINE, order, Image.Resampling.BILINEAR)
            self.image.paste(colour, (left, top), mask)
            return
        cover = Image.new("L", picture.size, 255) if picture.mode != "RGBA" else picture.getchannel("A")
        mask = cover.transform(size, Image.Transform.AFFINE, order, Image.Resampling.BILINEAR)
        shown = picture.convert("RGB").transform(size, Image.Transform.AFFINE, order, Image.Resampling.BILINEAR)
        self.image.paste(shown, (left, top), mask)

    def _path(self, one: Placed) -> None:
        place = joined(one.place, self._view)
        data = text_of(child(one.element, "AbbreviatedData"))
        fill = _colour(one, "FillColor") if is_true(attribute(one.element, "Fill")) else None
        stroke = (_colour(one, "StrokeColor") or _BLACK) if is_true(attribute(one.element, "Stroke"), default=True) else None
        wide = number(attribute(one.element, "LineWidth")) or _pen_width(one.pen)
        pixels = max(1, min(2000, round(wide * math.hypot(place[0], place[1]))))
        for line in lines_of(data):
            points = [placed(point, place) for point in line]
            if len(points) < 2 or not all(abs(edge) < 1e6 for point in points for edge in point):
                continue
            if fill is not None and len(points) > 2:
                self._pencil.polygon(points, fill=fill)
            if stroke is not None:
                self._pencil.line(points, fill=stroke, width=pixels, joint="curve")

    def _picture(self, one: Placed) -> None:
        name = self._document.resources.media.get(attribute(one.element, "ResourceID") or "")
        self._pictures += 1
        if name is None or not self._ofd.package.has(name) or self._pictures > _MOST_PICTURES:
            return
        try:
            with images_open.quiet():
                picture = images_open.open_picture(io.BytesIO(self._ofd.package.read(name, _PICTURE_BYTES)))
                images_open.check_pixels(picture, _MOST_PICTURE_PIXELS)
                picture.load()
        except (GivenUp, EOFError, OSError, ValueError, SyntaxError):
            return
        shown = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
        # A picture fills the square from (0, 0) to (1, 1) of its own space (clause 10).
        unit: Matrix = (1 / shown.width, 0.0, 0.0, 1 / shown.height, 0.0, 0.0)
        self._lay(shown, joined(joined(unit, one.place), self._view), None)


def _pieces(run: Run) -> Iterator[tuple[str, tuple[float, float]]]:
    """Signs with their places: one by one, but letters of Arabic script together, for they must join."""
    if _is_arabic(run.text):
        yield run.text, min(run.places)
        return
    for sign, at in zip(run.text, run.places, strict=False):
        if not sign.isspace():
            yield sign, at


def _is_arabic(text: str) -> bool:
    return any("\u0600" <= sign <= "\u06ff" or "\ufb50" <= sign <= "\ufdff" or "\ufe70" <= sign <= "\ufefc" for sign in text)


def _colour(one: Placed, name: str) -> Colour | None:
    """A colour by its components, of the object or of its pen; None where there is none (black is what is meant)."""
    for element in (one.element, one.pen):
        stated = child(element, name) if element is not None else None
        if stated is not None:
            return _by_components(stated)
    return None


def _by_components(element: Element) -> Colour:
    values = [max(0, min(255, round(value))) for value in numbers(attribute(element, "Value"), 4)]
    match values:
        case [gray]:
            return gray, gray, gray
        case [red, green, blue]:
            return red, green, blue
        case [cyan, magenta, yellow, key]:
            return tuple(round((255 - ink) * (255 - key) / 255) for ink in (cyan, magenta, yellow))  # type: ignore[return-value]
    return _BLACK


def _pen_width(pen: Element | None) -> float:
    found = number(attribute(pen, "LineWidth")) if pen is not None else None
    return 0.353 if found is None else found


def _inverse(place: Matrix) -> Matrix | None:
    a, b, c, d, e, f = place
    size = a * d - b * c
    if not math.isfinite(size) or abs(size) < 1e-12:
        return None
    return d / size, -b / size, -c / size, a / size, (c * f - d * e) / size, (b * e - a * f) / size
