"""Opening a package whose directory is gone: a file that was cut off still holds the parts before the cut."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import BinaryIO, Final

from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.zip_recovery import scan
from unburnt.read.formats.office.office_xml import attribute, descendants, parse_part
from unburnt.read.formats.office.ooxml_package import Package, key_of, open_package
from unburnt.read.formats.office.ooxml_relations import Relation, relations_of

MOST_PARTS: Final = 100_000
_MOST_LISTS: Final = 5_000
"""Lists of relationships that are looked through for the names of lost parts."""
_NUMBER: Final = re.compile(r"(\d+)\.[a-z]+$")


def open_or_recover(untrusted_file: BinaryIO) -> tuple[Package, bool]:
    """The package, and whether its parts had to be found by their own headers.

    Raises :class:`Damaged` where there is not one part, :class:`Stopped` where there are too many.
    """
    try:
        return open_package(untrusted_file), False
    except Damaged:
        package = _recovered(untrusted_file)
        if not package.parts:
            raise
        return package, True


def _recovered(file: BinaryIO) -> Package:
    size = file.seek(0, io.SEEK_END)
    parts: dict[str, zipfile.ZipInfo] = {}
    duplicates = 0
    for entry in scan(file, size)[:MOST_PARTS]:
        name = entry.raw.decode("utf-8", "surrogateescape")
        if name.endswith("/") or "\x00" in name:
            continue
        if key_of(name) in parts:
            duplicates += 1
            continue
        info = zipfile.ZipInfo(name)
        info.compress_type, info.flag_bits, info.CRC = entry.method, entry.flags, entry.crc
        info.compress_size, info.file_size, info.header_offset = entry.compressed, entry.size, entry.header
        parts[key_of(name)] = info
    return Package(file, parts, duplicate_names=duplicates, recovered=True)


def named_by_number(package: Package, folder: str, stem: str) -> list[str]:
    """Parts such as ``ppt/slides/slide12.xml``, by their number: their order where the list of them is lost."""
    begins = f"{folder}/{stem}"
    found = [name for name in package.names() if key_of(name).startswith(begins) and key_of(name).endswith(".xml")]
    return sorted(found, key=lambda name: (int(match[1][:9]) if (match := _NUMBER.search(name.lower())) else 0, name))


def relations_or_names(package: Package, part: str, kinds: Mapping[str, str]) -> dict[str, Relation]:
    """A part's relationships; of a recovered package also the parts beside it that are named as writers name that kind.

    *kinds* gives the beginning of a name (``header``) its kind of relationship.
    """
    relations = relations_of(package, part)
    if not package.recovered:
        return relations
    known = {key_of(relation.target) for relation in relations.values() if not relation.external}
    for stem, kind in kinds.items():
        for name in named_by_number(package, posixpath.dirname(key_of(part)), stem):
            if key_of(name) not in known:
                relations[f"found {name}"] = Relation(f"found {name}", kind, name, False)
    return relations


def recovery_losses(package: Package) -> list[str]:
    """What to say of a package that was put together again; nothing of another."""
    if not package.recovered:
        return []
    lost = _lost(package)
    more = f", {lost} that it names are gone" if lost else ""
    return [f"its directory of parts is cut off or damaged: {len(package.parts)} parts were found by their own headers{more}"]


def _lost(package: Package) -> int:
    """How many parts are named by the list of content types, or by a relationship, and are not there."""
    named: set[str] = set()
    types = parse_part(package, "[Content_Types].xml").root
    for element in descendants(types, "Override") if types is not None else ():
        named.add(key_of(attribute(element, "PartName") or ""))
    for name in [name for name in package.names() if name.lower().endswith(".rels")][:_MOST_LISTS]:
        folder, file = posixpath.split(name)
        owner = posixpath.join(posixpath.dirname(folder), file[: -len(".rels")])
        named |= {key_of(one.target) for one in relations_of(package, owner).values() if not one.external}
    return sum(1 for key in named if key and key not in package.parts)
