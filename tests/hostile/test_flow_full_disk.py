"""A disk that fills up or is pulled out at any moment: a sentence, and the next run goes on as if nothing had been.

Each test mounts a small disk of its own in a mount namespace; that needs no root where user namespaces are allowed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.small_disk import BALLAST
from tests.material import make_delivery
from unburnt.api import Archive

HERE = Path(__file__).parent
FULL = re.compile(r"The disk (of this archive )?is full")

MOMENTS = [
    ("objects", "unburnt.vault.objects:Objects.stage", 3),
    ("objects", "unburnt.vault.objects:Objects.commit", 1),
    ("events", "unburnt.vault.events:Events.flush", 2),
    ("derived", "unburnt.vault.derived:Derived.put", 4),
    ("derived", "unburnt.vault.members:MemberSink.finish", 2),
    ("catalogue", "unburnt.catalog.catalog:Catalog.apply", 9),
    ("catalogue", "unburnt.catalog.catalog:Catalog.mark_indexed", 1),
    ("index", "unburnt.search.index:Index.add", 3),
    ("index", "unburnt.search.index:Index.commit", 1),
]
PULLED = [one for one in MOMENTS if not one[1].endswith(("stage", "finish", "mark_indexed", "add"))]


def names(moments: list[tuple[str, str, int]]) -> list[str]:
    return [f"{what}-{moment.split(':')[1]}" for what, moment, _ in moments]


# Mounts made here are seen by nobody else and end with the script.
OWN_MOUNTS = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount", "--propagation", "private"]


@pytest.fixture(scope="module", autouse=True)
def _own_mounts() -> None:
    tried = subprocess.run(
        [*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, timeout=60, check=False
    )
    if tried.returncode != 0 and not os.environ.get("CI"):
        pytest.skip(f"this machine lets nobody mount a small disk: {tried.stderr.strip()}")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_delivery(tmp_path_factory.mktemp("source") / "delivery", texts=20)


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    root = tmp_path_factory.mktemp("undisturbed") / "archive"
    Archive.create(root).close()
    subprocess.run(command(root, "add", source), check=True, capture_output=True, timeout=120)
    return facts(root)


def facts(root: Path) -> tuple[list[str], list[str]]:
    with Archive.open(root) as archive:
        status = archive.status()
        assert status.items == sum(status.outcomes.values())
        found = sorted(hit.document for query in ("拘留", "里面", "reminder") for hit in archive.search(query, limit=99).hits)
        return list(archive.dump()), found


def command(root: Path, *words: str | Path, deed: str = "nothing", place: Path | str = "-", moment: str = "-",
            count: int = 0) -> list[str]:
    return [
        sys.executable, str(HERE / "small_disk.py"), deed, str(place), moment, str(count), "-a", str(root),
        *map(str, words),
    ]


def inside(script: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script with mounts of its own; ``$1`` and so on are *words*."""
    line = [*OWN_MOUNTS, "bash", "-u", "-c", script, "bash", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)


def quoted(words: list[str]) -> str:
    return " ".join(f"'{word}'" for word in words)


@pytest.mark.parametrize(("what", "moment", "count"), MOMENTS, ids=names(MOMENTS))
def test_a_full_disk_ends_the_run_with_a_sentence_and_the_next_goes_on(
    what: str, moment: str, count: int, source: Path, undisturbed: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    root = disk / "archive"
    ended = inside(
        f"""
        mount -t tmpfs -o size=64m none "$1" && {quoted(command(root, "init", root))} >/dev/null || exit 99
        {quoted(command(root, "add", source, deed="fill", place=disk, moment=moment, count=count))}
        echo "first $?"
        {quoted(command(root, "add", source))}; {quoted(command(root, "status"))} >/dev/null
        rm "$1/{BALLAST}" || exit 98
        {quoted(command(root, "add", source))}
        echo "second $?"
        cp -a "$1/archive" "$2"
        """, disk, kept,
    )
    assert ended.stdout.split() == ["first", "1", "second", "0"], ended.stdout + ended.stderr
    assert FULL.search(ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr
    assert facts(kept) == undisturbed


@pytest.mark.parametrize(("what", "moment", "count"), PULLED, ids=names(PULLED))
def test_an_archives_drive_that_is_pulled_out_ends_the_run_and_the_next_goes_on(
    what: str, moment: str, count: int, source: Path, undisturbed: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    drive, place = tmp_path / "drive", tmp_path / "place"
    drive.mkdir()
    place.mkdir()
    root = place / "archive"
    ended = inside(
        f"""
        mount --bind "$1" "$2" && {quoted(command(root, "init", root))} >/dev/null || exit 99
        {quoted(command(root, "add", source, deed="pull", place=place, moment=moment, count=count))}
        echo "first $?"
        mount --bind "$1" "$2" || exit 98
        {quoted(command(root, "add", source))}
        echo "second $?"
        """, drive, place,
    )
    assert ended.stdout.split()[0::2] == ["first", "second"] and ended.stdout.split()[3] == "0", ended.stdout + ended.stderr
    if ended.stdout.split()[1] != "0":  # an open file may take all that was left to write
        assert "Traceback" not in ended.stderr
        assert "unburnt: " in ended.stderr
    assert list(place.iterdir()) == [], "nothing was written beside the drive"
    assert facts(drive / "archive") == undisturbed


def test_a_sources_drive_that_is_pulled_out_is_said_and_gone_on_with(
    source: Path, undisturbed: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    drive, root = tmp_path / "drive", tmp_path / "archive"
    drive.mkdir()
    pulled = ["unburnt.vault.objects:Objects.stage", "5"]
    adding = command(root, "add", drive, deed="pull", place=drive, moment=pulled[0], count=int(pulled[1]))
    ended = inside(
        f"""
        {quoted(command(root, "init", root))} >/dev/null && mount --bind "$1" "$2" || exit 99
        {quoted(adding)}
        echo "first $?"
        mount --bind "$1" "$2" || exit 98
        {quoted(command(root, "add", drive))}
        echo "second $?"
        """, source, drive,
    )
    assert ended.stdout.split() == ["first", "1", "second", "0"], ended.stdout + ended.stderr
    assert "The source could not be read further" in ended.stderr
    assert "Connect the drive again" in ended.stderr
    dump, found = facts(root)
    expected, expected_found = undisturbed
    # The path of the source is all that differs.
    assert [line for line in dump if not line.startswith('["accession"')] == [
        line for line in expected if not line.startswith('["accession"')
    ]
    assert found == expected_found


def test_a_disk_too_small_from_the_start_loses_nothing_that_was_received(source: Path, tmp_path: Path) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    root = disk / "archive"
    big = tmp_path / "big"
    shutil.copytree(source / "village-0", big)
    (big / "large.bin").write_bytes(os.urandom(6 << 20))
    ended = inside(
        f"""
        mount -t tmpfs -o size=5m none "$1" && {quoted(command(root, "init", root))} >/dev/null || exit 99
        {quoted(command(root, "add", big))}
        echo "first $?"
        mount -o remount,size=64m "$1" || exit 98
        {quoted(command(root, "add", big))}
        echo "second $?"
        cp -a "$1/archive" "$2"
        """, disk, kept,
    )
    assert ended.stdout.split() == ["first", "1", "second", "0"], ended.stdout + ended.stderr
    assert FULL.search(ended.stderr)
    with Archive.open(kept) as archive:
        assert archive.document("large.bin").size == 6 << 20
        assert len(archive.accessions()) == 1
