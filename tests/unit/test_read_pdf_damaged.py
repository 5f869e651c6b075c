"""PDFs that are cut off, lie about themselves, never end, or blow up: each ends soon and says what it is."""

from __future__ import annotations

import zlib
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.read_in_sandbox import read
from unburnt.base.limits import Limits
from unburnt.sandbox.runner import Sandbox

_SOON = Limits(cpu_seconds=10, wall_seconds=15)


def document(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path), invariant=True, pageCompression=0)
    for number in range(pages):
        canvas.drawString(100, 700, f"This is page number {number + 1} of the register")
        canvas.showPage()
    canvas.save()
    return path


def handmade(path: Path, objects: dict[int, bytes], root: int = 1) -> Path:
    """A PDF of these objects with a proper table."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 %s \n" % (places.get(number, 0), b"n" if number in places else b"f")
    out += b"trailer\n<</Size %d /Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, start)
    path.write_bytes(out)
    return path


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(data), extra, data)


PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources <</Font <</F 5 0 R>>>>>>"
FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"
CONTENT = b"BT /F 12 Tf 20 200 Td (Register of households in the eastern village) Tj ET"


def test_a_file_without_its_table_is_read_in_part_and_called_cut_off(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = document(tmp_path / "a.pdf", 5).read_bytes()
    (tmp_path / "b.pdf").write_bytes(whole[: whole.rindex(b"xref\n")])
    said = read(sandbox, tmp_path / "b.pdf")
    assert said.outcome == "partial"
    assert "cut off" in said.reason or "cannot be read" in said.reason
    assert "page number 5" in said.pages()[4].text


def test_a_file_cut_off_before_its_catalogue_still_gives_its_pages(sandbox: Sandbox, tmp_path: Path) -> None:
    with pikepdf.open(document(tmp_path / "a.pdf", 8)) as pdf:
        pdf.save(tmp_path / "b.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    whole = (tmp_path / "b.pdf").read_bytes()
    # Two thirds of it: the page tree of this writer stands first, most contents follow.
    (tmp_path / "c.pdf").write_bytes(whole[: len(whole) * 2 // 3])
    said = read(sandbox, tmp_path / "c.pdf")
    assert said.outcome == "partial", said.reason
    assert sum("This is page number" in page.text for page in said.pages()) >= 3


def test_a_file_whose_catalogue_stood_behind_its_pages_is_recovered(sandbox: Sandbox, tmp_path: Path) -> None:
    objects = {4: stream(CONTENT), 5: FONT, 3: PAGE, 6: PAGE, 2: b"<</Type /Pages /Count 2 /Kids [3 0 R 6 0 R]>>",
               1: b"<</Type /Catalog /Pages 2 0 R>>"}  # fmt: skip
    whole = handmade(tmp_path / "a.pdf", objects).read_bytes()
    (tmp_path / "b.pdf").write_bytes(whole[: whole.index(b"2 0 obj")])
    said = read(sandbox, tmp_path / "b.pdf")
    assert said.outcome == "partial", said.reason
    assert [page.text.strip() for page in said.pages()] == ["Register of households in the eastern village"] * 2


def test_half_a_header_is_damaged(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type /Cat")
    said = read(sandbox, tmp_path / "a.pdf")
    assert (said.outcome, said.parts) == ("damaged", [])


def test_a_wrong_table_alone_costs_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = document(tmp_path / "a.pdf", 3).read_bytes()
    place = whole.rindex(b"startxref\n") + 10
    (tmp_path / "b.pdf").write_bytes(whole[:place] + b"7\n%%EOF\n")
    said = read(sandbox, tmp_path / "b.pdf")
    assert (said.outcome, len(said.pages())) == ("read", 3)
    assert len(said.noted("pdf-repaired")) == 1


@pytest.mark.parametrize("kids", [b"[2 0 R]", b"[3 0 R 2 0 R 2 0 R]", b"[6 0 R 3 0 R]"])
def test_a_page_tree_that_bites_its_tail_ends(sandbox: Sandbox, tmp_path: Path, kids: bytes) -> None:
    objects = {
        1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1000000 /Kids " + kids + b">>", 3: PAGE,
        4: stream(CONTENT), 5: FONT, 6: b"<</Type /Pages /Parent 2 0 R /Count 100 /Kids [2 0 R 3 0 R 6 0 R]>>",
    }  # fmt: skip
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.ended.kind == "done", said.ended
    assert said.outcome in ("damaged", "partial", "read")
    assert len(said.pages()) < 200


def test_a_page_tree_of_ten_thousand_floors_ends(sandbox: Sandbox, tmp_path: Path) -> None:
    deep = {number: b"<</Type /Pages /Count 1 /Kids [%d 0 R]>>" % (number + 1) for number in range(10, 10_010)}
    objects = {1: b"<</Type /Catalog /Pages 10 0 R>>", **deep, 10_010: PAGE, 4: stream(CONTENT), 5: FONT}
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.ended.kind == "done", said.ended
    assert said.outcome in ("read", "damaged", "partial")


def test_a_document_that_claims_a_million_pages_has_those_it_has(sandbox: Sandbox, tmp_path: Path) -> None:
    objects = {1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1000000 /Kids [3 0 R]>>", 3: PAGE,
               4: stream(CONTENT), 5: FONT}  # fmt: skip
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.ended.kind == "done", said.ended
    assert said.expected.pages == 1
    assert "eastern village" in said.pages()[0].text


def test_more_pages_than_the_limit_are_read_up_to_it(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, document(tmp_path / "a.pdf", 30), limits=Limits(pages=20))
    assert said.outcome == "partial"
    assert len(said.pages()) == 20
    assert "more than 20 pages" in said.reason


@pytest.mark.parametrize("name", ["/Dests", "/EmbeddedFiles"])
def test_a_name_tree_that_bites_its_tail_ends(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    objects = {
        1: b"<</Type /Catalog /Pages 2 0 R /Names <<" + name.encode() + b" 6 0 R>> /AcroForm <</Fields [7 0 R]>>>>",
        2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>", 3: PAGE, 4: stream(CONTENT), 5: FONT,
        6: b"<</Kids [6 0 R 6 0 R]>>", 7: b"<</T (a) /V (kept) /Kids [7 0 R 7 0 R]>>",
    }  # fmt: skip
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.outcome == "read"
    assert said.one("form").text == "a\tkept\n"


def bomb(megabytes: int) -> bytes:
    """Deflated spaces; a block after a full flush is the same each time, so that it need be made only once."""
    packer = zlib.compressobj(9)
    first = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (megabytes - 1)


def test_a_page_that_unpacks_to_three_gigabytes_is_stopped(sandbox: Sandbox, tmp_path: Path) -> None:
    objects = {1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>", 3: PAGE,
               4: stream(bomb(3000), b"/Filter /FlateDecode"), 5: FONT}  # fmt: skip
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.outcome != "read"
    assert said.ended.peak_memory < Limits().memory * 1.2


def test_an_embedded_bomb_is_refused_and_the_pages_are_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    objects = {
        1: b"<</Type /Catalog /Pages 2 0 R /Names <</EmbeddedFiles <</Names [(a) 6 0 R]>>>>>>",
        2: b"<</Type /Pages /Count 1 /Kids [3 0 R]>>", 3: PAGE, 4: stream(CONTENT), 5: FONT,
        6: b"<</Type /Filespec /F (bomb.txt) /EF <</F 7 0 R>>>>", 7: stream(bomb(600), b"/Filter /FlateDecode"),
    }  # fmt: skip
    said = read(sandbox, handmade(tmp_path / "a.pdf", objects), limits=_SOON)
    assert said.outcome == "partial"
    assert "bomb" in said.reason
    assert [one.outcome.value for one in said.failed] == ["refused"]
    assert "eastern village" in said.one("page").text
    assert said.ended.peak_memory < 300 << 20


@pytest.mark.parametrize("seed", range(12))
def test_scrambled_bytes_never_take_the_sandbox_down(sandbox: Sandbox, tmp_path: Path, seed: int) -> None:
    data = bytearray(document(tmp_path / "a.pdf", 2).read_bytes())
    for step in range(60):
        place = (seed * 7919 + step * 104_729 + step * step * 31) % len(data)
        data[place] = (data[place] + seed * 17 + step) % 256
    (tmp_path / "b.pdf").write_bytes(data)
    said = read(sandbox, tmp_path / "b.pdf", limits=_SOON)
    assert said.ended.kind == "done", said.ended
    assert said.outcome in ("read", "partial", "damaged", "empty", "locked", "needs-ocr", "unsupported")


def test_noise_behind_a_header_is_damaged(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.5\n" + zlib.compress(bytes(range(256)) * 80) * 40)
    assert read(sandbox, tmp_path / "a.pdf", limits=_SOON).outcome == "damaged"
