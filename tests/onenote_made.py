"""Small OneNote sections made after [MS-ONESTORE] and [MS-ONE]: OneNote's own files, and the package of the service."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence

Objects = dict[int, tuple[int, list[tuple[int, object]]]]
"""By number: JCID, and properties with their values: bytes, text, a number, numbers of objects, or names of spaces."""

OWN = uuid.UUID("b3d1f0aa-0000-4000-8000-000000000001").bytes_le
SECTION = uuid.UUID("7b5c52e4-d88c-4da7-aeb1-5378d02996d3").bytes_le
LIST = uuid.UUID("43ff2fa1-efd9-4c76-9ee2-10ea5722765f").bytes_le
STORE = uuid.UUID("109add3f-911b-49f5-a5d0-1791edc8aed8").bytes_le
PACKAGE = uuid.UUID("638de92f-a6d4-4bc1-9a36-b3fc2511a5b7").bytes_le
NONE = bytes(20)
TEXT, ASCII, ALTERNATIVE, NAME, SOURCE = 0x1C001C22, 0x1C003498, 0x1C001E58, 0x1C001D9C, 0x1C001D9D
TITLE, AUTHOR, CREATED, CHANGED = 0x1C001CF3, 0x1C001D75, 0x18001C65, 0x14001D7A
ELEMENTS, CONTENT, STRUCTURE, SPACES, CONTAINER, PICTURE = 0x24001C20, 0x24001C1F, 0x24001D5F, 0x2C001D63, 0x20001D9B, 0x20001C3F
_MAGIC, _FOOTER = struct.pack("<Q", 0xA4567AB1F5F7F4C4), struct.pack("<Q", 0x8BC215C38233BA4B)
_FILE_HEAD = uuid.UUID("bde316e7-2665-4511-a4c4-8d4d0b7a9eac").bytes_le
_FILE_FOOT = uuid.UUID("71fba722-0f79-4a0b-bb13-899256426b24").bytes_le


def name(number: int, guid: bytes = OWN) -> bytes:
    """An extended GUID."""
    return guid + struct.pack("<I", number)


def space(number: int) -> bytes:
    """The name of the section's space (0) or a page's."""
    return name(number, uuid.UUID(int=0xABC0 + number).bytes_le)


def wide(text: str) -> bytes:
    """A string as properties hold it."""
    return text.encode("utf-16-le") + b"\0\0"


def note(title: str, *elements: object, author: str = "") -> Objects:
    """A page: text is a line, a list of rows a table, ``("file", name, key)`` an embedded file, ``("picture", said, read, key)`` a picture,
    ``("tagged", text, tag)`` a line with a tag."""
    made: Objects = {
        1: (0x60037, [(CONTENT, [2])]), 2: (0x6000B, [(STRUCTURE, [3]), (ELEMENTS, [5]), (CHANGED, 1_000_000_000)]),
        3: (0x6002C, [(ELEMENTS, [4])]), 4: (0x6000E, [(TEXT, wide(title))]), 6: (0x20030, [(TITLE, wide(title)), (CREATED, 133_000_000_000_000_000)]),
    }  # fmt: skip
    if author:
        made[7] = 0x120001, [(AUTHOR, wide(author))]
    made[5] = 0x6000C, [(ELEMENTS, [_element(made, one) for one in elements])]
    return made


def _next(made: Objects) -> int:
    return max(9, *made) + 1


def _element(made: Objects, one: object) -> int:
    inner = _next(made)
    made[inner] = 0x6000E, []
    if isinstance(one, str):
        made[inner] = 0x6000E, [(TEXT, wide(one))]
    elif isinstance(one, bytes):
        made[inner] = 0x6000E, [(ASCII, one + b"\0")]
    elif isinstance(one, list):
        rows = []
        for row in one:
            cells = []
            for cell in row:
                text = _element(made, cell)
                cells.append(_next(made))
                made[cells[-1]] = 0x60024, [(ELEMENTS, [text])]
            rows.append(_next(made))
            made[rows[-1]] = 0x60023, [(ELEMENTS, cells)]
        made[inner] = 0x60022, [(ELEMENTS, rows)]
    elif isinstance(one, tuple) and one[0] == "tagged":
        tag = _next(made)
        made[tag] = 0x120043, [(0x1C003468, wide(one[2]))]
        made[inner] = 0x6000E, [(TEXT, wide(one[1])), (0x40003489, [[(0x20003488, tag), (0x1400346E, 1_000_000_000)]])]
    elif isinstance(one, tuple):
        file = _next(made)
        made[file] = (0x80036 if one[0] == "file" else 0x80039), [(0, one[-1])]
        if one[0] == "file":
            made[inner] = 0x60035, [(NAME, wide(one[1])), (SOURCE, wide(f"C:\\{one[1]}")), (CONTAINER, file)]
        else:
            made[inner] = 0x60011, [(ALTERNATIVE, wide(one[1])), (TEXT, wide(one[2])), (PICTURE, file)]
    outer = _next(made)
    made[outer] = 0x6000D, [(CONTENT, [inner])]
    return outer


def contents(pages: Sequence[bytes], title: str = "") -> Objects:
    """The section's own objects: the list of its pages."""
    return {1: (0x60007, [(ELEMENTS, [2]), (0x1C001D69, wide(title))]), 2: (0x60008, [(SPACES, list(pages))])}


