"""UOF worksheets: rows and cells with their absolute places, hidden ones, formulas, comments."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.office_xml import Element, number, text_of
from unburnt.read.formats.office.uof_text import Shared, UofWalker, inside, is_set, name_of, value_of

MOST_HIDDEN = 20_000
_LARGEST = 1 << 20
_TYPES = {"number": "number", "date": "date", "time": "date", "bool": "boolean", "boolean": "boolean", "error": "error"}
Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]


def read_sheet(sheet: Element, emitter: Emitter, shared: Shared, progress: Progress) -> None:
    """Emit one sheet; rows and columns count from 1 in the file and from 0 here."""
    hidden = is_set(sheet, "隐藏", "是否隐藏")
    writer = SheetWriter(emitter, value_of(sheet, "名称") or "", hidden=hidden)
    merged: list[tuple[int, int, int, int]] = []
    content = next(inside(sheet, "工作表内容"), sheet)
    row, column = -1, -1
    for element in _members(content):
        if name_of(element) == "列":
            column = _place(value_of(element, "列号"), column)
            span = _span(value_of(element, "跨度"))
            if is_set(element, "隐藏", "是否隐藏"):
                writer.hidden_columns.update(range(column, column + min(span, MOST_HIDDEN)))
            column += span - 1
            continue
        row = _place(value_of(element, "行号"), row)
        span = _span(value_of(element, "跨度"))
        if is_set(element, "隐藏", "是否隐藏"):
            writer.hidden_rows.update(range(row, row + min(span, MOST_HIDDEN)))
        writer.row(_cells(element, row, shared, merged))
        row += span - 1
    writer.finish(merged=merged)
    progress.text = progress.text or writer.has_text


def _members(content: Element) -> list[Element]:
    """Rows and columns, also inside groups."""
    found: list[Element] = []
    waiting = [iter(content)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif name_of(element) in ("行", "列"):
            found.append(element)
        elif name_of(element) in ("行集", "列集", "分组集", "分组") and len(waiting) < 16:
            waiting.append(iter(element))
    return found


def _place(stated: str | None, before: int) -> int:
    found = number(stated, 0)
    return found - 1 if 0 < found <= _LARGEST else before + 1


def _span(stated: str | None) -> int:
    return max(1, min(number(stated, 1), _LARGEST))


def _cells(element: Element, row: int, shared: Shared, merged: list[tuple[int, int, int, int]]) -> list[Shown]:
    found: list[Shown] = []
    column = -1
    for cell in element:
        if name_of(cell) != "单元格":
            continue
        # A column that goes back would stand before what was said already: it is put after it.
        column = max(_place(value_of(cell, "列号"), column), column + 1)
        one = _cell(cell, row, column, shared)
        rows, columns = number(value_of(cell, "合并行数"), 0), number(value_of(cell, "合并列数"), 0)
        if one is not None:
            found.append(one)
            if 0 < rows + columns < _LARGEST and rows >= 0 and columns >= 0:
                merged.append((row, column, row + max(rows, 0), column + max(columns, 0)))
    return found


def _cell(cell: Element, row: int, column: int, shared: Shared) -> Shown | None:
    data = next((inner for inner in cell if name_of(inner) == "数据"), None)
    comments = [inner for inner in cell if name_of(inner) == "批注"]
    comment = None
    if comments:
        walker = UofWalker(shared)
        for one in comments:
            walker.walk(one)
        comment = walker.out.text().strip() or None
    if data is None:
        return (row, column, "", "text", None, None, comment, ()) if comment else None
    text = "".join(text_of(one) for one in inside(data, "文本串"))
    raw = value_of(data, "数据数值", "数值")
    stated = (value_of(data, "数据类型", "类型") or "text").lower()
    formula = value_of(data, "公式") or value_of(cell, "公式") or next((text_of(one) for one in inside(data, "公式")), None)
    text = text or raw or ""
    if not text and not formula and not comment:
        return None
    digits = (raw or text).lstrip("-").split(".")[0]
    flags = ("imprecise-id",) if stated == "number" and digits.isdigit() and len(digits) > 15 else ()
    return row, column, text, _TYPES.get(stated, "text"), raw if raw != text else None, formula or None, comment, flags
