"""Messages and objects inside an Outlook message, written out as files of their own (MS-OXMSG, section 2.2.2.1)."""

from __future__ import annotations

from typing import Any

from unburnt.base.limits import MIB
from unburnt.read.formats.mail.msg_properties import STREAM as PROPERTIES
from unburnt.read.formats.mail.msg_properties import Storage
from unburnt.read.formats.office.ole_container import stream_bytes
from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound

MESSAGE_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
NAMED_PROPERTIES = "__nameid_version1.0"
INNER_HEADER, RESERVED = 24, bytes(8)
MOST_BYTES = 256 * MIB


def rebuild(ole: Any, paths: list[Storage], storage: Storage, *, is_message: bool) -> bytes | None:
    """The storage as a compound file; None where a stream is missing or all are too large.

    A message's own file differs from a message inside another in two ways: its header has eight more bytes, and the
    names of properties, which the outer message keeps for all, stand in it.
    """
    taken = [(path, path[len(storage) :]) for path in paths if len(path) > len(storage) and path[: len(storage)] == storage]
    if is_message and not any(inner[0] == NAMED_PROPERTIES for _, inner in taken):
        taken += [(path, path) for path in paths if path[0] == NAMED_PROPERTIES]
    entries = [Entry("Root Entry", ROOT, identifier=MESSAGE_CLASS if is_message else bytes(16))]
    places: dict[Storage, int] = {(): 0}
    size = 0
    for path, inner in sorted(taken, key=lambda pair: (len(pair[1]), pair[1])):
        parent = places.get(inner[:-1])
        if parent is None:
            return None
        entry = Entry(inner[-1])
        if ole.get_type(list(path)) == STREAM:
            data = stream_bytes(ole, path)
            if data is None:
                return None
            if is_message and inner == (PROPERTIES,):
                data = data[:INNER_HEADER] + RESERVED + data[INNER_HEADER:]
            size += len(data)
            entry.kind, entry.data = STREAM, data
        else:
            places[inner] = len(entries)
        if size > MOST_BYTES:
            return None
        entries[parent].children.append(len(entries))
        entries.append(entry)
    return write_compound(entries) if len(entries) > 1 else None
