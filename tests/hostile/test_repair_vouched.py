"""What strangers vouched for is healed from a copy; a stranger that the archive never had does not come with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_authority import Authority, pin
from tests.sealed_archive import material, sealed_archive, verification, wrong
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.model.copies import RepairReport
from unburnt.vault.layout import Layout
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.timestamps import Timestamps


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pair")
    (base / "delivery").mkdir()
    sealed_archive(base / "archive", material(base / "delivery"), Authority(base / "authority"))
    copy_archive(base / "archive", base / "copy")
    return base


@pytest.fixture(autouse=True)
def own_keys(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys_of_its_own(tmp_path, monkeypatch)


@pytest.fixture
def archive(pair: Path, tmp_path: Path) -> Path:
    return copied(pair / "archive", tmp_path / "archive")


@pytest.fixture
def copy(pair: Path, tmp_path: Path) -> Path:
    return copied(pair / "copy", tmp_path / "copy")


def only(root: Path, pattern: str) -> Path:
    (path,) = (root / "log").glob(pattern)
    return path


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def items(report: RepairReport) -> set[str]:
    return {finding.item for finding in report.findings}


@pytest.mark.parametrize("damage", [spoil, Path.unlink])
@pytest.mark.parametrize("pattern", ["timestamps/*/*.tsr", "timestamps/*/*.tsq", "roots/*.pem", "witnesses"])
def test_what_strangers_vouched_for_comes_back_byte_for_byte(
    archive: Path, copy: Path, pattern: str, damage: Callable[[Path], None]
) -> None:
    path = only(archive, pattern)
    good = path.read_bytes()
    damage(path)
    report = repair_archive(archive, copy)
    assert (path.read_bytes(), report.findings, report.left) == (good, (), ())
    assert str(path.relative_to(archive)) in report.files
    assert wrong(verification(archive)) == {}


def test_a_countersignature_removed_together_with_its_witness_comes_back(archive: Path, copy: Path) -> None:
    (archive / "log" / "witnesses").unlink()
    [kept] = [path for path in (archive / "log" / "checkpoints").iterdir() if path.read_text().count("\u2014 ") == 2]
    good = kept.read_bytes()
    kept.write_bytes(b"".join(good.splitlines(keepends=True)[:-1]))
    report = repair_archive(archive, copy)
    assert (kept.read_bytes(), report.findings, report.left) == (good, (), ())
    assert wrong(verification(archive)) == {}


@pytest.mark.parametrize("pattern", ["timestamps/*/*.tsr", "roots/*.pem", "witnesses", "checkpoints/*"])
def test_what_is_damaged_in_both_is_named(archive: Path, copy: Path, pattern: str) -> None:
    path = sorted((archive / "log").glob(pattern))[0]
    spoil(path)
    path.write_bytes(b"rot")
    (copy / path.relative_to(archive)).write_bytes(b"other rot")
    assert str(path.relative_to(archive)) in items(repair_archive(archive, copy))


def test_no_root_no_witness_and_no_timestamp_of_a_stranger_comes_from_a_copy(
    archive: Path, copy: Path, tmp_path: Path
) -> None:
    layout, stranger = Layout.open(copy), Authority(tmp_path / "stranger")
    kept = Kept(layout.log, layout.tmp)
    note = kept.note(kept.sizes()[0])
    assert note is not None
    timestamps = Timestamps(layout.log, layout.tmp)
    answer = stranger.reply(timestamps.request(note))
    timestamps.add(answer, pin(layout.log, stranger.root.pem))
    witness = Cosigner("evil.example", Ed25519PrivateKey.generate())
    kept.keep(type(note)(note.text, (witness.cosign(note.text, 1_700_000_000),)))
    with (copy / "log" / "witnesses").open("a") as file:
        file.write(f"{witness.verifier.vkey}\n")
    before = {path: path.read_bytes() for path in (archive / "log").rglob("*.pem")}
    witnesses = (archive / "log" / "witnesses").read_bytes()
    only(archive, "timestamps/*/*.tsr").write_bytes(b"rot")  # something real to heal, too
    report = repair_archive(archive, copy)
    assert {path: path.read_bytes() for path in (archive / "log").rglob("*.pem")} == before
    assert (archive / "log" / "witnesses").read_bytes() == witnesses
    assert len(list((archive / "log").glob("timestamps/*/*.tsr"))) == 1
    left = {finding.item.split("/")[1] for finding in report.left}
    assert left == {"roots", "witnesses", "timestamps"}
    assert report.findings == ()
    assert wrong(verification(archive)) == {}


def test_no_key_of_a_stranger_takes_the_place_of_the_archives_lost_one(archive: Path, copy: Path) -> None:
    good = (archive / "log" / "key.pub").read_text()
    stranger = Cosigner(good.split("+")[0], Ed25519PrivateKey.generate()).verifier
    (archive / "log" / "key.pub").unlink()
    (copy / "log" / "key.pub").write_text(f"{good}{stranger.vkey}\n")
    report = repair_archive(archive, copy)
    assert "log/key.pub" in {finding.item for finding in report.left} & items(report)
    assert stranger.vkey not in ((archive / "log" / "key.pub").read_text() if (archive / "log" / "key.pub").exists() else "")
