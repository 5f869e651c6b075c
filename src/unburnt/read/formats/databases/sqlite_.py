"""SQLite databases, those of phones included: each table a sheet, the schema as text, files in cells as members."""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.formats.databases import sqlite_file
from unburnt.read.formats.databases.database_cells import Blobs, Shown, cell
from unburnt.read.formats.databases.sqlite_file import LONGEST_VALUE, Database, Header, header_of
from unburnt.read.formats.databases.sqlite_known import Program, clocks_of, program_of
from unburnt.read.formats.databases.sqlite_tables import MOST_TABLES, Losses, Statement, Table, rows, statements, tables
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where no schema can be read."""
    header = header_of(source.file, source.size)
    database, schema, loss = _opened(source, header)
    try:
        found, broken = tables(database)
        names = {table.name.lower() for table in found}
        program = program_of(names)
        emitter.expect(pages=len(found) + len(broken) + 1)
        emitter.metadata(_metadata(header, schema, found, program))
        _say(header, schema, emitter)
        emitter.part("section", "schema", "".join(f"{one.sql};\n" for one in schema if one.sql))
        losses = [loss] if loss else []
        losses += [f"The definition of the table {name[:60]!r} makes no sense." for name in broken[:20]]
        losses += _tables(database, found[:MOST_TABLES], program, names, emitter)
        if len(found) > MOST_TABLES:
            losses.append(f"Only the first {MOST_TABLES} of {len(found)} tables were read.")
    except apsw.Error as error:
        database.check()
        raise Damaged("The database's schema is damaged.") from error
    finally:
        database.close()
    if losses:
        return Ending(Outcome.PARTIAL, " ".join(losses[:20]))
    return Ending(Outcome.READ) if found else Ending(Outcome.EMPTY, "The database has no tables.")


def _opened(source: Source, header: Header) -> tuple[Database, list[Statement], str]:
    """The database, its schema, and what was lost already; a damaged schema is read as far as it makes sense."""
    cut = f"The database is cut off: {header.whole_pages} of its {header.pages} pages are here." if header.is_cut else ""
    try:
        return *_schema_of(Database(source.file, source.size, header)), cut
    except (apsw.Error, UnicodeDecodeError):
        pass
    try:
        return *_schema_of(Database(source.file, source.size, header, lenient=True)), f"{cut} A part of the schema is damaged.".strip()
    except (apsw.Error, UnicodeDecodeError) as error:
        raise Damaged(f"{cut} The database's schema cannot be read.".strip()) from error


def _schema_of(database: Database) -> tuple[Database, list[Statement]]:
    try:
        database.restrict()
        return database, statements(database)
    except (apsw.Error, UnicodeDecodeError):
        database.close()
        raise


def _metadata(header: Header, schema: list[Statement], found: list[Table], program: Program | None) -> Metadata:
    fields = {
        "sqlite:encoding": header.encoding, "sqlite:pages": str(header.whole_pages), "sqlite:page_size": str(header.page_size),
        "sqlite:user_version": str(header.user_version), "sqlite:application_id": str(header.application_id),
    }  # fmt: skip
    if program:
        fields["sqlite:program"] = program.name
    for kind in ("view", "trigger"):
        if count := sum(one.kind == kind for one in schema):
            fields[f"sqlite:{kind}s"] = str(count)
    return Metadata(sheets=len(found), fields=fields)


def _say(header: Header, schema: list[Statement], emitter: Emitter) -> None:
    if header.has_log:
        emitter.note("write-ahead-log", "The newest changes may stand in a file of the same name with -wal at its end. "
                     "It is not merged: this is what the database's own file holds.")  # fmt: skip
    if header.free_pages:
        emitter.note("free-pages", f"{header.free_pages} pages are free and may hold deleted rows, which are not recovered.")
    if any(one.kind in ("view", "trigger") for one in schema):
        emitter.note("not-run", "Views and triggers are shown as text; they were not run.")
    if any(one.sql[:40].upper().split()[:2] == ["CREATE", "VIRTUAL"] for one in schema):
        emitter.note("virtual-tables", "Virtual tables are not asked; the tables that hold their content are read.")


def _tables(
    database: Database, found: list[Table], program: Program | None, names: set[str], emitter: Emitter
) -> Iterator[str]:
    """Emit each table; gives a sentence for each that is not whole."""
    blobs = Blobs(emitter)
    for table in found:
        losses = Losses()
        writer = SheetWriter(emitter, table.name, hidden=table.is_internal)
        try:
            _rows(database, table, program, names, writer, blobs, losses)
        except Stopped as error:
            writer.finish()
            raise Stopped(error.limit, f"{error.reason} It ended in the table {table.name[:60]!r}.") from error
        writer.finish()
        if table.computed:
            emitter.note("computed-columns", f"{table.computed} columns of the table {table.name[:60]!r} are computed and were not run.")
        if losses:
            yield f"The table {table.name[:60]!r} is damaged in {max(losses.gaps, 1)} places; {losses.kept} rows were read."


def _rows(
    database: Database, table: Table, program: Program | None, names: set[str], writer: SheetWriter, blobs: Blobs,
    losses: Losses,
) -> None:
    """Write headings, then row after row."""
    writer.row((0, column, name, "text", None, None, None, ()) for column, name in enumerate(table.headings) if name)
    clocks = clocks_of(program, names, table.name, table.columns, table.types)
    shift = int(table.shows_row_id)
    for number, (row_id, values) in enumerate(rows(database, table, losses), 1):
        found: list[Shown] = [(number, 0, str(row_id), "number", None, None, None, ())] if shift else []
        for column, value in enumerate(values):
            place = f"{table.name}/{table.columns[column]}/{number if row_id is None else row_id}"
            if shown := cell(number, column + shift, value, clocks.get(column), blobs, place):
                found.append(shown)
        writer.row(found)
        losses.kept = number


warm = sqlite_file.warm
"""For a locked child can load nothing more."""

FORMATS = (
    Format(
        "sqlite", read, memory_safe=False, libraries=("apsw",),
        title="SQLite databases, those of phones and browsers included",
        gives="every table as a sheet, with row numbers and column names; the schema, with views and triggers, as text; files in "
        "cells as members, once for each content; the program, where its tables tell it; times of such programs beside what is stored",
        lacks=f"views, triggers, computed columns and virtual tables are never run; deleted rows are not recovered; a write-ahead log "
        f"or journal is named, not merged; values of more than {LONGEST_VALUE >> 20} MiB and rows on damaged pages are counted as lost",
    ),
)