def properties(pairs: list[tuple[int, object]]) -> tuple[bytes, list[int], list[bytes]]:
    """An ObjectSpaceObjectPropSet, and the objects and spaces that it refers to."""
    objects: list[int] = []
    spaces: list[bytes] = []
    body = _set(pairs, objects, spaces)
    streams = struct.pack("<I", len(objects) | (0 if spaces else 1 << 31)) + b"".join(struct.pack("<I", one) for one in objects)
    if spaces:
        streams += struct.pack("<I", len(spaces)) + b"".join(struct.pack("<I", 1 + at << 8 | _number(one)) for at, one in enumerate(spaces))
    return streams + body + bytes(-len(streams + body) % 8), objects, spaces


def _set(pairs: list[tuple[int, object]], objects: list[int], spaces: list[bytes]) -> bytes:
    body = b""
    for key, value in pairs:
        kind = key >> 26
        if kind == 7:
            body += struct.pack("<I", len(value)) + value  # type: ignore[arg-type,operator]
        elif kind in (5, 6):
            body += value.to_bytes(4 if kind == 5 else 8, "little")  # type: ignore[attr-defined]
        elif kind == 8:
            objects.append(value)  # type: ignore[arg-type]
        elif kind == 16:
            inner = [_set(one, objects, spaces) for one in value]  # type: ignore[attr-defined]
            body += struct.pack("<II", len(inner), 17 << 26) + b"".join(inner)
        else:
            (objects if kind == 9 else spaces).extend(value)  # type: ignore[arg-type]
            body += struct.pack("<I", len(value))  # type: ignore[arg-type]
    return struct.pack(f"<H{len(pairs)}I", len(pairs), *(key for key, _ in pairs)) + body


def _number(one: bytes) -> int:
    return int(struct.unpack_from("<I", one, 16)[0])


