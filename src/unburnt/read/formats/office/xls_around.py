"""What stands in an old workbook and in none of its cells (MS-XLS 2.4): drawings' texts, printed headers, links, names, other workbooks.

Strings are Unicode since Excel 97; before that they have the workbook's code page. A record that is cut off or lies gives nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from unburnt.model.addresses import range_name
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.xls_validation import formula_text
from unburnt.read.formats.office.xlsx_around import emit_lines, emit_printed

HEADER, FOOTER, OBJECT, TEXT, CONTINUE, LINK, TIP, CHART_TEXT = 0x14, 0x15, 0x5D, 0x1B6, 0x3C, 0x1B8, 0x800, 0x100D
AROUND: Final = frozenset((HEADER, FOOTER, OBJECT, TEXT, CONTINUE, LINK, TIP, CHART_TEXT))
BIFF8: Final = 0x600
_NOTE: Final = 0x19
_NAME, _BOOK, _KEPT, _EOF = 0x18, 0x1AE, 0x5A, 0x0A
_MOST = 50_000
_LONGEST = 10_000
_URL, _FILE = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b"), bytes.fromhex("0303000000000000c000000000000046")
_ABSOLUTE = re.compile(r"[A-Za-z]:|[\\/]")
_BUILT_IN = (
    "Consolidate_Area", "Auto_Open", "Auto_Close", "Extract", "Database", "Criteria", "Print_Area", "Print_Titles", "Recorder",
    "Data_Form", "Auto_Activate", "Auto_Deactivate", "Sheet_Title", "_FilterDatabase",
)
_PATH = str.maketrans({"\x01": None, "\x02": "/", "\x03": "/", "\x04": "../", "\x05": None, "\x06": None, "\x07": None, "\x08": None})
"""Section 2.5.277: how the path of another workbook is encoded."""


class _Bytes:
    """Reads one record after the other piece; raises :class:`struct.error` or :class:`ValueError` where it ends before."""

    def __init__(self, record: bytes) -> None:
        self.record = record
        self.at = 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self.record, self.at)
        self.at += struct.calcsize(form)
        return int(value)

    def raw(self, count: int) -> bytes:
        if not 0 <= count <= len(self.record) - self.at:
            raise ValueError(count)
        self.at += count
        return self.record[self.at - count : self.at]

    def letters(self, count: int) -> str:
        """So many letters behind the byte that says how wide they are."""
        wide = self.number("<B") & 1
        return self.raw(count * (1 + wide)).decode("utf-16-le" if wide else "latin-1", "replace")

    def wide(self, count: int) -> str:
        """So many letters of two bytes, the last of which is a zero."""
        return self.raw(2 * count).decode("utf-16-le", "replace").split("\0", 1)[0]


@dataclass
class Around:
    """Collects from one sheet's records, those of the charts in it too."""

    version: int = BIFF8
    encoding: str = "latin-1"
    printed: list[str] = field(default_factory=list)
    links: dict[str, None] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _is_text: bool = False
    _wanted: int = 0

    def take(self, kind: int, record: bytes) -> None:
        """One record of a kind in :data:`AROUND`, in the order of the file."""
        if len(self._texts) + len(self.links) + len(self.printed) >= _MOST:
            return
        try:
            self._take(kind, record)
        except (struct.error, ValueError):
            self._wanted = 0

    @property
    def drawn(self) -> list[str]:
        """The texts of boxes, buttons and charts, in order."""
        return [text for text in self._texts if text.strip("\0 \n")]

    def _take(self, kind: int, record: bytes) -> None:
        if kind == CONTINUE:
            if self._wanted > 0:
                self._continued(_Bytes(record))
            return
        self._wanted = 0
        if kind == OBJECT:
            self._is_text = len(record) >= 8 and struct.unpack_from("<HHH", record)[::2] != (0x15, _NOTE)
        elif kind == TEXT:
            if self._is_text and len(record) >= 12:
                self._wanted = struct.unpack_from("<H", record, 10)[0]
                self._texts.append("")
        elif kind == CHART_TEXT:
            self._texts.append(self._short(_Bytes(record[2:])))
        elif kind in (HEADER, FOOTER) and record:
            self.printed.append(self._line(_Bytes(record)))
        elif kind == LINK:
            self.links.setdefault(_target(_Bytes(record))[:_LONGEST])
        elif kind == TIP:
            self.links.setdefault(record[10:].decode("utf-16-le", "replace").rstrip("\0")[:_LONGEST])

    def _continued(self, record: _Bytes) -> None:
        wide = 1 + (record.record[:1] == b"\x01")
        piece = record.letters(min(self._wanted, (len(record.record) - 1) // wide))
        self._texts[-1] += piece.replace("\r", "\n")
        self._wanted -= len(piece)

    def _short(self, record: _Bytes) -> str:
        count = record.number("<B")
        return record.letters(count) if self.version >= BIFF8 else record.raw(count).decode(self.encoding, "replace")

    def _line(self, record: _Bytes) -> str:
        if self.version < BIFF8:
            return self._short(record)
        count = record.number("<H")
        return record.letters(count)


def _target(record: _Bytes) -> str:
    """Where a hyperlink leads (MS-OSHARED 2.3.7.1): an address, a file, a place in this workbook."""
    record.raw(8 + 16 + 4)
    flags = record.number("<I")
    if flags & 0x10:
        record.wide(record.number("<I"))
    if flags & 0x80:
        record.wide(record.number("<I"))
    found = ""
    if flags & 0x100 and flags & 1:
        found = record.wide(record.number("<I"))
    elif flags & 1:
        found = _moniker(record)
    if flags & 8:
        found += "#" + record.wide(record.number("<I"))
    return found


def _moniker(record: _Bytes) -> str:
    kind = record.raw(16)
    if kind == _URL:
        size = record.number("<I")
        return record.raw(size)[: size // 2 * 2].decode("utf-16-le", "replace").split("\0", 1)[0]
    if kind != _FILE:
        raise ValueError(kind)
    up = "../" * min(record.number("<H"), 100)
    path = record.raw(record.number("<I")).split(b"\0", 1)[0].decode("latin-1")
    record.raw(24)
    if record.number("<I"):
        size = record.number("<I")
        record.raw(2)
        path = record.raw(size // 2 * 2).decode("utf-16-le", "replace")
    return path if _ABSOLUTE.match(path) else up + path


def emit_around(around: Around, label: str, emitter: Emitter, *, hidden: bool) -> bool:
    """The parts of one sheet beside its cells; gives whether any of them is text of the document."""
    has_text = emit_lines("section", f"{label} (drawings)", around.drawn, emitter, hidden)
    emit_printed(label, around.printed, emitter, hidden)
    emit_lines("properties", f"{label} (links)", list(around.links), emitter, hidden)
    return has_text


def emit_names(records: Iterator[tuple[int, bytes]], emitter: Emitter) -> bool:
    """Names and what they stand for, and each other workbook with the values kept of it, from the *records* before the first sheet.

    Gives whether there is another workbook.
    """
    names: list[str] = []
    books: list[list[str]] = []
    for kind, record in records:
        if kind == _EOF:
            break
        try:
            if kind == _NAME and len(names) < _MOST:
                names.append(_named(_Bytes(record)))
            elif kind == _BOOK and len(books) < 1000:
                books.append(_book(_Bytes(record)))
            elif kind == _KEPT and books and len(books[-1]) < _MOST:
                books[-1].append("\t".join(_kept(_Bytes(record))))
        except (struct.error, ValueError, IndexError):
            continue
    emit_lines("properties", "names", names, emitter, False)
    others = [lines for lines in books if lines]
    for position, lines in enumerate(others, 1):
        emit_lines("section", f"other workbook {position}", lines, emitter, True)
    return bool(others)


def _named(record: _Bytes) -> str:
    flags, _, count, size = record.number("<H"), record.raw(1), record.number("<B"), record.number("<H")
    record.raw(8)
    name = record.letters(count)
    if flags & 0x20 and len(name) == 1:
        name = _BUILT_IN[ord(name)]
    value = formula_text(record.raw(size))
    return f"{name}: {value}" if value else name


def _book(record: _Bytes) -> list[str]:
    sheets = record.number("<H")
    if len(record.record) <= 4:  # this workbook itself, or functions that were added
        return []
    lines = [record.letters(record.number("<H")).translate(_PATH)]
    for _ in range(sheets):
        lines.append(record.letters(record.number("<H")))
    return lines


def _kept(record: _Bytes) -> Iterator[str]:
    last, first, row = record.number("<B"), record.number("<B"), record.number("<H")
    yield range_name(row, first, row, max(first, last))
    for _ in range(last - first + 1):
        kind = record.number("<B")
        if kind == 2:
            yield record.letters(record.number("<H"))
            continue
        value = record.raw(8)
        if kind == 1:
            yield f"{struct.unpack('<d', value)[0]:g}"
        elif kind == 4:
            yield "TRUE" if value[0] else "FALSE"
