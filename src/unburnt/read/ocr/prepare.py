"""A picture made fit for recognition, from the keeper's side: what the sandbox did to it, and the way back to the page."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import msgspec

from unburnt.base.errors import BadAnswer
from unburnt.base.limits import GIB, MIB, Limits
from unburnt.model.reading import Rectangle
from unburnt.read.ocr.picture import Picture, picture_of
from unburnt.read.ocr.table_rows import Rows, rows_of
from unburnt.sandbox.runner import Sandbox

ENTRY = "unburnt.read.ocr.prepare_child:main"
LIMITS = Limits(memory=GIB, cpu_seconds=30.0, wall_seconds=60.0, output=256 * MIB)
"""For one page, which takes a third of a second."""
_HEADER = struct.Struct(">I")
_MOST_SKEW = 45.0
_NOT_AGREED = "The prepared page is not of the agreed form."
_ROOM = 1.6
"""Pixels of a straightened picture by those of the given one: its corners stick out."""


class _Found(msgspec.Struct, frozen=True):
    skew: float
    is_cleaned: bool
    rows: list[tuple[float, float, list[float]]]


_found = msgspec.msgpack.Decoder(_Found)


class Prepared(msgspec.Struct, frozen=True):
    """*picture* is what engines see: *given*, turned clockwise by *turn* (0, 90, 180, 270) and then against the clock
    by *skew* degrees; *rows* are those of ruled tables on it."""

    picture: Picture
    given: Picture
    turn: int = 0
    skew: float = 0.0
    rows: Rows = ()

    def on_page(self, rectangle: Rectangle) -> Rectangle:
        """The rectangle around *rectangle* on the picture as it was given."""
        left, top, right, bottom = rectangle
        corners = [self._back(across, down) for across in (left, right) for down in (top, bottom)]
        xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
        return self.given.clipped((min(xs), min(ys), max(xs), max(ys)))

    def _back(self, across: float, down: float) -> tuple[float, float]:
        width, height = self.given.width, self.given.height
        lies = self.turn in (90, 270)
        turned_width, turned_height = (height, width) if lies else (width, height)
        sine, cosine = math.sin(math.radians(self.skew)), math.cos(math.radians(self.skew))
        x, y = across - self.picture.width / 2, down - self.picture.height / 2
        x, y = x * cosine - y * sine + turned_width / 2, x * sine + y * cosine + turned_height / 2
        if self.turn == 90:
            return y, height - x
        if self.turn == 180:
            return width - x, height - y
        if self.turn == 270:
            return width - y, x
        return x, y


class Preparer:
    """Prepares pictures in what *sandbox* gives, made for :data:`ENTRY`; any number of threads may use one."""

    def __init__(self, sandbox: Callable[[], Sandbox], limits: Limits = LIMITS) -> None:
        self._sandbox = sandbox
        self._limits = limits

    def prepare(self, picture: Picture, turn: int = 0) -> Prepared:
        """*picture* clean and straight; as it is where the sandbox could not do it, unless it must be turned.

        Raises :class:`BadAnswer`.
        """
        pieces: list[bytes] = []
        order = _HEADER.pack(turn) + picture.untrusted_png
        ended = self._sandbox().run(order, [], self._limits, pieces.append)
        if ended.kind == "done":
            return prepared_of(b"".join(pieces), picture, turn)
        if turn:
            raise BadAnswer("The page could not be turned upright.")
        return Prepared(picture, picture)


def prepared_of(untrusted_answer: bytes, picture: Picture, turn: int) -> Prepared:
    """The child's answer, checked; raises :class:`BadAnswer`."""
    try:
        (length,) = _HEADER.unpack_from(untrusted_answer)
        found = _found.decode(untrusted_answer[_HEADER.size : _HEADER.size + length])
    except (struct.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(_NOT_AGREED) from error
    if not abs(found.skew) <= _MOST_SKEW:
        raise BadAnswer(_NOT_AGREED)
    untrusted_png = untrusted_answer[_HEADER.size + length :]
    made = picture
    if untrusted_png:
        most = math.ceil(_ROOM * (picture.width + 2) * (picture.height + 2))
        made = picture_of(untrusted_png, pixels=most, dpi=picture.dpi)
    elif turn or found.skew:
        raise BadAnswer(_NOT_AGREED)
    return Prepared(made, picture, turn, found.skew, rows_of(found.rows, made))
