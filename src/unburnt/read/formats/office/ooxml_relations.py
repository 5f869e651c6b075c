"""How the parts of an OOXML package hang together: relationships, and which parts are members."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from unburnt.read.formats.office.office_xml import attribute, descendants, parse_part
from unburnt.read.formats.office.ooxml_package import Package

MEMBER_FOLDERS = ("/media/", "/embeddings/", "/activex/")
NO_MEMBERS = (".xml", ".rels", ".vml", ".odttf", ".fntdata")
"""Parts that the reader itself reads, and embedded fonts."""
MOST_TARGETS = 50_000


@dataclass(frozen=True)
class Relation:
    """One relationship. *kind* is the last piece of its type: ``hyperlink image comments ...``."""

    id: str
    kind: str
    target: str
    external: bool


def relations_of(package: Package, part: str) -> dict[str, Relation]:
    """The relationships of a part (``""`` for the package), by id; internal targets as part names."""
    folder, name = posixpath.split(part)
    root = parse_part(package, posixpath.join(folder, "_rels", f"{name}.rels")).root
    found: dict[str, Relation] = {}
    if root is None:
        return found
    for element in descendants(root, "Relationship"):
        target = attribute(element, "Target") or ""
        external = (attribute(element, "TargetMode") or "").lower() == "external"
        if not external:
            target = resolve(folder, target)
        identity = attribute(element, "Id") or ""
        kind = (attribute(element, "Type") or "").rsplit("/", 1)[-1]
        found[identity] = Relation(identity, kind, target, external)
    return found


def outside_targets(package: Package) -> list[str]:
    """Where any part of the package leads out of it: links, pictures and templates that are fetched, documents that are put together."""
    found: dict[str, None] = {}
    for name in package.names():
        folder, _, file = name.rpartition("/")
        if not file.lower().endswith(".rels") or len(found) >= MOST_TARGETS:
            continue
        part = f"{folder.rpartition('_rels')[0]}{file[:-5]}"
        found.update((one.target[:10_000], None) for one in relations_of(package, part).values() if one.external and one.target)
    return list(found)


def resolve(folder: str, target: str) -> str:
    """A relationship's target as a part name."""
    target = unquote(target.split("#", 1)[0]).replace("\\", "/")
    pieces: list[str] = []
    for piece in (target if target.startswith("/") else f"{folder}/{target}").split("/"):
        if piece == "..":
            del pieces[-1:]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces)


def main_part(package: Package, fallback: str) -> str:
    """The package's main part: what its ``officeDocument`` relationship names, else *fallback*."""
    for relation in relations_of(package, "").values():
        if relation.kind == "officeDocument" and package.has(relation.target):
            return relation.target
    return fallback


def targets(relations: dict[str, Relation], kind: str) -> list[str]:
    """The internal targets of one kind, in order of their ids as written."""
    return [relation.target for relation in relations.values() if relation.kind == kind and not relation.external]


def member_names(package: Package) -> list[str]:
    """The parts that are documents of their own: pictures, embedded files, thumbnails, alternative chunks."""
    return [name for name in package.names() if is_member(name)]


def is_member(name: str) -> bool:
    """Whether a part is listed as a member rather than read as text."""
    lowered = "/" + name.lower().lstrip("/")
    if lowered.endswith(NO_MEMBERS) and not lowered.startswith("/docprops/thumbnail"):
        return False
    if "/printersettings/" in lowered or lowered.endswith(("vbaproject.bin", "vbadata.bin", "vbaprojectsignature.bin")):
        return False
    if lowered.startswith("/_xmlsignatures/") or "/ctrlprops/" in lowered or lowered == "/mimetype":
        return False
    return not lowered.endswith((".bin", ".dat")) or any(folder in lowered for folder in MEMBER_FOLDERS)
