"""OneNote sections in both forms: pages, what revisions held, files; and what becomes of damaged ones."""

from __future__ import annotations

import re
import struct
import uuid

import pytest

from tests import onenote_made as made
from tests.onenote_made import (
    FILES,
    KEY,
    PAGES,
    Store,
    contents,
    name,
    node,
    note,
    notebook,
    packaged,
    section,
    space,
    wide,
)
from tests.read_by_child import Said, read
from unburnt.model.outcome import Outcome

BOTH = pytest.mark.parametrize("make", [section, packaged])
UG, RU = "قەشقەر ناھىيىسى", "Приказ № 5"
CONTEXT = name(1, uuid.UUID(int=77).bytes_le)


def said_of(*pages: made.Objects | list[made.Objects], **more: object) -> Said:
    return read(section(*pages, **more), "a.one")  # type: ignore[arg-type]


def labels(said: Said, *, hidden: bool) -> list[str]:
    return [part.label for part in said.parts if part.hidden is hidden]


def shown(said: Said) -> str:
    return "\n".join(part.text for part in said.parts if not part.hidden)


def texts(said: Said) -> set[str]:
    """Lines and cells, hidden ones too."""
    return {text for part in said.parts for text in re.split("[\n\t]", part.text)}


@BOTH
def test_pages_come_in_the_sections_order_with_their_titles_and_words(make) -> None:  # type: ignore[no-untyped-def]
    said = read(make(*PAGES, files=FILES), "a.one")
    assert said.began is not None and said.began.reader == "onenote" and said.outcome is Outcome.READ
    assert labels(said, hidden=False) == ["关于印发名单的通知", "ئۇقتۇرۇش"]
    assert said.parts[0].text == "关于印发名单的通知\n第一行\n张三\t喀什\n李四\t和田\n名单.docx\nC:\\名单.docx"
    assert said.parts[1].text == f"ئۇقتۇرۇش\n{RU}\nthe second line"
    assert said.expected is not None and said.expected.pages == 2 and said.expected.members is None


@BOTH
def test_words_of_an_earlier_revision_stand_apart_and_hidden(make) -> None:  # type: ignore[no-untyped-def]
    said = read(make(*PAGES), "a.one")
    assert UG not in shown(said)
    assert [part.text for part in said.parts if part.hidden] == [UG]
    assert labels(said, hidden=True) == ["ئۇقتۇرۇش (removed, or of earlier revisions)"]


def test_a_kept_version_of_a_page_is_given_whole_and_hidden() -> None:
    store = Store()
    store.space(space(0), contents([space(1)]))
    store.space(space(1), note("now", "second"), versions={CONTEXT: note("then", "first", "second")})
    said = read(store.done(), "a.one")
    assert shown(said) == "now\nsecond"
    version = said.parts[1]
    assert version.hidden and version.text == "then\nfirst\nsecond" and "version of 2011-09-09T01:46:40Z" in version.label


def test_a_page_that_the_section_does_not_list_is_given_hidden() -> None:
    said = said_of(note("kept", "one"), note("deleted", "two"), unlisted=1)
    assert said.outcome is Outcome.READ and shown(said) == "kept\none"
    assert [(part.label, part.text) for part in said.parts if part.hidden] == [("deleted (not among the section's pages)", "deleted\ntwo")]


def test_what_was_written_to_the_file_and_never_committed_is_hidden() -> None:
    store = Store()
    lost = store.declared(9, 0x6000E, [(made.TEXT, wide("never kept"))])
    store.nodes(node(0xB8), uncommitted=[lost])
    store.space(space(0), contents([space(1)]))
    store.space(space(1), note("title", "kept"))
    said = read(store.done(), "a.one")
    assert said.outcome is Outcome.READ and shown(said) == "title\nkept"
    assert said.parts[-1].text == "never kept" and said.parts[-1].hidden


@BOTH
def test_files_and_pictures_are_members_by_the_names_that_pages_give(make) -> None:  # type: ignore[no-untyped-def]
    picture = uuid.UUID(int=9).bytes_le
    page = note("title", ("file", "отчёт.docx", KEY), ("picture", "a man at a gate", "ПРОПУСК 17", picture))
    said = read(make(page, files={KEY: b"PK" * 9, picture: b"\x89PNG rest"}), "a.one")
    assert [path.decode().split("/")[-1] for path in said.members] == ["отчёт.docx", "file-2.bin" if make is section else "file-2"]
    assert said.bytes == b"PK" * 9 + b"\x89PNG rest"
    assert said.parts[0].text == "title\nотчёт.docx\nC:\\отчёт.docx\na man at a gate"
    assert said.parts[1].text == "ПРОПУСК 17" and "recognised" in said.parts[1].label


