"""A SQLite database opened from nothing but its open file, for reading only, by an engine that is kept on a short leash.

The engine (apsw's own SQLite) asks us for every byte, so that a database may be larger than memory and no path is ever
opened. What it is shown differs from the file in the header alone: the write-ahead log, which is another file, is denied
(bytes 18 and 19), and a file that was cut off is as long as it is (bytes 28 to 31); see sqlite.org/fileformat2.html, 1.3.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import apsw
import msgspec

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged
from unburnt.read.formats.deadline import Deadline

_HEAP = 384 * MIB
LONGEST_VALUE = 128 * MIB
_STEPS = 20_000
_HEADER = 100
_LIMITS = {
    apsw.SQLITE_LIMIT_LENGTH: LONGEST_VALUE, apsw.SQLITE_LIMIT_SQL_LENGTH: 4 * MIB, apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 1, apsw.SQLITE_LIMIT_WORKER_THREADS: 0, apsw.SQLITE_LIMIT_VDBE_OP: 250_000,
}  # fmt: skip
_serial = 0


class Header(msgspec.Struct, frozen=True):
    """What a database's first hundred bytes state."""

    page_size: int
    pages: int
    """As stated; 0 where nothing is stated that holds."""
    free_pages: int
    has_log: bool
    """Whether it was last written in the mode with a write-ahead log."""
    encoding: str
    user_version: int
    application_id: int
    whole_pages: int
    """As many as the file is long."""

    @property
    def is_cut(self) -> bool:
        """Whether fewer pages are here than are stated."""
        return self.pages > self.whole_pages


def header_of(file: BinaryIO, size: int) -> Header:
    """Raises :class:`Damaged` where no database can be behind it."""
    file.seek(0)
    head = file.read(_HEADER)
    if len(head) < _HEADER:
        raise Damaged("The database is cut off within its header.")
    page_size = int(struct.unpack_from(">H", head, 16)[0])
    page_size = 65536 if page_size == 1 else page_size
    if page_size < 512 or page_size & (page_size - 1):
        raise Damaged("The database's header states no possible size of pages.")
    changes, pages = struct.unpack_from(">2I", head, 24)
    free, = struct.unpack_from(">I", head, 36)
    encoding, user_version = struct.unpack_from(">Ii", head, 56)
    application, = struct.unpack_from(">I", head, 68)
    valid_for, = struct.unpack_from(">I", head, 92)
    names = {1: "UTF-8", 2: "UTF-16le", 3: "UTF-16be"}
    return Header(
        page_size, pages if valid_for == changes else 0, free, head[18:20] != b"\x01\x01",
        names.get(encoding, str(encoding)), user_version, application, size // page_size,
    )  # fmt: skip


class _File:
    """The one file, with the methods that SQLite asks of one and by its names (sqlite.org/c3ref/io_methods.html)."""

    def __init__(self, file: BinaryIO, size: int, header: Header) -> None:
        self._file = file
        # A last page that is cut off does not count.
        self._size = max(header.whole_pages, 1) * header.page_size if header.is_cut else size
        file.seek(0)
        head = bytearray(file.read(_HEADER))
        head[18:20] = b"\x01\x01"
        if header.is_cut:
            head[28:32] = header.whole_pages.to_bytes(4, "big")
        self._head = bytes(head)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._file.seek(offset)
        data = self._file.read(amount)
        if offset < _HEADER:
            # SQLite reads the header alone, parts of it, or with the first page.
            data = self._head[offset : offset + len(data)] + data[max(0, _HEADER - offset):]
        return data

    def xFileSize(self) -> int:
        return self._size

    def xFileControl(self, *_: object) -> bool:
        return False

    def xCheckReservedLock(self) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_IMMUTABLE

    def xLock(self, level: int) -> None:
        """Nobody else has it open."""

    def xUnlock(self, level: int) -> None:
        """As above."""

    def xClose(self) -> None:
        """It is the reader's caller who closes it."""

    def xWrite(self, data: bytes, offset: int) -> None:
        raise apsw.ReadOnlyError("received files are not written")

    def xTruncate(self, size: int) -> None:
        raise apsw.ReadOnlyError("received files are not written")

    def xSync(self, flags: int) -> None:
        """Nothing was written."""


class _OneFile(apsw.VFS):
    """A file system that holds one file, whatever it is called, and no place for temporary ones."""

    def __init__(self, name: str, file: _File) -> None:
        self._one = file
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            raise apsw.CantOpenError("there is no other file")
        flags[1] = apsw.SQLITE_OPEN_READONLY
        return self._one

    def xAccess(self, pathname: str, flags: int) -> bool:
        return False

    def xFullPathname(self, name: str) -> str:
        return name

    def xDelete(self, name: str, syncdir: bool) -> None:
        raise apsw.ReadOnlyError("there is nothing to delete")


class Database:
    """An open database; begins with :meth:`restrict`, ends with :meth:`close`.

    Any statement may raise ``apsw.Error``; where that is an ``InterruptError``, :meth:`check` tells that time is up.
    """

    def __init__(self, file: BinaryIO, size: int, header: Header, *, lenient: bool = False) -> None:
        global _serial
        _serial += 1
        self._vfs = _OneFile(f"one-{_serial}", _File(file, size, header))
        self.connection = apsw.Connection(
            "file:database?immutable=1", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, vfs=f"one-{_serial}"
        )
        self._deadline = Deadline()
        self._is_lenient = lenient

    def restrict(self) -> None:
        """Before anything else: take away all that reading rows does not need. May raise ``apsw.Error``."""
        connection = self.connection
        apsw.hard_heap_limit(_HEAP)
        for limit, most in _LIMITS.items():
            connection.limit(limit, most)
        for off in (
            apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, apsw.SQLITE_DBCONFIG_ENABLE_VIEW,
            apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
        ):  # fmt: skip
            connection.config(off, 0)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, int(not self._is_lenient))
        # Names in double quotes that are no columns must not turn into texts.
        connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        connection.collation_needed(_any_collation)
        connection.set_progress_handler(self._is_late, _STEPS)
        # With writable_schema each table stands for itself, although another makes no sense; nothing can be written all the same.
        lenient = ("writable_schema=1",) if self._is_lenient else ()
        for pragma in (*lenient, "temp_store=2", "cache_size=-16384", "mmap_size=0", "cell_size_check=1", "query_only=1"):
            connection.execute(f"PRAGMA {pragma}")

    def _is_late(self) -> bool:
        return self._deadline.is_over

    def check(self) -> None:
        """Raises ``Stopped`` where the time is up."""
        self._deadline.check()

    def close(self) -> None:
        """Let go of engine and file system."""
        self.connection.close(force=True)
        self._vfs.unregister()


def _any_collation(connection: apsw.Connection, name: str) -> None:
    """Orders that only the program knew (Android's LOCALIZED): rows are read as they lie, so that none is asked."""
    connection.create_collation(name, lambda one, other: (one > other) - (one < other))


def warm() -> None:
    """Use the engine once, before the child is locked."""
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE a (b); SELECT * FROM a")
    connection.close()
