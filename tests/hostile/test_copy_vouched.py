"""A copy may be the only place that still holds what strangers vouched for: no damage in the archive spreads to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.seal_authority import Authority
from tests.sealed_archive import material, sealed_archive, verification, wrong
from tests.spoiled_archives import copied, use_keys_of_its_own
from unburnt.api.copies import copy_archive, repair_archive


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pair")
    authority = Authority(tmp_path_factory.mktemp("authority"))
    sealed_archive(base / "archive", material(tmp_path_factory.mktemp("material")), authority)
    copy_archive(base / "archive", base / "copy")
    return base


@pytest.fixture
def archive(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_keys_of_its_own(tmp_path, monkeypatch)
    for name in ("archive", "copy"):
        copied(pair / name, tmp_path / name)
    return tmp_path / "archive"


def _changed(pattern: str, change: Callable[[bytes], bytes]) -> Callable[[Path], str]:
    def act(archive: Path) -> str:
        path = next(archive.glob(f"log/{pattern}"))
        path.write_bytes(change(path.read_bytes()))
        return str(path.relative_to(archive))
    return act


def _without_last_line(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


def _flipped(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def _other_signature(data: bytes) -> bytes:
    """The witness's signature over something else: the line is as it should be, and false."""
    line = data.splitlines()[-1]
    return data.replace(line, line[:-7] + (b"A" if line[-7:-6] != b"A" else b"B") + line[-6:])


def _removed(pattern: str) -> Callable[[Path], str]:
    def act(archive: Path) -> str:
        path = next(archive.glob(f"log/{pattern}"))
        path.unlink()
        return str(path.relative_to(archive))
    return act


@pytest.mark.parametrize("damage", [
    _changed("timestamps/*/*.tsr", _flipped), _changed("timestamps/*/*.tsq", _flipped), _changed("roots/*.pem", lambda _: b"x"),
    _changed("checkpoints/*", _without_last_line), _changed("checkpoints/*", _other_signature),
    _changed("witnesses", lambda _: b"\xff\xfe"), _changed("key.pub", lambda _: b"\xff\xfe"), _changed("key.pub", lambda _: b""),
    _removed("timestamps/*/*.tsr"), _removed("checkpoints/*"), _removed("roots/*.pem"), _removed("witnesses"), _removed("key.pub"),
])
def test_what_is_damaged_or_gone_in_the_archive_stays_whole_in_the_copy_and_is_named(
    archive: Path, damage: Callable[[Path], str]
) -> None:
    copy = archive.with_name("copy")
    item = damage(archive)
    before = (copy / item).read_bytes()
    report = copy_archive(archive, copy)
    assert item in {finding.item for finding in report.findings}
    assert (copy / item).read_bytes() == before
    repair_archive(archive, copy)
    assert (archive / item).read_bytes() == before
    assert wrong(verification(archive)) == {}


def test_a_good_file_of_the_archive_heals_the_copys(archive: Path) -> None:
    copy = archive.with_name("copy")
    whole = {}
    for damage in (_changed("timestamps/*/*.tsr", _flipped), _changed("checkpoints/*", _other_signature), _removed("roots/*.pem")):
        item = damage(copy)
        whole[item] = (archive / item).read_bytes()
    assert copy_archive(archive, copy).findings == ()
    assert {item: (copy / item).read_bytes() for item in whole} == whole


def test_nothing_that_is_not_the_logs_goes_along(archive: Path) -> None:
    (archive / "log" / "names of sources").write_text("planted")
    (archive / "log" / "checkpoints" / "x").write_text("planted")
    copy_archive(archive, archive.with_name("copy"))
    assert not list(archive.with_name("copy").glob("log/**/x")) and not (archive.with_name("copy") / "log" / "names of sources").exists()


def test_no_file_of_a_copys_or_healed_log_bears_a_date(archive: Path) -> None:
    copy_archive(archive, archive.with_name("new"))
    _removed("tile/0/000.p/*")(archive)
    _removed("timestamps/*/*.tsr")(archive)
    repair_archive(archive, archive.with_name("copy"))
    for log in (archive.with_name("new") / "log", archive / "log"):
        assert {path.stat().st_mtime_ns for path in (log, *log.rglob("*"))} == {0}
