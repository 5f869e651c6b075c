"""Which system calls each profile may make. Everything else fails, and plainly hostile calls kill.

A call falls in one of four classes: needed by honest parsers (allowed), a question that honest
libraries also ask (fails with the error they expect), plainly hostile (the process dies of SIGSYS,
and the ledger says so), unknown (``ENOSYS``, on which C libraries fall back to older calls).
"""

from __future__ import annotations

import errno
from typing import Final

from unburnt.sandbox.seccomp import KILL, OWN_PROCESS, Rule, Test, refuse

EXEC_DESCRIPTOR: Final = 1000
"""Where a tool's binary waits to be run; above the descriptor limit, so that it can never be reopened there."""
_AT_EMPTY_PATH: Final = 0x1000


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_COMMON: Final = _names("""
read write readv writev lseek pread64 preadv fstat close mmap munmap mremap mprotect madvise brk
futex clock_gettime rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack getrandom exit_group exit
dup dup2 dup3 fadvise64 close_range sched_yield sched_getaffinity getcpu membarrier rseq
nanosleep clock_nanosleep clock_getres gettimeofday time times getrusage sysinfo restart_syscall
getpid gettid getppid getuid geteuid getgid getegid getrlimit set_tid_address set_robust_list
poll ppoll select pselect6 rt_sigtimedwait
""")

_FILES: Final = _names("""
open openat openat2 creat access faccessat faccessat2 stat lstat readlink readlinkat getcwd chdir fchdir getdents getdents64
statfs fstatfs mkdir mkdirat rmdir rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mknod mknodat
chmod fchmod fchmodat fchown chown lchown fchownat truncate ftruncate fallocate utimensat utime utimes futimesat
getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr
""")

_TOOL_FILES: Final = _names("""
open openat access faccessat faccessat2 stat lstat newfstatat statx readlink readlinkat getcwd getdents64 statfs fstatfs
arch_prctl eventfd2 epoll_create1 epoll_ctl epoll_wait epoll_pwait pipe2
""")

_HOSTILE: Final = _names("""
socket socketpair connect bind listen accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown setsockopt
fork vfork execve execveat ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp
tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open pidfd_getfd
memfd_create memfd_secret userfaultfd inotify_init inotify_init1 fanotify_init fanotify_mark io_uring_setup io_uring_enter
io_uring_register io_setup bpf perf_event_open mount umount2 move_mount fsopen fsmount fspick open_tree mount_setattr
pivot_root chroot unshare setns add_key request_key keyctl init_module finit_module delete_module kexec_load kexec_file_load
reboot swapon swapoff acct quotactl syslog sethostname setdomainname iopl ioperm modify_ldt
setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset setpgid setsid
clock_settime clock_adjtime adjtimex settimeofday name_to_handle_at open_by_handle_at mq_open shmget shmat semget msgget
personality vhangup lookup_dcookie setrlimit
""")

_GET_OR_SET_DESCRIPTOR: Final = (0, 1, 2, 3, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC; F_SETOWN would let a child signal its keeper."""
_SET_NAME: Final = 15
_UNIX: Final = 1
# CLONE_VM | FS | FILES | SIGHAND | THREAD must all be there, and no new namespace with them.
_THREAD: Final = 0x00010F00
_THREAD_MASK: Final = _THREAD | 0x7E020080 | 0x2000

_THREAD_ONLY: Final = Test(0, (_THREAD,), _THREAD_MASK)
_own = Test(0, (OWN_PROCESS,))
_CONDITIONAL: Final = (
    Rule("fcntl", (Test(1, _GET_OR_SET_DESCRIPTOR),), otherwise=refuse(errno.EINVAL)),
    Rule("ioctl", action=refuse(errno.ENOTTY)),
    Rule("prctl", (Test(0, (_SET_NAME,)),), otherwise=refuse(errno.EINVAL)),
    # Its own limits may be read, never changed; nobody else's may be read.
    Rule("prlimit64", (Test(0, (0,)), Test(2, (0,)), Test(2, (0,), high=True))),
    Rule("tgkill", (_own,)),
    Rule("kill", (_own,)),
    Rule("clone", (_THREAD_ONLY,)),
    # C libraries fall back to clone, whose flags can be examined.
    Rule("clone3", action=refuse(errno.ENOSYS)),
    Rule("uname", action=refuse(errno.EPERM)),
)


def _rules(allowed: tuple[str, ...], extra: tuple[Rule, ...]) -> tuple[Rule, ...]:
    named = {rule.name for rule in extra} | set(allowed)
    plain = tuple(Rule(name) for name in allowed)
    conditional = tuple(rule for rule in _CONDITIONAL if rule.name not in named)
    named |= {rule.name for rule in conditional}
    files = tuple(Rule(name, action=refuse(errno.EACCES)) for name in _FILES if name not in named)
    killed = tuple(Rule(name, action=KILL) for name in _HOSTILE if name not in named)
    return (*plain, *extra, *conditional, *files, *killed)


def reader() -> tuple[Rule, ...]:
    """No file but those already open, no process, no socket; threads of its own are allowed."""
    empty_path = (
        Rule("newfstatat", (Test(3, (_AT_EMPTY_PATH,), _AT_EMPTY_PATH),), otherwise=refuse(errno.EACCES)),
        Rule("statx", (Test(2, (_AT_EMPTY_PATH,), _AT_EMPTY_PATH),), otherwise=refuse(errno.EACCES)),
    )
    return _rules(_COMMON, empty_path)


def tool() -> tuple[Rule, ...]:
    """As the reader, but files may be opened where Landlock lets them be, and one binary is run once.

    Landlock does not govern questions about a path (does it exist, how large is it): without a namespace of its
    own, that is on the rung below bubblewrap, a tool can ask them.
    """
    once = Rule("execveat", (Test(0, (EXEC_DESCRIPTOR,)), Test(4, (_AT_EMPTY_PATH,))))
    return _rules((*_COMMON, *_TOOL_FILES), (once,))


def service() -> tuple[Rule, ...]:
    """As the tool, without any exec: a Python worker that reads its own libraries and receives requests.

    Libraries that try a socket or another program while they are imported are told no, and not killed. Runtimes that
    wake themselves through a pair of nameless sockets may: nobody else can ever hold an end, and nothing can be sent to others.
    """
    no = refuse(errno.EPERM)
    processes = (
        Rule("fork", action=no), Rule("vfork", action=no), Rule("clone", (_THREAD_ONLY,), otherwise=no),
        Rule("memfd_create", action=refuse(errno.ENOSYS)), Rule("socket", action=no),
        Rule("socketpair", (Test(0, (_UNIX,)),), otherwise=no),
    )  # fmt: skip
    return _rules((*_COMMON, *_TOOL_FILES, "recvmsg", "uname", "sched_setaffinity"), processes)
