"""A query that cannot mean anything says so, where, and what to write instead; it never just finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.search_made import Made
from unburnt.base.errors import QuerySyntaxError
from unburnt.model.outcome import Outcome
from unburnt.search.query import FIELDS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    made = Made(tmp_path_factory.mktemp("mistakes") / "archive")
    made.read(made.receive("1", "letters/a.txt"), "alpha beta to whom it may concern", date="2015-03-04", title="alpha")
    made.commit()
    yield made
    made.close()


@pytest.mark.parametrize(("query", "column", "message"), [
    ("tag:x", 1, "There is no field tag:."), ("alpha foo:bar", 7, "There is no field foo:."),
    ('"alpha beta"~x', 14, "A number of words is expected after ~."), ('"alpha beta"~', 14, "A number of words is expected"),
    ('("alpha beta"~5x)', 15, "A number of words is expected"), ('"alpha beta"~-1', 14, "A number of words is expected"),
    ('"alpha beta"~9999999999999', 1, "The distance may be at most 100 words."),
    ("outcome:bogus", 9, "There is no such outcome."), ("alpha -outcome:READ", 16, "There is no such outcome."),
    ("to:", 4, "A value is expected after to:."), ("alpha type: beta", 12, "A value is expected after type:."),
    ('Path:""', 6, "A value is expected after path:."), ('lang:" "', 6, "A value is expected after lang:."),
    ("alpha to\uff1a", 10, "A value is expected after to:."),
    ("date:2020..2010", 6, "This range ends before it begins."), ("alpha date:2020-05..2020-04", 12, "This range ends before"),
])  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_a_remedy(made: Made, query: str, column: int, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=message.replace(".", r"\.")) as caught:
        made.engine.search(query)
    assert caught.value.column == column
    assert caught.value.remedy


def test_the_remedy_for_an_unknown_outcome_lists_the_outcomes(made: Made) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        made.engine.count("outcome:bogus")
    assert caught.value.remedy == f"Outcomes are: {', '.join(Outcome)}."


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_that_is_listed_can_be_asked(made: Made, field: str) -> None:
    value = {"date": "2015", "outcome": "read", "folder": "1"}.get(field, "alpha")
    assert made.engine.count(f"{field}:{value}") >= 0


@pytest.mark.parametrize("query", [
    '"alpha beta"~5', '"alpha beta"~0', "outcome:read", "-outcome:damaged", "date:2010..2020", "date:2015..2015", "date:..",
    "alpha to", "title:alpha", 'path:"a.txt"', "outcome:read AND (\"beta alpha\"~3)",
])  # fmt: skip
def test_what_is_right_still_finds(made: Made, query: str) -> None:
    assert made.engine.count(query) == 1
