"""What is found, counted, narrowed and put in order, against an account that was kept one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from search_made import Made, labelled

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.model.outcome import Outcome
from unburnt.search import found, slots
from unburnt.search.engine import Engine
from unburnt.search.index import Index

WORDS = ("detention", "notice", "list", "拘留", "居留", "كىتاب", "письмо", "quorum")
TYPES, LANGS, YEARS = ("text/plain", "text/html", "application/pdf"), ("en", "zh", "ug", ""), ("2017", "2018", "2019", "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    chance = random.Random(11)
    archive = Made(tmp_path_factory.mktemp("sets") / "archive")
    digests = []
    for number in range(120):
        folder = chance.choice(["", "a/", "b/", "b/deep/", "c/d/e/"])
        digest = archive.receive(f"content {number}", f"{folder}{number}.txt", chance.choice(["D1", "D2"]))
        if chance.random() < 0.2:
            archive.receive(f"content {number}", f"again/{number}.txt", chance.choice(["D1", "D2", "D3"]))
        digests.append(digest)
    for number, digest in enumerate(digests):
        held = tuple(chance.sample(digests[number + 1:], 2)) if number % 20 == 0 and number < 100 else ()
        archive.read(
            digest, " ".join(chance.choices(WORDS, [8, 4, 4, 4, 4, 4, 4, 1], k=4)), type=chance.choice(TYPES),
            lang=chance.choice(LANGS), date=chance.choice(YEARS) and f"{chance.choice(YEARS[:3])}-02-03", members=held,
            outcome=chance.choice([Outcome.READ, Outcome.PARTIAL]))
    archive.commit()
    yield archive
    archive.close()


@pytest.fixture(params=["one by one", "as sums", "as sums, many chosen"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large sets are asked for otherwise than small ones; here the small ones are asked for in each way."""
    if request.param != "one by one":
        monkeypatch.setattr(found, "_LISTED", 0)
        monkeypatch.setattr(slots, "_BLOCKS", 1)
    if request.param == "as sums, many chosen":
        monkeypatch.setattr(found, "_FEW", 0)


def holding(made: Made, word: str) -> set[Digest]:
    return {digest for digest, known in made.documents.items() if any(word in text for text in known.texts)}


def all_hits(engine: Engine, query: str, filters: dict[str, list[str]] | None = None, *, sort: str = "relevance",
             size: int = 7) -> list[Digest]:
    total = engine.count(query, filters)
    hits: list[Digest] = []
    for offset in range(0, total + size, size):
        page = engine.search(query, limit=size, offset=offset, filters=filters, sort=sort, facets=False, snippets=0)
        assert page.total == total
        hits += [hit.document for hit in page.hits]
    assert len(hits) == total
    return hits


@pytest.mark.parametrize("query", ["", *WORDS])
def test_pages_hold_each_document_once_and_facets_equal_a_count_one_by_one(made: Made, query: str) -> None:
    expected = holding(made, query)
    assert set(all_hits(made.engine, query)) == expected
    assert labelled(made.engine, query) == made.facets(expected)


@pytest.mark.parametrize(("filters", "query"), [
    ({"type": ["text/html"]}, "detention"), ({"type": ["text/html", "application/pdf"], "lang": ["zh"]}, ""),
    ({"year": ["2018"]}, "notice"), ({"outcome": ["partial"]}, "list"), ({"delivery": ["D3"]}, ""),
    ({"delivery": ["D2"], "type": ["text/plain"]}, "拘留"), ({"type": ["no/such"]}, "detention"), ({"year": ["x"]}, ""),
    ({"path": ["B/DEEP"]}, "detention"),
])
def test_a_filter_lets_through_what_an_account_one_by_one_lets_through(
    made: Made, filters: dict[str, list[str]], query: str
) -> None:
    def passes(digest: Digest) -> bool:
        known = made.documents[digest]
        values = {"type": {known.type}, "lang": {known.lang}, "year": {known.year}, "outcome": {known.outcome},
                  "delivery": {delivery for delivery, _ in made.places(digest)}}
        return all(values[name] & set(wanted) for name, wanted in filters.items() if name != "path")

    expected = {digest for digest in holding(made, query) if passes(digest)}
    if "path" in filters:
        assert set(all_hits(made.engine, query, filters)) == set(all_hits(made.engine, f"{query} path:b/deep"))
        return
    assert set(all_hits(made.engine, query, filters)) == expected
    assert labelled(made.engine, query, filters) == made.facets(expected)


def test_each_folder_among_the_facets_leads_to_as_many_documents_as_it_says(made: Made) -> None:
    roots = {f"D{number}" for number in (1, 2, 3)}
    for facet in made.engine.search("detention").facets["folder"]:
        if facet.label not in roots:
            assert made.engine.count("detention", {"folder": [facet.value]}) == facet.count


