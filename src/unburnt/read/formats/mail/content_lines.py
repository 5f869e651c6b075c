"""Content lines of calendars and cards (RFC 5545 section 3.1, RFC 6350 section 3.2, vCard 2.1): unfolded, decoded, nested."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from unburnt.read.charset import decode

FOLD = re.compile(rb"\r?\n[ \t]")
NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")
PARAMETER = re.compile(r';([A-Za-z0-9-]+)(?:=("[^"]*"|[^";:,]*(?:,(?:"[^"]*"|[^";:,]*))*))?')
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MOST_LINES = 2_000_000
DEEPEST, MOST_OPEN = 16, 100


@dataclass
class Line:
    """One property: its *name* in capital letters, its parameters as written, its value with escapes undone."""

    name: str
    parameters: dict[str, str]
    value: str
    binary: bytes | None = None
    """The bytes of a value in base64."""

    def shown(self) -> str:
        """The property as a line of text; its parameters in brackets."""
        told = "; ".join(f"{name}={value}" if value else name for name, value in self.parameters.items() if name not in ENCODING)
        return f"{self.name} ({told}): {self.value}" if told else f"{self.name}: {self.value}"


ENCODING = ("ENCODING", "CHARSET", "QUOTED-PRINTABLE", "BASE64", "B")


@dataclass
class Component:
    """What stands between ``BEGIN`` and ``END``."""

    name: str
    lines: list[Line] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """The first property called so."""
        return next((line for line in self.lines if line.name == name), None)

    def text(self, depth: int = 0) -> str:
        """All properties as lines, those of components inside it behind a heading and set in."""
        lead = "  " * depth
        lines = [lead + line.shown().replace("\n", f"\n{lead}  ") for line in self.lines]
        for one in self.inside:
            lines += [f"{lead}[{one.name}]", one.text(depth + 1).removesuffix("\n")]
        return "\n".join(lines) + "\n"


@dataclass
class Components:
    """The components at the top, and what was wrong."""

    found: list[Component] = field(default_factory=list)
    unclosed: int = 0
    odd: int = 0
    """Lines that are no property."""


def components(data: bytes, charsets: Sequence[str] = ()) -> Components:
    """Take a file apart; what is no property is counted and left. *charsets* are declared for it from outside."""
    result, open_ones = Components(), list[Component]()
    for line in _lines(data, charsets):
        if line is None:
            result.odd += 1
        elif line.name == "BEGIN" and len(open_ones) >= MOST_OPEN:
            result.unclosed += 1
        elif line.name == "BEGIN":
            made = Component(line.value.strip().upper()[:100])
            if not open_ones:
                result.found.append(made)
            elif len(open_ones) < DEEPEST:
                open_ones[-1].inside.append(made)
            open_ones.append(made)
        elif line.name == "END":
            names = [one.name for one in open_ones]
            if line.value.strip().upper() in names:
                while open_ones.pop().name != line.value.strip().upper():
                    result.unclosed += 1
            else:
                result.odd += 1
        elif open_ones:
            open_ones[-1].lines.append(line)
        else:
            result.odd += 1
    result.unclosed += len(open_ones)
    return result


def _lines(data: bytes, charsets: Sequence[str]) -> Iterator[Line | None]:
    """Unfold, then decode: a fold may stand inside a character. One encoding holds for all lines that state none."""
    raw_lines = FOLD.sub(b"", data).splitlines()[:MOST_LINES]
    whole = decode(data, hints=charsets, native=False).encoding
    at = 0
    while at < len(raw_lines):
        raw = raw_lines[at]
        at += 1
        if not raw.strip():
            continue
        head = raw.split(b":", 1)[0].upper()
        if b"QUOTED-PRINTABLE" in head:
            # vCard 2.1 breaks such a value by a sign at the line's end, without a blank on the next.
            while raw.endswith(b"=") and at < len(raw_lines):
                raw, at = raw[:-1] + raw_lines[at], at + 1
        yield _line(raw, whole)


def _line(raw: bytes, encoding: str) -> Line | None:
    text = decode(raw, encoding, native=False).text
    name = NAME.match(text)
    if name is None:
        return None
    parameters, at = dict[str, str](), name.end()
    while (match := PARAMETER.match(text, at)) is not None:
        key = match[1].upper()
        value = (match[2] or "").strip('"')
        parameters[key] = f"{parameters[key]},{value}" if parameters.get(key) else value
        at = match.end()
    if text[at : at + 1] != ":":
        return None
    written = text[at + 1 :]
    stated = (parameters.get("ENCODING") or "").upper()
    if stated == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in parameters:
        plain = quopri.decodestring(raw.split(b":", 1)[1])
        return Line(name[1].upper(), parameters, decode(plain, parameters.get("CHARSET") or encoding, native=False).text)
    if stated in ("B", "BASE64") or "BASE64" in parameters:
        try:
            return Line(name[1].upper(), parameters, f"[{len(written) * 3 // 4} bytes]", binascii.a2b_base64(written))
        except (binascii.Error, ValueError):
            return Line(name[1].upper(), parameters, written)
    if parameters.get("CHARSET"):
        written = decode(raw.split(b":", 1)[1], parameters["CHARSET"], native=False).text
    return Line(name[1].upper(), parameters, ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], written))
