"""What a container declares of a content has its say, at a cost that does not grow with the places where that stands."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import msgspec
import pytest

from tests.unit.test_catalog_promises import BEGUN, Told, digest, made, received, tell
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.charsets import await_declared
from unburnt.model.charsets import MOST


def mailed(name: str, charset: str) -> list[Told]:
    event, reading = made(name, ["card"])
    assert reading is not None
    member = msgspec.structs.replace(reading.members[0], declared=f"text/html; charset={charset}")
    return [received(name, name.encode()), (event, msgspec.structs.replace(reading, members=(member,)))]


def card(*charsets: str) -> list[Told]:
    event, reading = made("card", [])
    assert reading is not None
    return [(event, msgspec.structs.replace(reading, type="text/html", charsets=charsets))]


def steps_of(count: int, read_with: list[str], declared: str) -> tuple[int, bool]:
    """Steps of the database for one more place of a card in *count* mails, in tens, and whether the card then waits."""
    history = [*BEGUN, *(one for number in range(count) for one in mailed(f"m{number}", read_with[number % len(read_with)])), *card(*read_with)]
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder) / "catalog.sqlite", write=True)
        tell(catalog, history)
        catalog.close()
        connection = sqlite3.connect(Path(folder) / "catalog.sqlite")
        (number,) = connection.execute("SELECT number FROM blob WHERE digest = ?", (digest("card"),)).fetchone()
        connection.execute("UPDATE item SET declared = ? WHERE id = (SELECT max(id) FROM item)", (f"text/html; charset={declared}",))
        ticks: list[int] = []
        connection.set_progress_handler(lambda: ticks.append(1), 10)
        await_declared(connection, [(number, f"text/html; charset={declared}")])
        connection.set_progress_handler(None, 0)
        waits = connection.execute("SELECT outcome = 'waiting' FROM blob WHERE number = ?", (number,)).fetchone()[0]
        connection.close()
    return len(ticks), bool(waits)


MANY = [f"cp125{number}" for number in range(MOST)]


@pytest.mark.parametrize(("read_with", "declared"), [(["koi8-r"], "koi8-r"), (MANY, "cp1253"), (MANY, "koi8-r")])
def test_one_more_place_with_a_charset_that_tells_nothing_new_costs_the_same_behind_many(read_with: list[str], declared: str) -> None:
    few, waits_few = steps_of(10, read_with, declared)
    many, waits_many = steps_of(1000, read_with, declared)
    assert not waits_few and not waits_many
    assert many <= few + 5


@pytest.mark.parametrize(("read_with", "declared"), [(["koi8-r"], "cp1253"), (MANY, "big5")])
def test_a_charset_that_nobody_declared_before_makes_a_content_wait(read_with: list[str], declared: str) -> None:
    assert steps_of(10, read_with, declared)[1]
