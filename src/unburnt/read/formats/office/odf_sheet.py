"""OpenDocument tables as sheets: repeated cells and rows counted, not unfolded beyond reason."""

from __future__ import annotations

from unburnt.model.addresses import address_of
from unburnt.model.reading import Mark
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.odf_text import LOOSE, WHITE, OdfWalker, rows_of
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    attributes,
    child,
    is_true,
    local,
    number,
    text_of,
)

MOST_REPEATED_COLUMNS = 1024
MOST_REPEATED_ROWS = 1000
MOST_HIDDEN = 20_000
MOST_CHANGES = 50_000
TYPES = {"float": "number", "percentage": "number", "currency": "number", "date": "date", "time": "date", "boolean": "boolean"}
Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]


def hidden_styles(root: Element) -> frozenset[str]:
    """Names of the table styles that hide a sheet (``table:display="false"``)."""
    return frozenset(
        attribute(style, "name") or ""
        for style in root.iter("{*}style")
        for properties in style
        if local(properties) == "table-properties" and not is_true(attribute(properties, "display"), default=True)
    )


def read_sheet(table: Element, emitter: Emitter, hidden: frozenset[str], progress: Progress) -> None:
    """Emit one sheet. What it repeats beyond reason is shown as often as is reasonable, and counts as a loss."""
    is_hidden = (attribute(table, "style-name") or "") in hidden
    writer = SheetWriter(emitter, attribute(table, "name") or "", hidden=is_hidden)
    _columns(table, writer)
    merged: list[tuple[int, int, int, int]] = []
    position, cut = 0, False
    for row in rows_of(table):
        repeated = max(1, number(attribute(row, "number-rows-repeated"), 1))
        if (attribute(row, "visibility") or "visible") != "visible":
            writer.hidden_rows.update(range(position, position + min(repeated, MOST_HIDDEN)))
        cells, wide = _cells(row, position, merged)
        cut = cut or wide or (bool(cells) and repeated > MOST_REPEATED_ROWS)
        for again in range(min(repeated, MOST_REPEATED_ROWS) if cells else 0):
            writer.row((cell[0] + again, *cell[1:]) for cell in cells)
        position += repeated
    progress.beside.take(Mark(kind="link", text=attribute(link, "href") or "") for link in table.iter("{*}a"))
    writer.finish(merged=merged)
    progress.text = progress.text or writer.has_text
    _shapes(table, writer.label, emitter, progress, hidden=is_hidden)
    if cut:
        progress.losses.append(
            f"the sheet {writer.label[:60]!r} repeats a row more than {MOST_REPEATED_ROWS} times or a cell more than "
            f"{MOST_REPEATED_COLUMNS} times, and the rest of these copies is not shown"
        )


def _shapes(table: Element, label: str, emitter: Emitter, progress: Progress, *, hidden: bool) -> None:
    """The texts of boxes and charts that are fixed to the sheet and not to a cell."""
    walker = OdfWalker()
    for inner in table:
        if local(inner) == "shapes":
            walker.walk(inner)
    if walker.out.has_text():
        progress.text = True
        progress.beside.take(walker.out.marks)
        emitter.part("section", f"{label} (drawings)", walker.out.text(), marks=tuple(walker.out.marks), hidden=hidden)


def changes_of_cells(body: Element) -> list[str]:
    """Who changed which cell of a sheet, when, and what stood there before (ODF 1.3 part 3, 9.9), a line for each."""
    lines: list[str] = []
    tracked = child(body, "tracked-changes")
    for change in list(tracked)[:MOST_CHANGES] if tracked is not None else ():
        info, where = child(change, "change-info"), child(change, "cell-address")
        if info is None:
            continue
        said = " ".join(filter(None, (text_of(child(info, "date")), text_of(child(info, "creator")))))
        if where is None:
            what = f"{local(change)} {attribute(change, 'type') or ''} {attribute(change, 'position') or ''}".strip()
        else:
            place = address_of(max(0, number(attribute(where, "row"))), max(0, number(attribute(where, "column"))))
            before = next(change.iter("{*}change-track-table-cell"), None)
            words = " ".join(text_of(paragraph) for paragraph in before.iter("{*}p")) if before is not None else ""
            stated = attribute(before, "value") or "" if before is not None else ""
            what = f"{place}: {words or stated} →"
        lines.append(f"{said}: {what}")
    return lines


def _columns(table: Element, writer: SheetWriter) -> None:
    position = 0
    for column in table.iter("{*}table-column"):
        repeated = max(1, number(attribute(column, "number-columns-repeated"), 1))
        if (attribute(column, "visibility") or "visible") != "visible":
            writer.hidden_columns.update(range(position, position + min(repeated, MOST_HIDDEN)))
        position += repeated


def _cells(row: Element, position: int, merged: list[tuple[int, int, int, int]]) -> tuple[list[Shown], bool]:
    """The row's cells, and whether one is repeated more often than is shown."""
    cut = False
    found: list[Shown] = []
    column = 0
    for element in row:
        name = local(element)
        if name not in ("table-cell", "covered-table-cell"):
            continue
        about = attributes(element)
        repeated = max(1, number(about.get("number-columns-repeated"), 1))
        cell = _cell(element, about, position, column)
        if cell is not None:
            cut = cut or repeated > MOST_REPEATED_COLUMNS
            found.append(cell)
            for again in range(1, min(repeated, MOST_REPEATED_COLUMNS)):
                found.append((cell[0], column + again, *cell[2:]))
            rows = max(1, number(about.get("number-rows-spanned"), 1))
            columns = max(1, number(about.get("number-columns-spanned"), 1))
            if rows > 1 or columns > 1:
                merged.append((position, column, position + rows - 1, column + columns - 1))
        column += repeated
    return found, cut


def _cell(element: Element, about: dict[str, str], row: int, column: int) -> Shown | None:
    inner = list(element)
    text = _plain_text(inner)
    annotation = None
    if text is None:
        walker = OdfWalker()
        walker.walk(element)
        text = walker.out.text().removesuffix("\n")
        annotation = child(element, "annotation")
    stated = about.get("value-type")
    raw = about.get("value") or about.get("date-value") or about.get("time-value")
    formula = about.get("formula")
    if not text and raw:
        text = raw
    if not text and annotation is None and not formula:
        return None
    comment = None
    if annotation is not None:
        author = text_of(child(annotation, "creator"))
        body = "\n".join(text_of(paragraph) for paragraph in annotation.iter("{*}p"))
        comment = f"{author}: {body}" if author else body
    flags = ("imprecise-id",) if raw and stated == "float" and len(raw.lstrip("-").split(".")[0]) > 15 else ()
    return row, column, text, TYPES.get(stated or "", "text"), raw if raw != text else None, formula, comment, flags


def _plain_text(inner: list[Element]) -> str | None:
    """The text of a cell that holds nothing but one paragraph of characters, or nothing at all; None where there is more."""
    if not inner:
        return ""
    if len(inner) > 1 or len(inner[0]) or local(inner[0]) != "p":
        return None
    text = inner[0].text or ""
    return WHITE.sub(" ", text).removeprefix(" ") if LOOSE.search(text) else text
