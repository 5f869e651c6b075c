"""Killed at any moment, an import goes on: nothing is lost, nothing is there twice, and the end is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive

HERE = Path(__file__).parent
QUERIES = ("拘留", "里面", "reminder", "notice*", '"Household list 7"')

MOMENTS = [
    ("unburnt.vault.objects:Objects.stage:after", 3),
    ("unburnt.vault.objects:Objects.commit:before", 1),
    ("unburnt.vault.objects:Objects.commit:after", 1),
    ("unburnt.vault.events:Events.append:after", 5),
    ("unburnt.vault.events:Events.flush:before", 2),
    ("unburnt.vault.events:Events.flush:after", 2),
    ("unburnt.vault.derived:Derived.put:after", 4),
    ("unburnt.vault.derived:Derived.flush:before", 1),
    ("unburnt.vault.derived:Derived.flush:after", 1),
    ("unburnt.vault.members:MemberSink.finish:after", 2),
    ("unburnt.catalog.catalog:Catalog.apply:after", 9),
    ("unburnt.search.index:Index.add:after", 3),
    ("unburnt.search.index:Index.commit:before", 1),
    ("unburnt.search.index:Index.commit:after", 1),
]


def run(arguments: list[str], *, moment: str = "never", count: int = 0, synced: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(HERE / "interrupted.py"), moment, str(count), str(synced), *arguments],
        capture_output=True, timeout=120, check=False,
    )


def facts(root: Path) -> tuple[list[str], list[object]]:
    """The whole archive without times and ids, and what searches find."""
    with Archive.open(root) as archive:
        status = archive.status()
        assert status.items == sum(status.outcomes.values())
        found = [
            (query, sorted((hit.document, [s.text for s in hit.snippets]) for hit in archive.search(query, limit=99).hits))
            for query in QUERIES
        ]
        return list(archive.dump()), list(found)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_delivery(tmp_path_factory.mktemp("source") / "delivery")


@pytest.fixture(scope="module")
def undisturbed(delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[object]]:
    root = tmp_path_factory.mktemp("undisturbed") / "archive"
    Archive.create(root).close()
    done = run(["-a", str(root), "add", str(delivery)], synced=root.parent / "synced")
    assert done.returncode == 0, done.stderr.decode()
    return facts(root)


@pytest.mark.parametrize(("moment", "count"), MOMENTS, ids=[f"{m.split(':', 1)[1]}-{c}" for m, c in MOMENTS])
def test_a_keeper_killed_at_a_named_moment_is_followed_by_one_that_goes_on(
    moment: str, count: int, delivery: Path, undisturbed: tuple[list[str], list[object]], tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    Archive.create(root).close()
    killed = run(["-a", str(root), "add", str(delivery)], moment=moment, count=count, synced=tmp_path / "synced")
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    again = run(["-a", str(root), "add", str(delivery)], synced=tmp_path / "synced")
    assert again.returncode == 0, again.stderr.decode()
    assert facts(root) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_processes_killed_at_random_moments_spoil_nothing(
    seed: int, delivery: Path, undisturbed: tuple[list[str], list[object]], tmp_path: Path
) -> None:
    chance = random.Random(seed)
    root = tmp_path / "archive"
    Archive.create(root).close()
    command = [sys.executable, "-m", "unburnt", "-a", str(root), "add", str(delivery)]
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.2))
        below = descendants(process.pid)
        victim = chance.choice([process.pid, *below])
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(timeout=120)
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert facts(root) == undisturbed


def test_what_a_power_cut_drops_is_made_again(
    delivery: Path, undisturbed: tuple[list[str], list[object]], tmp_path: Path
) -> None:
    root, synced = tmp_path / "archive", tmp_path / "synced"
    Archive.create(root).close()
    killed = run(
        ["-a", str(root), "add", str(delivery)], moment="unburnt.search.index:Index.commit:after", count=1, synced=synced
    )
    assert killed.returncode == -signal.SIGKILL
    sizes = {line.split(" ", 1)[1]: int(line.split(" ", 1)[0]) for line in synced.read_text().splitlines()}
    for path in (root / "events").glob("*.jsonl"):
        os.truncate(path, sizes[str(path)])
    # The catalogue and the index are flushed by nobody: all of their last writes may be gone.
    for lost in [*root.glob("catalog.sqlite-*"), *(root / "index").glob("*")]:
        lost.unlink()
    again = run(["-a", str(root), "add", str(delivery)], synced=synced)
    assert again.returncode == 0, again.stderr.decode()
    assert facts(root) == undisturbed


def descendants(pid: int) -> list[int]:
    """The processes below *pid*: zygote, workers."""
    found: list[int] = []
    todo = [pid]
    while todo:
        try:
            listing = Path(f"/proc/{(one := todo.pop())}/task/{one}/children").read_text()
        except OSError:
            continue
        children = [int(child) for child in listing.split()]
        found += children
        todo += children
    return found
