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
