"""An event as separately salted fields, as in SD-JWT (RFC 9901): what a line of ``events/`` holds.

A disclosure is base64url(JSON ``[salt, name, value]``), its digest base64url(SHA-256 of that text).
A line holds the digests, sorted, and beside them the disclosures. Every field of a kind is always
written, defaults too, and random digests fill a line up to :data:`DIGESTS_PER_EVENT`: so neither the
number of digests nor a missing one tells the kind or whether a field has a value.
"""

from __future__ import annotations

import os
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.model.events import AnyEvent

DIGESTS_PER_EVENT = 12
LARGEST_INTEGER = (1 << 53) - 1
"""Beyond it JSON numbers are not exact everywhere (RFC 8785, section 3.2.2.3; RFC 7493)."""

_BATCH = 2048
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_SALT_CHARACTERS = 22
_DIGEST_CHARACTERS = 43
_FILLED = ("CiAg", "?", "og", "K")
"""What makes whole fours of base64 of 4n + 0, 1 (of which there is none), 2, 3 characters: one new line behind the text,
and two, no, one, no blanks behind that.
"""
_JOINTS = (b"]\n[", b"]\n [", b"]\n  [")
"""What then stands where one disclosure ends and the next begins."""

Values = dict[str, msgspec.Raw]
"""The fields of an event by name, each as JSON."""


class BadLine(Exception):
    """A line is not an event; never leaves this room."""


class UnknownKind(BadLine):
    """A line is whole, but of a kind that this version does not know."""


class Line(msgspec.Struct, frozen=True):
    """One line of ``events/``."""

    seq: int
    digests: list[str]
    disclosures: list[str]


class _Kind:
    """How one class of events is written and read."""

    def __init__(self, event_class: type[AnyEvent]) -> None:
        self._class = event_class
        self.name = str(event_class.__struct_config__.tag)
        self.fields = event_class.__struct_fields__
        self.names = frozenset(self.fields)
        defaults = dict(zip(reversed(self.fields), reversed(event_class.__struct_defaults__), strict=False))
        self.required = frozenset(name for name in self.fields if defaults.get(name, msgspec.NODEFAULT) is msgspec.NODEFAULT)

    @cached_property
    def blanks(self) -> dict[str, msgspec.Raw]:
        """What stands for required fields that were erased, where anything can. Looking at types takes its time."""
        info = msgspec.inspect.type_info(self._class)
        assert isinstance(info, msgspec.inspect.StructType)
        blanks = {field.name: _blank(field.type) for field in info.fields if field.required}
        return {name: msgspec.Raw(blank) for name, blank in blanks.items() if blank is not None}


def _blank(of: msgspec.inspect.Type) -> bytes | None:
    """JSON of what stands for an erased required field: null, else the type's own nothing, else None."""
    if isinstance(of, msgspec.inspect.UnionType):
        return b"null" if of.includes_none else None
    blanks: dict[type, bytes] = {
        msgspec.inspect.StrType: b'""', msgspec.inspect.BytesType: b'""', msgspec.inspect.IntType: b"0",
        msgspec.inspect.BoolType: b"false", msgspec.inspect.VarTupleType: b"[]", msgspec.inspect.ListType: b"[]",
    }
    return blanks.get(type(of))


_KINDS_BY_CLASS: dict[type, _Kind] = {event_class: _Kind(event_class) for event_class in AnyEvent.__args__}
_KINDS = {kind.name: kind for kind in _KINDS_BY_CLASS.values()}
_KINDS_AS_WRITTEN = {f'"{name}"'.encode(): kind for name, kind in _KINDS.items()}
FIELD_NAMES = frozenset(name for kind in _KINDS.values() for name in kind.fields) | {"kind"}

_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(Line).decode
_decode_disclosure = msgspec.json.Decoder(tuple[str, str, msgspec.Raw]).decode
_decode_disclosures = msgspec.json.Decoder(tuple[str, str, msgspec.Raw]).decode_lines
_decode_name = msgspec.json.Decoder(str).decode
_decode_event = msgspec.json.Decoder(AnyEvent).decode


