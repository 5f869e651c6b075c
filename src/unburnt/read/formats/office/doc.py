"""Word 6 to 2003 documents (DOC), and the Word 2006 form that is one XML file (flat OPC)."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lxml import etree

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Unsupported
from unburnt.read.formats.office.doc_changes import Comment, changes, comments
from unburnt.read.formats.office.doc_text import Span, WordText, render, word95_text
from unburnt.read.formats.office.docx import Progress, read_package
from unburnt.read.formats.office.office_art import Picture, emit_pictures, inline_pictures, pictures_in
from unburnt.read.formats.office.office_secrets import decrypt
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import Element, attribute, child, children, local, parse_bytes, text_of
from unburnt.read.formats.office.ole_container import OleTrouble, is_cut_off, open_ole, read_properties, stream_bytes
from unburnt.read.formats.office.ole_members import emit_objects, ending, object_storages
from unburnt.read.formats.office.ole_salvage import salvage
from unburnt.read.formats.office.ooxml_package import open_package
from unburnt.read.formats.office.vba import emit_macros
from unburnt.read.formats.office.wordml import read_2003
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

DRAWINGS = 0x22A
"""Where the FIB says where the drawing records are (FibRgFcLcb97, entry 50)."""
KINDS = {"text": "text", "footnotes": "footnotes", "endnotes": "footnotes", "header": "header", "comments": "comments"}
_MOST_NAMED = 20
_LONGEST_NAME = 1024
"""Characters of a part's name: a ZIP, which the flat form is made into, has room for 64 KiB of UTF-8."""

_NOT_TOLD = "Old Word file: tracked changes and comments' authors are not told apart."
_NOT_ALL_TOLD = "Old Word file: some of its tracked changes and comments are not told apart."


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a DOC file's stories: text, notes, headers, comments, text boxes, and what is embedded."""
    try:
        ole, document = _document(source.file)
    except Damaged as error:
        return salvage(source, emitter, error)
    secret = False
    flags = _number(document, 0x0A)
    if flags & 0x0100:
        plain, secret = decrypt(source)
        ole, document = _document(plain)
        flags = _number(document, 0x0A)
    progress = Progress()
    if is_cut_off(ole) and not secret:
        progress.losses.append("the file is cut off")
    emitter.metadata(read_properties(ole), searchable=True)
    objects = object_storages(ole, "_", ("ObjectPool",))
    pictures = _pictures(ole, document, flags)
    emitter.expect(members=len(objects) + len(pictures))
    for label, out in _stories(ole, document, flags, emitter):
        # A field without a result still says what the document was linked to.
        if (out.has_text() or out.marks) and label != "macro":
            progress.text = progress.text or out.has_text()
            progress.beside.take(out.marks)
            emitter.part(KINDS.get(label, "section"), label, out.text(), marks=tuple(out.marks))
    progress.beside.emit(emitter)
    if object_storages(ole, "Macros"):
        emit_macros(ole, ("Macros", "VBA"), emitter)
    emit_objects(ole, objects, emitter)
    emit_pictures(pictures, emitter)
    return ending(progress, len(objects) + len(pictures), secret, emitter.failed_members)


def _document(file: BinaryIO) -> tuple[Any, bytes]:
    file.seek(0)
    try:
        ole = open_ole(file)
    except OleTrouble as error:
        raise Damaged("The file's structure (OLE) cannot be followed.") from error
    document = stream_bytes(ole, ("WordDocument",))
    if document is None or len(document) < 0x60:
        raise Damaged("The file has no readable Word text stream.")
    return ole, document


def _number(document: bytes, offset: int) -> int:
    return int(struct.unpack_from("<H", document, offset)[0])


def _stories(ole: Any, document: bytes, flags: int, emitter: Emitter) -> Iterator[tuple[str, TextBuilder]]:
    version = _number(document, 2)
    if version >= 193:
        table = stream_bytes(ole, ("1Table" if flags & 0x0200 else "0Table",))
        if table is None:
            raise Damaged("The document's table stream is missing.")
        yield from _with_changes(document, table, emitter)
        return
    if flags & 0x0004:
        raise Unsupported("A Word 6 or 95 file that was saved in pieces; save it anew with LibreOffice to read it.")
    emitter.note("word-95", "A Word 6 or 95 file: its text was read as one run, in the code page of its language.")
    emitter.note("doc-limits", _NOT_TOLD)
    yield "text", render(word95_text(document))


