"""The bare libraries: their text alone, and the same libraries asked, in plain loops, for the facts that a reader must give.

Text alone is what ``import.py`` takes as its floor, and what one call gives for the formats that it leaves out. The facts
are those that a person needs to find a place again and to trust it: lines with rectangles, blocks kept apart, links, what
stands beside the text, properties, the bytes of members, the encoding, the language (pycld2). They are encoded as a child
encodes its answer. What these loops do not do: limits, damage, scripts' order, positions of marks. Of languages a reader
must name the one of each passage, as finely as ``unburnt.read.passages`` cuts; :func:`facts` does so by default
(:func:`by_passage`), or asks for one language a part (:func:`at_once`), which is less than must be given. ``None`` stands
where there is no such library.
"""

from __future__ import annotations

import contextlib
import csv
import importlib
import importlib.util
import json
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from typing import Any, Final

import cchardet
import msgspec
import oxmsg
import pikepdf
import pycld2
import pypdfium2
from _bare_sheets import old, open_document, openxml
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

extract: Callable[[str, bytes], str] = importlib.import_module("import").extract
_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
))  # fmt: skip
_SILENT: Final = "script,style,noscript,template,head,iframe,object"
_PAGES: Final = (".xhtml", ".html", ".htm")


def text(kind: str, data: bytes) -> str:
    """The text by one library and nothing else; empty where there is no such library or it gives none."""
    with contextlib.suppress(Exception):
        if kind == "application/epub+zip":
            with zipfile.ZipFile(BytesIO(data)) as book:
                pages = [name for name in book.namelist() if name.endswith(_PAGES)]
                return "".join("".join(etree.HTML(book.read(name)).itertext()) for name in pages)
        if kind == "application/xml":
            return "".join(etree.fromstring(data).itertext())
        if kind == "application/vnd.ms-outlook":
            return oxmsg.Message.load(BytesIO(data)).body or ""
        if kind == "application/rtf" and importlib.util.find_spec("striprtf"):
            return str(importlib.import_module("striprtf.striprtf").rtf_to_text(data.decode("cp1252", "replace"), errors="replace"))
        return extract(kind, data)
    return ""


Language = Callable[[str], Any]


def at_once(said: str) -> Any:
    """One language for all of a text; None where none is found."""
    with contextlib.suppress(pycld2.error):
        return pycld2.detect(said.encode("utf-8", "ignore"), bestEffort=True)[2][0][1]
    return None


def by_passage(said: str) -> list[tuple[int, int, Any]]:
    """A language for each few lines: 60 characters at least in a short text, else 600, of which 300 are looked at."""
    least = 60 if len(said) <= 4000 else 600
    found, start, end = [], 0, 0
    for line in said.splitlines(keepends=True):
        end += len(line)
        if end - start >= least:
            found.append((start, end, at_once(said[start:end][:300])))
            start = end
    return [*found, (start, end, at_once(said[start:end]))] if start < end else found


