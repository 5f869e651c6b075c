"""The MIME structure of a mail (RFC 2046) as slices of its bytes: one pass over the delimiter lines, no recursion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from unburnt.read.formats.mail.mail_headers import Bytes, Headers, Structured, parse_headers, structured

# A literal beginning lets the search skip; "^" with MULTILINE looks at every byte.
DELIMITER = re.compile(rb"\n--[^\r\n]*")
DEEPEST = 100
MOST_PARTS = 100_000


@dataclass(eq=False)
class Entity:
    """A part: its header block at *start*, its content from *body* to *end*, all offsets into the mail."""

    start: int
    body: int
    end: int
    headers: Headers
    type: str
    content_type: Structured
    parent: Entity | None = None
    number: int = 1
    depth: int = 0
    multipart: bool = False
    too_deep: bool = False
    """A multipart below the deepest level that is followed: kept as one piece."""
    children: int = 0
    first_delimiter: int = -1
    closed_at: int = -1
    """Where the line after the closing delimiter begins; -1 where that never came."""
    epilogue_end: int = -1
    """Where what follows the closing delimiter ends."""

    @property
    def path(self) -> str:
        """The part's place as IMAP counts it: ``2.1``."""
        if self.parent is None:
            return "1"
        numbers: list[str] = []
        entity = self
        while entity.parent is not None:
            numbers.append(str(entity.number))
            entity = entity.parent
        return ".".join(reversed(numbers))


@dataclass
class Structure:
    """All parts in the order of the file, the message itself first."""

    entities: list[Entity] = field(default_factory=list)
    unclosed: list[Entity] = field(default_factory=list)
    """Multiparts that were still open where the file ends."""
    too_many: bool = False

    @property
    def root(self) -> Entity:
        """The message itself."""
        return self.entities[0]

    @property
    def leaves(self) -> list[Entity]:
        """The parts that hold content, not other parts."""
        return [entity for entity in self.entities if not entity.multipart]


def split(data: Bytes) -> Structure:
    """Find all parts. Time grows with the size of the mail only, whatever it holds."""
    return _Splitter(data).run()


class _Splitter:
    """The walk over delimiter lines: a stack of open multiparts and the part that is being read."""

    def __init__(self, data: Bytes) -> None:
        self.data, self.size = data, len(data)
        self.structure = Structure()
        self.open: list[Entity] = []
        self.levels: dict[bytes, list[int]] = {}
        self.leaf: Entity | None = None
        self.closed: list[Entity] = []
        """Multiparts whose last delimiter came, and whose epilogue is not at its end yet."""

    def run(self) -> Structure:
        """Split the whole mail."""
        self._begin(_first_line(self.data), None)
        for match in DELIMITER.finditer(self.data, max(0, self.structure.root.body - 1)):
            if not self.open or self.structure.too_many:
                break
            self._delimiter(match.start() + 1, match.end(), match.group()[3:].rstrip(b" \t"))
        self.structure.unclosed = list(self.open)
        self._close_down_to(0, self.size)
        self._end_epilogues(self.size)
        return self.structure

    def _delimiter(self, at: int, line_end: int, written: bytes) -> None:
        closing = written not in self.levels and written.endswith(b"--")
        levels = self.levels.get(written[:-2] if closing else written)
        if not levels:
            return
        level, content_end = levels[-1], _before_newline(self.data, at)
        multipart = self.open[level]
        self._end_epilogues(content_end)
        if multipart.first_delimiter < 0:
            multipart.first_delimiter = at
        self._close_down_to(level + (0 if closing else 1), content_end)
        newline = self.data.find(b"\n", line_end)
        following = newline + 1 if newline >= 0 else self.size
        if closing:
            multipart.closed_at = following
            self.closed.append(multipart)
        else:
            self._begin(following, multipart)

    def _end_epilogues(self, end: int) -> None:
        for entity in self.closed:
            entity.epilogue_end = max(entity.closed_at, end)
        self.closed.clear()

    def _begin(self, start: int, parent: Entity | None) -> None:
        if len(self.structure.entities) >= MOST_PARTS:
            self.structure.too_many = True
            return
        headers, body = parse_headers(self.data, start, self.size)
        content_type = structured(headers.first(b"content-type"))
        entity = Entity(start, body, self.size, headers, _type_of(content_type.value, parent), content_type, parent)
        if parent is not None:
            parent.children += 1
            entity.number, entity.depth = parent.children, parent.depth + 1
        self.structure.entities.append(entity)
        boundary = content_type.parameters.get("boundary")
        if entity.type.startswith("multipart/") and boundary is not None and boundary.raw.strip():
            entity.too_deep = entity.depth >= DEEPEST
            entity.multipart = not entity.too_deep
        if entity.multipart and boundary is not None:
            self.levels.setdefault(boundary.raw.rstrip(), []).append(len(self.open))
            self.open.append(entity)
        else:
            self.leaf = entity

    def _close_down_to(self, level: int, end: int) -> None:
        """End the part being read and all open multiparts from *level* on."""
        if self.leaf is not None:
            # A delimiter right after the header block leaves nothing between them.
            self.leaf.end = max(self.leaf.body, end)
            self.leaf = None
        while len(self.open) > level:
            entity = self.open.pop()
            entity.end = max(entity.body, end)
            boundary = entity.content_type.parameters["boundary"].raw.rstrip()
            self.levels[boundary].pop()
            if not self.levels[boundary]:
                del self.levels[boundary]


def _type_of(written: str, parent: Entity | None) -> str:
    if "/" in written:
        return written
    return "message/rfc822" if parent is not None and parent.type == "multipart/digest" else "text/plain"


def _first_line(data: Bytes) -> int:
    """Where the header begins: some exports put a byte order mark or empty lines first."""
    match = re.match(rb"(?:\xef\xbb\xbf)?(?:\r?\n){0,8}(?=[A-Za-z][A-Za-z0-9-]*:)", data)
    return match.end() if match else 0


def _before_newline(data: Bytes, at: int) -> int:
    """The line break before a delimiter belongs to the delimiter."""
    if at > 0 and data[at - 1 : at] == b"\n":
        return at - 2 if at > 1 and data[at - 2 : at - 1] == b"\r" else at - 1
    return at
