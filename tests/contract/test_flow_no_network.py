"""Importing needs no network: in an empty network namespace the archive comes out equal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive


def imported(root: Path, source: Path, *before: str) -> list[str]:
    """The canonical dump of what the command line makes of *source*, run behind the words *before*."""
    Archive.create(root).close()
    words = [*before, sys.executable, "-m", "unburnt", "-a", str(root), "add", str(source)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    with Archive.open(root) as archive:
        return list(archive.dump())


def test_an_import_without_any_network_gives_an_equal_archive(tmp_path: Path) -> None:
    # As root no user namespace is needed, which some systems switch off.
    alone = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net"]
    interfaces = subprocess.run(
        [*alone, "cat", "/proc/self/net/dev"], capture_output=True, text=True, timeout=60, check=False
    )
    if interfaces.returncode != 0 and not os.environ.get("CI"):
        pytest.skip("this machine gives nobody an empty network namespace")
    assert [line.split(":")[0].strip() for line in interfaces.stdout.splitlines()[2:]] in ([], ["lo"])
    source = make_delivery(tmp_path / "delivery", texts=5)
    with_network = imported(tmp_path / "with", source)
    without = imported(tmp_path / "without", source, *alone)
    assert len(without) > 20
    assert without == with_network
