"""Rich text: where its fields lead, and the page that a mail program wrote into it (MS-OXRTFEX)."""

from __future__ import annotations

import email
import email.policy
import struct
import time

import pytest

from tests.ole_made import Content, compound
from tests.pst_made import BYTES, Dir, Item, store
from tests.pst_made import text as stored_text
from tests.read_by_child import Said, read
from unburnt.read.formats.texts.rtf_text import RtfWalker

OUTLOOK = (
    rb"{\rtf1\ansi\ansicpg936\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fnil\fcharset134 SimSun;}}"
    b"\r\n"
    rb"{\*\htmltag19 <html>}{\*\htmltag2 \par }{\*\htmltag34 <head>}{\*\htmltag161 <!-- draft of \'d6\'d0 -->}{\*\htmltag41 </head>}"
    rb"{\*\htmltag50 <body>}\htmlrtf {\htmlrtf0 {\*\htmltag64 <p>}\htmlrtf \par only in rich text \htmlrtf0 See \f1\'d6\'d0\f0  the "
    rb'{\*\htmltag84 <a href="https://dump.example/a?b=1&amp;c=2">}\htmlrtf {\field{\*\fldinst{HYPERLINK "https://dump.example/a?b=1&c=2"}}'
    rb'{\fldrslt\cf1\ul \htmlrtf0 list\htmlrtf }\htmlrtf0 \htmlrtf }\htmlrtf0 {\*\htmltag92 </a>}{\*\mhtmltag84 <a href="x">}'
    rb"{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 \u20013?{\*\htmltag72 </p>}\htmlrtf }\htmlrtf0 {\*\htmltag58 </body>}{\*\htmltag27 </html>}}"
)  # fmt: skip
PAGE = (
    '<html>\n<head><!-- draft of 中 --></head><body><p>See 中 the <a href="https://dump.example/a?b=1&amp;c=2">list</a>&lt;中</p></body></html>'
)


def compressed(rtf: bytes) -> bytes:
    """As Outlook stores rich text that it does not compress (MS-OXRTFCP, section 2.1.3.1.4)."""
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def message(plain: str, rtf: bytes) -> bytes:
    streams: Content = {"__properties_version1.0": bytes(32), "__substg1.0_10090102": compressed(rtf),
                        "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"), "__substg1.0_0037001F": "s".encode("utf-16-le")}  # fmt: skip
    if plain:
        streams["__substg1.0_1000001F"] = plain.encode("utf-16-le")
    return compound(streams)


def links(said: Said) -> list[tuple[str, str]]:
    """What is linked, and to where."""
    return [(part.text[mark.start : mark.end].strip(), mark.text) for part in said.parts for mark in part.marks if mark.kind == "link"]


@pytest.mark.parametrize(("field", "expected"), [
    (rb'{\field{\*\fldinst HYPERLINK "https://a.example/?q=1&x"}{\fldrslt {\b words}}}', ("words", "https://a.example/?q=1&x")),
    (rb'{\field{\*\fldinst { HYPERLINK "C:\\\\dir\\\\f.doc" \\l "mark" }}{\fldrslt words}}', ("words", "C:\\dir\\f.doc#mark")),
    (rb'{\field\fldedit{\*\fldinst INCLUDEPICTURE "https://a.example/p.png" \\* MERGEFORMATINET}{\fldrslt }}', ("", "https://a.example/p.png")),
    (rb"{\field{\*\fldinst HYPERLINK https://bare.example}}", ("", "https://bare.example")),
    (rb'{\field{\*\fldinst HYPERLINK "https://a.example/\'d6\'d0"}{\fldrslt w}}', ("w", "https://a.example/中")),
])  # fmt: skip
def test_the_target_of_a_field_is_kept_beside_its_words(field: bytes, expected: tuple[str, str]) -> None:
    said = read(rb"{\rtf1\ansi\ansicpg936 before " + field + rb" after\par}", "a.rtf")
    assert links(said) == [expected] and said.text == f"before {expected[0]} after\n"
    assert f"{expected[0]}: {expected[1]}" in said.properties.splitlines()


def test_fields_that_lead_nowhere_are_no_links() -> None:
    said = read(rb'{\rtf1\ansi {\field{\*\fldinst PAGE }{\fldrslt 1}}{\field{\*\fldinst DATE \\@ "d"}{\fldrslt today}}}', "a.rtf")
    assert (links(said), said.text) == ([], "1today")


