"""Packages that lie: about sizes, depth, entities. The bounded package and parser must come back, quickly."""

from __future__ import annotations

import io
import struct
import zipfile

from unburnt.read.formats.office.office_xml import descendants, parse_bytes, text_of
from unburnt.read.formats.office.ooxml_package import open_package
from unburnt.read.formats.office.xlsx_sheet import SheetStream
from unburnt.read.formats.office.xlsx_values import Values


def package_of(parts: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file


def test_declared_sizes_are_not_believed() -> None:
    data = bytearray(package_of({"a.xml": b"<a>" + b"x" * 5000 + b"</a>"}).getvalue())
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, entry + 24, 7)
    package = open_package(io.BytesIO(bytes(data)))
    assert package.read("a.xml", 1 << 20) == b"<a>" + b"x" * 5000 + b"</a>"


def test_a_part_that_unpacks_without_end_is_cut() -> None:
    package = open_package(package_of({"a.xml": b" " * 300_000_000}))
    assert len(package.read("a.xml", 1000)) == 1000


def test_billion_laughs_expands_nothing() -> None:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    tree = parse_bytes(b'<!DOCTYPE a [<!ENTITY l0 "ha">' + entities + b"]><a>&l11;</a>")
    assert tree.root is None or len(text_of(tree.root)) < 1000


def test_external_entities_are_not_fetched(tmp_path: object) -> None:
    secret = f"{tmp_path}/secret.txt"
    with open(secret, "w") as file:
        file.write("planted")
    tree = parse_bytes(f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'.encode())
    assert tree.root is None or "planted" not in text_of(tree.root)


def test_deep_nesting_is_reported_and_keeps_what_came_before() -> None:
    tree = parse_bytes(b"<a><t>before</t>" + b"<b>" * 100_000 + b"</b>" * 100_000 + b"</a>")
    assert not tree.whole
    assert tree.root is not None
    assert [element.text for element in descendants(tree.root, "t")] == ["before"]


def test_a_million_empty_rows_stream_by() -> None:
    xml = b"<worksheet><sheetData>" + b"<row/>" * 1_000_000 + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    (row,) = SheetStream(iter([xml]), Values([], frozenset(), epoch_1904=False)).rows()
    assert [(line, column, shown) for line, column, shown, *_ in row] == [(1_048_575, 16_383, "1")]
