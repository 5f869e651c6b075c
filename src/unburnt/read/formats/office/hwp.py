"""HWP 5, the format of Hancom's Hangul word processor: text with tables, headers, notes, fields; embedded files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.hwp_distributed import decrypted
from unburnt.read.formats.office.hwp_records import (
    DOCUMENT_PROPERTIES,
    MEMO_LIST,
    PARA_HEADER,
    Record,
    records_of,
    unpacked,
)
from unburnt.read.formats.office.hwp_text import HwpWalker
from unburnt.read.formats.office.ole_container import OleTrouble, open_ole, storages, stream_bytes
from unburnt.read.formats.office.ole_properties import Value, summary
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_COMPRESSED, _PASSWORD, _DISTRIBUTED, _SCRIPT, _RIGHTS, _HISTORY, _CERTIFICATE = 1, 2, 4, 8, 16, 64, 256
_SUMMARY = "\x05HwpSummaryInformation"
_TEXTS = {3: "subject", 5: "keywords", 6: "comments", 8: "last_saved_by", 9: "revision", 20: "date", 21: "paragraphs"}
_DATES = {12: "created", 13: "modified", 11: "printed"}
_MOST_SECTIONS = 10_000
_LONGEST = 20_000
_KOREAN = 949
_CHUNK = MIB


def read(source: Source, emitter: Emitter) -> Ending:
    """One part a section; headers, notes and comments of a section beside it. Raises :class:`Damaged`, :class:`Locked`."""
    source.file.seek(0)
    try:
        ole = open_ole(source.file)
    except OleTrouble as error:
        raise Damaged("The file's structure (OLE) cannot be followed.") from error
    header = stream_bytes(ole, ("FileHeader",)) or b""
    flags = struct.unpack_from("<I", header, 36)[0] if len(header) >= 40 else _COMPRESSED
    if flags & (_PASSWORD | _CERTIFICATE | _RIGHTS):
        raise Locked("The file is encrypted (HWP); it cannot be opened here, also with its password.")
    metadata = _metadata(ole, header)
    emitter.metadata(metadata, searchable=True)
    if flags & _SCRIPT:
        emitter.note("macros", "The file holds macros (program code); they were not run and are not shown.")
    if flags & _HISTORY:
        emitter.note("versions", "The file says that it keeps earlier versions of itself; they are not shown.")
    members = [path for path in storages(ole) if len(path) == 2 and path[0] == "BinData"]
    emitter.expect(members=len(members))
    compressed = bool(flags & _COMPRESSED)
    distributed = bool(flags & _DISTRIBUTED)
    losses, has_text = _sections(ole, compressed, emitter, distributed=distributed)
    if distributed and not has_text:
        losses, has_text = _preview(ole, emitter), False
    for path in members:
        _emit_member(ole, path, compressed, emitter)
    return _ending(losses, has_text or emitter.characters > 0, len(members))


def _preview(ole: Any, emitter: Emitter) -> list[str]:
    """What a document for distribution shows of itself without its key."""
    text = (stream_bytes(ole, ("PrvText",)) or b"")[:MIB].decode("utf-16-le", "replace").replace("\r\n", "\n")
    if text.strip():
        emitter.part("section", "preview", text)
    return ["it was locked for distribution, so that only its preview could be read"]


def _sections(ole: Any, compressed: bool, emitter: Emitter, *, distributed: bool) -> tuple[list[str], bool]:
    """Emit every section; gives what was lost, and whether there was any text."""
    holder = "ViewText" if distributed else "BodyText"
    names = {path[1] for path in storages(ole) if len(path) == 2 and path[0] == holder and path[1].startswith("Section")}
    found = sorted(int(name[7:]) for name in names if name[7:].isascii() and name[7:].isdigit() and len(name) < 15)
    stated = _stated_sections(ole, compressed)
    losses: list[str] = []
    has_text = False
    for number in found[:_MOST_SECTIONS]:
        data = stream_bytes(ole, (holder, f"Section{number}"))
        if data is not None and distributed:
            data = decrypted(data)
        if data is None:
            losses.append(f"section {number + 1} cannot be read")
            continue
        plain, whole = unpacked(data, compressed=compressed)
        records, in_order = records_of(plain)
        walker = _walked(records)
        if distributed and not walker.out.has_text() and not (whole and in_order):
            continue  # noise: the key was not where it belongs
        if not (whole and in_order):
            losses.append(f"section {number + 1} is damaged or cut off")
        if walker.left_out:
            losses.append(f"{walker.left_out} tables or boxes of section {number + 1} lie too deep")
        has_text = _emit_section(walker, str(number + 1), emitter) or has_text
    if len(found) < stated:
        losses.append(f"{stated - len(found)} of {stated} sections are missing")
    return losses, has_text


def _walked(records: list[Record]) -> HwpWalker:
    walker = HwpWalker()
    is_memo = False
    for record in records:
        is_memo = is_memo or record.tag == MEMO_LIST
        if record.tag != PARA_HEADER:
            continue
        if is_memo:  # margin comments stand together behind the text
            inner = HwpWalker(walker.beside)
            inner.paragraph(record)
            walker.beside["comments"].add(inner.out.text())
        else:
            walker.paragraph(record)
    return walker


def _emit_section(walker: HwpWalker, label: str, emitter: Emitter) -> bool:
    emitter.part("section", label, walker.out.text(), marks=tuple(walker.out.marks))
    has_text = walker.out.has_text()
    for kind, text in walker.beside.items():
        if text.has_text():
            has_text = True
            emitter.part(kind, label, text.text(), marks=tuple(text.marks))
    return has_text


def _stated_sections(ole: Any, compressed: bool) -> int:
    data = stream_bytes(ole, ("DocInfo",))
    if data is None:
        return 0
    first = next(iter(records_of(unpacked(data, compressed=compressed)[0])[0]), None)
    if first is None or first.tag != DOCUMENT_PROPERTIES or len(first.data) < 2:
        return 0
    return min(int(struct.unpack_from("<H", first.data)[0]), _MOST_SECTIONS)


def _emit_member(ole: Any, path: tuple[str, ...], compressed: bool, emitter: Emitter) -> None:
    """An embedded file; each is compressed like the document, or says nothing and is not."""
    name = "/".join(path).encode("utf-8", "surrogateescape")
    data = stream_bytes(ole, path)
    if data is None:
        emitter.member_failed(name, "embedded", Outcome.DAMAGED, "Its bytes cannot be followed in the file.", name=path[-1])
        return
    emitter.member(name, "embedded", _inflated(data) if compressed and _is_deflated(data) else data, name=path[-1])


def _is_deflated(data: bytes) -> bool:
    try:
        zlib.decompressobj(-15).decompress(data[:4096], 4096)
    except zlib.error:
        return False
    return True


def _inflated(data: bytes) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    rest = data
    try:
        while not engine.eof:
            piece = engine.decompress(rest, _CHUNK)
            rest = engine.unconsumed_tail
            if not piece and not rest:
                raise Damaged("The member's bytes are damaged or cut off.")
            yield piece
    except zlib.error as error:
        raise Damaged("The member's bytes are damaged or cut off.") from error


def _metadata(ole: Any, header: bytes) -> Metadata:
    """The summary's properties. Times are FILETIMEs, which are UTC."""
    fields: dict[str, str] = {}
    if len(header) >= 36:
        fields["hwp:version"] = ".".join(str(part) for part in header[35:31:-1])
    found = summary(stream_bytes(ole, (_SUMMARY,)) or b"", _KOREAN)
    dates = tuple(
        Date(kind=kind, value=f"{value.replace(tzinfo=None).isoformat()}Z", zone="UTC", origin=f"hwp:{number}")
        for number, kind in _DATES.items() if isinstance(value := found.get(number), datetime) and value.year > 1601
    )
    for number, name in _TEXTS.items():
        if shown := _shown(found.get(number)):
            fields[f"hwp:{name}"] = shown
    pages = found.get(14)
    return Metadata(
        title=_shown(found.get(2)) or None, author=_shown(found.get(4)) or None, dates=dates,
        pages=pages if isinstance(pages, int) and 0 < pages < 1_000_000 else None, fields=fields,
    )  # fmt: skip


def _shown(value: Value) -> str:
    return str(value).strip("\x00 ")[:_LONGEST] if isinstance(value, str | int) else ""


def _ending(losses: list[str], has_text: bool, members: int) -> Ending:
    if losses:
        return Ending(Outcome.PARTIAL if has_text else Outcome.DAMAGED, f"Some was lost: {'; '.join(losses)}.")
    if not has_text:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "hwp", read, memory_safe=True, libraries=("olefile",),
        title="Hangul documents (HWP 5)",
        gives=(
            "text by section, that of documents for distribution too, with tables, text boxes, equations' scripts, headers, notes, "
            "comments, links; embedded files; properties"
        ),
        lacks=(
            "encrypted files stay locked, also with a password; "
            "numbers of lists are not made; HWP 3 is named and not read"
        ),
    ),
)
