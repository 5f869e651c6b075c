"""Slices of a giant container: the derived records of what earlier children gave, and where the next one goes on.

A slice's record is a reading with the outcome ``waiting``: its members wait like any others while the container does. The
next slice is begun by whoever finds the container waiting, be it a moment later or after a crash: both are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive, NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.flow.kept_record import KeptRecord
from unburnt.flow.steps import read_step
from unburnt.model.reading import Reading, Rest
from unburnt.vault.derived import Derived

_FREE, _MEMBERS, _BYTES = 64, 500, 16 << 20

Record = Sequence[bytes]
"""A record's chunks: chunk 0 is the reading, the others its parts."""

_reading = msgspec.json.Decoder(Reading)


def may_go_on(rest: Rest) -> bool:
    """Whether so many slices are worth what they brought. A child that was taken over may pause without end."""
    return rest.slices < _FREE + rest.members // _MEMBERS + rest.members_bytes // _BYTES


class Slices:
    """What the archive knows of containers that are being read; any thread may ask."""

    def __init__(self, catalog: Catalog, derived: Derived) -> None:
        self._catalog = catalog
        self._derived = derived

    def of(self, container: Digest) -> list[Record]:
        """The slices of *container* so far; none where they are damaged or of another version of the step."""
        try:
            keys = self._catalog.keys_of_slices(container)
            records: list[Record] = [KeptRecord(self._derived, key) for key in keys]
            if records and not self._is_current(keys[-1], last_of(records)):
                return []
        except (NotFound, DamagedArchive, msgspec.DecodeError):
            return []
        return records

    def before(self, container: Digest, member: Digest) -> Reading | None:
        """The slice after which *member* comes next or soon; None where it is to be sought from the beginning."""
        key = self._catalog.slice_before(container, member)
        if key is None:
            return None
        try:
            found = last_of([KeptRecord(self._derived, key)])
        except (NotFound, DamagedArchive, msgspec.DecodeError):
            return None
        return found if self._is_current(key, found) else None

    def _is_current(self, key: Digest, reading: Reading | None) -> bool:
        made = self._derived.describe(key)
        return reading is not None and reading.rest is not None and (made.step, made.version) == read_step(reading.reader)


def last_of(records: Sequence[Record]) -> Reading | None:
    """The reading in the last record: where to go on."""
    return _reading.decode(records[-1][0]) if records else None