def _with_changes(document: bytes, table: bytes, emitter: Emitter) -> Iterator[tuple[str, TextBuilder]]:
    """The stories with who changed them and who commented on them."""
    text = WordText(document, table)
    stories = text.stories()
    changed: list[Span] = []
    commented: list[Comment] = []
    try:
        changed, is_whole = changes(document, table, text)
        if "comments" in stories:
            commented, are_all = comments(document, table, text.stated("comments"))
            is_whole &= are_all
        if not is_whole:
            emitter.note("doc-limits", _NOT_ALL_TOLD)
    except struct.error:
        emitter.note("doc-limits", _NOT_TOLD)
    first, words = stories.get("comments", (0, ""))
    start = text.index(first)
    for one in commented:
        said = render(words[text.index(first + one.start) - start : text.index(first + one.end) - start]).text().strip("\n")
        changed.append(Span(one.place, one.place, "comment", one.author, one.date, said))
        changed.append(Span(first + one.start, first + one.end, "comment", one.author, one.date))
    for label, (begin, raw) in stories.items():
        yield label, render(raw, list(_of_story(changed, text, begin, len(raw))))


def _of_story(spans: list[Span], text: WordText, begin: int, length: int) -> Iterator[Span]:
    """The spans in one story, counted in characters from its first."""
    first = text.index(begin)
    for span in spans:
        start, end = text.index(span.start) - first, text.index(span.end) - first
        if start < length and (end > 0 or (span.text and start == 0)):
            yield replace(span, start=start, end=min(end, length))


def _pictures(ole: Any, document: bytes, flags: int) -> list[Picture]:
    """Pictures in the line of text, then those that float (``fcDggInfo``); none in Word 6 and 95."""
    if _number(document, 2) < 193 or len(document) < DRAWINGS + 8:
        return []
    start, length = struct.unpack_from("<II", document, DRAWINGS)
    table = stream_bytes(ole, ("1Table" if flags & 0x0200 else "0Table",)) or b""
    return inline_pictures(stream_bytes(ole, ("Data",)) or b"") + pictures_in(table[start : start + length], document)


def read_xml(source: Source, emitter: Emitter) -> Ending:
    """Read a Word document that is one XML file: flat OPC (2006) or WordprocessingML 2003."""
    source.file.seek(0)
    root = parse_bytes(iter(lambda: source.file.read(1 << 20), b"")).root
    if root is None:
        raise Damaged("The document's XML cannot be read.")
    if local(root) == "package":
        package, damaged = _package(root)
        return _with_losses(read_package(open_package(package), emitter), damaged, emitter)
    body = child(root, "body")
    if body is None:
        raise Unsupported("It is no Word document in XML.")
    return read_2003(root, body, emitter)


def _with_losses(ending: Ending, damaged: list[str], emitter: Emitter) -> Ending:
    """Name the parts that are not in base64, which nothing else is damaged by."""
    for number, name in enumerate(damaged):
        short = name.rsplit("/", 1)[-1][:80]
        emitter.member_failed(name.encode("utf-8", "replace"), "embedded", Outcome.DAMAGED, "This part could not be unpacked.", name=short)
        if number < _MOST_NAMED:
            emitter.note("damaged-part", f"The part {short!r} is damaged: it is not in base64.")
    if damaged and ending.outcome is Outcome.READ:
        return Ending(Outcome.PARTIAL, f"Some was lost: {len(damaged)} of its parts are damaged.")
    return ending


def _package(root: Element) -> tuple[io.BytesIO, list[str]]:
    """The flat form's parts as a package in memory, and which are not in base64. None has a date, since the file states none."""
    file, damaged = io.BytesIO(), list[str]()
    with zipfile.ZipFile(file, "w") as archive:
        for number, part in enumerate(children(root, "part"), 1):
            name = _name_of(part, number)
            xml, binary = child(part, "xmlData"), child(part, "binaryData")
            if xml is not None and len(xml):
                archive.writestr(zipfile.ZipInfo(name), etree.tostring(xml[0]))
            elif binary is not None:
                try:
                    archive.writestr(zipfile.ZipInfo(name), base64.b64decode(text_of(binary)))
                except ValueError:
                    damaged.append(name)
    file.seek(0)
    return file, damaged


def _name_of(part: Element, number: int) -> str:
    """The part's name in its package; one that has none is the letter itself, or a member at least."""
    if name := (attribute(part, "name") or "").lstrip("/"):
        return name[:_LONGEST_NAME]
    xml = child(part, "xmlData")
    is_letter = xml is not None and len(xml) and local(xml[0]) == "document"
    return "word/document.xml" if is_letter else f"unnamed-{number}"


FORMATS = (
    Format(
        "doc", read, memory_safe=False, libraries=("olefile", "msoffcrypto-tool"),
        title="Word 6 to 2003, WPS Writer (DOC, WPS)",
        gives="text, notes, headers, comments and tracked changes with author and time, text boxes, link targets, "
        "embedded objects and pictures, properties",
        lacks="changes and comments' authors of Word 6 and 95 are not told; "
        "automatic list numbers stand nowhere in the file and are not made; macros are shown as text and never run",
    ),
    Format(
        "word-xml", read_xml, memory_safe=False, libraries=("lxml",),
        title="Word in one XML file (flat OPC, WordML 2003)",
        gives="text, headers, footnotes, comments and changes with author and time, link targets, members, properties",
        lacks="as for Word documents",
    ),
)
