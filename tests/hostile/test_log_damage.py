"""A crash at any moment, a full disk, one flipped byte, a cut log, a foreign one: named, and never built upon."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import signal
import sys
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.base.errors import DamagedArchive, OutOfSpace, UnburntError
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.log import DamagedLog, Log, WrongLog
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import BadNote, Signature, Signer, parse_note
from unburnt.vault.log.tile_check import Contradiction, contradictions

ORIGIN = "unburnt/test"
ENTRIES = [hashlib.sha256(b"%d" % number).digest() for number in range(1200)]
SIZE = 700


@pytest.fixture
def signer() -> Signer:
    return Signer(ORIGIN, Ed25519PrivateKey.generate())


@pytest.fixture
def root(tmp_path: Path, signer: Signer) -> Path:
    for name in ("log", "tmp"):
        (tmp_path / name).mkdir()
    log = opened(tmp_path)
    log.append(ENTRIES[:SIZE])
    log.commit(signer)
    return tmp_path


def opened(root: Path, origin: str = ORIGIN) -> Log:
    return Log(root / "log", root / "tmp", origin, write=True)


def found(root: Path, entries: list[bytes] | None = None) -> list[Contradiction]:
    head = Checkpoint.parse(parse_note((root / "log" / "checkpoint").read_bytes()).text)
    return list(contradictions(root / "log", head, entries))


def counted_files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "log" / "tile").rglob("*") if path.is_file())


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_new_log_is_empty_and_can_be_sealed_empty(tmp_path: Path, signer: Signer) -> None:
    for name in ("log", "tmp"):
        (tmp_path / name).mkdir()
    log = opened(tmp_path)
    assert (log.size, log.appended, log.checkpoint()) == (0, 0, None)
    note = log.commit(signer)
    assert Checkpoint.parse(note.text) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert opened(tmp_path).size == 0


def test_a_second_commit_of_the_same_writes_nothing(root: Path, signer: Signer) -> None:
    before = {path: path.stat().st_ctime_ns for path in (root / "log").rglob("*")}
    assert opened(root).commit(signer) == opened(root).checkpoint()
    assert {path: path.stat().st_ctime_ns for path in (root / "log").rglob("*")} == before


def test_a_commit_writes_only_what_changed(root: Path, signer: Signer) -> None:
    before = {path: path.stat().st_ctime_ns for path in counted_files(root)}
    log = opened(root)
    log.append(ENTRIES[SIZE:SIZE + 1])
    log.commit(signer)
    outgrown = {root / "log" / "tile" / name / "002.p" / "188" for name in ("0", "entries")}
    assert {path: path.stat().st_ctime_ns for path in before if path.exists()} == {
        path: changed for path, changed in before.items() if path not in outgrown}
    names = {str(path.relative_to(root / "log" / "tile")) for path in set(counted_files(root)) - before.keys()}
    assert names == {"0/002.p/189", "entries/002.p/189"}


def test_what_is_appended_counts_only_after_a_commit(root: Path, signer: Signer) -> None:
    log = opened(root)
    log.append(ENTRIES[SIZE:])
    assert (log.size, log.appended) == (SIZE, 1200)
    with pytest.raises(UnburntError, match="700 entries"):
        log.root(701)
    with pytest.raises(UnburntError, match="no entry 700"):
        log.entry(700)
    again = opened(root)
    assert (again.size, again.appended) == (SIZE, SIZE)
    again.append(ENTRIES[SIZE:])
    again.commit(signer)
    assert found(root, ENTRIES) == found(root) == []


def grown_until(root: Path, signer: Signer, moment: int) -> bool:
    """Grow the log in a process that is killed at its *moment*-th opening, renaming or removing; whether it was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child here only counts and dies
        child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, _: tuple[object, ...]) -> None:
            nonlocal count
            if event in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"):
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            log = opened(root)
            sys.addaudithook(hook)
            log.append(ENTRIES[SIZE:])
            log.commit(signer)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_whenever_it_is_killed_the_old_or_the_new_log_is_there_whole(tmp_path: Path, root: Path, signer: Signer) -> None:
    sizes = []
    for moment in range(1, 100):
        copy = tmp_path / f"copy{moment}"
        copy.mkdir()
        for name in ("log", "tmp"):
            shutil.copytree(root / name, copy / name)
        if not grown_until(copy, signer, moment):
            break
        sizes.append(opened(copy).size)
        assert found(copy, ENTRIES) == []
        log = opened(copy)
        log.append(ENTRIES[log.appended:])
        log.commit(signer)
        assert found(copy, ENTRIES) == found(copy) == []
        shutil.rmtree(copy)
    else:
        pytest.fail("the child never came to its end")
    assert set(sizes) == {SIZE, 1200} and sizes == sorted(sizes) and len(sizes) > 12


