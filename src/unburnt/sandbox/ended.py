"""How a child ended, and how that is told from what the kernel and the child say."""

from __future__ import annotations

import os
import re
import signal
from typing import Final

import msgspec

from unburnt.base.limits import Limits
from unburnt.sandbox import wire

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_MEMORY_SIGNALS: Final = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP)
_MEMORY_WORDS: Final = re.compile(
    rb"bad_alloc|out of memory|memory allocation of|cannot allocate|failed to allocate", re.IGNORECASE
)


class Ended(msgspec.Struct, frozen=True):
    """How one sandboxed run ended.

    ``kind`` is ``done``, ``crashed`` or ``refused`` (stopped at a limit); ``limit`` is ``memory``,
    ``cpu``, ``time``, ``output``, ``frame`` or ``forbidden call``; ``detail`` is a short sentence that holds
    nothing of the document. Seconds of processor time; peak resident bytes, shared ones included.
    """

    kind: str
    signal: str | None = None
    limit: str | None = None
    detail: str = ""
    cpu_seconds: float = 0.0
    peak_memory: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """What the keeper itself saw: a limit it enforced, or the child's last word."""

    limit: str | None = None
    detail: str = ""
    last_word: bytes | None = None
    untrusted_name: str = ""


def judge(exited: wire.Exited, verdict: Verdict, limits: Limits, untrusted_errors: bytes, *, is_tool: bool) -> Ended:
    """Put together what was seen; the keeper's own finding comes first."""

    def ended(kind: str, detail: str, limit: str | None = None, name: str | None = None) -> Ended:
        return Ended(kind, name, limit, detail, exited.cpu_seconds, exited.peak_memory)

    code = os.waitstatus_to_exitcode(exited.status)
    name = _signal_name(-code) if code < 0 else None
    if verdict.limit:
        return ended("refused", verdict.detail, verdict.limit, "SIGKILL")
    if verdict.detail:
        return ended("crashed", verdict.detail)
    if code < 0:
        limit = _limit_of(-code, exited, limits, untrusted_errors)
        kind = "refused" if limit in ("memory", "cpu") else "crashed"
        return ended(kind, f"It was ended by {name}.", limit, name)
    if is_tool:
        return ended("done", "") if code == 0 else _tool_failed(code, untrusted_errors, ended("crashed", ""))
    if verdict.last_word == wire.DONE and code == 0:
        return ended("done", "")
    if verdict.last_word == wire.NO_MEMORY:
        return ended("refused", "MemoryError", "memory")
    if verdict.last_word == wire.FAILED:
        return ended("crashed", safe_name(verdict.untrusted_name))
    return ended("crashed", f"It ended with status {code} in the middle of its answer.")


def safe_name(untrusted_name: str) -> str:
    """The name of an error class as a child gave it, or words that say it was none."""
    return untrusted_name if _NAME.fullmatch(untrusted_name) else "an error of no proper name"


def _tool_failed(code: int, untrusted_errors: bytes, ended: Ended) -> Ended:
    if _MEMORY_WORDS.search(untrusted_errors):
        return msgspec.structs.replace(ended, kind="refused", limit="memory", detail="It ran out of memory.")
    return msgspec.structs.replace(ended, detail=f"It ended with status {code}.")


def _signal_name(which: int) -> str:
    try:
        return signal.Signals(which).name
    except ValueError:
        return f"SIG{which}"


def _limit_of(which: int, exited: wire.Exited, limits: Limits, untrusted_errors: bytes) -> str | None:
    if which == signal.SIGSYS:
        return "forbidden call"
    if which == signal.SIGXCPU or (which == signal.SIGKILL and exited.cpu_seconds >= limits.cpu_seconds):
        return "cpu"
    own_memory = exited.peak_memory - exited.base_memory
    starved = own_memory * 2 >= limits.memory or exited.peak_memory >= limits.memory
    starved = starved or _MEMORY_WORDS.search(untrusted_errors) is not None
    if which in _MEMORY_SIGNALS and starved:
        return "memory"
    return None
