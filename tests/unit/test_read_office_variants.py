"""Templates, add-ins, formulas and databases: less common forms of office files are told by what they state, and read."""

from __future__ import annotations

import io

import pytest

from tests.read_by_child import read
from tests.unit.test_read_office_deep import package
from unburnt.read.extensions import mismatch
from unburnt.read.known import BY_EXTENSION, BY_TYPE
from unburnt.read.sniff import sniff
from unburnt.read.source import Source
from unburnt.read.split_names import split_part

OPEN = "application/vnd.oasis.opendocument."
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def sniffed(data: bytes, name: str) -> str:
    return sniff(Source(io.BytesIO(data), len(data), name))


@pytest.mark.parametrize(
    ("name", "main", "media_type"),
    [
        ("a.potm", "vnd.ms-powerpoint.template.macroEnabled", "vnd.ms-powerpoint.template.macroEnabled.12"),
        ("a.ppsm", "vnd.ms-powerpoint.slideshow.macroEnabled", "vnd.ms-powerpoint.slideshow.macroEnabled.12"),
        ("a.ppam", "vnd.ms-powerpoint.addin.macroEnabled", "vnd.ms-powerpoint.addin.macroEnabled.12"),
        ("a.xlam", "vnd.ms-excel.addin.macroEnabled", "vnd.ms-excel.addin.macroEnabled.12"),
        ("a.xltm", "vnd.ms-excel.template.macroEnabled", "vnd.ms-excel.template.macroEnabled.12"),
        ("a.dotm", "vnd.ms-word.template.macroEnabledTemplate", "vnd.ms-word.template.macroEnabled.12"),
        ("a.potx", "vnd.openxmlformats-officedocument.presentationml.template", "vnd.openxmlformats-officedocument.presentationml.template"),
        ("a.vstx", "vnd.ms-visio.template", "vnd.ms-visio.template"),
        ("a.vssm", "vnd.ms-visio.stencil.macroEnabled", "vnd.ms-visio.stencil.macroEnabled"),
    ],
)  # fmt: skip
def test_each_form_of_office_packages_has_its_type_and_its_reader(name: str, main: str, media_type: str) -> None:
    types = f'<Types><Override PartName="/x/main.xml" ContentType="application/{main}.main+xml"/></Types>'
    found = sniffed(package({"[Content_Types].xml": types, "x/main.xml": "<a/>"}), name)
    assert found == f"application/{media_type}"
    assert BY_TYPE[found] is BY_EXTENSION[name.rpartition(".")[2]]
    assert mismatch(name, found) is None


def opened(kind: str, content: str, **more: str) -> bytes:
    return package({"mimetype": OPEN + kind, "content.xml": content, **more})


def test_a_formula_says_what_its_author_typed() -> None:
    content = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>S</mi></mrow>'
        '<annotation encoding="StarMath 5.0">S = 拘留 over 2017</annotation></semantics></math>'
    )
    said = read(opened("formula", content), "a.odf")
    assert (said.outcome, said.text) == ("read", "S = 拘留 over 2017\n")


def test_a_database_tells_its_connection_queries_and_forms_and_its_rows_can_be_found() -> None:
    content = f"""<o:document-content xmlns:o="{OFFICE}" xmlns:db="urn:oasis:names:tc:opendocument:xmlns:database:1.0"
        xmlns:xlink="http://www.w3.org/1999/xlink"><o:body><o:database>
        <db:data-source><db:connection-data><db:server-database db:hostname="10.1.2.3" db:database-name="people"/>
        <db:login db:user-name="wang"/></db:connection-data></db:data-source>
        <db:forms><db:component db:name="Ввод" xlink:href="forms/Obj1"/></db:forms>
        <db:queries><db:query db:name="byCamp" db:command="SELECT * FROM &quot;camps&quot;"/></db:queries>
        <db:table-representations><db:table-representation db:name="camps"><db:columns><db:column db:name="ID"/></db:columns>
        </db:table-representation></db:table-representations></o:database></o:body></o:document-content>"""
    rows = "CREATE CACHED TABLE \"camps\"(ID INTEGER)\nINSERT INTO \"camps\" VALUES(7,'\\u62d8\\u7559')\n"
    said = read(opened("base", content, **{"database/script": rows}), "a.odb")
    assert said.outcome == "read"
    texts = {part.label: part.text for part in said.all_parts}
    assert texts["connection"] == "10.1.2.3; people\nwang\n"
    assert texts["queries"] == 'byCamp: SELECT * FROM "camps"\n'
    assert texts["tables"] == "camps\n  ID\n"
    assert texts["forms"] == "Ввод\n"
    assert (said.members, said.bytes) == ([b"database/script"], rows.encode())


