"""Images of CDs and DVDs (ISO 9660 with Joliet or Rock Ridge, the ISO side of a UDF bridge): every file as a member."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Unsupported
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_plain import Stretch, emit_all
from unburnt.read.formats.archives.iso_directory import SECTOR, Tree, Volume
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_FIRST = 16
_MOST_DESCRIPTORS = 64
_PRIMARY, _SUPPLEMENTARY, _BOOT, _LAST = 1, 2, 0, 255
_JOLIET = (b"%/@", b"%/C", b"%/E")


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where no volume is described."""
    volumes, has_boot = _volumes(source.file)
    if not volumes:
        if source.head(SECTOR * _FIRST + 6)[-5:] == b"BEA01":
            raise Unsupported("The image is of the type UDF without an ISO 9660 side, which no reader knows.")
        raise Damaged("The image describes no volume.")
    trees = [Tree(source.file, source.size, volume) for volume in volumes]
    for tree in trees:
        tree.walk()
    chosen = _chosen(trees, volumes)
    members = [*trees[chosen].members, *_elsewhere(trees, chosen)]
    emitter.expect(members=len(members))
    emitter.metadata(Metadata(title=volumes[chosen].label or None, fields=_fields(trees[chosen], volumes[chosen], bootable=has_boot)))
    if emitter.begins and len(members) > len(trees[chosen].members):
        emitter.note("other-directory", "Some files stand in another list of directories only; they come last.")
    tally = Tally(loss=" ".join(_losses(trees[chosen], volumes[chosen], source.size)))
    emit_all(members, source.file, source.size, emitter, tally)
    return tally.ending()


def _volumes(file: BinaryIO) -> tuple[list[Volume], bool]:
    """Primary and Joliet volumes, and whether the disc was made to boot."""
    found: list[Volume] = []
    has_boot = False
    for number in range(_FIRST, _FIRST + _MOST_DESCRIPTORS):
        file.seek(number * SECTOR)
        data = file.read(SECTOR)
        if len(data) < SECTOR or data[1:6] != b"CD001" or data[0] == _LAST:
            break
        has_boot |= data[0] == _BOOT
        is_joliet = data[0] == _SUPPLEMENTARY and data[88:91] in _JOLIET
        if data[0] != _PRIMARY and not is_joliet:
            continue
        block, = struct.unpack_from("<H", data, 128)
        if block in (512, 1024, 2048) and data[156] >= 34:
            label = data[40:72].decode("utf-16-be" if is_joliet else "latin-1", "replace").strip(" \0")
            found.append(Volume(data[156:190], block, struct.unpack_from("<I", data, 80)[0], label, is_joliet))
    return found, has_boot


def _chosen(trees: list[Tree], volumes: list[Volume]) -> int:
    """The tree with the best names: Rock Ridge's, else Joliet's, else those of capitals and digits."""
    return max(range(len(trees)), key=lambda one: (bool(trees[one].members), trees[one].has_rock_ridge, volumes[one].is_joliet))


def _elsewhere(trees: list[Tree], chosen: int) -> Iterator[Stretch]:
    """Files of other trees whose bytes no file of the chosen one has."""
    seen = {member.pieces for member in trees[chosen].members}
    for tree in trees:
        for member in tree.members:
            if member.size and member.pieces not in seen:
                seen.add(member.pieces)
                yield member


def _fields(tree: Tree, volume: Volume, *, bootable: bool) -> dict[str, str]:
    names = "Rock Ridge" if tree.has_rock_ridge else "Joliet" if volume.is_joliet else "ISO 9660"
    return {"iso:names": names} | ({"iso:boot": "El Torito"} if bootable else {})


def _losses(tree: Tree, volume: Volume, size: int) -> Iterator[str]:
    stated = volume.block * volume.blocks
    if stated > size:
        yield f"The image is cut off: {size} of its {stated} bytes are here."
    if tree.damaged:
        yield f"Directories are damaged in {tree.damaged} places; what stood there is not known."
    if tree.is_unfinished:
        yield "It lists more files than are followed."


FORMATS = (
    Format(
        "iso", read, memory_safe=True,
        title="Images of CDs and DVDs (ISO 9660, Joliet, Rock Ridge)",
        gives="every file, also those that stand in one of several lists of directories only; the disc's label",
        lacks="UDF alone and zisofs are named as unsupported; of several sessions the first is read; boot images stay inside",
    ),
)