def test_a_file_that_no_page_shows_is_a_member_too() -> None:
    said = said_of(note("title", "words"), files=FILES)
    assert said.bytes == FILES[KEY] and said.members == [b"no page/1/file-1"]
    assert "onenote-files" in dict(said.notes)


def test_a_file_that_is_kept_outside_of_the_section_is_named() -> None:
    said = said_of(note("title", ("file", "большой.zip", "<file>{1}.onebin")))
    assert [one.name for one in said.failed] == ["большой.zip"] and said.failed[0].outcome is Outcome.NOT_RECEIVED


def test_authors_and_times_are_told() -> None:
    said = read(section(*PAGES, title="会议"), "a.one")
    assert (said.metadata.title, said.metadata.author) == ("会议", "王科长")
    assert [(date.kind, date.value) for date in said.metadata.dates] == [
        ("created", "2022-06-18T04:26:40Z"), ("modified", "2011-09-09T01:46:40Z")]  # fmt: skip
    assert "page 1: 关于印发名单的通知; created 2022-06-18T04:26:40Z; modified 2011-09-09T01:46:40Z; by 王科长" in said.properties


def test_the_address_of_a_link_is_a_mark_on_its_words() -> None:
    said = said_of(note("t", 'see \ufddfHYPERLINK "https://example.org/a"the list'))
    assert said.parts[0].text == "t\nsee the list"
    assert [(mark.kind, mark.text, mark.start) for mark in said.parts[0].marks] == [("link", "https://example.org/a", 6)]


@BOTH
def test_what_a_line_was_tagged_with_is_a_mark_on_it(make) -> None:  # type: ignore[no-untyped-def]
    said = read(make(note("t", ("tagged", "позвонить", "Срочно"))), "a.one")
    [mark] = said.parts[0].marks
    assert (mark.kind, mark.text, said.parts[0].text[mark.start : mark.end], mark.date) == (
        "annotation", "Срочно", "позвонить", "2011-09-09T01:46:40Z")  # fmt: skip


@pytest.mark.parametrize(("data", "text"), [
    (b"plain", "plain"), ("für\xa0alle".encode("cp1252"), "für\xa0alle"), ("Приказ о создании комиссии".encode("cp1251"), "Приказ о создании комиссии"),
])
def test_narrow_texts_are_read_in_their_code_page(data: bytes, text: str) -> None:
    assert said_of(note("t", data)).parts[0].text == f"t\n{text}"


def test_a_title_that_only_the_list_of_pages_has_is_not_lost() -> None:
    page = note("题", "words")
    page[4] = 0x6000E, []
    assert said_of(page).parts[0].text == "words\n题"


def test_a_list_of_sections_gives_their_names() -> None:
    said = read(notebook("会议.one", "Архив"), "Open Notebook.onetoc2")
    assert said.outcome is Outcome.READ and said.text == "会议.one\nАрхив\n" and not dict(said.notes)


@BOTH
def test_an_encrypted_section_is_locked(make) -> None:  # type: ignore[no-untyped-def]
    page: made.Objects = {number: (0x6000E, []) for number in (1, 2)}  # nothing of it can be read
    if make is packaged:
        data = packaged(page, encrypted=True)
    else:
        store = Store()
        store.space(space(0), contents([space(1)]))
        store.space(space(1), page, encrypted=True)
        data = store.done()
    assert read(data, "a.one").outcome is Outcome.LOCKED


def test_a_section_whose_lists_are_lost_gives_the_texts_and_files_that_can_be_found() -> None:
    data = bytearray(section(*PAGES, files=FILES))
    struct.pack_into("<QI", data, 172, 40, 64)
    said = read(bytes(data), "a.one")
    assert said.outcome is Outcome.PARTIAL and "cannot be followed" in said.finished.reason  # type: ignore[union-attr]
    assert {"第一行", "喀什", UG, RU, "名单.docx"} <= texts(said)
    assert said.bytes == FILES[KEY]


