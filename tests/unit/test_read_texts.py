"""HTML, XML, JSON, CSV and Markdown, written here."""

from __future__ import annotations

import json
import time

import pytest

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

ZH = "关于加强户籍登记管理工作的通知"
RU = "Распоряжение о порядке учёта граждан"


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", ""])
def test_html_in_gbk_is_read_whatever_it_declares(declared: str) -> None:
    page = f'<html><head><meta charset="{declared}"><title>通知</title></head><body><p>{ZH}</p></body></html>'
    said = read(page.encode("gbk"), "a.html")
    assert said.text == f"{ZH}\n"
    assert said.metadata.title == "通知"


def test_html_shows_blocks_as_lines_and_runs_nothing() -> None:
    page = "<p>one <b>two</b></p><script>evil()</script><style>p{}</style><table><tr><td>a<td>b</table>line<br>next"
    assert read(page.encode(), "a.html").text == "one two\na\tb\nline\nnext\n"


def test_html_nested_without_end_is_read_soon() -> None:
    began = time.monotonic()
    said = read(b"<html><body>" + b"<div>" * 300_000 + ZH.encode() + b"</div>" * 300_000, "a.html")
    assert said.text.strip() == ZH
    assert said.notes[0][0] == "deep-nesting"
    assert time.monotonic() - began < 120


@pytest.mark.parametrize(
    ("page", "is_deep"),
    [
        ("<div>" * 2_001, True), ("<div>" * 2_000 + "</div>" * 2_000, False), ("</b>" * 5_000 + "<div>" * 1_500, False),
        ("</b>" * 5_000 + "<div>" * 2_001, True), ("<div></div>" * 5_000, False), ("<p>" * 5_000, False),
    ],
)  # fmt: skip
def test_only_what_is_open_at_once_makes_a_page_deep(page: str, is_deep: bool) -> None:
    said = read(f"<html><body>{page}{ZH}".encode(), "a.html")
    assert said.text.strip() == ZH
    assert ("deep-nesting" in dict(said.notes)) == is_deep


def test_blocks_end_where_the_elements_that_hold_them_do() -> None:
    page = (
        "<div>a<span>b<div>c<pre> d\n<b> e</b></pre></div></span></div>f<table><tr><td>g<p>h</p></td><td hidden>i</td></tr></table>"
        "<script>no<b></b></script>j <object>none<div>none</div></object>k<!-- said --><ul><li>l<li>m</ul>"
    )
    said = read(page.encode(), "a.html")
    assert said.text == "ab\nc\n d\n e\nf\ng\nh\ti\nj k\nl\nm\nnone\nnone\n"


def test_xml_text_stands_without_its_tags() -> None:
    said = read(f'<?xml version="1.0" encoding="koi8-r"?><a><b>{RU}</b></a>'.encode("koi8-r"), "a.xml")
    assert (said.text, said.outcome) == (f"{RU}\n", Outcome.READ)


def test_external_entities_are_never_read() -> None:
    said = read(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>before &x; after</a>', "a.xml")
    assert "root:" not in said.text
    assert "before" in said.text


def test_xml_keeps_what_stands_in_attributes() -> None:
    said = read('<?xml version="1.0"?><list><row name="李四" id="0042"/><!-- 核对 --></list>'.encode(), "a.xml")
    assert said.outcome == "read"
    assert said.text == "李四 0042\n核对\n"


def test_a_drawing_gives_its_words_and_not_its_coordinates() -> None:
    said = read(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M 10 20 L 30 40"/><text x="1">Village plan</text></svg>', "a.svg")
    assert said.outcome == "read"
    assert said.text == "Village plan\n"


def test_xml_is_named_by_its_first_title_only() -> None:
    said = read("<rss><title> </title><channel><title>\n每日 <b>x</b>消息\n</title><item><title>one item</title></item></channel></rss>".encode(), "a.xml")
    assert said.metadata.title == "每日 消息"
    assert said.text == "每日\nx\n消息\none item\n"


def test_broken_xml_keeps_its_source() -> None:
    said = read(b'<?xml version="1.0"?><a><b>some words</a>', "a.xml")
    assert said.outcome is Outcome.PARTIAL
    assert "some words" in said.text


def test_csv_cells_lie_where_they_stand() -> None:
    said = read('姓名,村\n张　三,"第一村,东"\n'.encode("gbk"), "a.csv")
    (part,) = said.parts
    assert part.kind == "sheet"
    assert [(cell.row, cell.column, part.text[cell.start : cell.end]) for cell in part.cells] == [
        (0, 0, "姓名"), (0, 1, "村"), (1, 0, "张　三"), (1, 1, "第一村,东"),
    ]  # fmt: skip


def test_json_and_markdown_stay_as_they_are() -> None:
    assert read('{"名": "张三"}'.encode(), "a.json").text == '{"名": "张三"}'
    said = read(f"# {ZH}\n\ntext".encode(), "a.md")
    assert (said.metadata.title, said.text) == (ZH, f"# {ZH}\n\ntext")


@pytest.mark.parametrize("name", ["a.jsonl", "a.js", "a.properties", "a.log", "a.json", "a.csv"])
def test_letters_written_as_numbers_are_spelled_out_wherever_programs_write_them(name: str) -> None:
    r"""Lines of JSON, scripts and what was cut off: no file of JSON, and still nobody would find \\u62d8."""
    said = read(b'first, line\n{"a": "\\u62d8\\u7559", "b": "\\ud83d\\ude00"}\n{"a": "\\u04', name)
    assert [(part.origin, part.text) for part in said.parts[1:]] == [("mapped", '{"a": "拘留", "b": "😀"}')]


def test_letters_of_which_each_byte_is_written_as_a_number_are_found() -> None:
    said = read(json.dumps({"content": "拘留".encode().decode("latin-1"), "n": "caf\u00e9"}).encode(), "message_1.json")
    assert said.parts[1].text == '{"content": "拘留", "n": "café"}'


def test_letters_that_json_writes_as_numbers_are_spelled_out_beside_it() -> None:
    text = json.dumps({"name": "中央仓库 😀", "note": "ц"})
    said = read(text.encode(), "a.json")
    assert said.parts[0].text == text
    assert (said.parts[1].text, said.parts[1].origin) == ('{"name": "中央仓库 😀", "note": "ц"}', "mapped")
    assert len(read(b'{"a": "\\u0041"}', "a.json").parts) == 1
