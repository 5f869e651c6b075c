"""XML that programs keep inside an office file (ECMA-376 part 1, section 22.5): data bound to fields, forms, case numbers."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.office_xml import Element, local, parse_part
from unburnt.read.formats.office.ooxml_package import Package, key_of

MOST_PARTS = 1_000
_MOST_CHARACTERS = 4 << 20
_SCHEMAS = frozenset(("contentTypeSchema", "schema", "FormTemplates", "receivers"))
"""Roots that say how documents of a library are described, and nothing of this one."""


def emit_custom_xml(package: Package, emitter: Emitter) -> bool:
    """Each part's texts and attributes as a hidden part, a line for each; gives whether there were any."""
    names = [name for name in package.names() if key_of(name).startswith("customxml/") and key_of(name).endswith(".xml")]
    found = False
    for name in [name for name in names if "/itemprops" not in key_of(name)][:MOST_PARTS]:
        root = parse_part(package, name).root
        lines = _lines(root) if root is not None and local(root) not in _SCHEMAS else []
        if lines:
            found = True
            emitter.part("section", f"custom XML {name.rsplit('/', 1)[-1]}", "\n".join(lines), hidden=True)
    return found


def _lines(root: Element) -> list[str]:
    lines: list[str] = []
    size = 0
    for element in root.iter("*"):
        values = [str(value) for key, value in element.attrib.items() if not str(key).startswith("{http://www.w3.org/")]
        if local(element) == "Sources":  # the style of a bibliography
            values = []
        for text in (*values, element.text or "", element.tail or ""):
            if text.strip():
                size += len(text)
                lines.append(text.strip())
        if size > _MOST_CHARACTERS:
            break
    return lines
