"""A dying disk and a kill at each call that writes, where a key or a witness signs, is made, or is changed.

``strace`` fails (EIO) or kills at one such call after the other. Whatever happens: a signature that left is
remembered, nothing is half written, and the same act succeeds afterwards.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_logs import ARCHIVE, ORIGIN, folders, sealed
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer
from unburnt.vault.log.witness import Witness

CALLS = "write,pwrite64,writev,fsync,fdatasync,syncfs,sync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,ftruncate"
ACTS = {
    "sign": "print(Keys(keys).open('test', log=folder / 'b/log').sign((folder / 'text').read_text()))",
    "create": "print(Keys(keys).create('fresh').verifier)",
    "rotate": "k = Keys(keys); k.finish_rotation('test', k.rotate('test')); print('rotated')",
    "countersign": "print(Witness(folder / 'witness').sign((folder / 'request').read_bytes()))",
}
CHILD = """
import sys
from pathlib import Path
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.witness import Witness
folder = Path(sys.argv[1])
keys = folder / "keys"
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that signed 10 events and may sign 20; a witness that stands at 10 and is asked for 20."""
    folder = tmp_path_factory.mktemp("prepared")
    keys = Keys(folder / "keys")
    signer = keys.create(ARCHIVE)
    sealed(folder / "a", 10, keys)
    shutil.copytree(folder / "a", folder / "b")
    (folder / "text").write_text(sealed(folder / "b", 20, Signer(ORIGIN, Ed25519PrivateKey.generate())).text)
    any_witness = Cosigner("any", Ed25519PrivateKey.generate()).verifier
    witness = Witness(folder / "witness")
    witness.create()
    witness.trust(signer.verifier.vkey)

    def asked(old: int) -> bytes:
        return Countersigning(*folders(folder / "a")).request(Log(*folders(folder / "a"), ORIGIN), any_witness, old=old)

    witness.sign(asked(0))
    shutil.copytree(folder / "keys", folder / "keys-at-10")
    sealed(folder / "a", 20, keys)
    (folder / "request").write_bytes(asked(10))
    shutil.rmtree(folder / "keys")
    (folder / "keys-at-10").rename(folder / "keys")
    return folder


def run(folder: Path, act: str, *injected: str) -> bool:
    """Have a process do *act* under strace; whether a result left it."""
    ended = subprocess.run(
        ["strace", "-qq", "-f", "-o", str(folder / "trace"), "-e", f"trace={CALLS}", *injected,
         sys.executable, "-B", "-c", CHILD + ACTS[act], str(folder)],
        capture_output=True, check=False)
    return bool(ended.stdout)


def calls(folder: Path) -> list[tuple[str, int]]:
    """Each call that was traced: its name, and the how many-th of that name it was."""
    names = [line.split()[1].partition("(")[0] for line in (folder / "trace").read_text().splitlines()
             if "(" in line and "+++" not in line]
    return [(name, names[:place].count(name) + 1) for place, name in enumerate(names)]


def remembered(folder: Path) -> int:
    return Checkpoint.parse(Keys(folder / "keys").last_signed(ARCHIVE).text).size


def watched(folder: Path) -> int:
    return Witness(folder / "witness").watched()[0].size


def after_sign(folder: Path, left: bool) -> None:
    assert remembered(folder) in ((20,) if left else (10, 20))
    assert Keys(folder / "keys").open(ARCHIVE, log=folder / "b/log").sign((folder / "text").read_text())


def after_create(folder: Path, left: bool) -> None:
    keys = Keys(folder / "keys")
    assert keys.has("fresh") or not left
    made = keys.open("fresh") if keys.has("fresh") else keys.create("fresh")
    assert made.sign(Checkpoint.parse(keys.last_signed("fresh").text).text())


def after_rotate(folder: Path, left: bool) -> None:
    keys = Keys(folder / "keys")
    before = keys.open(ARCHIVE).verifier
    statement = keys.rotate(ARCHIVE)
    keys.finish_rotation(ARCHIVE, statement)
    assert statement.old == before and statement.new == keys.open(ARCHIVE, log=folder / "b/log").verifier
    assert remembered(folder) == 10 and statement.new.verified(sealed(folder / "b", 20, keys))


def after_countersign(folder: Path, left: bool) -> None:
    assert watched(folder) in ((20,) if left else (10, 20))
    assert Witness(folder / "witness").sign((folder / "request").read_bytes())


AFTER: dict[str, Callable[[Path, bool], None]] = {
    "sign": after_sign, "create": after_create, "rotate": after_rotate, "countersign": after_countersign,
}


@pytest.mark.parametrize("act", ["sign", "countersign"])
def test_one_fault_at_each_call_of_a_signature_leaves_what_can_be_gone_on_with(
    prepared: Path, tmp_path: Path, act: str,
) -> None:
    each_in_turn(prepared, tmp_path, act, "signal=KILL", "error=EIO")


@pytest.mark.faults
@pytest.mark.parametrize("fault", ["error=EIO", "error=ENOSPC", "signal=KILL"])
@pytest.mark.parametrize("act", ACTS)
def test_every_fault_at_every_call_leaves_what_can_be_gone_on_with(
    prepared: Path, tmp_path: Path, act: str, fault: str,
) -> None:
    each_in_turn(prepared, tmp_path, act, fault)


def each_in_turn(prepared: Path, tmp_path: Path, act: str, *faults: str) -> None:
    """One fault at each call in a run of its own, *faults* taking turns."""
    assert run(copy(prepared, tmp_path / "whole"), act)
    found = calls(tmp_path / "whole")
    assert 5 <= len(found) < 40 and {"write", "fsync", "rename"} <= {name for name, _ in found}
    for number, (name, nth) in enumerate(found):
        folder = copy(prepared, tmp_path / str(number))
        left = run(folder, act, "-e", f"inject={name}:{faults[number % len(faults)]}:when={nth}")
        trace = (folder / "trace").read_text()
        assert "(INJECTED)" in trace or "killed by SIGKILL" in trace
        AFTER[act](folder, left)


def copy(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared, folder)
    return folder
