"""OpenDocument files whose content other programs wrote, and what they repeat.

``made_elsewhere/sealed.odt`` was encrypted by LibreOffice 7.4 (AES-256, PBKDF2); of its parts only two are kept.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.read_by_child import read
from tests.read_in_sandbox import read as read_locked
from unburnt.sandbox.runner import Sandbox

SEALED = Path(__file__).with_name("made_elsewhere") / "sealed.odt"
PASSWORD = "花园-7"
SHEET = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text", "draw")
) + ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'


def package(body: str, media_type: str = SHEET) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("mimetype", media_type)
        target.writestr("content.xml", f"<office:document-content {NAMESPACES}><office:body>{body}</office:body></office:document-content>")
    return file.getvalue()


def sheet(rows: str) -> bytes:
    return package(f'<office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet>')


def changed(name: bytes, old: bytes, new: bytes) -> bytes:
    """The sealed file with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(SEALED) as source, zipfile.ZipFile(file, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            target.writestr(info.filename, data.replace(old, new) if info.filename.encode() == name else data)
    return file.getvalue()


def test_an_encrypted_document_opens_with_its_password_inside_the_sandbox(tmp_path: Path) -> None:
    with Sandbox("unburnt.read.child:main") as sandbox:
        said = read_locked(sandbox, SEALED, passwords=("wrong", PASSWORD))
    assert (said.outcome, said.one("text").text) == ("read", "封存的命令 The sealed order\n")
    assert said.finished is not None
    assert said.finished.opened_with_secret


@pytest.mark.parametrize(("passwords", "sentence"), [((), "a password is needed"), (("wrong",), "none of the given")])
def test_an_encrypted_document_stays_locked_without_its_password(passwords: tuple[str, ...], sentence: str) -> None:
    said = read(SEALED.read_bytes(), "a.odt", passwords=passwords)
    assert said.outcome == "locked"
    assert said.finished is not None
    assert sentence in said.finished.reason


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [(b"#aes256-cbc", b"#blowfish", "locked"), (b'"PBKDF2"', b'"argon2id"', "locked"), (b'"100000"', b'"2000000000"', "locked"),
     (b"hmSCWG1gCEYr4qWtuzeCCA==", b"hmSC", "damaged"), (b"hmSCWG1gCEYr4qWtuzeCCA==", b"*", "damaged")],
)  # fmt: skip
def test_an_unknown_or_damaged_encryption_is_told(old: bytes, new: bytes, outcome: str) -> None:
    assert read(changed(b"META-INF/manifest.xml", old, new), "a.odt", passwords=(PASSWORD,)).outcome == outcome


def test_rows_and_cells_repeated_beyond_reason_are_a_loss_that_is_told() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    few = read(sheet(f'<table:table-row table:number-rows-repeated="1000">{cell}</table:table-row>'), "a.ods")
    assert (few.outcome, few.text.count("x")) == ("read", 1000)
    rows = read(sheet(f'<table:table-row table:number-rows-repeated="1001">{cell}</table:table-row>'), "a.ods")
    wide = cell.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="1025"')
    cells = read(sheet(f"<table:table-row>{wide}</table:table-row>"), "b.ods")
    for said in (rows, cells):
        assert said.outcome == "partial"
        assert said.finished is not None
        assert "the rest of these copies is not shown" in said.finished.reason


def test_what_is_said_about_a_picture_is_text_of_the_document() -> None:
    frame = '<draw:frame><draw:image/><svg:title>The gate</svg:title><svg:desc>A wall with wire</svg:desc></draw:frame>'
    said = read(package(f"<office:text><text:p>{frame}</text:p></office:text>", SHEET.replace("spreadsheet", "text")), "a.odt")
    assert said.outcome == "read"
    assert [(part.kind, part.text) for part in said.parts] == [("text", "\n"), ("section", "The gate\nA wall with wire\n")]


def test_a_long_sheet_says_which_of_its_parts_go_on() -> None:
    cell = f'<table:table-cell office:value-type="string"><text:p>{"x" * 200}</text:p></table:table-cell>'
    said = read(sheet("".join(f"<table:table-row>{cell}</table:table-row>" for _ in range(2100))), "a.ods")
    assert [part.continues for part in said.parts] == [False, True, True]
    assert [part.cells[0].row for part in said.parts][1:] == sorted(part.cells[0].row for part in said.parts)[1:]


