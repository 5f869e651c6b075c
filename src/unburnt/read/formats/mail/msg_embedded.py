"""Messages and objects inside an Outlook message, written out as files of their own (MS-OXMSG, section 2.2.2.1)."""

from __future__ import annotations

from typing import Any

from unburnt.read.formats.mail.msg_properties import STREAM as PROPERTIES
from unburnt.read.formats.mail.msg_properties import Storage
from unburnt.read.formats.office.ole_storages import written

MESSAGE_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
NAMED_PROPERTIES = "__nameid_version1.0"
INNER_HEADER, RESERVED = 24, bytes(8)


def rebuild(ole: Any, paths: list[Storage], storage: Storage, *, is_message: bool) -> bytes | None:
    """The storage as a compound file; None where a stream is missing or all are too large.

    A message's own file differs from a message inside another in two ways: its header has eight more bytes, and the
    names of properties, which the outer message keeps for all, stand in it.
    """
    taken = [(path, path[len(storage) :]) for path in paths if len(path) > len(storage) and path[: len(storage)] == storage]
    if not is_message:
        return written(ole, taken, identifier=bytes(16))
    if not any(inner[0] == NAMED_PROPERTIES for _, inner in taken):
        taken += [(path, path) for path in paths if path[0] == NAMED_PROPERTIES]
    return written(ole, taken, identifier=MESSAGE_CLASS, changed=_with_header)


def _with_header(inner: Storage, data: bytes) -> bytes:
    return data[:INNER_HEADER] + RESERVED + data[INNER_HEADER:] if inner == (PROPERTIES,) else data
