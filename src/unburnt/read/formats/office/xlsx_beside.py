"""What newer and older versions of Excel keep beside a sheet: threads of comments, labels of buttons and boxes, who changed which cell."""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
    parse_part,
    text_of,
)
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import Relation, relations_of, targets
from unburnt.read.formats.office.xlsx_sheet import address

MOST_CHANGES = 50_000
OLD_FORM = "[Threaded comment]"
"""Before a thread that is written once more as a comment of the old kind."""
_TICKED = {"0": "☐", "1": "☒", "2": "☐"}
"""The third stands for neither."""
_CHANGED = {"rcc": "", "rsnm": "sheet", "ris": "sheet", "rrc": "rows or columns", "rcmt": "comment", "rdn": "name"}


def people_of(package: Package, relations: dict[str, Relation]) -> dict[str, str]:
    """Who writes threads of comments, by the ids that these have for them; *relations* are those of the workbook."""
    found: dict[str, str] = {}
    for name in targets(relations, "person"):
        root = parse_part(package, name).root
        for person in descendants(root, "person") if root is not None else ():
            found[attribute(person, "id") or ""] = attribute(person, "displayName") or ""
    return found


def threads_of(package: Package, relations: dict[str, Relation], people: dict[str, str]) -> dict[tuple[int, int], str]:
    """The threads of one sheet by cell, a line ``author (time): text`` for each comment and each answer."""
    lines: dict[tuple[int, int], list[str]] = {}
    for name in targets(relations, "threadedComment"):
        root = parse_part(package, name).root
        for comment in descendants(root, "threadedComment") if root is not None else ():
            where, text = address(attribute(comment, "ref") or ""), child(comment, "text")
            if where is not None and text is not None:
                author, time = people.get(attribute(comment, "personId") or "", ""), attribute(comment, "dT") or ""
                said = f"{author} ({time})" if author and time else author or time
                lines.setdefault(where, []).append(f"{said}: {text_of(text)}" if said else text_of(text))
    return {where: "\n".join(told) for where, told in lines.items()}


def labels_of(drawing: Element) -> Iterator[str]:
    """The texts on buttons, boxes to tick and frames, which stand in a drawing of the old kind (VML) as comments do."""
    for shape in descendants(drawing, "shape", "rect", "roundrect", "oval"):
        data = child(shape, "ClientData")
        if data is None or attribute(data, "ObjectType") == "Note":
            continue
        text = "\n".join(" ".join(text_of(box).split()) for box in children(shape, "textbox")).strip()
        ticked = _TICKED.get((text_of(tick) if (tick := child(data, "Checked")) is not None else "0").strip(), "")
        if attribute(data, "ObjectType") in ("Checkbox", "Radio"):
            text = f"{ticked} {text}"
        if text:
            yield text


def changes_of(package: Package, relations: dict[str, Relation]) -> list[str]:
    """Who changed which cell of a shared workbook, when, and what stood there before."""
    lines: list[str] = []
    for name in targets(relations, "revisionHeaders"):
        root, logs = parse_part(package, name).root, relations_of(package, name)
        for header in descendants(root, "header") if root is not None else ():
            said = " ".join(filter(None, (attribute(header, "dateTime"), attribute(header, "userName"))))
            log = next((logs[value] for key, value in header.attrib.items() if str(key).endswith("}id") and value in logs), None)
            if log is None or log.external or len(lines) >= MOST_CHANGES:
                continue
            root_of_log = parse_part(package, log.target).root
            for change in descendants(root_of_log, *_CHANGED) if root_of_log is not None else ():
                lines.append(f"{said}: {_change(change)}")
    return lines[:MOST_CHANGES]


def _change(change: Element) -> str:
    if local(change) == "rcc":
        before, after = child(change, "oc"), child(change, "nc")
        where = next((attribute(cell, "r") for cell in (after, before) if cell is not None), "") or ""
        return f"{where}: {_value(before)} → {_value(after)}"
    words = (attribute(change, key) for key in ("action", "cell", "ref", "name", "oldName", "newName", "author"))
    return f"{_CHANGED[local(change)]}: {' '.join(filter(None, words))}"


def _value(cell: Element | None) -> str:
    return "".join(text_of(one) for one in cell if local(one) in ("f", "v", "is")) if cell is not None else ""
