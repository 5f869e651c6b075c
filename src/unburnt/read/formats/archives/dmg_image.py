"""Disk images of the Mac (DMG, UDIF): each partition as a member, put together from its blocks."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked, Unsupported
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_plain import stretch
from unburnt.read.formats.systems.plist_text import loaded
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_TRAILER = 512
_SECTOR = 512
_LARGEST_LIST = 64 * MIB
_LARGEST_BLOCK = 64 * MIB
_ENCRYPTED = b"encrcdsa"
_ZEROS, _RAW, _UNUSED = 0, 1, 2
_COMMENT, _END = 0x7FFFFFFE, 0xFFFFFFFF
_UNPACKERS: dict[int, Callable[[], Any]] = {
    0x80000005: zlib.decompressobj, 0x80000006: bz2.BZ2Decompressor, 0x80000008: lzma.LZMADecompressor,
}  # fmt: skip
_OTHERS = {0x80000004: "ADC", 0x80000007: "LZFSE"}


class _Partition(msgspec.Struct, frozen=True):
    name: str
    table: bytes


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit each partition. Raises :class:`Locked` where the image is encrypted, :class:`Damaged` where its list is."""
    if source.head(8) == _ENCRYPTED:
        raise Locked("The disk image is encrypted; no given password is tried on it.")
    source.file.seek(max(0, source.size - _TRAILER))
    trailer = source.file.read(_TRAILER)
    data_start, = struct.unpack_from(">Q", trailer, 0x18)
    at, length = struct.unpack_from(">2Q", trailer, 0xD8)
    if not length or length > _LARGEST_LIST or at + length > source.size:
        raise Damaged("The disk image's list of partitions is not where its end says.")
    partitions = _partitions(loaded(b"".join(stretch(source.file, at, length))))
    emitter.expect(members=len(partitions))
    tally = Tally()
    for number, partition in enumerate(partitions):
        name = f"{number} {partition.name}".strip()
        if len(partition.table) < 204 or not partition.table.startswith(b"mish"):
            tally.fail(emitter, name.encode("utf-8", "replace"), Outcome.DAMAGED, "The partition's list of blocks is damaged.", name=name)
        else:
            tally.emit(emitter, name.encode("utf-8", "replace"), _content(source.file, partition.table, data_start), name=name)
    return tally.ending()


def _partitions(values: Any) -> list[_Partition]:
    fork = values.get("resource-fork") if isinstance(values, dict) else None
    listed = fork.get("blkx") if isinstance(fork, dict) else None
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not found:
        raise Damaged("The disk image lists no partition.")
    return [
        _Partition(str(one.get("Name") or one.get("CFName") or ""), data if isinstance(data := one.get("Data"), bytes) else b"")
        for one in found
    ]  # fmt: skip


def _content(file: BinaryIO, table: bytes, data_start: int) -> Iterator[bytes]:
    base, = struct.unpack_from(">Q", table, 24)
    count, = struct.unpack_from(">I", table, 200)
    expected = 0
    for at in range(204, min(204 + 40 * count, len(table) - 39), 40):
        kind, _, sector, sectors, start, length = struct.unpack_from(">2I4Q", table, at)
        if kind == _END:
            break
        if kind == _COMMENT:
            continue
        if sector != expected:
            raise Damaged("The partition's blocks do not follow one another.")
        expected = sector + sectors
        yield from _block(file, kind, data_start + base + start, length, sectors * _SECTOR)
    if expected != struct.unpack_from(">Q", table, 16)[0]:
        raise Damaged("The partition's list of blocks is cut off.")


def _block(file: BinaryIO, kind: int, start: int, length: int, size: int) -> Iterator[bytes]:
    if kind in (_ZEROS, _UNUSED):
        zeros = bytes(MIB)
        for at in range(0, size, MIB):
            yield zeros[: size - at]
    elif kind == _RAW:
        yield from stretch(file, start, min(length, size))
        yield bytes(max(0, min(size - length, MIB)))
    elif kind in _UNPACKERS:
        if size > _LARGEST_BLOCK or length > _LARGEST_BLOCK:
            raise Damaged("A block of the partition states an absurd size.")
        packed = b"".join(stretch(file, start, length))
        try:
            data = _UNPACKERS[kind]().decompress(packed, size)
        except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
            raise Damaged("A block of the partition is damaged.") from error
        if len(data) != size:
            raise Damaged("A block of the partition is damaged.")
        yield data
    else:
        raise Unsupported(f"The partition is packed with {_OTHERS.get(kind, 'an unknown method')}, which no reader knows.")


FORMATS = (
    Format(
        "dmg", read, memory_safe=True,
        title="Disk images of the Mac (DMG)",
        gives="each partition as a member, from blocks that are raw, zlib, bzip2 or LZMA",
        lacks="what HFS+ or APFS hold within is named, not read; ADC and LZFSE are named as unsupported; encrypted images stay locked",
    ),
)
