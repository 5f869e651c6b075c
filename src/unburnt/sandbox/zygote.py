"""The zygote: a single-threaded process that imports the entry once, forks a locked child per order, and buries it.

Run as ``python -m unburnt.sandbox.zygote CONTROL KEEPER ENTRY LOCKS``: two descriptors (the control
socket; the keeper's process descriptor), ``module:function``, and ``locked`` or ``unlocked``.
It never sees untrusted bytes: payload and files go unread to the children.
"""

from __future__ import annotations

import contextlib
import ctypes
import encodings
import gc
import importlib
import os
import pkgutil
import platform
import resource
import select
import signal
import socket
import sys
from typing import Any, Final, NoReturn

from unburnt.sandbox import bytecode, child, privileges, wire
from unburnt.sandbox.locks import Locks

_NOT_EVERYWHERE: Final = {"encodings.mbcs", "encodings.oem", "encodings.cp65001"}


def import_encodings() -> None:
    """Import every codec: Python imports them when first used, which a locked child no longer can."""
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        if module.name not in _NOT_EVERYWHERE:
            importlib.import_module(module.name)


def import_named(entry: str) -> Any:
    """The function that ``module:function`` names, after its module's optional ``warm()`` has run."""
    name, _, function = entry.partition(":")
    module = importlib.import_module(name)
    if warm := getattr(module, "warm", None):
        warm()
    return getattr(module, function)


class Zygote:
    """The keeper's orders in, children out."""

    def __init__(self, control: socket.socket, keeper: int, main: child.Main, locks: Locks) -> None:
        self._control = control
        self._keeper = keeper
        self._main = main
        self._locks = locks
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._children: dict[int, tuple[int, socket.socket]] = {}
        self._process = os.getpid()
        self._poll = select.poll()
        for descriptor in (control.fileno(), keeper):
            self._poll.register(descriptor, select.POLLIN)
        self._base = privileges.address_space()
        self._base_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def serve(self) -> None:
        """Until the keeper goes; then every child is killed."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._bury(descriptor)
                elif descriptor == self._keeper or not self._obey():
                    self._end()
                    return

    def _obey(self) -> bool:
        order, descriptors = wire.ordered(self._control)
        if order is None:
            return False
        status = socket.socket(fileno=descriptors[0])
        try:
            process = os.fork()
        except OSError as error:
            with contextlib.suppress(OSError):
                wire.tell(status, wire.NotStarted(type(error).__name__))
        else:
            if process == 0:
                self._become(order, descriptors)
            self._watch(process, status)
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        return True

    def _become(self, order: wire.Order, descriptors: list[int]) -> NoReturn:
        try:
            privileges.die_with(self._process)
            os.setsid()
            rest = [self._null, *descriptors[1:]]
            if order.profile == "tool":
                child.run_tool(order, self._locks, rest)
            child.run_reader(self._main, order, self._locks, self._base, rest)
        finally:
            # Whatever went wrong, a child never goes on as a second zygote.
            os._exit(child.CANNOT_RUN)

    def _watch(self, process: int, status: socket.socket) -> None:
        descriptor = os.pidfd_open(process)
        self._children[descriptor] = (process, status)
        self._poll.register(descriptor, select.POLLIN)
        # A keeper that no longer listens has closed the child's pipe too; the child is still buried.
        with contextlib.suppress(OSError):
            wire.tell(status, wire.Started(), [descriptor])

    def _bury(self, descriptor: int) -> None:
        process, status = self._children.pop(descriptor)
        self._poll.unregister(descriptor)
        # Before it is waited for, so that its number cannot have been given to another.
        with contextlib.suppress(OSError):
            os.killpg(process, signal.SIGKILL)
        _, ended, usage = os.wait4(process, 0)
        os.close(descriptor)
        told = wire.Exited(ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, self._base_memory)
        with contextlib.suppress(OSError):
            wire.tell(status, told)
        status.close()

    def _end(self) -> None:
        for process, _ in self._children.values():
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)


def _problem(entry: str) -> str:
    threads = len(os.listdir("/proc/self/task"))
    return "" if threads == 1 else f"importing {entry} leaves {threads} threads behind; a zygote must have one"


def main() -> None:
    """Get ready, say so, and serve."""
    control_descriptor, keeper, entry, lock = sys.argv[1:]
    control = socket.socket(fileno=int(control_descriptor))
    os.set_inheritable(int(keeper), False)
    os.set_inheritable(int(control_descriptor), False)
    compiled = bytecode.watch()
    # Nothing that is imported is garbage, and looking for it costs as much as running it.
    gc.disable()
    try:
        import_encodings()
        # Asked for by many libraries, and remembered: a locked child may not ask.
        platform.uname()
        # The machinery behind C callbacks reads files when first used.
        ctypes.CFUNCTYPE(None)(lambda: None)
        function = import_named(entry)
        problem = _problem(entry)
        if lock == "locked":
            privileges.forgo()
        locks = Locks(on=lock == "locked")
    except BaseException as error:
        wire.tell(control, wire.Ready(f"{type(error).__name__}: {error}"[:2000]))
        raise
    os.environ.clear()
    gc.collect()
    gc.freeze()
    gc.enable()
    zygote = Zygote(control, int(keeper), function, locks)
    wire.tell(control, wire.Ready(problem, len(compiled)))
    zygote.serve()


if __name__ == "__main__":
    main()
