"""The records of one reading on their way to the derived store, in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from unburnt.base.digests import digest_of
from unburnt.flow.chunked import Chunked
from unburnt.model.reading import Part, PartHead, Reading

_IN_MEMORY = 4 << 20

_part_decoder = msgspec.json.Decoder(Part)


class Chunks(Chunked):
    """Chunk by chunk what a reader gives; beyond 4 MiB the parts wait in a nameless file."""

    def __init__(self, folder: Path) -> None:
        # Spooled into the archive's own tmp/: document text never reaches /tmp.
        self._spool: tempfile.SpooledTemporaryFile[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - see close
            max_size=_IN_MEMORY, dir=str(folder)
        )
        self._places: list[tuple[int, int]] = []
        self._head = b""
        self._end = 0

    def append(self, part: Part) -> PartHead:
        """Keep one more part; gives its head."""
        encoded = msgspec.json.encode(part)
        self._spool.seek(self._end)
        self._spool.write(encoded)
        self._places.append((self._end, len(encoded)))
        self._end += len(encoded)
        return PartHead(
            ordinal=part.ordinal, kind=part.kind, label=part.label, characters=len(part.text), lang=part.lang,
            script=part.script, origin=part.origin, hidden=part.hidden, page=part.page, width=part.width,
            height=part.height, digest=digest_of(encoded),
        )

    def put_before(self, encoded_parts: Iterable[bytes]) -> None:
        """Put parts that earlier slices of the document gave before those that are here."""
        own, self._places = self._places, []
        for encoded in encoded_parts:
            self._spool.seek(self._end)
            self._spool.write(encoded)
            self._places.append((self._end, len(encoded)))
            self._end += len(encoded)
        self._places += own

    def finish(self, reading: Reading) -> None:
        """Set chunk 0."""
        self._head = msgspec.json.encode(reading)

    def parts(self) -> Iterator[Part]:
        """The parts again, one at a time."""
        for number in range(1, len(self)):
            yield _part_decoder.decode(self[number])

    def close(self) -> None:
        """Give back the memory or the file."""
        self._spool.close()

    def __len__(self) -> int:
        return 1 + len(self._places)

    def _chunk(self, index: int) -> bytes:
        if index == 0:
            return self._head
        start, length = self._places[index - 1]
        self._spool.seek(start)
        return bytes(self._spool.read(length))
