"""Header blocks of mails (RFC 5322) at the level of bytes: fields in order, and the parameters of a field (RFC 2045, 2231)."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import unquote_to_bytes

from unburnt.model.encodings import known_encoding
from unburnt.read.charset import decode
from unburnt.read.plausible import plausibility

Bytes = bytes | mmap.mmap

FIELD = re.compile(rb"([^\x00-\x20:\x7f]+)[ \t]*:")
PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*+"?|[^;]*)', re.DOTALL)
PIECE = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")
VAGUE = ("", "us-ascii", "ascii", "x-unknown", "unknown-8bit", "8bit", "default", "x-user-defined")
MOST_HEADER_BYTES = 16 << 20
MOST_VALUE = 1 << 16


@dataclass
class Headers:
    """The fields of one header block, in order, names and values as written."""

    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    cut: bool = False
    """Whether the block was longer than is safe to hold and only its beginning is here."""

    def first(self, name: bytes) -> bytes | None:
        """The first value of the field *name* (in lower case)."""
        return next((value for key, value in self.fields if key.lower() == name), None)

    def all(self, name: bytes) -> list[bytes]:
        """All values of the field *name* (in lower case), in order."""
        return [value for key, value in self.fields if key.lower() == name]


@dataclass(frozen=True)
class Parameter:
    """The value of a parameter: its bytes after percent-decoding, and the charset that it states."""

    raw: bytes
    charset: str | None = None


@dataclass(frozen=True)
class Structured:
    """A field such as Content-Type: a word in lower case and parameters."""

    value: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def plain(self, name: str) -> str:
        """A parameter that is a protocol word (charset, boundary), as latin-1; empty where there is none."""
        found = self.parameters.get(name)
        return found.raw.decode("latin-1").strip() if found else ""


def parse_headers(data: Bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header block at *start* and where its content begins. A line that is no field ends the block."""
    headers, pieces, name, kept, position = Headers(), [b""], b"", 0, start

    def close() -> None:
        if name:
            headers.fields.append((name, b"".join(pieces)))

    while position < end:
        newline = data.find(b"\n", position, end)
        stop = newline + 1 if newline >= 0 else end
        line = data[position : min(stop, position + MOST_HEADER_BYTES)]
        if not line.strip(b"\r\n"):
            position = stop
            break
        match = None if line[:2] == b"--" else FIELD.match(line)
        if line[:1] in (b" ", b"\t") and name:
            pieces.append(line)
        elif match is not None:
            close()
            name, pieces = match.group(1), [line[match.end() :]]
        elif not (position == start and line.startswith((b"From ", b">From "))):
            break
        kept += len(line)
        position = stop
        if kept > MOST_HEADER_BYTES:
            headers.cut = True
            position = _skip(data, position, end)
            break
    close()
    return headers, position


def _skip(data: Bytes, position: int, end: int) -> int:
    """Where the block's end is when its lines are no longer kept."""
    found = [at + len(blank) for blank in (b"\n\n", b"\n\r\n") if (at := data.find(blank, position - 1, end)) >= 0]
    return min(found, default=end)


def unfold(raw: bytes) -> bytes:
    """The value on one line, without the white space around it."""
    return raw.replace(b"\r", b"").replace(b"\n", b"").strip(b" \t")


def structured(raw: bytes | None) -> Structured:
    """Split a field into its word and its parameters; what cannot be understood is left out."""
    if raw is None:
        return Structured()
    text = unfold(raw[:MOST_VALUE]).decode("latin-1")
    value = text.split(";", 1)[0].split("(", 1)[0].strip().lower()
    plain: dict[str, Parameter] = {}
    extended: list[tuple[str, str]] = []
    for match in PARAMETER.finditer(text, len(text.split(";", 1)[0])):
        name, written = match.group(1).lower(), match.group(2).strip()
        if "*" in name:
            extended.append((name, written))
        elif name not in plain:
            plain[name] = Parameter(_unquoted(written).encode("latin-1"))
    return Structured(value, {**plain, **_extended(extended)})


def _unquoted(written: str) -> str:
    if not written.startswith('"'):
        return written
    inner = written[1:-1] if len(written) > 1 and written.endswith('"') else written[1:]
    return inner.replace('\\"', '"').replace("\\\\", "\\")


def _extended(parameters: list[tuple[str, str]]) -> dict[str, Parameter]:
    """Parameters in the form of RFC 2231: charsets, percent signs, pieces (also cut inside a percent sign)."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, written in parameters:
        match = PIECE.fullmatch(name)
        if match is not None:
            pieces.setdefault(match.group(1), []).append((int(match.group(2) or 0), bool(match.group(3)), _unquoted(written)))
    return {name: _joined(sorted(found, key=lambda piece: piece[0])) for name, found in pieces.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> Parameter:
    charset, raw = "", b""
    for number, (extended, group) in enumerate(groupby(pieces, key=lambda piece: piece[1])):
        text = "".join(piece[2] for piece in group)
        if extended and not number and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw += unquote_to_bytes(text.encode("latin-1")) if extended else text.encode("latin-1")
    return Parameter(raw, charset or None)


def charset_text(raw: bytes, charset: str | None) -> str:
    """Decode by *charset* where it fits, else by the best guess; never raises."""
    name = (charset or "").strip("\"' ").split("*", 1)[0].lower()
    believed = _believed(raw, name)
    fitting = _fitting(raw, believed)
    return fitting if fitting is not None else decode(raw, believed, native=False).text


def _fitting(raw: bytes, believed: str | None) -> str | None:
    """The text by the stated charset, unless as UTF-8 it looks more like language: short GBK can be valid UTF-8."""
    encoding = known_encoding(believed)
    if encoding is None:
        return None
    try:
        text = raw.decode(encoding)
    except (UnicodeError, ValueError):
        return None
    if raw.isascii():
        # Encodings in seven bits look like ASCII; only what was stated tells.
        return text
    try:
        other = raw.decode("utf-8")
    except UnicodeDecodeError:
        return text if plausibility(text) > 0 else None
    return text if plausibility(text) >= plausibility(other) else other


def _believed(raw: bytes, name: str) -> str | None:
    """Latin-1 never fails and ASCII says nothing about other bytes: the first is believed for a few accented letters."""
    if name in ("iso-8859-1", "latin1", "windows-1252"):
        sample = raw[:4096]
        return name if sum(byte > 127 for byte in sample) * 5 < len(sample) else None
    return None if name in VAGUE else name
