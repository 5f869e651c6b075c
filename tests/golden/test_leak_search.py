"""The stories of the example leak: what is found, what is not, and where."""

from __future__ import annotations

from typing import Any

from leak_source import STORIES, path_of, source_files

from unburnt.api import Archive
from unburnt.model.views import Snippet


def found(archive: Archive, query: str) -> dict[str, tuple[Snippet, ...]]:
    results = archive.search(query, limit=100)
    assert results.total == len(results.hits) == archive.count(query)
    return {hit.document: hit.snippets for hit in results.hits}


def digest_at(path: str) -> str:
    (digest,) = [file.digest for file in source_files() if file.path == path_of(path)]
    return digest


def test_detention_is_found_and_residence_is_not(leak_archive: Archive) -> None:
    story = STORIES["detention"]
    hits = set(found(leak_archive, story["query"]))
    assert set(story["documents"]) <= hits <= {*story["documents"], *story["perhaps"]}
    assert not hits & set(story["only_residence"])


def test_residence_is_found_by_its_own_word(leak_archive: Archive) -> None:
    assert set(found(leak_archive, "居留")) == set(STORIES["detention"]["only_residence"])


def test_a_name_is_found_in_all_three_ways_of_writing_it(leak_archive: Archive) -> None:
    story = STORIES["zhang_san"]
    assert set(found(leak_archive, story["query"])) == set(story["documents"])


def test_a_name_in_a_hidden_row_is_shown_with_cell_headings_and_warning(leak_archive: Archive) -> None:
    story: dict[str, Any] = STORIES["zhang_san"]["hidden"]
    (snippet,) = found(leak_archive, "张三")[digest_at(story["path"])]
    assert (snippet.cell, snippet.label, snippet.hidden) == (story["cell"], story["sheet"], True)
    start, end = snippet.marks[0]
    assert snippet.text[start:end] == story["shown"]
    assert any(
        value == story["shown"] and any(word in heading for word in story["headings"]) for heading, value in snippet.row
    )


def test_a_name_across_a_line_break_is_shown_with_its_cell(leak_archive: Archive) -> None:
    story = STORIES["zhang_san"]["broken"]
    (snippet,) = found(leak_archive, "张三")[digest_at(story["path"])]
    assert (snippet.cell, snippet.label) == (story["cell"], story["sheet"])


def test_uyghur_words_are_found_in_every_format(leak_archive: Archive) -> None:
    assert len(found(leak_archive, "مەكتەپ")) >= 3


def test_the_planted_name_is_found(leak_archive: Archive) -> None:
    assert found(leak_archive, STORIES["planted_name"])