@BOTH
def test_a_section_that_is_cut_off_says_so_and_keeps_what_is_there(make) -> None:  # type: ignore[no-untyped-def]
    data = make(*PAGES, files=FILES)
    for size in range(20, len(data) - 8, 61):
        said = read(data[:size], "a.one")
        assert said.outcome in (Outcome.PARTIAL, Outcome.DAMAGED), size
    assert {"第一行", "喀什"} <= texts(read(data[: len(data) * 3 // 4], "a.one"))


def test_a_hole_in_a_package_costs_what_stood_there_and_no_more() -> None:
    data = packaged(*PAGES, files=FILES)
    at = data.index("第一行".encode("utf-16-le"))
    said = read(data[: at - 300] + bytes(40) + data[at + 20 :], "a.one")
    assert said.outcome is Outcome.PARTIAL and "parts of it are damaged" in said.finished.reason  # type: ignore[union-attr]
    assert f"ئۇقتۇرۇش\n{RU}\nthe second line" in [part.text for part in said.parts if not part.hidden]
    assert {"张三", "和田"} <= texts(said) and said.bytes == FILES[KEY]


@BOTH
@pytest.mark.parametrize("bad", [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x01\0\0\x80"])
def test_damage_at_any_place_ends_in_an_outcome(make, bad: bytes) -> None:  # type: ignore[no-untyped-def]
    data = make(*PAGES, files=FILES)
    whole, silent = texts(read(data, "a.one")), []
    for at in range(16, len(data) - 4, 53):
        said = read(data[:at] + bad + data[at + 4 :], "a.one")
        assert said.finished is not None and said.outcome in (Outcome.READ, Outcome.PARTIAL, Outcome.DAMAGED), at
        # Where the text's own letters are hit, one is another; where a set says that it is empty, nobody can know better.
        if said.outcome is Outcome.READ and len(whole - texts(said)) > 1:
            silent.append(at)
    assert len(silent) <= 1, "texts that stand in the file were given nowhere, and nothing said so"


@pytest.mark.parametrize("lie", [
    struct.pack("<IH", 0x80000000, 0xFFFF), struct.pack("<IHI", 0x80000000, 1, made.TEXT) + b"\xff" * 4,
    struct.pack("<IHII", 0x80000000, 1, made.ELEMENTS, 0xFFFFFFFF), struct.pack("<IHII", 0x80000000, 1, 16 << 26, 0xFFFFFFFF),
    struct.pack("<I", 0x00FFFFFF), struct.pack("<I", 0x80000000) + struct.pack("<HI", 1, 17 << 26) * 60,
])
def test_counts_and_lengths_that_lie_cost_nothing(lie: bytes) -> None:
    store = Store()
    place = store.put(lie)
    broken = node(0xA4, struct.pack("<IIBB", 5, 0x6000C, 1, 1), place)
    group = store.group(note("title", "words"))
    own = name(1, space(1)[:16])
    more = node(0xB0, made.NONE, store.nodes(node(0x22, b"\0"), node(0x24, bytes(4) + made.OWN), broken), lists=True)
    revisions = store.nodes(
        node(0x1E, own + made.NONE + struct.pack("<IH", 1, 0)), group, more, node(0x5A, name(1) + struct.pack("<I", 1)), node(0x1C),
    )  # fmt: skip
    store.space(space(0), contents([space(1)]))
    store._roots.append(node(0x08, space(1), store.nodes(node(0x10, b"", revisions, lists=True)), lists=True))
    said = read(store.done(), "a.one")
    assert said.outcome is Outcome.PARTIAL and "title" in shown(said) and "words" in said.text
    assert "cannot be read" in said.finished.reason  # type: ignore[union-attr]


def test_lists_that_lead_to_themselves_end() -> None:
    data = bytearray(section(note("title", "words")))
    at = data.rfind(made._MAGIC)
    end = data.find(made._FOOTER, at)
    struct.pack_into("<QI", data, end - 12, at, end + 8 - at)
    said = read(bytes(data), "a.one")
    assert said.outcome is Outcome.PARTIAL and "words" in shown(said)


def test_outlines_that_lie_too_deep_are_told() -> None:
    page = note("title")
    page[5] = 0x6000C, [(made.ELEMENTS, [10])]
    for number in range(10, 200):
        page[number] = 0x6000D, [(made.ELEMENTS, [number + 1])]
    page[200] = 0x6000E, [(made.TEXT, wide("at the bottom"))]
    said = said_of(page)
    assert said.outcome is Outcome.PARTIAL and "too deep" in said.finished.reason  # type: ignore[union-attr]
    assert "at the bottom" in said.text


@pytest.mark.parametrize("stated", [3, 0xFFFFFFFF])
def test_objects_that_lead_to_each_other_are_given_once(stated: int) -> None:
    page = note("title", "words")
    page[5] = 0x6000C, [(made.ELEMENTS, [2, 5, 1, stated & 0xFF])]
    assert shown(said_of(page)).count("title") == 1