def facts(kind: str, data: bytes, language: Language = by_passage) -> bytes | None:
    """The facts, encoded; None where this asks no library for them, or the library gives up."""
    asked = next((ask for word, ask in _ASKED.items() if word in kind), None)
    if asked is None:
        return None
    try:
        return msgspec.msgpack.encode(asked(data, language))
    except Exception:  # noqa: BLE001 - any library may raise what it likes, and has then no figure
        return None


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding, looked for only where it is not UTF-8, and the text."""
    try:
        return "utf-8", data.decode()
    except UnicodeDecodeError:
        encoding = cchardet.detect(data)["encoding"] or "cp1252"
        return encoding, data.decode(encoding, "replace")


def _pdf(data: bytes, language: Language) -> Any:
    document = pypdfium2.PdfDocument(data)
    pages = []
    for number, page in enumerate(document):
        textpage = page.get_textpage()
        said = textpage.get_text_bounded()
        boxes = [textpage.get_rect(index) for index in range(textpage.count_rects())]
        pages.append((document.get_page_label(number), page.get_size(), said, boxes, language(said)))
        textpage.close()
        page.close()
    toc = [item.get_title() for item in document.get_toc()]
    document.close()
    with pikepdf.open(BytesIO(data)) as pdf:
        with pdf.open_metadata() as packet:
            said_of_itself = {str(key): str(value) for key, value in pdf.docinfo.items()}, dict(packet)
        notes = [
            (str(note.get("/Subtype")), [float(side) for side in note.get("/Rect", [])], str(note.get("/Contents", "")),
             str(note.get("/A", {}).get("/URI", "")))
            for page in pdf.pages for note in page.get("/Annots", [])
        ]  # fmt: skip
        fields = [(str(one.get("/T", "")), str(one.get("/V", ""))) for one in pdf.Root.get("/AcroForm", {}).get("/Fields", [])]
        attachments = [(name, bytes(one.get_file().read_bytes())) for name, one in pdf.attachments.items()]
    return pages, toc, said_of_itself, notes, fields, attachments


def _html(data: bytes, language: Language) -> Any:
    encoding, said = _decoded(data)
    page = LexborHTMLParser(said)
    said_of_itself = page.css_first("title").text() if page.css_first("title") else "", [one.attributes for one in page.css("meta")]
    beside = [(node.text(), node.attributes) for node in page.css("[href],[src],[title],[alt]")]
    hidden = [node.text() for node in page.css("[hidden],[style*=none]")]
    unshown = [node.text() for node in page.css(_SILENT)]
    page.strip_tags(_SILENT.split(","))
    pieces: list[str] = []
    for node in page.root.traverse(include_text=True):
        if node.tag == "-text":
            pieces.append(node.text_content or "")
        elif node.tag in _BLOCKS:
            pieces.append("\n")
    said = "".join(pieces)
    return encoding, said_of_itself, said, beside, hidden, unshown, language(said)


def _package(data: bytes, language: Language) -> Any:
    """Every part of XML a paragraph a line, attributes that hold addresses, relations and properties; every other part's bytes."""
    parts, members = [], []
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            content = package.read(name)
            if not content.strip():
                continue
            if not name.endswith((".xml", ".rels", ".opf", *_PAGES)):
                members.append((name, content))
                continue
            root = etree.HTML(content) if name.endswith((".html", ".htm")) else etree.fromstring(content)
            said = "\n".join("".join(one.itertext()) for one in root.iter("{*}p", "{*}h", "{*}title", "{*}creator", "{*}subject"))
            leads = [value for one in root.iter("{*}Relationship", "{*}a") for key, value in one.attrib.items()]
            parts.append((name, said, leads, language(said) if said.strip() else None))
    return parts, members


def _xml(data: bytes, language: Language) -> Any:
    root = etree.fromstring(data)
    lines = [(one.text, list(one.attrib.values()), one.tail) for one in root.iter()]
    return root.getroottree().docinfo.encoding, lines, language("".join(root.itertext()))


def _plain(data: bytes, language: Language) -> Any:
    encoding, said = _decoded(data)
    return encoding, said, language(said)


def _json(data: bytes, language: Language) -> Any:
    json.loads(data)
    return _plain(data, language)


def _csv(data: bytes, language: Language) -> Any:
    encoding, said, languages = _plain(data, language)
    return encoding, list(csv.reader(StringIO(said), csv.Sniffer().sniff(said[:4096]))), languages


def _msg(data: bytes, language: Language) -> Any:
    message = oxmsg.Message.load(BytesIO(data))
    people = [(one.name, one.email_address) for one in message.recipients]
    attached = [(one.file_name, one.mime_type, one.file_bytes) for one in message.attachments if one.attached_by_value]
    body = message.body or ""
    return message.subject, message.sender, message.message_headers, body, message.html_body, people, attached, language(body)


def _kinds() -> Iterator[tuple[str, Callable[[bytes, Language], Any]]]:
    yield "pdf", _pdf
    yield from (("html", _html), ("xhtml", _html))
    for word in ("presentationml", "wordprocessingml", "opendocument.text", "opendocument.presentation", "epub"):
        yield word, _package
    for word, workbook in (("spreadsheetml", openxml), ("ms-excel", old), ("opendocument.spreadsheet", open_document)):
        yield word, workbook
    yield from (("application/xml", _xml), ("ms-outlook", _msg), ("json", _json), ("csv", _csv))
    yield from (("text/plain", _plain), ("markdown", _plain))


_ASKED: Final = dict(_kinds())
"""By a word of the media type, the first that fits."""
