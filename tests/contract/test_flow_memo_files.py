"""Tables and their memo files: long texts stand in their rows wherever the pair lies, and never the texts of another pair."""

from __future__ import annotations

import email
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.material import mail, zipped
from tests.unit.test_read_dbf_long_texts import dbt3, dbt4, fpt, table
from unburnt.api import Archive
from unburnt.api.bags import export_bag, import_bag
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.base.errors import UsageError
from unburnt.base.limits import Limits
from unburnt.flow.rederiving import Rederiving
from unburnt.model.events import ReadingMade
from unburnt.model.views import DocumentView
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

OPTIONS = Options(ocr=False)
PLAIN, PLAIN_MEMO = table({"plain": 1, "second": 4}), dbt3([b"the first order " * 80, b"the second order"])
ZIPPED, ZIPPED_MEMO = table({"zipped": 8}, version=0x30), fpt([(1, "通知：关于转移的命令".encode("gb18030"))])
MAILED, MAILED_MEMO = table({"mailed": 1}, version=0x8B), dbt4(["Приказ о переводе".encode("cp866")])
TWIN, TWIN_A, TWIN_B = table({"twin": 1, "same": 2}), dbt3([b"text of a", b"agreed text"]), dbt3([b"text of b", b"agreed text"])
LATE, LATE_MEMO = table({"late": 1}), dbt3([b"came later"])
ALONE = table({"alone": 1})
WRONG, WRONG_MEMO = table({"wrong": 9}), dbt3([b"of another table"])
COPIED, COPIED_MEMO = table({"copied": 1}), dbt3([b"copied text"])


