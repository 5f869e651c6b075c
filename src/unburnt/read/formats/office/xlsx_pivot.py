"""Pivot caches: the rows that a pivot table was made from, which stay in the file when their sheet is deleted or cut.

ECMA-376 part 1, section 18.10: a definition names the fields and shares their values, the records refer to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.office_sheet import SheetWriter
from unburnt.read.formats.office.office_xml import Element, attribute, child, children, descendants, local, parse_part
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import Relation, relations_of, targets

MOST_FIELDS = 16_384
MOST_RECORDS = 1_048_576
_TYPES = {"s": "text", "n": "number", "d": "date", "b": "boolean", "e": "error"}
_Value = tuple[str, str] | None


def emit_pivots(package: Package, workbook: dict[str, Relation], emitter: Emitter) -> list[str]:
    """Each cache as a hidden sheet named by its source; gives what was lost."""
    losses: list[str] = []
    for position, name in enumerate(targets(workbook, "pivotCacheDefinition"), 1):
        tree = parse_part(package, name)
        if not tree.whole:
            losses.append(f"pivot cache {position} {tree.reason}")
        if tree.root is not None:
            _cache(package, name, tree.root, f"pivot cache {position}", emitter, losses)
    return losses


def _cache(package: Package, name: str, root: Element, label: str, emitter: Emitter, losses: list[str]) -> None:
    fields = list(descendants(root, "cacheField"))[:MOST_FIELDS]
    shared = [[_value(item) for item in child_items(field)] for field in fields]
    writer = SheetWriter(emitter, f"{label}{_source(root)}", hidden=True)
    writer.row((0, column, attribute(field, "name") or "", "text", None, None, None, ()) for column, field in enumerate(fields))
    count = 0
    for records in targets(relations_of(package, name), "pivotCacheRecords")[:1]:
        tree = parse_part(package, records)
        if not tree.whole:
            losses.append(f"the records of {label} {tree.reason}")
        for record in children(tree.root, "r") if tree.root is not None else ():
            count += 1
            if count > MOST_RECORDS:
                losses.append(f"only the first {MOST_RECORDS} records of {label} were read")
                break
            writer.row(_cells(count, record, shared))
    if not count:
        # Without records the values that the fields share are all there is: one a row.
        for row in range(min(max(map(len, shared), default=0), MOST_RECORDS)):
            writer.row(
                (row + 1, column, value[0], value[1], None, None, None, ())
                for column, items in enumerate(shared) if row < len(items) and (value := items[row])
            )
    writer.finish()


def child_items(field: Element) -> Iterator[Element]:
    """The shared values of a field."""
    items = child(field, "sharedItems")
    yield from items if items is not None else ()


def _source(root: Element) -> str:
    source = child(child(root, "cacheSource"), "worksheetSource")
    if source is None:
        return ""
    sheet, place = attribute(source, "sheet") or "", attribute(source, "ref") or attribute(source, "name") or ""
    return f" of {sheet}!{place}" if sheet else f" of {place}"


def _cells(
    row: int, record: Element, shared: list[list[_Value]]
) -> Iterator[tuple[int, int, str, str, None, None, None, tuple[str, ...]]]:
    for column, item in enumerate(record):
        if column >= len(shared):
            return
        value = _value(item)
        if local(item) == "x":
            index = attribute(item, "v") or ""
            known = shared[column]
            value = known[int(index)] if index.isdecimal() and len(index) < 9 and int(index) < len(known) else None
        if value is not None:
            yield row, column, value[0], value[1], None, None, None, ()


def _value(item: Element) -> _Value:
    kind = _TYPES.get(local(item))
    shown = attribute(item, "v")
    if kind is None or shown is None:
        return None
    return ("TRUE" if shown in ("1", "true") else "FALSE") if kind == "boolean" else shown, kind
