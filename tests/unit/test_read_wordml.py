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
