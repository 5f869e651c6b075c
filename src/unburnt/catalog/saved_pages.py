"""What lies below the folders beside a page, and which pages lie beside the folders above a file: for saved pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
_Page = tuple[Digest, str, str | None]
"""A page's content, place as people read it, and title."""
_LEVELS = 3
"""So many folders above a file may be the one that lies beside its page."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a content: in a delivery, or in a container."""

    accession: str
    folder: int | None
    container: int | None
    path: bytes
    shown: str
    """The path as people read it."""

    @property
    def steps(self) -> list[str]:
        """The folders above it and its name, as people read them."""
        return self.shown.split("/") if self.container is None else _steps(self.shown)

    @property
    def depth(self) -> int:
        """How many folders are above it."""
        return len(self.steps) - 1


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
                Place(accession=row.accession or "", folder=row.folder, container=row.container, path=row.path,
                      shown=row.name or decode_path(row.path))
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
        found: list[PageAbove] = []
        with self._store.read() as connection:
            for depth in range(place.depth - 1, max(-1, place.depth - 1 - _LEVELS), -1):
                path = _from(place.steps, depth)
                pages = _pages_received(connection, place, depth) if place.container is None else _pages_inside(connection, place, depth)
                for digest, shown, title in pages:
                    found.append(PageAbove(document=digest, title=title, shown=shown, name=path.partition("/")[0], path=path))
        return found


def _received(connection: Connection, place: Place, names: Collection[str]) -> list[FileBelow]:
    found: list[FileBelow] = []
    folders = connection.ask("SELECT path, name FROM folder WHERE parent = ? LIMIT ?", (place.folder, _MOST_FOLDERS))
    for folder in [bytes(row.path) for row in folders if decode_path(row.name) in names]:
        rows = connection.ask(
            "SELECT item.path, blob.digest FROM item LEFT JOIN blob ON blob.number = item.blob WHERE item.accession = ? "
            "AND item.container IS NULL AND item.path >= ? AND item.path < ? LIMIT ?",
            (place.accession, folder + b"/", folder + b"0", _MOST_FILES - len(found)))
        found += [FileBelow(path=_from(decode_path(row.path).split("/"), place.depth), document=row.digest) for row in rows]
    return found


def _pages_received(connection: Connection, place: Place, depth: int) -> list[_Page]:
    """The pages in the folder that is *depth* deep on the way to a received file."""
    folder = b"/".join(place.path.split(b"/")[:depth])
    rows = connection.ask(
        "SELECT blob.digest, item.path, document.title FROM folder JOIN item ON item.folder = folder.id "
        "JOIN document ON document.blob = item.blob JOIN blob ON blob.number = item.blob "
        f"WHERE document.type IN {_TYPES} AND folder.accession = ? AND folder.path = ? ORDER BY item.path LIMIT ?",
        (place.accession, folder, _MOST_PAGES))
    return [(digest, decode_path(path), title) for digest, path, title in rows.tuples()]


def _pages_inside(connection: Connection, place: Place, depth: int) -> list[_Page]:
    """The same of a file inside a container."""
    rows = connection.ask(
        "SELECT blob.digest, item.path, item.name, document.title FROM (SELECT * FROM item WHERE container = ? ORDER BY ordinal LIMIT ?) "
        f"AS item JOIN document ON document.blob = item.blob JOIN blob ON blob.number = item.blob WHERE document.type IN {_TYPES}",
        (place.container, _MOST_MEMBERS))
    found: list[_Page] = []
    for digest, path, name, title in rows.tuples():
        shown = name or decode_path(path or b"")
        steps = _steps(shown)
        if len(steps) == depth + 1 and steps[:-1] == place.steps[:depth]:
            found.append((digest, shown, title))
    return sorted(found, key=lambda page: page[1])[:_MOST_PAGES]


def _members(connection: Connection, place: Place) -> Iterator[FileBelow]:
    """The members of a file's container that lie in folders beside it, or below these."""
    rows = connection.ask(
        "SELECT item.path, item.name, blob.digest FROM (SELECT * FROM item WHERE container = ? ORDER BY ordinal LIMIT ?) AS item "
        "LEFT JOIN blob ON blob.number = item.blob", (place.container, _MOST_MEMBERS))
    above = place.steps[:-1]
    for path, name, digest in rows.tuples():
        steps = _steps(name or decode_path(path or b""))
        if len(steps) > place.depth + 1 and steps[: place.depth] == above:
            yield FileBelow(path=_from(steps, place.depth), document=digest)


def _steps(shown: str) -> list[str]:
    """The folders and the name of a member; programs on Windows write them with backslashes."""
    return shown.replace("\\", "/").split("/")


def _from(steps: list[str], depth: int) -> str:
    """What is left of a path behind its first *depth* folders."""
    return "/".join(steps[depth:])
