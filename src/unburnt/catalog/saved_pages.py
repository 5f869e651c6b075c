"""What lies below the folders beside a page, and which pages lie beside the folders above a file: for saved pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.connection import Connection
from unburnt.catalog.store import Store

_TYPES = "('text/html', 'application/xhtml+xml')"
_MOST_FOLDERS = 5_000
_MOST_FILES = 20_000
_MOST_MEMBERS = 50_000
_MOST_PAGES = 500
_LEVELS = 3
"""So many folders above a file may be the one that lies beside its page."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a content: in a delivery, or in a container."""

    accession: str
    folder: int | None
    container: int | None
    path: bytes
    shown: str
    """The path as people read it; as many folders deep."""


class FileBelow(msgspec.Struct, frozen=True, kw_only=True):
    """A file below a folder that lies beside a page: *path* from the page's own folder on, as people read it."""

    path: str
    document: Digest | None


class PageAbove(msgspec.Struct, frozen=True, kw_only=True):
    """A page beside a folder (*name*) in which a file lies; *path* is the file's from the page's folder on."""

    document: Digest
    title: str | None
    shown: str
    name: str
    path: str


class Around:
    """Asks the catalogue, each question by itself."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def places(self, digest: Digest, limit: int) -> list[Place]:
        """The first *limit* places of a content that have names."""
        with self._store.read() as connection:
            rows = connection.ask(
                "SELECT item.accession, item.folder, item.container, item.path, item.name FROM item "
                "JOIN blob ON blob.number = item.blob WHERE blob.digest = ? AND item.path IS NOT NULL ORDER BY item.id LIMIT ?",
                (digest, limit))
            return [
                Place(accession=row.accession or "", folder=row.folder, container=row.container, path=row.path, shown=_shown(row))
                for row in rows
            ]

    def folders_beside(self, place: Place) -> set[str]:
        """The names of the folders beside a file."""
        with self._store.read() as connection:
            if place.container is None:
                rows = connection.ask("SELECT name FROM folder WHERE parent = ? LIMIT ?", (place.folder, _MOST_FOLDERS))
                return {decode_path(name) for name in rows.scalars()}
            return {one.path.partition("/")[0] for one in _members(connection, place)}

    def files_below(self, place: Place, names: Collection[str]) -> list[FileBelow]:
        """The files below those of the folders beside a file that are called so."""
        with self._store.read() as connection:
            if place.container is None:
                return _received(connection, place, names)
            return [one for one in _members(connection, place) if one.path.partition("/")[0] in names]

    def pages_above(self, place: Place) -> list[PageAbove]:
        """The pages beside the folders above a file, those beside the nearest first."""
        above = place.path.count(b"/")
        found: list[PageAbove] = []
        with self._store.read() as connection:
            for depth in range(above - 1, max(-1, above - 1 - _LEVELS), -1):
                path = _from(place.shown, depth)
                for row in _pages_in(connection, place, depth):
                    found.append(PageAbove(
                        document=row.digest, title=row.title, shown=_shown(row), name=path.partition("/")[0], path=path))
        return found


def _received(connection: Connection, place: Place, names: Collection[str]) -> list[FileBelow]:
    found: list[FileBelow] = []
    depth = place.path.count(b"/")
    folders = connection.ask("SELECT path, name FROM folder WHERE parent = ? LIMIT ?", (place.folder, _MOST_FOLDERS))
    for folder in [bytes(row.path) for row in folders if decode_path(row.name) in names]:
        rows = connection.ask(
            "SELECT item.path, blob.digest FROM item LEFT JOIN blob ON blob.number = item.blob WHERE item.accession = ? "
            "AND item.container IS NULL AND item.path >= ? AND item.path < ? LIMIT ?",
            (place.accession, folder + b"/", folder + b"0", _MOST_FILES - len(found)))
        found += [FileBelow(path=_from(decode_path(row.path), depth), document=row.digest) for row in rows]
    return found


def _pages_in(connection: Connection, place: Place, depth: int) -> Iterator[Any]:
    """The pages of the folder that is *depth* deep on the way to a file."""
    steps = place.path.split(b"/")[:depth]
    columns = "SELECT item.path, item.name, blob.digest, document.title"
    joins = f"JOIN document ON document.blob = item.blob JOIN blob ON blob.number = item.blob WHERE document.type IN {_TYPES}"
    if place.container is None:
        return iter(connection.ask(
            f"{columns} FROM folder JOIN item ON item.folder = folder.id {joins} AND folder.accession = ? AND folder.path = ? "
            "ORDER BY item.path LIMIT ?", (place.accession, b"/".join(steps), _MOST_PAGES)))
    inner = b"".join(step + b"/" for step in steps)
    return iter(connection.ask(
        f"{columns} FROM (SELECT * FROM item WHERE container = ? ORDER BY ordinal LIMIT ?) AS item {joins} "
        "AND substr(item.path, 1, ?) = ? AND instr(substr(item.path, ?), x'2f') = 0 ORDER BY item.path LIMIT ?",
        (place.container, _MOST_MEMBERS, len(inner), inner, len(inner) + 1, _MOST_PAGES)))


def _members(connection: Connection, place: Place) -> Iterator[FileBelow]:
    """The members of a file's container that lie in folders beside it, or below these."""
    depth = place.path.count(b"/")
    inner = b"".join(step + b"/" for step in place.path.split(b"/")[:depth])
    rows = connection.ask(
        "SELECT item.path, item.name, blob.digest FROM (SELECT * FROM item WHERE container = ? ORDER BY ordinal LIMIT ?) AS item "
        "LEFT JOIN blob ON blob.number = item.blob WHERE substr(item.path, 1, ?) = ? AND instr(substr(item.path, ?), x'2f') > 0 LIMIT ?",
        (place.container, _MOST_MEMBERS, len(inner), inner, len(inner) + 1, _MOST_FILES))
    for row in rows:
        if "/" in (path := _from(_shown(row), depth)):
            yield FileBelow(path=path, document=row.digest)


def _shown(row: Any) -> str:
    return row.name or decode_path(row.path)


def _from(path: str, depth: int) -> str:
    """What is left of a path behind its first *depth* folders."""
    return "/".join(path.split("/")[depth:])
