"""A dying disk, a full one and a kill while a copy is brought up to date or an archive is healed: the next run ends it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.test_copy_archive import audited, flip, objects_of, sealed_bytes
from tests.material import make_delivery
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options

COPY = """
import sys
from pathlib import Path
from unburnt.api.copies import copy_archive, repair_archive
(copy_archive if sys.argv[1] == "copy" else repair_archive)(Path(sys.argv[2]), Path(sys.argv[3]))
"""
SAMPLE = [("rename", 2), ("fsync", 3), ("write", 12)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive and a copy that is one delivery behind."""
    base = tmp_path_factory.mktemp("pair")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=2)], options=Options(ocr=False))
        copy_archive(base / "archive", base / "copy")
        (base / "more.txt").write_text("arrived since")
        archive.add([base / "more.txt"], options=Options(ocr=False))
    return base


@pytest.mark.faults
@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
@pytest.mark.parametrize(("call", "number"), SAMPLE)
@pytest.mark.parametrize("act", ["copy", "repair"])
def test_after_any_fault_the_next_run_ends_it_and_the_good_side_is_as_it_was(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, call: str, number: int, fault: str
) -> None:
    for name in ("archive", "copy"):
        copied(pair / name, tmp_path / name)
    use_keys_of_its_own(tmp_path, monkeypatch)
    archive, copy = tmp_path / "archive", tmp_path / "copy"
    if act == "repair":
        copy_archive(archive, copy)
        flip(archive / "events" / "000001.jsonl", 900)
        flip(objects_of(archive)[1])
        shutil.rmtree(archive / "log" / "tile")
    good = copy if act == "repair" else archive
    before = sealed_bytes(good)
    ended = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={number}", sys.executable, "-c",
                            COPY, act, archive, copy], capture_output=True, check=False)
    assert ended.returncode != 0  # it struck
    assert sealed_bytes(good) == before
    report = (copy_archive if act == "copy" else repair_archive)(archive, copy)
    assert report.findings == ()
    assert audited(archive) == {} and audited(copy) == {}
    assert copy_archive(archive, copy).findings == ()