def test_conditions_that_can_change_hold_inside_brackets_as_outside(made: Made) -> None:
    partial = {digest for digest, known in made.documents.items() if known.outcome == "partial"}
    notice, quorum = holding(made, "notice"), holding(made, "quorum")
    engine = made.engine
    assert set(all_hits(engine, "notice outcome:partial")) == notice & partial
    assert set(all_hits(engine, "notice -outcome:partial")) == notice - partial
    assert set(all_hits(engine, "-outcome:partial")) == set(made.documents) - partial
    assert set(all_hits(engine, "quorum OR (notice outcome:partial)")) == quorum | (notice & partial)
    assert set(all_hits(engine, "quorum OR outcome:partial")) == quorum | partial


def test_order_by_relevance_is_the_same_with_a_filter_and_without(made: Made) -> None:
    every = all_hits(made.engine, "detention", size=200)
    html = [digest for digest in every if made.documents[digest].type == "text/html"]
    scores = [hit.score for hit in made.engine.search("detention", limit=200).hits]
    assert scores == sorted(scores, reverse=True)
    narrowed = made.engine.search("detention", limit=200, filters={"type": ["text/html"]})
    kept = {hit.document: hit.score for hit in narrowed.hits}
    assert set(kept) == set(html)
    assert list(kept.values()) == sorted(kept.values(), reverse=True)


def test_order_by_path_is_that_of_the_first_path_shown(made: Made) -> None:
    hits = made.engine.search("detention", limit=200, sort="path").hits
    paths = [hit.paths[0] for hit in hits]
    assert len(paths) == len(holding(made, "detention")) and paths == sorted(paths)
    for hit in hits:
        occurrences, _ = made.catalog.occurrences(hit.document, 3)
        assert list(hit.paths) == [place.path for place in occurrences]
    assert all_hits(made.engine, "detention", sort="path") == [hit.document for hit in hits]


def test_order_by_date_has_the_newest_first_and_loses_none_without_a_date(made: Made) -> None:
    years = [made.documents[digest].year for digest in all_hits(made.engine, "detention", sort="date", size=200)]
    assert years == sorted(years, reverse=True) and "" in years


def test_a_search_follows_an_import_a_second_delivery_and_an_erasing(tmp_path: Path) -> None:
    made = Made(tmp_path / "archive")
    reader = Catalog(tmp_path / "archive" / "catalog.sqlite")
    index = Index(tmp_path / "archive" / "index")
    engine = Engine(index, reader, made.derived)

    def check(*, total: int) -> None:
        made.commit()
        index.reload()
        assert set(all_hits(engine, "report")) == set(made.documents)
        assert engine.count("") == total
        assert labelled(engine, "") == made.facets(set(made.documents))

    for number in range(30):
        made.read(made.receive(f"{number}", f"a/{number}.txt"), f"report {number}")
        if number % 10 == 0:
            check(total=number + 1)
    check(total=30)
    inner = made.receive("inner", "b/inner.txt")
    made.read(inner, "report within")
    outer = made.receive("outer", "c/outer.zip")
    made.read(outer, "report outside", type="application/zip", members=(inner,))
    check(total=32)
    made.receive("outer", "far/copy.zip", "D2")  # the members of what came again came again too
    check(total=32)
    assert set(all_hits(engine, "", {"delivery": ["D2"]})) == {inner, outer}
    made.read(inner, "report read again", lang="ug", outcome=Outcome.PARTIAL)
    check(total=32)
    assert engine.count("within") == 0 and engine.count("again") == 1
    made.erase(inner)
    check(total=31)
    made.read(made.receive("new", "n/new.txt"), "report anew")
    check(total=32)
    made.catalog.retry(steps={"read": 2}, now_available=())
    assert labelled(engine, "")["outcome"] == {"waiting": 32}
    made.read(made.receive("newest", "n/newest.txt"), "report newest")
    made.commit()
    index.reload()
    assert labelled(engine, "")["outcome"] == {"waiting": 32, "read": 1}
    index.close()
    reader.close()
    made.close()


def test_an_index_opened_anew_by_its_keeper_mixes_no_documents_up(tmp_path: Path) -> None:
    made = Made(tmp_path / "archive")
    digests = [made.receive(f"{number}", f"{number}.txt") for number in range(3)]
    for digest in digests:
        made.read(digest, "report")
    made.commit()
    index = Index(tmp_path / "archive" / "index")
    engine = Engine(index, made.catalog, made.derived)
    assert set(all_hits(engine, "report")) == set(digests)
    made.erase(digests[2])  # the last slot is free again
    made.commit()
    made.index.close()
    made.index = Index(tmp_path / "archive" / "index", write=True)
    other = made.receive("other", "other.txt")
    made.read(other, "another")
    made.commit()
    index.reload()
    assert all_hits(engine, "another") == [other]
    assert set(all_hits(engine, "report")) == set(digests[:2])
    index.close()
    made.close()
