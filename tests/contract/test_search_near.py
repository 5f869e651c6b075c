"""Words near each other and dates: the index against a reading of the texts themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from search_made import Made

from unburnt.base.digests import Digest
from unburnt.model.reading import Mail
from unburnt.search import engine
from unburnt.search.highlight import places
from unburnt.search.normalise import normalise
from unburnt.search.query import Term, parse

PIECES = ("alpha", "beta", "gamma", "delta", "拘", "留", "证", "据", "，", "。", "\n", "beta,", "omega")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    chance = random.Random(5)
    archive = Made(tmp_path_factory.mktemp("near") / "archive")
    for number in range(250):
        texts = [_text(chance) for _ in range(chance.choice([1, 1, 2]))]
        digest = archive.receive(f"{number}", f"{number}.txt")
        archive.read(digest, *texts, title=_text(chance) if number % 5 == 0 else "",
                     mail=Mail(sender=("alpha",), subject="beta gamma") if number % 9 == 0 else None)
        known = archive.documents[digest]
        extra = ([archive.titles[digest]] if digest in archive.titles else []) + (
            ["alpha", "beta gamma"] if number % 9 == 0 else [])
        known.texts = (*texts, *extra)
    archive.commit()
    yield archive
    archive.close()


def _text(chance: random.Random) -> str:
    pieces = chance.choices(PIECES, k=chance.randint(2, 14))
    return "".join(piece if len(piece) == 1 else f" {piece} " for piece in pieces)


def near(made: Made, query: str) -> set[Digest]:
    term = parse(query)
    assert isinstance(term, Term)
    return {digest for digest, known in made.documents.items()
            if any(next(places(term, normalise(text)), None) for text in known.texts)}


@pytest.mark.parametrize("looked_at", [0, 1000])
@pytest.mark.parametrize("distance", [0, 1, 2, 5, 100])
@pytest.mark.parametrize("words", [
    "alpha beta", "beta alpha", "alpha alpha", "拘 留", "拘留 证据", "证据 拘留", "alpha 拘留", "拘 据", "alpha beta gamma",
    "拘 alpha 据", "omega 证", "拘留 留", "留证 据拘",
])
def test_near_finds_the_documents_whose_texts_have_the_words_so_near(
    made: Made, words: str, distance: int, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LOOKED_AT", looked_at)
    query = f'"{words}"~{distance}'
    hits = made.engine.search(query, limit=300, facets=False, snippets=0)
    assert {hit.document for hit in hits.hits} == near(made, query)
    assert hits.total == made.engine.count(query) == len(hits.hits)


def test_nothing_is_near_across_two_parts_or_a_title(tmp_path: Path) -> None:
    made = Made(tmp_path / "archive")
    made.read(made.receive("1", "1.txt"), "ends in alpha", "beta begins", title="omega")
    made.commit()
    assert made.engine.count('"alpha beta"~100') == 0
    assert made.engine.count('"beta omega"~100') == 0
    assert made.engine.count('"in alpha"~0') == 1
    made.close()


@pytest.mark.parametrize(("asked", "found"), [
    ("2019", {"2019", "2019-01", "2019-06", "2019-06-15", "2019-12-31"}),
    ("2019-06", {"2019-06", "2019-06-15"}),
    ("2019-06-15", {"2019-06-15"}),
    (">=2019-01", {"2019", "2019-01", "2019-06", "2019-06-15", "2019-12-31", "2020"}),
    (">=2019-06", {"2019", "2019-06", "2019-06-15", "2019-12-31", "2020"}),
    (">=2019-06-15", {"2019", "2019-06", "2019-06-15", "2019-12-31", "2020"}),
    (">2019-06-15", {"2019", "2019-06", "2019-12-31", "2020"}),
    (">2019-06", {"2019", "2019-12-31", "2020"}),
    (">2019", {"2020"}),
    (">2019-12", {"2020"}),
    ("<2019", {"2018-12-31"}),
    ("<2019-01", {"2018-12-31"}),
    ("<2019-01-02", {"2018-12-31", "2019", "2019-01"}),
    ("<=2019-01", {"2018-12-31", "2019", "2019-01"}),
    ("<=2019-06-14", {"2018-12-31", "2019", "2019-01", "2019-06"}),
    ("2019-06-10..2019-06-20", {"2019", "2019-06", "2019-06-15"}),
    ("2019-07..2019-12", {"2019", "2019-12-31"}),
    ("..2018", {"2018-12-31"}),
])
def test_a_plain_date_is_what_is_known_and_a_range_is_what_may_be(
    dated: dict[str, str], dates: Made, asked: str, found: set[str]
) -> None:
    hits = dates.engine.search(f"date:{asked}", limit=50).hits
    assert {dated[hit.document] for hit in hits} == found


@pytest.fixture(scope="module")
def dated() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def dates(tmp_path_factory: pytest.TempPathFactory, dated: dict[str, str]) -> Iterator[Made]:
    archive = Made(tmp_path_factory.mktemp("dates") / "archive")
    for date in ("2018-12-31", "2019", "2019-01", "2019-06", "2019-06-15", "2019-12-31", "2020", ""):
        digest = archive.receive(date, f"x{date}")
        archive.read(digest, "letter", date=date)
        dated[digest] = date
    archive.commit()
    yield archive
    archive.close()
