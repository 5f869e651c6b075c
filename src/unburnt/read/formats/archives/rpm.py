"""RPM packages: what the package says of itself, and its payload (a compressed CPIO archive) as a member."""

from __future__ import annotations

import struct
from typing import BinaryIO

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_plain import stretch, unix_time
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_LEAD = 96
_MAGIC = b"\x8e\xad\xe8\x01"
_MOST_ENTRIES = 100_000
_MOST_BYTES = 64 << 20
_INT32, _STRING, _I18N = 4, 6, 9
_TAGS = {1000: "name", 1001: "version", 1002: "release", 1004: "summary", 1005: "description", 1007: "buildhost", 1011: "vendor",
         1014: "license", 1015: "packager", 1020: "url", 1022: "arch", 1125: "compressor"}  # fmt: skip
_BUILT = 1006
_ENDS = {"gzip": "gz", "xz": "xz", "zstd": "zst", "bzip2": "bz2", "lzma": "lzma"}


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where the headers cannot be followed."""
    _, at = _header(source.file, _LEAD)
    tags, at = _header(source.file, -(-at // 8) * 8)
    built = unix_time(int(tags.pop("built", "0")))
    dates = (Date(kind="created", value=built, zone="UTC", origin="rpm:buildtime"),) if built else ()
    emitter.metadata(Metadata(
        title=tags.get("summary"), author=tags.get("packager"), dates=dates, fields={f"rpm:{name}": text for name, text in tags.items()},
    ))  # fmt: skip
    if text := tags.get("description"):
        emitter.part("section", "description", text)
    emitter.expect(members=1)
    if at >= source.size:
        return Ending(Outcome.PARTIAL, "The package is cut off before its payload.")
    stem = "-".join(tags[one] for one in ("name", "version", "release") if one in tags) or "payload"
    end = _ENDS.get(tags.get("compressor", "gzip"), "")
    name = f"{stem}.cpio.{end}".rstrip(".")
    emitter.member(name.encode("utf-8", "replace"), "entry", stretch(source.file, at, source.size - at), name=name)
    return Ending(Outcome.READ)


def _header(file: BinaryIO, at: int) -> tuple[dict[str, str], int]:
    """What one header says, and where it ends (Linux Standard Base 5, chapter 25)."""
    file.seek(at)
    head = file.read(16)
    if len(head) < 16 or not head.startswith(_MAGIC):
        raise Damaged("The package's headers are damaged or cut off.")
    count, size = struct.unpack(">2I", head[8:])
    if count > _MOST_ENTRIES or size > _MOST_BYTES:
        raise Damaged("The package's headers state an absurd size.")
    index, store = file.read(16 * count), file.read(size)
    if len(index) < 16 * count or len(store) < size:
        raise Damaged("The package is cut off within its headers.")
    found: dict[str, str] = {}
    for tag, kind, offset, _ in struct.iter_unpack(">4I", index):
        if tag in _TAGS and kind in (_STRING, _I18N) and offset < size:
            end = store.find(b"\0", offset)
            found[_TAGS[tag]] = store[offset : end if end >= 0 else size].decode("utf-8", "replace")
        elif tag == _BUILT and kind == _INT32 and offset + 4 <= size:
            found["built"] = str(int.from_bytes(store[offset : offset + 4], "big"))
    return found, at + 16 + 16 * count + size


FORMATS = (
    Format(
        "rpm", read, memory_safe=True,
        title="RPM packages",
        gives="its payload as a member, whose files are members in turn; name, version, builder, description",
        lacks="signatures are not checked; scripts are not shown",
    ),
)
