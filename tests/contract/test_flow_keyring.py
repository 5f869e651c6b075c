"""Passwords kept in the keyring: a later reading needs no retyping, and no archive ever holds one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import py7zr
import pytest

from unburnt.api import Archive
from unburnt.base.digests import digest_of

PASSWORD = "correct-horse-battery-staple"
PASSPHRASE = "a long walk along the winter canal"
HIDDEN = b"the hidden plan"


class Desk:
    """A reporter's folder: locked material, a password file, a passphrase file, settings of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "delivery"
        self.source.mkdir()
        with py7zr.SevenZipFile(self.source / "locked.7z", "w", password=PASSWORD) as locked:
            locked.writestr(HIDDEN, "plan.txt")
        self.passwords = self._file("passwords", f"wrong\n{PASSWORD}\n")
        self.passphrase = self._file("passphrase", f"{PASSPHRASE}\n")
        self.archive = folder / "archive"
        Archive.create(self.archive).close()

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "unburnt", "-a", str(self.archive), *map(str, words)]
        environment = {**os.environ, "UNBURNT_CONFIG": str(self.folder / "config")}
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
        )

    def locked(self) -> int:
        with Archive.open(self.archive) as archive:
            return archive.status().outcomes["locked"]

    def _file(self, name: str, text: str) -> Path:
        (self.folder / name).write_text(text)
        return self.folder / name


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def bytes_below(root: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_a_kept_password_opens_at_a_later_reading_without_being_typed_again(desk: Desk) -> None:
    kept = desk.run("add", desk.source, "--password-file", desk.passwords, "--keep", "--passphrase-file", desk.passphrase)
    assert kept.returncode == 0, kept.stderr
    assert desk.locked() == 0
    desk.passwords.unlink()
    # The readings are lost: everything is to be read again, and the archive remembers no password.
    shutil.rmtree(desk.archive / "derived")
    assert desk.run("rebuild").returncode == 0
    assert desk.run("add", desk.source).returncode == 0
    assert desk.locked() == 2  # the file and what is in it
    opened = desk.run("add", desk.source, "--keyring", "--passphrase-file", desk.passphrase)
    assert opened.returncode == 0, opened.stderr
    assert desk.locked() == 0
    with Archive.open(desk.archive) as archive:
        assert archive.count("plan") == 1


def test_unlock_takes_the_keyrings_passwords(desk: Desk) -> None:
    assert desk.run("add", desk.source).returncode == 0
    assert desk.locked() == 2  # the file and what is in it
    first = desk.run("unlock", "--password-file", desk.passwords, "--keep", "--passphrase-file", desk.passphrase)
    assert first.returncode == 0, first.stderr
    other = Archive.create(desk.folder / "other").root
    desk.archive = other
    assert desk.run("add", desk.source).returncode == 0
    assert desk.locked() == 2  # the file and what is in it
    second = desk.run("unlock", "--keyring", "--passphrase-file", desk.passphrase)
    assert second.returncode == 0, second.stderr
    assert desk.locked() == 0


def test_no_byte_of_archive_or_keyring_tells_a_password_and_the_history_tells_what_opened(desk: Desk) -> None:
    ended = desk.run("add", desk.source, "--password-file", desk.passwords, "--keep", "--passphrase-file", desk.passphrase)
    everything = bytes_below(desk.archive) + bytes_below(desk.folder / "config") + (ended.stdout + ended.stderr).encode()
    for secret in (PASSWORD, PASSPHRASE):
        assert secret.encode() not in everything
    keyring = desk.folder / "config" / "keyring.age"
    assert keyring.read_bytes().startswith(b"age-encryption.org/v1")
    assert keyring.stat().st_mode & 0o777 == 0o600
    with Archive.open(desk.archive) as archive:
        reading = archive.document("locked.7z").reading
        assert reading is not None and reading.opened_with_secret
        assert archive.document(digest_of(HIDDEN)).total_occurrences == 1
    assert "opened with a password" in desk.run("show", "locked.7z").stdout


def test_a_wrong_passphrase_stops_before_anything_is_done(desk: Desk) -> None:
    desk.run("add", desk.source, "--password-file", desk.passwords, "--keep", "--passphrase-file", desk.passphrase)
    before = (desk.folder / "config" / "keyring.age").read_bytes()
    desk.passphrase.write_text("another\n")
    for words in (["--keyring"], ["--keep", "--password-file", desk.passwords]):
        ended = desk.run("unlock", *words, "--passphrase-file", desk.passphrase)
        assert ended.returncode == 1
        assert "The passphrase does not open the keyring" in ended.stderr
    assert (desk.folder / "config" / "keyring.age").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--keyring"], "There is no keyring yet"),
        (["--keep", "--password-file", "passwords"], "no terminal"),
        (["--keep", "--keyring", "--passphrase-file", "passphrase"], "no password to keep"),
        (["--password-file", "passwords", "--passphrase-file", "passphrase"], "is for --keyring or --keep"),
        ([], "no terminal"),
    ],
)
def test_what_cannot_be_meant_is_said(desk: Desk, words: list[str], sentence: str) -> None:
    places = {name: str(desk.folder / name) for name in ("passwords", "passphrase")}
    ended = desk.run("unlock", *(places.get(word, word) for word in words))
    assert ended.returncode == 2
    assert sentence in ended.stderr