def mailed() -> bytes:
    """A mail with a table and its memo file."""
    message = email.message_from_bytes(mail("Table", "See below.", attachment=MAILED))
    first = message.get_payload()[1]
    first.replace_header("Content-Disposition", 'attachment; filename="Staff.dbf"')
    second = email.message_from_bytes(mail("Table", "See below.", attachment=MAILED_MEMO)).get_payload()[1]
    second.replace_header("Content-Disposition", 'attachment; filename="STAFF.DBT"')
    message.attach(second)
    return bytes(message)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "in"
    files = {
        "plain/ORDERS.DBF": PLAIN, "plain/orders.dbt": PLAIN_MEMO, "plain/other.dbt": dbt3([b"other"]),
        "a/twin.dbf": TWIN, "a/twin.dbt": TWIN_A, "b/twin.dbf": TWIN, "b/twin.dbt": TWIN_B,
        "late/late.dbf": LATE, "alone/alone.dbf": ALONE, "alone/sub/alone.dbt": dbt3([b"below, not beside"]),
        "wrong/wrong.dbf": WRONG, "wrong/wrong.dbt": WRONG_MEMO,
        "copy/1/one.dbf": COPIED, "copy/1/one.dbt": COPIED_MEMO, "copy/2/one.dbf": COPIED,
        "leak.zip": zipped({"in/命令.dbf": ZIPPED, "in/命令.fpt": ZIPPED_MEMO, "命令.fpt": fpt([(1, b"elsewhere")])}), "table.eml": mailed(),
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    made = tmp_path_factory.mktemp("archives") / "archive"
    with Archive.create(made) as archive:
        archive.add([folder], options=OPTIONS)
    return made


@pytest.fixture(scope="module")
def archive(root: Path) -> Iterator[Archive]:
    with Archive.open(root) as opened:
        yield opened


def rows(archive: Archive, content: bytes) -> list[str]:
    text = "".join(part.text for part in archive.parts(digest_of(content)) if part.kind == "sheet")
    return text.split("\n")[1:]


def belonging(view: DocumentView) -> list[tuple[str, bool]]:
    return [(one.document, one.is_memo) for one in view.volumes]


@pytest.mark.parametrize(("of_table", "memo", "expected"), [
    (PLAIN, PLAIN_MEMO, ["plain\t" + "the first order " * 80, "second\tthe second order"]),
    (ZIPPED, ZIPPED_MEMO, ["zipped\t通知：关于转移的命令"]), (MAILED, MAILED_MEMO, ["mailed\tПриказ о переводе"]),
    (COPIED, COPIED_MEMO, ["copied\tcopied text"]),
], ids=["folder", "zip", "mail", "one of two copies"])  # fmt: skip
def test_texts_stand_in_their_rows_and_both_files_are_named(archive: Archive, of_table: bytes, memo: bytes, expected: list[str]) -> None:
    view = archive.document(digest_of(of_table))
    assert (view.outcome, rows(archive, of_table)) == ("read", expected)
    pair = [(digest_of(of_table), False), (digest_of(memo), True)]
    assert belonging(view) == pair == belonging(archive.document(digest_of(memo)))
    made = archive._derived.describe(archive.key_of(view.document) or "")
    assert made.inputs == [digest_of(of_table), digest_of(memo)]


def test_a_search_leads_to_the_cell(archive: Archive) -> None:
    (hit,) = [hit for hit in archive.search('"second order"').hits if hit.document == digest_of(PLAIN)]
    assert [snippet.cell for snippet in hit.snippets] == ["B3"]
    assert digest_of(PLAIN_MEMO) in {hit.document for hit in archive.search('"second order"').hits}


def test_the_same_table_beside_memo_files_that_differ_shows_only_what_they_agree_on(archive: Archive) -> None:
    view = archive.document(digest_of(TWIN))
    assert (view.outcome, rows(archive, TWIN)) == ("partial", ["twin\t[memo 1]", "same\tagreed text"])
    assert {document for document, is_memo in belonging(view) if is_memo} == {digest_of(TWIN_A), digest_of(TWIN_B)}


def test_a_table_without_its_memo_file_shows_numbers_as_before(archive: Archive) -> None:
    for content, expected in ((ALONE, "alone\t[memo 1]"), (LATE, "late\t[memo 1]")):
        view = archive.document(digest_of(content))
        assert (view.outcome, view.volumes, rows(archive, content)) == ("read", (), [expected])


def test_a_memo_file_that_does_not_fit_gives_no_text_and_says_so(archive: Archive) -> None:
    view = archive.document(digest_of(WRONG))
    assert (view.outcome, rows(archive, WRONG)) == ("partial", ["wrong\t[memo 9]"])
    assert "holds none" in view.reason


def test_a_table_and_its_memo_file_are_read_again_to_the_same(root: Path, archive: Archive) -> None:
    layout = Layout.open(root)
    made = [event for _, event in Events(layout, write=False).replay() if isinstance(event, ReadingMade)]
    keys = {archive.key_of(digest_of(one)) for one in (PLAIN, ZIPPED, MAILED, TWIN, WRONG, ALONE)}
    rederiving = Rederiving(layout, archive._derived, archive._catalog, OPTIONS)
    try:
        rederiving.run([event for event in made if event.key in keys])
        check = rederiving.check()
    finally:
        rederiving.close()
    assert (check.looked_at, check.findings) == (len(keys), ())


class TestLater:
    """What comes with another delivery, goes, or is passed on: in an archive of its own."""

    @pytest.fixture
    def made(self, tmp_path: Path) -> Iterator[Archive]:
        (tmp_path / "one").mkdir()
        (tmp_path / "one" / "late.dbf").write_bytes(LATE)
        with Archive.create(tmp_path / "archive") as archive:
            archive.add([tmp_path / "one"], options=OPTIONS)
            assert rows(archive, LATE) == ["late\t[memo 1]"]
            yield archive

    def put(self, folder: Path, memo: bytes) -> Path:
        folder.mkdir()
        (folder / "late.dbf").write_bytes(LATE)
        (folder / "late.dbt").write_bytes(memo)
        return folder

    def test_a_memo_file_that_comes_later_is_taken_in_and_a_second_that_differs_takes_the_text_out(self, made: Archive, tmp_path: Path) -> None:
        made.add([self.put(tmp_path / "two", LATE_MEMO)], options=OPTIONS)
        assert rows(made, LATE) == ["late\tcame later"]
        made.add([self.put(tmp_path / "three", dbt3([b"another text"]))], options=OPTIONS)
        assert (rows(made, LATE), made.document(digest_of(LATE)).outcome) == (["late\t[memo 1]"], "partial")
        before = list(made.dump())
        with Archive.rebuild(made.root) as again:
            assert (list(again.dump()), rows(again, LATE)) == (before, ["late\t[memo 1]"])

    def test_what_comes_to_no_good_end_together_is_read_alone_as_before(self, made: Archive, tmp_path: Path) -> None:
        huge = dbt3([b"many words " * 400_000])
        made.add([self.put(tmp_path / "two", huge)], options=Options(ocr=False, limits=Limits(text=1 << 20)))
        view = made.document(digest_of(LATE))
        assert (view.outcome, view.volumes, rows(made, LATE)) == ("read", (), ["late\t[memo 1]"])

    def test_both_go_into_a_bag_and_are_read_together_where_it_comes_in(self, made: Archive, tmp_path: Path) -> None:
        made.add([self.put(tmp_path / "two", LATE_MEMO)], options=OPTIONS)
        written = export_bag(made, [digest_of(LATE_MEMO)], into=tmp_path)
        lead = digest_of(LATE)[:16]
        names = {str(path.relative_to(written.folder / "data")) for path in (written.folder / "data").rglob("*") if path.is_file()}
        assert names == {f"sets/{lead}/set.dbf", f"sets/{lead}/set.dbt"}
        with Archive.create(tmp_path / "other") as other:
            import_bag(other, written.folder, options=OPTIONS)
            assert rows(other, LATE) == ["late\tcame later"]

    def test_a_memo_file_is_not_erased_while_its_texts_stay_in_the_table(self, made: Archive, tmp_path: Path) -> None:
        made.add([self.put(tmp_path / "two", LATE_MEMO)], options=OPTIONS)
        with pytest.raises(UsageError, match="a table or its memo file"):
            made.erase(digest_of(LATE_MEMO))
        assert set(made.erase(digest_of(LATE_MEMO), with_containers=True)) == {digest_of(LATE), digest_of(LATE_MEMO)}
        assert made.search('"came later"').total == 0
