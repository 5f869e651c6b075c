"""What a freshly forked child does before and around the untrusted work; it never returns."""

from __future__ import annotations

import ctypes
import fcntl
import os
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from unburnt.sandbox import privileges, syscalls, wire
from unburnt.sandbox.allowed import EXEC_DESCRIPTOR
from unburnt.sandbox.locks import Locks, opened

Main = Callable[[bytes, list[int], Callable[[bytes], None]], None]
SPARE_DESCRIPTORS: Final = 32
"""How many more descriptors a child may have open at once than it was given."""
_TOOL_DESCRIPTORS: Final = 64
_TOOL_ENVIRONMENT: Final = (b"OMP_THREAD_LIMIT=1", b"LC_ALL=C.UTF-8")
_AT_EMPTY_PATH: Final = 0x1000
CANNOT_RUN: Final = 126
"""The exit status when a tool's binary could not be run."""


def place(descriptors: Sequence[int]) -> None:
    """Make *descriptors* this process's 0, 1, 2 ..., and close every other."""
    # All are lifted first, so that no target is overwritten before it was copied.
    lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, len(descriptors)) for descriptor in descriptors]
    for target, descriptor in enumerate(lifted):
        os.dup2(descriptor, target)
    os.closerange(len(lifted), 1 << 20)


def run_reader(
    main: Main, order: wire.Order, locks: Locks, base: tuple[int, int], descriptors: Sequence[int]
) -> NoReturn:
    """Lock, then give *main* the payload and files; *descriptors* are null, output, payload, errors, files.

    *base* is the address space that the zygote uses, and what of it is in memory, in bytes: all that may be mapped beyond
    the first is what the limit leaves beside the second.
    """
    null, output, payload, errors, *files = descriptors
    untrusted_payload = wire.read_all(payload)
    place([null, null, errors, output, *files, *locks.descriptors])
    count = 4 + len(files)
    privileges.set_limits(
        address_space_bytes=base[0] + privileges.left_of(order.memory, base[1]), cpu_seconds=order.cpu_seconds,
        descriptors=count + SPARE_DESCRIPTORS,
    )
    locks.lock_reader(range(count, count + len(locks.descriptors)))
    try:
        main(untrusted_payload, list(range(4, count)), wire.sender(3, order.frame))
    except MemoryError:
        wire.last_word(3, wire.NO_MEMORY)
    except BaseException as error:  # noqa: BLE001 - a panic inside a Rust library is no Exception
        wire.last_word(3, wire.FAILED, type(error).__name__)
    else:
        wire.last_word(3, wire.DONE)
    os._exit(0)


def run_tool(order: wire.Order, locks: Locks, descriptors: Sequence[int]) -> NoReturn:
    """Lock and become the tool; *descriptors* are null, output, payload (unused), errors, standard input."""
    _, output, _, errors, stdin = descriptors
    place([stdin, output, errors])
    binary = os.open(order.argv[0], os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(binary, EXEC_DESCRIPTOR, inheritable=False)
    os.close(binary)
    readable = opened(order.readable)
    arguments = _vector([os.fsencode(argument) for argument in order.argv])
    environment = _vector(_TOOL_ENVIRONMENT)
    privileges.set_limits(
        address_space_bytes=order.memory, cpu_seconds=order.cpu_seconds, descriptors=_TOOL_DESCRIPTORS
    )
    # Standard input may be opened again as /dev/stdin: it is readable anyway.
    locks.lock_tool(EXEC_DESCRIPTOR, [*readable, 0])
    syscalls.call("execveat", EXEC_DESCRIPTOR, b"", arguments, environment, _AT_EMPTY_PATH)
    os._exit(CANNOT_RUN)


def _vector(values: Sequence[bytes]) -> ctypes.Array[ctypes.c_char_p]:
    return (ctypes.c_char_p * (len(values) + 1))(*values, None)
