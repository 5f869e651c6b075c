"""What compress wrote (``.Z``): LZW with codes of 9 to 16 bits. There is no description but the program: ncompress, ``compress42.c``.

The stream has no checksum and no end of its own: one that was cut off cannot be told from one that ended there.
"""

from __future__ import annotations

from typing import BinaryIO

MAGIC = b"\x1f\x9d"
_FIRST_WIDTH, _MOST_WIDTH = 9, 16
_WIDTH_BITS, _RESERVED_BITS, _STARTS_ANEW = 0x1F, 0x60, 0x80
_CLEAR = 256
_PIECE = 64
"""Bytes that an entry of the table holds itself; what stands before them it shares with another: 65,536 entries may be 64 KiB long each."""
_ENOUGH = 1 << 16


class LzwReader:
    """The unpacked bytes of a stream, some at a time; at most 128 KiB, whatever the stream says.

    Raises ValueError where the stream is none, or goes on with a code that cannot be.
    """

    def __init__(self, file: BinaryIO) -> None:
        untrusted_head = file.read(3)
        if len(untrusted_head) < 3 or untrusted_head[:2] != MAGIC or untrusted_head[2] & _RESERVED_BITS:
            raise ValueError("not what compress writes")
        self._file = file
        self._most = untrusted_head[2] & _WIDTH_BITS
        self._starts_anew = bool(untrusted_head[2] & _STARTS_ANEW)
        if not _FIRST_WIDTH <= self._most <= _MOST_WIDTH:
            raise ValueError("codes of a width that compress does not write")
        self._broken = False
        self._before = -1
        self._clear()

    def _clear(self) -> None:
        self._width = _FIRST_WIDTH
        # The code that starts the table anew has a place in it.
        self._tails = [bytes((value,)) for value in range(256)] + [b""] * self._starts_anew
        self._rests = [-1] * len(self._tails)
        self._firsts = list(range(256)) + [0] * self._starts_anew

    def read1(self, _: int = -1, /) -> bytes:
        """Some unpacked bytes; empty at the end."""
        out: list[bytes] = []
        length = 0
        while length < _ENOUGH and not self._broken:
            # Codes come in groups of eight, and a group that a new width breaks off is filled up.
            group = self._file.read(self._width)
            bits, width = int.from_bytes(group, "little"), self._width
            mask = (1 << width) - 1
            for place in range(len(group) * 8 // width):
                try:
                    piece = self._next(bits >> place * width & mask)
                except ValueError:
                    self._broken = True
                    break
                length += len(piece)
                out.append(piece)
                if piece == b"" or self._width != width:
                    break
            if len(group) < width:
                break
        if not out and self._broken:
            raise ValueError("a code that cannot be")
        return b"".join(out)

    def _next(self, code: int) -> bytes:
        """What *code* stands for; empty where it starts the table anew."""
        if code == _CLEAR and self._starts_anew:
            self._clear()
            self._before = -1
            return b""
        tails = self._tails
        if self._before < 0:
            if code > 255:
                raise ValueError
            self._before = code
            return tails[code]
        if code > len(tails) or (code == len(tails) and len(tails) >= 1 << self._most):
            raise ValueError
        if len(tails) < 1 << self._most:
            self._add(self._firsts[code if code < len(tails) else self._before])
        self._before = code
        return self._whole(code)

    def _add(self, value: int) -> None:
        """Another entry: what the code before stood for, and one byte."""
        before = self._before
        if len(self._tails[before]) < _PIECE:
            self._tails.append(self._tails[before] + bytes((value,)))
            self._rests.append(self._rests[before])
        else:
            self._tails.append(bytes((value,)))
            self._rests.append(before)
        self._firsts.append(self._firsts[before])
        if len(self._tails) >= 1 << self._width and self._width < self._most:
            self._width += 1

    def _whole(self, code: int) -> bytes:
        if self._rests[code] < 0:
            return self._tails[code]
        pieces = []
        while code >= 0:
            pieces.append(self._tails[code])
            code = self._rests[code]
        return b"".join(reversed(pieces))
