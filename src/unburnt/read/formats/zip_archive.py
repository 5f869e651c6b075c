"""ZIP archives through the standard library: raw names kept, every duplicate emitted."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives_ending import Tally
from unburnt.read.formats.archives_text import guess_encoding
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

CHUNK = 1 << 20
UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 1
AES_METHOD = 99
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, struct.error)


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every file of the archive; directories are not members."""
    try:
        archive = zipfile.ZipFile(source.file)
    except (*BROKEN, NotImplementedError) as error:
        raise Damaged("The ZIP directory is missing or damaged, or this is one volume of several.") from error
    with archive:
        entries = archive.infolist()
        declared = _declared_count(source, len(entries))
        files = [entry for entry in entries if not entry.orig_filename.endswith("/")]
        emitter.expect(members=declared - (len(entries) - len(files)))
        encoding = guess_encoding(_raw_name(entry) for entry in files if not entry.flag_bits & UTF8_FLAG)
        tally = Tally()
        for entry in files:
            _emit(archive, entry, encoding, source, emitter, tally)
        if declared != len(entries):
            tally.loss = f"The archive says it has {declared} entries, its directory lists {len(entries)}."
        return tally.ending()


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """The name's bytes as stored: zipfile decodes cp437 where the UTF-8 flag is not set."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & UTF8_FLAG else "cp437", "surrogateescape")


def _declared_count(source: Source, listed: int) -> int:
    """The number of entries in the end record, which is independent of the directory."""
    start = max(0, source.size - 65557)
    source.file.seek(start)
    tail = source.file.read(65557)
    at = tail.rfind(b"PK\x05\x06")
    count = int(struct.unpack_from("<H", tail, at + 10)[0]) if 0 <= at <= len(tail) - 22 else listed
    return listed if count == 0xFFFF else count


def _emit(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, encoding: str, source: Source, emitter: Emitter, tally: Tally
) -> None:
    raw = _raw_name(entry)
    name = raw.decode("utf-8" if entry.flag_bits & UTF8_FLAG else encoding, "replace")
    modified = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*entry.date_time)
    failure, password = _check(archive, entry, source)
    if failure is None:
        emitter.member(raw, "entry", _content(archive, entry, password), name=name, modified=modified)
        tally.emitted += 1
        tally.secret = tally.secret or password is not None
        return
    tally.failed.append(failure[0])
    emitter.member_failed(raw, "entry", failure[0], failure[1], name=name, size=entry.file_size)


def _check(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Source
) -> tuple[tuple[Outcome, str] | None, bytes | None]:
    """Read once to the end, so that bytes with a wrong checksum are never emitted as content."""
    if entry.compress_type == AES_METHOD:
        return (Outcome.LOCKED, "The member is encrypted with AES, which is not opened yet."), None
    if entry.compress_type not in METHODS:
        return (Outcome.UNSUPPORTED, f"Compression method {entry.compress_type} is not supported."), None
    encrypted = bool(entry.flag_bits & ENCRYPTED_FLAG)
    passwords: list[bytes | None] = [word.encode() for word in source.passwords] if encrypted else [None]
    for password in passwords:
        try:
            for _ in _content(archive, entry, password):
                pass
            return None, password
        except (*BROKEN, RuntimeError, NotImplementedError):
            continue
    if encrypted:
        return (Outcome.LOCKED, "The member is encrypted and no given password opens it."), None
    return (Outcome.DAMAGED, "The member's bytes are damaged or do not match their checksum."), None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, password: bytes | None) -> Iterator[bytes]:
    with archive.open(entry, pwd=password) as file:
        while data := file.read(CHUNK):
            yield data


FORMATS = (
    Format(
        name="zip", media_types=("application/zip",), read=read, memory_safe=True, version=1, libraries=()
    ),
)
