"""A child that misbehaves costs its own outcome and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from unburnt.base.errors import BadAnswer, SandboxUnavailable, UsageError
from unburnt.base.limits import MIB, Limits
from unburnt.sandbox.runner import Ended, Sandbox, available_rungs

sys.path.insert(0, str(Path(__file__).parent / "escapes"))
LIMITS = Limits(memory=128 * MIB, cpu_seconds=1, wall_seconds=2.5, frame=MIB, output=16 * MIB)
ENTRY = "hostile_children:main"


@pytest.fixture(scope="module", params=["bubblewrap+landlock", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    assert request.param in available_rungs(), "install bubblewrap, on Linux 5.13+ with Landlock on"
    with Sandbox(ENTRY, rung=request.param) as made:
        yield made


def run(sandbox: Sandbox, deed: str, *files: int) -> tuple[Ended, list[bytes]]:
    untrusted: list[bytes] = []
    # A second of processor time can take a busy machine longer than the clock allows; where that is to end it, let it.
    limits = msgspec.structs.replace(LIMITS, wall_seconds=120) if deed.startswith("spin") else LIMITS
    ended = sandbox.run(deed.encode(), files, limits, untrusted.append)
    return ended, untrusted


MISDEEDS = {
    "abort": ("crashed", "SIGABRT", None),
    "null": ("crashed", "SIGSEGV", None),
    "exit": ("crashed", None, None),
    "exit badly": ("crashed", None, None),
    "raise": ("crashed", None, None),
    "raise odd": ("crashed", None, None),
    "leave": ("crashed", None, None),
    "interrupt": ("crashed", "SIGTERM", None),
    "fork": ("crashed", "SIGSYS", "forbidden call"),
    "open": ("crashed", None, None),
    "socket": ("crashed", "SIGSYS", "forbidden call"),
    "allocate": ("refused", None, "memory"),
    "allocate natively": ("refused", "SIGSEGV", "memory"),
    "spin": ("refused", "SIGXCPU", "cpu"),
    "spin catching": ("refused", "SIGKILL", "cpu"),
    "sleep": ("refused", "SIGKILL", "time"),
    "write forever": ("refused", "SIGKILL", "output"),
    "too long": ("crashed", None, None),
    "too long raw": ("refused", "SIGKILL", "frame"),
    "garbage": ("refused", "SIGKILL", "frame"),
    "half a frame": ("crashed", None, None),
    "after the end": ("refused", "SIGKILL", "output"),
    "false end": ("crashed", None, None),
}


@pytest.mark.parametrize("deed", MISDEEDS)
def test_a_misdeed_is_stopped_named_and_harms_nobody_else(deed: str, sandbox: Sandbox) -> None:
    ended, _ = run(sandbox, deed)
    assert (ended.kind, ended.signal, ended.limit) == MISDEEDS[deed], ended
    assert ended.detail.isascii() and "<" not in ended.detail
    assert run(sandbox, "nothing")[0].kind == "done"


def test_a_hostile_native_parser_beside_honest_ones_changes_none_of_their_answers(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "honest").write_bytes(b"honest" * 100)
    stop = threading.Event()

    def misbehave() -> None:
        while not stop.is_set():
            run(sandbox, "null")

    hostile = threading.Thread(target=misbehave)
    hostile.start()
    try:
        with open(tmp_path / "honest", "rb") as file:
            for _ in range(20):
                ended, answers = run(sandbox, "echo", file.fileno())
                assert (ended.kind, answers) == ("done", [b"honest" * 100])
    finally:
        stop.set()
        hostile.join()


def test_what_a_reader_leaks_ends_with_its_child(sandbox: Sandbox) -> None:
    runs = [run(sandbox, "leak") for _ in range(12)]  # together half as much again as one may use
    assert [(ended.kind, answers) for ended, answers in runs] == [("done", [b"1"])] * 12
    assert max(ended.peak_memory for ended, _ in runs) < min(ended.peak_memory for ended, _ in runs) + 16 * MIB


def test_a_child_has_no_environment_no_descriptor_of_ours_and_may_write_nothing(
    sandbox: Sandbox,
) -> None:
    _, (environment, descriptors, limits, warmed) = run(sandbox, "describe")
    assert (environment, descriptors, limits) == (
        b"{}",
        b"[0, 1, 2, 3]",
        b"[(0, 0), (0, 0)]",
    )
    assert warmed == b"1"


def test_a_locked_child_knows_every_codec_and_may_use_threads(sandbox: Sandbox) -> None:
    assert run(sandbox, "decode")[0].kind == "done"
    ended, answers = run(sandbox, "threads")
    assert (ended.kind, answers) == ("done", [b"from a thread"] * 2)


def test_files_are_given_in_order_from_their_start_and_our_offset_stays(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"one")
    (tmp_path / "two").write_bytes(b"two")
    with open(tmp_path / "one", "rb+") as one, open(tmp_path / "two", "rb") as two:
        one.seek(2)
        _, answers = run(sandbox, "echo", one.fileno(), two.fileno())
        assert (answers, one.tell()) == ([b"one", b"two"], 2)


def test_what_the_taker_of_answers_raises_ends_the_child(sandbox: Sandbox) -> None:
    def refuse(untrusted: bytes) -> None:
        raise RuntimeError("our own failure")

    def distrust(untrusted: bytes) -> None:
        raise BadAnswer("not a frame")

    with pytest.raises(RuntimeError):
        sandbox.run(b"write forever", [], LIMITS, refuse)
    ended = sandbox.run(b"write forever", [], LIMITS, distrust)
    assert (ended.kind, ended.detail) == ("crashed", "BadAnswer")


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def descendants(process: int) -> list[int]:
    below = children_of(process)
    return below + [grandchild for child in below for grandchild in descendants(child)]


@pytest.mark.parametrize("rung", ["bubblewrap+landlock", "landlock"])
def test_a_killed_zygote_costs_the_running_child_and_comes_back(rung: str) -> None:
    before = set(descendants(os.getpid()))
    with Sandbox(ENTRY, rung=rung) as sandbox:
        found: list[Ended] = []
        runner = threading.Thread(target=lambda: found.append(run(sandbox, "sleep")[0]))
        runner.start()
        deadline = time.monotonic() + 10
        # bwrap, zygote, child; without namespaces there is no bwrap.
        whole = 3 if "bubblewrap" in rung else 2
        while (
            len(new := [p for p in descendants(os.getpid()) if p not in before]) < whole and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        for process in new[:-1]:
            os.kill(process, signal.SIGKILL)
        runner.join(10)
        assert [ended.kind for ended in found] == ["crashed"], (before, new)
        assert run(sandbox, "nothing")[0].kind == "done"
    assert set(descendants(os.getpid())) <= before


@pytest.mark.parametrize("rung", ["bubblewrap+landlock", "landlock"])
def test_a_killed_keeper_takes_zygote_and_children_with_it(rung: str) -> None:
    program = (
        "import sys; from unburnt.sandbox.runner import Sandbox; from unburnt.base.limits import Limits\n"
        f"sandbox = Sandbox({ENTRY!r}, rung={rung!r}); print('ready', flush=True)\n"
        "sandbox.run(b'sleep', [], Limits(), print)"
    )
    environment = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    keeper = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    assert keeper.stdout is not None and keeper.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 10
    while len(below := descendants(keeper.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    keeper.kill()
    keeper.communicate()
    while any(is_alive(process) for process in below) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(below) >= 2
    assert not any(is_alive(process) for process in below)


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_runs_unlocked_unless_that_was_said() -> None:
    with pytest.raises(SandboxUnavailable):
        Sandbox(ENTRY, rung="unsafe")
    with pytest.raises(UsageError):
        Sandbox(ENTRY, rung="stilts")
    with Sandbox(ENTRY, rung="unsafe", unsafe=True) as sandbox:
        assert sandbox.rung == "unsafe"
        assert run(sandbox, "spin")[0].limit == "cpu"


def test_an_entry_that_cannot_be_imported_is_said_to_be_so() -> None:
    with pytest.raises(SandboxUnavailable, match="ModuleNotFoundError"):
        Sandbox("no_such_module:main")
