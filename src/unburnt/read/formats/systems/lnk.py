"""Windows shortcuts (LNK, MS-SHLLINK): where they lead, on which volume and which machine, and when."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_dates import windows_time
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST_BYTES = MIB
_HEADER = 0x4C
_HAS_TARGETS, _HAS_INFO, _IS_WIDE = 0x01, 0x02, 0x80
_STRINGS = ((0x04, "description"), (0x08, "relative path"), (0x10, "working folder"), (0x20, "arguments"), (0x40, "icon"))
_LOCAL, _NETWORK = 1, 2
_TRACKER = 0xA0000003
_TIMES = (("created", 28), ("accessed", 36), ("modified", 44))


def read(source: Source, emitter: Emitter) -> Ending:
    """What the link says, a line each. Raises :class:`Damaged` where nothing can be followed."""
    data = source.all(_MOST_BYTES)
    if len(data) < _HEADER:
        raise Damaged("The shortcut is cut off within its header.")
    lines: list[str] = []
    whole = True
    try:
        for line in _said(data):
            lines.append(line)
    except (struct.error, ValueError):
        whole = False
    dates = tuple(
        Date(kind=kind, value=value, zone="UTC", origin="lnk:target")
        for kind, at in _TIMES if (value := windows_time(struct.unpack_from("<Q", data, at)[0]))
    )  # fmt: skip
    emitter.metadata(Metadata(dates=dates, fields={"lnk:target-size": str(struct.unpack_from("<I", data, 52)[0])}))
    if lines:
        emitter.part("section", "shortcut", "".join(f"{line}\n" for line in lines))
    if not whole:
        return Ending(Outcome.PARTIAL if lines else Outcome.DAMAGED, "The shortcut is damaged or cut off.")
    return Ending(Outcome.READ) if lines else Ending(Outcome.EMPTY, "It says nothing of where it leads.")


def _said(data: bytes) -> Iterator[str]:
    flags, = struct.unpack_from("<I", data, 20)
    at = _HEADER
    if flags & _HAS_TARGETS:
        at += 2 + struct.unpack_from("<H", data, at)[0]
    if flags & _HAS_INFO:
        length, = struct.unpack_from("<I", data, at)
        if length < 28 or at + length > len(data):
            raise ValueError
        yield from _info(data[at : at + length])
        at += length
    for flag, name in _STRINGS:
        if flags & flag:
            count, = struct.unpack_from("<H", data, at)
            size = count * 2 if flags & _IS_WIDE else count
            raw = data[at + 2 : at + 2 + size]
            if len(raw) < size:
                raise ValueError
            yield f"{name}: {raw.decode('utf-16-le', 'replace') if flags & _IS_WIDE else decode(raw, native=False).text}"
            at += 2 + size
    yield from _extra(data, at)


def _info(info: bytes) -> Iterator[str]:
    """LinkInfo (2.3): paths in the machine's code page, and in UTF-16 where the header is long enough to say where."""
    header, flags, volume, base, network, suffix = struct.unpack_from("<6I", info, 4)
    wide_base, wide_suffix = struct.unpack_from("<2I", info, 28) if header >= 0x24 and len(info) >= 36 else (0, 0)
    end = _wide(info, wide_suffix) if wide_suffix else _narrow(info, suffix)
    if flags & _LOCAL:
        yield f"target: {(_wide(info, wide_base) if wide_base else _narrow(info, base)) + end}"
        serial, label = struct.unpack_from("<2I", info, volume + 8)
        shown = _narrow(info, volume + label) if label != 0x14 else _wide(info, volume + struct.unpack_from("<I", info, volume + 16)[0])
        yield f"volume: {shown or 'without a label'}, serial number {serial:08X}"
    if flags & _NETWORK:
        share, = struct.unpack_from("<I", info, network + 8)
        yield f"network target: {_narrow(info, network + share)}\\{end}".rstrip("\\")


def _narrow(data: bytes, at: int) -> str:
    end = data.find(b"\0", at)
    return decode(data[at : end if end >= 0 else len(data)], native=False).text


def _wide(data: bytes, at: int) -> str:
    end = at
    while end + 1 < len(data) and data[end : end + 2] != b"\0\0":
        end += 2
    return data[at:end].decode("utf-16-le", "replace")


def _extra(data: bytes, at: int) -> Iterator[str]:
    """The machine on which the target was last seen (2.5.10)."""
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<2I", data, at)
        if length < 8:
            return
        if kind == _TRACKER:
            yield f"machine: {data[at + 16 : at + 32].split(bytes(1))[0].decode('latin-1')}"
        at += length


FORMATS = (
    Format(
        "lnk", read, memory_safe=True,
        title="Windows shortcuts (LNK)",
        gives="target, volume and its serial number, network share, working folder, arguments, machine; the target's dates and size",
        lacks="the list of shell items is not taken apart",
    ),
)
