"""From what a person types to a document: digest, prefix, or path as received or as it is shown."""

from __future__ import annotations

import re

from unburnt.base.digests import Digest, is_digest
from unburnt.base.errors import Ambiguous, NotFound
from unburnt.base.visible import visible
from unburnt.catalog.connection import Connection

_PREFIX = re.compile(r"[0-9a-f]{6,64}\Z")
_SHOWN = 5


def resolve(connection: Connection, untrusted_text: str) -> Digest:
    """The one document that *untrusted_text* names; raises :class:`NotFound` or :class:`Ambiguous`."""
    lowered = untrusted_text.lower()
    found: set[Digest] = set()
    if _PREFIX.match(lowered):
        found.update(connection.ask(
            "SELECT digest FROM blob WHERE digest >= ? AND digest <= ? LIMIT ?", (lowered, lowered + "g", _SHOWN + 1)
        ).scalars())
    if not is_digest(lowered):
        path = untrusted_text.encode("utf-8", "surrogateescape" if _encodable(untrusted_text) else "replace")
        found.update(_by_path(connection, path))
    if not found:
        raise NotFound(f"No document here answers to '{visible(untrusted_text[:200])}'.",
                       remedy="Give a digest, at least 6 of its first characters, or a path as received.")
    if len(found) > 1:
        named = ", ".join(digest[:16] for digest in sorted(found)[:_SHOWN])
        raise Ambiguous(f"'{visible(untrusted_text[:200])}' names more than one document: {named}"
                        f"{' ...' if len(found) > _SHOWN else ''}.", remedy="Give one of these instead.")
    return found.pop()


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _by_path(connection: Connection, path: bytes) -> set[Digest]:
    found: set[Digest] = set()
    accession, slash, _ = path.partition(b"/")
    for head, tail in _splits(path):
        rows = list(connection.ask(
            "SELECT blob.number, blob.digest FROM item JOIN accession ON accession.id = item.accession JOIN blob ON "
            "blob.number = item.blob WHERE item.container IS NULL AND item.path = ?", (head,)))
        if slash and len(head) > len(accession):
            rows += connection.ask(
                "SELECT blob.number, blob.digest FROM item JOIN blob ON blob.number = item.blob "
                "WHERE item.container IS NULL AND item.accession = ? AND item.path = ?",
                (accession.decode("utf-8", "replace"), head[len(accession) + 1:]))
        for row in rows:
            found.update({row.digest} if tail is None else _inside(connection, row.number, tail))
    return found


def _inside(connection: Connection, container: int, path: bytes) -> set[Digest]:
    found: set[Digest] = set()
    for head, tail in _splits(path):
        for row in connection.ask(
            "SELECT blob.number, blob.digest FROM item JOIN blob ON blob.number = item.blob "
            "WHERE item.container = ? AND (item.path = ? OR item.name = ?)", (container, head, head.decode("utf-8", "replace"))):
            found.update({row.digest} if tail is None else _inside(connection, row.number, tail))
    return found


def _splits(path: bytes) -> list[tuple[bytes, bytes | None]]:
    pieces = path.split(b"!/")[:64]
    return [(path, None), *((b"!/".join(pieces[:n]), b"!/".join(pieces[n:])) for n in range(1, len(pieces)))]
