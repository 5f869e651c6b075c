"""Printed pages of Windows: letters at places become lines that can be found. Packages as ECMA-388 describes them, made here."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from tests.read_by_child import Said, read

XPS = "http://schemas.microsoft.com/xps/2005/06"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="fdseq" ContentType="application/vnd.ms-package.xps-fixeddocumentsequence+xml"/></Types>'
)
STARTS = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{XPS}/fixedrepresentation" Target="/FixedDocSeq.fdseq"/></Relationships>'
PNG = b"\x89PNG\r\n\x1a\nnot much"


def glyphs(text: str, x: float, y: float, *, advances: str = "", level: int = 0) -> str:
    indices = f'Indices="{advances}"' if advances else ""
    return f'<Glyphs OriginX="{x}" OriginY="{y}" FontRenderingEmSize="10" BidiLevel="{level}" UnicodeString="{text}" {indices}/>'


def page(*inner: str) -> bytes:
    return f'<FixedPage xmlns="{XPS}" Width="600" Height="800">{"".join(inner)}</FixedPage>'.encode("utf-16")


def package(pages: dict[str, bytes], listed: list[str]) -> dict[str, bytes]:
    references = "".join(f'<PageContent Source="Pages/{name}.fpage"/>' for name in listed)
    return {
        "_rels/.rels": STARTS.encode(),
        "FixedDocSeq.fdseq": f'<FixedDocumentSequence xmlns="{XPS}"><DocumentReference Source="/D/1.fdoc"/></FixedDocumentSequence>'.encode(),
        "D/1.fdoc": f'<FixedDocument xmlns="{XPS}">{references}</FixedDocument>'.encode(), **pages, "Resources/a.png": PNG,
        "[Content_Types].xml": TYPES.encode(),
    }  # fmt: skip


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return file.getvalue()


def xps(*pages: bytes) -> Said:
    parts = {f"D/Pages/{number}.fpage": data for number, data in enumerate(pages, 1)}
    return read(packed(package(parts, [str(number) for number in range(1, len(pages) + 1)])), "a.xps")


def as_large(archive: bytes) -> bytes:
    """With the directory's place told by the record for large archives alone, as .NET writes its packages."""
    at = archive.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<10xHII", archive, at)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, start)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    return archive[:at] + record + locator + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def test_pages_give_their_lines_in_order_and_pictures_are_members() -> None:
    said = xps(page(glyphs("Secret ", 10, 10), glyphs("order", 50, 10), glyphs("below", 10, 24)), page(glyphs("第二页", 10, 10)))
    assert [(part.kind, part.label, part.text) for part in said.parts] == [("page", "1", "Secret order\nbelow"), ("page", "2", "第二页")]
    assert said.members == [b"Resources/a.png"] and said.outcome == "read"
    assert said.expected is not None and (said.expected.pages, said.expected.members) == (2, 1)


def test_runs_are_parted_by_a_blank_only_where_there_is_room() -> None:
    near = glyphs("wo", 10, 10, advances=",50;,50") + glyphs("rd", 20, 10, advances=",50;,50")
    far = glyphs("two", 10, 30, advances=",50;,50;,50") + glyphs("words", 40, 30)
    assert xps(page(near, far)).text == "word\ntwo words"


def test_arabic_script_is_read_from_the_right_and_latin_words_within_keep_their_order() -> None:
    line = glyphs("ئۇيغۇر", 200, 10, level=1) + glyphs("first", 100, 10) + glyphs("second", 130, 10) + glyphs("ئاپتونوم رايونى", 90, 10, level=1)
    assert xps(page(line)).text == "ئۇيغۇر first second ئاپتونوم رايونى"
    assert xps(page(glyphs("The", 10, 10) + glyphs("بىر", 60, 10, level=1) + glyphs("ئىككى", 100, 10, level=1) + glyphs("fox jumps", 110, 10))).text == (
        "The ئىككى بىر fox jumps"
    )


def test_places_follow_the_canvas_that_holds_them() -> None:
    moved = '<Canvas RenderTransform="1,0,0,1,0,100">' + glyphs("lower", 10, 10) + "</Canvas>" + glyphs("upper", 60, 10)
    named = f'<Canvas><Canvas.RenderTransform><MatrixTransform Matrix="2,0,0,2,0,0"/></Canvas.RenderTransform>{glyphs("twice", 1, 60)}</Canvas>'
    assert xps(page(moved, named)).text == "lower\nupper\ntwice"


def test_where_a_page_leads_and_letters_that_are_escaped() -> None:
    said = xps(page('<Canvas FixedPage.NavigateUri="https://leak.example/">' + glyphs("{}{braces}", 1, 1) + "</Canvas>"))
    assert said.text.startswith("{braces}")
    inside = xps(page('<Canvas FixedPage.NavigateUri="../1.fdoc#p2"/><Canvas FixedPage.NavigateUri="plan.pdf"/>', glyphs("x", 1, 1)))
    assert [part.text for part in inside.all_parts if part.label == "links"] == ["plan.pdf"]
    assert [part.text for part in said.all_parts if part.label == "links"] == ["https://leak.example/"]


def test_a_page_in_pieces_is_put_together_and_a_missing_one_is_named() -> None:
    whole = page(glyphs("in pieces", 1, 1))
    parts = package({"D/Pages/1.fpage/[0].piece": whole[:80], "D/Pages/1.fpage/[1].last.piece": whole[80:]}, ["1", "2"])
    said = read(packed(parts), "a.xps")
    assert said.text == "in pieces" and said.outcome == "partial"
    assert said.finished is not None and "page 2 is missing" in said.finished.reason


@pytest.mark.parametrize("untrusted", [
    page(glyphs("x", 0, 0).replace('OriginX="0"', 'OriginX="1e999"')), page(glyphs("x", 0, 0, advances=";" * 300_000)),
    page("<Canvas>" * 240 + glyphs("x", 1, 1) + "</Canvas>" * 240), page('<Canvas RenderTransform="a,b">' + glyphs("x", 1, 1) + "</Canvas>"),
])  # fmt: skip
def test_nonsense_in_a_page_ends_nothing(untrusted: bytes) -> None:
    assert xps(untrusted, page(glyphs("after", 1, 1))).text.endswith("after")


def test_a_package_whose_directory_stands_in_the_record_for_large_archives_is_known_for_what_it_is() -> None:
    said = read(as_large(packed(package({"D/Pages/1.fpage": page(glyphs("found", 1, 1))}, ["1"]))), "a.bin")
    assert said.text == "found"
