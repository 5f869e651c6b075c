"""ZIP archives: entries as the central directory lists them, each unpacked once; what is broken is recovered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, NeedsAlone
from unburnt.read.formats.archives import zip_content as content
from unburnt.read.formats.archives import zip_secrets as secrets
from unburnt.read.formats.archives.archives_ending import Place, Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.zip_comments import emit_comments, shown_name
from unburnt.read.formats.archives.zip_places import Contents, contents_of, go_on
from unburnt.read.formats.archives.zip_records import DESCRIBED, ENCRYPTED, Entry, comment_of, extra_field
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_STRONG = 0x40
_SMALL = 16 << 20
"""Encrypted members up to this many bytes are tried wholly before they are sent under a password not yet proven."""


class _Plain(msgspec.Struct, frozen=True, array_like=True):
    """What the next child must know of a plain archive: where the next entry is listed, and what all entries together told."""

    listed: int
    until: int
    shift: int
    encoding: str
    loss: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Plain).decode


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every file of the archive; directories are not members. Raises :class:`Damaged` where nothing is found."""
    place = emitter.resume(Place)
    if place is not None and place.note:
        return _go_on(source, emitter, _decode(place.note))
    found = contents_of(source.file, source.size, source.volumes)
    files = [entry for entry in found.entries if not entry.is_directory]
    if source.shared and any(_needs_alone(entry, source) for entry in files):
        raise NeedsAlone
    if emitter.begins:
        emitter.expect(members=found.declared - (len(found.entries) - len(files)))
        for code, text in found.notes:
            emitter.note(code, text)
        if comment := comment_of(source.file, source.size).strip():
            emitter.part("comments", "comment of the archive", decode(comment, native=False).text)
    told = (entry.utf8_name.decode("utf-8", "replace") for entry in files if entry.utf8_name is not None)
    encoding = encoding_shown(emitter, (entry.raw for entry in files if entry.utf8_name is None), beside=told)
    if emitter.begins:
        emit_comments([entry for entry in found.entries if entry.comment.strip()], encoding, emitter)
    plain = _Plain(0, found.plain_until, found.shift, encoding, found.loss) if found.plain_until and not source.volumes else None
    return _emit_all(files, _Reader(source, emitter, found, encoding), emitter, plain)


def _go_on(source: Source, emitter: Emitter, plain: _Plain) -> Ending:
    """The rest of an archive whose directory an earlier child found plain: nothing is listed again."""
    entries = go_on(source.file, plain.listed, plain.until, plain.shift)
    reader = _Reader(source, emitter, Contents([], 0, loss=plain.loss), plain.encoding)
    return _emit_all((entry for entry in entries if not entry.is_directory), reader, emitter, plain)


def _emit_all(files: Iterable[Entry], reader: _Reader, emitter: Emitter, plain: _Plain | None) -> Ending:
    def note(entry: Entry) -> bytes:
        return _encode(msgspec.structs.replace(plain, listed=entry.listed)) if plain is not None else b""

    reader.tally.go_through(emitter, files, reader.emit, note=note)
    return reader.tally.ending()


def _needs_alone(entry: Entry, source: Source) -> bool:
    method = entry.method
    return method in content.NATIVE or (method == content.AES and bool(source.passwords))


