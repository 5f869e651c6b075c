"""Originals are hashed by several processes: whatever happens to one of them, nothing is believed that was not hashed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sealed_archive import verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals

# Of its own process, since helpers are forked only where nothing else is under way, as in a command.
HASH = """
import os, signal, sys, threading
from unburnt.vault.audit.hashers import Hashers, most_helpers
folder = sys.argv[1]
digests = sorted(name for each in os.listdir(folder) for name in os.listdir(f"{folder}/{each}"))
def shown(hashers):
    return [(one.begin + at, size, one.problems.get(one.begin + at)) for one in hashers for at, size in enumerate(one.sizes)]
with Hashers(folder, digests, helpers=0) as hashers:
    alone = shown(hashers.rest())
assert [number for number, _, _ in alone] == list(range(len(digests))), alone
assert sum(problem is not None for _, _, problem in alone) == 1, alone
with Hashers(folder, digests, helpers=3) as hashers:
    processes = [one.process for one in hashers._helpers]
    assert len(processes) == 3
    DISTURBED
    assert shown(hashers.rest()) == alone
for process in processes:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        continue
    sys.exit(f"{process} was left")
"""
FILES = 120
SPARSE = 1 << 40
SLOW = "00" * 32  # the first in order, so that a helper is told it


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "m").mkdir()
    for number in range(FILES):
        (folder / "m" / f"{number}.txt").write_text(f"text {number}\n" * number)
    with Archive.create(folder / "archive") as archive:
        archive.add([folder / "m"], options=Options(reads=False))
    return folder / "archive"


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


def _originals(root: Path) -> list[Path]:
    return sorted(path for path in (root / "objects").rglob("*") if path.is_file())


def _changed(root: Path) -> Path:
    victim = _originals(root)[7]
    victim.chmod(0o600)
    victim.write_bytes(b"X" + victim.read_bytes()[1:])
    return victim


@pytest.mark.parametrize("disturbed", [
    "pass",
    "os.kill(processes[0], signal.SIGKILL)",
    "[os.kill(one, signal.SIGKILL) for one in processes]",
    "[os.kill(one, signal.SIGINT) for one in processes]",
    "os.write(hashers._helpers[1].tasks, b'half')",
    "os.write(hashers._helpers[1].tasks, (7).to_bytes(8, 'little') * 2)",
])
def test_helpers_show_in_order_what_one_process_alone_shows_even_where_some_die(archive: Path, disturbed: str) -> None:
    _changed(archive)
    done = subprocess.run([sys.executable, "-c", HASH.replace("DISTURBED", disturbed), archive / "objects"],
                          capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_none_helps_on_one_processor_beside_threads_or_where_no_process_may_be_made(archive: Path) -> None:
    _changed(archive)
    program = HASH.partition("with Hashers(folder, digests, helpers=3)")[0] + """
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
assert most_helpers() == 0
with Hashers(folder, digests) as hashers:
    assert not hashers._helpers and list(hashers.ready()) == []
    assert shown(hashers.rest()) == alone
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
assert most_helpers() == 0
stop.set()
thread.join()
def refused():
    raise BlockingIOError
os.fork = refused
before = os.listdir("/proc/self/fd")
with Hashers(folder, digests, helpers=3) as hashers:
    assert shown(hashers.rest()) == alone
assert os.listdir("/proc/self/fd") == before
"""
    done = subprocess.run([sys.executable, "-c", program, archive / "objects"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_vanishes_while_files_are_hashed_is_missed(archive: Path) -> None:
    victim = _originals(archive)[FILES // 2]

    def tell(what: str, done: int, total: int) -> None:
        if what == "events":
            victim.unlink(missing_ok=True)

    with Archive.open(archive) as opened:
        report = Seals(opened).verify(tell=tell)
    found = {(check.name, one.item) for check in report.checks for one in check.findings}
    assert found == {("completeness", f"objects/{victim.parent.name}/{victim.name}")}


def test_a_file_that_a_disk_cannot_give_to_a_helper_is_named_and_the_rest_is_hashed(archive: Path) -> None:
    done = subprocess.run(
        ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=readv", "-e", "inject=readv:error=EIO:when=3",
         sys.executable, "-m", "unburnt", "-a", archive, "verify", "--json"], capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    originals = next(one for one in json.loads(done.stdout)["checks"] if one["name"] == "originals")
    assert originals["looked_at"] == FILES
    assert 1 <= len(originals["findings"]) <= 8
    assert {one["what"] for one in originals["findings"]} == {"It cannot be read: Input/output error."}


@pytest.fixture
def at_work(archive: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``verify`` of an archive with a file that takes hours, in a session of its own, once all of it is under way."""
    slow = archive / "objects" / "00" / SLOW
    slow.parent.mkdir(exist_ok=True)
    with slow.open("wb") as file:
        file.truncate(SPARSE)
    work = subprocess.Popen([sys.executable, "-m", "unburnt", "-a", archive, "verify"], start_new_session=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _until(lambda: any(_has_open(process, slow) for process in _session(work.pid)))
    assert not _has_open(work.pid, slow)
    try:
        yield work
    finally:
        for process in _session(work.pid):
            os.kill(process, signal.SIGKILL)
        work.communicate()


def _session(leader: int) -> list[int]:
    """The processes of a session that are no zombies."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, _, _, session = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if session == str(leader) and state != "Z":
            found.append(int(name))
    return found


def _has_open(process: int, path: Path) -> bool:
    try:
        return str(path) in {os.readlink(f"/proc/{process}/fd/{one}") for one in os.listdir(f"/proc/{process}/fd")}
    except OSError:
        return False


def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("It took more than 30 seconds.")


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_at_once_and_leaves_no_process(at_work: subprocess.Popen[bytes], interruption: int) -> None:
    os.killpg(at_work.pid, interruption) if interruption == signal.SIGINT else at_work.send_signal(interruption)
    assert at_work.wait(60) == 130
    assert _session(at_work.pid) == []


def test_helpers_end_by_themselves_where_the_command_was_killed(at_work: subprocess.Popen[bytes]) -> None:
    at_work.kill()
    at_work.wait()
    _until(lambda: _session(at_work.pid) == [])


def test_an_interrupted_run_noted_only_what_was_hashed_up_to_there(
    at_work: subprocess.Popen[bytes], archive: Path
) -> None:
    at_work.send_signal(signal.SIGINT)
    assert at_work.wait(60) == 130
    (archive / "objects" / "00" / SLOW).unlink()
    assert wrong(verification(archive)) == {}
