"""Ways out of the sandbox, each tried by itself in a child. Every one returns when it got out, and raises OSError when held.

Runs as the reader's entry (``main``) and as a program of its own, for the tool profile:
``python escape_attempts.py SOURCE_FOLDER NAME TARGETS``.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Targets = dict[str, Any]
ATTEMPTS: dict[str, Callable[[Targets], object]] = {}
HARMFUL: set[str] = set()
"""Not shown to succeed unlocked: it would harm this machine, or not every kernel offers it."""


def attempt(function: Callable[[Targets], object]) -> Callable[[Targets], object]:
    ATTEMPTS[function.__name__] = function
    return function


def harmful(function: Callable[[Targets], object]) -> Callable[[Targets], object]:
    HARMFUL.add(function.__name__)
    return attempt(function)


def call(name: str, *arguments: object) -> int:
    from unburnt.sandbox import syscalls

    return syscalls.call(name, *arguments)


def simple(name: str, function: Callable[[Targets], object], *, shown: bool = True) -> None:
    ATTEMPTS[name] = function
    if not shown:
        HARMFUL.add(name)


# Files
simple("read a file", lambda to: os.read(os.open(to["secret"], os.O_RDONLY), 10))
simple(
    "open with openat2",
    lambda to: call("openat2", -100, to["secret"].encode(), (ctypes.c_uint64 * 3)(), 24),
)
simple("list a folder", lambda to: os.listdir(to["folder"]))
simple("ask about a path", lambda to: os.stat(to["secret"]))
simple(
    "ask whether a path is there",
    lambda to: call("faccessat", -100, to["secret"].encode(), 0, 0),
)
simple(
    "ask with an empty-path flag",
    lambda to: call(
        "newfstatat",
        -100,
        to["secret"].encode(),
        ctypes.create_string_buffer(256),
        0x1000,
    ),
)
simple(
    "ask with statx",
    lambda to: call(
        "statx",
        -100,
        to["secret"].encode(),
        0x1000,
        0xFFF,
        ctypes.create_string_buffer(512),
    ),
)
simple("ask about a file system", lambda to: os.statvfs(to["folder"]))
simple("read an extended attribute list", lambda to: os.listxattr(to["secret"]))
simple("create a file", lambda to: os.open(to["folder"] + "/new", os.O_CREAT | os.O_WRONLY))
simple("create a nameless file", lambda to: os.open(to["folder"], os.O_TMPFILE | os.O_RDWR))
simple("append to a file", lambda to: os.open(to["secret"], os.O_WRONLY | os.O_APPEND))
simple("truncate a file", lambda to: os.truncate(to["victim"], 0))
simple("make a folder", lambda to: os.mkdir(to["folder"] + "/made"))
simple("make a symbolic link", lambda to: os.symlink("/", to["folder"] + "/symbolic"))
simple("make a hard link", lambda to: os.link(to["secret"], to["folder"] + "/hard"))
simple("make a named pipe", lambda to: os.mkfifo(to["folder"] + "/pipe"))
simple(
    "make a device",
    lambda to: os.mknod(to["folder"] + "/device", 0o20600, os.makedev(1, 3)),
)
simple("rename a file", lambda to: os.rename(to["victim"], to["victim"]))
simple("remove a file", lambda to: os.unlink(to["folder"] + "/removable"))
simple("change a mode", lambda to: os.chmod(to["victim"], 0o600))
simple("change an owner", lambda to: os.chown(to["victim"], -1, -1))
simple("change a time", lambda to: os.utime(to["victim"]))
simple("change folder", lambda to: os.chdir(to["folder"]))
simple("read its own memory file", lambda to: os.open("/proc/self/mem", os.O_RDWR))
simple(
    "read the keeper's memory map",
    lambda to: os.open(f"/proc/{to['keeper']}/maps", os.O_RDONLY),
)
simple(
    "read the keeper's environment",
    lambda to: os.open(f"/proc/{to['keeper']}/environ", os.O_RDONLY),
)
simple(
    "read its parent's command line",
    lambda to: os.open(f"/proc/{os.getppid()}/cmdline", os.O_RDONLY),
)
simple("follow its own root", lambda to: os.listdir("/proc/self/root" + to["folder"]))
simple(
    "reopen a given file for writing",
    lambda to: os.open(f"/proc/self/fd/{to['given']}", os.O_WRONLY),
)
simple("change a given file's mode", lambda to: os.fchmod(to["given"], 0o600))
simple(
    "name a file's handle",
    lambda to: call(
        "name_to_handle_at",
        -100,
        to["secret"].encode(),
        (ctypes.c_uint32 * 64)(128),
        ctypes.byref(ctypes.c_int()),
        0,
    ),
)


@attempt
def write_to_a_given_file(to: Targets) -> None:
    if fcntl.fcntl(to["given"], fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        os.truncate(f"/proc/self/fd/{to['given']}", 1)
    else:
        os.write(to["given"], b"overwritten")


# Sockets
for family, kind, protocol in (
    ("AF_INET", socket.SOCK_STREAM, 0), ("AF_INET", socket.SOCK_DGRAM, 0), ("AF_UNIX", socket.SOCK_STREAM, 0),
    ("AF_UNIX", socket.SOCK_DGRAM, 0), ("AF_NETLINK", socket.SOCK_RAW, 0), ("AF_INET6", socket.SOCK_STREAM, 0),
    ("AF_PACKET", socket.SOCK_RAW, 0), ("AF_ALG", socket.SOCK_SEQPACKET, 0), ("AF_VSOCK", socket.SOCK_STREAM, 0),
    ("AF_INET", socket.SOCK_RAW, 1), ("AF_BLUETOOTH", socket.SOCK_RAW, 1), ("AF_CAN", socket.SOCK_RAW, 1),
):  # fmt: skip
    common = family in ("AF_UNIX", "AF_NETLINK") or (family == "AF_INET" and protocol == 0)
    number = int(getattr(socket, family, 31))
    simple(
        f"make a socket {family} {kind.name} {protocol}",
        lambda to, wanted=(number, int(kind), protocol): call("socket", *wanted),
        shown=common,
    )
simple("make a pair of sockets", lambda to: socket.socketpair())


@attempt
def connect_to_a_server(to: Targets) -> None:
    socket.create_connection(("127.0.0.1", to["port"]), 2)


@attempt
def connect_to_an_abstract_socket(to: Targets) -> None:
    socket.socket(socket.AF_UNIX).connect("\0" + to["abstract"])


@attempt
def connect_to_a_socket_file(to: Targets) -> None:
    socket.socket(socket.AF_UNIX).connect(to["socket"])


@attempt
def look_up_a_name(to: Targets) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("127.0.0.1", to["port"]))


# Signals and other processes
simple("signal its parent", lambda to: os.kill(os.getppid(), 0))
simple("signal the keeper", lambda to: os.kill(to["keeper"], 0))
simple("signal everybody", lambda to: os.kill(-1, 0))
simple(
    "signal the keeper's thread",
    lambda to: call("tgkill", to["keeper"], to["keeper"], 0),
)
simple("signal with tkill", lambda to: call("tkill", to["keeper"], 0))
simple(
    "own a descriptor for the keeper",
    lambda to: fcntl.fcntl(to["given"], fcntl.F_SETOWN, to["keeper"]),
)
simple("open the keeper's process", lambda to: os.pidfd_open(to["keeper"]))
simple(
    "signal through a process descriptor",
    lambda to: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0),
)
simple(
    "take a descriptor of its parent",
    lambda to: call("pidfd_getfd", os.pidfd_open(os.getppid()), 0, 0),
)
simple("be traced", lambda to: call("ptrace", 0, 0, 0, 0))
simple(
    "trace its parent",
    lambda to: call("ptrace", 0x4206, os.getppid(), 0, 0),
    shown=False,
)
simple(
    "read its parent's limits",
    lambda to: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
)
simple(
    "change its parent's limits",
    lambda to: resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0)),
)
simple(
    "lift its own limits",
    lambda to: resource.setrlimit(resource.RLIMIT_AS, resource.getrlimit(resource.RLIMIT_AS)),
)
simple(
    "compare with its parent",
    lambda to: call("kcmp", os.getppid(), os.getpid(), 1, 0, 0),
    shown=False,
)
simple(
    "lower its parent's priority",
    lambda to: os.setpriority(os.PRIO_PROCESS, os.getppid(), 0),
)
simple("leave its group", lambda to: call("setpgid", os.getppid(), 0), shown=False)
simple("outlive its parent", lambda to: call("prctl", 1, 0, 0, 0, 0))
simple("become dumpable", lambda to: call("prctl", 4, 1, 0, 0, 0))


class _Area(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


@harmful
def write_its_parents_memory(to: Targets) -> None:
    buffer = ctypes.create_string_buffer(8)
    mine = _Area(ctypes.addressof(buffer), 8)
    call(
        "process_vm_writev",
        os.getppid(),
        ctypes.byref(mine),
        1,
        ctypes.byref(mine),
        1,
        0,
    )


@attempt
def read_another_processs_memory(to: Targets) -> None:
    buffer = ctypes.create_string_buffer(8)
    mine = _Area(ctypes.addressof(buffer), 8)
    call("process_vm_readv", os.getpid(), ctypes.byref(mine), 1, ctypes.byref(mine), 1, 0)


# New processes and programs
@attempt
def fork(to: Targets) -> None:
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)


@attempt
def fork_by_clone3(to: Targets) -> None:
    arguments = (ctypes.c_uint64 * 11)()
    arguments[4] = signal.SIGCHLD
    if call("clone3", ctypes.byref(arguments), 88) == 0:
        os._exit(0)


@attempt
def spawn_a_program(to: Targets) -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


class Replaced(Exception):
    """Never raised: the program that replaces this one says that it got out."""


def _echo(*, through_memory: bool, by_descriptor: bool) -> None:
    os.dup2(ANSWERS, 1)
    path = "/bin/echo"
    if through_memory:
        descriptor = os.memfd_create("program", 0)
        os.write(descriptor, Path(path).read_bytes())
        os.execve(descriptor, ["echo", "escaped"], {})
    if by_descriptor:
        os.execve(os.open(path, os.O_PATH), ["echo", "escaped"], {})
    os.execv(path, ["echo", "escaped"])


simple("run a program", lambda to: _echo(through_memory=False, by_descriptor=False))
simple(
    "run a program by descriptor",
    lambda to: _echo(through_memory=False, by_descriptor=True),
)
simple(
    "run a program from memory",
    lambda to: _echo(through_memory=True, by_descriptor=False),
    shown=False,  # nothing may be written even unlocked
)
simple("run itself again", lambda to: _again())


def _again() -> None:
    os.dup2(ANSWERS, 1)
    os.execv(os.path.realpath(sys.executable), ["python", "-S", "-c", "print('escaped')"])


# Namespaces, mounts, identity
for which, flag in (
    ("user", 0x10000000),
    ("mount", 0x20000),
    ("network", 0x40000000),
    ("process", 0x20000000),
    ("name", 0x4000000),
):
    simple(
        f"unshare the {which} namespace",
        lambda to, flag=flag: call("unshare", flag),
        shown=which != "user",
    )
simple(
    "clone into a new user namespace",
    lambda to: call("clone", 0x10000000 | 0x100, 0, 0, 0, 0),
    shown=False,
)
simple(
    "enter a namespace",
    lambda to: call("setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0),
)
simple(
    "mount",
    lambda to: call("mount", b"x", to["folder"].encode(), b"tmpfs", 0, 0),
    shown=False,
)
simple("unmount", lambda to: call("umount2", b"/proc", 0), shown=False)
simple("pivot the root", lambda to: call("pivot_root", b"/", b"/"), shown=False)
simple("open a file system", lambda to: call("fsopen", b"tmpfs", 0))
simple("open a mount tree", lambda to: call("open_tree", -100, b"/", 1))
simple("change the root", lambda to: call("chroot", to["folder"].encode()))
simple("change the root to itself", lambda to: call("chroot", b"."))
simple("change the user", lambda to: call("setuid", 0))
simple("change the groups", lambda to: os.setgroups([]))
simple("change the host's name", lambda to: call("sethostname", b"x" * 65, 65), shown=False)
simple("change personality", lambda to: call("personality", 0xFFFFFFFF))


@attempt
def keep_a_capability(to: Targets) -> None:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    if int(status["CapEff"], 16) == 0:
        raise PermissionError("no capability is left")


# Kernel interfaces
simple("add a key", lambda to: call("add_key", b"user", b"unburnt-test", b"x", 1, -1))
simple("ask for a keyring", lambda to: call("keyctl", 0, -3, 0, 0, 0))
simple(
    "request a key",
    lambda to: call("request_key", b"user", b"unburnt-none", 0, 0),
    shown=False,
)
simple(
    "set up io_uring",
    lambda to: call("io_uring_setup", 1, ctypes.create_string_buffer(120)),
    shown=False,
)
simple(
    "set up old asynchronous input",
    lambda to: call("io_setup", 1, ctypes.byref(ctypes.c_uint64())),
    shown=False,
)
simple(
    "load a kernel program",
    lambda to: call("bpf", 0, ctypes.create_string_buffer(128), 128),
    shown=False,
)
simple(
    "open a performance counter",
    lambda to: call("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0),
    shown=False,
)
simple("handle page faults", lambda to: call("userfaultfd", 0), shown=False)
simple("make a memory file", lambda to: os.memfd_create("x", 0))
simple("make a secret memory file", lambda to: call("memfd_secret", 0), shown=False)
simple("watch files", lambda to: call("inotify_init1", 0))
simple("watch all files", lambda to: call("fanotify_init", 0, 0), shown=False)
simple("share memory", lambda to: call("shmget", 0, 4096, 0o1600), shown=False)
simple("make a message queue", lambda to: call("msgget", 0, 0o1600), shown=False)
simple("read the kernel's log", lambda to: call("syslog", 10, 0, 0), shown=False)
simple("load a module", lambda to: call("init_module", 0, 0, b""), shown=False)
simple("load another kernel", lambda to: call("kexec_load", 0, 0, 0, 0), shown=False)
simple("reboot", lambda to: call("reboot", 0, 0, 0, 0), shown=False)
simple("set the clock", lambda to: call("clock_settime", 0, 0), shown=False)
simple(
    "read the clock's state",
    lambda to: call("clock_adjtime", 0, ctypes.create_string_buffer(512)),
)
simple("account for processes", lambda to: call("acct", 0), shown=False)
simple("use ports directly", lambda to: call("iopl", 3), shown=False)
simple(
    "change a segment table",
    lambda to: call("modify_ldt", 0, ctypes.create_string_buffer(64), 64),
    shown=False,
)
simple("hang up the terminal", lambda to: call("vhangup"), shown=False)
simple(
    "type into a terminal",
    lambda to: fcntl.ioctl(to["given"], 0x5412, b"x"),
    shown=False,
)
simple("make a terminal", lambda to: os.open("/dev/ptmx", os.O_RDWR))
simple(
    "ask a descriptor for its size",
    lambda to: fcntl.ioctl(to["given"], 0x541B, b"\0" * 8),
)

ANSWERS = 1


def tried(name: str, targets: Targets) -> bytes:
    """``escaped`` or ``held``."""
    try:
        ATTEMPTS[name](targets)
    except (OSError, KeyError):
        return b"held"
    return b"escaped"


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """The reader's entry; a program that replaces this one writes ``escaped`` straight into the answers."""
    global ANSWERS
    ANSWERS = 3
    name, targets = json.loads(payload)
    send(tried(name, {**targets, "given": files[0]}))


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    os.write(1, tried(sys.argv[2], {**json.loads(sys.argv[3]), "given": 0}))