def test_a_torn_file_past_the_checkpoint_is_written_again(root: Path, signer: Signer) -> None:
    log = opened(root)
    before = set(counted_files(root))
    log.append(ENTRIES[SIZE:])
    log.commit(signer)
    after = set(counted_files(root)) - before
    whole = {path: path.read_bytes() for path in after}
    shutil.rmtree(root / "log")
    (root / "log").mkdir()
    log = opened(root)
    log.append(ENTRIES[:SIZE])
    log.commit(signer)
    for path in after:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"torn")
    log = opened(root)
    assert log.size == SIZE
    log.append(ENTRIES[SIZE:])
    log.commit(signer)
    assert {path: path.read_bytes() for path in after} == whole
    assert found(root, ENTRIES) == []


def test_a_refused_signature_leaves_the_log_as_it_was_and_usable(root: Path, signer: Signer) -> None:
    class Refusing(Signer):
        def sign(self, text: str) -> Signature:
            raise BadNote("no")

    log = opened(root)
    log.append(ENTRIES[SIZE:])
    with pytest.raises(BadNote, match="no"):
        log.commit(Refusing(ORIGIN, Ed25519PrivateKey.generate()))
    assert log.size == opened(root).size == SIZE
    log.commit(signer)
    assert found(root, ENTRIES) == []


def test_a_full_disk_is_said_so_and_nothing_counted_is_lost(root: Path, signer: Signer) -> None:
    log = opened(root)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        with pytest.raises(OutOfSpace):
            log.append(ENTRIES[SIZE:])
            log.commit(signer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    with pytest.raises(UnburntError, match="start again"):
        log.commit(signer)
    log = opened(root)
    assert log.size == SIZE and found(root, ENTRIES) == []
    log.append(ENTRIES[SIZE:])
    log.commit(signer)
    assert found(root, ENTRIES) == []


@pytest.mark.parametrize("place", [0, 5, 33, -1])
def test_one_flipped_byte_in_any_file_is_named(root: Path, place: int) -> None:
    for path in counted_files(root):
        good = path.read_bytes()
        flip(path, place)
        name = f"log/{path.relative_to(root / 'log')}"
        assert name in {one.path for one in found(root)}, name
        by_events = found(root, ENTRIES)
        assert {one.path for one in by_events} == {name}
        path.write_bytes(good)
    assert found(root) == []


def test_a_damaged_full_tile_is_told_from_its_bundle_by_the_hash_above(root: Path) -> None:
    for name in ("tile/0/001", "tile/entries/001"):
        path = root / "log" / name
        good = path.read_bytes()
        flip(path, 35)
        assert [one.path for one in found(root)] == [f"log/{name}"]
        path.write_bytes(good)


def test_every_missing_or_cut_file_is_named(root: Path) -> None:
    for path in counted_files(root):
        good = path.read_bytes()
        name = f"log/{path.relative_to(root / 'log')}"
        for bad in (good[:-1], good + b"x", b"", None):
            if bad is None:
                path.unlink()
            else:
                path.write_bytes(bad)
            assert [one.path for one in found(root, ENTRIES)] == [name]
            assert name in {one.path for one in found(root)}
        path.write_bytes(good)


def test_events_other_than_those_logged_are_named_by_number(root: Path) -> None:
    changed = [*ENTRIES[:300], bytes(32), *ENTRIES[301:]]
    named = found(root, changed)
    assert [one.index for one in named if one.index is not None] == [300]
    short = found(root, ENTRIES[:600])
    assert [(one.path, one.index) for one in short] == [("events", 600)]


def test_a_log_whose_end_contradicts_its_checkpoint_is_not_opened(root: Path) -> None:
    for name in ("tile/0/002.p/188", "tile/entries/002.p/188", "tile/1/000.p/2"):
        path = root / "log" / name
        good = path.read_bytes()
        for damage in (lambda path: flip(path, 40), os.unlink, lambda path: os.truncate(path, 30)):
            damage(path)
            with pytest.raises(DamagedLog) as caught:
                opened(root)
            assert caught.value.exit_code == 3
            path.write_bytes(good)
    assert opened(root).size == SIZE


def test_a_proof_through_a_damaged_tile_is_not_given(root: Path) -> None:
    flip(root / "log" / "tile" / "0" / "001", 100)
    log = opened(root)
    with pytest.raises(DamagedLog, match="entry 300"):
        log.inclusion(300, SIZE)
    assert log.inclusion(3, SIZE)


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1, 0, 256, 1 << 40, (1 << 63) - 1])
def test_a_checkpoint_of_another_size_is_refused(root: Path, signer: Signer, size: int) -> None:
    checkpoint = root / "log" / "checkpoint"
    text = checkpoint.read_bytes().decode()
    checkpoint.write_bytes(text.replace(f"\n{SIZE}\n", f"\n{size}\n").encode())
    with pytest.raises((DamagedLog, BadNote)) as caught:
        opened(root)
    assert caught.value.exit_code == 3


