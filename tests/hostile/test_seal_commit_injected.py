"""A dying disk (EIO), a full one (ENOSPC) and a kill at each call that writes while files are received and sealed.

After each fault the archive is verified, the same delivery is given again, and everything must be there once, sealed,
with nothing that was sealed before taken back.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.sealed_archive import verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.settings import keys_folder
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keys import Keys

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "mkdir", "ftruncate", "unlink")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")
RECEIVE = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.options import Options
with Archive.open(Path(sys.argv[1])) as archive:
    archive.add([Path(sys.argv[2])], options=Options(reads=False))
print("acknowledged")
"""


class Prepared:
    """An archive with one delivery, sealed; a second delivery; and how often a clean receipt calls what writes."""

    def __init__(self, folder: Path) -> None:
        for name in ("m1", "m2"):
            (folder / name).mkdir()
            for number in range(3):
                (folder / name / f"{number}.txt").write_text(f"{name} {number}\n")
        self.archive, self.second = folder / "archive", folder / "m2"
        with Archive.create(self.archive) as made:
            made.add([folder / "m1"], options=Options(reads=False))
            self.sealed = Seals(made).state().sealed
        self.identity = Layout(self.archive).archive_id
        self.signed = keys_folder() / self.identity / "signed"
        self.memory = self.signed.read_bytes()
        self.calls = self._counted(folder)

    def _counted(self, folder: Path) -> Counter[str]:
        copy, trace = folder / "clean", folder / "trace"
        shutil.copytree(self.archive, copy)
        subprocess.run(["strace", "-f", "-o", trace, "-e", f"trace={','.join(CALLS)}", sys.executable, "-c", RECEIVE,
                        copy, self.second], check=True, capture_output=True)
        threads: dict[str, Counter[str]] = {}
        for thread, call in re.findall(r"^(\d+) +(\w+)\(", trace.read_text(), re.MULTILINE):
            threads.setdefault(thread, Counter())[call] += 1
        return Counter({call: max(one[call] for one in threads.values()) for call in CALLS})


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared(tmp_path_factory.mktemp("prepared"))


def _struck(prepared: Prepared, folder: Path, call: str, number: int, fault: str) -> None:
    """One fault at call *number* of a thread; then the promises."""
    archive = folder / f"{call}-{number}"
    shutil.copytree(prepared.archive, archive)
    prepared.signed.write_bytes(prepared.memory)  # each copy of the archive goes its own way from there
    try:
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={number}", sys.executable, "-c",
             RECEIVE, archive, prepared.second], capture_output=True, text=True, check=False)
        acknowledged = "acknowledged" in done.stdout
        assert acknowledged == (done.returncode == 0), done.stderr
        if acknowledged:
            with Archive.open(archive) as opened:
                assert opened.status().items == 6
        remembered = Checkpoint.parse(Keys().last_signed(prepared.identity).text)
        assert remembered.size >= prepared.sealed
        with Archive.open(archive) as opened:
            opened.add([prepared.second], options=Options(reads=False))
            assert opened.status().items == 6, "something is lost, or there twice"
            state = Seals(opened).state()
        assert wrong(verification(archive)) == {}
        assert state.sealed == state.events and not state.problems
    finally:
        shutil.rmtree(archive)


@pytest.mark.parametrize(("call", "share", "fault"), [
    ("write", 0.5, "signal=KILL"), ("write", 0.9, "error=ENOSPC"), ("pwrite64", 0.6, "error=EIO"),
    ("fdatasync", 0.5, "error=EIO"), ("fdatasync", 1.0, "signal=KILL"), ("rename", 0.2, "signal=KILL"),
    ("rename", 0.8, "error=EIO"), ("syncfs", 0.5, "error=EIO"), ("mkdir", 0.5, "error=ENOSPC"),
    ("fsync", 0.7, "signal=KILL"),
])
def test_a_fault_at_a_call_that_writes_loses_nothing_and_seals_nothing_false(
    prepared: Prepared, tmp_path: Path, call: str, share: float, fault: str
) -> None:
    _struck(prepared, tmp_path, call, max(1, round(share * prepared.calls[call])), fault)


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_at_every_call_that_writes_loses_nothing_and_seals_nothing_false(
    prepared: Prepared, tmp_path: Path, call: str, fault: str
) -> None:
    for number in range(1, prepared.calls[call] + 1):
        _struck(prepared, tmp_path, call, number, fault)
