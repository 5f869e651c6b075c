"""Word documents that are one XML file (flat OPC): what a damaged or hostile one costs."""

from __future__ import annotations

import base64

import pytest

from tests.read_by_child import Said, read
from unburnt.model import frames

BYTES = b"\xff\xd8\xff picture"
PICTURE = base64.b64encode(BYTES).decode()
LETTER = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>通知</w:t></w:r></w:p>'
    "</w:body></w:document>"
)


def part(name: str, content: str) -> str:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml" if "<w:" in content else "image/jpeg"
    tag = "xmlData" if "<w:" in content else "binaryData"
    return f'<pkg:part {name} pkg:contentType="{kind}"><pkg:{tag}>{content}</pkg:{tag}></pkg:part>'


def said_of(*parts: str) -> Said:
    package = "".join(('<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">', *parts, "</pkg:package>"))
    return read(('<?xml version="1.0"?><?mso-application progid="Word.Document"?>' + package).encode(), "a.xml")


@pytest.mark.parametrize("name", ["", 'pkg:name=""', 'pkg:name="/"', f'pkg:name="/word/media/{"长" * 70_000}.jpg"'])
def test_a_part_whose_name_says_nothing_is_a_member_and_the_letter_is_read(name: str) -> None:
    said = said_of(part('pkg:name="/word/document.xml"', LETTER), part(name, PICTURE))
    assert "通知" in said.text
    assert (len(said.members), said.bytes) == (1, BYTES)


def test_a_letter_without_a_name_is_read() -> None:
    assert "通知" in said_of(part("", LETTER)).text


def test_a_part_that_is_not_in_base64_is_named() -> None:
    said = said_of(part('pkg:name="/word/document.xml"', LETTER), part('pkg:name="/word/media/a.jpg"', "abcde"))
    assert "通知" in said.text
    assert said.outcome == "partial" and [one.name for one in said.failed] == ["a.jpg"]
    assert [text for code, text in said.notes if code == "damaged-part"] == ["The part 'a.jpg' is damaged: it is not in base64."]


def test_a_part_has_no_date_since_none_is_stated() -> None:
    said = said_of(part('pkg:name="/word/document.xml"', LETTER), part('pkg:name="/word/media/a.jpg"', PICTURE))
    assert [frame.modified for frame in said.frames if isinstance(frame, frames.MemberBegan)] == [None]
