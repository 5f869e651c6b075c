"""Numbers of paragraphs, which stand nowhere in a Word document's text: 第三条 is found all the same."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.read_by_child import Said, read
from tests.unit.test_read_office_deep import RELATIONS, WORD, content_types, package, relations
from unburnt.read.formats.office.docx_numerals import numeral


def level(place: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def lists(*levels: str, uses: str = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>') -> str:
    return f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="7">{"".join(levels)}</w:abstractNum>{uses}</w:numbering>'


def numbered(text: str, place: int = 0, use: int = 1) -> str:
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{use}"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'


def plain(text: str, style: str = "") -> str:
    about = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{about}<w:r><w:t>{text}</w:t></w:r></w:p>"


def document(numbering: str, *body: str, styles: str = "") -> Said:
    return read(package({
        "[Content_Types].xml": content_types("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "word/document.xml"),
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
        "word/_rels/document.xml.rels": relations(("r1", "numbering", "numbering.xml"), ("r2", "styles", "styles.xml")),
        "word/numbering.xml": numbering,
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{"".join(body)}</w:body></w:document>',
    }), "a.docx")  # fmt: skip


def numbers(said: Said) -> list[str]:
    found = {part.label: part.text for part in said.all_parts}
    return found.get("numbered paragraphs", "").splitlines()


def test_clauses_are_found_by_their_numbers_and_the_text_stays_as_it_is() -> None:
    form = lists(level(0, "chineseCounting", "第%1条"), level(1, "decimal", "%1.%2.", "<w:isLgl/>"), level(2, "bullet", "•"))
    table = f"<w:tbl><w:tr><w:tc>{numbered('表中')}</w:tc></w:tr></w:tbl>"
    said = document(form, numbered("总则"), numbered("目的", 1), numbered("依据", 1), numbered("点", 2), plain("无号"), numbered("权利"),
                    numbered("甲方", 1), table)
    assert numbers(said) == ["第一条 总则", "1.1. 目的", "1.2. 依据", "第二条 权利", "2.1. 甲方", "第三条 表中"]
    assert said.text == "总则\n目的\n依据\n点\n无号\n权利\n甲方\n表中\n"


def test_styles_number_headings_and_what_is_based_on_them() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="2"><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="own"><w:basedOn w:val="2"/></w:style>'
    )
    form = lists(level(0, "upperRoman", "%1", '<w:pStyle w:val="1"/>'), level(1, "lowerLetter", "(%2)"))
    off = '<w:p><w:pPr><w:pStyle w:val="1"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>none</w:t></w:r></w:p>'
    said = document(form, plain("a", "1"), plain("b", "2"), plain("c", "own"), off, plain("d", "1"), plain("e", "other"), styles=styles)
    assert numbers(said) == ["I a", "(a) b", "(b) c", "II d"]


def test_a_list_begins_anew_where_the_document_says_so() -> None:
    uses = (
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="9"/></w:num>'
    )
    form = lists(level(0, "decimal", "%1)"), level(1, "decimal", "%1.%2", '<w:lvlRestart w:val="0"/>'), uses=uses)
    said = document(form, numbered("a"), numbered("b", 1), numbered("c", 0, 2), numbered("d", 1), numbered("e", 0, 2), numbered("f"),
                    numbered("no list", 0, 3), numbered("no level", 12), numbered("no use", 0, 99))
    assert numbers(said) == ["1) a", "1.1 b", "5) c", "5.2 d", "6) e", "7) f"]


@pytest.mark.parametrize("numbering", ["", "<broken", f'<w:numbering xmlns:w="{WORD}"><w:num w:numId="1"/></w:numbering>'])
def test_a_broken_list_costs_no_text(numbering: str) -> None:
    said = document(numbering, numbered("正文"))
    assert (said.text, numbers(said)) == ("正文\n", [])


@pytest.mark.parametrize(("form", "number", "shown"), [
    ("chineseCounting", 10, "十"), ("chineseCountingThousand", 105, "一百零五"), ("chineseCounting", 10_010, "一万零一十"), ("chineseCounting", 21, "二十一"),
    ("chineseLegalSimplified", 10, "壹拾"), ("ideographDigital", 20, "二〇"), ("ideographTraditional", 3, "丙"), ("ideographTraditional", 11, "11"),
    ("lowerLetter", 28, "bb"), ("upperRoman", 1994, "MCMXCIV"), ("decimalZero", 7, "07"), ("decimalEnclosedCircle", 21, "㉑"),
    ("decimalEnclosedCircleChinese", 3, "③"), ("russianLower", 2, "б"), ("none", 4, ""), ("unheard", 4, "4"), ("lowerRoman", 0, "0"),
])  # fmt: skip
def test_numbers_are_written_in_the_signs_of_their_form(form: str, number: int, shown: str) -> None:
    assert numeral(number, form) == shown


def test_many_levels_times_many_lists_cost_no_more_memory_than_their_sum() -> None:
    """Every list kept all levels of its kind of its own: 12,000 of each took 4 GB, and the text was lost."""
    many = 1_500
    uses = "".join(f'<w:num w:numId="{one}"><w:abstractNumId w:val="7"/></w:num>' for one in range(1, many))
    form = lists(*(level(place, "decimal", f"%{place + 1}.") for place in range(many)), uses=uses)
    tracemalloc.start()
    said = document(form, numbered("甲", 8), numbered("乙", 9), numbered("丙", 0, many - 1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said.text == "甲\n乙\n丙\n"
    assert numbers(said) == ["1. 甲", "2. 丙"]
    assert peak < 16 << 20