def never_erased() -> frozenset[str]:
    """Fields without which an event cannot be understood at all, and which say nothing about people."""
    return frozenset({"kind"}).union(*(kind.required - kind.blanks.keys() for kind in _KINDS.values()))


class LineWriter:
    """Writes events as lines; salts and filling digests are drawn in batches, since a call each is dear."""

    def __init__(self) -> None:
        self._salts: Iterator[bytes] = iter(())
        self._fillers: Iterator[bytes] = iter(())

    def line(self, sequence: int, event: AnyEvent) -> bytes:
        """*event* as a line, newline included; raises :class:`UnburntError` if a value cannot be written."""
        kind = _KINDS_BY_CLASS[type(event)]
        try:
            disclosures = [self._disclosure(b"kind", _encode(kind.name))]
            for name in kind.fields:
                value = getattr(event, name)
                if isinstance(value, int | tuple):
                    _check_integers(value)
                disclosures.append(self._disclosure(name.encode(), _encode(value)))
        except (UnicodeEncodeError, TypeError, msgspec.EncodeError) as error:
            raise UnburntError("An event holds a value that cannot be written (text that is not Unicode?).") from error
        digests = digests_of(disclosures)
        digests.extend(self._filler() for _ in range(DIGESTS_PER_EVENT - len(digests)))
        digests.sort()
        return b'{"seq":%d,"digests":["%b"],"disclosures":["%b"]}\n' % (
            sequence, b'","'.join(digests), b'","'.join(disclosures),
        )

    def _disclosure(self, name: bytes, value: bytes) -> bytes:
        salt = next(self._salts, None)
        if salt is None:
            self._salts = _random_words(16, _SALT_CHARACTERS)
            salt = next(self._salts)
        return base64url(b'["%b","%b",%b]' % (salt, name, value))

    def _filler(self) -> bytes:
        filler = next(self._fillers, None)
        if filler is None:
            self._fillers = _random_words(32, _DIGEST_CHARACTERS)
            filler = next(self._fillers)
        return filler


def base64url(data: bytes) -> bytes:
    """RFC 4648, section 5, without padding."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=")


def digest_of_disclosure(disclosure: bytes) -> bytes:
    """What a line commits to, of one disclosure."""
    return digests_of([disclosure])[0]


def digests_of(disclosures: Sequence[bytes]) -> list[bytes]:
    """What a line commits to, of each: base64url of the SHA-256 of the disclosure as it is written."""
    text = digests_as_text([sha256(one).digest() for one in disclosures])
    return [text[at:at + _DIGEST_CHARACTERS] for at in range(0, len(text), _DIGEST_CHARACTERS + 1)]


def digests_as_text(digests: Sequence[bytes]) -> bytes:
    """All in one text: a zero behind each digest makes it 33 bytes, 44 characters, of which 43 are its own."""
    return b2a_base64(b"\0".join(digests), newline=False).translate(_URL_SAFE)


def parse_line(raw: bytes) -> Line:
    """A line as written, every disclosure found among its digests; raises :class:`BadLine`."""
    try:
        line = _decode_line(raw)
        text = digests_as_text([sha256(one.encode()).digest() for one in line.disclosures]).decode()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadLine from error
    shown = [text[at:at + _DIGEST_CHARACTERS] for at in range(0, len(text), _DIGEST_CHARACTERS + 1)]
    if not set(line.digests).issuperset(shown) or not raw.endswith(b"\n"):
        raise BadLine
    return line


def event_of(line: Line) -> AnyEvent:
    """The event, erased fields as None or their type's nothing; raises :class:`BadLine`."""
    return event_from(values_of(line))


def values_of(line: Line) -> Values:
    """The fields that a line shows; raises :class:`BadLine`."""
    values = values_of_all([line])
    return values[0] if values is not None else {
        name: msgspec.Raw(value) for name, value in map(opened, line.disclosures)}


