"""Cabinets, LZH and ARJ archives made by hand: packed by the simplest streams that their methods allow."""

from __future__ import annotations

import struct
import zlib

DOS = (37 << 9 | 2 << 5 | 6) << 16 | 10 << 11
"""2017-02-06 10:00 as DOS writes it."""
LZX_WINDOW = 16


class Bits:
    """Bits, the first one highest."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def put(self, value: int, count: int) -> None:
        self._bits.append(f"{value:0{count}b}")

    def bytes(self, word: int = 1) -> bytes:
        """In words of so many bytes, each little-endian."""
        text = "".join(self._bits)
        text += "0" * (-len(text) % (8 * word))
        return b"".join(int(text[at : at + 8 * word], 2).to_bytes(word, "little") for at in range(0, len(text), 8 * word))


def lzh_literals(data: bytes, *, place_bits: int = 4) -> bytes:
    """A Huffman block in which every letter has a code of eight bits and nothing is repeated (lh5; lh7 and ARJ with 5)."""
    out = Bits()
    for start in range(0, len(data), 60_000):
        block = data[start : start + 60_000]
        out.put(len(block), 16)
        out.put(0, 5)
        out.put(10, 5)  # the only length of a code's length: 8, written as 10
        out.put(256, 9)
        out.put(0, place_bits)
        out.put(0, place_bits)
        for letter in block:
            out.put(letter, 8)
    return out.bytes()


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def lzh(name: bytes, data: bytes, *, level: int = 0, method: bytes = b"-lh0-", packed: bytes | None = None, folder: bytes = b"") -> bytes:
    packed = data if packed is None else packed
    extended = [b"\1" + name] + ([b"\2" + folder.replace(b"/", b"\xff")] if folder else [])
    if level < 2:
        if level == 0:
            chain, tail = b"", b""
        else:
            tail = b"U" + struct.pack("<H", len(extended[0]) + 2)
            chain = b"".join(_chained(extended, 2))
        shown = name if level == 0 else b""
        body = method + struct.pack("<3I2B", len(packed) + len(chain), len(data), DOS, 0x20, level)
        body += bytes([len(shown)]) + shown + struct.pack("<H", crc16(data)) + tail
        return bytes([len(body), sum(body) & 0xFF]) + body + chain + packed
    width = 2 if level == 2 else 4
    chain = b"".join(_chained(extended, width))
    first = (len(extended[0]) + width).to_bytes(width, "little")
    body = method + struct.pack("<3I2BHB", len(packed), len(data), 1486375200, 0x20, level, crc16(data), ord("U"))
    if level == 2:
        return struct.pack("<H", 2 + len(body) + 2 + len(chain)) + body + first + chain + packed
    return struct.pack("<H", 4) + body + struct.pack("<I", 2 + len(body) + 4 + 4 + len(chain)) + first + chain + packed


def _chained(extended: list[bytes], width: int) -> list[bytes]:
    """Each header, and behind it how long the next one is."""
    lengths = [len(one) + width for one in extended[1:]] + [0]
    return [one + length.to_bytes(width, "little") for one, length in zip(extended, lengths, strict=True)]


def arj_header(
    name: bytes, data: bytes, packed: bytes, *, method: int = 0, kind: int = 0, flags: int = 0, crc: int | None = None
) -> bytes:
    crc = zlib.crc32(data) if crc is None else crc
    body = bytes([30, 11, 1, 0, flags, method, kind, 0]) + struct.pack("<4I3H", DOS, len(packed), len(data), crc, 0, 0x20, 0) + name + b"\0\0"
    return b"\x60\xea" + struct.pack("<H", len(body)) + body + struct.pack("<I", zlib.crc32(body)) + b"\0\0"


def arj(*members: bytes) -> bytes:
    return arj_header(b"made.arj", b"", b"", kind=2) + b"".join(members) + b"\x60\xea\0\0"


def lzx_stored(data: bytes) -> bytes:
    """An LZX stream of one block that is not compressed."""
    out = Bits()
    out.put(0, 1)
    out.put(3, 3)
    out.put(len(data), 24)
    return out.bytes(2) + struct.pack("<3I", 1, 1, 1) + data + bytes(len(data) % 2)


def mszip(data: bytes) -> list[tuple[bytes, int]]:
    frames, before = [], b""
    for start in range(0, len(data), 32768):
        piece = data[start : start + 32768]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before) if before else zlib.compressobj(9, zlib.DEFLATED, -15)
        frames.append((b"CK" + packer.compress(piece) + packer.flush(), len(piece)))
        before = piece
    return frames


def cabinet(
    members: list[tuple[bytes, int, int, int]], folders: list[tuple[int, list[tuple[bytes, int]]]], *, previous: bytes = b"", checksum: int = 0
) -> bytes:
    """*members*: name, size, start, folder; *folders*: method and frames of packed bytes with their unpacked length."""
    flags = 1 if previous else 0
    names = previous + b"\0disk 1\0" if previous else b""
    listed = b"".join(struct.pack("<2I4H", size, start, folder, DOS >> 16, DOS & 0xFFFF, 0x20) + name + b"\0" for name, size, start, folder in members)
    at = 36 + len(names) + 8 * len(folders)
    data, described = b"", b""
    for method, frames in folders:
        described += struct.pack("<I2H", at + len(listed) + len(data), len(frames), method)
        data += b"".join(struct.pack("<I2H", checksum, len(packed), length) + packed for packed, length in frames)
    total = at + len(listed) + len(data)
    head = b"MSCF" + struct.pack("<5I2B5H", 0, total, 0, at, 0, 3, 1, len(folders), len(members), flags, 7, 1 if previous else 0)
    return head + names + described + listed + data


def help_file(members: list[tuple[bytes, bytes]], *, stored: list[tuple[bytes, bytes]] = [], interval: int = 2) -> bytes:  # noqa: B006 - only read
    """A compiled help file whose pages lie in an LZX stream of blocks that are not compressed; *stored* lie beside it."""
    stream = b"".join(data for _, data in members)
    packed, places = b"", []
    for number in range(-(-len(stream) // 32768)):
        places.append(len(packed))
        block = stream[number * 32768 : (number + 1) * 32768]
        packed += lzx_stored(block) if number % interval == 0 else _lzx_going_on(block)
    base = b"::DataSpace/Storage/MSCompressed/"
    resets = struct.pack("<4I3Q", 2, len(places), 8, 40, len(stream), len(packed), 32768) + struct.pack(f"<{len(places)}Q", *places)
    control = struct.pack("<I4s5I", 6, b"LZXC", 2, interval, 2, 1, 0)
    plain = [*stored, (base + b"ControlData", control), (base + b"Content", packed),
             (base + b"Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable", resets)]  # fmt: skip
    listed, content = b"", b""
    for path, data in plain:
        listed += _entry(path, 0, len(content), len(data))
        content += data
    at = 0
    for path, data in members:
        listed += _entry(path, 1, at, len(data))
        at += len(data)
    chunk = 4096
    assert len(listed) <= chunk - 0x14
    directory = b"ITSP" + struct.pack("<11I", 1, 0x54, 10, chunk, 2, 1, 0xFFFFFFFF, 0, 0, 0xFFFFFFFF, 1) + bytes(0x54 - 48)
    directory += b"PMGL" + struct.pack("<I4x2i", chunk - 0x14 - len(listed), -1, -1) + listed
    directory = directory.ljust(0x54 + chunk, b"\0")
    head = b"ITSF" + struct.pack("<5I", 3, 0x60, 1, 0, 0x804) + bytes(32) + struct.pack("<5Q", 0x60, 0, 0x60, len(directory), 0x60 + len(directory))
    return head + directory + content


def _lzx_going_on(data: bytes) -> bytes:
    """A block further on in a stream: without the bit that says whether calls of x86 were changed."""
    out = Bits()
    out.put(3, 3)
    out.put(len(data), 24)
    return out.bytes(2) + struct.pack("<3I", 1, 1, 1) + data + bytes(len(data) % 2)


def _entry(path: bytes, section: int, start: int, length: int) -> bytes:
    return _seven(len(path)) + path + _seven(section) + _seven(start) + _seven(length)


def _seven(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
