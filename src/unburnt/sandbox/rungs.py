"""The ladder of isolation: what this machine offers, and how a process is started on each rung."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from unburnt.base.errors import SandboxUnavailable, UsageError
from unburnt.sandbox import landlock, syscalls

BOTH: Final = "bubblewrap+landlock"
LANDLOCK: Final = "landlock"
UNSAFE: Final = "unsafe"
_SYSTEM_FOLDERS: Final = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/alternatives")


def search_path() -> list[str]:
    """The folders from which a started Python imports, as this one does."""
    return [os.path.abspath(entry) for entry in sys.path if entry]


def command(rung: str, arguments: Sequence[str], readable: Sequence[str] = ()) -> list[str]:
    """The command line that runs this Python with *arguments* on *rung*, in its own namespaces where it has any."""
    python = [sys.executable, "-s", "-P", *arguments]
    if rung != BOTH:
        return python
    wrapper = [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--as-pid-1", "--hostname", "unburnt",
        "--cap-drop", "ALL", "--cap-add", "CAP_SYS_CHROOT",
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
    ]  # fmt: skip
    for path in _visible(readable):
        wrapper += ["--ro-bind-try", path, path]
    return [*wrapper, "--remount-ro", "/", "--chdir", "/", "--", *python]


def _visible(readable: Sequence[str]) -> list[str]:
    """What a wrapped process sees, parents before children, since a later mount hides an earlier one beneath it."""
    own = [sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable)), *search_path()]
    return sorted({*_SYSTEM_FOLDERS, *(os.path.abspath(path) for path in (*own, *readable))})


def environment() -> dict[str, str]:
    """All that a started Python is told: where to import from, and to leave no threads behind."""
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "MKL_NUM_THREADS": "1"}
    return {
        "PYTHONPATH": os.pathsep.join(search_path()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        **threads,
    }


@functools.cache
def available_rungs() -> list[str]:
    """The locked rungs this machine offers, the strongest first; empty where parsers cannot be locked in."""
    if not (landlock.version() and syscalls.number("read") is not None and _filters_work()):
        return []
    return [BOTH, LANDLOCK] if _bubblewrap_works() else [LANDLOCK]


def choose(rung: str | None, *, unsafe: bool) -> str:
    """The rung to stand on; raises SandboxUnavailable when there is none, UsageError for an unknown one."""
    offered = available_rungs()
    if rung is None:
        rung = offered[0] if offered else UNSAFE
    if rung not in (BOTH, LANDLOCK, UNSAFE):
        raise UsageError(f"There is no sandbox rung called {rung!r}.", remedy=f"Use {BOTH!r} or {LANDLOCK!r}.")
    if rung in offered or (rung == UNSAFE and unsafe):
        return rung
    raise SandboxUnavailable(
        "This machine cannot lock parsers in: it needs Linux 5.13 or newer with Landlock and seccomp.",
        remedy="Use another machine, or allow it with --unsafe-parsers for material that you trust.",
    )


def _filters_work() -> bool:
    """Whether seccomp filters exist here: asking for one with a null program fails differently where they do not."""
    try:
        syscalls.call("seccomp", 1, 0, None)
    except OSError as error:
        return error.errno in (13, 14)
    return True


def _bubblewrap_works() -> bool:
    if not shutil.which("bwrap"):
        return False
    try:
        ended = subprocess.run(command(BOTH, ["-S", "-c", ""]), env={}, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
