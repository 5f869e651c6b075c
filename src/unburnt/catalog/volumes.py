"""Split archives: which files are called as volumes are, where they lie, and which were read as one."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.connection import Connection
from unburnt.catalog.records import JoinedSet, VolumePlace, Waiting
from unburnt.model.reading import Note, Reading, Volume
from unburnt.model.volume_names import FOLLOWER, UNFIT, key_of_set

_MOST_PLACES = 200_000
_COLUMNS = "item.id, item.folder, item.container, item.path, blob.digest, blob.size, blob.depth"


def put_volumes(connection: sqlite3.Connection, lead: int, volumes: Sequence[Volume], notes: Sequence[Note]) -> None:
    """What was read as one under *lead*, in place of what was before; whoever belongs there no more waits again."""
    before = connection.execute("SELECT digest FROM volume WHERE lead = ?", (lead,)).fetchall()
    if not before and not volumes:
        return
    unfit = {note.text for note in notes if note.code == UNFIT}
    used = {one.digest for one in volumes if str(one.number) not in unfit}
    connection.execute("DELETE FROM volume WHERE lead = ?", (lead,))
    connection.executemany(
        "INSERT INTO volume (lead, place, number, digest, used) VALUES (?, ?, ?, ?, ?)",
        [(lead, place, one.number, one.digest, int(one.digest in used)) for place, one in enumerate(volumes)],
    )
    connection.executemany(
        "UPDATE blob SET outcome = 'waiting' WHERE digest = ? AND number IN (SELECT blob FROM document WHERE reader = ?)",
        [(digest, FOLLOWER) for (digest,) in before if digest not in used],
    )


def put_tried(connection: sqlite3.Connection, lead: int, reading: Reading) -> None:
    """Remember that these volumes were read as one, and the most members that they ever gave."""
    if reading.volumes:
        connection.execute(
            "INSERT INTO joined (lead, volumes, members) VALUES (?, ?, ?) "
            "ON CONFLICT (lead, volumes) DO UPDATE SET members = max(members, excluded.members)",
            (lead, key_of_set(reading.volumes), sum(member.digest is not None for member in reading.members)),
        )


def volumes_of(connection: Connection, lead: Digest) -> tuple[Volume, ...]:
    """The volumes that were last read as one under *lead*, in order; none where it was read by itself."""
    rows = connection.ask(
        "SELECT number, digest FROM volume WHERE lead = (SELECT number FROM blob WHERE digest = ?) ORDER BY place", (lead,))
    return tuple(Volume(row.number, row.digest) for row in rows)


def with_volumes(connection: Connection, waiting: Waiting) -> Waiting:
    """*waiting* with the volumes that are read under it, if there are any."""
    rows = list(connection.ask(
        "SELECT volume.number, volume.digest, blob.size FROM volume LEFT JOIN blob ON blob.digest = volume.digest "
        "WHERE lead = (SELECT number FROM blob WHERE digest = ?) ORDER BY place", (waiting.digest,)))
    if not rows:
        return waiting
    volumes = tuple(Volume(row.number, row.digest) for row in rows)
    return msgspec.structs.replace(waiting, volumes=volumes, size=sum(row.size or 0 for row in rows))


def joined_under(connection: Connection, lead: Digest) -> JoinedSet:
    """What was last read as one under *lead*."""
    begun = connection.ask(
        "SELECT EXISTS (SELECT 1 FROM slice WHERE finished = 0 AND blob = (SELECT number FROM blob WHERE digest = ?))", (lead,))
    tried = connection.ask("SELECT volumes, members FROM joined WHERE lead = (SELECT number FROM blob WHERE digest = ?)", (lead,))
    return JoinedSet(
        volumes=volumes_of(connection, lead), is_begun=bool(begun.scalar()), tried={row.volumes: row.members for row in tried})


def set_of(connection: Connection, digest: Digest) -> list[Digest]:
    """Every content that was read as one with *digest*, or with one of those; *digest* itself left out."""
    rows = connection.ask(
        "WITH RECURSIVE together(digest) AS (SELECT ? UNION SELECT other.digest FROM together "
        "JOIN volume AS one ON one.digest = together.digest JOIN volume AS other ON other.lead = one.lead) "
        "SELECT digest FROM together WHERE digest <> ? ORDER BY digest", (digest, digest))
    return list(rows.scalars())


def lacking_volumes(connection: Connection) -> list[VolumePlace]:
    """Each place of each file that was left, or not read whole, because it is one volume of several."""
    rows = connection.ask(
        f"SELECT {_COLUMNS} FROM document JOIN blob ON blob.number = document.blob JOIN item ON item.blob = blob.number "
        "WHERE document.attempt = 1 AND blob.outcome <> 'waiting' AND EXISTS "
        "(SELECT 1 FROM json_each(document.missing) AS lacks WHERE lacks.value = 'volumes') ORDER BY item.id LIMIT ?",
        (_MOST_PLACES,))
    return list(_places(rows))


def volumes_read_apart(connection: Connection) -> list[VolumePlace]:
    """Each place of each file from within a set that was read whole which was taken for a document of its own too.

    A set's last volume is left out: it may be a file that only follows the end of the archive.
    """
    rows = connection.ask(
        f"SELECT DISTINCT {_COLUMNS} FROM volume JOIN blob ON blob.digest = volume.digest JOIN document ON document.blob = blob.number "
        "JOIN blob AS lead ON lead.number = volume.lead JOIN item ON item.blob = blob.number "
        "WHERE volume.used = 1 AND lead.outcome = 'read' AND blob.number <> lead.number AND blob.outcome <> 'waiting' "
        "AND document.reader <> ? AND volume.place < (SELECT max(place) FROM volume AS other WHERE other.lead = volume.lead) "
        "AND NOT EXISTS (SELECT 1 FROM volume AS own WHERE own.lead = blob.number) ORDER BY item.id LIMIT ?", (FOLLOWER, _MOST_PLACES))
    return list(_places(rows))


def beside(connection: Connection, place: tuple[int | None, int | None, bytes], stem: bytes) -> list[VolumePlace]:
    """The files of one place whose names begin with *stem* and a dot."""
    folder, container, inner = place
    start, end = inner + stem + b".", inner + stem + b"/"
    where, number = ("folder", folder) if container is None else ("container", container)
    rows = connection.ask(
        f"SELECT {_COLUMNS} FROM item JOIN blob ON blob.number = item.blob WHERE item.{where} IS ? AND item.path >= ? "
        "AND item.path < ? ORDER BY item.id LIMIT ?", (number, start, end, _MOST_PLACES))
    return list(_places(rows))


def followers(connection: Connection, digests: Collection[Digest]) -> dict[Digest, tuple[Digest, int]]:
    """Of *digests* those that were read under another content: that one, and their number in the set."""
    found: dict[Digest, tuple[Digest, int]] = {}
    for digest in digests:
        row = connection.ask(
            "SELECT lead.digest, volume.number FROM volume JOIN blob AS lead ON lead.number = volume.lead "
            "JOIN document ON document.blob = volume.lead WHERE volume.digest = ? AND lead.digest <> volume.digest "
            "AND volume.used = 1 AND document.reader <> 'none' AND NOT EXISTS "
            "(SELECT 1 FROM slice WHERE slice.blob = volume.lead AND finished = 0) ORDER BY volume.lead LIMIT 1", (digest,)).first()
        if row is not None:
            found[digest] = row.digest, row.number
    return found


def _places(rows: Iterable[Any]) -> Iterator[VolumePlace]:
    for row in rows:
        path = row.path or b""
        name = path.rpartition(b"/")[2]
        inner = path[: len(path) - len(name)]
        yield VolumePlace(
            item=row.id, place=(row.folder, row.container, inner), name=decode_path(name), digest=row.digest, size=row.size,
            depth=row.depth)
