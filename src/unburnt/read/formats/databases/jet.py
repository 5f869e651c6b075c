"""Access databases (MDB of Jet 3 and 4, ACCDB): each table a sheet; queries are listed, never run."""

from __future__ import annotations

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.formats.databases.database_cells import Blobs, Shown
from unburnt.read.formats.databases.jet_pages import CATALOGUE, Pages
from unburnt.read.formats.databases.jet_table import Table, data_pages, fields, table_at
from unburnt.read.formats.databases.jet_values import text_of, value_of
from unburnt.read.formats.deadline import Deadline
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_VERSIONS = {0: "Jet 3 (Access 97)", 1: "Jet 4 (Access 2000 to 2003)", 2: "ACE 12 (Access 2007)", 3: "ACE 14 (Access 2010)",
             4: "ACE 15 (Access 2013)", 5: "ACE 16 (Access 2016)", 6: "ACE 17 (Access 2019)"}  # fmt: skip
_TABLE = 1
_MOST_TABLES = 5_000


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Locked` where the pages are encrypted, :class:`Damaged` where the list of tables is."""
    pages = Pages(source.file, source.size)
    listed = _listed(pages)
    emitter.expect(pages=len(listed))
    emitter.metadata(Metadata(sheets=len(listed), fields={"access:version": _VERSIONS.get(pages.version, str(pages.version))}))
    if pages.is_encoded:
        emitter.note("encoded", "The database is encoded with a key that stands in the file itself, which hides nothing.")
    reader = _Reader(pages, emitter)
    losses = [loss for name, page in listed[:_MOST_TABLES] if (loss := reader.table(name, page))]
    if len(listed) > _MOST_TABLES:
        losses.append(f"Only the first {_MOST_TABLES} of {len(listed)} tables were read.")
    if reader.deleted:
        emitter.note("deleted-rows", f"{reader.deleted} deleted rows still stand on the tables' pages; they are not shown.")
    if losses:
        return Ending(Outcome.PARTIAL, " ".join(losses[:20]))
    return Ending(Outcome.READ)


def _listed(pages: Pages) -> list[tuple[str, int]]:
    """Name and page of each table, the user's first."""
    catalogue = table_at(pages, CATALOGUE)
    found: dict[int, str] = {}
    for page in data_pages(pages, catalogue)[0]:
        for record, is_deleted in pages.rows(page):
            if is_deleted:
                continue
            try:
                entry = {column.name: raw for column, raw in fields(record, catalogue, is_jet3=pages.is_jet3)}
                kind, number, name = (raw if isinstance(raw := entry.get(one), bytes) else b"" for one in ("Type", "Id", "Name"))
                if int.from_bytes(kind, "little") == _TABLE and name:
                    found[int.from_bytes(number, "little") & 0xFFFFFF] = text_of(name, pages)
            except Damaged:
                continue
    if not found:
        raise Damaged("The database's list of tables is empty or damaged.")
    return sorted(((name, page) for page, name in found.items()), key=lambda one: (one[0].startswith("MSys"), one[0]))


class _Reader:
    def __init__(self, pages: Pages, emitter: Emitter) -> None:
        self._pages = pages
        self._emitter = emitter
        self._blobs = Blobs(emitter)
        self._deadline = Deadline()
        self.deleted = 0

    def table(self, name: str, page: int) -> str:
        """Emit a table; gives a sentence where it is not whole."""
        writer = SheetWriter(self._emitter, name, hidden=name.startswith(("MSys", "f_")))
        try:
            table = table_at(self._pages, page)
        except Damaged as error:
            writer.finish()
            return f"The table {name[:60]!r} is lost: {error.reason}"
        writer.row((0, column, one.name, "text", None, None, None, ()) for column, one in enumerate(table.columns) if one.name)
        try:
            count, broken = self._rows(name, table, writer)
        except Stopped as error:
            writer.finish()
            raise Stopped(error.limit, f"{error.reason} It ended in the table {name[:60]!r}.") from error
        writer.finish()
        if broken:
            return f"{broken} records of the table {name[:60]!r} are damaged."
        if count < table.records:
            return f"Of the {table.records} records that the table {name[:60]!r} counts {count} were found."
        return ""

    def _rows(self, name: str, table: Table, writer: SheetWriter) -> tuple[int, int]:
        count = broken = 0
        for page in data_pages(self._pages, table)[0]:
            self._deadline.check()
            for record, is_deleted in self._pages.rows(page):
                if is_deleted:
                    self.deleted += 1
                    continue
                try:
                    cells, is_whole = self._cells(name, table, record, count + 1)
                except Damaged:
                    broken += 1
                    continue
                count += 1
                broken += not is_whole
                writer.row(cells)
        return count, broken

    def _cells(self, name: str, table: Table, record: bytes, row: int) -> tuple[list[Shown], bool]:
        found: list[Shown] = []
        is_whole = True
        for position, (column, raw) in enumerate(fields(record, table, is_jet3=self._pages.is_jet3)):
            if raw is None:
                continue
            if isinstance(raw, bool):
                found.append((row, position, "TRUE" if raw else "FALSE", "boolean", None, None, None, ()))
                continue
            try:
                value = value_of(column, raw, self._pages)
            except Damaged:
                is_whole = False
                continue
            if isinstance(value, bytes):
                shown, beside = self._blobs.shown(value, f"{name}/{column.name}/{row}")
                found.append((row, position, shown, "text", None, None, beside, ("blob",)))
            elif value is not None:
                found.append((row, position, value[0], value[1], value[2], None, None, ()))
        return found, is_whole


FORMATS = (
    Format(
        "access", read, memory_safe=True,
        title="Access databases (MDB since Access 97, ACCDB)",
        gives="each table as a sheet, system tables hidden; long texts; files in cells as members; databases encoded with their own key",
        lacks="a password that encrypts the pages is not tried; queries, forms and macros stay in the system tables as they are stored; "
        "an object's wrapping by OLE is not taken off; deleted rows are counted, not shown",
    ),
)
