"""The reading that succeeds another one once some of its pages were read from pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from unburnt.flow.chunks import Chunks
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Note, Part, PartHead, Reading
from unburnt.read.ocr.agreement import Agreement
from unburnt.read.ocr.recognised import Recognised, RecognitionFailed

PAGE_NEEDS_OCR = "page-needs-ocr"
DONE = "ocr-done"
SO_FAR = "ocr-so-far"
"""As ``ocr-done``, while other pages still wait."""
FAILED = "ocr-failed"
TEXT_DOUBTFUL = "rtl-order-doubtful"
"""The reader's: two engines disagree about this page's text layer, or its words lack letters."""
BESIDE = "ocr-beside-text"
DOUBTFUL = "ocr-doubtful"
NOTHING = "ocr-nothing"
TURNED = "ocr-turned"
STRAIGHTENED = "ocr-straightened"
LAYER_WRONG = "ocr-layer-wrong"
LAYER_RIGHT = "ocr-layer-right"
_MOST_RUNS = 40
_MOST_NOTES = 1_000
"""A reading has no more notes than that, so later pages without text may have none."""


def lacks_ocr(reading: Reading) -> bool:
    """Whether the reading waits for its pages to be read from pixels."""
    if any(note.code == DONE for note in reading.notes):
        return False
    return reading.outcome is Outcome.NEEDS_OCR or any(note.code == PAGE_NEEDS_OCR for note in reading.notes)


def pages_to_read(reading: Reading) -> list[int]:
    """The pages, from 0, that wait for OCR: those noted, and where none or not all could be noted, those without text."""
    noted = [note.text for note in reading.notes if note.code == PAGE_NEEDS_OCR]
    pages = {int(text) for text in noted if text.isascii() and text.isdecimal() and len(text) < 9}
    if not pages and reading.outcome is not Outcome.NEEDS_OCR:
        return []
    if not pages or len(reading.notes) >= _MOST_NOTES:
        last = max(pages, default=-1)
        heads = [head for head in reading.parts if head.kind == "page" and head.page is not None]
        pages |= {head.page for head in heads if head.page is not None and head.page > last and not head.characters}
        if not heads:
            pages |= set(range(reading.expected.pages or reading.metadata.pages or 1))
    return sorted(pages)


class Successor:
    """Gathers the parts of the new reading in order; texts go to *chunks*."""

    def __init__(self, old: Reading, chunks: Chunks, later: Sequence[int]) -> None:
        self.chunks = chunks
        self._old = old
        self._later = list(later)
        self._heads: list[PartHead] = []
        self._letters: dict[str, int] = {}
        self._read: dict[tuple[str, ...], list[int]] = {}
        self._nothing: list[int] = []
        self._failures: list[tuple[int, RecognitionFailed]] = []
        self._doubts: list[Note] = []
        self._turned: dict[int, list[int]] = {}
        self._straightened: list[int] = []

    def keep(self, part: Part) -> None:
        """Take one part over."""
        part = msgspec.structs.replace(part, ordinal=len(self._heads))
        self._heads.append(self.chunks.append(part))
        if part.kind != "properties":
            self._letters[part.lang or ""] = self._letters.get(part.lang or "", 0) + len(part.text.strip())

    def recognised(self, page: int, found: Recognised) -> None:
        """Say how a page was read; its part is kept apart from this."""
        if not found.lines:
            self._nothing.append(page)
        else:
            self._read.setdefault(found.engines, []).append(page)
        if found.turn and found.lines:
            self._turned.setdefault(found.turn, []).append(page)
        if found.skew and found.lines:
            self._straightened.append(page)
        if found.doubt:
            self._doubts.append(Note(DOUBTFUL, f"Page {page + 1}: {found.doubt}"))

    def compared(self, page: int, found: Agreement) -> None:
        """Say whether a page's text layer is what its picture shows."""
        number, share = page + 1, f"{found.share or 0:.0%}"
        if found.is_reversed:
            self._doubts.append(Note(
                LAYER_WRONG, f"Page {number}: the letters of its text layer stand from behind; "
                "what was read from pixels comes first, and both are kept."
            ))
        elif found.is_wrong:
            self._doubts.append(Note(
                LAYER_WRONG, f"Page {number}: only {share} of the words of its text layer stand in its picture; "
                "what was read from pixels comes first, and both are kept."
            ))
        elif found.is_right:
            self._doubts.append(Note(LAYER_RIGHT, f"Page {number}: {share} of the words of its text layer stand in its picture."))

    def failed(self, page: int, error: RecognitionFailed) -> None:
        """Say that a page could not be read."""
        self._failures.append((page, error))

    def finish(self, versions: Mapping[str, str], languages: Mapping[str, Sequence[str]]) -> Reading:
        """The new reading, with each engine's version and languages said; sets chunk 0."""
        outcome, reason = self._outcome()
        most = max(self._letters, key=lambda lang: self._letters[lang], default="")
        used = {engine for engines in self._read for engine in engines}
        reading = msgspec.structs.replace(
            self._old, outcome=outcome, reason=reason, parts=tuple(self._heads), lang=most or None,
            notes=tuple(self._notes(versions, languages)),
            versions=self._old.versions | {name: versions[name] for name in sorted(used) if name in versions},
        )
        self.chunks.finish(reading)
        return reading

    def _notes(self, versions: Mapping[str, str], languages: Mapping[str, Sequence[str]]) -> list[Note]:
        code = SO_FAR if self._later else DONE
        notes = [
            Note(code, note.text) if note.code == SO_FAR else note
            for note in self._old.notes if note.code != PAGE_NEEDS_OCR
        ]
        for engines, pages in self._read.items():
            by = " and ".join(
                f"{engine} {versions.get(engine, '')} with languages {', '.join(languages.get(engine, ()))}"
                for engine in engines
            )
            notes.append(Note(code, f"{_were(pages)} read from pixels by {by}."))
        if self._nothing:
            notes.append(Note(NOTHING, f"{_were(self._nothing)} searched for text in pixels, and none was found."))
        notes += [
            Note(TURNED, f"{_were(pages)} turned by {turn} degrees clockwise to be read; the places are those on the page as it lies.")
            for turn, pages in sorted(self._turned.items())
        ]
        if self._straightened:
            notes.append(Note(STRAIGHTENED, f"{_were(self._straightened)} straightened to be read."))
        doubted = {note.text for note in self._old.notes if note.code == TEXT_DOUBTFUL}
        beside = [page for pages in self._read.values() for page in pages if str(page) in doubted]
        if beside:
            notes.append(Note(BESIDE, f"{_were(beside)} read from pixels too, since the text layer is doubtful; both are kept."))
        failures = [Note(FAILED, f"Page {page + 1}: {error.message}") for page, error in self._failures]
        if not self._later and not any(note.code == DONE for note in notes):
            notes.append(Note(DONE, "No text was read from pixels."))
        room = max(0, _MOST_NOTES - len(notes))
        notes += [*failures, *self._doubts][: room // 2]
        return notes + [Note(PAGE_NEEDS_OCR, str(page)) for page in self._later][: _MOST_NOTES - len(notes)]

    def _outcome(self) -> tuple[Outcome, str]:
        has_text = any(self._letters.values())
        members = self._old.members
        lacks = list(self._lacks())
        if self._later:
            lacks.append(f"Still to be read from pixels: {spelled(self._later)}.")
        elif not has_text and not members:
            return self._nothing_at_all()
        return (Outcome.PARTIAL, " ".join(lacks)) if lacks else (Outcome.READ, "")

    def _nothing_at_all(self) -> tuple[Outcome, str]:
        if not self._failures:
            return Outcome.EMPTY, "The picture holds no text that could be recognised."
        outcomes = {error.outcome for _, error in self._failures}
        outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.CRASHED
        return outcome, f"No page could be read from pixels. {self._failures[0][1].message}"

    def _lacks(self) -> Iterable[str]:
        """What the whole still lacks, also for reasons that have nothing to do with pixels."""
        old = self._old
        failed_before = sum(1 for note in old.notes if note.code == FAILED)
        failed = failed_before + len(self._failures)
        if failed:
            yield f"{failed} pages could not be read from pixels." if failed > 1 else "1 page could not be read from pixels."
        pages = {head.page for head in self._heads if head.kind == "page" and head.page is not None}
        measured = {head.page for head in self._heads if head.kind == "page" and (head.characters or head.width)}
        expected = max(old.expected.pages or 0, len(pages))
        if pages and len(measured) < expected:
            yield f"{expected - len(measured)} of {expected} pages cannot be read."
        if old.expected.members is not None and old.expected.members != len(old.members):
            yield f"It says it holds {old.expected.members} members; {len(old.members)} were found."
        lost = sum(1 for member in old.members if member.digest is None)
        if lost:
            yield f"{lost} of {len(old.members)} members could not be had."


def spelled(pages: Sequence[int]) -> str:
    """``page 3`` or ``pages 1-4, 7``, counted from 1 as people do; a very long list is cut."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    shown = [f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in runs[:_MOST_RUNS]]
    more = " and others" if len(runs) > _MOST_RUNS else ""
    return f"page{'s' if len(pages) > 1 else ''} {', '.join(shown)}{more}"


def _were(pages: Sequence[int]) -> str:
    return f"{spelled(pages).capitalize()} {'were' if len(pages) > 1 else 'was'}"
