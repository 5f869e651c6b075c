"""The zygote: a single-threaded process that imports the entry once, forks a locked child per order, and buries it.

An entry whose module has ``warm_nest(name)`` loads in parts: for each nest that is asked for, the zygote forks a process
which loads that part and serves in its turn, so that no child is forked from a process full of what it never uses.

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
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Final, NoReturn

from unburnt.sandbox import bytecode, child, privileges, wire
from unburnt.sandbox.locks import Locks

WarmNest = Callable[[str], None]
_GARBAGE_EVERY: Final = 20_000
"""Objects between two looks for garbage: most children end before the first."""
_NOT_EVERYWHERE: Final = {"encodings.mbcs", "encodings.oem", "encodings.cp65001"}


def import_encodings() -> None:
    """Import every codec: Python imports them when first used, which a locked child no longer can."""
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        if module.name not in _NOT_EVERYWHERE:
            importlib.import_module(module.name)


def import_named(entry: str) -> Any:
    """The function that ``module:function`` names, after its module's optional ``warm()`` has run."""
    module, function = named(entry)
    if warm := getattr(module, "warm", None):
        warm()
    return function


def named(entry: str) -> tuple[ModuleType, Any]:
    """The module and the function that ``module:function`` names."""
    name, _, function = entry.partition(":")
    module = importlib.import_module(name)
    return module, getattr(module, function)


class Zygote:
    """The keeper's orders in, children out."""

    def __init__(
        self, control: socket.socket, keeper: int, main: child.Main, locks: Locks, warm_nest: WarmNest | None,
        compiled: Sequence[str],
    ) -> None:
        self._keeper = keeper
        self._main = main
        self._locks = locks
        self._warm_nest = warm_nest
        self._compiled = compiled
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._begin(control)

    def _begin(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, tuple[int, socket.socket]] = {}
        self._nests: dict[str, tuple[int, socket.socket]] = {}
        self._process = os.getpid()
        self._poll = select.poll()
        for descriptor in (control.fileno(), self._keeper):
            self._poll.register(descriptor, select.POLLIN)
        self._base = privileges.mapped_and_held()

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
        if self._warm_nest is not None and order.profile == "reader":
            self._pass_on(order, descriptors)
            return True
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

    def _pass_on(self, order: wire.Order, descriptors: list[int]) -> None:
        """Give an order to the nest it names; one that has died is made again, once."""
        for _ in range(2):
            # Where no nest can be had the keeper sees its child's status socket close.
            with contextlib.suppress(OSError):
                if order.nest not in self._nests:
                    self._nests[order.nest] = self._make_nest(order.nest, descriptors)
                wire.order(self._nests[order.nest][1], order, descriptors)
                break
            self._drop_nest(order.nest)
        for descriptor in descriptors:
            os.close(descriptor)

    def _make_nest(self, nest: str, received: list[int]) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = os.fork()
        if process == 0:
            try:
                privileges.die_with(self._process)
                os.setsid()
                ours.close()
                # Its copies of what the first child is given would outlive that child.
                for descriptor in received:
                    os.close(descriptor)
                self._become_nest(nest, theirs)
            finally:
                os._exit(child.CANNOT_RUN)
        theirs.close()
        return process, ours

    def _become_nest(self, nest: str, control: socket.socket) -> None:
        statuses = [status for _, status in self._children.values()]
        for other in (self._control, *statuses, *(channel for _, channel in self._nests.values())):
            other.close()
        for descriptor in self._children:
            os.close(descriptor)
        gc.disable()
        if self._warm_nest is not None:
            self._warm_nest(nest)
        self._warm_nest = None
        if _problem(nest):
            return
        settle()
        self._begin(control)
        self.serve()

    def _drop_nest(self, nest: str) -> None:
        process, channel = self._nests.pop(nest, (0, None))
        if channel is not None:
            channel.close()
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)

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
        told = wire.Exited(ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, self._base[1], len(self._compiled))
        with contextlib.suppress(OSError):
            wire.tell(status, told)
        status.close()

    def _end(self) -> None:
        for process, _ in (*self._children.values(), *self._nests.values()):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)


def _problem(entry: str) -> str:
    threads = len(os.listdir("/proc/self/task"))
    return "" if threads == 1 else f"importing {entry} leaves {threads} threads behind; a zygote must have one"


def keep_loaded() -> None:
    """What is loaded stays, and is never looked through for garbage: forks share its pages as long as nobody writes."""
    gc.freeze()
    gc.set_threshold(_GARBAGE_EVERY)


def settle() -> None:
    """Nothing is loaded any more."""
    os.environ.clear()
    keep_loaded()
    gc.enable()


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
        module, function = named(entry)
        warm_nest = getattr(module, "warm_nest", None)
        if warm_nest is None:
            function = import_named(entry)
        problem = _problem(entry)
        if lock == "locked":
            privileges.forgo()
        locks = Locks(on=lock == "locked")
    except BaseException as error:
        wire.tell(control, wire.Ready(f"{type(error).__name__}: {error}"[:2000]))
        raise
    keep_loaded() if warm_nest else settle()
    zygote = Zygote(control, int(keeper), function, locks, warm_nest, compiled)
    wire.tell(control, wire.Ready(problem))
    zygote.serve()


if __name__ == "__main__":
    main()
