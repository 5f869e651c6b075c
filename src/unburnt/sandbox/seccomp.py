"""A seccomp filter assembled here: an allow-list of system calls, with conditions on their arguments.

Source: the kernel's ``Documentation/userspace-api/seccomp_filter.rst`` and ``linux/bpf_common.h``.
The program is assembled once in the zygote; each child fills in its own process id and installs it.
"""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from unburnt.sandbox import syscalls

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
"""The whole process dies of SIGSYS."""

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_AUDIT_ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT: Final = 0x40000000
_WHOLE: Final = 0xFFFFFFFF
OWN_PROCESS: Final = -1
"""Stands for the process id of whoever installs the filter."""
_SET_SECCOMP, _MODE_FILTER = 22, 2


def refuse(error: int) -> int:
    """The action that makes a call fail with *error* and lets the process go on."""
    return 0x00050000 | error


class Test(NamedTuple):
    """Holds when ``argument & mask`` is one of *values*; *high* looks at the upper 32 bits."""

    argument: int
    values: tuple[int, ...]
    mask: int = _WHOLE
    high: bool = False


class Rule(NamedTuple):
    """One call: allowed when every test holds, else *otherwise*."""

    name: str
    tests: tuple[Test, ...] = ()
    action: int = ALLOW
    otherwise: int = KILL


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


_Line = tuple[int, int, int, int]


def _tests(rule: Rule) -> list[_Line]:
    lines: list[_Line] = []
    for test in rule.tests:
        lines.append((_LOAD, 0, 0, 16 + 8 * test.argument + (4 if test.high else 0)))
        if test.mask != _WHOLE:
            lines.append((_AND, 0, 0, test.mask))
        for place, value in enumerate(test.values):
            lines.append((_EQUAL, len(test.values) - place, 0, value))
        lines.append((_RETURN, 0, 0, rule.otherwise))
    lines.append((_RETURN, 0, 0, rule.action))
    return lines


def assemble(rules: Iterable[Rule], default: int) -> list[_Line]:
    """The program as (code, jump if true, jump if false, value); rules for calls unknown here are left out."""
    lines: list[_Line] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[syscalls.MACHINE]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, KILL),
    ]
    for rule in rules:
        which = syscalls.number(rule.name)
        if which is None:
            continue
        block = _tests(rule)
        lines.append((_EQUAL, 0, len(block), which))
        lines.extend(block)
    lines.append((_RETURN, 0, 0, default))
    return lines


class Filter:
    """An assembled program, ready to be installed by any number of children."""

    def __init__(self, rules: Sequence[Rule], default: int = refuse(errno.ENOSYS)) -> None:
        lines = assemble(rules, default)
        self._own = [place for place, line in enumerate(lines) if line[3] == OWN_PROCESS]
        self._instructions = (_Instruction * len(lines))(
            *(_Instruction(code, jt, jf, value & _WHOLE) for code, jt, jf, value in lines)
        )
        pointer = ctypes.cast(self._instructions, ctypes.POINTER(_Instruction))
        self._program = _Program(len(lines), pointer)

    def install(self, process: int) -> None:
        """Bind this thread, and all it starts, for good; ``no_new_privs`` must be set. Raises OSError."""
        for place in self._own:
            self._instructions[place].k = process
        syscalls.call("prctl", _SET_SECCOMP, _MODE_FILTER, ctypes.byref(self._program), 0, 0)
