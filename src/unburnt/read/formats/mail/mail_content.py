"""Undoing the transfer encodings of mail (RFC 2045, section 6) piece by piece; what is broken still gives what it holds."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from unburnt.read.formats.mail.mail_headers import Bytes
from unburnt.read.formats.mail.mail_yenc import without_yenc

CHUNK = 1 << 20
FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
IDENTITY = ("", "7bit", "8bit", "binary")
YENC = "x-yenc"
UUENCODE = ("x-uuencode", "uuencode", "x-uue", "uue")


class Content:
    """The decoded bytes of one part. *broken* is true once something in them could not be decoded."""

    def __init__(self, data: Bytes, start: int, end: int, encoding: str) -> None:
        self._data, self._start, self._end = data, start, end
        self._encoding = encoding
        self.broken = False
        self.unknown = encoding not in (*IDENTITY, *UUENCODE, "base64", "quoted-printable", YENC)

    def __iter__(self) -> Iterator[bytes]:
        if self._encoding == "base64":
            return self._base64()
        if self._encoding == "quoted-printable":
            return self._quoted_printable()
        if self._encoding in UUENCODE:
            return self._uuencode()
        if self._encoding == YENC:
            return self._yenc()
        return self._pieces()

    def whole(self, limit: int) -> bytes:
        """The first *limit* bytes."""
        pieces, size = [], 0
        for piece in self:
            pieces.append(piece)
            size += len(piece)
            if size >= limit:
                break
        return b"".join(pieces)[:limit]

    def _pieces(self) -> Iterator[bytes]:
        for at in range(self._start, self._end, CHUNK):
            yield self._data[at : min(at + CHUNK, self._end)]

    def _base64(self) -> Iterator[bytes]:
        """Padding inside the text begins a new run, as in files that were put together from several encodings."""
        carry = b""
        for piece in self._pieces():
            self.broken = self.broken or FOREIGN.search(piece) is not None
            runs = (carry + piece.translate(None, NOT_BASE64)).split(b"=")
            carry = b""
            for number, run in enumerate(runs):
                last = number == len(runs) - 1
                whole = len(run) & ~3
                yield binascii.a2b_base64(run[:whole])
                if last:
                    carry = run[whole:]
                else:
                    yield self._rest(run[whole:])
        yield self._rest(carry)

    def _rest(self, run: bytes) -> bytes:
        """The two or three characters before padding; one alone says nothing."""
        if len(run) == 1:
            self.broken = True
        return binascii.a2b_base64(run + b"=" * (4 - len(run))) if len(run) > 1 else b""

    def _quoted_printable(self) -> Iterator[bytes]:
        carry = b""
        for piece in self._pieces():
            carry += piece
            cut = carry.rfind(b"\n") + 1
            if not cut and len(carry) > 4 * CHUNK:
                sign = carry.rfind(b"=", -3)
                cut = sign if sign > 0 else len(carry)
            if cut:
                yield binascii.a2b_qp(carry[:cut])
                carry = carry[cut:]
        yield binascii.a2b_qp(carry)

    def _yenc(self) -> Iterator[bytes]:
        raw = b"".join(self._pieces())
        _, files = without_yenc(raw)
        self.broken = not (files and files[0].whole)
        yield files[0].data if files else raw

    def _uuencode(self) -> Iterator[bytes]:
        inside = False
        for line in b"".join(self._pieces()).splitlines():
            if not inside:
                inside = line.startswith(b"begin ")
            elif line.strip() == b"end":
                return
            elif line:
                try:
                    yield binascii.a2b_uu(line)
                except binascii.Error:
                    self.broken = True
        self.broken = True
