"""Word's XML form of 2003: what stands in one file and is to be told apart."""

from __future__ import annotations

import base64

from tests.read_by_child import Said, read

SPACES = (
    'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" xmlns:aml="http://schemas.microsoft.com/aml/2001/core" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"'
)
BY = 'aml:author="张三" aml:createdate="2017-05-04T09:12:00Z"'


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(*inner: str) -> str:
    return f"<w:p>{''.join(inner)}</w:p>"


def changed(kind: str, inner: str = "") -> str:
    return f'<aml:annotation aml:id="0" w:type="Word.{kind}" {BY}><aml:content>{inner}</aml:content></aml:annotation>'


def document(*body: str, before: str = "") -> Said:
    content = f'<wx:sect>{"".join(body)}</wx:sect>'
    return read(f'<?xml version="1.0"?><w:wordDocument {SPACES}>{before}<w:body>{content}</w:body></w:wordDocument>'.encode(), "a.xml")


def test_headers_and_footers_of_every_section_are_read_apart_from_the_text() -> None:
    def section(name: str) -> str:
        return f'<w:sectPr><w:hdr w:type="odd">{paragraph(run(f"{name}机密"))}</w:hdr><w:ftr w:type="odd">{paragraph(run(f"{name}页"))}</w:ftr></w:sectPr>'

    said = document(paragraph(f"<w:pPr>{section('一')}</w:pPr>", run("正文")), paragraph(run("完")), section("二"))
    assert [(part.kind, part.label, part.text) for part in said.parts] == [
        ("text", "text", "正文\n完\n"), ("header", "header 1", "一机密\n"), ("header", "footer 1", "一页\n"),
        ("header", "header 2", "二机密\n"), ("header", "footer 2", "二页\n"),
    ]


def test_notes_stand_apart_and_are_marked_where_they_are_called() -> None:
    cell = f"<w:tbl><w:tr><w:tc>{paragraph(run('格'), '<w:r><w:footnote>' + paragraph(run('注二')) + '</w:footnote></w:r>')}</w:tc></w:tr></w:tbl>"
    said = document(paragraph(run("正"), f"<w:r><w:footnote>{paragraph(run('注一'))}</w:footnote></w:r>", run("文"),
                              f"<w:r><w:endnote>{paragraph(run('尾注'))}</w:endnote></w:r>"), cell)
    assert [(part.label, part.text) for part in said.parts] == [
        ("text", "正文\n格\n"), ("footnotes", "注一\n注二\n"), ("endnotes", "尾注\n"),
    ]
    assert [(mark.text, mark.start) for mark in said.parts[0].marks] == [("footnote 1", 1), ("endnote 1", 2), ("footnote 2", 4)]


def test_changes_and_comments_have_author_and_time() -> None:
    mark = f"<w:pPr><w:rPr>{changed('Deletion')}</w:rPr></w:pPr>"
    comment = f'<w:r><aml:annotation aml:id="2" w:type="Word.Comment" {BY}><aml:content>{paragraph(run("不实"))}</aml:content></aml:annotation></w:r>'
    said = document(
        paragraph(mark, run("甲"), changed("Insertion", run("新")), changed("Deletion", "<w:r><w:delText>旧</w:delText></w:r>")),
        paragraph('<aml:annotation aml:id="2" w:type="Word.Comment.Start"/>', run("乙丙"), '<aml:annotation aml:id="2" w:type="Word.Comment.End"/>',
                  comment, run("丁")),
    )
    text, comments = said.parts
    assert (text.text, comments.text) == ("甲新旧\n乙丙丁\n", "不实\n")
    assert {(one.author, one.date) for one in (*text.marks, *comments.marks)} == {("张三", "2017-05-04T09:12:00Z")}
    assert [(one.kind, text.text[one.start : one.end], one.text) for one in text.marks] == [
        ("insertion", "新", ""), ("deletion", "旧", ""), ("deletion", "\n", "paragraph mark"), ("comment", "乙丙", "不实"),
    ]
    assert "张三: 1 insertion, 2 deletions, 1 comment, 2017-05-04T09:12:00Z" in said.properties