@pytest.mark.parametrize("head", [b"\0\0\2\0\6\4\6\0", b"\0\0\x1a\0\3\x10\4\0"])
def test_a_sheet_of_lotus_is_named_and_no_volume_of_anything(head: bytes) -> None:
    said = read(head + bytes(40), "budget.123")
    assert said.finished is not None
    assert (said.outcome, "application/vnd.lotus-1-2-3" in said.finished.reason) == ("unsupported", True)


@pytest.mark.parametrize(
    ("name", "is_part"),
    [("budget.123", False), ("folder.d/budget.365", False), ("budget.012", True), ("a.7z.123", True), ("film.mkv.101", True)],
)
def test_three_digits_alone_are_an_extension_and_behind_another_extension_a_part(name: str, is_part: bool) -> None:
    assert (split_part(name) is not None) is is_part


OLD = "http://openoffice.org/2000/"


def of_openoffice(kind: str, body: str, *, stated: bool = False) -> bytes:
    """A package as OpenOffice.org 1 wrote it: its type stands in the manifest only."""
    root = {"writer": "text", "calc": "spreadsheet", "impress": "presentation", "draw": "drawing"}[kind]
    content = (
        f'<!DOCTYPE office:document-content PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "office.dtd">'
        f'<office:document-content xmlns:office="{OLD}office" xmlns:text="{OLD}text" xmlns:table="{OLD}table" xmlns:draw="{OLD}drawing" '
        f'office:class="{root}"><office:body>{body}</office:body></office:document-content>'
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">'
        f'<manifest:file-entry manifest:media-type="application/vnd.sun.xml.{kind}" manifest:full-path="/"/></manifest:manifest>'
    )
    own = {"mimetype": f"application/vnd.sun.xml.{kind}"} if stated else {}
    return package({**own, "content.xml": content, "META-INF/manifest.xml": manifest})


@pytest.mark.parametrize("stated", [True, False])
def test_a_text_of_openoffice_1_is_read_with_its_notes(stated: bool) -> None:
    body = (
        "<text:p>Приказ<text:tab-stop/>№ 3<text:footnote><text:footnote-citation>1</text:footnote-citation><text:footnote-body>"
        '<text:p>see order 2</text:p></text:footnote-body></text:footnote></text:p><text:p><office:annotation office:author="Ann" '
        'office:create-date="2003-04-05"><text:p>really?</text:p></office:annotation>拘留</text:p>'
    )
    data = of_openoffice("writer", body, stated=stated)
    assert sniffed(data, "a.sxw") == "application/vnd.sun.xml.writer"
    said = read(data, "a.sxw")
    assert said.outcome == "read"
    texts = {part.kind: part.text for part in said.parts}
    assert texts["text"] == "Приказ\t№ 3\n拘留\n"
    assert (texts["footnotes"].strip(), texts["comments"].strip()) == ("see order 2", "really?")


def test_sheets_and_slides_of_openoffice_1_are_read_as_such() -> None:
    table = (
        '<table:table table:name="Лист"><table:table-row><table:table-cell table:value-type="float" table:value="7.5"><text:p>7,5</text:p>'
        "</table:table-cell><table:table-cell><text:p>囚</text:p></table:table-cell></table:table-row></table:table>"
    )
    sheet = read(of_openoffice("calc", table), "a.sxc")
    assert (sheet.outcome, sheet.parts[0].kind, sheet.parts[0].label) == ("read", "sheet", "Лист")
    assert len(sheet.parts[0].cells) == 2 and sheet.parts[0].text == "7,5\t囚"
    page = "<draw:page><draw:text-box><text:p>one</text:p></draw:text-box></draw:page>"
    slides = read(of_openoffice("impress", page * 2), "a.sxi")
    assert [(part.kind, part.text.strip()) for part in slides.parts] == [("slide", "one"), ("slide", "one")]
