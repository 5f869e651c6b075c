"""Which engine reads a page: tesseract in all languages looks first, the Chinese engine where it sees Chinese."""

from __future__ import annotations

import contextlib

import msgspec

from unburnt.base.errors import BadAnswer
from unburnt.read.ocr import chinese as chinese_engine
from unburnt.read.ocr import tesseract as tesseract_engine
from unburnt.read.ocr.chinese import ChineseEngine
from unburnt.read.ocr.general import POOR, GeneralReader
from unburnt.read.ocr.merge import merged
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.prepare import Prepared, Preparer
from unburnt.read.ocr.recognised import (
    Recognised,
    RecognisedLine,
    RecognitionFailed,
    confidence,
    han_share,
    trusted,
)
from unburnt.read.ocr.table_rows import in_rows
from unburnt.read.ocr.tesseract import Tesseract

_CHINESE_SHARE = 0.1
_DOUBTFUL = 0.75


class Recogniser:
    """Reads pictures with the engines there are; at least one must be given. Any number of threads may use one.

    Without a *preparer* pictures are read as they are, and pages that lie on their side are not turned.
    """

    def __init__(
        self, tesseract: Tesseract | None, chinese: ChineseEngine | None, preparer: Preparer | None = None,
        *, can_find_rotation: bool,
    ) -> None:
        self._general = None
        if tesseract is not None:
            turner = preparer if can_find_rotation else None
            self._general = GeneralReader(tesseract, turner, is_chinese_read_elsewhere=chinese is not None)
        self._chinese = chinese
        self._preparer = preparer

    def recognise(self, picture: Picture) -> Recognised:
        """The text of one picture, possibly none; raises :class:`RecognitionFailed` when no engine could finish."""
        failures: list[RecognitionFailed] = []
        page = Prepared(picture, picture)
        if self._preparer is not None:
            with contextlib.suppress(BadAnswer):
                page = self._preparer.prepare(picture)
        general: tuple[RecognisedLine, ...] = ()
        if self._general is not None:
            try:
                page, general = self._general.read(page)
            except (RecognitionFailed, BadAnswer) as error:
                failures.append(_as_failure(error))
        chinese: tuple[RecognisedLine, ...] = ()
        if self._chinese is not None and (
            han_share(general) >= _CHINESE_SHARE or confidence(general) < POOR
        ):
            try:
                chinese = self._chinese.recognise(page.picture)
            except (RecognitionFailed, BadAnswer) as error:
                failures.append(_as_failure(error))
        # Without Chinese in it, the Chinese engine's word counts only where tesseract has none.
        if han_share(chinese) < _CHINESE_SHARE and trusted(general):
            chinese = ()
        lines = trusted(merged(general, chinese))
        if failures and not lines:
            raise failures[0]
        engines = _engines(lines, chinese)
        placed = tuple(
            msgspec.structs.replace(line, rectangle=page.on_page(line.rectangle)) for line in in_rows(lines, page.rows)
        )
        return Recognised(placed, engines, _doubt(lines, failures), page.turn, page.skew)

    def close(self) -> None:
        """End the engines."""
        if self._chinese is not None:
            self._chinese.close()


def _as_failure(error: RecognitionFailed | BadAnswer) -> RecognitionFailed:
    return error if isinstance(error, RecognitionFailed) else RecognitionFailed(error.message)


def _engines(lines: tuple[RecognisedLine, ...], chinese: tuple[RecognisedLine, ...]) -> tuple[str, ...]:
    from_chinese = {id(line) for line in chinese}
    used = {
        chinese_engine.NAME if id(line) in from_chinese else tesseract_engine.NAME for line in lines
    }
    return tuple(sorted(used))


def _doubt(lines: tuple[RecognisedLine, ...], failures: list[RecognitionFailed]) -> str:
    if failures:
        return failures[0].message
    if lines and confidence(lines) < _DOUBTFUL:
        return f"The recogniser was only {confidence(lines):.0%} sure of the text."
    return ""
