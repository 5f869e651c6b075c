"""Pipes, sockets, links and folders in place of an archive's own files hold no command up, and are named."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.api.options import Options


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("odd")
    (base / "m").mkdir()
    (base / "m" / "a.txt").write_text("hello\n")
    with Archive.create(base / "a") as archive:
        archive.add([base / "m"], options=Options(reads=False))
    return base / "a"


def pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        one.bind(path.name)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


ACTS = """
import sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.api.seals import Seals
from unburnt.api.verification import as_text
from unburnt.base.errors import UnburntError
try:
    with Archive.open(Path(sys.argv[1])) as archive:
        archive.status()
        report = Seals(archive).verify()
        print("\\n".join(as_text(report)))
        sys.exit(0 if report.is_sound else 3)
except UnburntError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("make", [pipe, a_socket, endless, Path.mkdir])
@pytest.mark.parametrize("name", ["unburnt.toml", "catalog.sqlite", "keeper.lock"])
def test_no_command_waits_for_it_or_follows_it_and_it_is_named(
    made: Path, tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    archive = tmp_path / "a"
    shutil.copytree(made, archive, ignore=shutil.ignore_patterns("*.sock", f"{name}*"))
    make(archive / name)
    done = subprocess.run([sys.executable, "-c", ACTS, archive], capture_output=True, text=True, timeout=60, check=False)
    harmless = name == "keeper.lock" and make in (a_socket, Path.mkdir)
    assert done.returncode in ((0, 3) if harmless else (1, 3)), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert harmless or name in done.stdout
