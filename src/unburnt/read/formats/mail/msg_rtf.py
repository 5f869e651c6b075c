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
    ring = bytearray(WINDOW)
    ring[: len(DICTIONARY)] = DICTIONARY
    write, at, out = len(DICTIONARY), 0, bytearray()
    while at < len(body) and len(out) < wanted:
        control = body[at]
        at += 1
        for bit in range(8):
            if control & 1 << bit:
                if at + 2 > len(body):
                    return bytes(out), False
                token = body[at] << 8 | body[at + 1]
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write:
                    return bytes(out), True
                for step in range(length):
                    byte = ring[(offset + step) % WINDOW]
                    out.append(byte)
                    ring[write] = byte
                    write = (write + 1) % WINDOW
            else:
                if at >= len(body):
                    return bytes(out), False
                out.append(body[at])
                ring[write] = body[at]
                write = (write + 1) % WINDOW
                at += 1
    return bytes(out[:wanted]), False
