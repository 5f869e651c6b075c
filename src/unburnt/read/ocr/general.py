"""What tesseract makes of a page, in as many looks as it takes: which way up, which languages, which cells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from unburnt.base.errors import BadAnswer
from unburnt.read.ocr.narrow import better, line_by_line, narrowings, script_of
from unburnt.read.ocr.prepare import Prepared, Preparer
from unburnt.read.ocr.recognised import RecognisedLine, RecognitionFailed, confidence, letters, worth
from unburnt.read.ocr.table_rows import best_cells
from unburnt.read.ocr.tesseract import BLOCK, SPARSE, Tesseract

Lines = tuple[RecognisedLine, ...]
POOR = 0.7
"""Upright pages score .78-.97, also noisy ones; pages that lie on their side .4-.55."""
_NEARLY = 0.9
_LONG = 6
"""Letters; a shorter line may be taller than wide."""


class GeneralReader:
    """Reads prepared pages with *tesseract*; without a *preparer* none is turned."""

    def __init__(self, tesseract: Tesseract, preparer: Preparer | None, *, is_chinese_read_elsewhere: bool) -> None:
        self._tesseract = tesseract
        self._preparer = preparer
        self._is_chinese_read_elsewhere = is_chinese_read_elsewhere

    def read(self, page: Prepared) -> tuple[Prepared, Lines]:
        """The lines, and the page the right way up; raises :class:`RecognitionFailed`, :class:`BadAnswer`."""
        lines = self._tesseract.recognise(page.picture, rows=page.rows)
        # Whatever fails from here on, there is a first reading.
        with contextlib.suppress(RecognitionFailed, BadAnswer):
            if self._preparer is not None and (confidence(lines) < POOR or _stand_upright(lines)):
                page, lines = self._turned(self._preparer, page, lines)
        with contextlib.suppress(RecognitionFailed, BadAnswer):
            lines = self._narrowed(page, lines)
        return page, lines

    def _turned(self, preparer: Preparer, page: Prepared, lines: Lines) -> tuple[Prepared, Lines]:
        """The page the other way up with its lines, where those are better."""
        needed = self._tesseract.turn_needed(page.picture)
        if not needed:
            return page, lines
        upright = preparer.prepare(page.given, needed)
        turned = self._tesseract.recognise(upright.picture, rows=upright.rows)
        is_better = worth(turned) > worth(lines) * (_NEARLY if _stand_upright(lines) else 1.0)
        return (upright, turned) if is_better else (page, lines)

    def _narrowed(self, page: Prepared, lines: Lines) -> Lines:
        """Read again script by script, and where it holds a table, cell by cell."""
        looks = narrowings(
            lines, self._tesseract.languages, is_chinese_read_elsewhere=self._is_chinese_read_elsewhere
        )
        languages = looks[0][1] if len(looks) == 1 else ()
        for script, codes in looks:
            again = self._tesseract.recognise(page.picture, languages=codes, rows=page.rows)
            is_alone = all(script_of(line.text) in ("", script) for line in lines)
            lines = better(lines, again, script) if is_alone else line_by_line(lines, again, script)
        for mode in (SPARSE, BLOCK) if page.rows else ():
            again = self._tesseract.recognise(page.picture, languages=languages, rows=page.rows, mode=mode)
            lines = best_cells(lines, again, page.rows)
        return lines


def _stand_upright(lines: Iterable[RecognisedLine]) -> bool:
    """Whether most of the text runs up or down the page: tesseract reads some such pages without saying that they lie."""
    long = [line for line in lines if letters(line.text) >= _LONG]
    tall = [line for line in long if line.rectangle[3] - line.rectangle[1] > line.rectangle[2] - line.rectangle[0]]
    return len(tall) * 2 > len(long)
