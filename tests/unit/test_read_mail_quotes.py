"""What of a mail's text is an earlier mail, as the programs of several countries write it."""

from __future__ import annotations

import time

import pytest

from tests.read_by_child import read
from unburnt.read.formats.mail.mail_quotes import with_quotes


def quoted(text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in with_quotes(text)]


def test_lines_with_a_sign_of_quotation_are_marked_and_answers_between_them_are_not() -> None:
    text = "Yes.\n\nAnn wrote:\n> first\n>\n> second\nmy answer\n>> older\n"
    assert quoted(text) == ["> first\n>\n> second\n", ">> older\n"]


@pytest.mark.parametrize(
    "heading",
    [
        "-----Original Message-----", "-----Исходное сообщение-----", "------------------ 原始邮件 ------------------", "-----邮件原件-----",
        "-------- Пересылаемое сообщение --------", "---------- Forwarded message ---------", "Begin forwarded message:",
        "From: Ann\nSent: Monday\nTo: Bob\nSubject: minutes", "发件人： 张三\n发送时间： 2024年1月1日\n收件人： 李四\n主题： 纪要",
        "发件人: 张三 <a@example.org>\n日期: 2024-01-01\n收件人: 李四", "От: Анна\nОтправлено: понедельник\nКому: Борис\nТема: протокол",
        "*From:* Ann\n*Sent:* Monday\n*To:* Bob",
    ],
)  # fmt: skip
def test_all_after_the_heading_of_an_earlier_mail_is_marked(heading: str) -> None:
    text = f"我同意。\r\n\r\n{heading}\r\n\r\nwhat was said before\r\n"
    assert quoted(text) == [text[text.index(heading) :]]


@pytest.mark.parametrize(
    "text",
    [
        "From: here it is a long way.\nNo fields follow.\n", "To: do\nDate: soon\n", "Original Message was lost\n", "a -> b\n5 > 3 is true\n",
        "> all of it is quoted\n> and nothing was said before\n", "-----Original Message-----\nFrom: Ann\nSubject: passed on\n\ntext\n",
    ],
)  # fmt: skip
def test_what_is_no_quotation_or_all_that_a_mail_says_is_not_marked(text: str) -> None:
    assert quoted(text) == []


def test_quotations_in_markup_are_marked_whether_closed_or_not() -> None:
    head = b"From: a@example.org\nTo: b@example.org\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n"
    said = read(head + b"<p>New words</p><blockquote type=cite>old <blockquote>older</blockquote> still old</blockquote><p>end</p>", "a.eml")
    (part,) = said.parts
    assert [part.text[m.start : m.end].split() for m in part.marks] == [["old", "older", "still", "old"]]
    said = read(head + b"<p>New words</p><blockquote>never closed", "a.eml")
    assert [said.text[m.start : m.end] for m in said.parts[0].marks] == ["never closed"]


def alternatives(plain: str, markup: str) -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nContent-Type: multipart/alternative; boundary=x\n\n"
    return f"{head}--x\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--x\nContent-Type: text/html; charset=utf-8\n\n{markup}\n--x--\n".encode()


def test_an_html_alternative_that_says_the_same_is_no_second_part() -> None:
    said = read(alternatives("你好 world.\n> quoted words\n", "<p>你好&nbsp;world.</p><blockquote>quoted<br>words</blockquote>"), "a.eml")
    assert [part.label for part in said.parts] == ["body"] and said.outcome == "read"


@pytest.mark.parametrize("markup", ["<p>Hello</p><p>and more</p>", "<p><a href='https://example.org/x'>Hello</a></p>"])
def test_an_html_alternative_that_says_more_stays_a_part(markup: str) -> None:
    assert [part.label for part in read(alternatives("Hello\n", markup), "a.eml").parts] == ["body", "html"]


def test_a_million_lines_cost_a_time_that_grows_with_them_only() -> None:
    began = time.process_time()
    with_quotes("x\n" + "> a\nFrom: b\n" * 100_000 + "-" * 100_000)
    assert time.process_time() - began < 120
