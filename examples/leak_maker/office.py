"""Word documents and presentations, written as XML where the point is what a library would hide."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import pptx
from pptx.util import Pt

from leak_maker.fixed import packed_again, zip_of
from leak_maker.papers import Paper
from leak_maker.truth import Document, Made, MarkTruth, Passage, member

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PACKAGE_PART = "application/vnd.openxmlformats-package"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass
class Change:
    """A tracked change after a line: *kind* ``ins`` or ``del``."""

    line: int
    kind: str
    text: str
    author: str


@dataclass
class Remark:
    """A comment on a whole line."""

    line: int
    text: str
    author: str


@dataclass
class Word:
    """A document to be written."""

    paper: Paper
    author: str
    changes: Sequence[Change] = ()
    remarks: Sequence[Remark] = ()
    header: str = ""
    footnote: str = ""
    table: Sequence[Sequence[str]] = ()
    pictures: Sequence[tuple[str, Made]] = field(default_factory=list)


def docx(word: Word) -> Made:
    """A DOCX with tracked changes, comments, header, footnote and table."""
    return Made(zip_of(word_parts(word)), _word_truth(word), [made for _, made in word.pictures])


def word_parts(word: Word) -> list[tuple[str, bytes]]:
    """The package's parts, unpacked."""
    overrides = {"word/document.xml": "document.main", "word/comments.xml": "comments"}
    overrides |= {"word/header1.xml": "header", "word/footnotes.xml": "footnotes"}
    parts = {
        "word/document.xml": _body(word),
        "word/comments.xml": _comments(word.remarks),
        "word/header1.xml": f'<w:hdr xmlns:w="{WORD}"><w:p>{_run(word.header)}</w:p></w:hdr>',
        "word/footnotes.xml": (
            f'<w:footnotes xmlns:w="{WORD}"><w:footnote w:id="2">'
            f"<w:p>{_run(word.footnote)}</w:p></w:footnote></w:footnotes>"
        ),
    }
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{WORD_PART}.{kind}+xml"/>' for name, kind in overrides.items()
    )
    types += f'<Override PartName="/docProps/core.xml" ContentType="{PACKAGE_PART}.core-properties+xml"/>'
    head = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="jpg" ContentType="image/jpeg"/>'
    )
    inner = [("comments", "comments.xml"), ("header", "header1.xml"), ("footnotes", "footnotes.xml")]
    inner += [("image", f"media/{name}") for name, _ in word.pictures]
    package = [("officeDocument", "word/document.xml")]
    core = _core(word.paper.title, word.author)
    texts = [("[Content_Types].xml", f"{head}{types}</Types>"), ("_rels/.rels", _relations(package, core=True))]
    texts += list(parts.items())
    texts += [("word/_rels/document.xml.rels", _relations(inner)), ("docProps/core.xml", core)]
    made = [(name, (DECLARATION + text).encode()) for name, text in texts]
    return made + [(f"word/media/{name}", picture.data) for name, picture in word.pictures]


def _relations(targets: Sequence[tuple[str, str]], *, core: bool = False) -> str:
    rows = [
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    ]
    if core:
        kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
        rows.append(f'<Relationship Id="rc" Type="{kind}" Target="docProps/core.xml"/>')
    joined = "".join(rows)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{joined}</Relationships>'
    )


def _core(title: str, author: str) -> str:
    moment = 'xsi:type="dcterms:W3CDTF">2017-05-02T03:00:00Z'
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f"<dcterms:created {moment}</dcterms:created><dcterms:modified {moment}</dcterms:modified></cp:coreProperties>"
    )


def _run(text: str, tag: str = "t") -> str:
    return f'<w:r><w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'