@pytest.mark.parametrize(("kind", "name"), [
    ("text-web", "a.oth"), ("text-master", "a.odm"), ("text-master-template", "a.otm"), ("text-template", "a.ott"),
])
def test_every_kind_of_text_document_is_read(kind: str, name: str) -> None:
    body = '<office:text><text:h text:outline-level="1">迁移名单</text:h><text:p>first line</text:p></office:text>'
    said = read(package(body, f"application/vnd.oasis.opendocument.{kind}"), name)
    assert said.began is not None and said.began.reader == "odf"
    assert said.outcome == "read" and "迁移名单\nfirst line\n" in said.text and said.notes == []


def test_titles_of_charts_and_their_axes_are_found() -> None:
    """As LibreOffice 7.4 writes a chart: a document of its own in the package, or within the page of a flat file."""
    chart = (
        '<office:chart><chart:chart xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0"><chart:title><text:p>完成情况</text:p>'
        "</chart:title><chart:plot-area><chart:axis><chart:title><text:p>месяц</text:p></chart:title></chart:axis></chart:plot-area>"
        "</chart:chart></office:chart>"
    )
    file = io.BytesIO(sheet("<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"))
    with zipfile.ZipFile(file, "a") as target:
        target.writestr("Object 1/content.xml", f"<office:document-content {NAMESPACES}><office:body>{chart}</office:body></office:document-content>")
    said = read(file.getvalue(), "a.ods")
    assert {part.label: part.text for part in said.parts}["Object 1"] == "完成情况\nмесяц\n"


def test_boxes_fixed_to_a_sheet_and_not_to_a_cell_are_found() -> None:
    said = read(sheet(
        "<table:shapes><draw:frame><draw:text-box><text:p>不得外传</text:p></draw:text-box></draw:frame>"
        "<draw:custom-shape><text:p>в архив</text:p></draw:custom-shape></table:shapes>"
        "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    ), "a.ods")  # fmt: skip
    assert [(part.kind, part.label, part.text) for part in said.parts] == [
        ("sheet", "A", "x"), ("section", "A (drawings)", "不得外传\nв архив\n"),
    ]  # fmt: skip


def test_who_changed_a_cell_and_what_stood_there_is_found() -> None:
    said_by = '<office:change-info><dc:creator xmlns:dc="d">李四</dc:creator><dc:date xmlns:dc="d">2018-01-01T00:00:00</dc:date></office:change-info>'
    tracked = (
        '<table:tracked-changes><table:cell-content-change table:id="ct1"><table:cell-address table:column="1" table:row="2" table:table="0"/>'
        f"{said_by}<table:previous><table:change-track-table-cell><text:p>旧名单</text:p></table:change-track-table-cell></table:previous>"
        '</table:cell-content-change><table:insertion table:id="ct2" table:type="row" table:position="4">'
        f'{said_by}</table:insertion><table:cell-content-change><table:cell-address table:column="-5" table:row="-5"/>{said_by}'
        "</table:cell-content-change></table:tracked-changes>"
    )
    row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    said = read(package(f'<office:spreadsheet>{tracked}<table:table table:name="A">{row}</table:table></office:spreadsheet>'), "a.ods")
    (part,) = [one for one in said.parts if one.label == "changes"]
    assert part.text.split("\n") == [
        "2018-01-01T00:00:00 李四: B3: 旧名单 →", "2018-01-01T00:00:00 李四: insertion row 4", "2018-01-01T00:00:00 李四: A1:  →",
    ]  # fmt: skip


def test_footers_of_slides_are_found() -> None:
    slides = (
        '<office:presentation><p:footer-decl xmlns:p="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" p:name="f1">机密 footer</p:footer-decl>'
        "<draw:page><draw:frame><draw:text-box><text:p>title</text:p></draw:text-box></draw:frame></draw:page></office:presentation>"
    )
    said = read(package(slides, "application/vnd.oasis.opendocument.presentation"), "a.odp")
    assert [(part.kind, part.text.strip()) for part in said.parts] == [("slide", "title"), ("header", "机密 footer")]
