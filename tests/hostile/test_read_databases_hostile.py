"""Databases that never end, lie or are absurd: one of them costs its own outcome and nothing else."""

from __future__ import annotations

import random
import sqlite3
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.read_in_sandbox import read
from unburnt.base.limits import MIB, Limits
from unburnt.sandbox.runner import Sandbox


def database(path: Path, script: str) -> bytearray:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(script)
    connection.close()
    return bytearray(path.read_bytes())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.child:main") as started:
        yield started


def test_a_database_is_read_in_the_locked_child(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, "CREATE TABLE t (a); INSERT INTO t VALUES ('第三号指示')")
    said = read(sandbox, path)
    assert (said.outcome, said.one("sheet").text) == ("read", "rowid\ta\n1\t第三号指示")


def test_a_tree_whose_branches_all_lead_to_one_page_ends_at_a_limit(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    data = database(path, "PRAGMA page_size=4096; CREATE TABLE t (a); INSERT INTO t VALUES ('again and again')")
    # Page 2 becomes an inner page; each of its cells and of those below leads to the next, the last to the leaf.
    leaf = data[4096:8192]
    depth = 12
    pages = [inner(number + 1) for number in range(3, 3 + depth)]
    path.write_bytes(data[:4096] + inner(3) + b"".join(pages) + leaf)
    fixed = bytearray(path.read_bytes())
    fixed[28:32] = (len(fixed) // 4096).to_bytes(4, "big")
    path.write_bytes(fixed)
    started = time.process_time()
    said = read(sandbox, path, limits=Limits(text=4 * MIB))
    assert said.outcome in ("partial", "damaged")
    assert time.process_time() - started < 20


def inner(child: int) -> bytes:
    cells = [struct.pack(">I", child) + bytes([key]) for key in range(1, 101)]
    start = 4096 - sum(map(len, cells))
    pointers = b"".join(struct.pack(">H", start + 5 * index) for index in range(len(cells)))
    head = struct.pack(">BHHHBI", 5, 0, len(cells), start, 0, child)
    return head + pointers + bytes(start - len(head) - len(pointers)) + b"".join(cells)


def test_a_row_that_leads_in_circles_through_its_overflow_pages_is_damage(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    data = database(path, "PRAGMA page_size=512; CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))")
    for page in range(2, len(data) // 512):
        if data[page * 512 + 4 : page * 512 + 512] == bytes(508):
            data[page * 512 : page * 512 + 4] = (page + 1).to_bytes(4, "big")
    path.write_bytes(data)
    assert read(sandbox, path).outcome in ("partial", "read", "damaged")


def test_as_many_columns_as_there_may_be_are_read(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "wide.db"
    columns = ", ".join(f"c{number}" for number in range(2000))
    database(path, f"CREATE TABLE t ({columns}); INSERT INTO t (c1999) VALUES ('last')")
    said = read(sandbox, path)
    assert said.outcome == "read"
    assert [cell.column for cell in said.one("sheet").cells if cell.row == 1] == [1999]


def test_a_value_larger_than_memory_allows_costs_its_row_and_no_other(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database(path, "CREATE TABLE t (a); INSERT INTO t VALUES ('before'), (zeroblob(200000000)), ('behind')")
    said = read(sandbox, path)
    assert (said.outcome, said.one("sheet").text) == ("partial", "rowid\ta\n1\tbefore\n3\tbehind")


def test_a_header_alone_or_with_lies_is_damaged(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    whole = database(path, "CREATE TABLE t (a)")
    for name, data in {
        "short.db": whole[:50], "head.db": whole[:100], "page.db": whole[:16] + b"\x00\x03" + whole[18:],
        "zeros.db": whole[:100] + bytes(8000),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        said = read(sandbox, tmp_path / name)
        assert (said.outcome, bool(said.reason)) in (("damaged", True), ("empty", True)), name


@pytest.mark.parametrize("seed", range(2))
def test_random_damage_never_ends_the_child_without_a_word(sandbox: Sandbox, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.db"
    data = database(path, "CREATE TABLE t (a, b); CREATE TABLE u (k PRIMARY KEY, v) WITHOUT ROWID; CREATE INDEX i ON t (b); BEGIN;" + "".join(
        f"INSERT INTO t VALUES ('{'x' * (n % 700)}', {n}); INSERT INTO u VALUES ({n}, 'v{n}');" for n in range(600)
    ) + "COMMIT")  # fmt: skip
    chance = random.Random(seed)
    for _ in range(10):
        damaged = bytearray(data)
        for _ in range(chance.choice((3, 30, 300))):
            damaged[chance.randrange(16, len(data))] = chance.randrange(256)
        path.write_bytes(damaged)
        assert read(sandbox, path).outcome in ("read", "partial", "damaged", "empty")
