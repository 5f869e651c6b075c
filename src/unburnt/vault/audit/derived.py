"""Checking derived records: keys computed again, outputs hashed again, and no record without its inputs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import zstandard

from unburnt.base.canonical import step_key
from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import UnburntError
from unburnt.model.audit import Check, Finding
from unburnt.model.reading import Reading
from unburnt.vault.audit.events import Named
from unburnt.vault.derived_schema import connect_reader, is_as_made
from unburnt.vault.layout import Layout
from unburnt.vault.unpacking import is_bomb, unpacked

ORPHAN = "Nothing in the archive is what it was made from."
UNNAMED = "No event names it."
_START = ("Start the archive once (unburnt add): what a crash interrupted is named then. If it stays, move derived/ away "
          "and run unburnt rebuild.")
_VIEWS = ("The catalogue and the index are views made from all this. They are not looked at here; where they seem wrong, "
          "unburnt rebuild makes them again.")
_AGAIN = "It can be made again from the originals: move derived/ away and run unburnt rebuild."
_STRAYS = {
    "a chunk": "SELECT DISTINCT key FROM chunks WHERE key NOT IN (SELECT key FROM derivations) ORDER BY key",
    "an input": "SELECT DISTINCT key FROM inputs WHERE NOT EXISTS (SELECT 1 FROM derivations, json_each(derivations.inputs) "
                "WHERE derivations.key = inputs.key AND json_each.value = inputs.input) ORDER BY key",
}
_UNLISTED = ("SELECT DISTINCT derivations.key FROM derivations, json_each(derivations.inputs) WHERE NOT EXISTS "
             "(SELECT 1 FROM inputs WHERE inputs.input = json_each.value AND inputs.key = derivations.key) ORDER BY 1")
_TRIES, _MOMENT = 5, 0.2
_reading = msgspec.json.Decoder(Reading)
_strings = msgspec.json.Decoder(list[str])

_Row = tuple[str, str, int, str, str, str, int]


class DerivedAudit:
    """Reads every record once, one chunk at a time."""

    def __init__(self, layout: Layout, named: Named) -> None:
        self._folder = layout.derived
        self._named = named
        self._inputs: dict[Digest, Digest] = {}
        self._members: set[Digest] = set()
        self._unnamed: set[Digest] = set()
        self._named_here = 0
        self.findings: list[Finding] = []
        self.looked_at = 0

    def run(self, catch_up: Callable[[], None] | None = None) -> Check:
        """All of it. With *catch_up*, which makes later events known, records that no event names are findings too."""
        for path in sorted(self._folder.glob("[0-9]*.sqlite")):
            try:
                self._database(path)
            except sqlite3.Error as error:
                self._found(f"derived/{path.name}", f"The database is damaged ({type(error).__name__}).")
        self._without_inputs()
        notes: tuple[str, ...] = ()
        if catch_up is not None:
            self._without_events(catch_up)
            notes = (*self._no_longer_kept(), _VIEWS)
        return Check(name="derived", looked_at=self.looked_at, unit="records", findings=tuple(self.findings), notes=notes)

    def _database(self, path: Path) -> None:
        connection = connect_reader(path)
        connection.text_factory = lambda untrusted: untrusted.decode("utf-8", "replace")
        try:
            if not is_as_made(connection):
                self._found(f"derived/{path.name}", "The database does not have the tables that unburnt makes, and only them.")
                return
            rows: Iterator[_Row] = connection.execute(
                "SELECT key, step, version, parameters, inputs, output, chunks FROM derivations ORDER BY key")
            for row in rows:
                self._record(connection, row)
            self._strays(connection, path.name)
        finally:
            connection.close()

    def _strays(self, connection: sqlite3.Connection, name: str) -> None:
        """Rows of the side tables that belong to no record, and records that lack theirs: erasing goes by these."""
        for what, query in _STRAYS.items():
            for (key,) in connection.execute(query):
                self._found(f"record {key}", f"derived/{name} holds {what} of it, which it does not have there.")
        for (key,) in connection.execute(_UNLISTED):
            self._found(f"record {key}", "Its inputs are not listed as they stand in it.")

    def _record(self, connection: sqlite3.Connection, row: _Row) -> None:
        self.looked_at += 1
        try:
            key, step, version, parameters, inputs, output, chunks = msgspec.convert(row, _Row)
        except msgspec.ValidationError:
            self._found(f"record {row[0]}", "Its row is damaged.")
            return
        try:
            of = _strings.decode(inputs)
            if step_key(step, version, msgspec.json.decode(parameters), of) != key:
                self._found(f"record {key}", "Its key is not that of its step, parameters and inputs.")
                return
        except (msgspec.DecodeError, UnburntError, RecursionError):
            self._found(f"record {key}", "Its parameters or inputs are damaged.")
            return
        self._inputs.update(dict.fromkeys(of, key))
        event = self._named.readings.get(key)
        if event is None:
            self._unnamed.add(key)
        else:
            self._named_here += 1
        if event is not None and event[1] != output:
            self._found(f"record {key}", f"Its output is not the one that event {event[0]} names.")
        self._outputs(connection, key, output, chunks)

    def _outputs(self, connection: sqlite3.Connection, key: Digest, output: Digest, chunks: int) -> None:
        expected: list[Digest | None] = [output, *[None] * (chunks - 1)]
        seen = 0
        for number, size, digest, packed in connection.execute(
                "SELECT number, size, digest, output FROM chunks WHERE key = ? ORDER BY number", (key,)):
            if number != seen or number >= chunks:
                self._found(f"record {key} chunk {number}", "Its bytes are not those that were recorded.")
                return
            if expected[number] not in (None, digest):
                self._found(f"record {key} chunk {number}", "Its text is not the one that the reading commits to.")
                return
            data = self._unpacked(key, number, size, digest, packed)
            if data is None:
                return
            if number == 0 and (heads := self._heads(data)) is not None:
                if chunks != 1 + len(heads):
                    self._found(f"record {key}", f"Its reading has {len(heads)} parts, and {chunks - 1} are recorded.")
                    return
                expected[1:] = heads
            seen += 1
        if seen != chunks:
            self._found(f"record {key}", f"It has {seen} chunks where {chunks} were recorded.")

    def _heads(self, data: bytes) -> list[Digest | None] | None:
        """What the reading says of its parts' digests; its members become known."""
        try:
            reading = _reading.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None  # the output of another kind of step
        self._members.update(member.digest for member in reading.members if member.digest)
        return [head.digest for head in reading.parts]

    def _unpacked(self, key: Digest, number: int, size: int, digest: Digest, packed: bytes | None) -> bytes | None:
        """A chunk's bytes; None where they are not what was recorded, which is then said."""
        what = "Its bytes are not those that were recorded."
        try:
            if packed is None:
                packed = (self._folder / digest[:2] / f"{digest}.zst").read_bytes()
            if is_bomb(len(packed), size):
                what = f"Its {len(packed)} bytes state to unpack to {size}, as nothing does that is kept here: it was not unpacked."
            data = unpacked(packed, size)
        except (zstandard.ZstdError, OSError, TypeError, OverflowError):
            data = None
        if data is not None and digest_of(data) == digest:
            return data
        self._found(f"record {key} chunk {number}", what)
        return None

    def _without_inputs(self) -> None:
        named = self._named
        for digest, key in self._inputs.items():
            if digest in named.erased:
                self._found(f"record {key}", f"It was made from a content that event {named.erased[digest]} erased.",
                            "Start the archive once (unburnt add): it finishes what was interrupted.")
            elif digest not in named.objects and digest not in self._members:
                self._found(f"record {key}", ORPHAN)

    def _without_events(self, catch_up: Callable[[], None]) -> None:
        """A keeper at work keeps a record first and names it a moment later, so it gets that moment."""
        for _ in range(_TRIES):
            if not self._unnamed - self._named.readings.keys():
                return
            time.sleep(_MOMENT)
            catch_up()
        for key in sorted(self._unnamed - self._named.readings.keys()):
            self._found(f"record {key}", UNNAMED, _START)

    def _no_longer_kept(self) -> Iterator[str]:
        gone = len(self._named.readings) - self._named_here - len(self._unnamed & self._named.readings.keys())
        if gone > 0:
            yield f"{gone} readings that events name are no longer kept in derived/: superseded, erased or lost."

    def _found(self, item: str, what: str, remedy: str = _AGAIN) -> None:
        self.findings.append(Finding(item, what, remedy))
