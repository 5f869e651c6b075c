"""Scans become readings: rendered, recognised and put in their places, all of it in the sandbox."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from tests.scanned import FONTS, TEXTS, error_rate, page, page_in
from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import KeeperGone
from unburnt.base.limits import Limits
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.records import Waiting
from unburnt.flow.content import Content
from unburnt.flow.ocr_step import OcrStep
from unburnt.flow.reading import DocumentReader, Done
from unburnt.flow.recorder import Recorder
from unburnt.flow.steps import OCR_STEP, OCR_VERSION
from unburnt.model.events import ItemReceived
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part, Reading
from unburnt.sandbox.runner import Sandbox
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects


class Bench:
    """An archive without a keeper: documents are read and recorded in this thread."""

    def __init__(self, layout: Layout, sandbox: Sandbox, *, pages_at_once: int = 32) -> None:
        self.objects, self.events, self.derived = Objects(layout), Events(layout), Derived(layout)
        self.catalog = Catalog(layout.catalog, write=True)
        self.recorder = Recorder(self.objects, self.events, self.derived, self.catalog, Index(layout.index, write=True))
        content = Content(self.objects, self.derived, self.catalog)
        self.reader = DocumentReader(layout, content, self.derived, sandbox, Limits())
        self.step = OcrStep(
            layout, content, self.derived, self.catalog.key_of, sandbox, Limits(), pages_at_once=pages_at_once
        )

    def receive(self, name: str, data: bytes) -> Digest:
        self.objects.commit([self.objects.stage(io.BytesIO(data))])
        digest = digest_of(data)
        self.recorder.happened(ItemReceived(accession="d1", path=name.encode(), digest=digest, size=str(len(data))))
        self.recorder.read(self.reader.read(self.catalog.waiting(10, exclude=set())))
        return digest

    def recognise(self) -> list[Done]:
        done = self.step.read(self.catalog.lacking("ocr", 10))
        self.recorder.read(done, step=(OCR_STEP, OCR_VERSION))
        return done

    def reading(self, digest: Digest) -> tuple[Reading, list[Part]]:
        key = self.catalog.key_of(digest)
        assert key is not None
        head, *chunks = self.derived.chunks(key)
        parts = [msgspec.json.decode(chunk, type=Part) for chunk in chunks]
        # What a document says about itself stands in a part of its own, which no page's pixels concern.
        return msgspec.json.decode(head, type=Reading), [part for part in parts if part.kind != "properties"]


@pytest.fixture(scope="module")
def bench(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(Layout.create(tmp_path_factory.mktemp("one") / "archive", "test"), sandbox)
    yield bench
    bench.step.close()
    assert not list((tmp_path_factory.getbasetemp()).glob("one*/archive/tmp/*"))


def scanned_pdf(*images: Image.Image) -> bytes:
    file = io.BytesIO()
    images[0].save(file, "PDF", save_all=True, append_images=images[1:], resolution=150)
    return file.getvalue()


def with_text_page_between(scan: bytes) -> bytes:
    """A page that has text goes in front of the last page."""
    file = io.BytesIO()
    paper = canvas.Canvas(file)
    paper.drawString(72, 700, "This page was typed and needs nothing read from pixels.")
    paper.save()
    with pikepdf.open(io.BytesIO(scan)) as pdf, pikepdf.open(file) as typed:
        pdf.pages.insert(len(pdf.pages) - 1, typed.pages[0])
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_what_a_person_opened_is_read_from_pixels_first_and_then_the_smallest(sandbox: Sandbox, tmp_path: Path) -> None:
    bench = Bench(Layout.create(tmp_path / "archive", "test"), sandbox)
    images = [Image.new("L", (side, side), 255) for side in (300, 200, 400)]
    large, small, larger = (bench.receive(f"{image.width}.pdf", scanned_pdf(image)) for image in images)
    bench.step.close()
    assert [one.digest for one in bench.catalog.lacking("ocr", 10)] == [small, large, larger]
    assert [one.digest for one in bench.catalog.lacking("ocr", 10, wanted=[larger])] == [larger, small, large]
    assert [one.digest for one in bench.catalog.lacking("ocr", 1, exclude=[larger], wanted=[larger])] == [small]


def test_scanned_pages_of_a_pdf_are_read_and_typed_ones_left_as_they_are(bench: Bench) -> None:
    digest = bench.receive("scan.pdf", with_text_page_between(scanned_pdf(page_in("ru"), page_in("en"))))
    before, parts_before = bench.reading(digest)
    assert before.outcome is Outcome.PARTIAL
    bench.recognise()
    reading, parts = bench.reading(digest)
    assert (reading.outcome, reading.reason) == (Outcome.READ, "")
    assert [(part.ordinal, part.page, part.origin, part.lang) for part in parts] == [
        (0, 0, "ocr", "ru"), (1, 1, "file", "en"), (2, 2, "ocr", "en"),
    ]
    assert parts[1] == parts_before[1]
    assert error_rate(TEXTS["ru"], parts[0].text) <= 0.02
    assert error_rate(TEXTS["en"], parts[2].text) <= 0.02
    assert [(head.ordinal, head.characters, head.origin) for head in reading.parts if head.kind == "page"] == [
        (part.ordinal, len(part.text), part.origin) for part in parts
    ]
    assert (reading.reader, reading.metadata, reading.expected) == (before.reader, before.metadata, before.expected)
    assert reading.versions.keys() == before.versions.keys() | {"tesseract"}
    assert [note.text.partition(" read")[0] for note in reading.notes if note.code == "ocr-done"] == ["Pages 1, 3 were"]
    assert bench.catalog.lacking("ocr", 10) == []


def test_lines_of_a_scanned_pdf_are_placed_in_points(bench: Bench) -> None:
    image = page_in("en")
    digest = bench.receive("points.pdf", scanned_pdf(image))
    bench.recognise()
    (part,) = bench.reading(digest)[1]
    assert part.width == pytest.approx(image.width * 72 / 150, abs=0.1)
    for number, line in enumerate(part.lines):
        assert line.rectangle is not None
        assert part.text[line.start : line.end] == TEXTS["en"][number]
        assert line.rectangle[1] == pytest.approx((80 + 68 * number) * 72 / 150, abs=10)


def test_a_picture_is_read_in_its_own_pixels(bench: Bench) -> None:
    file = io.BytesIO()
    image = page_in("zh")
    image.save(file, "PNG")
    digest = bench.receive("photograph.png", file.getvalue())
    bench.recognise()
    reading, (part,) = bench.reading(digest)
    assert (reading.outcome, reading.lang) == (Outcome.READ, "zh")
    assert (part.lang, part.script, part.width, part.height) == ("zh", "Hans", image.width, image.height)
    assert error_rate(TEXTS["zh"], part.text) <= 0.02
    assert "rapidocr" in reading.versions


def test_a_picture_without_text_is_empty_and_not_tried_again(bench: Bench) -> None:
    file = io.BytesIO()
    Image.new("L", (300, 200), 90).save(file, "PNG")
    digest = bench.receive("grey.png", file.getvalue())
    bench.recognise()
    reading, _ = bench.reading(digest)
    assert (reading.outcome, reading.reason) == (Outcome.EMPTY, "The picture holds no text that could be recognised.")
    assert bench.catalog.lacking("ocr", 10) == []


def test_a_page_that_cannot_be_rendered_costs_only_itself(bench: Bench) -> None:
    data = scanned_pdf(page_in("en"), page_in("ru"))
    digest = bench.receive("short.pdf", data)
    reading, _ = bench.reading(digest)
    # As if the reader had counted a page that the renderer cannot find.
    claimed = msgspec.structs.replace(reading, notes=(*reading.notes, msgspec.structs.replace(reading.notes[0], text="7")))
    (waiting,) = bench.catalog.lacking("ocr", 10)
    bench.recorder.read([_again(bench, waiting, claimed)], step=("read.pdf", 99))
    bench.recognise()
    reading, parts = bench.reading(digest)
    assert reading.outcome is Outcome.PARTIAL
    assert reading.reason == "1 page could not be read from pixels."
    assert [note.text.partition(":")[0] for note in reading.notes if note.code == "ocr-failed"] == ["Page 8"]
    assert [part.lang for part in parts] == ["en", "ru"]
    assert bench.catalog.lacking("ocr", 10) == []


def _again(bench: Bench, waiting: Waiting, reading: Reading) -> Done:
    (done,) = bench.reader.read([waiting])
    done.chunks.finish(reading)
    return msgspec.structs.replace(done, reading=reading)


def test_a_long_scan_is_recorded_in_slices_and_ends_as_one(tmp_path: Path, sandbox: Sandbox) -> None:
    bench = Bench(Layout.create(tmp_path / "archive", "test"), sandbox, pages_at_once=2)
    try:
        file = io.BytesIO()
        frames = [page([("en", f"This is page number {number} of the report")]) for number in range(1, 4)]
        frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:])
        digest = bench.receive("long.tiff", file.getvalue())
        bench.recognise()
        reading, parts = bench.reading(digest)
        assert (reading.outcome, reading.reason) == (Outcome.PARTIAL, "Still to be read from pixels: page 3.")
        assert [part.origin for part in parts] == ["ocr", "ocr", "file"]
        bench.recognise()
        reading, parts = bench.reading(digest)
        assert reading.outcome is Outcome.READ
        assert [part.text for part in parts] == [f"This is page number {number} of the report" for number in range(1, 4)]
        notes = [note.text.partition(" read")[0] for note in reading.notes if note.code == "ocr-done"]
        assert notes == ["Pages 1-2 were", "Page 3 was"]
        assert bench.recognise() == []
    finally:
        bench.step.close()


def test_after_its_end_the_step_reads_nothing_more(tmp_path: Path, sandbox: Sandbox) -> None:
    bench = Bench(Layout.create(tmp_path / "archive", "test"), sandbox)
    file = io.BytesIO()
    page_in("en").save(file, "PNG")
    digest = bench.receive("late.png", file.getvalue())
    bench.step.close()
    with pytest.raises(KeeperGone):
        bench.recognise()
    assert bench.reading(digest)[0].outcome is Outcome.NEEDS_OCR


def test_a_text_layer_with_its_letters_reversed_comes_after_what_the_picture_shows(bench: Bench) -> None:
    image = page_in("ug")
    scan = io.BytesIO()
    image.save(scan, "PNG")
    file = io.BytesIO()
    paper = canvas.Canvas(file, pagesize=(image.width / 2, image.height / 2))
    pdfmetrics.registerFont(TTFont("Naskh", FONTS["ug"]))
    paper.drawImage(ImageReader(image), 0, 0, image.width / 2, image.height / 2)
    layer = paper.beginText(40, image.height / 2 - 60)
    layer.setFont("Naskh", 12)
    layer.setTextRenderMode(3)
    for text in TEXTS["ug"]:
        # Letters one after the other from the left: whoever orders the layer by its places gets every word from behind.
        layer.textLine(text)
    paper.drawText(layer)
    paper.save()
    digest = bench.receive("layer.pdf", file.getvalue())
    bench.recognise()
    reading, parts = bench.reading(digest)
    assert [part.origin for part in parts] == ["ocr", "file"]
    assert error_rate(TEXTS["ug"], parts[0].text) <= 0.05
    (said,) = [note.text for note in reading.notes if note.code == "ocr-layer-wrong"]
    assert "both are kept" in said
