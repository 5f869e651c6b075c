"""RAR archives: their own headers say what there is, libarchive unpacks it from the open file."""

from __future__ import annotations

import ctypes
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.volume_names import UNFIT
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked, Unsupported
from unburnt.read.formats.archives import rar_headers4, rar_headers5
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.rar_headers import (
    LONGEST_COMMENT,
    SIGNATURE_4,
    SIGNATURE_5,
    RarComment,
    RarEntry,
    RarHeaders,
)
from unburnt.read.formats.archives.rar_view import RarView
from unburnt.read.formats.archives.rar_volumes import RarSet, headers_of_set, unfit_sentence
from unburnt.read.formats.archives.unpacking import ArchiveError, ffi, libarchive
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHUNK = 1 << 20
_FILLING = "\0\r\n "
_BUFFER = ctypes.create_string_buffer(_CHUNK)


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every file. Raises :class:`Locked` where the headers are encrypted."""
    head = source.head(8)
    kind = rar_headers5 if head == SIGNATURE_5 else rar_headers4
    told = headers_of_set(source, kind) if source.volumes else RarSet(_headers(source, head), [], wants_more=False)
    found = told.headers
    if found.locked:
        raise Locked("The archive's list of members is encrypted; no given password is tried on RAR archives.")
    if libarchive is None:
        raise Unsupported("RAR archives need the system library libarchive (Debian: libarchive13), which is missing.")
    files = [entry for entry in found.entries if not entry.is_directory]
    emitter.expect(members=len(files))
    for number in told.unfit:
        emitter.note(UNFIT, str(number))
    state = unfit_sentence(source.name, told.unfit) if source.volumes else _volumes(found)
    tally = Tally(loss=" ".join(filter(None, (state, found.loss))))
    stated = (entry.name for entry in files if entry.name is not None)
    encoding = encoding_shown(emitter, (entry.raw for entry in files if entry.name is None), beside=stated)
    _emit_comment(found.comment, emitter)
    _Unpacking(source, emitter, tally, encoding, found).run(kind)
    return msgspec.structs.replace(tally.ending(), wants_more=told.wants_more)


def _emit_comment(comment: RarComment, emitter: Emitter) -> None:
    if text := _comment_text(comment):
        emitter.part("comments", "comment of the archive", text)
    if comment.is_packed:
        emitter.note("comment-packed", "The archive has a comment that is packed or encrypted; it was not read.")
    if comment.is_cut:
        size = LONGEST_COMMENT >> 10
        emitter.note("comment-cut", f"The comment of the archive has more than {size} KiB; what follows them was not read.")
    if comment.is_damaged:
        emitter.note("comment-damaged", "The comment of the archive is damaged or cut off; what could be read of it is given.")


def _comment_text(comment: RarComment) -> str:
    """Filling is taken away from the text where a byte may be half a letter, and else from the bytes, whose encoding it would hide."""
    bare = comment.raw.strip(_FILLING.encode())
    if comment.is_wide:
        text = comment.raw[: len(comment.raw) // 2 * 2].decode("utf-16-le", "replace")
    else:
        text = decode(comment.raw if b"\0" in bare else bare, native=False).text
    return text.strip(_FILLING)


def _headers(source: Source, head: bytes) -> RarHeaders:
    if head == SIGNATURE_5:
        return rar_headers5.read_headers(source.file, source.size)
    if head.startswith(SIGNATURE_4):
        return rar_headers4.read_headers(source.file, source.size)
    raise Damaged("The file does not begin as a RAR archive of version 4 or 5.")


def _volumes(found: RarHeaders) -> str:
    if not found.is_volume:
        return ""
    if found.volume is None:
        return "This is one volume of a split archive; the others are not here."
    missing = []
    if found.volume:
        missing.append("volume 1" if found.volume == 1 else f"volumes 1 to {found.volume}")
    if found.more_volumes or any(entry.split_after for entry in found.entries):
        missing.append("what follows it")
    lack = f"; missing: {' and '.join(missing)}" if missing else ""
    return f"This is volume {found.volume + 1} of a split archive{lack}."


class _Unpacking:
    """Goes through the archive with libarchive, in step with the headers."""

    def __init__(self, source: Source, emitter: Emitter, tally: Tally, encoding: str, found: RarHeaders) -> None:
        self._source = source
        self._emitter = emitter
        self._tally = tally
        self._encoding = encoding
        self._found = found
        self._waiting = list(reversed(found.entries))

    def run(self, kind: ModuleType) -> None:
        """Every entry ends as a member, emitted or failed."""
        failure = Outcome.DAMAGED, "The archive is damaged or cut off before this member."
        view = RarView(self._source.file, self._found, kind.main_block, kind.end_block, kind.whole_header)
        name = "rar5" if kind is rar_headers5 else "rar"
        try:
            with libarchive.stream_reader(view, name, "none", _CHUNK) as archive:
                for opened in archive:
                    self._fail_up_to_obtainable()
                    if not self._waiting:
                        break
                    self._emit(self._waiting.pop(), opened, None)
        except ArchiveError as error:
            failure = _failure(error)
        while self._waiting:
            self._emit(self._waiting.pop(), None, failure)

    def _fail_up_to_obtainable(self) -> None:
        """libarchive is shown only what can be had; the others are told in their place."""
        while self._waiting and not self._waiting[-1].is_obtainable:
            self._emit(self._waiting.pop(), None, None)

    def _emit(self, entry: RarEntry, opened: Any, failure: tuple[Outcome, str] | None) -> None:
        if entry.is_directory:
            return
        name = entry.name if entry.name is not None else entry.raw.decode(self._encoding, "replace").replace("\\", "/")
        failure = _obstacle(entry) or failure
        if failure is not None:
            self._tally.fail(self._emitter, entry.raw, *failure, name=name, size=entry.size, modified=entry.modified)
            return
        self._tally.emit(self._emitter, entry.raw, _content(opened, entry), name=name, modified=entry.modified)


_SPLIT = "A part of the member stands in another volume of the split archive, which is not here."


def _obstacle(entry: RarEntry) -> tuple[Outcome, str] | None:
    if entry.split_before or entry.split_after:
        return Outcome.NOT_RECEIVED, _SPLIT
    if entry.is_cut:
        return Outcome.DAMAGED, "The archive ends before the end of this member."
    if entry.is_link:
        return Outcome.NOT_RECEIVED, "The member is a link, not a file."
    if entry.encrypted:
        return Outcome.LOCKED, "The member is encrypted, and encrypted RAR members cannot be opened yet."
    return None


def _failure(error: ArchiveError) -> tuple[Outcome, str]:
    if "upported" in str(error.msg):
        return Outcome.UNSUPPORTED, "The member uses a RAR feature that libarchive does not know."
    return Outcome.DAMAGED, "The archive is damaged or cut off in or before this member."


def _content(opened: Any, entry: RarEntry) -> Iterator[bytes]:
    crc, length = 0, 0
    try:
        while got := ffi.read_data(opened._archive_p, _BUFFER, _CHUNK):
            if got < 0:
                raise Damaged("The member's compressed bytes are damaged.")
            piece = ctypes.string_at(_BUFFER, got)
            crc = zlib.crc32(piece, crc)
            length += got
            yield piece
    except ArchiveError as error:
        outcome, reason = _failure(error)
        raise (Unsupported if outcome is Outcome.UNSUPPORTED else Damaged)(reason) from error
    if (entry.crc is not None and crc != entry.crc) or (entry.size is not None and length != entry.size):
        raise Damaged("The member's bytes do not match their checksum or length.")


FORMATS = (
    Format(
        "rar", read, memory_safe=False, libraries=("libarchive-c",),
        title="RAR archives (version 4 and 5)",
        gives=(
            "every entry that their own headers list, unpacked by libarchive; volumes (`.part1.rar`, `.r00`) are read as one; the "
            "archive's comment"
        ),
        lacks="encrypted members stay locked: libarchive cannot open them; a comment that is packed (RAR 4) is named, not read",
    ),
)
