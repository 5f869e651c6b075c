"""A storage inside a compound file, written out as a compound file of its own (MS-CFB; MS-OLEDS 2.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from unburnt.base.limits import MIB
from unburnt.read.formats.office.ole_container import is_stream, stream_bytes
from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound

Storage = tuple[str, ...]
MOST_BYTES = 256 * MIB
OF_THE_HOLDER = frozenset(("\x01", "\x02", "\x03"))
"""How the names of streams begin that the holding program wrote: what the object is, and how it looks (MS-OLEDS 2.3)."""

NATIVE = "\x01Ole10Native"
"""The one of those that holds the object itself."""


def rebuild(ole: Any, paths: Iterable[Storage], storage: Storage) -> bytes | None:
    """The storage as a file; None where a stream is missing, all are too large, or none holds what the object is about."""
    taken = [(path, path[len(storage) :]) for path in paths if len(path) > len(storage) and path[: len(storage)] == storage]
    if all(inner[0][:1] in OF_THE_HOLDER and inner[0] != NATIVE for _, inner in taken):
        return None
    return written(ole, taken, identifier=_identifier(ole, storage))


def written(
    ole: Any, taken: Iterable[tuple[Storage, Storage]], *, identifier: bytes,
    changed: Callable[[Storage, bytes], bytes] = lambda _, data: data,
) -> bytes | None:
    """A compound file of what is *taken*: pairs of a path in *ole* and the one in the new file, where *changed* may change it.

    None where a stream is missing or all are too large.
    """
    entries = [Entry("Root Entry", ROOT, identifier=identifier)]
    places: dict[Storage, int] = {(): 0}
    size = 0
    for path, inner in sorted(taken, key=lambda pair: (len(pair[1]), pair[1])):
        parent = places.get(inner[:-1])
        if parent is None:
            return None
        entry = Entry(inner[-1])
        if is_stream(ole, path):
            data = stream_bytes(ole, path)
            if data is None:
                return None
            data = changed(inner, data)
            size += len(data)
            entry.kind, entry.data = STREAM, data
        else:
            places[inner] = len(entries)
        if size > MOST_BYTES:
            return None
        entries[parent].children.append(len(entries))
        entries.append(entry)
    return write_compound(entries) if len(entries) > 1 else None


def _identifier(ole: Any, storage: Storage) -> bytes:
    """Which program the object belongs to; zeros where it does not say."""
    try:
        return uuid.UUID(ole.getclsid(list(storage))).bytes_le
    except (OSError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return bytes(16)