class _Reader:
    """Emits the entries of one archive, and keeps what was learnt about passwords."""

    def __init__(self, source: Source, emitter: Emitter, found: Contents, encoding: str) -> None:
        self._source = source
        self._emitter = emitter
        self._found = found
        self._encoding = encoding
        self._proven: list[bytes] = []
        self.tally = Tally(loss=found.loss)

    def emit(self, entry: Entry) -> None:
        """One member, or why it could not be had."""
        name = shown_name(entry, self._encoding)
        failure, password = self._obstacle(entry)
        if failure is not None:
            self.tally.fail(self._emitter, entry.raw, *failure, name=name, size=entry.size, modified=entry.modified)
            return
        self.tally.secret = self.tally.secret or password is not None
        self.tally.emit(self._emitter, entry.raw, self._content(entry, password), name=name, modified=entry.modified)

    def _obstacle(self, entry: Entry) -> tuple[tuple[Outcome, str] | None, bytes | None]:
        """Why the entry cannot be unpacked, or the password that it takes."""
        reason = self._found.missing_volume(entry)
        if reason:
            return (Outcome.NOT_RECEIVED, reason), None
        if entry.header in self._found.overlapping:
            return (Outcome.REFUSED, "Overlapping entries: its bytes belong to another entry too."), None
        if entry.data < 0:
            return (Outcome.DAMAGED, "The directory lists this member, and its own header is not in the file."), None
        if entry.is_link:
            return (Outcome.NOT_RECEIVED, "The member is a link, not a file."), None
        if entry.flags & ENCRYPTED:
            if entry.flags & _STRONG:
                return (Outcome.LOCKED, "The member is encrypted with PKWARE's strong encryption."), None
            return self._unlock(entry)
        if entry.method not in (*content.PURE, *content.NATIVE):
            return (Outcome.UNSUPPORTED, f"ZIP compression method {entry.method} is not supported."), None
        return None, None

    def _unlock(self, entry: Entry) -> tuple[tuple[Outcome, str] | None, bytes | None]:
        try:
            for password in self._candidates():
                if self._fits(entry, password):
                    if password not in self._proven:
                        self._proven.append(password)
                    return None, password
        except Damaged as error:
            return (Outcome.DAMAGED, error.reason), None
        return (Outcome.LOCKED, "The member is encrypted and no given password opens it."), None

    def _candidates(self) -> Iterator[bytes]:
        yield from list(self._proven)
        for word in self._source.passwords:
            # Old Chinese and Russian programs encrypted with the bytes of their own code page.
            for encoding in ("utf-8", "gb18030", "cp866", "cp1251"):
                try:
                    password = word.encode(encoding)
                except UnicodeError:
                    continue
                if password not in self._proven:
                    yield password
                if word.isascii():
                    break

    def _fits(self, entry: Entry, password: bytes) -> bool:
        if entry.method == content.AES:
            field = _aes_field(entry)
            header = b"".join(content.raw_pieces(self._source.file, entry.data, field.salt_size + 2))
            return secrets.aes_keys(field, header, password) is not None
        header = b"".join(content.raw_pieces(self._source.file, entry.data, secrets.TRADITIONAL_HEADER))
        check = secrets.Traditional(password).decrypt(header)[-1]
        if check not in _check_bytes(entry):
            return False
        # One check byte lets 1 of 256 wrong passwords pass: a new password must unpack a member to count as right.
        if password in self._proven or entry.compressed > _SMALL:
            return True
        try:
            for _ in self._content(entry, password):
                pass
        except Damaged:
            return False
        return True

    def _content(self, entry: Entry, password: bytes | None) -> Iterator[bytes]:
        file = self._source.file
        if password is None:
            packed = content.raw_pieces(file, entry.data, entry.compressed)
            return content.checked(content.unpack(entry.method, packed, entry.size), entry)
        if entry.method == content.AES:
            return self._aes_content(entry, password)
        return content.checked(content.unpack(entry.method, self._decrypted(entry, password), entry.size), entry)

    def _decrypted(self, entry: Entry, password: bytes) -> Iterator[bytes]:
        cipher = secrets.Traditional(password)
        skip = secrets.TRADITIONAL_HEADER
        for piece in content.raw_pieces(self._source.file, entry.data, entry.compressed):
            yield cipher.decrypt(piece)[skip:]
            skip = 0

    def _aes_content(self, entry: Entry, password: bytes) -> Iterator[bytes]:
        file, field = self._source.file, _aes_field(entry)
        start = entry.data + field.salt_size + 2
        length = entry.compressed - field.overhead
        if length < 0:
            raise Damaged("The member is too short to be encrypted as it says.")
        keys = secrets.aes_keys(field, b"".join(content.raw_pieces(file, entry.data, start - entry.data)), password)
        if keys is None:
            raise Damaged("The member's password check is damaged.")
        code = b"".join(content.raw_pieces(file, start + length, field.overhead - (start - entry.data)))
        plain = secrets.aes_decrypt(keys, content.raw_pieces(file, start, length), code)
        yield from content.checked(content.unpack(field.method, plain, entry.size), entry, crc=field.version == 1)


def _aes_field(entry: Entry) -> secrets.AesField:
    field = extra_field(entry.extra, 0x9901)
    if field is None:
        raise Damaged("The member's AES field is missing.")
    return secrets.AesField(field)


def _check_bytes(entry: Entry) -> tuple[int, ...]:
    """The last byte of a decrypted header: of the checksum, or, where that was not known yet, of the time."""
    return (entry.time >> 8, entry.crc >> 24) if entry.flags & DESCRIBED else (entry.crc >> 24,)


def warm() -> None:
    """Use the ciphers once: OpenSSL and the AES library load parts of themselves when first used."""
    field = secrets.AesField(b"\x02\x00AE\x03\x08\x00")
    secrets.aes_keys(field, bytes(field.salt_size + 2), b"warm")
    for _ in secrets.aes_decrypt((bytes(32), bytes(32)), [], secrets.authentication(bytes(32), b"")):
        pass


FORMATS = (
    Format(
        "zip", read, memory_safe=True,
        title="ZIP archives",
        gives=(
            "every entry once, with name, time and encoding; comments of the archive and of its entries; broken directories are recovered; "
            "AES and old encryption with a password"
        ),
        lacks="at most 200 volumes are read as one",
    ),
)
