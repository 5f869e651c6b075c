"""The long texts of a table's rows, taken out of memo files that lie beside it, by the numbers that the rows name.

A memo file of another table gives wrong texts at right numbers. So a number counts only where the file's own structure
has the beginning of a text there; and where the same table lies beside several memo files, only what all of them agree on.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final

from unburnt.base.limits import MIB
from unburnt.model.memo_names import FOXPRO_MEMOS
from unburnt.read.formats.databases.dbf_memo import BLOCK, END_3, MARK_4, TEXT, encoding_of, up_to_end
from unburnt.read.plausible import has_few_controls

_LONGEST: Final = 64 * MIB
_SAMPLE: Final = 40_000
_JUDGED: Final = 64
"""Bytes: less tells nothing of what it is."""
_ALWAYS_MARKED: Final = frozenset((0x7B, 0x8B, 0x8E, 0xCB))
"""Versions of dBASE IV, which states the length of every text."""


class MemoFile:
    """One memo file of a table of *version*, asked by number."""

    def __init__(self, file: BinaryIO, version: int) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._is_marked = version in _ALWAYS_MARKED
        self._is_foxpro = version in FOXPRO_MEMOS
        file.seek(0)
        head = file.read(24).ljust(24, b"\0")
        if self._is_foxpro:
            self._free, self._length = int.from_bytes(head[:4], "big"), int.from_bytes(head[6:8], "big") or 1
        else:
            stated = int.from_bytes(head[20:22], "little")
            self._free, self._length = int.from_bytes(head[:4], "little"), stated if stated and stated % BLOCK == 0 else BLOCK

    def at(self, number: int) -> tuple[bool, bytes] | None:
        """Whether it is a text, and its bytes; None where no memo begins there by the file's own structure."""
        at = number * self._length
        if not 0 < number < (self._free or number + 1) or not BLOCK <= at < self._size:
            return None
        return self._foxpro(at) if self._is_foxpro else self._dbase(number, at)

    def _foxpro(self, at: int) -> tuple[bool, bytes] | None:
        head = self._bytes(at, 8)
        if len(head) < 8:
            return None
        kind, count = struct.unpack(">2I", head)
        if kind > 2 or count > min(_LONGEST, self._size - at - 8):
            return None
        return kind == TEXT, self._bytes(at + 8, count) if kind == TEXT else b""

    def _dbase(self, number: int, at: int) -> tuple[bool, bytes] | None:
        head = self._bytes(at, 8)
        if head[:4] == MARK_4:
            count = int.from_bytes(head[4:], "little")
            return (True, self._bytes(at + 8, count - 8)) if 8 <= count <= min(_LONGEST, self._size - at) else None
        if self._is_marked:
            return None
        # dBASE III marks the end alone: where the block before holds none, this is the middle of another text.
        before = self._bytes(at - self._length, self._length)
        if number > 1 and END_3 not in before and not before.endswith(b"\0"):
            return None
        return True, up_to_end(self._file, at)

    def _bytes(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        return self._file.read(count)


class LongTexts:
    """What rows show in place of numbers, and how often they could not."""

    def __init__(self, files: Sequence[BinaryIO], version: int) -> None:
        self._files = [MemoFile(file, version) for file in files]
        self.encoding = "cp1252"
        self.taken = 0
        """Texts that stand in their rows now."""
        self.lacking = 0
        """Numbers under which a memo file has no memo."""
        self.differing = 0
        """Numbers under which the memo files have different texts."""

    def find_encoding(self, numbers: Iterable[str], stated: str | None, of_table: str) -> None:
        """Set the encoding: what the first texts look like, or that of the table's own texts where they tell nothing."""
        found = map(self._agreed, numbers)
        self.encoding = encoding_of((text for text in found if isinstance(text, bytes)), stated, of_table)

    def of(self, number: str) -> str | None:
        """The text under *number*; None where the row goes on showing the number."""
        found = self._agreed(number)
        if isinstance(found, bytes):
            text = found.decode(self.encoding, "replace").rstrip("\0")
            self.taken += bool(text)
            return text or None
        self.lacking += found is None
        self.differing += found is False
        return None

    def _agreed(self, number: str) -> bytes | bool | None:
        """The text that every file has there; None where one has none, False where they differ, True for an object.

        Programs keep their compiled code as texts: bytes with many controls are none.
        """
        block = int(number) if number.isascii() and number.isdecimal() else 0
        found = {file.at(block) for file in self._files}
        if None in found:
            return None
        if len(found) > 1:
            return False
        is_text, text = next(one for one in found if one is not None)
        return text if is_text and (len(text) < _JUDGED or has_few_controls(text[:_SAMPLE])) else True
