"""Containers give exactly what was put into them, byte for byte and under its name."""

from __future__ import annotations

from typing import Any

import pytest
from leak_source import STORIES, TRUTH, member_path, name_of, path_of, source_files, with_fact

from unburnt.api import Archive
from unburnt.model.reading import Member, Reading


def reading_of(archive: Archive, digest: str) -> Reading:
    reading = archive.document(digest).reading
    assert reading is not None
    return reading


def as_told(member: dict[str, Any]) -> tuple[str | None, str | None, int | None]:
    return member["kind"], member["sha256"], member["size"]


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("members")])
def test_members_are_exactly_those_put_in(leak_archive: Archive, digest: str, truth: dict[str, Any]) -> None:
    found = reading_of(leak_archive, digest).members
    assert [(one.kind, one.digest) for one in found] == [(one["kind"], one["sha256"]) for one in truth["members"]]
    for member, told in zip(found, truth["members"], strict=True):
        _compare(member, told)


def _compare(member: Member, told: dict[str, Any]) -> None:
    if told["size"] is not None:
        assert member.size == told["size"]
    if told["sha256"] is None:
        assert member.outcome is not None
        assert member.reason
    if told["kind"] == "entry" and told.get("path"):
        assert member.path == member_path(told)
    if told.get("name") and told["kind"] != "message":
        assert (member.name or member.path.decode()) == told["name"]


def test_expected_members_equal_emitted_and_failed(leak_archive: Archive) -> None:
    for digest, truth in with_fact("members"):
        if truth["members"]:
            assert reading_of(leak_archive, digest).expected.members == len(truth["members"]), name_of(digest)


def test_three_mails_are_parents_of_the_directive(leak_archive: Archive) -> None:
    story = STORIES["directive"]
    view = leak_archive.document(story["sha256"])
    mails = {file.path: file.digest for file in source_files()}
    expected = {mails[path_of(path)] for path in story["mails"]}
    assert expected <= {one.chain[-1] for one in view.occurrences if one.chain}
    assert view.total_occurrences == story["occurrences"]


def test_bomb_is_stopped_and_named(leak_archive: Archive) -> None:
    (file,) = [file for file in source_files() if file.path == path_of(STORIES["bomb"])]
    view = leak_archive.document(file.digest)
    assert view.outcome in ("refused", "partial")
    assert [(row.digest, str(row.outcome)) for row in view.members] == [(None, "refused")]


@pytest.mark.parametrize("which", ["archive", "workbook"])
def test_locked_files_open_with_their_password(opened_archive: Archive, which: str) -> None:
    (file,) = [file for file in source_files() if file.path == path_of(STORIES["locked"][which]["path"])]
    opened = TRUTH["documents"][file.digest]["opened"]
    view = opened_archive.document(file.digest)
    assert str(view.outcome) in opened["outcomes"]
    assert view.reading is not None
    assert view.reading.opened_with_secret
    assert [(one.kind, one.digest, one.size) for one in view.reading.members] == [
        as_told(one) for one in opened.get("members", ())
    ]
    for sheet in opened.get("sheets", ()):
        (part,) = [part for part in opened_archive.parts(file.digest) if part.label == sheet["name"]]
        assert {part.text[cell.start : cell.end] for cell in part.cells} == {
            cell["shown"] for cell in sheet["cells"].values()
        }


def test_passwords_are_nowhere_in_the_opened_archive(opened_archive: Archive) -> None:
    words = [word.encode() for word in STORIES["locked"]["passwords"]]
    for path in opened_archive.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(word in data for word in words), path.name
