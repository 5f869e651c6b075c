"""The child's side of ``unburnt.model.frames``: what every reader speaks through, with every limit enforced."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, TypeVar

import msgspec

from unburnt.base.limits import PART_BYTES
from unburnt.model import frames
from unburnt.model.outcome import Outcome
from unburnt.model.reading import LARGEST_COUNT, Cell, Expected, Line, Mark, Metadata, Note, Part, Rest
from unburnt.read import legacy_uyghur
from unburnt.read.cutting import cut
from unburnt.read.errors import Damaged, GivenUp, Paused, Stopped
from unburnt.read.passages import in_languages
from unburnt.read.properties import KIND, property_lines

_CHUNK = 1 << 20
_LABEL = 200
_WHITE = bytes(code for code in range(128) if chr(code).isspace())

_Cursor = TypeVar("_Cursor")


class Emitter:
    """Sends frames for one document. Readers give text of record: neither stripped nor normalised.

    *native* lets the language be found by native code too. It goes with the reader and not with the child, so that a
    document gets the same languages whether others share its child or not. *is_typed* texts are looked through for
    Uyghur in the codes of before Unicode.
    """

    def __init__(
        self, send: Callable[[frames.Frame], None], task: frames.ReadTask, size: int, *, native: bool = False,
        is_typed: bool = False,
    ) -> None:
        self._send = send
        self._task = task
        self._size = size
        self._native = native
        self._is_typed = is_typed
        self._old_codes: set[str] = set()
        self._properties = ""
        rest = task.rest or Rest(cursor=b"")
        self._parts = rest.parts
        self._members = rest.members
        self._text_bytes = rest.text_bytes
        self._members_bytes = rest.members_bytes
        self.characters = sum(rest.characters.values())
        """Characters of text sent that are not white space, by earlier children too."""
        self.failed_members = rest.failed_members
        """Members of which it was said that they could not be had, by earlier children too."""
        self._reached: set[str] = set()
        self._began = self._share_began = time.process_time(), time.monotonic()

    @property
    def has_content(self) -> bool:
        """Whether any text or member went out."""
        return self.characters > 0 or self._members > self.failed_members

    @property
    def members(self) -> int:
        """How many members went out, failed ones included."""
        return self._members

    @property
    def pages_limit(self) -> int:
        """The most pages that one document may give."""
        return self._task.pages_limit or 1 << 30

    @property
    def pixels_limit(self) -> int:
        """The most pixels of one picture that may be decoded."""
        return self._task.pixels_limit or 1 << 62

    @property
    def begins(self) -> bool:
        """Whether this child is the first to read the document: what concerns it as a whole is said once."""
        return self._task.rest is None

    def resume(self, kind: type[_Cursor]) -> _Cursor | None:
        """The cursor at which an earlier child paused, None where this one begins. Raises :class:`Damaged`."""
        if self._task.rest is None:
            return None
        try:
            return msgspec.msgpack.decode(self._task.rest.cursor, type=kind)
        except msgspec.DecodeError as error:
            raise Damaged("The place where its reading was to go on is damaged.") from error

    def may_pause(self, cursor: object, *, secret: bool = False) -> None:
        """Leave the rest to another child, which begins at *cursor*, once this one has done its share.

        To be called between two members. *cursor* is whatever msgspec can encode; *secret* tells whether a password
        opened any member so far.
        """
        share, rest = self._task.share, self._task.rest or Rest(cursor=b"")
        if share is None or self._members == rest.members:
            return
        if (
            self._members - rest.members >= share.members
            or self._members_bytes - rest.members_bytes >= share.member_bytes
            or self._is_over(share.seconds)
        ):
            raise Paused(msgspec.msgpack.encode(cursor), secret=secret)

    def begin_share(self) -> None:
        """Count the time of this child's share from now on: a list that was read again to go on brought nothing yet."""
        self._share_began = time.process_time(), time.monotonic()

    def _is_over(self, seconds: float) -> bool:
        processor, clock = time.process_time(), time.monotonic()
        if processor - self._share_began[0] >= seconds or clock - self._share_began[1] >= 2 * seconds:
            return True
        # Whatever listing took, the child ends before it is ended (see ``Limits.cpu_seconds`` and ``wall_seconds``).
        return processor - self._began[0] >= 2.5 * seconds or clock - self._began[1] >= 3 * seconds

    def check_pages(self, count: int) -> None:
        """Raises :class:`Stopped` where *count* is more pages than a document may have."""
        if count > self.pages_limit:
            raise Stopped("pages", f"It has more than {self.pages_limit} pages.")

    def part(
        self, kind: str, label: str, text: str, *, lines: Sequence[Line] = (), cells: Sequence[Cell] = (),
        marks: Sequence[Mark] = (), page: int | None = None, width: float | None = None, height: float | None = None,
        hidden: bool = False, origin: str = "file", hidden_rows: Sequence[int] = (),
        hidden_columns: Sequence[int] = (), merged: Sequence[tuple[int, int, int, int]] = (), continues: bool = False,
        is_prose: bool = True,
    ) -> int:
        """Send a part, cut at line ends where it is longer than 1 MiB; gives the first ordinal.

        Lines that are no prose, such as thousands of addresses, get no language: naming it would cost more than reading them.

        Raises :class:`Stopped` when the document's text limit is reached.
        """
        first = self._parts
        whole = Part(
            ordinal=first, kind=kind, label=label[:_LABEL], text=text, continues=continues, page=page, width=width,
            height=height, hidden=hidden, origin=origin, lines=tuple(lines), cells=tuple(cells), marks=tuple(marks),
            hidden_rows=tuple(hidden_rows), hidden_columns=tuple(hidden_columns), merged=tuple(merged),
        )
        for piece in cut(whole, PART_BYTES):
            size, characters = _weight(piece.text)
            self._text_bytes += size
            if self._task.text_limit and self._text_bytes > self._task.text_limit:
                raise Stopped("text", f"It holds more text than {self._task.text_limit >> 20} MiB.")
            numbered = piece if piece.ordinal == self._parts else msgspec.structs.replace(piece, ordinal=self._parts)
            self._send(frames.PartFrame(in_languages(numbered, native=self._native) if is_prose else numbered))
            self._parts += 1
            self.characters += characters
        if self._is_typed and kind != "sheet":
            self._set_beside(whole)
        return first

    def _set_beside(self, part: Part) -> None:
        """Say where a text is Uyghur in an old code, and give what is certain of it in Unicode beside it."""
        found = legacy_uyghur.judge(part.text)
        if found is None:
            return
        if found.kind not in self._old_codes:
            self._old_codes.add(found.kind)
            self.note("legacy-uyghur", found.sentence)
        if found.is_certain and len(part.text) <= legacy_uyghur.LONGEST:
            self._is_typed = False  # what is mapped needs no second look
            label = f"{part.label or part.kind} (mapped to Unicode, not the text of record)"
            self.part("section", label, legacy_uyghur.mapped(part.text, found), origin="mapped", hidden=part.hidden)
            self._is_typed = True

    def member(
        self, path: bytes, kind: str, data: bytes | BinaryIO | Iterable[bytes], *, name: str | None = None,
        modified: str | None = None, declared: str | None = None,
    ) -> int:
        """Send a member's bytes; gives its ordinal.

        Where *data* gives up midway (an iterator that raises one of ``read.errors``), the member is sent as failed
        with that reason and the container goes on. Raises :class:`Stopped` at limits on the whole container.
        """
        ordinal = self._next_member()
        self._send(frames.MemberBegan(
            ordinal=ordinal, path=path, kind=kind, name=name, modified=modified, declared=declared,
        ))
        try:
            self._send_bytes(ordinal, data)
        except GivenUp as error:
            self._fail(ordinal, path, kind, error.outcome, error.reason, name, None, modified, declared)
            if isinstance(error, Stopped):
                self.reached(error.limit)
            if isinstance(error, _ContainerStopped):
                raise Stopped(error.limit, error.reason) from error
        else:
            self._send(frames.MemberEnded(ordinal))
        return ordinal

    def member_failed(
        self, path: bytes, kind: str, outcome: Outcome, reason: str, *, name: str | None = None,
        size: int | None = None, modified: str | None = None, declared: str | None = None,
    ) -> int:
        """Say that a member is there and could not be had; gives its ordinal."""
        ordinal = self._next_member()
        self._fail(ordinal, path, kind, outcome, reason, name, size, modified, declared)
        return ordinal

    def metadata(self, metadata: Metadata, *, searchable: bool = False) -> None:
        """Send what the file says about itself; the last one counts. *searchable* makes it a part of text too, the last."""
        self._send(frames.MetadataFrame(metadata))
        self._properties = property_lines(metadata) if searchable else ""

    def tell_properties(self) -> None:
        """Send the part of what the file says about itself, once the reader has said everything."""
        if self._properties:
            lines, self._properties = self._properties, ""
            self.part(KIND, KIND, lines)

    def expect(self, *, pages: int | None = None, members: int | None = None) -> None:
        """Say what the file's own structure counts."""
        self._send(frames.ExpectedFrame(Expected(pages=_credible(pages), members=_credible(members))))

    def note(self, code: str, text: str) -> None:
        """Say something that a person should know."""
        self._send(frames.NoteFrame(Note(code, text)))

    def reached(self, limit: str) -> None:
        """Say that a limit was reached; how to raise it is the keeper's to tell."""
        if limit not in self._reached:
            self._reached.add(limit)
            self.note("limit", limit)

    def _fail(
        self, ordinal: int, path: bytes, kind: str, outcome: Outcome, reason: str, name: str | None,
        size: int | None, modified: str | None, declared: str | None,
    ) -> None:
        self.failed_members += 1
        self._send(frames.MemberFailed(
            ordinal=ordinal, path=path, kind=kind, outcome=outcome, reason=reason, name=name, size=_credible(size),
            modified=modified, declared=declared,
        ))

    def _next_member(self) -> int:
        limit = self._task.members_limit
        if self._members >= limit:
            if not limit:
                raise Stopped("depth", "It lies too deep in containers.")
            raise Stopped("members", f"It holds more than {limit} members.")
        self._members += 1
        return self._members - 1

    def _send_bytes(self, ordinal: int, data: bytes | BinaryIO | Iterable[bytes]) -> None:
        task, sent = self._task, 0
        allowed = task.ratio_free + task.ratio * self._size
        most = max(task.members_bytes_limit, self._size)
        for piece in _pieces(data):
            sent += len(piece)
            self._members_bytes += len(piece)
            if sent > task.member_bytes_limit:
                raise Stopped("member size", f"It is larger than {task.member_bytes_limit >> 20} MiB.")
            if self._members_bytes > most:
                raise _ContainerStopped("members' size", "Its members are larger than the limit on all of them.")
            if self._members_bytes > allowed:
                raise _ContainerStopped(
                    "ratio", f"Its members are more than {task.ratio} times as large as it is: it may be a bomb."
                )
            self._send(frames.MemberBytes(ordinal, piece))


class _ContainerStopped(Stopped):
    """A limit on all members together: the container ends here."""


def _weight(text: str) -> tuple[int, int]:
    """Bytes in UTF-8, and characters that are not white space."""
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) == len(text):
        return len(encoded), len(encoded.translate(None, _WHITE))
    return len(encoded), sum(map(len, text.split()))


def _pieces(data: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(data, bytes | bytearray | memoryview):
        for start in range(0, len(data), _CHUNK):
            yield bytes(data[start:start + _CHUNK])
    elif hasattr(data, "read"):
        while piece := data.read(_CHUNK):
            yield piece
    else:
        for piece in data:
            for start in range(0, len(piece), _CHUNK):
                yield bytes(piece[start:start + _CHUNK])


def _credible(stated: int | None) -> int | None:
    """A number that a file states; None for what no file can have, which the keeper would not take."""
    return stated if stated is not None and 0 <= stated <= LARGEST_COUNT else None
