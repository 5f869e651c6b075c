"""Something else in the place of the keeper's lock or socket: named by whoever only reads, and told nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.sealed_archive import verification, wrong
from unburnt.api import Archive
from unburnt.api.archive_checks import archive_checks
from unburnt.base.errors import UnburntError
from unburnt.cli.main import unburnt
from unburnt.flow import wire
from unburnt.vault.keeper_files import odd_keeper_files


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "archive"
    Archive.create(root).close()
    return root


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "archive", ignore=shutil.ignore_patterns("*.sock"))
    (tmp_path / "archive" / "keeper.lock").unlink(missing_ok=True)
    return tmp_path / "archive"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _link(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def _file(path: Path) -> None:
    path.write_bytes(b"{}")


@pytest.mark.parametrize(("name", "make"), [
    *(("keeper.lock", make) for make in (_pipe, _folder, _link, _socket)),
    *(("keeper.sock", make) for make in (_pipe, _folder, _link, _file)),
])
def test_what_is_no_lock_or_socket_is_named_by_verify_doctor_and_every_command(
    archive: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(archive / name)
    assert name in wrong(verification(archive))["files"]
    check = dict(archive_checks(archive))["archive's keeper"]()
    assert check.finding.startswith(f"{name} of the archive is odd.")
    said = CliRunner().invoke(unburnt, ["-a", str(archive), "status"])
    assert said.exit_code == 0 and f"{name} of this archive is odd" in said.stderr


@pytest.mark.parametrize("name", ["keeper.lock", "keeper.sock"])
def test_a_folder_in_its_place_is_named_by_who_would_be_the_keeper(archive: Path, tmp_path: Path, name: str) -> None:
    (archive / name).mkdir()
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match=name):
        opened.add([tmp_path / "n"])


def test_what_a_keeper_left_or_has_is_not_odd(archive: Path) -> None:
    with Archive.open(archive) as opened, opened.keeper():
        assert (archive / "keeper.sock").is_socket() and odd_keeper_files(archive) == []
    assert (archive / "keeper.lock").is_file() and odd_keeper_files(archive) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_another_user_s_file_is_named(archive: Path) -> None:
    (archive / "keeper.lock").write_bytes(b"")
    os.chown(archive / "keeper.lock", 65534, 65534)
    finding, = odd_keeper_files(archive)
    assert finding.item == "keeper.lock" and "another user (number 65534)" in finding.what


_LISTEN = """
import os, socket, sys
os.setuid(65534)
line = socket.socket(fileno=int(sys.argv[1]))
line.listen()
print("listening", flush=True)
guest, _ = line.accept()
print(repr(guest.recv(1000)), flush=True)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
def test_a_socket_behind_which_another_user_answers_is_told_no_secret(archive: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(archive / "keeper.sock"))
        os.set_inheritable(line.fileno(), True)
        stranger = subprocess.Popen([sys.executable, "-I", "-c", _LISTEN, str(line.fileno())], pass_fds=[line.fileno()],
                                    stdout=subprocess.PIPE, text=True)
    assert stranger.stdout is not None and stranger.stdout.readline() == "listening\n"
    timer = threading.Timer(60, stranger.kill)
    timer.start()
    with pytest.raises(UnburntError, match="another user"):
        wire.ask(archive, wire.Request(verb="passwords", passwords=("secret",)))
    assert stranger.stdout.readline() == "b''\n"
    assert stranger.wait() == 0
    stranger.stdout.close()
    timer.cancel()
