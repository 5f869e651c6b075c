"""A key must never sign two histories: not after a rollback, a fork, a kill, nor in two processes at once."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_logs import ARCHIVE, KILLED_AT_THE_MEMORY, ORIGIN, folders, sealed
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.guard import Forked, RolledBack, SigningRefused
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import Log
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import BadNote, Signer, Verifier, parse_note


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    keys = Keys(tmp_path / "keys")
    keys.create(ARCHIVE)
    return keys


def head(keys: Keys) -> Checkpoint:
    return Checkpoint.parse(keys.last_signed(ARCHIVE).text)


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sizes", [[1, 2, 3], [5, 5, 300], [255, 256, 257, 700], [1, 70000]])
def test_a_log_that_only_grows_is_signed_each_time(tmp_path: Path, keys: Keys, sizes: list[int]) -> None:
    for size in sizes:
        note = sealed(tmp_path / "a", size, keys)
        assert keys.last_signed(ARCHIVE) == note and head(keys).size == size


def test_an_archive_that_was_put_back_is_refused_with_both_checkpoints_kept(tmp_path: Path, keys: Keys) -> None:
    sealed(tmp_path / "a", 300, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "backup")
    newest = sealed(tmp_path / "a", 310, keys)
    with pytest.raises(RolledBack, match="310 were signed") as caught:
        sealed(tmp_path / "backup", 305, keys)
    assert keys.last_signed(ARCHIVE) == newest and caught.value.exit_code == 3
    [report] = (tmp_path / "keys" / ARCHIVE / "refused").iterdir()
    text = report.read_text()
    assert str(report) in str(caught.value)
    assert newest.encode().decode() in text and f"{ORIGIN}\n305\n" in text
    assert Checkpoint.parse(parse_note((tmp_path / "backup/log/checkpoint").read_bytes()).text).size == 300
    sealed(tmp_path / "a", 311, keys)


@pytest.mark.parametrize("size", [310, 311, 600])
def test_an_archive_that_was_put_back_and_went_on_otherwise_is_refused(tmp_path: Path, keys: Keys, size: int) -> None:
    sealed(tmp_path / "a", 300, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "backup")
    newest = sealed(tmp_path / "a", 310, keys)
    with pytest.raises(Forked, match="others"):
        sealed(tmp_path / "backup", size, keys, history="other")
    assert keys.last_signed(ARCHIVE) == newest
    assert sealed(tmp_path / "a", size, keys).text == keys.last_signed(ARCHIVE).text


def test_a_backup_with_the_same_events_may_go_on(tmp_path: Path, keys: Keys) -> None:
    sealed(tmp_path / "a", 300, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "backup")
    signed = sealed(tmp_path / "a", 310, keys)
    assert sealed(tmp_path / "backup", 310, keys) == signed
    assert Checkpoint.parse(sealed(tmp_path / "backup", 320, keys).text).size == 320


def test_nothing_but_this_archives_checkpoints_is_signed(keys: Keys, tmp_path: Path) -> None:
    signer = keys.open(ARCHIVE, log=tmp_path)
    before = everything(tmp_path / "keys")
    with pytest.raises(SigningRefused, match="another archive"):
        signer.sign(Checkpoint("unburnt/other", 0, EMPTY_ROOT).text())
    for text in ("", "hello\n", f"{ORIGIN}\n-1\n{'A' * 43}=\n", f"{ORIGIN}\n01\n{'A' * 43}=\n",
                 Checkpoint(ORIGIN, 0, EMPTY_ROOT).text() + "extension\n", f"{ORIGIN}\n0\n{'A' * 43}=\n"):
        with pytest.raises(BadNote):
            signer.sign(text)
    assert everything(tmp_path / "keys") == before


def test_without_the_log_a_key_that_has_signed_signs_nothing_larger(tmp_path: Path, keys: Keys) -> None:
    sealed(tmp_path / "a", 3, keys)
    with pytest.raises(SigningRefused, match="without the log"):
        sealed(tmp_path / "a", 4, keys.open(ARCHIVE))


FULL = """
import sys
sys.path[:] = {path!r}
import resource, signal
from pathlib import Path
from tests.seal_logs import ARCHIVE
from unburnt.base.errors import OutOfSpace
from unburnt.vault.log.keys import Keys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
signer = Keys(Path(sys.argv[1])).open(ARCHIVE, log=Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
try:
    signer.sign(sys.argv[3])
    sys.exit("signed")
except OutOfSpace:
    pass
"""


def test_a_memory_that_cannot_be_renewed_lets_no_signature_out(tmp_path: Path, keys: Keys) -> None:
    signed = sealed(tmp_path / "a", 3, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    larger = sealed(tmp_path / "b", 4, Signer(ORIGIN, Ed25519PrivateKey.generate()))
    subprocess.run(
        [sys.executable, "-c", FULL.format(path=sys.path), str(tmp_path / "keys"), str(tmp_path / "b/log"), larger.text],
        check=True)
    assert keys.last_signed(ARCHIVE) == signed
    assert sealed(tmp_path / "a", 4, keys).text == larger.text


WRITER = """
import sys
sys.path[:] = {path!r}
from pathlib import Path
from tests.seal_logs import sealed
from unburnt.vault.log.guard import SigningRefused
from unburnt.vault.log.keys import Keys
keys, root, history, first, step = Keys(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
for size in range(first, first + 4000, step):
    try:
        note = sealed(root, size, keys, history=history)
    except SigningRefused:
        break
    print(note.encode().hex(), flush=True)
print("end", flush=True)
"""


def writer(tmp_path: Path, root: str, history: str, first: int, step: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER.format(path=sys.path), str(tmp_path / "keys"), str(tmp_path / root), history,
         str(first), str(step)],
        stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("acknowledged", [1, 4, 30])
def test_a_kill_at_any_moment_allows_no_second_history(tmp_path: Path, keys: Keys, acknowledged: int) -> None:
    with writer(tmp_path, "a", "", 1, 3) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        lines += [line for line in process.stdout if line.endswith("\n")]
    left = [parse_note(bytes.fromhex(line)) for line in lines]
    assert head(keys).size >= Checkpoint.parse(left[-1].text).size
    at = head(keys).size
    with pytest.raises((RolledBack, Forked)):
        sealed(tmp_path / "other", at, keys, history="other")
    after = Checkpoint.parse(sealed(tmp_path / "a", at + 7, keys).text)
    log = Log(*folders(tmp_path / "a"), ORIGIN)
    assert after.size == log.size == at + 7
    for note in left:
        old = Checkpoint.parse(note.text)
        assert log.root(old.size) == old.root


def test_two_copies_of_one_archive_in_two_processes_cannot_both_go_on(tmp_path: Path, keys: Keys) -> None:
    sealed(tmp_path / "a", 10, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    verifier: Verifier = keys.open(ARCHIVE).verifier
    with writer(tmp_path, "a", "one", 11, 100) as one, writer(tmp_path, "b", "two", 11, 100) as two:
        assert one.stdout is not None and two.stdout is not None
        signed = [line for process in (one, two) for line in process.stdout or () if line != "end\n"]
    notes = {parse_note(bytes.fromhex(line)) for line in signed}
    assert all(verifier.verified(note) for note in notes)
    histories = set()
    for note in notes:
        found = Checkpoint.parse(note.text)
        histories |= {name for name in ("a", "b") if found.size <= (log := Log(*folders(tmp_path / name), ORIGIN)).size
                      and log.root(found.size) == found.root}
    assert len(notes) == 40 and len(histories) == 1


SEAL = """
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from tests.seal_logs import sealed
from unburnt.vault.log.keys import Keys
print(sealed(Path(sys.argv[2]), 20, Keys(Path(sys.argv[3]))))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_just_before_or_after_the_memory_is_renewed_leaves_one_history(tmp_path: Path, keys: Keys, when: str) -> None:
    sealed(tmp_path / "a", 10, keys)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_MEMORY + SEAL, when, str(tmp_path / "a"), str(tmp_path / "keys"),
         str(Path(__file__).parents[2])],
        capture_output=True, check=False)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"")
    assert head(keys).size == (10 if when == "before" else 20)
    assert Log(*folders(tmp_path / "a"), ORIGIN).size == 10
    if when == "after":
        with pytest.raises(Forked):
            sealed(tmp_path / "b", 20, keys, history="other")
        with pytest.raises(RolledBack):
            sealed(tmp_path / "b", 15, keys)
    assert Checkpoint.parse(sealed(tmp_path / "a", 20, keys).text).size == 20
