"""Entries that misbehave on request, as a native parser under an attacker's control would."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

Send = Callable[[bytes], None]
WARMED = []


def warm() -> None:
    WARMED.append(os.getpid())


def main(payload: bytes, files: list[int], send: Send) -> None:
    DEEDS[payload.decode()](files, send)


def answer(request: bytes, files: list[int]) -> bytes:
    """A service's entry."""
    answers: list[bytes] = []
    DEEDS[request.decode()](files, answers.append)
    return b"".join(answers)


def allocate(files: list[int], send: Send) -> None:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def allocate_natively(files: list[int], send: Send) -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        block = libc.malloc(ctypes.c_size_t(1 << 20))
        ctypes.memset(block, 1, 1 << 20)  # a null block is written to, as careless C does


KEPT: list[bytearray] = []


def leak(files: list[int], send: Send) -> None:
    """What a library does that forgets to free: each call leaves 16 MiB behind."""
    KEPT.append(bytearray(b"x") * (16 << 20))
    send(b"%d" % len(KEPT))


def write_forever(files: list[int], send: Send) -> None:
    while True:
        send(b"x" * 65536)


def write_raw(data: bytes) -> Callable[[list[int], Send], None]:
    def deed(files: list[int], send: Send) -> None:
        os.write(3, data)
        os._exit(0)

    return deed


def spin(files: list[int], send: Send) -> None:
    while True:
        pass


def spin_catching(files: list[int], send: Send) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    spin(files, send)


def describe(files: list[int], send: Send) -> None:
    send(repr(dict(os.environ)).encode())
    open_ones = []
    for descriptor in range(256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        open_ones.append(descriptor)
    send(repr(open_ones).encode())
    send(repr([resource.getrlimit(which) for which in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)]).encode())
    send(repr(len(WARMED)).encode())


def decode_everything(files: list[int], send: Send) -> None:
    for name in (
        "utf-16-le",
        "gb18030",
        "cp1251",
        "big5hkscs",
        "koi8_r",
        "punycode",
        "iso2022_jp",
    ):
        send("拘留".encode(name, "ignore"))


def use_threads(files: list[int], send: Send) -> None:
    workers = [threading.Thread(target=send, args=(b"from a thread",)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def raise_odd(files: list[int], send: Send) -> None:
    raise type("<script>秘密", (BaseException,), {})


def read_given(files: list[int], send: Send) -> None:
    for file in files:
        send(os.read(file, 1 << 20))


def fork_bomb(files: list[int], send: Send) -> None:
    while True:
        os.fork()


def wake_itself(files: list[int], send: Send) -> None:
    """What runtimes do: a nameless pair of sockets, written to like a pipe; one that leads elsewhere is refused."""
    near, far = socket.socketpair()
    os.write(near.fileno(), b"woken")
    for family in (socket.AF_INET, socket.AF_NETLINK):
        try:
            socket.socketpair(family)
        except OSError as error:
            assert error.errno == errno.EPERM
        else:
            raise AssertionError(family)
    send(os.read(far.fileno(), 10))


def send_a_descriptor(files: list[int], send: Send) -> None:
    near, _ = socket.socketpair()
    socket.send_fds(near, [b"x"], [0])


DEEDS: dict[str, Callable[[list[int], Send], None]] = {
    "nothing": lambda files, send: None,
    "echo": read_given,
    "describe": describe,
    "decode": decode_everything,
    "threads": use_threads,
    "abort": lambda files, send: os.abort(),
    "null": lambda files, send: ctypes.memset(0, 0, 1) and None,
    "exit": lambda files, send: os._exit(0),
    "exit badly": lambda files, send: os._exit(7),
    "raise": lambda files, send: int("no number") and None,
    "raise odd": raise_odd,
    "leave": lambda files, send: sys.exit(),
    "interrupt": lambda files, send: os.kill(os.getpid(), signal.SIGTERM),
    "fork": fork_bomb,
    "open": lambda files, send: os.open("/etc/passwd", os.O_RDONLY) and None,
    "wake": wake_itself,
    "send descriptor": send_a_descriptor,
    "socket": lambda files, send: socket.socket() and None,
    "leak": leak,
    "allocate": allocate,
    "allocate natively": allocate_natively,
    "spin": spin,
    "spin catching": spin_catching,
    "sleep": lambda files, send: time.sleep(1000),
    "write forever": write_forever,
    "too long": lambda files, send: send(b"x" * (2 << 20)),
    "too long raw": write_raw(b"\xff\xff\xff\x7f" + b"x" * 1000),
    "garbage": write_raw(bytes(range(256)) * 16),
    "half a frame": write_raw(b"\x10\0\0\0half"),
    "after the end": write_raw(b"\xff\xff\xff\xffD\0" + b"y" * 5000),
    "false end": write_raw(b"\xff\xff\xff\xffF\xff" + b"z" * 20),
}
