"""What an OpenDocument file says beside its text: rules and prompts of cells, names, form controls, fields, formulas as objects."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.office_xml import Element, attribute, descendants, local, text_of

MOST_LINES = 50_000
_FORM_WORDS = ("label", "current-value", "value", "title", "current-state", "string-value", "string-value-if-true", "string-value-if-false")
_FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}"


def emit_beside(content: Element, emitter: Emitter) -> bool:
    """A part for each kind; gives whether there was any text of the author's among them."""
    found = _emit("annotations", "choices and prompts", _rules(content), emitter)
    found |= _emit("form", "form", _controls(content), emitter)
    _emit("properties", "names", _names(content), emitter)
    return found


def mathematics(root: Element) -> str:
    """A formula object's text: as its author typed it (``annotation``), else its signs one after the other."""
    typed = [text_of(note).strip() for note in descendants(root, "annotation")]
    if any(typed):
        return "\n".join(filter(None, typed))
    return " ".join(text for one in descendants(root, "mi", "mn", "mo", "mtext", "ms") if (text := text_of(one).strip()))


def _rules(content: Element) -> list[str]:
    lines: list[str] = []
    for rule in descendants(content, "content-validation"):
        said = [attribute(rule, "condition") or ""]
        for message in descendants(rule, "help-message", "error-message"):
            said += [attribute(message, "title") or "", *(text_of(line) for line in descendants(message, "p"))]
        lines.append("; ".join(word for word in said if word.strip()))
    return lines


def _controls(content: Element) -> list[str]:
    """Controls of forms, choices of drop-down fields, values that fields of the document are given."""
    lines: list[str] = []
    for element in content.iter(f"{_FORM}*", "{*}user-field-decl", "{*}drop-down", "{*}label", "{*}hidden-text", "{*}conditional-text"):
        if local(element) == "label" and attribute(element, "value") is None:
            continue
        said = dict.fromkeys(attribute(element, name) or "" for name in _FORM_WORDS)
        words = "; ".join(word for word in said if word.strip())
        if words:
            name = attribute(element, "name")
            lines.append(f"{name}: {words}" if name else words)
    return lines


def _names(content: Element) -> list[str]:
    return [
        f"{attribute(one, 'name') or ''}: {attribute(one, 'cell-range-address') or attribute(one, 'expression') or ''}"
        for one in descendants(content, "named-range", "named-expression")
    ]


def _emit(kind: str, label: str, lines: list[str], emitter: Emitter) -> bool:
    kept = list(dict.fromkeys(line for line in lines if line.strip()))[:MOST_LINES]
    if kept:
        emitter.part(kind, label, "\n".join(kept) + "\n")
    return bool(kept)
