"""Workbooks by the libraries at hand, asked for what a reader must give, in plain loops (see ``_bare``).

Of XLSX openpyxl tells values with their types, formulas (in a second pass over the file), comments, number formats, what is hidden
or merged, names, properties. Of XLS no library here tells comments, hidden rows or columns: calamine's values, merged ranges and
hidden sheets with olefile's properties are less than half, and their figure is a floor that is too low. OpenDocument is walked with lxml.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import olefile
import openpyxl
import python_calamine
from lxml import etree


def openxml(data: bytes, language: Callable[[str], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values, formulas = (openpyxl.load_workbook(BytesIO(data), data_only=only) for only in (True, False))
    told: list[Any] = [[(name, one.attr_text) for name, one in values.defined_names.items()], repr(values.properties)]
    for sheet in values.worksheets:
        hidden = [key for sizes in (sheet.row_dimensions, sheet.column_dimensions) for key, size in sizes.items() if size.hidden]
        cells = []
        for row, other in zip(sheet.iter_rows(), formulas[sheet.title].iter_rows(), strict=True):
            cells += [
                (cell.row, cell.column, str(cell.value), cell.data_type, cell.number_format, cell.comment and cell.comment.text,
                 str(same.value) if same.data_type == "f" else None)
                for cell, same in zip(row, other, strict=True) if cell.value is not None or cell.comment
            ]  # fmt: skip
        merged = [str(one) for one in sheet.merged_cells.ranges]
        told.append((sheet.title, sheet.sheet_state, hidden, merged, cells, language("\n".join(cell[2] for cell in cells))))
    return told, _members(data, ".xml", ".rels", ".vml")


def old(data: bytes, language: Callable[[str], Any]) -> Any:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    told = []
    for about in book.sheets_metadata:
        sheet = book.get_sheet_by_name(about.name)
        cells = [
            (number, column, type(value).__name__, str(value))
            for number, row in enumerate(sheet.iter_rows()) for column, value in enumerate(row) if value != ""
        ]
        said = language("\n".join(one[3] for one in cells))
        told.append((about.name, str(about.visible), sheet.start, sheet.merged_cell_ranges, cells, said))
    with olefile.OleFileIO(BytesIO(data)) as ole:
        properties = [str(value) for value in vars(ole.get_metadata()).values() if value]
        return told, properties, ole.listdir()


def open_document(data: bytes, language: Callable[[str], Any]) -> Any:
    with zipfile.ZipFile(BytesIO(data)) as package:
        root = etree.fromstring(package.read("content.xml"))
        others = [package.read(name) for name in ("meta.xml", "styles.xml") if name in package.namelist()]
        beside = ["".join(etree.fromstring(other).itertext()) for other in others]
    told = []
    for sheet in root.iter("{*}table"):
        cells, number = [], 0
        for row in sheet.iter("{*}table-row"):
            about = {key.rpartition("}")[2]: value for key, value in row.attrib.items()}
            column = 0
            for cell in row:
                said = {key.rpartition("}")[2]: value for key, value in cell.attrib.items()}
                text = "\n".join("".join(one.itertext()) for one in cell.iterchildren("{*}p"))
                notes = ["".join(one.itertext()) for one in cell.iterchildren("{*}annotation")]
                if text or notes:
                    cells.append((number, column, text, said, notes))
                column += int(said.get("number-columns-repeated", 1))
            cells.append((number, about.get("visibility")))
            number += int(about.get("number-rows-repeated", 1))
        hidden = [dict(one.attrib) for one in sheet.iter("{*}table-column")]
        told.append((sheet.attrib.values(), hidden, cells, language("\n".join(one[2] for one in cells if len(one) > 2))))
    return told, beside, _members(data, ".xml")


def _members(data: bytes, *read: str) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return [(name, package.read(name)) for name in package.namelist() if not name.endswith(read)]
