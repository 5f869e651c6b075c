"""Reading again, past everything that is kept, shows whether a text was made from the original's bytes."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Iterator

import msgspec
import pytest
import zstandard
from PIL import Image, ImageDraw, ImageFont

from unburnt.api import Archive
from unburnt.base.digests import digest_of
from unburnt.flow.options import Options
from unburnt.flow.rederiving import Rederiving, difference_of
from unburnt.model.audit import Check
from unburnt.model.events import ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


def _picture() -> bytes:
    image = Image.new("L", (900, 160), 255)
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", 40)
    ImageDraw.Draw(image).text((20, 40), "Instructions for the county office", 0, font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("material")
    (folder / "notice.txt").write_text("关于拘留工作的通知\n")
    (folder / "table.csv").write_text("a,b\n1,2\n")
    (folder / "scan.png").write_bytes(_picture())
    with zipfile.ZipFile(folder / "case.zip", "w") as package:
        package.writestr("inside.txt", "a member\n")
    with Archive.create(tmp_path_factory.mktemp("archives") / "archive") as made:
        made.add([folder])
        yield made


def _rederived(archive: Archive) -> Check:
    layout = Layout.open(archive.root)
    rederiving = Rederiving(layout, archive._derived, archive._catalog, Options())
    try:
        made = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade)]
        rederiving.run(made)
        return rederiving.check()
    finally:
        rederiving.close()


def test_every_reading_is_made_again_equal_ocr_and_members_included(archive: Archive) -> None:
    check = _rederived(archive)
    assert check.findings == ()
    assert check.looked_at == 5  # the member's too, and the picture by OCR; that it waited for OCR was an attempt
    assert not list((archive.root / "tmp").glob("rederive-*"))


def test_a_text_that_was_not_made_from_the_bytes_is_named(archive: Archive) -> None:
    document = archive.document("notice.txt").document
    key = archive.key_of(document)
    assert key is not None
    part = archive.part(document, 0)
    reading = archive.reading(document)
    assert reading is not None
    forged = msgspec.json.encode(msgspec.structs.replace(part, text="关于学习工作的通知\n"))
    head = msgspec.structs.replace(reading.parts[0], digest=digest_of(forged))
    record = msgspec.json.encode(msgspec.structs.replace(reading, parts=(head,)))
    with sqlite3.connect(archive.root / "derived" / "001.sqlite") as connection:
        for number, data in enumerate((record, forged)):
            connection.execute(
                "UPDATE chunks SET size = ?, digest = ?, output = ? WHERE key = ? AND number = ?",
                (len(data), digest_of(data), zstandard.compress(data), key, number))
    connection.close()
    findings = _rederived(archive).findings
    assert [(finding.item, finding.what) for finding in findings] == [
        (f"reading {key} of {document}", "Reading it again gives something else: its part 1 (text) differs.")]


@pytest.mark.parametrize(("one", "other", "share"), [
    ("abcd", "abcd", 0), ("", "", 0), ("abcd", "abcx", 0.25), ("ab\ncd", "ab\ncx", 0.2), ("", "abc", 1),
])
def test_the_difference_of_two_texts_is_the_share_not_in_common(one: str, other: str, share: float) -> None:
    assert difference_of(one, other) == pytest.approx(share)