def _body(word: Word) -> str:
    rows = []
    for number, line in enumerate(word.paper.lines):
        remarks = [(index, remark) for index, remark in enumerate(word.remarks) if remark.line == number]
        inner = "".join(f'<w:commentRangeStart w:id="{index}"/>' for index, _ in remarks) + _run(line)
        for index, _ in remarks:
            inner += f'<w:commentRangeEnd w:id="{index}"/><w:r><w:commentReference w:id="{index}"/></w:r>'
        for index, change in enumerate(word.changes):
            if change.line == number:
                tag = "delText" if change.kind == "del" else "t"
                who = f'w:id="{90 + index}" w:author="{escape(change.author)}" w:date="2017-04-2{index}T02:00:00Z"'
                inner += f"<w:{change.kind} {who}>{_run(change.text, tag)}</w:{change.kind}>"
        if number == 1 and word.footnote:
            inner += '<w:r><w:footnoteReference w:id="2"/></w:r>'
        turn = "<w:pPr><w:bidi/></w:pPr>" if word.paper.right_to_left else ""
        rows.append(f"<w:p>{turn}{inner}</w:p>")
    for row in word.table:
        cells = "".join(f"<w:tc><w:p>{_run(cell)}</w:p></w:tc>" for cell in row)
        rows.append(("<w:tbl>" if row is word.table[0] else "") + f"<w:tr>{cells}</w:tr>")
    end = (
        "</w:tbl><w:p/>" if word.table else ""
    ) + '<w:sectPr><w:headerReference w:type="default" r:id="r2"/></w:sectPr>'
    return f'<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{"".join(rows)}{end}</w:body></w:document>'


def _comments(remarks: Sequence[Remark]) -> str:
    rows = "".join(
        f'<w:comment w:id="{index}" w:author="{escape(remark.author)}" w:date="2017-04-21T05:00:00Z">'
        f"<w:p>{_run(remark.text)}</w:p></w:comment>"
        for index, remark in enumerate(remarks)
    )
    return f'<w:comments xmlns:w="{WORD}">{rows}</w:comments>'


def _word_truth(word: Word) -> Document:
    lines = list(word.paper.lines)
    for change in word.changes:
        lines[change.line] += change.text
    truth = Document("docx", [DOCX], title=word.paper.title, author=word.author)
    truth.passages.append(Passage(lines, kind="text", lang=word.paper.lang))
    if word.table:
        truth.passages.append(Passage(["\t".join(row) for row in word.table], kind="text"))
    if word.remarks:
        truth.passages.append(Passage([remark.text for remark in word.remarks], kind="comments"))
    for kind, text in (("header", word.header), ("footnotes", word.footnote)):
        if text:
            truth.passages.append(Passage([text], kind=kind))
    names = {"ins": "insertion", "del": "deletion"}
    truth.marks = [MarkTruth(names[change.kind], change.text, change.author) for change in word.changes]
    truth.marks += [
        MarkTruth("comment", word.paper.lines[remark.line], remark.author, remark.text) for remark in word.remarks
    ]
    truth.members = [
        member(f"word/media/{name}".encode(), made, kind="embedded", name=name) for name, made in word.pictures
    ]
    return truth


def slides(pages: Sequence[tuple[Paper, str, bool]], *, author: str) -> Made:
    """A presentation: (paper, speaker's notes, hidden) for each slide."""
    deck = pptx.Presentation()
    truth = Document("pptx", [PPTX], title=pages[0][0].title, author=author, pages=len(pages))
    for number, (paper, notes, hidden) in enumerate(pages, 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = paper.title
        frame = slide.placeholders[1].text_frame
        frame.text = paper.body[0]
        for line in paper.body[1:]:
            frame.add_paragraph().text = line
        frame.paragraphs[0].font.size = Pt(20)
        truth.passages.append(Passage(list(paper.lines), kind="slide", label=str(number), lang=paper.lang))
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
            truth.passages.append(Passage([notes], kind="notes", label=str(number)))
        if hidden:
            slide._element.set("show", "0")
    deck.core_properties.title, deck.core_properties.author = pages[0][0].title, author
    out = io.BytesIO()
    deck.save(out)
    return Made(packed_again(out.getvalue()), truth)
