"""Items: what was received, and members once per container content; every parent is kept."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from unburnt.base.clock import from_nanoseconds
from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.charsets import await_declared
from unburnt.catalog.connection import Connection
from unburnt.catalog.volumes import put_volumes
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Member
from unburnt.model.views import ItemRow

ITEM_OUTCOME = "COALESCE(content.outcome, item.outcome)"
ITEM_TABLES = (
    "item LEFT JOIN blob AS content ON content.number = item.blob "
    "LEFT JOIN document ON document.blob = item.blob "
    "LEFT JOIN blob AS outer_blob ON outer_blob.number = item.container"
)
ITEM_COLUMNS = (
    "item.id, item.accession, outer_blob.digest AS container, item.path, item.name, item.kind, content.digest, "
    "COALESCE(content.size, item.size) AS size, item.modified, document.type, document.title, "
    f"{ITEM_OUTCOME} AS outcome, CASE WHEN item.blob IS NULL THEN item.reason "
    "WHEN content.outcome = 'waiting' THEN '' ELSE COALESCE(document.reason, '') END AS reason, item.sequence"
)
_MEMBER_COLUMNS = "container, path, name, words, ordinal, kind, blob, size, modified, declared, outcome, reason"
_AT_ONCE = 2_000
PLACE_IN_MAIL = re.compile(rb"\d+(?:\.\d+)*/")
_TEXT_NAMES = frozenset(
    b"txt text md markdown csv tsv json xml html htm xhtml eml rtf log ini yaml yml srt tex".split()
)
_DOCUMENT_NAMES = frozenset(b"docx docm xlsx xlsm pptx odt ods odp doc xls ppt pdf msg epub mht mhtml".split())


def item_row(row: Any) -> ItemRow:
    """A result of ``SELECT ITEM_COLUMNS FROM ITEM_TABLES`` as a line of the ledger."""
    return ItemRow(
        id=row.id, accession=row.accession, container=row.container, path=row.path or b"", shown=row.name or decode_path(row.path or b""),
        digest=row.digest,
        size=row.size, modified=shown_time(row.modified), type=row.type or None, outcome=Outcome(row.outcome), reason=row.reason,
        title=row.title, kind=row.kind, sequence=row.sequence,
    )


def shown_time(modified: str | None) -> str | None:
    """A received item's time (ns since 1970, decimal) as RFC 3339; a member's, which is that already, as it is."""
    return from_nanoseconds(int(modified)) if modified and modified.lstrip("-").isdigit() else modified


def words_of(path: bytes) -> str:
    """What a search in paths compares with: decoded and casefolded, stray bytes as U+FFFD."""
    return path.decode("utf-8", "replace").casefold()


def rank_of(path: bytes) -> int:
    """0 for names that promise quick text, 1 for documents, 2 for the rest: the order of reading."""
    extension = path.rpartition(b"/")[2].rpartition(b".")[2].lower()
    if extension in _TEXT_NAMES:
        return 0
    return 1 if extension in _DOCUMENT_NAMES else 2


def blob_number(connection: sqlite3.Connection, digest: Digest, size: int, depth: int, path: bytes) -> int:
    """The row of a content, made when it is new; its depth becomes the least of all its places."""
    row = connection.execute("SELECT number, depth FROM blob WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        made = connection.execute(
            "INSERT INTO blob (digest, size, depth, rank) VALUES (?, ?, ?, ?)", (digest, size, depth, rank_of(path))
        ).lastrowid
        connection.execute("DELETE FROM gone WHERE digest = ?", (digest,))
        return int(made or 0)
    if depth < row[1]:
        _lift(connection, row[0], depth)
    return int(row[0])


def _lift(connection: sqlite3.Connection, number: int, depth: int) -> None:
    """A content was found less deep than before, and so are all its members."""
    pending = [(number, depth)]
    while pending:
        current, level = pending.pop()
        changed = connection.execute(
            "UPDATE blob SET depth = ? WHERE number = ? AND depth > ?", (level, current, level)
        ).rowcount
        if changed:
            members = connection.execute(
                "SELECT DISTINCT blob FROM item WHERE container = ? AND blob IS NOT NULL", (current,)
            )
            pending.extend((row[0], level + 1) for row in members.fetchall())


def put_members(
    connection: sqlite3.Connection, container: int, depth: int, members: Sequence[Member], *, first: int | None = None
) -> None:
    """Replace the members of *container*, or with *first* only those from that ordinal on that a slice holds.

    Rows that say the same already stay. Contents that stand nowhere any more go with all that hung on them.
    """
    start = first or 0
    gone: set[int] = set()
    for offset in range(0, len(members), _AT_ONCE):
        some = members[offset : offset + _AT_ONCE]
        gone |= _put_some(connection, container, depth, some, start + offset)
    if first is None:
        gone |= _drop_rows(connection, container, len(members), 1 << 60)
    for number in gone:
        drop_if_orphan(connection, number)


def _put_some(
    connection: sqlite3.Connection, container: int, depth: int, members: Sequence[Member], start: int
) -> set[int]:
    """Members *start* to *start* + n; gives contents that stood there and now may stand nowhere."""
    rows = [_member_values(connection, container, depth, member) for member in members]
    known = connection.execute(
        f"SELECT {_MEMBER_COLUMNS} FROM item WHERE container = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal",
        (container, start, start + len(rows))).fetchall()
    if known == rows:
        return set()
    gone = _drop_rows(connection, container, start, start + len(rows)) if known else set()
    connection.executemany(f"INSERT INTO item ({_MEMBER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    await_declared(connection, ((row[6], row[9]) for row in rows))
    return gone


def _drop_rows(connection: sqlite3.Connection, container: int, start: int, end: int) -> set[int]:
    span = "container = ? AND ordinal >= ? AND ordinal < ?"
    before = connection.execute(f"SELECT DISTINCT blob FROM item WHERE {span} AND blob IS NOT NULL", (container, start, end))
    gone = {row[0] for row in before.fetchall()}
    connection.execute(f"DELETE FROM item WHERE {span}", (container, start, end))
    return gone


def _member_values(connection: sqlite3.Connection, container: int, depth: int, member: Member) -> tuple[Any, ...]:
    blob: int | None = None
    outcome: str | None = str(member.outcome or Outcome.NOT_RECEIVED)
    reason = member.reason or "The container's reader did not say why."
    if member.digest is not None:
        erased = connection.execute("SELECT sequence FROM erased WHERE digest = ?", (member.digest,)).fetchone()
        if erased:
            outcome, reason = str(Outcome.NOT_RECEIVED), erased_reason(erased[0])
        else:
            blob = blob_number(connection, member.digest, member.size or 0, depth + 1, member.path)
            outcome, reason = None, ""
    words = words_of(member.name.encode("utf-8", "replace") if member.name else member.path)
    return (container, member.path, name_for_people(member), words, member.ordinal, member.kind, blob, member.size, member.modified,
            member.declared, outcome, reason)


def name_for_people(member: Member) -> str | None:
    """What people read in place of a member's path; None where that is the path itself, taken as UTF-8.

    A mail's attachment has its place among the mail's parts before its name (``1.2/letter.pdf``), whatever its name's encoding.
    """
    if not member.name:
        return None
    place = PLACE_IN_MAIL.match(member.path) if member.kind in ("attachment", "message") else None
    before = place[0].decode() if place else ""
    name = member.name if member.name.startswith(before) else before + member.name
    return None if name == decode_path(member.path) else name


def erased_reason(sequence: int) -> str:
    """What the ledger says of an item whose content was erased."""
    return f"Erased by event {sequence}."


def drop_if_orphan(connection: sqlite3.Connection, number: int) -> None:
    """Forget a content that no item holds, its reading and its members, and their contents likewise."""
    pending = [number]
    while pending:
        current = pending.pop()
        row = connection.execute("SELECT digest, places FROM blob WHERE number = ?", (current,)).fetchone()
        if row is None or row[1] > 0:
            continue
        pending.extend(found[0] for found in connection.execute(
            "SELECT DISTINCT blob FROM item WHERE container = ? AND blob IS NOT NULL", (current,)).fetchall())
        forget_blob(connection, current, row[0])


def forget_blob(connection: sqlite3.Connection, number: int, digest: Digest) -> None:
    """Remove one content with its reading and member rows, and remember that the index still has it."""
    connection.execute("DELETE FROM item WHERE container = ?", (number,))
    connection.execute("DELETE FROM document WHERE blob = ?", (number,))
    connection.execute("DELETE FROM slice WHERE blob = ?", (number,))
    put_volumes(connection, number, (), ())
    connection.execute("DELETE FROM joined WHERE lead = ?", (number,))
    connection.execute("DELETE FROM blob WHERE number = ?", (number,))
    connection.execute("INSERT OR IGNORE INTO gone (digest) VALUES (?)", (digest,))


def items_of_container(connection: Connection, digest: Digest, offset: int, limit: int) -> list[ItemRow]:
    """One page of a container's members, in the container's own order."""
    rows = connection.ask(
        f"SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES} WHERE item.container = (SELECT number FROM blob WHERE digest = ?) "
        "ORDER BY item.ordinal, item.id LIMIT ? OFFSET ?", (digest, limit, offset),
    )
    return [item_row(row) for row in rows]


def count_in_container(connection: Connection, digest: Digest) -> int:
    """How many members a container has that were seen."""
    return int(connection.ask(
        "SELECT count(*) FROM item WHERE container = (SELECT number FROM blob WHERE digest = ?)", (digest,)
    ).scalar())


def name_of(path: bytes | None) -> str:
    """A name as text, undecodable bytes as lone surrogates."""
    return decode_path((path or b"").rpartition(b"/")[2])
