"""OFD files that lie: about places, themselves, and what they unpack to. Each gets its outcome, and what is good is kept."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from tests.ofd_made import SPACE, Document, Page, make_ofd, packed, text
from tests.read_by_child import read
from unburnt.read import render
from unburnt.read.formats.pages.ofd_geometry import matrix, number, numbers
from unburnt.read.formats.pages.ofd_path import lines_of
from unburnt.read.formats.pages.ofd_text import deltas


def test_absurd_coordinates_cost_the_place_and_never_the_text() -> None:
    objects = [
        text("甲", 20, 20, ctm="1e999 nan 0 1 0 0"), text("乙", 9e5, 9e5, size=9e5, ctm="999999 0 0 999999 0 0"),
        text("丙", 20, 20, delta="g 999999999 1e5"), text("丁", 20, 40, size=-5), text("戊", 20, 60, delta="g nan 3 x"),
    ]  # fmt: skip
    said = read(make_ofd(Document([Page(objects)])), "a.ofd")
    assert (said.outcome, said.text.split()) == ("read", ["甲", "乙", "丙", "丁", "戊"])
    for line in said.parts[0].lines:
        assert line.rectangle is None or all(abs(edge) < 1e8 for edge in line.rectangle)


def test_absurd_numbers_are_no_numbers() -> None:
    assert [number(value) for value in ("1e999", "nan", "inf", "1e7", "--1", "1_0", "９", "1" * 500, None)] == [None] * 9
    assert numbers("1 2 x 3") == [1, 2]
    assert matrix("1 0 0") == (1, 0, 0, 1, 0, 0)
    assert deltas("g 3 1.5 2 g -1 9", 10) == [1.5, 1.5, 1.5, 2]
    assert lines_of("M 0 0 L 1 1 Q 1") == [[(0, 0), (1, 1)]]
    assert lines_of("L 1 1") == []


def test_units_that_hold_each_other_end() -> None:
    units = "".join(
        f'<ofd:CompositeGraphicUnit ID="{number}"><ofd:Content>'
        + f'<ofd:CompositeObject Boundary="0 0 1 1" ResourceID="{30 + (number - 29) % 12}"/>' * 12
        + "</ofd:Content></ofd:CompositeGraphicUnit>"
        for number in range(30, 42)
    )
    used = '<ofd:CompositeObject Boundary="0 0 1 1" ResourceID="30"/>'
    document = Document([Page([text("正文", 20, 20), used])], resources=f"<ofd:CompositeGraphicUnits>{units}</ofd:CompositeGraphicUnits>")
    said = read(make_ofd(document), "a.ofd")
    assert (said.outcome, said.text) == ("partial", "正文\n")


def test_a_template_that_names_itself_is_drawn_once() -> None:
    template = f'<ofd:Page {SPACE}><ofd:Template TemplateID="500"/><ofd:Content><ofd:Layer>{text("机密", 1, 1)}</ofd:Layer></ofd:Content></ofd:Page>'
    document = Document([Page([text("正文", 20, 50)], template=0)], templates=[""], files={"Tpls/Tpl_0/Content.xml": b""})
    data = make_ofd(document)
    files = _files(data) | {"Doc_0/Tpls/Tpl_0/Content.xml": template.encode()}
    said = read(packed(files), "a.ofd")
    assert (said.outcome, said.text) == ("read", "机密\n正文\n")


def test_blocks_nested_without_end_keep_what_stands_before_them() -> None:
    nested = text("之前", 20, 20) + "<ofd:PageBlock>" * 5000 + text("之中", 20, 40) + "</ofd:PageBlock>" * 5000
    said = read(make_ofd(Document([Page([nested])])), "a.ofd")
    assert said.outcome == "partial"
    assert said.text.startswith("之前\n")


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("planted")
    page = (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY y "{"ha" * 1000}">]><ofd:Page {SPACE}><ofd:Content>'
        f'<ofd:Layer><ofd:TextObject Boundary="0 0 9 9"><ofd:TextCode X="0" Y="0">甲&x;{"&y;" * 1000}</ofd:TextCode></ofd:TextObject>'
        "</ofd:Layer></ofd:Content></ofd:Page>"
    )
    files = _files(make_ofd(Document([Page([])]))) | {"Doc_0/Pages/Page_0/Content.xml": page.encode()}
    said = read(packed(files), "a.ofd")
    assert "planted" not in said.text
    assert len(said.text) < 1000


def test_a_page_that_unpacks_without_end_ends() -> None:
    files = _files(make_ofd(Document([Page([text("好", 20, 20)]), Page([])])))
    files["Doc_0/Pages/Page_1/Content.xml"] = b"<a>" + b" " * 101_000_000
    said = read(packed(files), "a.ofd")
    assert said.outcome == "partial"
    assert said.parts[0].text == "好\n"


def test_a_missing_page_is_counted_and_the_others_are_read() -> None:
    files = _files(make_ofd(Document([Page([text("一", 20, 20)]), Page([text("二", 20, 20)]), Page([text("三", 20, 20)])])))
    del files["Doc_0/Pages/Page_1/Content.xml"]
    said = read(packed(files), "a.ofd")
    assert [part.text for part in said.parts] == ["一\n", "", "三\n"]
    assert said.finished is not None
    assert (said.outcome, said.finished.reason) == ("partial", "Some was lost: 1 of 3 pages cannot be read.")


def test_a_file_that_is_cut_off_gives_the_pages_before_the_cut() -> None:
    pages = [Page([text(f"第{number}页", 20, 20), *[text("字" * 50, 20, 30 + line) for line in range(9)]]) for number in range(8)]
    files = _files(make_ofd(Document(pages)))
    data = packed(files)
    said = read(data[: int(len(data) * 0.6)], "a.ofd")
    assert said.outcome == "partial"
    assert said.parts[0].text.startswith("第0页\n")
    assert said.expected is not None and said.expected.pages == 8
    assert said.finished is not None
    assert "of 8 pages cannot be read" in said.finished.reason


@pytest.mark.parametrize("length", range(0, 1500, 97))
def test_however_it_is_cut_or_bent_there_is_an_outcome(length: int) -> None:
    data = bytearray(make_ofd(Document([Page([text("正文", 20, 20)])], attachments=[("a", "a.txt", b"a")])))
    assert read(bytes(data[: length + 4]), "a.ofd").finished is not None
    struct.pack_into("<I", data, min(length + 40, len(data) - 4), 0xFFFFFFFF)
    assert read(bytes(data), "a.ofd").finished is not None


def test_a_page_as_large_as_a_city_is_drawn_small() -> None:
    render.warm()
    data = make_ofd(Document([Page([text("甲", 20, 20, size=900000), text("乙", 20, 20, size=1)], area="0 0 900000 900000")]))
    picture = render._picture(io.BytesIO(data), render.Order(page=0, dpi=1_000_000, media_type="application/ofd"))
    assert picture is not None
    assert picture.width * picture.height <= 60_000_000


def _files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_entities_among_the_metadata_are_passed_over() -> None:
    files = _files(make_ofd(Document([Page([text("正文", 20, 20)])], info="<ofd:Title>通知</ofd:Title>")))
    root = files["OFD.xml"].replace(b"?>", b"?><!DOCTYPE a [<!ENTITY x 'y'>]>", 1).replace(b"<ofd:Title>", b"&x;<ofd:Title>", 1)
    said = read(packed(files | {"OFD.xml": root}), "a.ofd")
    assert (said.metadata.title, said.text) == ("通知", "正文\n")


def test_a_file_whose_beginning_is_cut_off_gives_an_outcome_and_no_picture() -> None:
    data = make_ofd(Document([Page([text("正文", 20, 20)])]))
    for cut in (1, 20, 200):
        assert read(data[cut:], "a.ofd").finished is not None
        order = render.Order(page=0, width=100, media_type="application/ofd")
        assert render._picture(io.BytesIO(data[cut:]), order) is None
