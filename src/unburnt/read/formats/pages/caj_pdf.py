"""Making a PDF of the objects that a CAJ file holds: it leaves out header, page tree, catalogue and cross-references.

What is there is copied as it stands; only what holds it together is made anew (ISO 32000-1, 7.5 and 7.7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_OBJECTS = 1_000_000
_OBJECT = re.compile(rb"(?:^|(?<=[\r\n\s]))(\d{1,7}) 0 obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_KIND = re.compile(rb"/Type\s*/(Pages?|Catalog)\b")
_PARENT = re.compile(rb"/Parent\s+(\d{1,7})\s+0\s+R")
_HEAD = b"%PDF-1.4\n"
_DICTIONARY = 4096
"""How far into an object its type and parent are looked for."""


def whole_pdf(body: bytes) -> tuple[bytes, int] | None:
    """The PDF and how many pages it has; None where the body holds no page."""
    objects = dict(_objects(body))
    kinds: dict[int, bytes] = {}
    parents: dict[int, int] = {}
    for number, start in objects.items():
        head = _STREAM.split(body[start : start + _DICTIONARY].split(b"endobj", 1)[0], maxsplit=1)[0]
        if found := _KIND.search(head):
            kinds[number] = found[1]
            if found[1] != b"Catalog" and (parent := _PARENT.search(head)):
                parents[number] = int(parent[1])
    pages = [number for number in kinds if kinds[number] == b"Page"]
    if not pages:
        return None
    free = max(*objects, *parents.values(), 0) + 1
    made, root = _tree(kinds, parents, free)
    pieces = [_HEAD, body, b"\n"]
    places = {number: len(_HEAD) + start for number, start in objects.items()}
    at = len(_HEAD) + len(body) + 1
    catalogue = free + 1
    for number, text in {**made, catalogue: b"<< /Type /Catalog /Pages %d 0 R >>" % root}.items():
        written = b"%d 0 obj\n%s\nendobj\n" % (number, text)
        places[number] = at
        at += len(written)
        pieces.append(written)
    pieces.append(_references(places, catalogue, at))
    return b"".join(pieces), len(pages)


def _objects(body: bytes) -> Iterator[tuple[int, int]]:
    """Number and place of every object; a later one of the same number replaces an earlier."""
    for count, found in enumerate(_OBJECT.finditer(body)):
        if count >= MOST_OBJECTS:
            return
        yield int(found[1]), found.start()


def _tree(kinds: dict[int, bytes], parents: dict[int, int], free: int) -> tuple[dict[int, bytes], int]:
    """The nodes of the page tree that are missing, and the number of its root, *free* where there is none."""
    nodes = {number for number in kinds if kinds[number] != b"Catalog"}
    missing = list(dict.fromkeys(parent for number, parent in parents.items() if number in nodes and parent not in nodes))
    tops = [number for number in nodes if number not in parents] + missing
    root = tops[0] if len(tops) == 1 else free
    made: dict[int, bytes] = {}
    for number in missing:
        kids = [kid for kid in kinds if parents.get(kid) == number]
        above = b"" if number == root else b" /Parent %d 0 R" % root
        made[number] = _node(kids, _count(kids, kinds, parents), above)
    if root not in kinds and root not in missing:
        made[root] = _node(tops, _count(tops, kinds, parents), b"")
    return made, root


def _count(kids: list[int], kinds: dict[int, bytes], parents: dict[int, int]) -> int:
    """The pages below; a tree that runs in a circle is gone through once."""
    below: dict[int, list[int]] = {}
    for kid, parent in parents.items():
        below.setdefault(parent, []).append(kid)
    seen: set[int] = set()
    waiting, count = list(kids), 0
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            count += kinds.get(number) == b"Page"
            waiting += below.get(number, [])
    return count


def _node(kids: list[int], count: int, above: bytes) -> bytes:
    return b"<< /Type /Pages%s /Count %d /Kids [%s] >>" % (above, count, b" ".join(b"%d 0 R" % kid for kid in kids))


def _references(places: dict[int, int], catalogue: int, at: int) -> bytes:
    """The table of places and the trailer."""
    lines = [b"xref\n0 1\n0000000000 65535 f \n"]
    lines += [b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in sorted(places)]
    lines.append(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(places) + 1, catalogue, at))
    return b"".join(lines)
