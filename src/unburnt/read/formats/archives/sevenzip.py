"""7z archives through py7zr's headers and decoders, pulled piece by piece so that nothing is held whole.

py7zr's own ``extractall`` pushes members by name, which loses one of two with the same name, gives up at the first
damaged one, and reads far ahead of what it unpacks; its header records and decoders have none of this.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import py7zr
from py7zr.compressor import AESDecompressor
from py7zr.exceptions import PasswordRequired

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp, Locked, Stopped, Unsupported
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.sevenzip_stream import FolderStream
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_AES, _PPMD = b"\x06\xf1\x07\x01", b"\x03\x04\x01"
_SIGNATURE_SIZE = 32
_PROBE = 16 << 20
_DIRECTORY, _UNIX, _REPARSE = 0x10, 0x8000, 0x400
_START_OF_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)


class _File(msgspec.Struct):
    """One file of the header: its folder's number (-1 for one without bytes), its place in it, its checksum."""

    name: str
    attributes: int | None
    modified: str | None
    folder: int = -1
    offset: int = 0
    size: int = 0
    crc: int | None = None

    @property
    def is_special(self) -> bool:
        """Links, junctions, devices: by Unix mode, or by Windows' reparse flag."""
        attributes = self.attributes or 0
        if attributes & _UNIX:
            return (attributes >> 16) & 0xF000 not in (0, 0x8000)
        return bool(attributes & _REPARSE)


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every file. Raises :class:`Locked` where the header is encrypted, :class:`Damaged` where it is broken."""
    header, password = _open(source)
    tally = Tally(secret=password is not None)
    if header is None or getattr(header, "files_info", None) is None:
        emitter.expect(members=0)
        return tally.ending()
    try:
        files = list(_files(header))
        folders = _Folders(source, header, files, password)
    except Exception as error:
        raise Damaged("The 7z header contradicts itself.") from error
    if emitter.begins:
        emitter.expect(members=_count(header, files))

    def emit(file: _File) -> None:
        _emit(file, folders, emitter, tally)
        tally.secret = tally.secret or folders.opened_with_secret

    # Within a folder everything is packed as one stream: another child would have to unpack all of it again.
    tally.go_through(emitter, files, emit, may_pause_before=lambda file: file.folder >= 0 and file.offset == 0)
    return tally.ending()


def _open(source: Source) -> tuple[Any, str | None]:
    """The header, and the password that it took."""
    locked = False
    for password in (None, *source.passwords):
        source.file.seek(0)
        try:
            archive = py7zr.SevenZipFile(source.file, password=password)
        except PasswordRequired:
            locked = True
        except MemoryError as error:
            raise Stopped("memory", "The 7z header needs more memory than is allowed.") from error
        except Exception as error:
            if not locked:
                raise Damaged("The 7z header is damaged, cut off, or one volume of several.") from error
        else:
            return getattr(archive, "header", None), password
    raise Locked("The archive's list of members is encrypted and no given password opens it.")


def _count(header: Any, files: list[_File]) -> int:
    """Streams plus files marked as empty: two numbers of the header that the list of files does not enter.

    Some writers leave out the mark; a file that is known by its attributes is then added.
    """
    streams: int = sum(header.main_streams.substreamsinfo.num_unpackstreams_folders) if header.main_streams else 0
    marked: int = sum(header.files_info.emptyfiles)
    bare = sum(1 for file in files if file.folder < 0)
    return streams + max(marked, bare)


def _files(header: Any) -> Iterator[_File]:
    """Files in order, each with its stream; directories are left out."""
    streams = _streams(header)
    empty = iter(header.files_info.emptyfiles)
    for record in header.files_info.files:
        file = _File(record.get("filename", ""), record.get("attributes"), _time(record.get("lastwritetime")))
        if not record["emptystream"]:
            file.folder, file.offset, file.size, file.crc = next(streams)
        elif not next(empty, False) and (file.attributes is None or file.attributes & _DIRECTORY):
            continue
        yield file


def _streams(header: Any) -> Iterator[tuple[int, int, int, int | None]]:
    if header.main_streams is None:
        return
    information, folders = header.main_streams.substreamsinfo, header.main_streams.unpackinfo.folders
    number = 0
    for index, (folder, count) in enumerate(zip(folders, information.num_unpackstreams_folders, strict=True)):
        offset = 0
        for _ in range(count):
            sizes = information.unpacksizes
            size = folder.get_unpack_size() if sizes is None else sizes[number]
            if size < 0:
                raise ValueError(size)
            yield index, offset, size, information.digests[number] if information.digestsdefined[number] else None
            offset += size
            number += 1


class _Folders:
    """The folders' streams, one open at a time, and the passwords found so far."""

    def __init__(self, source: Source, header: Any, files: list[_File], password: str | None) -> None:
        self._source = source
        self._header = header
        self._files = files
        self._current = -1
        self._stream: FolderStream | GivenUp = Damaged("")
        self._proven = [password] if password is not None else []
        self.opened_with_secret = False
        streams = header.main_streams
        self._places: list[tuple[Any, int, int]] = []
        if streams is not None:
            at, number = _SIGNATURE_SIZE + streams.packinfo.packpos, 0
            for folder in streams.unpackinfo.folders:
                sizes = streams.packinfo.packsizes[number : number + len(folder.packed_indices)]
                self._places.append((folder, at, sum(sizes)))
                at, number = at + sum(sizes), number + len(sizes)

    def content(self, file: _File) -> Iterator[bytes]:
        """The file's bytes, checked. Raises at once what stands against opening its folder."""
        if file.folder != self._current:
            self._current = file.folder
            try:
                self._stream = self._unlocked(file.folder)
            except GivenUp as error:
                self._stream = error
        stream = self._stream
        if isinstance(stream, GivenUp):
            raise stream
        return self._cut(stream, file)

    def _cut(self, stream: FolderStream, file: _File) -> Iterator[bytes]:
        stream.skip_to(file.offset)
        yield from stream.checked(file.size, file.crc)

    def _unlocked(self, number: int) -> FolderStream:
        folder, start, length = self._places[number]
        methods = {coder["method"] for coder in folder.coders}
        if _AES not in methods:
            return FolderStream(self._source.file, folder, start, length, None)
        if _PPMD in methods:
            # pyppmd breaks down on bytes that are no PPMd, which is what a wrong password makes.
            raise Unsupported("Members that are both encrypted and packed with PPMd are not supported.")
        first = next(file for file in self._files if file.folder == number)
        sample = next((file for file in self._files if file.folder == number and file.size), first)
        for password in (*self._proven, *(word for word in self._source.passwords if word not in self._proven)):
            if self._fits(FolderStream(self._source.file, folder, start, length, password), sample):
                self.opened_with_secret = True
                if password not in self._proven:
                    self._proven.append(password)
                return FolderStream(self._source.file, folder, start, length, password)
        raise Locked("The member is encrypted and no given password opens it.")

    def _fits(self, stream: FolderStream, sample: _File) -> bool:
        """A wrong key gives bytes that do not unpack, or have another checksum."""
        whole = sample.size <= _PROBE
        try:
            for _ in stream.checked(min(sample.size, _PROBE), sample.crc if whole else None):
                pass
        except Damaged:
            return False
        return True