def values_of_all(lines: Sequence[Line]) -> list[Values] | None:
    """As :func:`values_of` of each, in a third of the time, where disclosures are as we write them; None for any others.

    All are decoded as one text, each with a new line behind it. What :func:`opened` would read otherwise shows in these:
    no value has new lines inside, and between two brackets of a joint every value ends. So where all new lines are ours
    and in joints, and as many values come as disclosures went in, each is what one disclosure holds.
    """
    disclosures = [one for line in lines for one in line.disclosures]
    try:
        text = "".join([one + _FILLED[len(one) & 3] for one in disclosures]).encode().translate(_STANDARD)
        untrusted = a2b_base64(text, strict_mode=True)
        opened_all = _decode_disclosures(untrusted)
    except (msgspec.DecodeError, UnicodeError, Base64Error, RecursionError):
        return None
    ends = untrusted.count(b"\n")
    joints = sum(map(untrusted.count, _JOINTS))
    if not len(opened_all) == len(disclosures) == ends == joints + bool(disclosures):
        return None
    if not {name for _, name, _ in opened_all} <= FIELD_NAMES:
        return None
    each = iter(opened_all)
    return [{name: value for _, name, value in islice(each, len(line.disclosures))} for line in lines]


def event_from(values: Values) -> AnyEvent:
    """The event of which a line shows *values*, as :func:`event_of` gives it."""
    kind = _kind_of(values)
    if not kind.required <= values.keys():
        values = {**kind.blanks, **values}
    try:
        event: AnyEvent = _decode_event(_encode(values))
        return event
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadLine from error


def fields_missing(line: Line) -> frozenset[str]:
    """The names of fields whose disclosures are gone; raises :class:`BadLine`."""
    return missing_in(values_of(line))


def missing_in(values: Values) -> frozenset[str]:
    """The names of fields that are not among *values*; raises :class:`BadLine`."""
    return _kind_of(values).names.difference(values)


def opened(disclosure: str) -> tuple[str, bytes]:
    """Name and value (as JSON) of a disclosure; raises :class:`BadLine`."""
    try:
        padded = disclosure.encode().translate(_STANDARD) + b"=" * (-len(disclosure) % 4)
        _, name, value = _decode_disclosure(a2b_base64(padded, strict_mode=True))
    except (msgspec.DecodeError, UnicodeError, Base64Error, RecursionError) as error:
        raise BadLine from error
    if not name.isidentifier():
        raise BadLine
    return name, bytes(value)


def without(line: Line, fields: Collection[str]) -> bytes | None:
    """The line, newline included, without the disclosures of *fields*; None where it had none of them."""
    kept = [disclosure for disclosure in line.disclosures if opened(disclosure)[0] not in fields]
    if len(kept) == len(line.disclosures):
        return None
    return _encode(msgspec.structs.replace(line, disclosures=kept)) + b"\n"


def _kind_of(values: Values) -> _Kind:
    try:
        written = bytes(values["kind"])
        kind = _KINDS_AS_WRITTEN.get(written) or _KINDS.get(_decode_name(written))
    except (KeyError, msgspec.DecodeError, RecursionError) as error:
        raise BadLine from error
    if kind is None:
        raise UnknownKind
    return kind


def _check_integers(value: Any) -> None:
    numbers = value if isinstance(value, tuple) else (value,)
    for number in numbers:
        if isinstance(number, int) and abs(number) > LARGEST_INTEGER:
            raise UnburntError("An event holds an integer beyond 2^53; such numbers are written as text.")


def _random_words(size: int, characters: int) -> Iterator[bytes]:
    """Many random words of *size* bytes each, as base64url of *characters* characters."""
    stride = (size + 2) // 3 * 3
    pool = bytearray(os.urandom(stride * _BATCH))
    for place in range(size, stride):
        pool[place::stride] = bytes(_BATCH)  # so that the last character ends as that of *size* bytes does
    text = b2a_base64(pool, newline=False).translate(_URL_SAFE)
    width = stride // 3 * 4
    return (text[start:start + characters] for start in range(0, len(text), width))
