"""What a part is called on screen: its kind in the reader's language, and what of its label that leaves out."""

from __future__ import annotations

from unburnt.base.visible import visible

_SAYS_NOTHING_MORE = {
    "text": {"text"}, "message": {"body"}, "comments": {"comments"}, "footnotes": {"footnotes"},
    "annotations": {"annotations"}, "form": {"form"}, "header": {"header"}, "notes": {"notes"}, "sheet": {"CSV"},
    "properties": {"properties"},
}


def rest_of_label(kind: str, untrusted_label: str) -> str:
    """The label without what *kind* says already: ``1`` for "header 1", nothing for "text"."""
    label = visible(untrusted_label).strip()
    if label in _SAYS_NOTHING_MORE.get(kind, ()):
        return ""
    return label.removeprefix(f"{kind} ")


def moment(untrusted_time: str) -> str:
    """A time as stored (ISO 8601), easier to read and nothing less: ``2017-05-04 09:12:00 +08:00``."""
    shown = visible(untrusted_time)
    day, separator, clock = shown.partition("T")
    if not separator or len(day) != 10 or not clock[:2].isdigit():
        return shown
    if clock.endswith("Z"):
        return f"{day} {clock[:-1]} UTC"
    for sign in "+-":
        time, found, zone = clock.partition(sign)
        if found:
            return f"{day} {time} {sign}{zone}"
    return f"{day} {clock}"