def test_pictures_links_and_properties_are_told() -> None:
    picture = f'<w:r><w:pict><w:binData w:name="wordml://01000001.png">{base64.b64encode(b"picture").decode()}</w:binData></w:pict></w:r>'
    link = f'<w:hlink w:dest="https://a.example/">{run("点此")}</w:hlink>'
    about = "<o:DocumentProperties><o:Title>通知</o:Title><o:Author>李四</o:Author><o:Created>2004-01-02T03:04:05Z</o:Created><o:Company>厂</o:Company></o:DocumentProperties>"
    said = document(paragraph(link, picture), before=about)
    assert (said.text, said.members, said.bytes) == ("点此\n", [b"01000001.png"], b"picture")
    assert (said.metadata.title, said.metadata.author, said.metadata.dates[0].value) == ("通知", "李四", "2004-01-02T03:04:05Z")
    assert "https://a.example/" in said.properties and said.metadata.fields == {"word-xml:Company": "厂"}


def picture(name: str, data: bytes, *, broken: bool = False) -> str:
    text = base64.b64encode(data).decode()
    return f'<w:r><w:pict><w:binData w:name="wordml://{name}">{text[:-1] if broken else text}</w:binData></w:pict></w:r>'


def test_a_picture_that_is_damaged_is_told_and_costs_no_other() -> None:
    said = document(paragraph(run("正文"), picture("1.png", b"one!", broken=True), picture("2.png", b"two!")))
    assert (said.members, said.bytes, [(one.path, one.outcome) for one in said.failed]) == ([b"2.png"], b"two!", [(b"1.png", "damaged")])
    assert said.notes == [("damaged-part", "The part '1.png' is damaged: it is not in base64.")]
    assert said.outcome == "partial" and said.expected is not None and said.expected.members == 2
    assert document(paragraph(picture("1.png", b"one!", broken=True), picture("2.png", b"two!"))).outcome == "partial"


def test_pictures_of_one_name_are_kept_apart_unless_they_are_one_picture() -> None:
    said = document(paragraph(picture("1.png", b"one"), picture("1.png", b"two"), picture("1.png", b"one"), picture("1-2.png", b"six")))
    assert said.members == [b"1.png", b"1-2.png", b"1-2-2.png"] and said.bytes == b"onetwosix"
    assert said.outcome == "empty" and not said.failed


def test_notes_within_notes_are_read_whichever_stands_in_the_other() -> None:
    def note(kind: str, text: str, inner: str = "") -> str:
        return f"<w:r><w:{kind}>{paragraph(run(text), inner)}</w:{kind}></w:r>"

    said = document(paragraph(run("正"), note("endnote", "尾一", note("footnote", "脚二", note("endnote", "尾二"))), note("footnote", "脚一")))
    assert [(part.label, part.text) for part in said.parts] == [
        ("text", "正\n"), ("footnotes", "脚一\n脚二\n"), ("endnotes", "尾一\n尾二\n"),
    ]
    section = f'<w:pPr><w:sectPr><w:hdr w:type="odd">{paragraph(run("机密"), note("footnote", "页注"))}</w:hdr></w:sectPr></w:pPr>'
    deep = document(paragraph(run("正"), f"<w:r><w:endnote>{paragraph(section, run('尾'))}</w:endnote></w:r>"))
    assert {part.text for part in deep.parts} == {"正\n", "机密\n", "页注\n", "尾\n"}


def test_what_is_beyond_the_bounds_is_said_to_be_missing() -> None:
    pictures = document(paragraph(run("正"), *(picture(f"{one}.png", b"%d" % one) for one in range(10_001))))
    assert len(pictures.members) == 10_000
    assert pictures.finished and pictures.finished.reason == "Some was lost: only the first 10000 pictures were read."
    notes = document(paragraph(run("正"), "<w:r>", "<w:footnote><w:p/></w:footnote>" * 50_001, "</w:r>"))
    assert notes.finished and notes.finished.reason == "Some was lost: only the first 50000 headers and notes of a kind were read."
