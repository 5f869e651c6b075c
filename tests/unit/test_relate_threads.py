"""Conversations: which mail answers which, with gaps for the mails that are missing, whatever senders claim."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from unburnt.api import Archive
from unburnt.cli.main import unburnt
from unburnt.model.threads import Mailed, Turn
from unburnt.relate.threads import base_subject, conversation

OFFICE = frozenset({"office@county.example", "village@county.example"})


def mail(name: str, *references: str, subject: str = "", date: str = "", addresses: frozenset[str] = OFFICE) -> Mailed:
    return Mailed(document=name * 64 if len(name) == 1 else name, message_id=f"{name}@x", references=tuple(f"{one}@x" for one in references),
                  subject=subject, date=date, sender="office@county.example", addresses=addresses)


def outline(turns: list[Turn]) -> list[tuple[int, str | None]]:
    return [(turn.depth, turn.document[0] if turn.document else None) for turn in turns]


def test_answers_stand_behind_what_they_answer_in_the_order_of_their_dates() -> None:
    mails = [mail("d", "a", "c", date="2017-04"), mail("c", "a", date="2017-03"), mail("a", date="2017-01"), mail("b", "a", date="2017-02"), mail("e")]
    for name in "abcd":
        assert outline(conversation(mails, name * 64)) == [(0, "a"), (1, "b"), (1, "c"), (2, "d")]
    assert conversation(mails, "e" * 64) == []


def test_a_mail_that_others_answer_and_nobody_delivered_stays_as_a_gap() -> None:
    assert outline(conversation([mail("b", "a", date="1"), mail("c", "a", date="2")], "b" * 64)) == [(0, None), (1, "b"), (1, "c")]
    assert outline(conversation([mail("a"), mail("c", "a", "b")], "a" * 64)) == [(0, "a"), (1, None), (2, "c")]


@pytest.mark.parametrize(("subject", "base", "answers"), [
    ("Re: Rosters", "rosters", True), ("RE: Fwd: re[2]: Rosters", "rosters", True), ("回复：转发: 名册", "名册", True),
    ("Ответ: список", "список", True), ("Rebuilding: plan", "rebuilding: plan", False), ("", "", False), ("Re:", "", True),
])
def test_signs_of_answering_are_taken_off_a_subject(subject: str, base: str, answers: bool) -> None:
    assert base_subject(subject) == (base, answers)


def test_an_answer_without_references_follows_its_subject_only_where_an_address_is_shared() -> None:
    first = mail("a", subject="名册", date="1")
    answer, stranger = mail("b", subject="回复: 名册", date="2"), mail("c", subject="Re: 名册", date="3", addresses=frozenset({"z@z.example"}))
    turns = conversation([answer, stranger, first], "a" * 64)
    assert outline(turns) == [(0, "a"), (1, "b")]
    assert [turn.by_subject for turn in turns] == [False, True]
    assert conversation([answer, stranger, first], "c" * 64) == []


def test_mails_of_one_subject_that_answer_nothing_stay_apart() -> None:
    assert conversation([mail("a", subject="日报"), mail("b", subject="日报")], "a" * 64) == []


def test_references_in_a_circle_end() -> None:
    mails = [mail("a", "b"), mail("b", "c"), mail("c", "a"), mail("d", "d")]
    found = [outline(conversation(mails, name * 64)) for name in "abc"]
    assert found[0] and all(sorted(one[1] or "" for one in each) == ["a", "b", "c"] for each in found)
    assert conversation(mails, "d" * 64) == []


def test_two_contents_with_one_identifier_are_both_kept() -> None:
    forged = Mailed(document="f" * 64, message_id="a@x", references=("r@x",))
    mails = [mail("a", "r"), forged]
    assert {turn.document for turn in conversation(mails, "f" * 64)} == {None, "a" * 64, "f" * 64}


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=5)), max_size=30))
def test_whatever_mails_claim_each_stands_once_in_one_conversation(claims: list[tuple[int, list[int]]]) -> None:
    mails = [Mailed(document=f"{number:064d}", message_id=str(name), references=tuple(map(str, to)))
             for number, (name, to) in enumerate(claims)]
    for one in mails:
        shown = [turn.document for turn in conversation(mails, one.document) if turn.document]
        assert len(shown) == len(set(shown))
        assert not shown or one.document in shown


def test_very_many_mails_of_one_subject_or_in_one_chain_come_to_an_end() -> None:
    same = [mail(f"{number:064d}", subject="Re: 日报", date=f"{number:06d}") for number in range(30_000)]
    chain = [mail(f"{number:064d}", f"{number - 1:064d}") for number in range(30_000)]
    assert len(conversation(same, same[5].document)) == 30_000
    assert len(conversation(chain, chain[5].document)) == 30_001


def written(subject: str, identifier: str, answers: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "office@county.example", "village@county.example", subject
    message["Date"], message["Message-ID"] = "Mon, 06 Feb 2017 10:00:00 +0800", f"<{identifier}@x>"
    if answers:
        message["In-Reply-To"] = f"<{answers}@x>"
    message.set_content(f"{subject}.\n")
    return bytes(message)


def test_show_tells_the_conversation_of_a_mail_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "1.eml").write_bytes(written("名册", "one"))
    (tmp_path / "m" / "2.eml").write_bytes(written("回复: 名册", "two", "one"))
    (tmp_path / "m" / "3.eml").write_bytes(written("Other", "three", "lost"))
    (tmp_path / "m" / "a.txt").write_text("no mail")
    with Archive.create(tmp_path / "a") as archive:
        archive.add([tmp_path / "m"])
    told = {name: CliRunner().invoke(unburnt, ["-a", str(tmp_path / "a"), "show", name, "--thread"]) for name in ("1.eml", "3.eml", "a.txt")}
    first = told["1.eml"].stdout.splitlines()
    assert first[0].startswith("*") and first[1].startswith("   ")
    assert "名册" in first[0] and "回复: 名册" in first[1]
    assert "not delivered" in told["3.eml"].stdout
    assert told["a.txt"].stdout == ""
