"""What the child promises the keeper, whatever the reader."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest

from tests.read_by_child import read
from unburnt.base.limits import PART_BYTES
from unburnt.model.frames import Began, NeedsOwnChild
from unburnt.model.outcome import Outcome
from unburnt.read.families import load
from unburnt.read.known import FORMATS, NO_READER, STEP_VERSIONS
from unburnt.read.nests import ENCRYPTED_OFFICE, MODULES, SAFE, nest_of, nest_of_name

LINE = "关于加强户籍登记管理工作的通知\n"


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return file.getvalue()


def test_every_row_has_its_reader_and_every_reader_its_row() -> None:
    assert {(row.nest, row.name) for row in FORMATS} == {(nest, one.name) for nest in MODULES for one in load(nest)}


def test_no_type_name_or_extension_is_claimed_twice() -> None:
    for claimed in ([row.name for row in FORMATS], [one for row in FORMATS for one in row.types], [one for row in FORMATS for one in row.extensions]):
        assert len(claimed) == len(set(claimed))


def test_every_reader_tells_what_it_gives_and_what_it_lacks() -> None:
    assert not [one.name for nest in MODULES for one in load(nest) if not (one.title and one.gives and one.lacks)]


def test_every_type_is_looked_for_where_its_reader_is_loaded() -> None:
    assert nest_of(ENCRYPTED_OFFICE) == "office"
    assert nest_of("application/pdf") == nest_of_name("Bericht.PDF") == "pdf"
    assert nest_of("application/octet-stream") == SAFE


def test_what_nobody_could_read_is_tried_again_when_any_reader_is_new() -> None:
    assert STEP_VERSIONS[NO_READER] > max(row.version for row in FORMATS)


def test_a_file_without_bytes_is_empty() -> None:
    said = read(b"", "a.pdf")
    assert said.outcome is Outcome.EMPTY
    assert said.began is not None
    assert said.began.reader == "none"


def test_white_space_alone_is_empty_and_not_read() -> None:
    assert read(b" \r\n\t", "a.txt").outcome is Outcome.EMPTY


def test_an_unknown_type_is_named() -> None:
    said = read(bytes(range(256)), "a.dat")
    assert said.outcome is Outcome.UNSUPPORTED
    assert said.finished is not None
    assert "application/octet-stream" in said.finished.reason


def test_the_reader_and_its_libraries_are_named_first() -> None:
    file = io.BytesIO()
    docx.Document().save(file)
    first = read(file.getvalue(), "a.docx").frames[0]
    assert isinstance(first, Began)
    assert first.reader == "docx"
    assert {"unburnt", "lxml"} <= set(first.versions)


def test_native_readers_refuse_a_shared_child() -> None:
    file = io.BytesIO()
    docx.Document().save(file)
    assert read(file.getvalue(), "a.zip", shared=True).frames == [
        NeedsOwnChild("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    ]


@pytest.mark.parametrize("data", [LINE.encode("gbk"), b"From: a@b.example\nTo: c@d.example\nSubject: s\n\nThe body of the mail"])
def test_a_shared_child_says_the_same_as_one_alone(data: bytes) -> None:
    assert read(data, "a", shared=True).frames == read(data, "a").frames


def test_a_wrong_extension_is_noted() -> None:
    assert read(b"%PDF-1.4 broken", "a.docx").notes[0][0] == "extension-mismatch"


def test_long_text_is_cut_at_line_ends_and_loses_nothing() -> None:
    text = LINE * 60_000
    said = read(text.encode(), "a.txt")
    assert said.text == text
    assert len(said.parts) > 1
    assert [part.ordinal for part in said.parts] == list(range(len(said.parts)))
    assert [part.continues for part in said.parts] == [False] + [True] * (len(said.parts) - 1)
    assert all(part.text.endswith("\n") and len(part.text.encode()) <= PART_BYTES for part in said.parts)


def test_the_text_limit_keeps_what_was_read() -> None:
    said = read((LINE * 60_000).encode(), "a.txt", text_limit=PART_BYTES)
    assert said.outcome is Outcome.PARTIAL
    assert said.text == (LINE * 60_000)[: len(said.text)] != ""


def test_a_container_too_deep_is_refused() -> None:
    assert read(zipped(a=b"x"), "a.zip", members_limit=0).outcome is Outcome.REFUSED


def test_a_member_too_large_is_refused_alone() -> None:
    said = read(zipped(a=b"x" * 5000, b=b"y"), "a.zip", member_bytes_limit=1000)
    assert [(one.path, one.outcome) for one in said.failed] == [(b"a", Outcome.REFUSED)]
    assert b"b" in said.members


def test_a_bomb_is_stopped_by_its_ratio() -> None:
    said = read(zipped(a=bytes(5_000_000)), "a.zip", ratio=10, ratio_free=1000)
    assert said.outcome in (Outcome.REFUSED, Outcome.PARTIAL)
    assert len(said.bytes) < 5_000_000


def test_lone_surrogates_become_signs_of_loss_in_place() -> None:
    said = read(b'\xff\xfe' + "a\ud800b".encode("utf-16-le", "surrogatepass"), "a.txt")
    assert said.text == "a\ufffdb"