class Store:
    """A revision store under construction; ``spaces`` are given with their revisions, oldest first."""

    def __init__(self, kind: bytes = SECTION) -> None:
        self.data = bytearray(kind + bytes(32) + STORE).ljust(1024, b"\0")
        self.counts: list[int] = []
        self._roots: list[bytes] = []

    def put(self, data: bytes) -> tuple[int, int]:
        """Place and size of a chunk."""
        place = len(self.data)
        self.data += data + bytes(-len(data) % 8)
        return place, len(data)

    def nodes(self, *nodes: bytes, uncommitted: Sequence[bytes] = ()) -> tuple[int, int]:
        """A list of file nodes, in two fragments where it is long."""
        self.counts.append(len(nodes))
        number, every = len(self.counts) + 15, [*nodes, *uncommitted]
        halves = [every[: len(every) // 2], every[len(every) // 2 :]] if len(every) > 6 else [every]
        following = struct.pack("<QI", 0xFFFFFFFFFFFFFFFF, 0)
        place = (0, 0)
        for at in range(len(halves) - 1, -1, -1):
            body = b"".join(halves[at]) + (struct.pack("<I", 0xFF | 4 << 10) if at < len(halves) - 1 else b"")
            place = self.put(_MAGIC + struct.pack("<II", number, at) + body + bytes(-len(body) % 8 + 4) + following + _FOOTER)
            following = struct.pack("<QI", *place)
        return place

    def group(self, objects: Objects) -> bytes:
        """The node that refers to a group of objects."""
        spaces = [one for _, pairs in objects.values() for key, value in pairs if key == SPACES for one in value]  # type: ignore[attr-defined]
        table = [node(0x22, b"\0"), node(0x24, struct.pack("<I", 0) + OWN)]
        table += [node(0x24, struct.pack("<I", 1 + at) + one[:16]) for at, one in enumerate(spaces)]
        made = [self.declared(number, jcid, pairs) for number, (jcid, pairs) in objects.items()]
        return node(0xB0, NONE, self.nodes(node(0xB4, NONE), *table, node(0x28), *made, node(0xB8)), lists=True)

    def declared(self, number: int, jcid: int, pairs: list[tuple[int, object]]) -> bytes:
        """The node that declares an object; one of properties, or one that stands for a file."""
        if jcid & 0x80000:
            key = pairs[0][1]
            text = f"<ifndf>{{{uuid.UUID(bytes_le=key)}}}" if isinstance(key, bytes) else str(key)
            said = struct.pack("<I", len(text)) + text.encode("utf-16-le") + struct.pack("<I", 4) + ".bin".encode("utf-16-le")
            return node(0x72, struct.pack("<IIB", number, jcid, 1) + said)
        return node(0xA4, struct.pack("<IIBB", number, jcid, 1, 1), self.put(properties(pairs)[0]))

    def space(self, own: bytes, *revisions: Objects, versions: dict[bytes, Objects] | None = None, encrypted: bool = False) -> None:
        """An object space: each revision depends on the one before; *versions* are shown by contexts of their own."""
        made, before = [node(0x14, own + bytes(4))], NONE
        for number, objects in enumerate(revisions, 1):
            made += [node(0x1E, name(number, own[:16]) + before + struct.pack("<IH", 1, 2 if encrypted else 0)), self.group(objects)]
            made += [node(0x5A, name(one) + struct.pack("<I", role)) for one, role in ((1, 1), (6, 2)) if one in objects]
            made.append(node(0x1C))
            before = name(number, own[:16])
        for number, (context, objects) in enumerate((versions or {}).items(), 100):
            made += [node(0x1F, name(number, own[:16]) + NONE + struct.pack("<IH", 1, 0) + context), self.group(objects)]
            made += [node(0x5A, name(1) + struct.pack("<I", 1)), node(0x1C)]
        inner = self.nodes(node(0x0C, own), node(0x10, b"", self.nodes(*made), lists=True))
        self._roots.append(node(0x08, own, inner, lists=True))

    def done(self, files: dict[bytes, bytes] | None = None, root: bytes | None = None) -> bytes:
        """The file, with its embedded files, its log of changes and its head."""
        kept = []
        for key, data in (files or {}).items():
            place = self.put(_FILE_HEAD + struct.pack("<QIQ", len(data), 0, 0) + data + bytes(-len(data) % 8) + _FILE_FOOT)
            kept.append(node(0x94, key, place))
        if kept:
            self._roots.append(node(0x90, b"", self.nodes(*kept), lists=True))
        start = self.nodes(*self._roots, node(0x04, root or space(0)))
        entries = b"".join(struct.pack("<II", at + 16, count) for at, count in enumerate(self.counts)) + struct.pack("<II", 1, 0)
        log = self.put(entries + struct.pack("<QI", 0xFFFFFFFFFFFFFFFF, 0))
        struct.pack_into("<I", self.data, 96, 1)
        struct.pack_into("<QIQI", self.data, 160, *log, *start)
        struct.pack_into("<Q", self.data, 196, len(self.data))
        return bytes(self.data)


def node(kind: int, data: bytes = b"", place: tuple[int, int] | None = None, *, lists: bool = False) -> bytes:
    """A file node; its reference is four bytes of place in eights, and four of size."""
    reference = struct.pack("<II", place[0] // 8, place[1]) if place else b""
    base = (2 if lists else 1) if place else 0
    return struct.pack("<I", kind | 4 + len(reference) + len(data) << 10 | 3 << 23 | base << 27 | 1 << 31) + reference + data


def section(*pages: Objects | Sequence[Objects], files: dict[bytes, bytes] | None = None, title: str = "", unlisted: int = 0) -> bytes:
    """A section of pages, each given as it is or as its revisions; the last *unlisted* ones are not in its list."""
    made = Store()
    made.space(space(0), contents([space(at) for at in range(1, len(pages) + 1 - unlisted)], title))
    for at, page in enumerate(pages, 1):
        made.space(space(at), *([page] if isinstance(page, dict) else page))
    return made.done(files)


def notebook(*names: str) -> bytes:
    """A list of sections (.onetoc2)."""
    made = Store(LIST)
    made.space(space(0), {at: (0x20001, [(0x1C001D6B, wide(one))]) for at, one in enumerate(names, 1)})
    return made.done()


# What follows writes the package of the service: [MS-FSSHTTPB] 2.2.1.


def compact(value: int) -> bytes:
    """A compact unsigned integer."""
    for size in range(1, 8):
        if value < 1 << 7 * size:
            return (value << size | 1 << size - 1).to_bytes(size, "little") if value else b"\0"
    return b"\x80" + value.to_bytes(8, "little")


def extended(own: bytes) -> bytes:
    """An extended GUID in the shortest form that holds its number."""
    if own == NONE:
        return b"\0"
    value = _number(own)
    for bits, size in ((5, 1), (10, 2), (17, 3)):
        if value < 1 << bits:
            free = 8 * size - bits
            return (value << free | 1 << free - 1).to_bytes(size, "little") + own[:16]
    return b"\x80" + own[16:] + own[:16]


def item(kind: int, data: bytes = b"", *inner: bytes) -> bytes:
    """A stream object; one that holds others is closed behind them."""
    is_short = kind < 64 and len(data) < 128
    head = struct.pack("<H", bool(inner) << 2 | kind << 3 | len(data) << 9) if is_short else b""
    if not is_short:
        large = compact(len(data)) if len(data) >= 0x7FFF else b""
        head = struct.pack("<I", 2 | bool(inner) << 2 | kind << 3 | min(len(data), 0x7FFF) << 17) + large
    end = (bytes((kind << 2 | 1,)) if kind < 64 else struct.pack("<H", kind << 2 | 3)) if inner else b""
    return head + data + b"".join(inner) + end


def element(own: bytes, kind: int, *inner: bytes) -> bytes:
    """A data element."""
    return item(0x01, extended(own) + b"\0" + compact(kind), *(inner or (b"",)))


def packaged(*pages: Objects | Sequence[Objects], files: dict[bytes, bytes] | None = None, encrypted: bool = False) -> bytes:
    """The same section as :func:`section` makes, as the service packs it."""
    spaces = [[contents([space(at) for at in range(1, len(pages) + 1)])], *([page] if isinstance(page, dict) else list(page) for page in pages)]
    base, role = uuid.UUID("84defab9-aaa3-4a0d-a3a8-520c77ac7073").bytes_le, uuid.UUID("4a3717f8-1c14-49e7-9526-81d942de1741").bytes_le
    index, elements = [], []
    for at, revisions in enumerate(spaces):
        own, before = space(at), NONE
        cell = extended(name(1, base)) + extended(own)
        for number, objects in enumerate(revisions, 1):
            group, revision = name(1000 * at + number, own[:16]), name(40_000 + number, own[:16])
            elements.append(element(group, 5, *_group(objects)))
            roots = [item(0x0A, extended(name(kind, role)) + extended(name(one))) for one, kind in ((1, 1), (6, 2)) if one in objects]
            roots += [item(0x0A, extended(name(3, role)) + extended(name(99)))] if encrypted else []
            elements.append(element(name(70_000 + number, own[:16]), 4, item(0x1A, extended(revision) + extended(before)), *roots, item(0x19, extended(group))))
            before = revision
        elements.append(element(name(2_000_000, own[:16]), 3, item(0x0B, extended(before))))
        index.append(item(0x0E, cell + extended(name(2_000_000, own[:16])) + b"\0"))
    blobs = [element(name(0, key), 10, item(0x02, compact(len(data)) + data)) for key, data in (files or {}).items()]
    manifest = element(name(5), 2, item(0x0C, OWN), item(0x07, extended(name(2, base)) + extended(name(1, base)) + extended(space(0))))
    package = item(0x15, b"\0", element(name(6), 1, item(0x11, extended(name(5)) + b"\0"), *index), manifest, *elements, *blobs)
    return SECTION + bytes(32) + PACKAGE + bytes(4) + item(0x7A, extended(name(6)) + OWN, package)


def _group(objects: Objects) -> tuple[bytes, bytes]:
    said, given = [], []
    for number, (jcid, pairs) in objects.items():
        said.append(item(0x18, extended(name(number)) + compact(4) + compact(4) + b"\0\0"))
        given.append(item(0x16, b"\0\0" + compact(4) + struct.pack("<I", jcid)))
        if jcid & 0x80000:
            blob = name(0, pairs[0][1])  # type: ignore[arg-type]
            said.append(item(0x05, extended(name(number)) + extended(blob) + compact(2) + b"\0\0"))
            given.append(item(0x1C, b"\0\0" + extended(blob)))
            continue
        data, names, cells = properties(pairs)
        said.append(item(0x18, extended(name(number)) + compact(1) + compact(len(data)) + compact(len(names)) + compact(len(cells))))
        lists = compact(len(names)) + b"".join(extended(name(one)) for one in names)
        lists += compact(len(cells)) + b"".join(extended(name(1)) + extended(one) for one in cells)
        given.append(item(0x16, lists + compact(len(data)) + data))
    return item(0x1D, b"", *said), item(0x1E, b"", *given)


KEY = uuid.UUID("5f0c0b3e-1111-4222-8333-444455556666").bytes_le
FILES = {KEY: b"%PDF-1.4 words " * 20}
PAGES = (
    note("关于印发名单的通知", "第一行", [["张三", "喀什"], ["李四", "和田"]], ("file", "名单.docx", KEY), author="王科长"),
    [note("ئۇقتۇرۇش", "قەشقەر ناھىيىسى"), note("ئۇقتۇرۇش", "Приказ № 5", "the second line")],
)
