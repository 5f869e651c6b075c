"""What one sandboxed child said about one document, checked and put together as a reading.

The child is untrusted: ordinals, offsets, sizes and totals are checked here, digests are computed here,
and an answer that does not fit is :class:`BadAnswer`, which ends the child and harms nothing else.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import BadAnswer
from unburnt.base.limits import PART_BYTES, Limits
from unburnt.base.raising import hit, is_hit, sentence
from unburnt.flow.chunks import Chunks
from unburnt.flow.slices import may_go_on
from unburnt.model import frames
from unburnt.model.charsets import takes_charset
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Expected, Member, Metadata, Note, Part, PartHead, Reading, Rest, Volume
from unburnt.sandbox.runner import Ended
from unburnt.vault.derived import Derived
from unburnt.vault.members import MemberSink

_MOST_NOTES = 1_000
_MOST_PARTS = 1_000_000
_LONGEST_CURSOR = 4096
_NOT_A_READERS = {Outcome.WAITING, Outcome.NOT_RECEIVED}
"""What no reading ends as; a document that answered so would be read for ever."""
_MEMBER_OUTCOMES = {Outcome.LOCKED, Outcome.DAMAGED, Outcome.REFUSED, Outcome.UNSUPPORTED, Outcome.NOT_RECEIVED}

_reading = msgspec.json.Decoder(Reading)


class Collector:
    """Takes one document's frames in; gives its reading out.

    *before* is the slice after which this child goes on. What all earlier slices gave is put together with the rest
    when the reading is finished.
    """

    def __init__(
        self, blob: Digest, size: int, chunks: Chunks, derived: Derived, limits: Limits, before: Reading | None = None,
        volumes: tuple[Volume, ...] = (), charsets: tuple[str, ...] = (),
    ) -> None:
        self.blob = blob
        self.size = size
        self.chunks = chunks
        self.wanted_type: str | None = None
        """Set when nothing was read because readers of this type are not loaded there, or must work alone."""
        self.finished: frames.Finished | None = None
        self.paused: frames.Paused | None = None
        self.is_spoilt = False
        """Whether parts that earlier slices gave are not those that the slices name."""
        self._before = before
        self._rest_before = before.rest if before is not None and before.rest is not None else Rest(cursor=b"")
        self._rest = self._rest_before
        self._volumes = volumes
        self._charsets = charsets
        self._derived = derived
        self._limits = limits
        self._began: frames.Began | None = None
        self._heads: list[PartHead] = []
        self._members: list[Member] = []
        self._notes: list[Note] = []
        self._metadata = before.metadata if before is not None else Metadata()
        self._expected = before.expected if before is not None else Expected()
        self._earlier_secret = False
        self._text_bytes = self._rest.text_bytes
        self._characters: Counter[str] = Counter(self._rest.characters)
        self._open: tuple[frames.MemberBegan, MemberSink] | None = None
        self._member_bytes = 0
        self._members_bytes = self._rest.members_bytes

    @property
    def reader(self) -> str:
        """The reader that began, else ``none``."""
        return self._began.reader if self._began else "none"

    @property
    def members_before(self) -> int:
        """How many members earlier slices gave."""
        return self._rest_before.members

    @property
    def has_content(self) -> bool:
        """Whether any text or any member's bytes arrived."""
        earlier = self._rest.members > self._rest.failed_members
        return bool(self._characters.total()) or earlier or any(member.digest for member in self._members)

    def take(self, frame: frames.Frame) -> None:
        """Take one frame in; raises :class:`BadAnswer`."""
        if self.finished is not None or self.paused is not None:
            raise BadAnswer("The reader went on after its end.")
        match frame:
            case frames.Began():
                self._begin(frame)
            case frames.PartFrame(part):
                self._take_part(part)
            case frames.MetadataFrame(metadata):
                self._metadata = metadata
            case frames.ExpectedFrame(expected):
                self._expected = expected
            case frames.NoteFrame(note):
                if note.code.startswith("limit"):
                    self._reached(note.text)
                elif len(self._notes) < _MOST_NOTES:
                    self._notes.append(note)
            case frames.MemberBegan():
                self._begin_member(frame)
            case frames.MemberBytes():
                self._take_bytes(frame)
            case frames.MemberEnded():
                self._end_member(frame)
            case frames.MemberFailed():
                self._fail_member(frame)
            case frames.NeedsOwnChild(wanted):
                self.wanted_type = wanted
            case frames.Paused():
                self._pause(frame)
            case frames.Finished(outcome):
                if outcome in _NOT_A_READERS:
                    raise BadAnswer("The reader gave an outcome that readings do not have.")
                self._drop_open_member()
                self.finished = frame

    def abandon(self) -> None:
        """Let everything go, as when the document is read again alone."""
        self._drop_open_member()
        self.chunks.close()

    def slice(self, ended: Ended) -> Reading | None:
        """What this child gave and where to go on, where it paused in good order; sets chunk 0."""
        return self._slice(self.paused) if self.paused is not None and ended.kind == "done" else None

    def reading(self, ended: Ended, earlier: Sequence[Sequence[bytes]] = ()) -> Reading:
        """The reading, whatever happened to the child, with all that *earlier* slices' records hold; sets chunk 0.

        Where the reader paused it is a slice (:meth:`slice`).
        """
        self._drop_open_member()
        if (unfinished := self.slice(ended)) is not None:
            return unfinished
        self._put_before(earlier)
        if ended.kind == "refused":
            self._reached(ended.limit or "")
        outcome, reason = self._outcome(ended)
        began = self._began or frames.Began(type="application/octet-stream", reader="none", versions={})
        most = self._characters.most_common(1)
        reading = Reading(
            blob=self.blob, type=began.type, reader=began.reader, outcome=outcome, reason=reason,
            metadata=self._metadata, parts=tuple(self._heads), members=tuple(self._members),
            expected=self._expected, notes=tuple(self._notes), versions=began.versions,
            lang=most[0][0] or None if most else None,
            opened_with_secret=self._earlier_secret or bool(self.finished and self.finished.opened_with_secret),
            volumes=self._volumes, charsets=self._charsets if takes_charset(began.type) else (),
        )
        self.chunks.finish(reading)
        return reading

    def _slice(self, paused: frames.Paused) -> Reading:
        began, rest = self._began, self._totals(paused.cursor)
        assert began is not None  # what is brought before that is no answer
        reading = Reading(
            blob=self.blob, type=began.type, reader=began.reader, outcome=Outcome.WAITING,
            reason=f"{rest.members} members were taken out so far; its reading goes on.",
            metadata=self._metadata, parts=tuple(self._heads), members=tuple(self._members), expected=self._expected,
            notes=tuple(self._notes), versions=began.versions, opened_with_secret=paused.opened_with_secret, rest=rest,
            volumes=self._volumes,
        )
        self.chunks.finish(reading)
        return reading

    def _totals(self, cursor: bytes) -> Rest:
        rest = self._rest
        return Rest(
            cursor=cursor, began_at=rest.cursor, slices=rest.slices + 1, members=rest.members + len(self._members),
            failed_members=rest.failed_members + sum(member.digest is None for member in self._members),
            members_bytes=self._members_bytes, parts=rest.parts + len(self._heads), text_bytes=self._text_bytes,
            characters=dict(self._characters),
        )

    def _put_before(self, earlier: Sequence[Sequence[bytes]]) -> None:
        """What earlier slices gave comes first; the totals are now those of the lists themselves."""
        heads: list[PartHead] = []
        members: list[Member] = []
        notes: list[Note] = []
        for record in earlier:
            reading = _reading.decode(record[0])
            heads += reading.parts
            members += reading.members
            known = {note.code for note in notes if is_hit(note.code)}
            notes += (note for note in reading.notes if note.code not in known)
            self._earlier_secret = self._earlier_secret or reading.opened_with_secret
            self._began = self._began or frames.Began(type=reading.type, reader=reading.reader, versions=reading.versions)
        self.chunks.put_before(self._as_named(iter(heads), earlier))
        self._heads, self._members = heads + self._heads, members + self._members
        known = {note.code for note in notes if is_hit(note.code)}
        self._notes = (notes + [note for note in self._notes if note.code not in known])[:_MOST_NOTES]
        self._rest = Rest(cursor=b"")

    def _as_named(self, heads: Iterator[PartHead], earlier: Sequence[Sequence[bytes]]) -> Iterator[bytes]:
        """The parts of earlier slices, each compared with what its slice says of it."""
        for record in earlier:
            for number in range(1, len(record)):
                part, head = record[number], next(heads, None)
                self.is_spoilt = self.is_spoilt or head is None or head.digest != digest_of(part)
                yield part
        self.is_spoilt = self.is_spoilt or next(heads, None) is not None

    def _pause(self, frame: frames.Paused) -> None:
        """A taken over child may pause without end: each slice must bring something, and many must bring much."""
        self._drop_open_member()
        if self._began is None or not (self._members or self._heads) or len(frame.cursor) > _LONGEST_CURSOR:
            raise BadAnswer("The reader paused before it had brought anything.")
        if not may_go_on(self._totals(frame.cursor)):
            raise BadAnswer("The reader paused more often than its slices are worth.")
        self.paused = frame

    def _outcome(self, ended: Ended) -> tuple[Outcome, str]:
        if ended.kind == "refused":
            stopped = f"Reading was stopped at the limit on {ended.limit}."
            if self.has_content:
                return Outcome.PARTIAL, f"{stopped} What was read before is kept."
            return Outcome.REFUSED, stopped
        if ended.kind != "done" or self.finished is None:
            cause = f" ({ended.signal})" if ended.signal else ""
            limit = f" It tried a {ended.limit}." if ended.limit else ""
            detail = "" if ended.signal else f" {ended.detail}"
            return Outcome.CRASHED, f"The reader {self.reader} crashed{cause}.{limit}{detail}".rstrip()
        outcome, reason = self.finished.outcome, self.finished.reason
        if outcome is Outcome.READ:
            return self._honest_read()
        return outcome, reason or "The reader gave no reason."

    def _honest_read(self) -> tuple[Outcome, str]:
        """Text or members, and all that were expected, or else it was not read."""
        if not self.has_content and not self._members:
            return Outcome.EMPTY, "No text was found." if self.size else "The file has no bytes."
        expected = self._expected.members
        if expected is not None and expected != len(self._members):
            return Outcome.PARTIAL, f"It says it holds {expected} members; {len(self._members)} were found."
        failed = sum(1 for member in self._members if member.digest is None)
        if failed:
            return Outcome.PARTIAL, f"{failed} of {len(self._members)} members could not be had."
        pages = sum(1 for head in self._heads if head.kind == "page")
        if self._expected.pages is not None and self._began and self._began.reader == "pdf" and not pages:
            return Outcome.PARTIAL, f"None of {self._expected.pages} pages could be read."
        return Outcome.READ, ""

    def _reached(self, limit: str) -> None:
        """Remember a limit that can be raised, once."""
        remembered = hit(limit, self._limits)
        if remembered and all(note.code != remembered for note in self._notes):
            self._notes.append(Note(remembered, sentence(remembered)))

    def _begin(self, frame: frames.Began) -> None:
        if self._began is not None:
            raise BadAnswer("The reader began twice.")
        if self._before is not None and (frame.type, frame.reader) != (self._before.type, self._before.reader):
            raise BadAnswer("The reader went on with a document of another type.")
        self._began = frame

    def _take_part(self, part: Part) -> None:
        encoded = len(part.text.encode("utf-8", "surrogatepass"))
        self._text_bytes += encoded
        if encoded > PART_BYTES or self._text_bytes > self._limits.text or self._rest.parts + len(self._heads) >= _MOST_PARTS:
            raise BadAnswer("The reader sent more text than was agreed.")
        if part.ordinal != self._rest.parts + len(self._heads):
            raise BadAnswer("The reader's parts are not in order.")
        length = len(part.text)
        spans = [(line.start, line.end) for line in part.lines]
        spans += [(cell.start, cell.end) for cell in part.cells]
        spans += [(m.start, m.end) for m in part.marks if m.start is not None and m.end is not None]
        if any(not 0 <= start <= end <= length for start, end in spans):
            raise BadAnswer("The reader's positions lie outside its text.")
        if not part.text.isascii():
            with contextlib.suppress(UnicodeEncodeError):
                part.text.encode()
                self._keep(part)
                return
            # A lone surrogate is no character, and no store takes one.
            clean = part.text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            if len(clean) != length:
                clean = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in part.text)
            part = msgspec.structs.replace(part, text=clean)
        self._keep(part)

    def _keep(self, part: Part) -> None:
        self._heads.append(self.chunks.append(part))
        # What a document says about itself is neither text of its own nor tells the language of its text.
        if part.kind != "properties":
            self._characters[part.lang or ""] += len(part.text.strip())

    def _begin_member(self, frame: frames.MemberBegan) -> None:
        self._next_member(frame.ordinal)
        self._drop_open_member()
        self._open = frame, self._derived.stage_member()
        self._member_bytes = 0

    def _take_bytes(self, frame: frames.MemberBytes) -> None:
        if self._open is None or self._open[0].ordinal != frame.ordinal:
            raise BadAnswer("The reader sent bytes of no member.")
        self._member_bytes += len(frame.data)
        self._members_bytes += len(frame.data)
        most = max(self._limits.members_bytes, self.size)
        if self._member_bytes > self._limits.member_bytes or self._members_bytes > most:
            raise BadAnswer("The reader sent more members' bytes than was agreed.")
        self._open[1].write(frame.data)

    def _end_member(self, frame: frames.MemberEnded) -> None:
        if self._open is None or self._open[0].ordinal != frame.ordinal:
            raise BadAnswer("The reader ended a member that it did not begin.")
        began, sink = self._open
        self._open = None
        digest, size = sink.finish()
        self._members.append(Member(
            ordinal=began.ordinal, path=began.path, kind=began.kind, name=began.name, digest=digest, size=size,
            modified=began.modified, declared=began.declared,
        ))

    def _fail_member(self, frame: frames.MemberFailed) -> None:
        if frame.outcome not in _MEMBER_OUTCOMES:
            raise BadAnswer("The reader gave a member an outcome that members do not have.")
        if self._open is not None and self._open[0].ordinal == frame.ordinal:
            self._open[1].drop()
            self._open = None
        else:
            self._next_member(frame.ordinal)
            self._drop_open_member()
        self._members.append(Member(
            ordinal=frame.ordinal, path=frame.path, kind=frame.kind, name=frame.name, size=frame.size,
            modified=frame.modified, declared=frame.declared, outcome=frame.outcome, reason=frame.reason,
        ))

    def _next_member(self, ordinal: int) -> None:
        if ordinal != self._rest.members + len(self._members) + (self._open is not None):
            raise BadAnswer("The reader's members are not in order.")
        if ordinal >= self._limits.members:
            raise BadAnswer("The reader sent more members than was agreed.")

    def _drop_open_member(self) -> None:
        """A member whose bytes broke off is one that could not be had, never one that is missing."""
        if self._open is None:
            return
        began, sink = self._open
        self._open = None
        sink.drop()
        self._members.append(Member(
            ordinal=began.ordinal, path=began.path, kind=began.kind, name=began.name, modified=began.modified,
            declared=began.declared, outcome=Outcome.DAMAGED, reason="Its bytes broke off.",
        ))
