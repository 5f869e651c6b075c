"""What keeper, zygote and children say to each other, and how it is framed.

An answer on a child's pipe is a length (4 bytes, little endian) and that many bytes. The length
``LAST`` announces the last word instead: one byte of kind and one of length, then a short name.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

LENGTH: Final = struct.Struct("<I")
LAST: Final = 0xFFFFFFFF
DONE, FAILED, NO_MEMORY = b"D", b"F", b"M"
MOST_DESCRIPTORS: Final = 240
"""The kernel passes at most 253 at once."""
LONGEST_ORDER: Final = 128 * 1024


class Order(msgspec.Struct, frozen=True):
    """The keeper asks the zygote for one child; descriptors follow: status, output, payload, errors, files."""

    profile: str
    memory: int
    cpu_seconds: float
    frame: int
    argv: list[str] = []
    readable: list[str] = []
    nest: str = ""
    """Which of the entry's nests the child is to be forked from, where it has any."""


class Told(msgspec.Struct, frozen=True, tag=True):
    """What the zygote tells on a child's own status socket, or about itself; base of the four below."""


class Ready(Told, frozen=True, tag=True):
    """The entry is imported; children may be ordered."""

    problem: str = ""


class Started(Told, frozen=True, tag=True):
    """A child runs; its process descriptor comes along."""


class NotStarted(Told, frozen=True, tag=True):
    """The child could not be forked; the error's name."""

    problem: str


class Exited(Told, frozen=True, tag=True):
    """How a child ended, as ``wait4`` says; seconds of processor time, peak resident bytes.

    *compiled* tells how many modules were loaded for it that had no bytecode.
    """

    status: int
    cpu_seconds: float
    peak_memory: int
    base_memory: int
    compiled: int = 0


_decoder = msgspec.msgpack.Decoder(Ready | Started | NotStarted | Exited)
_order_decoder = msgspec.msgpack.Decoder(Order)


def tell(channel: socket.socket, told: Told, descriptors: Sequence[int] = ()) -> None:
    """Send one message; raises OSError."""
    socket.send_fds(channel, [msgspec.msgpack.encode(told)], list(descriptors))


def told(channel: socket.socket) -> tuple[Told | None, list[int]]:
    """Receive one message and what came along; None at the end."""
    data, descriptors = _receive(channel, 4096, 1)
    return (_decoder.decode(data) if data else None), descriptors


def order(channel: socket.socket, wanted: Order, descriptors: Sequence[int]) -> None:
    """Send one order; raises OSError."""
    socket.send_fds(channel, [msgspec.msgpack.encode(wanted)], list(descriptors))


def ordered(channel: socket.socket) -> tuple[Order | None, list[int]]:
    """Receive one order; None when the keeper has gone."""
    data, descriptors = _receive(channel, LONGEST_ORDER, MOST_DESCRIPTORS + 8)
    return (_order_decoder.decode(data) if data else None), descriptors


def request(channel: socket.socket, descriptors: Sequence[int]) -> None:
    """Ask a service: the descriptors of the payload and of the files; raises OSError."""
    socket.send_fds(channel, [b"?"], list(descriptors))


def requested(channel: socket.socket) -> list[int]:
    """What a service is asked; empty when the keeper has gone."""
    return _receive(channel, 16, MOST_DESCRIPTORS + 8)[1]


def _receive(channel: socket.socket, size: int, most: int) -> tuple[bytes, list[int]]:
    numbers = array.array("i")
    # Not socket.recv_fds: descriptors must not survive an exec in another thread.
    data, ancillary, _, _ = channel.recvmsg(size, socket.CMSG_SPACE(most * numbers.itemsize), socket.MSG_CMSG_CLOEXEC)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    return data, list(numbers)


def write_all(descriptor: int, *pieces: bytes) -> None:
    """Write every byte of *pieces*; raises OSError (BrokenPipeError when nobody reads any more)."""
    views = [memoryview(piece).cast("B") for piece in pieces if len(piece)]
    while views:
        written = os.writev(descriptor, views)
        while views and written >= len(views[0]):
            written -= len(views.pop(0))
        if views and written:
            views[0] = views[0][written:]


def read_all(descriptor: int) -> bytes:
    """Every byte of a file, from its start, wherever its offset stands."""
    pieces = []
    place = 0
    while piece := os.pread(descriptor, 1 << 20, place):
        pieces.append(piece)
        place += len(piece)
    return b"".join(pieces)


def sender(descriptor: int, longest: int) -> Callable[[bytes], None]:
    """A child's way to answer one frame at a time; raises ValueError when a frame is longer than *longest*."""

    def send(frame: bytes) -> None:
        if len(frame) > longest:
            raise ValueError("an answer is longer than its limit")
        write_all(descriptor, LENGTH.pack(len(frame)), frame)

    return send


def last_word(descriptor: int, kind: bytes, name: str = "") -> None:
    """Say how it ended; nothing may follow."""
    said = name.encode("ascii", "replace")[:200]
    write_all(descriptor, LENGTH.pack(LAST), kind, bytes([len(said)]), said)
