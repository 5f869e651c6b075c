"""Programs that other people wrote read our log: Go's checksum database code, and the Python library tlog-scales."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as TheirCheckpoint
from tlog_scales.tlog import (
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.log import Log
from unburnt.vault.log.merkle import EMPTY_ROOT, leaf_hash
from unburnt.vault.log.note import Note, Signer

ORIGIN = "unburnt/others"
SIZES = (1, 2, 255, 256, 257, 700, 65_536, 70_000)
ENTRIES = [hashlib.sha256(b"%d" % number).digest() for number in range(SIZES[-1])]
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.generate())
GO_PACKAGES = Path("/usr/share/gocode")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Log]:
    return make(tmp_path_factory.mktemp("large"), SIZES[-1])


def make(root: Path, size: int) -> tuple[Path, Log]:
    for name in ("log", "tmp"):
        (root / name).mkdir()
    log = Log(root / "log", root / "tmp", ORIGIN, write=True)
    log.append(ENTRIES[:size])
    log.commit(SIGNER)
    return root / "log", log


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data(), size=st.one_of(st.integers(1, 600), st.integers(1, SIZES[-1])))
def test_tlog_scales_accepts_our_proofs_and_refuses_changed_ones(
    large: tuple[Path, Log], data: st.DataObject, size: int
) -> None:
    _, log = large
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    hashes, grown = log.inclusion(index, size), log.consistency(old, size)
    InclusionProof(index, size, hashes).check(leaf_hash(ENTRIES[index]), log.root(size))
    ConsistencyProof(old, size, grown).check(log.root(old), log.root(size))
    with pytest.raises(InclusionProofInvalid):
        InclusionProof(index, size, [*hashes, EMPTY_ROOT]).check(leaf_hash(ENTRIES[index]), log.root(size))
    with pytest.raises(ConsistencyProofInvalid):
        ConsistencyProof(old, size, [*grown, EMPTY_ROOT]).check(log.root(old), log.root(size))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(index=st.integers(0, SIZES[-1] - 1), old=st.integers(1, SIZES[-1]))
def test_tlog_scales_reads_our_tiles_and_makes_the_same_proofs(large: tuple[Path, Log], index: int, old: int) -> None:
    folder, log = large
    reader = TilesReader(LocalBackend(folder))
    size = reader.get_checkpoint().size
    assert reader.calculate_root_hash() == log.root(size)
    assert reader.get_entry(index) == ENTRIES[index]
    assert reader.get_inclusion_proof(index, size).node_hashes == log.inclusion(index, size)
    assert reader.get_consistency_proof(old, size).node_hashes == log.consistency(old, size)


def test_tlog_scales_verifies_signature_and_countersignature(large: tuple[Path, Log]) -> None:
    _, log = large
    witness = Cosigner("witness.example/w", Ed25519PrivateKey.generate())
    note = log.checkpoint()
    assert note is not None
    note = Note(note.text, (*note.signatures, witness.cosign(note.text, 1574618400)))
    theirs = TheirCheckpoint.from_text(note.encode().decode())
    for vkey in (SIGNER.verifier.vkey, witness.verifier.vkey):
        theirs.verify(Vkey.from_string(vkey))
        forged = TheirCheckpoint(theirs.origin, theirs.size + 1, theirs.root_hash, theirs.signatures)
        with pytest.raises(InvalidSignature):
            forged.verify(Vkey.from_string(vkey))


@pytest.fixture(scope="module")
def go_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader in go_tlog/, compiled with Debian's packages golang-go and golang-golang-x-mod-dev."""
    if not os.environ.get("CI") and not (shutil.which("go") and (GO_PACKAGES / "src/golang.org/x/mod").is_dir()):
        pytest.skip("needs golang-go and golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GOCACHE": str(folder / "cache"), "GOFLAGS": "",
        "GO111MODULE": "off", "GOPATH": str(GO_PACKAGES), "GOPROXY": "off", "CGO_ENABLED": "0",
    }
    source = Path(__file__).parent / "go_tlog" / "reader.go"
    command = ["go", "build", "-o", str(folder / "reader"), str(source)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "reader"


def read_by_go(reader: Path, folder: Path, vkey: str, index: int, old: int) -> tuple[int, str]:
    command = [str(reader), str(folder), vkey, str(index), str(old)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("size", SIZES)
def test_go_verifies_our_checkpoint_and_proves_from_our_tiles(tmp_path: Path, go_reader: Path, size: int) -> None:
    folder, log = make(tmp_path, size)
    for index, old in {(0, 1), (size // 3, size), (size - 1, size // 2 + 1)}:
        code, output = read_by_go(go_reader, folder, SIGNER.verifier.vkey, index, old)
        assert code == 0, output
        values = (log.root(size), ENTRIES[index], log.root(old))
        assert output.split() == [str(size), *(base64.b64encode(value).decode() for value in values)]


def test_go_refuses_what_we_refuse(tmp_path: Path, go_reader: Path) -> None:
    folder, _ = make(tmp_path, 700)
    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier.vkey
    assert read_by_go(go_reader, folder, stranger, 3, 300)[0] == 3
    # Entry 2 is the neighbour of entry 3; x/mod 0.7 passes over hashes of a tile that the proof does not use.
    for name, place in (("tile/0/000", 64), ("tile/entries/000", 3 * 34 + 2), ("tile/1/000.p/2", 0), ("checkpoint", 5)):
        good = (folder / name).read_bytes()
        (folder / name).write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1:])
        code, output = read_by_go(go_reader, folder, SIGNER.verifier.vkey, 3, 300)
        assert code == 3 and output.startswith("REFUSED"), name
        (folder / name).write_bytes(good)
    assert read_by_go(go_reader, folder, SIGNER.verifier.vkey, 3, 300)[0] == 0
