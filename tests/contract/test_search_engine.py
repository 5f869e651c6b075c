"""The engine over a real index, catalogue and derived store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from unburnt.base.digests import digest_of
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import AccessionBegan, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part, Reading
from unburnt.search.engine import Engine
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

TEXTS = {"zh": "他被拘留了。见张　三", "residence": "居留证；被拘，留下", "en": "The village list, signed", "ug": "بۇ كىتاب ياخشى"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    layout = Layout.create(tmp_path / "archive", "test")
    derived, catalog = Derived(layout), Catalog(layout.catalog, write=True)
    index = Index(tmp_path / "index", write=True)
    with catalog.batch():
        catalog.apply(0, AccessionBegan(accession="D1", source=b"x"))
        for number, (name, text) in enumerate(TEXTS.items()):
            blob, key = digest_of(text.encode()), digest_of(name.encode())
            reading = Reading(blob=blob, type="text/plain", reader="text", outcome=Outcome.READ, reason="")
            part = Part(ordinal=0, kind="text", label="1", text=text)
            output = derived.put(key, "read", 1, {}, [blob], [msgspec.json.encode(reading), msgspec.json.encode(part)])
            catalog.apply(1 + 2 * number, ItemReceived(accession="D1", path=name.encode(), digest=blob, size="1"))
            catalog.apply(2 + 2 * number, ReadingMade(blob=blob, step="read", version=1, key=key, output=output,
                                                      outcome=Outcome.READ), reading)
            index.add(reading, [part])
    derived.flush()
    index.commit()
    yield Engine(index, catalog, derived)
    index.close()
    catalog.close()
    derived.close()


@pytest.mark.parametrize(("query", "path", "marked"), [
    ("拘留", b"zh", "拘留"), ("居留", b"residence", "居留"), ("张三", b"zh", "张　三"), ("village", b"en", "village"),
    ('"list signed"', b"en", "list, signed"), ("vil*", b"en", "village"), ("vilage~1", b"en", "village"),
    ("kitab", b"ug", "كىتاب"), ('"signed village"~3', b"en", "village"), ("拘留 path:zh", b"zh", "拘留"),
])
def test_each_kind_of_query_finds_one_document_and_marks_the_text_of_record(
    engine: Engine, query: str, path: bytes, marked: str
) -> None:
    results = engine.search(query)
    assert [hit.paths for hit in results.hits] == [(path,)]
    snippet = results.hits[0].snippets[0]
    start, end = snippet.marks[0]
    assert snippet.text[start:end] == marked
    assert engine.count(query) == 1
    assert results.facets["outcome"][0].count == 1
