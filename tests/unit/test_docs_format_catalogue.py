"""docs/format.md names every table and column of the catalogue, and its queries say what ``unburnt status`` says."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.catalog.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "format.md"
SECTION = PAGE.read_text("utf-8").split("## catalog.sqlite")[1].split("\n## ")[0]
ROWS = {row[1]: row[2] for row in re.finditer(r"^\| `(\w+)` \|.*?\| (.*) \|$", SECTION, re.MULTILINE)}
QUERIES = re.findall(r"^```sh\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def tables() -> dict[str, list[str]]:
    """Every table that is made, with its columns."""
    with sqlite3.connect(":memory:") as connection:
        for statement in TABLES:
            connection.execute(statement)
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in names}


def test_every_table_is_named_and_no_other() -> None:
    assert sorted(ROWS) == sorted(tables())


@pytest.mark.parametrize("table", sorted(tables()))
def test_every_column_is_named_and_no_other(table: str) -> None:
    # What a column means stands in brackets behind it, and after a colon what its values are.
    told = re.sub(r"\([^)]*\)", "", ROWS[table].split(":")[0] if table == "meta" else ROWS[table])
    assert sorted(re.findall(r"`(\w+)`", told)) == sorted(tables()[table])


def test_the_queries_count_as_the_program_does(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=3)])
        status = archive.status()
    outcomes, incomplete = (
        subprocess.run(["bash", "-eu", "-c", query], cwd=tmp_path / "archive", capture_output=True, text=True, check=True).stdout
        for query in QUERIES
    )
    counted = dict(line.split("|") for line in outcomes.splitlines())
    assert {name: int(count) for name, count in counted.items()} == {name: n for name, n in status.outcomes.items() if n}
    assert incomplete == "0\n"
