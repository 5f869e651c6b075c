"""Asking the keeper from another process: one socket in the archive, one request a connection, JSON lines.

Here is what both sides say and the asking side, which needs nothing of a keeper; the keeper's side is ``flow/door``.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base import errors
from unburnt.base.errors import KeeperGone, UnburntError
from unburnt.model.seal import SealRequest
from unburnt.model.views import Progress
from unburnt.vault.keeper_files import SOCKET

LONGEST_LINE = 16 << 20


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """*verb*: ``add passwords erase progress seal``."""

    verb: str
    paths: tuple[bytes, ...] = ()
    passwords: tuple[str, ...] = ()
    note: str = ""
    digest: str = ""
    fields: tuple[str, ...] = ()
    why: str = ""
    with_containers: bool = False
    wait: bool = True
    readmit: bool = False
    seal: SealRequest | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Any number with *progress*, then one with *last*: its *value*, or an error by class name."""

    progress: Progress | None = None
    last: bool = False
    value: Any = None
    error: str | None = None
    message: str = ""
    remedy: str | None = None


def ask(root: Path, request: Request, tell: Callable[[Progress], None] | None = None) -> Any:
    """Ask the keeper of the archive at *root*; raises its errors here, :class:`KeeperGone` when there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            with short_address(root) as address:
                line.connect(address)
        except OSError as error:
            raise KeeperGone("No keeper of this archive answers.", remedy="Run the command again.") from error
        if (user := user_of(line)) not in (os.getuid(), 0, root.stat().st_uid):
            raise UnburntError(
                f"Behind {SOCKET} of this archive a process of another user (number {user}) answers. It was told nothing.",
                remedy="Find out who put it there, and take it out.",
            )
        with line.makefile("rwb") as stream, contextlib.suppress(OSError):
            stream.write(msgspec.json.encode(request) + b"\n")
            stream.flush()
            while untrusted_line := stream.readline(LONGEST_LINE):
                answer = msgspec.json.decode(untrusted_line, type=Answer)
                if answer.progress is not None and tell is not None:
                    tell(answer.progress)
                if answer.last:
                    return _value(answer)
    raise KeeperGone("The keeper stopped before it had answered.", remedy="Run the command again; nothing is lost.")


def user_of(line: socket.socket) -> int:
    """The user whose process is at the other end (unix(7))."""
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(user)


def _value(answer: Answer) -> Any:
    if answer.error is None:
        return answer.value
    kind = getattr(errors, answer.error, UnburntError)
    if not (isinstance(kind, type) and issubclass(kind, UnburntError)) or kind is errors.QuerySyntaxError:
        kind = UnburntError
    raise kind(answer.message, remedy=answer.remedy)


@contextlib.contextmanager
def short_address(root: Path) -> Iterator[str]:
    """An address of at most 108 bytes (unix(7)) however long the archive's path is."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