def _emit(file: _File, folders: _Folders, emitter: Emitter, tally: Tally) -> None:
    raw = file.name.encode("utf-8", "surrogatepass")
    name = raw.decode("utf-8", "replace")
    if file.is_special:
        reason = "The member is a link or a special file, not a file."
        tally.fail(emitter, raw, Outcome.NOT_RECEIVED, reason, name=name, size=file.size, modified=file.modified)
        return
    try:
        content = folders.content(file) if file.folder >= 0 else iter(())
    except GivenUp as error:
        tally.fail(emitter, raw, error.outcome, error.reason, name=name, size=file.size, modified=file.modified)
        return
    tally.emit(emitter, raw, content, name=name, modified=file.modified)


def _time(untrusted_filetime: Any) -> str | None:
    """FILETIME counts steps of 100 ns since 1601, in UTC."""
    if not untrusted_filetime:
        return None
    try:
        moment = _START_OF_FILETIME + timedelta(microseconds=int(cast(int, untrusted_filetime)) // 10)
    except (OverflowError, ValueError):
        return None
    return moment.isoformat(timespec="seconds")


def warm() -> None:
    """Write and read a small archive and decrypt a block: every module and library is loaded before a child is locked."""
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as archive:
        archive.writestr(b"warm", "warm")
    packed.seek(0)
    with py7zr.SevenZipFile(packed) as archive:
        archive.test()
    # One round of hashing for the key, where an archive of py7zr's own would cost three times half a million.
    AESDecompressor(b"\x40\x0f" + bytes(16), "warm").decompress(bytes(16))


FORMATS = (
    Format(
        "7z", read, memory_safe=False, libraries=("py7zr", "pyppmd", "inflate64", "pybcj"),
        title="7z archives",
        gives="every entry, encrypted ones with a password",
        lacks="damaged solid blocks end at the damage",
    ),
)
