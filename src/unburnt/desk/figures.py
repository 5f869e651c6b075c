"""Numbers, sizes and small bar charts, written for the eye."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SEPARATORS = {"en": ",", "zh-Hans": ",", "ru": "\u00a0", "ug": ","}


def number(value: int, language: str) -> str:
    """A whole number with its thousands apart, as the language writes them."""
    return f"{value:,}".replace(",", _SEPARATORS.get(language, ","))


def size(value: int | None) -> str:
    """Bytes in the largest unit that leaves a readable number."""
    if value is None:
        return "–"
    amount = float(value)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            shown = f"{value} B" if unit == "B" else f"{amount:.1f} {unit}"
            return f"\u2066{shown}\u2069"  # isolated, or right-to-left text would turn it into "KiB 1.2"
        amount /= 1024
    return f"{value} B"


@dataclass(frozen=True)
class Bar:
    """One row of a chart. *width* is a whole percentage of the largest value, at least 1 where there is any."""

    value: str
    count: int
    width: int


def bars(counts: Iterable[tuple[str, int]], *, most: int = 12) -> list[Bar]:
    """The first *most* rows of a chart."""
    rows = list(counts)[:most]
    largest = max((count for _, count in rows), default=0)
    return [Bar(value, count, max(1, round(100 * count / largest)) if count else 0) for value, count in rows]
