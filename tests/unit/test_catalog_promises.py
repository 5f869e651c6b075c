"""The catalogue's promises, on random histories: totals add up, replays change nothing, order of batches neither."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unburnt.base.errors import Ambiguous, NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import AccessionBegan, AnyEvent, Erased, ItemReceived, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Member, Metadata, PartHead, Reading

Told = tuple[AnyEvent, Reading | None]


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def received(name: str, path: bytes, accession: str = "d1") -> Told:
    return ItemReceived(accession=accession, path=path, digest=digest(name), size="5", modified="1"), None


def made(name: str, members: list[str], outcome: Outcome = Outcome.READ, *, missing: tuple[str, ...] = ()) -> Told:
    reading = Reading(
        blob=digest(name), type="application/zip" if members else "text/plain", reader="zip", outcome=outcome, reason="",
        metadata=Metadata(title=f"title of {name}"),
        parts=(PartHead(ordinal=0, kind="text", label="", characters=5, lang="zh"),),
        members=tuple(
            Member(ordinal=number, path=f"in/{one}".encode(), kind="entry", digest=digest(one), size=5)
            for number, one in enumerate(members)
        ),
    )
    key = digest("key" + name + ",".join(members) + outcome)
    event = ReadingMade(
        blob=digest(name), step="read.zip", version=1, key=key, output=digest("o"), outcome=outcome,
        attempt=bool(missing), missing=missing,
    )
    return event, reading


@contextmanager
def catalogue(history: list[Told], *, batch: int = 1000) -> Iterator[Catalog]:
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder) / "catalog.sqlite", write=True)
        try:
            tell(catalog, history, batch)
            yield catalog
        finally:
            catalog.close()


BEGUN: list[Told] = [(AccessionBegan(accession=one, source=b"/s"), None) for one in ("d1", "d2")]


def tell(catalog: Catalog, history: list[Told], batch: int = 1000) -> None:
    numbered = list(enumerate(history))
    for start in range(0, len(numbered), batch):
        with catalog.batch():
            for sequence, (event, reading) in numbered[start:start + batch]:
                catalog.apply(sequence, event, reading)


NAMES = [f"n{number}" for number in range(8)]


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    history: list[Told] = [(AccessionBegan(accession="d1", source=b"/s"), None)]
    for _ in range(draw(st.integers(1, 14))):
        number = draw(st.integers(0, 7))
        match draw(st.sampled_from(["receive", "read", "erase"])):
            case "receive":
                history.append(received(NAMES[number], draw(st.sampled_from([b"a", b"b/c", b"b/d", b"\xff", b"e/f/g"]))))
            case "read":
                inner = draw(st.lists(st.sampled_from(NAMES[number + 1:] or ["leaf"]), max_size=3))
                history.append(made(NAMES[number], inner, draw(st.sampled_from([Outcome.READ, Outcome.PARTIAL]))))
            case _:
                history.append((Erased(events=(), fields=(), digests=(digest(NAMES[number]),)), None))
    return history


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(1, 5))
def test_totals_add_up_and_neither_batches_nor_replays_change_the_end(history: list[Told], batch: int) -> None:
    with catalogue(history) as whole, catalogue(history, batch=batch) as pieces:
        status = whole.status()
        assert status.items == sum(status.outcomes.values())
        assert list(whole.dump()) == list(pieces.dump())
        before = list(pieces.dump())
        tell(pieces, history)
        assert list(pieces.dump()) == before


def test_one_container_at_fifty_places_is_one_content_with_members_once() -> None:
    history = [received("zip", f"folder/{number}.zip".encode()) for number in range(50)]
    history += [made("zip", ["x", "y"]), made("x", []), made("y", [])]
    with catalogue(history) as catalog:
        status = catalog.status()
        assert (status.items, status.blobs) == (52, 3)
        places, total = catalog.occurrences(digest("x"), limit=200)
        assert total == 50 and len(places) == 50
        assert places[0].path.endswith(b"!/in/x")


def test_every_parent_of_a_shared_attachment_is_kept() -> None:
    history: list[Told] = []
    for number in range(3):
        history += [received(f"mail{number}", f"{number}.eml".encode()), made(f"mail{number}", ["order"])]
    with catalogue(history) as catalog:
        assert {place.path for place in catalog.occurrences(digest("order"), 10)[0]} == {
            b"0.eml!/in/order", b"1.eml!/in/order", b"2.eml!/in/order"
        }
        assert sorted(catalog.containers_of(digest("order"))) == sorted(digest(f"mail{n}") for n in range(3))


def test_what_lacked_a_password_waits_again_once_there_is_one_and_keeps_its_reading() -> None:
    history = [received("zip", b"a.zip"), made("zip", [], Outcome.LOCKED, missing=("password",))]
    with catalogue(history) as catalog:
        assert catalog.retry(steps={}, now_available={"ocr"}) == 0
        assert catalog.retry(steps={}, now_available={"password"}) == 1
        assert [one.digest for one in catalog.waiting(10)] == [digest("zip")]
        assert catalog.document(digest("zip")).reading is not None
        assert catalog.status().outcomes["waiting"] == 1


def test_a_newer_step_version_makes_old_readings_wait() -> None:
    with catalogue([received("a", b"a"), made("a", [])]) as catalog:
        assert catalog.retry(steps={"read.zip": 1}, now_available=set()) == 0
        assert catalog.retry(steps={"read.zip": 2}, now_available=set()) == 1


def test_erased_content_is_in_no_byte_of_the_file() -> None:
    history = [received("secret", b"very-secret-name.txt"), made("secret", []), received("other", b"other.txt")]
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(Path(folder) / "catalog.sqlite", write=True)
        tell(catalog, history)
        assert b"very-secret-name" in everything(Path(folder))
        with catalog.batch():
            catalog.apply(3, Erased(events=(0,), fields=("path",), digests=(digest("secret"),)))
        catalog.scrub()
        left = everything(Path(folder))
        catalog.close()
        assert b"very-secret-name" not in left and b"title of secret" not in left
        assert b"other.txt" in left


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_documents_are_found_by_digest_prefix_and_received_path() -> None:
    history = [*BEGUN, received("a", "指示.txt".encode()), received("b", b"x/y.txt"), made("b", ["inner"])]
    with catalogue(history) as catalog:
        assert catalog.resolve(digest("a")[:12]) == digest("a")
        assert catalog.resolve("指示.txt") == digest("a")
        assert catalog.resolve("x/y.txt!/in/inner") == digest("inner")
        with pytest.raises(NotFound):
            catalog.resolve("nothing-of-that-name")


def test_a_path_that_names_two_contents_is_refused_with_both_named() -> None:
    history = [*BEGUN, received("a", b"same.txt", "d1"), received("b", b"same.txt", "d2")]
    with catalogue(history) as catalog, pytest.raises(Ambiguous):
        catalog.resolve("same.txt")


def test_readers_see_whole_batches_while_the_keeper_writes() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.sqlite"
        writer = Catalog(path, write=True)
        reader = Catalog(path)
        with writer.batch():
            for number in range(20):
                event, _ = received(f"f{number}", f"f{number}".encode())
                writer.apply(number, event)
            assert reader.status().items == 0
        assert reader.status().items == 20
        reader.close()
        writer.close()
