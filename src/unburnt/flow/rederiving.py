"""Running readers again, past everything that is kept, and comparing: was this text made from these bytes?

Readings compare digest by digest, their parts' texts included. OCR compares text, within a tolerance. Only what
the same versions of library and engine made is compared; the rest is counted and said.
"""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import NotFound, UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.records import Waiting
from unburnt.flow.content import Content
from unburnt.flow.ocr_reading import lacks_ocr
from unburnt.flow.ocr_step import OcrStep
from unburnt.flow.options import Options
from unburnt.flow.reading import DocumentReader, Done
from unburnt.flow.steps import OCR_STEP, current_versions
from unburnt.model.audit import Check, Finding
from unburnt.model.events import ReadingMade
from unburnt.model.reading import Part, Reading
from unburnt.sandbox.runner import Sandbox
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

READER_ENTRY = "unburnt.read.child:main"
OCR_TOLERANCE = 0.02
"""Share of characters that two runs of the same OCR engine may differ in: its arithmetic has threads."""

_reading = msgspec.json.Decoder(Reading)
_part = msgspec.json.Decoder(Part)


class Rederiving:
    """Reads again in sandboxes of its own, into a folder of its own under ``tmp/`` that goes away with :meth:`close`."""

    def __init__(self, layout: Layout, derived: Derived, catalog: Catalog, options: Options) -> None:
        layout.require_own_places()
        self._folder = tempfile.TemporaryDirectory(prefix="rederive-", dir=layout.tmp)
        scratch = Layout(Path(self._folder.name))
        for folder in (scratch.derived, scratch.tmp):
            folder.mkdir(mode=0o700)
        self._derived, self._catalog = derived, catalog
        self._scratch = Derived(scratch)
        self._sandbox = Sandbox(READER_ENTRY, rung=options.rung, unsafe=options.unsafe_parsers)
        self._content = Content(Objects(layout), derived, catalog)
        self._reader = DocumentReader(scratch, self._content, self._scratch, self._sandbox, options.limits)
        self._content.extract_with(self._reader.extract)
        self._fresh: dict[Digest, Digest] = {}
        self._ocr = OcrStep(scratch, self._content, self._scratch, self._fresh.get, self._sandbox, options.limits)
        self._versions = current_versions()
        self.findings: list[Finding] = []
        self.compared = 0
        self.passed_over: dict[str, int] = {}

    def close(self) -> None:
        """End the children and forget what was read."""
        self._ocr.close()
        self._sandbox.close()
        self._scratch.close()
        self._folder.cleanup()

    def run(self, readings: Iterable[ReadingMade], done: Callable[[ReadingMade], None] = lambda event: None) -> None:
        """Read each again and compare; *done* is told after each."""
        for event in readings:
            try:
                reason = self._one(event)
            except (UnburntError, msgspec.DecodeError, MemoryError) as error:
                what = str(error) if isinstance(error, UnburntError) else "What is kept of it is damaged."
                self.findings.append(Finding(f"reading {event.key} of {event.blob}", what))
                reason = None
            if reason is None:
                self.compared += 1
            else:
                self.passed_over[reason] = self.passed_over.get(reason, 0) + 1
            done(event)

    def check(self) -> Check:
        """What the comparison showed."""
        notes = tuple(f"{count} readings were not compared: {reason}."
                      for reason, count in sorted(self.passed_over.items()))
        return Check(name="rederived", looked_at=self.compared, unit="readings made again",
                     findings=tuple(self.findings), notes=notes)

    def _one(self, event: ReadingMade) -> str | None:
        """Compare one reading; gives why it was passed over, None where it was compared."""
        if event.blob is None:
            return "erased"
        if event.attempt:
            return "an attempt, which may go otherwise each time"
        if self._versions.get(event.step) != event.version:
            return "made by another version of the step"
        head = self._derived.chunk(event.key, 0) if self._derived.has(event.key) else None
        if head is None:
            return "no longer kept; it is made again when needed"
        kept = _reading.decode(head)
        if kept.opened_with_secret:
            return "opened with a password"
        if kept.read_with is not None:
            return "volumes of split archives, read with the first of their set"
        fresh = self._again(event, digest_of(head), kept.charsets)
        if fresh is None:
            return "the bytes cannot be had without a password or an erased container"
        try:
            return self._compare(event, kept, digest_of(head), fresh)
        finally:
            fresh.chunks.close()
            for member in fresh.reading.members:
                if member.digest:
                    self._scratch.drop_member(member.digest)

    def _again(self, event: ReadingMade, output: Digest, charsets: tuple[str, ...]) -> Done | None:
        """The reading made again. A name is only a hint to a reader, so each name that it has may be the one used."""
        assert event.blob is not None
        best: Done | None = None
        for waiting in self._catalog.once_more(event.blob):
            try:
                done = self._read(msgspec.structs.replace(waiting, charsets=charsets))
            except NotFound:
                return None
            if event.step == OCR_STEP:
                done = self._recognised(waiting, done)
            if best is not None:
                best.chunks.close()
            best = done
            if event.step == OCR_STEP or digest_of(done.chunks[0]) == output:
                break
        return best

    def _read(self, waiting: Waiting) -> Done:
        """Slice by slice, with no member kept longer than that."""
        slices: list[Done] = []
        while (done := self._reader.read_on(waiting, [one.chunks for one in slices])).reading.rest is not None:
            slices.append(done)
            for member in done.reading.members:
                if member.digest:
                    self._scratch.drop_member(member.digest)
        for one in slices:
            one.chunks.close()
        return done

    def _recognised(self, waiting: Waiting, done: Done) -> Done:
        """OCR on top of a fresh reading, kept under keys of the scratch store until no page waits."""
        number = 0
        while lacks_ocr(done.reading):
            key = digest_of(f"{waiting.digest} {number}".encode())
            self._scratch.put(key, "fresh", 1, {}, [waiting.digest], done.chunks)
            self._scratch.flush()
            self._fresh[waiting.digest] = key
            following = self._ocr.read([waiting])
            if not following:
                break
            done.chunks.close()
            done, number = following[0], number + 1
        return done

    def _compare(self, event: ReadingMade, kept: Reading, output: Digest, fresh: Done) -> str | None:
        again = fresh.reading
        if again.versions != kept.versions:
            return "other versions of library or engine are installed now"
        if event.step == OCR_STEP:
            self._compare_texts(event, fresh)
        elif digest_of(fresh.chunks[0]) != output:
            self.findings.append(Finding(
                f"reading {event.key} of {event.blob}", f"Reading it again gives something else: {_difference(kept, again)}.",
                "Show this to whoever maintains the archive: the record, the reader or the bytes were changed."))
        return None

    def _compare_texts(self, event: ReadingMade, fresh: Done) -> None:
        kept_text = "\n".join(_part.decode(chunk).text for number, chunk in enumerate(self._derived.chunks(event.key)) if number)
        fresh_text = "\n".join(part.text for part in fresh.chunks.parts())
        share = difference_of(kept_text, fresh_text)
        if share > OCR_TOLERANCE:
            self.findings.append(Finding(
                f"reading {event.key} of {event.blob}",
                f"OCR gives another text now: {share:.1%} of it differs, more than the tolerance of {OCR_TOLERANCE:.0%}.",
                "Look at the page image beside the text."))


def difference_of(one: str, other: str) -> float:
    """The share of two texts that is not common to both, 0-1, line by line and then sign by sign."""
    if one == other:
        return 0.0
    lines, others = one.split("\n"), other.split("\n")
    differing = 0
    for tag, i, j, k, m in difflib.SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if tag != "equal":
            left, right = "\n".join(lines[i:j]), "\n".join(others[k:m])
            same = sum(block.size for block in difflib.SequenceMatcher(None, left, right, autojunk=False)
                       .get_matching_blocks())
            differing += max(len(left), len(right)) - same
    return differing / max(len(one), len(other), 1)


def _difference(kept: Reading, again: Reading) -> str:
    for name in ("type", "reader", "outcome", "reason", "metadata", "members", "expected", "notes", "lang"):
        if getattr(kept, name) != getattr(again, name):
            return f"its {name} differs"
    for before, after in zip(kept.parts, again.parts, strict=False):
        if before != after:
            return f"its part {before.ordinal + 1} ({before.kind}) differs"
    if len(kept.parts) != len(again.parts):
        return f"it has {len(again.parts)} parts where {len(kept.parts)} are kept"
    return "the record itself differs"
