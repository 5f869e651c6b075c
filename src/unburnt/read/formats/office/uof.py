"""UOF, China's office format (GB/T 20916): UOF 1 in one XML file, UOF 2 in a ZIP package; texts, sheets, slides."""

from __future__ import annotations

import base64
import binascii

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Date, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.office_xml import Element, parse_bytes, parse_part, text_of
from unburnt.read.formats.office.ooxml_members import emit_members, note_package
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_properties import date
from unburnt.read.formats.office.package_recovery import open_or_recover
from unburnt.read.formats.office.uof_sheet import read_sheet
from unburnt.read.formats.office.uof_text import Shared, UofWalker, inside, is_set, name_of, value_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_DATES = {"创建日期": "created", "修改日期": "modified"}
_LONGEST = 20_000
_MOST_FIELDS = 500
_MOST_OBJECTS = 10_000
_READ = ("uof.xml", "content.xml", "_meta/meta.xml", "meta.xml", "rules.xml", "graphics.xml")
_HEADERS = ("页眉", "页脚")


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a UOF document in either form."""
    source.file.seek(0)
    if source.file.read(2) != b"PK":
        source.file.seek(0)
        tree = parse_bytes(iter(lambda: source.file.read(MIB), b""))
        if tree.root is None:
            raise Damaged("The document's XML cannot be read.")
        progress = Progress()
        if not tree.whole:
            progress.losses.append(f"the document {tree.reason}")
        return _read([tree.root], None, emitter, progress)
    package, recovered = open_or_recover(source.file)
    if any(package.encrypted(name) for name in package.names()):
        raise Locked("The file is encrypted; a password is needed.")
    progress = Progress()
    if recovered:
        progress.losses.append("the file is cut off, and its parts were found by their own headers")
    roots = []
    for name in _READ:
        tree = parse_part(package, name)
        roots += [tree.root] if tree.root is not None else []
        progress.losses += [f"the part {name} {tree.reason}"] if not tree.whole else []
    if not roots or not package.has("content.xml"):
        raise Damaged("The document's content (content.xml) is missing.")
    return _read(roots, package, emitter, progress)


def _read(roots: list[Element], package: Package | None, emitter: Emitter, progress: Progress) -> Ending:
    shared = Shared()
    for root in roots:
        shared.add(root)
    objects = _objects(roots) if package is None else []
    members = [] if package is None else [name for name in package.names() if not name.lower().endswith((".xml", ".rels", "mimetype"))]
    sheets = [one for root in roots for one in inside(root, "工作表")]
    slides = [one for root in roots for one in inside(root, "幻灯片")]
    emitter.expect(pages=len(sheets or slides) or None, members=len(members) + len(objects))
    emitter.metadata(_metadata(roots, len(sheets) or None), searchable=True)
    for sheet in sheets:
        read_sheet(sheet, emitter, shared, progress)
    for number, slide in enumerate(slides, 1):
        _slide(slide, number, emitter, shared, progress)
    if not sheets and not slides:
        _text(roots, emitter, shared, progress)
    _masters(roots, emitter, shared, progress)
    _unplaced(emitter, shared, progress)
    _comments(roots, emitter, shared, progress)
    for name, data in objects:
        emitter.member(name.encode(), "embedded", data, name=name)
    if package is not None:
        note_package(package, emitter)
        emit_members(package, members, emitter)
        progress.losses += [f"{len(set(package.damaged_parts))} of its parts are damaged"] if package.damaged_parts else []
    if shared.not_followed:
        progress.losses.append(f"{shared.not_followed} figures that hold each other could not be followed")
    return _ending(progress, len(members) + len(objects))


def _ending(progress: Progress, members: int) -> Ending:
    losses = "; ".join(progress.losses)
    if losses:
        return Ending(Outcome.PARTIAL if progress.text else Outcome.DAMAGED, f"Some was lost: {losses}.")
    if not progress.text:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.")
    return Ending(Outcome.READ)


def _emit(kind: str, label: str, walker: UofWalker, emitter: Emitter, progress: Progress, *, hidden: bool = False) -> None:
    emitter.part(kind, label, walker.out.text(), marks=tuple(walker.out.marks), hidden=hidden)
    progress.text = progress.text or walker.out.has_text()
    if walker.footnotes.has_text():
        progress.text = True
        emitter.part("footnotes", label if kind == "slide" else "footnotes", walker.footnotes.text(), hidden=hidden)


def _text(roots: list[Element], emitter: Emitter, shared: Shared, progress: Progress) -> None:
    for root in roots:
        for body in inside(root, "主体", "文字处理文档"):
            walker = UofWalker(shared)
            walker.walk(body)
            _emit("text", "text", walker, emitter, progress)
            for element in inside(body, *_HEADERS):
                header = UofWalker(shared)
                header.walk(element)
                if header.out.has_text():
                    _emit("header", name_of(element), header, emitter, progress)
            return
    raise Damaged("The document has no body.")


def _slide(slide: Element, number: int, emitter: Emitter, shared: Shared, progress: Progress) -> None:
    shown = (value_of(slide, "显示", "是否显示") or "true").lower() not in ("false", "0")
    walker, notes = UofWalker(shared), UofWalker(shared)
    for element in slide:
        (notes.walk if name_of(element) == "幻灯片备注" else walker.visit)(element)
    _emit("slide", str(number), walker, emitter, progress, hidden=not shown)
    if notes.out.has_text():
        _emit("notes", str(number), notes, emitter, progress, hidden=not shown)


def _masters(roots: list[Element], emitter: Emitter, shared: Shared, progress: Progress) -> None:
    """What masters show on every slide; their placeholders only say where something may be written."""
    seen: set[str] = set()
    for master in (one for root in roots for one in inside(root, "母版")):
        walker = UofWalker(shared)
        for element in master:
            if name_of(element) == "锚点" and value_of(element, "占位符") is None and not is_set(element, "缩略图"):
                walker.visit(element)
            elif name_of(element) == "锚点":
                shared.used.add(value_of(element, "图形引用") or "")
        text = walker.out.text()
        if walker.out.has_text() and text not in seen:
            seen.add(text)
            _emit("header", value_of(master, "名称") or "master", walker, emitter, progress)


def _unplaced(emitter: Emitter, shared: Shared, progress: Progress) -> None:
    """Figures that nothing shows by their names: LibreOffice calls a group in a group by another name than it gives it."""
    walker = UofWalker(shared)
    groups = [name for name, figure in shared.figures.items() if name not in shared.used and value_of(figure, "组合列表")]
    for name in (*groups, *shared.figures):
        if name not in shared.used:
            walker.figure(name)
    if walker.out.has_text():
        _emit("section", "figures at no place", walker, emitter, progress)


def _comments(roots: list[Element], emitter: Emitter, shared: Shared, progress: Progress) -> None:
    """Comments of texts stand together, away from where they were made; those of cells stand with their cells."""
    walker = UofWalker(shared)
    for holder in (one for root in roots for one in inside(root, "批注集")):
        for element in inside(holder, "批注"):
            with walker.out.marking("comment", author=value_of(element, "作者"), date=value_of(element, "日期")):
                walker.walk(element)
            walker.out.end_line()
    if walker.out.has_text():
        _emit("comments", "comments", walker, emitter, progress)


def _objects(roots: list[Element]) -> list[tuple[str, bytes]]:
    """Pictures and other objects that one XML file holds in Base64."""
    found: list[tuple[str, bytes]] = []
    for element in (one for root in roots for one in inside(root, "其他对象")):
        name = value_of(element, "标识符") or f"object{len(found) + 1}"
        kind = value_of(element, "公共类型", "私有类型") or "bin"
        for data in inside(element, "数据"):
            try:
                found.append((f"{name}.{kind}"[:200], base64.b64decode("".join(text_of(data).split()))))
            except (binascii.Error, ValueError):
                continue
        if len(found) >= _MOST_OBJECTS:
            break
    return found


def _metadata(roots: list[Element], sheets: int | None) -> Metadata:
    title = author = None
    dates: list[Date] = []
    fields: dict[str, str] = {}
    for holder in (one for root in roots for one in inside(root, "元数据")):
        for element in holder:
            name, value = name_of(element), text_of(element).strip()[:_LONGEST]
            if name == "用户自定义元数据集":
                for one in element:
                    if (said := text_of(one).strip()[:_LONGEST]) and len(fields) < _MOST_FIELDS:
                        fields[f"uof:custom:{(value_of(one, '名称') or '')[:200]}"] = said
            elif name == "标题":
                title = title or value or None
            elif name in ("创建者", "作者"):
                author = author or value or None
            elif name in _DATES and value and len(dates) < 20:
                dates.append(date(_DATES[name], value, f"uof:{name}"))
            elif value and len(fields) < _MOST_FIELDS:
                fields[f"uof:{name}"] = value
    return Metadata(title=title, author=author, dates=tuple(dates), sheets=sheets, fields=fields)


FORMATS = (
    Format(
        "uof", read, memory_safe=False, libraries=("lxml",),
        title="UOF (GB/T 20916; UOF, UOT, UOS, UOP)",
        gives=(
            "texts with headers, notes, comments, tracked changes and figures' text; sheets with cells, formulas, hidden rows and "
            "comments; slides with notes; metadata; embedded pictures and objects as members"
        ),
        lacks="charts' text and animations are not read; figures that nothing names stand apart from their slide; UOF 2.0 was tried on "
        "files of our own making only",
    ),
)
