"""Members add up: what containers say they hold is what was found and what could not be had."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.material import zipped
from tests.unit.test_catalog_promises import Told, catalogue, made, received, tell
from unburnt.api import Archive
from unburnt.base.limits import Limits
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Expected, Rest


def told(name: str, members: list[str], said: int, outcome: Outcome, reason: str) -> Told:
    event, reading = made(name, members, outcome)
    assert reading is not None
    return event, msgspec.structs.replace(reading, expected=Expected(members=said), reason=reason)


@pytest.mark.parametrize(("members", "said", "expected", "found", "lost"), [
    ([], 1, 1, 0, 1), (["x"], 4, 4, 1, 3), (["x", "y"], 1, 2, 2, 0), (["x", "y"], 2, 2, 2, 0),
])  # fmt: skip
def test_members_expected_are_those_found_and_those_not_to_be_had(
    members: list[str], said: int, expected: int, found: int, lost: int
) -> None:
    history = [received("a", b"a"), told("a", members, said, Outcome.PARTIAL, "It broke.")]
    with catalogue(history) as catalog:
        status = catalog.status()
    assert (status.expected_members, status.emitted_members, status.failed_members) == (expected, found, lost)
    assert status.members_not_reached == ({"It broke.": lost} if lost else {})


def test_members_never_reached_are_told_by_reason_the_commonest_first() -> None:
    history = [(received(name, name.encode()), told(name, [], said, Outcome.REFUSED, reason))
               for name, said, reason in (("a", 1, "One."), ("b", 5, "Two."), ("c", 2, "One."))]
    with catalogue([one for pair in history for one in pair]) as catalog:
        assert list(catalog.status().members_not_reached.items()) == [("Two.", 5), ("One.", 3)]


def test_totals_survive_a_thousand_containers_that_claim_to_hold_everything() -> None:
    most = (1 << 53) - 1
    history = [one for name in map(str, range(1200))
               for one in (received(name, name.encode()), told(name, [], most, Outcome.REFUSED, "It is a lie."))]
    with catalogue(history) as catalog:
        status = catalog.status()
    assert status.expected_members == status.emitted_members + status.failed_members > 0


def test_what_lies_too_deep_is_counted_as_not_to_be_had_also_after_a_rebuild(tmp_path: Path) -> None:
    inner = b"the bottom of it all"
    for level in range(Limits().depth + 2):
        inner = zipped({f"{level}.zip" if level else "bottom.txt": inner})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "deep.zip").write_bytes(inner)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([tmp_path / "in"])
        before = archive.status()
    assert before.expected_members == before.emitted_members + before.failed_members
    assert before.members_not_reached == {"It lies too deep in containers.": 1}
    with Archive.rebuild(tmp_path / "archive") as archive:
        assert archive.status() == before


def sliced(name: str, number: int, seen: int, failed: int, said: int) -> Told:
    """Slice *number* of a container that said it holds *said* members, *seen* of which came so far."""
    event, reading = made(name, [f"{name}-{number}"], Outcome.WAITING)
    assert reading is not None
    rest = Rest(cursor=b"there", slices=number, members=seen, failed_members=failed)
    return event, msgspec.structs.replace(reading, expected=Expected(members=said), reason="It goes on.", rest=rest)


def test_of_a_container_that_is_still_being_read_what_is_known_is_told() -> None:
    history = [received("a", b"a"), sliced("a", 1, 1, 0, 9), sliced("a", 2, 4, 1, 9)]
    with catalogue(history) as catalog:
        status = catalog.status()
        assert (status.expected_members, status.emitted_members, status.failed_members, status.awaited_members) == (9, 3, 1, 5)
        tell(catalog, [*history, told("a", ["x"], 9, Outcome.PARTIAL, "It broke.")])
        status = catalog.status()
        assert (status.expected_members, status.emitted_members, status.failed_members, status.awaited_members) == (9, 1, 8, 0)
