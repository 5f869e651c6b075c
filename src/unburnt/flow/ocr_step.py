"""Reading from pixels what a reader found no text for: the step between a scan and its searchable pages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import BadAnswer, KeeperGone, NotFound
from unburnt.base.limits import MIB, Limits
from unburnt.catalog.records import Waiting
from unburnt.flow.chunks import Chunks
from unburnt.flow.content import Content
from unburnt.flow.ocr_reading import Successor, lacks_ocr, pages_to_read
from unburnt.flow.reading import Done
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part, Passage, Reading
from unburnt.read.ocr.agreement import agreement
from unburnt.read.ocr.available import ocr_state
from unburnt.read.ocr.chinese import ChineseEngine
from unburnt.read.ocr.choose import Recogniser
from unburnt.read.ocr.language_child import ENTRY as LANGUAGE_ENTRY
from unburnt.read.ocr.page_part import page_part
from unburnt.read.ocr.picture import Picture, picture_of
from unburnt.read.ocr.prepare import ENTRY as PREPARE_ENTRY
from unburnt.read.ocr.prepare import Preparer
from unburnt.read.ocr.recognised import RecognitionFailed
from unburnt.read.ocr.tesseract import Tesseract
from unburnt.read.passages import are_of, passages_of, with_passages
from unburnt.sandbox.rungs import UNSAFE
from unburnt.sandbox.runner import Ended, Sandbox
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

RENDER_ENTRY = "unburnt.read.render:main"
PAGES_AT_ONCE = 32
"""After so many pages what was read is recorded, and the rest of the document waits for its next turn."""
DOTS_PER_INCH = 200
_RENDER_SECONDS = 60.0
_RENDER_OUTPUT = 256 * MIB
_IN_POINTS = ("application/pdf", "application/ofd")
"""What is laid out on pages and drawn at any resolution."""

_reading = msgspec.json.Decoder(Reading)
_part = msgspec.json.Decoder(Part)
_passages = msgspec.msgpack.Decoder(tuple[Passage, ...])


class OcrStep:
    """Reads documents' pages from pixels; any number of threads may use one.

    *key_of* names the reading whose pages wait. *sandbox* runs tesseract; rendering, preparing, the Chinese
    engine and naming languages get processes of their own, started with the first page.
    """

    def __init__(
        self, layout: Layout, content: Content, derived: Derived, key_of: Callable[[Digest], Digest | None],
        sandbox: Sandbox, limits: Limits, *, pages_at_once: int = PAGES_AT_ONCE,
    ) -> None:
        self.passwords: tuple[str, ...] = ()
        """Tried on documents that must be opened again for rendering."""
        self._tmp = layout.tmp
        self._content = content
        self._derived = derived
        self._key_of = key_of
        self._pixels = limits.pixels
        self._pages_at_once = pages_at_once
        self._render_limits = msgspec.structs.replace(
            limits, cpu_seconds=_RENDER_SECONDS, wall_seconds=_RENDER_SECONDS, output=_RENDER_OUTPUT
        )
        self._rung = sandbox.rung
        self._state = ocr_state()
        state = self._state
        tesseract = None
        if state.languages:
            tesseract = Tesseract(sandbox, state.languages, state.data_folder, layout.tmp)
        chinese = ChineseEngine(sandbox.rung) if state.chinese_engine else None
        preparer = Preparer(lambda: self._sandbox(PREPARE_ENTRY))
        self._recogniser = Recogniser(tesseract, chinese, preparer, can_find_rotation=state.can_find_rotation)
        self._lock = threading.Lock()
        self._sandboxes: dict[str, Sandbox] = {}
        self._closed = threading.Event()

    @property
    def is_available(self) -> bool:
        """Whether any engine is here."""
        return self._state.is_available

    def read(self, batch: Sequence[Waiting]) -> list[Done]:
        """Read the pages that wait, document by document; documents without such pages are left out.

        Raises :class:`KeeperGone` after :meth:`close`.
        """
        done = [self._read_one(waiting) for waiting in batch]
        return [one for one in done if one is not None]

    def close(self) -> None:
        """End the engines and stop after the page at hand."""
        self._closed.set()
        self._recogniser.close()
        with self._lock:
            for sandbox in self._sandboxes.values():
                sandbox.close()
            self._sandboxes = {}

    def _read_one(self, waiting: Waiting) -> Done | None:
        key = self._key_of(waiting.digest)
        head = self._derived.chunk(key, 0) if key else None
        if key is None or head is None:
            return None
        old = _reading.decode(head)
        if not lacks_ocr(old):
            return None
        # Even where no page is left to read, an answer ends the waiting.
        pages = pages_to_read(old)
        successor = Successor(old, Chunks(self._tmp), pages[self._pages_at_once :])
        spoilt: list[Digest] = []
        try:
            self._read_pages(old, self._parts(key, old, spoilt), deque(pages[: self._pages_at_once]), successor)
        except BaseException:
            successor.chunks.close()
            raise
        reading = successor.finish(self._state.versions, self._state.by_engine)
        return Done(waiting, reading, successor.chunks, Ended("done"), made_from=((key, "" if spoilt else digest_of(head)),))

    def _parts(self, key: Digest, old: Reading, spoilt: list[Digest]) -> Iterator[Part]:
        """The old parts; *spoilt* gets the key where they are not those that the old reading names."""
        chunks = self._derived.chunks(key)
        next(chunks)
        for head in old.parts:
            chunk = next(chunks, b"")
            if head.digest != digest_of(chunk):
                spoilt.append(key)
                return
            yield _part.decode(chunk)

    def _read_pages(self, old: Reading, parts: Iterator[Part], pages: deque[int], successor: Successor) -> None:
        """Go through the old parts, and put the pages' new ones in their places."""
        try:
            file: BinaryIO | None = self._content.open_unchanged(old.blob)
        except NotFound:
            file = None
        try:
            for part in parts:
                number = part.page if part.kind == "page" else None
                while pages and number is not None and pages[0] < number:
                    self._read_page(old, file, pages.popleft(), None, successor)
                if pages and number == pages[0]:
                    self._read_page(old, file, pages.popleft(), part, successor)
                else:
                    successor.keep(part)
            while pages:
                self._read_page(old, file, pages.popleft(), None, successor)
        finally:
            if file is not None:
                file.close()

    def _read_page(
        self, old: Reading, file: BinaryIO | None, number: int, page: Part | None, successor: Successor
    ) -> None:
        if self._closed.is_set():
            raise KeeperGone("The keeper has ended.", remedy="Nothing is lost; the pages are read the next time.")
        try:
            if file is None:
                raise RecognitionFailed("The document's bytes cannot be had any more.")
            picture = self._rendered(old.type, file, number)
            found = self._recogniser.recognise(picture)
            blank = page or self._page_of(old, number, picture)
            new = self._named(page_part(blank, picture, found.lines)) if found.lines else blank
        except (RecognitionFailed, BadAnswer) as error:
            if page is not None:
                successor.keep(page)
            failure = error if isinstance(error, RecognitionFailed) else RecognitionFailed(error.message)
            successor.failed(number, failure)
            return
        has_layer = page is not None and bool(page.text.strip()) and bool(found.lines)
        if page is not None and has_layer:
            # What the file itself says is never thrown away; where it is wrong, what can be seen comes first.
            agreed = agreement(page.text, new.text)
            successor.compared(number, agreed)
            for part in (new, page) if agreed.is_wrong else (page, new):
                successor.keep(part)
        else:
            successor.keep(new)
        successor.recognised(number, found)

    def _page_of(self, old: Reading, number: int, picture: Picture) -> Part:
        """A page that the reader did not name, in points where it is laid out, else in pixels."""
        scale = 72 / picture.dpi if picture.dpi else 1.0
        return Part(
            ordinal=0, kind="page", label=str(number + 1), text="", page=number,
            width=round(picture.width * scale, 2), height=round(picture.height * scale, 2),
        )

    def _rendered(self, media_type: str, file: BinaryIO, page: int) -> Picture:
        """One page as pixels; raises :class:`RecognitionFailed`, :class:`BadAnswer`."""
        order = {
            "page": page, "dpi": DOTS_PER_INCH, "gray": True, "media_type": media_type, "width": 0,
            "passwords": self.passwords, "pixels": self._pixels,
        }
        pieces: list[bytes] = []
        ended = self._sandbox(RENDER_ENTRY).run(
            msgspec.msgpack.encode(order), [file.fileno()], self._render_limits, pieces.append
        )
        if ended.kind == "refused":
            raise RecognitionFailed(f"Rendering was stopped at the limit on {ended.limit}.", Outcome.REFUSED)
        if ended.kind != "done":
            raise RecognitionFailed(f"Rendering it failed ({ended.signal or ended.detail.rstrip('.')}).")
        dpi = DOTS_PER_INCH if media_type in _IN_POINTS else 0
        return picture_of(b"".join(pieces), pixels=self._pixels, dpi=dpi)

    def _named(self, part: Part) -> Part:
        """With languages and scripts, which native code finds out in a child of its own."""
        answers: list[bytes] = []
        ended = self._sandbox(LANGUAGE_ENTRY).run(part.text.encode(), [], self._render_limits, answers.append)
        try:
            untrusted_passages = _passages.decode(b"".join(answers))
        except (msgspec.DecodeError, UnicodeDecodeError):
            untrusted_passages = ()
        if ended.kind != "done" or not are_of(untrusted_passages, part.text):
            untrusted_passages = passages_of(part.text, native=False)
        return with_passages(part, untrusted_passages)

    def _sandbox(self, entry: str) -> Sandbox:
        with self._lock:
            if entry not in self._sandboxes:
                if self._closed.is_set():
                    raise KeeperGone("The keeper has ended.")
                self._sandboxes[entry] = Sandbox(entry, rung=self._rung, unsafe=self._rung == UNSAFE)
            return self._sandboxes[entry]
