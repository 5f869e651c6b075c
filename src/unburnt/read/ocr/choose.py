"""Which engine reads a page: tesseract in all languages looks first, the Chinese engine where it sees Chinese."""

from __future__ import annotations

import contextlib

from unburnt.base.errors import BadAnswer
from unburnt.read.ocr import chinese as chinese_engine
from unburnt.read.ocr import tesseract as tesseract_engine
from unburnt.read.ocr.chinese import ChineseEngine
from unburnt.read.ocr.merge import merged
from unburnt.read.ocr.narrow import better, narrowed
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.recognised import (
    Recognised,
    RecognisedLine,
    RecognitionFailed,
    confidence,
    han_share,
    trusted,
    worth,
)
from unburnt.read.ocr.tesseract import ANY_WAY_UP, UPRIGHT, Tesseract

POOR = 0.7
"""Upright pages score .78-.97, also noisy ones; pages that lie on their side .4-.55."""
_CHINESE_SHARE = 0.1
_DOUBTFUL = 0.75


class Recogniser:
    """Reads pictures with the engines there are; at least one must be given. Any number of threads may use one."""

    def __init__(
        self, tesseract: Tesseract | None, chinese: ChineseEngine | None, *, can_find_rotation: bool
    ) -> None:
        self._tesseract = tesseract
        self._chinese = chinese
        self._can_find_rotation = can_find_rotation

    def recognise(self, picture: Picture) -> Recognised:
        """The text of one picture, possibly none; raises :class:`RecognitionFailed` when no engine could finish."""
        failures: list[RecognitionFailed] = []
        general = self._general(picture, failures)
        chinese: tuple[RecognisedLine, ...] = ()
        if self._chinese is not None and (
            han_share(general) >= _CHINESE_SHARE or confidence(general) < POOR
        ):
            try:
                chinese = self._chinese.recognise(picture)
            except (RecognitionFailed, BadAnswer) as error:
                failures.append(_as_failure(error))
        # Without Chinese in it, the Chinese engine's word counts only where tesseract has none.
        if han_share(chinese) < _CHINESE_SHARE and trusted(general):
            chinese = ()
        lines = trusted(merged(general, chinese))
        if failures and not lines:
            raise failures[0]
        return Recognised(lines, _engines(lines, chinese), _doubt(lines, failures))

    def close(self) -> None:
        """End the engines."""
        if self._chinese is not None:
            self._chinese.close()

    def _general(self, picture: Picture, failures: list[RecognitionFailed]) -> tuple[RecognisedLine, ...]:
        if self._tesseract is None:
            return ()
        try:
            lines = self._tesseract.recognise(picture)
        except (RecognitionFailed, BadAnswer) as error:
            failures.append(_as_failure(error))
            return ()
        # Whatever fails from here on, there is a first reading.
        with contextlib.suppress(RecognitionFailed, BadAnswer):
            way_up = UPRIGHT
            if confidence(lines) < POOR and self._can_find_rotation:
                turned = self._tesseract.recognise(picture, way_up=ANY_WAY_UP)
                if worth(turned) > worth(lines):
                    lines, way_up = turned, ANY_WAY_UP
            languages = narrowed(
                lines, self._tesseract.languages, is_chinese_read_elsewhere=self._chinese is not None
            )
            if languages:
                lines = better(lines, self._tesseract.recognise(picture, way_up=way_up, languages=languages))
        return lines


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
