"""OpenDocument databases (LibreOffice Base): where the data is, its tables, queries, forms and reports by name."""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.office_xml import Element, attribute, children, descendants, local

_MOST = 50_000
_WHERE = ("connection-resource", "file-based-database", "server-database", "login")
_STATED = (
    "href", "hostname", "port", "local-socket", "database-name", "user-name", "login-timeout", "media-type", "extension",
)  # fmt: skip


def emit_base(content: Element, emitter: Emitter) -> bool:
    """A part for each kind of object; gives whether there was any but the connection."""
    _emit("connection", [_stated(one) for one in descendants(content, *_WHERE)], emitter)
    found = False
    for label, holder in (("queries", "queries"), ("tables", "table-representations"), ("forms", "forms"), ("reports", "reports")):
        lines = [line for one in children(content, holder) for line in _objects(one)]
        found |= _emit(label, lines, emitter)
    return found | _emit("tables and columns", [line for one in children(content, "schema-definition") for line in _objects(one)], emitter)


def _objects(holder: Element) -> Iterator[str]:
    """Name, title and description of each, a query's command too; folders stand before what is in them."""
    for one in holder.iter():
        name = attribute(one, "name")
        if one is holder or not isinstance(one.tag, str) or not name:
            continue
        said = [name, attribute(one, "title"), attribute(one, "description"), attribute(one, "command"), attribute(one, "type-name")]
        indent = "  " if local(one) in ("column", "column-definition") else ""
        yield indent + ": ".join(dict.fromkeys(word for word in said if word))


def _stated(one: Element) -> str:
    return "; ".join(value for name in _STATED if (value := attribute(one, name)))


def _emit(label: str, lines: list[str], emitter: Emitter) -> bool:
    kept = [line for line in lines if line.strip()][:_MOST]
    if kept:
        emitter.part("properties" if label == "connection" else "section", label, "\n".join(kept) + "\n")
    return bool(kept)
