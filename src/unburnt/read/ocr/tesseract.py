"""Tesseract through the sandbox's tool profile: one run per picture, its table read defensively."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

import msgspec

from unburnt.base.errors import BadAnswer
from unburnt.base.limits import MIB, Limits
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Rectangle
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.recognised import RecognisedLine, RecognitionFailed, han
from unburnt.read.ocr.table_rows import Rows, place_in
from unburnt.sandbox.runner import Sandbox

NAME = "tesseract"
LIMITS = Limits(cpu_seconds=60.0, wall_seconds=120.0, output=16 * MIB)
"""For one page, which takes 1-5 s of a processor; its table is some 100 KiB. A busy machine gets twice the time."""
PAGE, BLOCK, SPARSE = "3", "6", "11"
"""Page segmentation modes: columns and paragraphs; one block of lines; words wherever there are any."""
_LOOK_FOR_TURN = "0"
_TURN_NEEDED = re.compile(rb"^Rotate: (0|90|180|270)$", re.MULTILINE)
_COLUMNS = 12
_WORD_LEVEL = "5"
_MOST_WORDS = 100_000
_LONGEST_WORD = 1_000
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Word(msgspec.Struct, frozen=True):
    line: tuple[str, ...]
    text: str
    rectangle: Rectangle
    confidence: float


class Tesseract:
    """Recognises pictures with *languages* (tesseract's codes) whose data stand in *data_folder*.

    Pictures wait for it in nameless files of *tmp*, the archive's own.
    """

    def __init__(
        self, sandbox: Sandbox, languages: Sequence[str], data_folder: str, tmp: Path, limits: Limits = LIMITS
    ) -> None:
        self.languages = tuple(languages)
        self._sandbox = sandbox
        self._data_folder = data_folder
        self._tmp = tmp
        self._limits = limits

    def recognise(
        self, picture: Picture, *, languages: Sequence[str] = (), rows: Rows = (), mode: str = PAGE
    ) -> tuple[RecognisedLine, ...]:
        """The lines in reading order, cut where they pass from cell to cell of *rows*; in *languages*, else in all there are.

        Raises :class:`RecognitionFailed`, :class:`BadAnswer`.
        """
        untrusted_table = self._ran(picture, mode, ["-l", "+".join(languages or self.languages)], ["tsv"])
        return lines_of(untrusted_table, picture, rows)

    def turn_needed(self, picture: Picture) -> int:
        """Degrees (0, 90, 180, 270), clockwise, that make the page upright; raises :class:`RecognitionFailed` if unclear."""
        found = _TURN_NEEDED.search(self._ran(picture, _LOOK_FOR_TURN, [], []))
        if found is None:
            raise RecognitionFailed("Tesseract does not see which way up the page lies.")
        return int(found[1])

    def _ran(self, picture: Picture, mode: str, options: Sequence[str], output: Sequence[str]) -> bytes:
        """What tesseract writes; raises :class:`RecognitionFailed`."""
        resolution = ["--dpi", str(picture.dpi)] if picture.dpi else []
        arguments = [NAME, "stdin", "stdout", "--tessdata-dir", self._data_folder, *options, *resolution, "--psm", mode]
        untrusted_output = bytearray()
        with picture.stored(self._tmp) as descriptor:
            ended = self._sandbox.run_tool(
                [*arguments, *output], descriptor, self._limits, untrusted_output.extend, readable=[self._data_folder]
            )
        if ended.kind == "refused":
            raise RecognitionFailed(f"Tesseract was stopped at the limit on {ended.limit}.", Outcome.REFUSED)
        if ended.kind != "done":
            cause = ended.signal or ended.detail.rstrip(".")
            raise RecognitionFailed(f"Tesseract crashed ({cause}).")
        return bytes(untrusted_output)


def lines_of(untrusted_table: bytes, picture: Picture, rows: Rows = ()) -> tuple[RecognisedLine, ...]:
    """The lines of tesseract's TSV; rows that are no words are passed over. Raises :class:`BadAnswer` beyond bounds."""
    words = _words(untrusted_table.decode("utf-8", "replace"), picture)
    places = groupby(words, key=lambda word: (word.line, place_in(rows, word.rectangle)))
    return tuple(_line(list(group)) for _, group in places)


def _words(untrusted_table: str, picture: Picture) -> Iterator[_Word]:
    count = 0
    for untrusted_row in untrusted_table.split("\n"):
        fields = untrusted_row.split("\t")
        if len(fields) != _COLUMNS or fields[0] != _WORD_LEVEL:
            continue
        text = _DIRECTION_MARKS.sub("", fields[11]).strip()
        if not text:
            continue
        count += 1
        if count > _MOST_WORDS or len(text) > _LONGEST_WORD:
            raise BadAnswer("Tesseract answered more than a page can hold.")
        try:
            left, top, width, height = (int(field) for field in fields[6:10])
            rectangle = picture.clipped((left, top, left + width, top + height))
            confidence = float(fields[10]) / 100
        except (ValueError, OverflowError):
            continue
        if math.isfinite(confidence):
            yield _Word(tuple(fields[1:5]), text, rectangle, min(max(confidence, 0.0), 1.0))


def _line(words: Sequence[_Word]) -> RecognisedLine:
    text = words[0].text
    for before, word in pairwise(words):
        text += ("" if _is_one_run(before, word) else " ") + word.text
    sides = [word.rectangle for word in words]
    rectangle = (
        min(side[0] for side in sides), min(side[1] for side in sides),
        max(side[2] for side in sides), max(side[3] for side in sides),
    )
    weight = sum(len(word.text) for word in words)
    return RecognisedLine(text, rectangle, sum(word.confidence * len(word.text) for word in words) / weight)


def _is_one_run(before: _Word, word: _Word) -> bool:
    """Whether two neighbours are Chinese without a space: tesseract gives Chinese in pieces of its own."""
    if not (han(before.text[-1]) and han(word.text[0])):
        return False
    height = before.rectangle[3] - before.rectangle[1]
    return word.rectangle[0] - before.rectangle[2] < height
