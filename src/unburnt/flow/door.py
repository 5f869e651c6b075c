"""The keeper's side of its socket: who may come in, and what is done for them.

The socket is 0600 in a 0700 folder, and the other side's user is checked besides (SO_PEERCRED).
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base.errors import UnburntError, UsageError
from unburnt.flow import seal_acts
from unburnt.flow.erasing import erase_document, erase_fields
from unburnt.flow.keeper import Keeper
from unburnt.flow.wire import LONGEST_LINE, Answer, Request, short_address, user_of
from unburnt.model.views import Progress
from unburnt.vault.keeper_files import SOCKET


def perform(keeper: Keeper, request: Request, tell: Callable[[Progress], None]) -> Any:
    """Do what is asked, wherever it was asked from."""
    match request.verb:
        case "progress":
            return msgspec.to_builtins(keeper.progress())
        case "add":
            if request.passwords:
                keeper.give_passwords(request.passwords)
            accessions = [
                keeper.receive(Path(os.fsdecode(path)), note=request.note, readmit=request.readmit)
                for path in request.paths
            ]
            keeper.retry({"ocr", "another try"})
            if request.wait:
                keeper.wait_until_idle(tell)
                keeper.raise_failures_of(accessions)
            return accessions
        case "passwords":
            tried = keeper.give_passwords(request.passwords)
            if request.wait:
                keeper.wait_until_idle(tell)
            return tried
        case "seal" if request.seal is not None and request.seal.act == "cite":
            return seal_acts.cite(keeper, request.seal.digest)
        case "seal" if request.seal is not None:
            asked = request.seal
            return keeper.call(lambda: seal_acts.perform(keeper.stores, asked))
        case "erase" if request.fields:
            return keeper.call(lambda: erase_fields(keeper.stores, request.digest, request.fields, why=request.why))
        case "erase":
            gone = keeper.call(lambda: erase_document(
                keeper.stores, request.digest, why=request.why, with_containers=request.with_containers))
            keeper.wait_until_idle()
            return gone
    raise UsageError(f"The keeper knows no request {request.verb!r}.")


class Door:
    """The keeper's socket: a thread that answers one connection each in a thread of its own."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._root = keeper.layout.root
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            (self._root / SOCKET).unlink(missing_ok=True)
        except OSError as error:
            self._socket.close()
            raise UnburntError(f"{SOCKET} of this archive cannot be put in place ({error.strerror}).",
                               remedy="Look what stands there (unburnt doctor), and take it out.") from error
        with short_address(self._root) as address:
            before = os.umask(0o177)
            try:
                self._socket.bind(address)
            finally:
                os.umask(before)
        self._socket.listen(16)
        threading.Thread(target=self._serve, name="door", daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError):
            (self._root / SOCKET).unlink()

    def _serve(self) -> None:
        while True:
            try:
                guest, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(guest,), daemon=True).start()

    def _answer(self, guest: socket.socket) -> None:
        with guest, guest.makefile("rwb") as stream, contextlib.suppress(OSError):
            if user_of(guest) not in (os.getuid(), 0):
                return
            lock = threading.Lock()

            def say(answer: Answer) -> None:
                with lock:
                    stream.write(msgspec.json.encode(answer) + b"\n")
                    stream.flush()

            try:
                request = msgspec.json.decode(stream.readline(LONGEST_LINE), type=Request)
                say(Answer(last=True, value=perform(self._keeper, request, lambda p: say(Answer(progress=p)))))
            except msgspec.DecodeError:
                say(Answer(last=True, error="UsageError", message="The request was not understood."))
            except UnburntError as error:
                say(Answer(last=True, error=type(error).__name__, message=error.message, remedy=error.remedy))
