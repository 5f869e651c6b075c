"""Compressed RTF of Outlook messages (MS-OXRTFCP)."""

from __future__ import annotations

import struct

COMPRESSED, STORED = 0x75465A4C, 0x414C454D
WINDOW = 4096
MOST_TEXT = 64 << 20
DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New "
    rb"RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def decompress_rtf(untrusted_data: bytes) -> tuple[bytes, bool]:
    """The RTF, and whether all of it could be had."""
    if len(untrusted_data) < 16:
        return b"", False
    size, raw_size, kind, _ = struct.unpack_from("<IIII", untrusted_data)
    body = untrusted_data[16 : min(len(untrusted_data), size + 4)]
    wanted = min(raw_size, MOST_TEXT)
    if kind == STORED:
        return body[:wanted], len(body) >= raw_size
    if kind != COMPRESSED:
        return b"", False
    out, ended = _expand(body, wanted)
    return out, ended or len(out) >= raw_size


def _expand(body: bytes, wanted: int) -> tuple[bytes, bool]:
    """LZ77 with a ring of 4096 bytes; a reference to the place of writing ends the text."""
    # What the ring holds is the end of this, which is never turned round: places in it are counted from the beginning.
    text = bytearray(WINDOW - len(DICTIONARY)) + DICTIONARY
    at, first = 0, len(text)
    shift = len(DICTIONARY) - first
    wanted += first
    while at < len(body) and len(text) < wanted:
        control = body[at]
        at += 1
        if not control and at + 8 <= len(body):
            text += body[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if control & 1 << bit:
                if at + 2 > len(body):
                    return bytes(text[first:]), False
                token = body[at] << 8 | body[at + 1]
                at += 2
                back = (len(text) + shift - (token >> 4)) % WINDOW
                if not back:
                    return bytes(text[first:]), True
                _repeat(text, back, (token & 15) + 2)
            else:
                if at >= len(body):
                    return bytes(text[first:]), False
                text.append(body[at])
                at += 1
    return bytes(text[first:wanted]), False


def _repeat(text: bytearray, back: int, length: int) -> None:
    """Append *length* bytes from *back* bytes before the end, which may reach into what is being appended."""
    piece = text[-back : len(text) - back + length] if length < back else text[-back:]
    text += (piece * (length // back + 1))[:length]
