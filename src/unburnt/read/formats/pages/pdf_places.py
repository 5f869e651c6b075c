"""From a PDF page's own coordinates to points from the upper left corner of the page as it is shown."""

from __future__ import annotations

import msgspec

from unburnt.model.reading import Rectangle


class Frame(msgspec.Struct, frozen=True):
    """The visible box of a page in PDF user space (origin lower left), and how far it is turned clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown, in points."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation % 180 else (width, height)

    def shown(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space, in points from the upper left corner as shown."""
        match self.rotation % 360:
            case 90:
                return y - self.bottom, x - self.left
            case 180:
                return self.right - x, y - self.bottom
            case 270:
                return self.top - y, self.right - x
        return x - self.left, self.top - y

    def rectangle(self, left: float, bottom: float, right: float, top: float) -> Rectangle:
        """A rectangle of user space as left, top, right, bottom from the upper left corner, in hundredths of a point."""
        if not self.rotation:
            x, x_end, y, y_end = left - self.left, right - self.left, self.top - bottom, self.top - top
            if x_end < x:
                x, x_end = x_end, x
            if y_end < y:
                y, y_end = y_end, y
            return round(x, 2), round(y, 2), round(x_end, 2), round(y_end, 2)
        first, second = self.shown(left, bottom), self.shown(right, top)
        xs, ys = sorted((first[0], second[0])), sorted((first[1], second[1]))
        return round(xs[0], 2), round(ys[0], 2), round(xs[1], 2), round(ys[1], 2)
