"""Emitting what a package holds beside its text, and noting what a person should know about it."""

from __future__ import annotations

import io
from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.ole_container import OleTrouble, open_ole
from unburnt.read.formats.office.ole_objects import OLE_MAGIC, unwrap
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.vba import UNREADABLE, emit_macros

OBJECT_BYTES = 64 * MIB
"""The largest embedded object that is opened to find the file inside it; larger ones are members as they are."""


def emit_members(package: Package, names: list[str], emitter: Emitter) -> None:
    """Hand out each named part as a member; OLE objects as the file they wrap, where they wrap one."""
    for name in names:
        path = name.encode("utf-8", "surrogateescape")
        label = name.rsplit("/", 1)[-1]
        if package.encrypted(name):
            emitter.member_failed(path, "embedded", Outcome.LOCKED, "This part is encrypted.", name=label)
            continue
        before = len(package.damaged_parts)
        if name.lower().endswith(".bin") and package.parts[name.replace("\\", "/").lstrip("/").lower()].file_size < OBJECT_BYTES:
            data = package.read(name, OBJECT_BYTES)
            found = unwrap(data) if data.startswith(OLE_MAGIC) else None
            if found is not None:
                emitter.member(path, "embedded", found.data, name=found.name or label)
                continue
            if data:
                emitter.member(path, "embedded", data, name=label)
                continue
        stream = _first_readable(package.chunks(name, counted=False))
        if stream is None and len(package.damaged_parts) > before:
            emitter.member_failed(path, "embedded", Outcome.DAMAGED, "This part could not be unpacked.", name=label)
        else:
            emitter.member(path, "embedded", stream or iter(()), name=label, modified=package.modified(name))


def _first_readable(chunks: Iterator[bytes]) -> Iterator[bytes] | None:
    """The same bytes, or None where there are none."""
    first = next(chunks, None)
    if first is None:
        return None

    def again() -> Iterator[bytes]:
        yield first
        yield from chunks

    return again()


def note_package(package: Package, emitter: Emitter) -> None:
    """Show the source of macros, and note signatures and oddities of the package itself."""
    lowered = [name.lower() for name in package.names()]
    for name in package.names():
        if name.lower().endswith("vbaproject.bin"):
            _macros(package.read(name, OBJECT_BYTES), emitter)
    if any(name.startswith("_xmlsignatures/") for name in lowered):
        emitter.note("signature", "The file carries a digital signature; it was not checked.")
    if package.duplicate_names:
        emitter.note("duplicate-parts", f"{package.duplicate_names} parts share a name with another; the first of each was read.")
    for name in dict.fromkeys(package.damaged_parts[:20]):
        emitter.note("damaged-part", f"The part {name.rsplit('/', 1)[-1][:80]!r} is damaged or fails its checksum.")


def _macros(project: bytes, emitter: Emitter) -> None:
    try:
        ole = open_ole(io.BytesIO(project))
    except OleTrouble:
        emitter.note("macros", UNREADABLE)
        return
    emit_macros(ole, ("VBA",), emitter)