def test_links_in_links_keep_both() -> None:
    inner = rb'{\field{\*\fldinst INCLUDEPICTURE "p.png"}{\fldrslt pic}}'
    said = read(rb'{\rtf1\ansi {\field{\*\fldinst HYPERLINK "u"}{\fldrslt a' + inner + rb"b}}}", "a.rtf")
    assert said.text == "apicb" and sorted(target for _, target in links(said)) == ["p.png", "u"]


def test_the_page_in_rich_text_is_given_back_as_it_was() -> None:
    assert RtfWalker().walk(OUTLOOK).html == PAGE


def test_a_message_whose_page_is_wrapped_in_rich_text_keeps_links_and_comments() -> None:
    said = read(message("", OUTLOOK), "a.msg")
    assert said.text == "See 中 the list<中\n" and links(said) == [("list", "https://dump.example/a?b=1&c=2")]
    assert "comment: draft of 中" in said.properties


def test_a_page_beside_a_plain_text_is_a_part_only_where_it_says_more() -> None:
    both = read(message("See 中 the list<中", OUTLOOK), "a.msg")
    assert [part.label for part in both.parts] == ["body", "html"] and links(both)
    same = read(message("See 中 the list<中 https://dump.example/a?b=1&c=2", OUTLOOK.replace(b"list", b"list")), "a.msg")
    assert len(same.parts) == 2
    plain = rb"{\rtf1\ansi\fromtext \deff0 one two\par}"
    assert [part.label for part in read(message("one two", plain), "a.msg").parts] == ["body"]


def test_rich_text_that_says_more_than_the_plain_is_kept() -> None:
    said = read(message("one", rb"{\rtf1\ansi one {\b and two}\par}"), "a.msg")
    assert [part.text for part in said.parts] == ["one", "one and two\n"]


def test_a_store_gives_the_page_as_the_html_of_the_mail() -> None:
    item = Item({0x1A: stored_text("IPM.Note"), 0x37: stored_text("s"), 0x1009: (BYTES, compressed(OUTLOOK))})
    said = read(store(Dir("", [item])), "a.pst")
    mail = email.message_from_bytes(said.bytes, policy=email.policy.default)
    assert isinstance(mail, email.message.EmailMessage)
    found = mail.get_body(("html",))
    assert found is not None and found.get_content() == PAGE
    assert not list(mail.iter_attachments())


def test_hostile_fields_end_soon() -> None:
    began = time.monotonic()
    read(rb"{\rtf1\ansi " + rb'{\field{\*\fldinst HYPERLINK "a"}{\fldrslt ' * 10_000 + b"x", "a.rtf")
    read(rb"{\rtf1\ansi " + rb'{\field{\*\fldinst HYPERLINK "' + rb"\\" * 500_000, "a.rtf")
    read(rb"{\rtf1\fromhtml1 " + rb"{\*\htmltag1 <a \htmlrtf " * 20_000, "a.rtf")
    assert time.monotonic() - began < 120


def test_who_changed_a_text_and_when_is_told() -> None:
    table = rb"{\*\revtbl {Unknown;}{\u26446?\u22235?;}{Bob;}}"
    body = rb"a {\revised\revauth1\revdttm123931274 new }{\deleted\revauthdel2\revdttmdel123931275 old }{\revised\revauth9 by nobody}"
    said = read(rb"{\rtf1\ansi" + table + body + b"}", "a.rtf")
    (part,) = [one for one in said.parts if one.kind == "text"]
    assert part.text == "a new old by nobody"
    found = [(mark.kind, part.text[mark.start : mark.end], mark.author, mark.date) for mark in part.marks]
    assert found == [
        ("insertion", "new ", "李四", "2018-03-01T10:10:00"), ("deletion", "old ", "Bob", "2018-03-01T10:11:00"),
        ("insertion", "by nobody", None, None),
    ]  # fmt: skip
    assert "李四: 1 insertion, 2018-03-01T10:10:00\nBob: 1 deletion, 2018-03-01T10:11:00\n" in said.properties


def test_two_authors_of_a_file_are_two() -> None:
    said = read(rb"{\rtf1{\info{\author first}{\author second}}text}", "a.rtf")
    assert said.metadata.author == "first; second"
