"""However a log grows, its tiles and roots are the same, and every proof from it verifies (RFC 9162)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.log import Log
from unburnt.vault.log.merkle import (
    EMPTY_ROOT,
    BadProof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from unburnt.vault.log.note import Signer
from unburnt.vault.log.tile_check import contradictions
from unburnt.vault.log.tiles import tile_name

LARGEST = 70_000
ORIGIN = "unburnt/growth"
ENTRIES = [hashlib.sha256(b"%d" % number).digest() for number in range(LARGEST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))

some = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
few = settings(some, max_examples=12)
sizes = st.one_of(
    st.integers(0, 600), st.integers(0, LARGEST), st.sampled_from([255, 256, 257, 65_535, 65_536, 65_537, LARGEST])
)


def new_log(folder: Path) -> Log:
    for name in ("log", "tmp"):
        (folder / name).mkdir(parents=True)
    return Log(folder / "log", folder / "tmp", ORIGIN, write=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A log that grew in one step."""
    log = new_log(tmp_path_factory.mktemp("large"))
    log.append(ENTRIES)
    log.commit(SIGNER)
    return log


def root_by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(root_by_definition(hashes[:split]), root_by_definition(hashes[split:]))


def test_known_roots() -> None:
    """The vectors of RFC 6962's reference implementation."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert root_by_definition(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_by_definition(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@few
@given(size=sizes)
def test_every_earlier_root_is_that_of_the_definition(large: Log, size: int) -> None:
    assert large.root(size) == root_by_definition(LEAVES[:size])


@few
@given(size=sizes, cuts=st.lists(st.integers(0, LARGEST), max_size=6), commits=st.integers(0, 63))
def test_small_and_big_steps_give_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, size: int, cuts: list[int], commits: int
) -> None:
    at_once = new_log(tmp_path_factory.mktemp("once"))
    at_once.append(ENTRIES[:size])
    at_once.commit(SIGNER)
    folder = tmp_path_factory.mktemp("steps")
    steps = new_log(folder)
    for number, cut in enumerate(sorted(cut for cut in cuts if cut <= size)):
        steps.append(ENTRIES[steps.appended:cut])
        if commits >> number & 1:
            steps.commit(SIGNER)
            steps = Log(folder / "log", folder / "tmp", ORIGIN, write=True)
    steps.append(ENTRIES[steps.appended:size])
    assert steps.commit(SIGNER) == at_once.commit(SIGNER)
    for path, data in files_by_definition(size).items():
        assert (folder / "log" / path).read_bytes() == data, path
    head = Checkpoint(ORIGIN, size, steps.root(size))
    assert list(contradictions(folder / "log", head)) == list(contradictions(folder / "log", head, ENTRIES)) == []


def files_by_definition(size: int) -> dict[str, bytes]:
    """Name and content of every file that C2SP tlog-tiles asks for at *size*."""
    files = {}
    for number in range(-(-size // 256)):
        records = [b"\x00\x20" + entry for entry in ENTRIES[:size][number * 256:number * 256 + 256]]
        files[tile_name(None, number, len(records))] = b"".join(records)
    level, hashes = 0, LEAVES[:size]
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            tile = hashes[number * 256:number * 256 + 256]
            files[tile_name(level, number, len(tile))] = b"".join(tile)
        full = len(hashes) // 256 * 256
        level, hashes = level + 1, [root_by_definition(hashes[at:at + 256]) for at in range(0, full, 256)]
    return files


@some
@given(data=st.data(), size=sizes.filter(bool))
def test_every_inclusion_verifies_and_no_changed_one_does(large: Log, data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, entry_hash = large.root(size), leaf_hash(ENTRIES[index])
    proof = large.inclusion(index, size)
    verify_inclusion(entry_hash, index, size, root, proof)
    wrong = [
        (leaf_hash(b"other"), index, size, root, proof),
        (entry_hash, index, size, EMPTY_ROOT, proof),
        (entry_hash, index, size, root, [*proof, proof[0] if proof else root]),
        (entry_hash, -1, size, root, proof),
        (entry_hash, size, size, root, proof),
        (entry_hash, index, 1 << 64, root, proof),
        (entry_hash, index, size, root, [root] * 64),
    ]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((entry_hash, index, size, root, proof[:place] + proof[place + 1:]))
        wrong.append((entry_hash, index, size, root, proof[:place] + [flipped(proof[place])] + proof[place + 1:]))
        wrong.append((entry_hash, index, size, root, proof[:place] + [proof[place][:31]] + proof[place + 1:]))
        wrong.append((entry_hash, index ^ 1, size, root, proof))
    for case in wrong:
        with pytest.raises(BadProof):
            verify_inclusion(*case)


@some
@given(data=st.data(), new=sizes)
def test_every_consistency_verifies_and_no_changed_one_does(large: Log, data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(0, new))
    old_root, new_root, proof = large.root(old), large.root(new), large.consistency(old, new)
    verify_consistency(old, old_root, new, new_root, proof)
    wrong = [
        (old, flipped(old_root), new, new_root, proof),
        (old, old_root, new, new_root, [*proof, new_root]),
        (new + 1, old_root, new, new_root, proof),
        (-1, old_root, new, new_root, proof),
        (old, old_root, new, new_root, [new_root] * 64),
    ]
    if old:
        wrong.append((old, old_root, new, flipped(new_root), proof))
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((old, old_root, new, new_root, proof[:place] + proof[place + 1:]))
        wrong.append((old, old_root, new, new_root, proof[:place] + [flipped(proof[place])] + proof[place + 1:]))
    for case in wrong:
        with pytest.raises(BadProof):
            verify_consistency(*case)


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_partial_tiles_stay_while_the_newest_or_a_kept_checkpoint_counts_on_them_until_the_full_one_is_there(
    tmp_path: Path,
) -> None:
    log = new_log(tmp_path)
    kept = Kept(tmp_path / "log", tmp_path / "tmp")
    behind = None
    for size in (3, 200, 255):
        log.append(ENTRIES[log.appended:size])
        note = log.commit(SIGNER)
        if size == 3:
            kept.keep(note)
        if size == 200:
            behind = Log(tmp_path / "log", tmp_path / "tmp", ORIGIN)
    folder = tmp_path / "log" / "tile" / "0" / "000.p"
    entries = tmp_path / "log" / "tile" / "entries" / "000.p"
    for each in (folder, entries):
        assert sorted(path.name for path in each.iterdir()) == ["255", "3"]
    assert behind is not None and behind.root(200) == log.root(200), "a reader of before reads on"
    log.append(ENTRIES[255:300])
    log.commit(SIGNER)
    assert not folder.exists() and not entries.exists()


def test_no_file_of_the_log_tells_when_it_was_written(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    for size in (3, 200, 300):
        log.append(ENTRIES[log.appended:size])
        Kept(tmp_path / "log", tmp_path / "tmp").keep(log.commit(SIGNER))
    paths = [tmp_path / "log", *(tmp_path / "log").rglob("*")]
    assert len(paths) > 10
    assert {path.name: path.stat().st_mtime_ns for path in paths if path.stat().st_mtime_ns} == {}


def test_names_of_tiles_are_those_of_the_standard() -> None:
    assert tile_name(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_name(None, 5, 17) == "tile/entries/005.p/17"
    assert tile_name(3, 1000) == "tile/3/x001/000"
