"""An archive from a stranger whose log holds pipes, folders, links and rubbish where files belong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_authority import Authority, certified, pin
from tests.seal_logs import ORIGIN, folders, sealed
from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.countersign import Countersigning
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.log.roots import pinned
from unburnt.vault.log.timestamps import Timestamps

WITNESS = Cosigner("colleague", Ed25519PrivateKey.generate())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one of each: a kept checkpoint, a request with its answer, a root, a witness."""
    note = sealed(tmp_path, 3, Signer(ORIGIN, Ed25519PrivateKey.generate()))
    folder, tmp = folders(tmp_path)
    authority = Authority(tmp_path / "authority")
    roots = pin(folder, authority.root.pem)
    stamps = Timestamps(folder, tmp)
    stamps.add(authority.reply(stamps.request(note)), roots)
    answer = Note(note.text, (WITNESS.cosign(note.text, 1_700_000_000),)).encode()[len(note.text.encode()) + 1:]
    Countersigning(folder, tmp).add(answer, WITNESS.verifier)
    return folder


def read_all(log: Path) -> None:
    tmp = log.parent / "tmp"
    roots = pinned(log)
    for found in Timestamps(log, tmp).found(roots):
        if isinstance(found.said, UnburntError):
            raise found.said
    for answer in log.glob("timestamps/*/*.tsr"):  # the requests are read to know what it answers
        Timestamps(log, tmp).add(answer.read_bytes(), roots)
    if not Countersigning(log, tmp).found():
        raise UnburntError("No countersignature was found.")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def rubbish(path: Path) -> None:
    path.write_bytes(b"\xff" * 100)


@pytest.mark.parametrize("make", [pipe, folder, endless, rubbish])
@pytest.mark.parametrize("name", ["checkpoints/3", "timestamps/3/*.tsr", "timestamps/3/*.tsq", "roots/*.pem", "witnesses"])
def test_what_is_no_plain_file_gets_a_named_error_and_holds_nobody_up(
    log: Path, name: str, make: Callable[[Path], None],
) -> None:
    read_all(log)
    [path] = log.glob(name)
    path.unlink()
    make(path)
    with pytest.raises(UnburntError):
        read_all(log)


@pytest.mark.parametrize("name", ["checkpoints", "timestamps", "timestamps/9", "roots"])
def test_nothing_is_written_through_a_folder_that_leads_elsewhere(log: Path, tmp_path: Path, name: str) -> None:
    elsewhere, tmp = tmp_path / "elsewhere", log.parent / "tmp"
    elsewhere.mkdir()
    if (log / name).exists():
        (log / name).rename(tmp_path / "aside")
    (log / name).symlink_to(elsewhere)
    larger = sealed(tmp_path, 9, Signer(ORIGIN, Ed25519PrivateKey.generate()))
    with pytest.raises(DamagedArchive, match="link"):
        Kept(log, tmp).keep(larger)
        Timestamps(log, tmp).request(larger)
        pin(log, certified("Another Root").pem)
    assert list(elsewhere.iterdir()) == []