def test_a_damaged_or_foreign_checkpoint_is_refused(root: Path) -> None:
    checkpoint = root / "log" / "checkpoint"
    good = checkpoint.read_bytes()
    with pytest.raises(WrongLog) as caught:
        opened(root, "unburnt/other")
    assert isinstance(caught.value, DamagedArchive)
    for place in range(len(good)):
        flip(checkpoint, place)
        try:
            log = opened(root)
        except (BadNote, DamagedArchive):
            pass
        else:  # then it is the signature that was hit, which whoever has the key will see
            assert log.checkpoint() != parse_note(good)
            assert log.checkpoint().text == parse_note(good).text  # type: ignore[union-attr]
        checkpoint.write_bytes(good)
    for cut in (0, 1, 40, len(good) - 1):
        checkpoint.write_bytes(good[:cut])
        with pytest.raises(BadNote):
            opened(root)


def test_nothing_is_written_or_removed_through_a_link(root: Path, signer: Signer, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    for name in ("letter", "5", "200"):
        (precious / name).write_text(name)
    tiles = root / "log" / "tile"
    (tiles / "0" / "002").symlink_to(precious / "letter")
    os.link(precious / "letter", tiles / "entries" / "002")
    (tiles / "0" / "002.p" / "letter").write_text("not ours")
    shutil.move(tiles / "entries" / "002.p", tmp_path / "moved")
    shutil.copy(tmp_path / "moved" / "188", precious / "188")
    (tiles / "entries" / "002.p").symlink_to(precious)
    log = opened(root)
    log.append(ENTRIES[SIZE:])
    log.commit(signer)
    assert sorted(path.name for path in precious.iterdir()) == ["188", "200", "5", "letter"]
    assert (precious / "letter").read_text() == "letter"
    assert [path.name for path in (tiles / "0" / "002.p").iterdir()] == ["letter"]
    assert found(root, ENTRIES) == []
    shutil.move(tiles / "0", tmp_path / "elsewhere")
    (tiles / "0").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DamagedLog, match="link"):
        opened(root)
    assert Log(root / "log", root / "tmp", ORIGIN).size == 1200


def test_what_is_no_plain_file_is_named_and_holds_up_nobody(root: Path) -> None:
    path = root / "log" / "tile" / "0" / "001"
    path.unlink()
    for make in (os.mkfifo, os.mkdir, lambda path: os.symlink(path, path)):
        make(path)
        assert [one.path for one in found(root, ENTRIES)] == ["log/tile/0/001"]
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def test_a_reader_writes_nothing(root: Path, signer: Signer) -> None:
    log = Log(root / "log", root / "tmp", ORIGIN)
    with pytest.raises(UnburntError, match="reading only"):
        log.append(ENTRIES[:1])
    with pytest.raises(UnburntError, match="reading only"):
        log.commit(signer)


def test_an_entry_of_another_length_is_refused(root: Path) -> None:
    with pytest.raises(UnburntError, match="32 bytes"):
        opened(root).append([b"short"])
