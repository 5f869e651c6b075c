"""Village rosters as offices keep them: titles above the table, merged headings, totals, hidden rows and sheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msoffcrypto
import olefile
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from xlsxwriter.utility import xl_cell_to_rowcol

from leak_maker.fixed import fixed_randomness
from leak_maker.truth import CellTruth, Document, Made, SheetTruth

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
CREATED = datetime(2017, 5, 5, 9, 0, 0)
Value = str | int | float | datetime | tuple[str, int]


@dataclass
class Grid:
    """A sheet to be written: values by A1 address; a tuple is a formula with its stored result."""

    name: str
    cells: dict[str, Value]
    hidden: bool = False
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[str] = ()
    merged: Sequence[str] = ()
    comments: dict[str, str] = field(default_factory=dict)


def roster(name: str, title: str, people: Sequence[Sequence[Value]], **rest: object) -> Grid:
    """A list of people below a title, a line of origin and two rows of headings; a total at the end."""
    cells: dict[str, Value] = {
        "A1": title,
        "A2": "填报单位：孙都克乡",
        "E2": "填报日期：二〇一七年五月五日",
        "A3": "序号",
        "B3": "户主",
        "D3": "登记情况",
        "B4": "姓名",
        "C4": "证件号",
        "D4": "登记日期",
        "E4": "备注",
    }
    for number, person in enumerate(people):
        row = 5 + number
        cells[f"A{row}"] = number + 1
        for column, value in zip("BCDE", person, strict=False):
            if value != "":
                cells[f"{column}{row}"] = value
    last = 5 + len(people)
    cells[f"A{last}"] = "合计"
    cells[f"B{last}"] = (f"=COUNTA(B5:B{last - 1})", len(people))
    merged = ("A1:E1", "A3:A4", "B3:C3", "D3:E3")
    return Grid(name, cells, merged=merged, **rest)  # type: ignore[arg-type]


def xlsx(*grids: Grid) -> Made:
    """A workbook as Excel would save it: numbers keep 15 digits, formulas their last result."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": 'yyyy"年"m"月"d"日"'})
    book.set_properties({"author": "孙都克乡综合办公室", "created": CREATED})
    for grid in grids:
        _write_modern(book.add_worksheet(grid.name), grid, book.add_format({"bold": True}))
    book.close()
    truth = Document(
        "xlsx", [XLSX], sheets=[_truth(grid) for grid in grids], pages=len(grids), author="孙都克乡综合办公室"
    )
    return Made(out.getvalue(), truth)


def _write_modern(sheet: xlsxwriter.worksheet.Worksheet, grid: Grid, bold: object) -> None:
    inside = {reference.split(":")[0]: reference for reference in grid.merged}
    for address, value in grid.cells.items():
        if address in inside:
            sheet.merge_range(inside[address], value, bold)
        elif isinstance(value, tuple):
            sheet.write_formula(address, value[0], None, value[1])
        elif isinstance(value, str):
            sheet.write_string(address, value)
        else:
            sheet.write(address, value)
    for row in grid.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    for column in grid.hidden_columns:
        sheet.set_column(f"{column}:{column}", None, None, {"hidden": True})
    for address, text in grid.comments.items():
        sheet.write_comment(address, text, {"author": "白霁云"})
    if grid.hidden:
        sheet.hide()


def xls(*grids: Grid) -> Made:
    """The same in the format of 1997."""
    book = xlwt.Workbook(encoding="utf-8")
    dates = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        for address, value in grid.cells.items():
            row, column = xl_cell_to_rowcol(address)
            if isinstance(value, tuple):
                raise ValueError("Formulas are not written in old workbooks.")
            if isinstance(value, datetime):
                sheet.write(row, column, value, dates)
            else:
                sheet.write(row, column, value)
        for row in grid.hidden_rows:
            sheet.row(row - 1).hidden = True
        for reference in grid.merged:
            first, last = (xl_cell_to_rowcol(end) for end in reference.split(":"))
            label = grid.cells[reference.split(":")[0]]
            sheet._cell_overwrite_ok = True
            sheet.write_merge(first[0], last[0], first[1], last[1], label)
        sheet.visibility = 1 if grid.hidden else 0
    out = io.BytesIO()
    book.save(out)
    return Made(out.getvalue(), Document("xls", [XLS], sheets=[_truth(grid) for grid in grids], pages=len(grids)))


def locked(made: Made, password: str) -> Made:
    """The same workbook, encrypted (agile encryption, [MS-OFFCRYPTO] 2.3.4.10)."""
    out = io.BytesIO()
    with fixed_randomness("locked-workbook"):
        OOXMLFile(io.BytesIO(made.data)).encrypt(password, out)
    sealed = _without_times(out.getvalue())
    check = msoffcrypto.OfficeFile(io.BytesIO(sealed))
    check.load_key(password=password)
    plain = io.BytesIO()
    check.decrypt(plain)
    if plain.getvalue() != made.data:
        raise ValueError("The encrypted workbook does not open again.")
    truth = Document(
        "xlsx", [XLSX, "application/x-ole-storage", "application/x-ms-encrypted"], ["locked"], password=password
    )
    truth.opened = {"outcomes": ["read"], "sheets": made.truth.sheets, "pages": made.truth.pages}
    return Made(sealed, truth)


def _without_times(data: bytes) -> bytes:
    """Blank both times of every OLE directory entry ([MS-CFB] 2.6.1): the writer puts the clock's time there."""
    raw = bytearray(data)
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        sector = ole.first_dir_sector
        while sector < olefile.MAXREGSECT:
            start = (sector + 1) * ole.sector_size
            for entry in range(start, start + ole.sector_size, 128):
                raw[entry + 100 : entry + 116] = bytes(16)
            sector = ole.fat[sector]
    return bytes(raw)


def _truth(grid: Grid) -> SheetTruth:
    cells = {address: _cell(value, grid.comments.get(address)) for address, value in grid.cells.items()}
    first_rows = {reference.split(":")[0] for reference in grid.merged}
    if not first_rows <= set(grid.cells):
        raise ValueError("A merged range has no value.")
    return SheetTruth(
        grid.name, grid.hidden, cells, list(grid.hidden_rows), list(grid.hidden_columns), list(grid.merged)
    )


def _cell(value: Value, comment: str | None) -> CellTruth:
    if isinstance(value, tuple):
        return CellTruth(str(value[1]), "number", formula=value[0], comment=comment)
    if isinstance(value, datetime):
        return CellTruth(value.date().isoformat(), "date", comment=comment)
    if isinstance(value, str):
        return CellTruth(value, comment=comment)
    flags = ["imprecise-id"] if abs(value) >= 10**15 else []
    return CellTruth(str(value), "number", comment=comment, flags=flags)
