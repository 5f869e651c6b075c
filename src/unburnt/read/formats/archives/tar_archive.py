"""TAR archives of every variant; links and devices are named as not received."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_ending import Place, Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.tar_headers import Place as Member
from unburnt.read.formats.archives.tar_headers import Walk
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHUNK = 1 << 20
# A chain of headers that describe each other makes tarfile call itself without bound.
_BROKEN = (tarfile.TarError, OSError, ValueError, LookupError, EOFError, RecursionError)
_NAMES_SEEN = 1000
"""How many names are looked at to find out their encoding."""


class _Rest(msgspec.Struct, frozen=True, array_like=True):
    """Where the next child goes on, and what all headers together told."""

    start: int
    encoding: str
    loss: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Rest).decode


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every regular file. Raises :class:`Damaged` where there is no header at all."""
    place = emitter.resume(Place)
    if place is not None and place.note:
        return _go_on(source, emitter, _decode(place.note))
    walk = Walk(source.file, source.size)
    places = [place for place in walk if not place.is_directory]
    if walk.damaged and not places:
        raise Damaged("The TAR archive's headers are damaged.")
    if emitter.begins:
        emitter.expect(members=len(places))
    if emitter.begins and walk.archives > 1:
        emitter.note("tar-appended", f"The file holds {walk.archives} TAR archives one after another; all were read.")
    if emitter.begins and not walk.ended:
        emitter.note("tar-no-end", "The archive has no end mark; more members may have followed.")
    loss = f"Headers are damaged in {walk.damaged} places; what stood there is not known." if walk.damaged else ""
    reader = _Reader(source, emitter, Tally(loss=loss))
    entries = (reader.entry(one) for one in places[:_NAMES_SEEN])
    reader.encoding = encoding_shown(emitter, (_raw(entry) for entry in entries if entry is not None))
    return _emit_all(places, reader, emitter)


def _go_on(source: Source, emitter: Emitter, rest: _Rest) -> Ending:
    """The members from a header on at which an earlier child stopped; it had seen all of them."""
    reader = _Reader(source, emitter, Tally(loss=rest.loss))
    reader.encoding = rest.encoding
    walk = Walk(source.file, source.size, rest.start)
    return _emit_all((member for member in walk if not member.is_directory), reader, emitter)


def _emit_all(members: Iterable[Member], reader: _Reader, emitter: Emitter) -> Ending:
    def note(member: Member) -> bytes:
        return _encode(_Rest(member.start, reader.encoding, reader.tally.loss))

    reader.tally.go_through(emitter, members, reader.emit, note=note)
    return reader.tally.ending()


class _Reader:
    """``tarfile``, put before one member after the other: it knows every variant of names, times and sparse maps."""

    def __init__(self, source: Source, emitter: Emitter, tally: Tally) -> None:
        self._source = source
        self._emitter = emitter
        self._archive = tarfile.TarFile(
            fileobj=io.BytesIO(bytes(tarfile.RECORDSIZE)), mode="r", encoding="utf-8", errors="surrogateescape"
        )
        self._archive.fileobj = source.file
        self.tally = tally
        self.encoding = "utf-8"

    def emit(self, place: Member) -> None:
        """One member, or why it could not be had."""
        entry = self.entry(place)
        if entry is None:
            raw = self._name_field(place)
            name = raw.decode(self.encoding, "replace")
            reason = "The member's header contradicts itself."
            self.tally.fail(self._emitter, raw, Outcome.DAMAGED, reason, name=name, size=place.size)
            return
        raw, modified = _raw(entry), _time(entry.mtime)
        name = raw.decode(self.encoding, "replace")
        failure = self._obstacle(place, entry)
        if failure is not None:
            self.tally.fail(self._emitter, raw, *failure, name=name, size=entry.size, modified=modified)
            return
        self.tally.emit(self._emitter, raw, self._content(entry), name=name, modified=modified)

    def entry(self, place: Member) -> tarfile.TarInfo | None:
        self._archive.offset = place.start
        self._source.file.seek(place.start)
        try:
            return tarfile.TarInfo.fromtarfile(self._archive)
        except _BROKEN:
            return None

    def _name_field(self, place: Member) -> bytes:
        self._source.file.seek(place.header)
        return self._source.file.read(100).split(b"\x00")[0]

    def _obstacle(self, place: Member, entry: tarfile.TarInfo) -> tuple[Outcome, str] | None:
        if entry.issym() or entry.islnk():
            return Outcome.NOT_RECEIVED, "The member is a link, not a file."
        if not entry.isreg():
            return Outcome.NOT_RECEIVED, "The member is a device or special file, not a file."
        if place.end > self._source.size:
            return Outcome.DAMAGED, "The archive ends before the end of this member."
        return None

    def _content(self, entry: tarfile.TarInfo) -> Iterator[bytes]:
        length = 0
        try:
            file = self._archive.extractfile(entry)
            while file is not None and (data := file.read(_CHUNK)):
                length += len(data)
                yield data
        except _BROKEN as error:
            raise Damaged("The member's bytes are damaged or cut off.") from error
        if length != entry.size:
            raise Damaged(f"The member holds {length} bytes, where its header states {entry.size}.")


def _raw(entry: tarfile.TarInfo) -> bytes:
    return entry.name.encode("utf-8", "surrogateescape")


def _time(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return None


FORMATS = (
    Format(
        "tar", read, memory_safe=True,
        title="TAR archives of every variant",
        gives="every regular file; archives appended to one another",
        lacks="links and devices are named as not received",
    ),
)
