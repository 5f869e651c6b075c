"""A limit that was reached is named with how to raise it, and what was stopped waits again once it is higher."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.material import zipped
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import UsageError
from unburnt.base.raising import limits_with


def with_limits(*settings: str) -> Options:
    return Options(limits=limits_with(settings), ocr=False)


def notes(archive: Archive, doc: str) -> list[str]:
    reading = archive.document(doc).reading
    assert reading is not None
    return [note.text for note in reading.notes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "delivery"
    made.mkdir()
    (made / "many.zip").write_bytes(zipped({f"{i}.txt": f"Note {i}".encode() for i in range(30)}))
    (made / "deep.zip").write_bytes(zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": b"at the bottom"})})}))
    with zipfile.ZipFile(made / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("small.txt", "a small one")
        archive.writestr("large.txt", "a line of text\n" * 100_000)
    return made


def test_a_higher_limit_reads_on_and_the_same_one_reads_nothing_again(folder: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        low = with_limits("members=10", "depth=1", "member-size=1K")
        archive.add([folder], options=low)
        many, large = archive.document("many.zip"), archive.document("large.zip")
        assert many.outcome == "partial" and many.reason.startswith("It holds more than 10 members.")
        assert notes(archive, "many.zip") == ["The limit members (10) was reached. To read more, add the source again with --limit members=20."]
        assert "--limit member-size=2048" in notes(archive, "large.zip")[0]
        assert [row.outcome for row in large.members] == ["read", "refused"]
        assert archive.count("bottom") == 0
        before = archive._catalog.key_of(many.document)
        archive.add([folder], options=low)
        assert archive._catalog.key_of(many.document) == before
        archive.add([folder], options=with_limits("members=20", "member-size=1K", "depth=1"))
        assert len(archive.document("many.zip").members) == 20
        archive.add([folder])
        assert archive.status().outcomes["read"] == archive.status().items
        assert archive.count("bottom") == 1 and notes(archive, "many.zip") == []


def test_the_archive_read_after_raising_is_the_one_read_with_the_high_limit(folder: Path, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "raised") as archive:
        archive.add([folder], options=with_limits("members=10"))
        archive.add([folder])
        raised = list(archive.dump())
    with Archive.create(tmp_path / "high") as archive:
        archive.add([folder])
        archive.add([folder])
        assert list(archive.dump()) == raised


@pytest.mark.parametrize("setting", ["members", "members=many", "people=3", "members=-1", "members=0", "text=99999999999G", "ratio=٣"])
def test_a_setting_that_is_none_is_refused_with_an_example_or_the_names(setting: str) -> None:
    with pytest.raises(UsageError) as refused:
        limits_with([setting])
    assert "limit" in str(refused.value)


def test_sizes_may_be_given_in_powers_of_1024() -> None:
    limits = limits_with(["member-size=2G", "text=3m", "cpu=60"])
    assert (limits.member_bytes, limits.text, limits.cpu_seconds) == (2 << 30, 3 << 20, 60)
