"""Documents: contents with their current reading."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.catalog.charsets import await_charsets
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import put_members
from unburnt.catalog.occurrences import first_paths
from unburnt.catalog.records import DocumentFacts, DocumentRow
from unburnt.catalog.slices import finish_slices, put_slice
from unburnt.catalog.volumes import put_tried, put_volumes
from unburnt.model.charsets import takes_charset
from unburnt.model.events import ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Mail, Reading

_YEAR = re.compile(r"(\d{4})(?:\D|$)")
_MAIN_DATES = ("sent", "created", "modified", "taken")
_COLUMNS = (
    "blob, key, step, version, attempt, missing, outcome, reason, type, reader, title, author, lang, date, year, "
    "sender, recipients, subject, message_id, expected, emitted, failed, sequence, reading"
)
_INSERT = f"INSERT OR REPLACE INTO document ({_COLUMNS}) VALUES ({', '.join('?' * 24)})"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Reading).decode


def put_reading(connection: sqlite3.Connection, sequence: int, event: ReadingMade, reading: Reading | None) -> None:
    """Make *reading*, which event *sequence* names, the current one of its content, its members included.

    Unknown content is passed over.
    """
    row = connection.execute("SELECT number, depth FROM blob WHERE digest = ?", (event.blob,)).fetchone()
    if row is None:  # erased, or its container's newer reading no longer holds it
        return
    number, depth = row
    if event.outcome is Outcome.WAITING:
        put_slice(connection, number, depth, event, reading)
        return
    finish_slices(connection, number)
    if reading is not None:
        put_volumes(connection, number, reading.volumes, reading.notes)
        put_tried(connection, number, reading)
    had_members = connection.execute("SELECT 1 FROM item WHERE container = ? LIMIT 1", (number,)).fetchone()
    if had_members or (reading is not None and reading.members):
        put_members(connection, number, depth, reading.members if reading is not None else ())
    connection.execute(_INSERT, _values(number, sequence, event, reading))
    connection.execute("UPDATE blob SET outcome = ?, indexed = NULL WHERE number = ?", (str(event.outcome), number))
    if reading is not None and takes_charset(reading.type):
        await_charsets(connection, number)


def _values(number: int, sequence: int, event: ReadingMade, reading: Reading | None) -> tuple[Any, ...]:
    head = (number, event.key, event.step, event.version, int(event.attempt), json.dumps(sorted(event.missing)),
            str(event.outcome))
    if reading is None:
        return (*head, "The reading itself is not at hand.", "", "", *[None] * 9, 0, 0, 0, sequence, None)
    about = reading.metadata
    mail = about.mail or Mail()
    date = main_date(about.dates)
    emitted = sum(member.digest is not None for member in reading.members)
    failed = len(reading.members) - emitted
    expected = len(reading.members) if reading.expected.members is None else reading.expected.members
    kept = msgspec.structs.replace(reading, members=())
    return (
        *head, reading.reason, reading.type, reading.reader, _text(about.title), _text(about.author), reading.lang,
        _text(date.value) if date else None, year_of(date), _text("\n".join(mail.sender)) or None,
        _text("\n".join((*mail.to, *mail.cc, *mail.bcc))) or None, _text(mail.subject) or None,
        _text(mail.message_id), expected, emitted, failed, sequence, _encode(kept),
    )


def _text(value: str | None) -> str | None:
    # SQLite holds no lone surrogates; the reading itself keeps what the file says.
    return None if value is None else value.encode("utf-8", "replace").decode()


def main_date(dates: tuple[Date, ...]) -> Date | None:
    """The date a document is listed under: sent, else created, modified, taken; certain ones only."""
    for kind in _MAIN_DATES:
        for date in dates:
            if date.kind == kind and date.certain:
                return date
    return None


def year_of(date: Date | None) -> int | None:
    """The year as the file states it, in the file's own zone."""
    match = _YEAR.match(date.value) if date else None
    return int(match.group(1)) if match else None


def document_row(connection: Connection, digest: Digest) -> DocumentRow:
    """A content and its current reading; raises :class:`NotFound`."""
    row = connection.ask(
        "SELECT blob.number, blob.digest, blob.size, blob.depth, blob.places, blob.promoted, blob.outcome AS now, "
        "document.* FROM blob LEFT JOIN document ON document.blob = blob.number WHERE blob.digest = ?", (digest,),
    ).first()
    if row is None:
        raise NotFound("This archive holds no such document.")
    return DocumentRow(
        number=row.number, digest=row.digest, size=row.size, depth=row.depth, places=row.places,
        outcome=Outcome(row.now), reason="" if row.now == "waiting" else row.reason or "",
        promoted=bool(row.promoted), key=row.key, step=row.step, version=row.version, attempt=bool(row.attempt),
        missing=tuple(json.loads(row.missing or "[]")), date=row.date, year=row.year,
        reading=_decode(row.reading) if row.reading else None,
    )


def key_of(connection: Connection, digest: Digest) -> Digest | None:
    """The derivation key of the current reading."""
    found: Digest | None = connection.ask(
        "SELECT key FROM document WHERE blob = (SELECT number FROM blob WHERE digest = ?)", (digest,)
    ).scalar()
    return found


def keys_of(connection: Connection, numbers: list[int]) -> dict[int, Digest]:
    """By number the derivation keys of current readings."""
    rows = connection.ask(
        "SELECT document.blob, document.key FROM json_each(?) AS wanted JOIN document ON document.blob = wanted.value",
        (json.dumps(numbers),))
    return {row[0]: row[1] for row in rows}


def documents_read(connection: Connection) -> list[Digest]:
    """Every content that has a reading, in the order in which they became known."""
    rows = connection.ask("SELECT digest FROM blob JOIN document ON document.blob = blob.number ORDER BY number")
    return [row[0] for row in rows]


def document_facts(connection: Connection, numbers: list[int], paths: int) -> list[DocumentFacts]:
    """What hits show, in the order of *numbers*, with up to *paths* places each; unknown numbers are left out."""
    rows = connection.ask(
        "SELECT blob.number, blob.digest, blob.outcome, document.key, document.type, document.lang, document.title, "
        "document.date FROM json_each(?) AS wanted JOIN blob ON blob.number = wanted.value "
        "LEFT JOIN document ON document.blob = blob.number", (json.dumps(numbers),),
    )
    places = first_paths(connection, numbers, paths)
    found = {
        row.number: DocumentFacts(number=row.number, digest=row.digest, key=row.key, type=row.type or "", lang=row.lang,
                                  outcome=Outcome(row.outcome), title=row.title, date=row.date,
                                  paths=tuple(path for path, _ in places[row.number]),
                                  shown=tuple(shown for _, shown in places[row.number]))
        for row in rows
    }
    return [found[number] for number in numbers if number in found]
