"""What a Word document's settings tell of its history (ECMA-376 part 1, section 17.15): editing sessions, template, protection."""

from __future__ import annotations

from unburnt.read.formats.office.office_xml import attribute, child, children, parse_part
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import Relation, relations_of, targets

MOST_SESSIONS = 2_000
_OUTSIDE = {"attachedTemplate": "word:template", "mailMergeSource": "word:mail-merge-source"}


def read_settings(package: Package, document: dict[str, Relation]) -> dict[str, str]:
    """Fields for the metadata: ``word:rsids`` (the editing sessions' numbers, as two copies of one text share them) and others."""
    found: dict[str, str] = {}
    for name in targets(document, "settings")[:1]:
        root = parse_part(package, name).root
        if root is None:
            continue
        sessions = child(root, "rsids")
        if sessions is not None:
            numbers = [attribute(one, "val") or "" for one in children(sessions, "rsid")][:MOST_SESSIONS]
            found["word:rsid-root"] = " ".join(attribute(one, "val") or "" for one in children(sessions, "rsidRoot"))
            found["word:rsids"] = " ".join(numbers)
        if child(root, "trackRevisions") is not None:
            found["word:track-changes"] = "on"
        protection = child(root, "documentProtection")
        if protection is not None:
            found["word:protection"] = attribute(protection, "edit") or "on"
        for relation in relations_of(package, name).values():
            if relation.kind in _OUTSIDE:
                found[_OUTSIDE[relation.kind]] = relation.target[:2000]
    for name in targets(document, "people")[:1]:
        root = parse_part(package, name).root
        people = [attribute(one, "author") or "" for one in children(root, "person")] if root is not None else []
        if people:
            found["word:authors-of-changes"] = "; ".join(people)[:2000]
    return {key: value for key, value in found.items() if value}
