"""UOF: texts, sheets and slides, in one XML file (UOF 1) and in a package (UOF 2); files that lie."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from tests.read_by_child import Said, read

SPACES = (
    'xmlns:uof="http://schemas.uof.org/cn/2003/uof" xmlns:字="http://schemas.uof.org/cn/2003/uof-wordproc" '
    'xmlns:表="http://schemas.uof.org/cn/2003/uof-spreadsheet" xmlns:演="http://schemas.uof.org/cn/2003/uof-slideshow" '
    'xmlns:图="http://schemas.uof.org/cn/2003/graph"'
)


def uof(body: str, *, objects: str = "", meta: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><uof:UOF {SPACES} uof:version="1.0"><uof:元数据>{meta}</uof:元数据>'
        f"<uof:对象集>{objects}</uof:对象集>{body}</uof:UOF>"
    ).encode()


def paragraph(*inner: str) -> str:
    return f'<字:段落><字:段落属性 字:式样引用="a"><字:句属性/></字:段落属性>{"".join(inner)}</字:段落>'


def run(text: str) -> str:
    return f"<字:句><字:句属性/><字:文本串>{text}</字:文本串></字:句>"


def text_document(*content: str, rules: str = "", objects: str = "", meta: str = "") -> Said:
    body = f"<uof:文字处理><字:公用处理规则>{rules}</字:公用处理规则><字:主体>{''.join(content)}</字:主体></uof:文字处理>"
    return read(uof(body, objects=objects, meta=meta), "a.uot")


def figure(identity: str, text: str, more: str = "") -> str:
    return f'<图:图形 图:标识符="{identity}"{more}><图:文本内容>{paragraph(run(text))}</图:文本内容></图:图形>'


def anchor(identity: str) -> str:
    return f'<uof:锚点 uof:图形引用="{identity}"/>'


def test_paragraphs_tables_and_white_space_are_read_in_order() -> None:
    table = (
        f"<字:文字表><字:行><字:单元格>{paragraph(run('姓名'))}</字:单元格><字:单元格>{paragraph(run('单位'))}</字:单元格></字:行>"
        f"<字:行><字:单元格>{paragraph(run('张三'))}</字:单元格><字:单元格>{paragraph(run('和田县'))}</字:单元格></字:行></字:文字表>"
    )
    spaced = '<字:句><字:文本串>甲</字:文本串><字:空格符 字:个数="2"/><字:制表符/><字:文本串>乙</字:文本串><字:换行符/></字:句>'
    said = text_document(paragraph(run("关于"), run("名单")), paragraph(spaced), table, paragraph(run("ئۇيغۇر")))
    assert said.began is not None
    assert (said.began.type, said.outcome) == ("application/vnd.uof", "read")
    assert said.text == "关于名单\n甲  \t乙\n\n姓名\t单位\n张三\t和田县\nئۇيغۇر\n"


def test_headers_footnotes_comments_and_figures_are_read_and_kept_apart() -> None:
    section = f"<字:分节><字:节属性><字:页眉><字:奇数页页眉>{paragraph(run('机密'))}</字:奇数页页眉></字:页眉></字:节属性></字:分节>"
    note = f"<字:句><字:文本串>正文</字:文本串><字:脚注>{paragraph(run('注一'))}</字:脚注></字:句>"
    rules = f'<字:批注集><字:批注 字:作者="李四" 字:日期="2019-05-03">{paragraph(run("已核实"))}</字:批注></字:批注集>'
    said = text_document(section, paragraph(note, f"<字:句>{anchor('g1')}</字:句>"), rules=rules, objects=figure("g1", "图中文字"))
    parts = {part.kind: part for part in said.parts}
    assert parts["text"].text == "正文\n图中文字\n\n"
    assert (parts["header"].text, parts["footnotes"].text) == ("机密\n", "注一\n")
    assert parts["comments"].text == "已核实\n"
    assert [(mark.author, mark.date) for mark in parts["comments"].marks] == [("李四", "2019-05-03")]


def test_tracked_changes_keep_who_and_when_and_deleted_text_stays() -> None:
    rules = (
        '<字:修订信息集><字:修订信息 字:标识符="r1" 字:作者="王五" 字:日期="2020-01-02T03:04:05"/></字:修订信息集>'
    )
    changed = (
        '<字:修订开始 字:标识符="c1" 字:类型="delete" 字:修订信息引用="r1"/>' + run("旧") + '<字:修订结束 字:开始标识引用="c1"/>'
        '<字:修订开始 字:标识符="c2" 字:类型="insert" 字:修订信息引用="r1"/>' + run("新") + '<字:修订结束 字:开始标识引用="c2"/>'
    )
    part = text_document(paragraph(run("甲"), changed), rules=rules).parts[0]
    assert part.text == "甲旧新\n"
    assert [(mark.kind, part.text[mark.start : mark.end], mark.author, mark.date) for mark in part.marks] == [
        ("deletion", "旧", "王五", "2020-01-02T03:04:05"), ("insertion", "新", "王五", "2020-01-02T03:04:05")]  # fmt: skip


def test_metadata_and_embedded_objects_are_kept() -> None:
    meta = "<uof:标题>通知</uof:标题><uof:创建者>李四</uof:创建者><uof:创建日期>2019-05-03T10:00:00</uof:创建日期><uof:主题>名单</uof:主题>"
    stored = base64.b64encode(b"\x89PNG picture").decode()
    objects = f'<uof:其他对象 uof:标识符="o1" uof:公共类型="png"><uof:数据>{stored}</uof:数据></uof:其他对象>'
    said = text_document(paragraph(run("正文")), meta=meta, objects=objects)
    assert (said.metadata.title, said.metadata.author, said.metadata.fields) == ("通知", "李四", {"uof:主题": "名单"})
    assert [(date.kind, date.value) for date in said.metadata.dates] == [("created", "2019-05-03T10:00:00")]
    assert (said.members, said.bytes) == ([b"o1.png"], b"\x89PNG picture")


def cell(text: str, more: str = "", data: str = '表:数据类型="text"', inner: str = "") -> str:
    return f"<表:单元格 {more}><表:数据 {data}>{inner}{run(text) if text else ''}</表:数据></表:单元格>"


def book(*sheets: str) -> Said:
    return read(uof(f"<uof:电子表格><表:主体>{''.join(sheets)}</表:主体></uof:电子表格>"), "a.uos")


def test_cells_stand_at_their_absolute_places_with_formulas_and_hidden_rows() -> None:
    number = '表:数据类型="number" 表:数据数值='
    far, long = cell("远", '表:列号="6"'), cell("", "", f'{number}"12345678901234567"')
    twice = cell("24", '表:合并列数="1" 表:合并行数="0"', f'{number}"24.0"', "<表:公式>=A1*2</表:公式>")
    rows = (
        f'<表:列 表:列号="2" 表:隐藏="true"/><表:行 表:行号="3" 表:隐藏="true">{cell("姓名")}<表:单元格/>{far}</表:行>'
        f"<表:行>{long}{twice}</表:行>"
    )
    said = book(f'<表:工作表 表:名称="名单"><表:工作表内容>{rows}</表:工作表内容></表:工作表>', '<表:工作表 表:名称="藏" 表:隐藏="true"/>')
    sheet, hidden = said.parts
    found = {(one.row, one.column): one for one in sheet.cells}
    assert {place: sheet.text[one.start : one.end] for place, one in found.items()} == {
        (2, 0): "姓名", (2, 5): "远", (3, 0): "12345678901234567", (3, 1): "24"}  # fmt: skip
    assert (found[3, 1].formula, found[3, 1].raw, found[3, 1].type) == ("=A1*2", "24.0", "number")
    assert found[3, 0].flags == ("imprecise-id",)
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.merged) == ((2,), (1,), ((3, 1, 3, 2),))
    assert (hidden.label, hidden.hidden) == ("藏", True)
    assert said.expected is not None and said.expected.pages == 2


def test_slides_show_their_figures_notes_and_what_masters_repeat() -> None:
    objects = figure("f1", "标题") + figure("f2", "要点") + figure("f3", "备注") + figure("f4", "机密")
    masters = f'<演:母版 演:名称="m"><uof:锚点 uof:图形引用="f9" uof:占位符="title"/>{anchor("f4")}</演:母版>'
    slides = (
        f"<演:幻灯片>{anchor('f1')}{anchor('f2')}<演:幻灯片备注>{anchor('f3')}</演:幻灯片备注></演:幻灯片>"
        f'<演:幻灯片 演:显示="false">{anchor("f1")}</演:幻灯片>'
    )
    body = f"<uof:演示文稿><演:主体><演:母版集>{masters}</演:母版集><演:幻灯片集>{slides}</演:幻灯片集></演:主体></uof:演示文稿>"
    said = read(uof(body, objects=objects), "a.uop")
    assert [(part.kind, part.label, part.text, part.hidden) for part in said.parts] == [
        ("slide", "1", "标题\n要点\n", False), ("notes", "1", "备注\n", False), ("slide", "2", "标题\n", True), ("header", "m", "机密\n", False)]  # fmt: skip


def package(content: str, **more: str) -> bytes:
    out = io.BytesIO()
    spaces = 'xmlns:uof="http://schemas.uof.org/cn/2009/uof" xmlns:字="http://schemas.uof.org/cn/2009/wordproc" xmlns:表="http://schemas.uof.org/cn/2009/spreadsheet" xmlns:图="http://schemas.uof.org/cn/2009/graph" xmlns:图形="http://schemas.uof.org/cn/2009/graphics" xmlns:元="http://schemas.uof.org/cn/2009/metadata"'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("uof.xml", f'<uof:UOF_0000 {spaces} mimetype_0001="vnd.uof.text" language_0002="cn" version_0003="2.0"/>')
        for name, inner in {"content": content, **more}.items():
            path = "_meta/meta" if name == "meta" else name
            archive.writestr(f"{path}.xml", inner.replace(">", f" {spaces}>", 1))
        archive.writestr("data/p.png", b"pixels")
    return out.getvalue()


TEXT_2 = (
    "<字:文字处理文档_4225><字:段落_416B><字:段落属性_419B/><字:句_419D><字:文本串_415B>第二版</字:文本串_415B>"
    "<字:制表符_415E/></字:句_419D><字:句_419D><uof:锚点_C644 图形引用_C62E='g1'/></字:句_419D></字:段落_416B></字:文字处理文档_4225>"
)
GRAPHICS_2 = (
    "<图形:图形集_7C00><图:图形_8062 标识符_804B='g1'><图:文本_803C><图:内容_8043><字:段落_416B><字:句_419D>"
    "<字:文本串_415B>图中</字:文本串_415B></字:句_419D></字:段落_416B></图:内容_8043></图:文本_803C></图:图形_8062></图形:图形集_7C00>"
)


def test_a_package_of_uof_2_is_read_alike() -> None:
    said = read(package(TEXT_2, graphics=GRAPHICS_2, meta="<元:元数据_5200><元:标题_5201>通知</元:标题_5201></元:元数据_5200>"), "a.uof")
    assert said.began is not None
    assert (said.began.type, said.outcome, said.metadata.title) == ("application/vnd.uof", "read", "通知")
    assert said.text == "第二版\t\n图中\n\n"
    assert (said.members, said.bytes) == ([b"data/p.png"], b"pixels")


def test_a_sheet_of_uof_2_keeps_its_places() -> None:
    content = (
        "<表:电子表格文档_E826><表:工作表_E825 名称_E822='名单'><表:工作表内容_E80E><表:行_E7F1 行号_E7F3='2' 是否隐藏_E73C='true'>"
        "<表:单元格_E7F2 列号_E7BC='3'><表:数据_E7B3 类型_E7B6='text'><字:句_419D><字:文本串_415B>甲</字:文本串_415B></字:句_419D>"
        "</表:数据_E7B3></表:单元格_E7F2></表:行_E7F1></表:工作表内容_E80E></表:工作表_E825></表:电子表格文档_E826>"
    )
    (sheet,) = read(package(content), "a.uof").parts
    assert (sheet.label, [(one.row, one.column) for one in sheet.cells], sheet.hidden_rows) == ("名单", [(1, 2)], (1,))


def test_groups_in_groups_are_read_though_they_are_called_by_other_names() -> None:
    """As LibreOffice writes them: names of a group's figures are parted by commas, and an inner group is called ``_1``."""
    objects = (
        figure("g0", "外", ' 图:组合列表="gr1_0,_1"') + figure("gr1_0", "甲") + figure("gr2-0", "", ' 图:组合列表="gr2_0,gr3_0"')
        + figure("gr2_0", "乙") + figure("gr3_0", "丙") + figure("master", "单击编辑标题")
    )
    master = '<演:母版集><演:母版><uof:锚点 uof:图形引用="master" uof:占位符="title"/></演:母版></演:母版集>'
    slides = f"<uof:演示文稿><演:主体>{master}<演:幻灯片集><演:幻灯片>{anchor('g0')}</演:幻灯片></演:幻灯片集></演:主体></uof:演示文稿>"
    said = read(uof(slides, objects=objects), "a.uop")
    assert [(part.kind, part.text.split()) for part in said.parts] == [("slide", ["外", "甲"]), ("section", ["乙", "丙"])]


def test_figures_that_hold_each_other_end() -> None:
    all_of_them = " ".join(f"g{number}" for number in range(12))
    objects = "".join(figure(f"g{n}", f"图{n}", f' 图:组合列表="{all_of_them}"') for n in range(12))
    said = text_document(paragraph(run("正文"), f"<字:句>{anchor('g0')}</字:句>"), objects=objects)
    assert said.outcome == "partial"
    assert said.text.startswith("正文\n图0\n")


def test_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY l{n} "{(chr(38) + f"l{n - 1};") * 10}">' for n in range(1, 12))
    document = uof(f"<uof:文字处理><字:主体>{paragraph(run('甲&l11;'))}</字:主体></uof:文字处理>").decode()
    document = document.replace("?>", f'?><!DOCTYPE uof:UOF [<!ENTITY l0 "ha">{entities}]>', 1)
    assert len(read(document.encode(), "a.uof").text) < 1000


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_file_that_is_cut_off_gives_what_stands_before_the_cut(share: float) -> None:
    whole = uof(f"<uof:文字处理><字:主体>{''.join(paragraph(run(f'第{n}段')) for n in range(200))}</字:主体></uof:文字处理>")
    said = read(whole[: int(len(whole) * share)], "a.uof")
    assert (said.outcome, said.text.startswith("第0段\n第1段\n")) == ("partial", True)
    packed = package(TEXT_2.replace("</字:文字处理文档_4225>", "<字:段落_416B/>" * 3000 + "</字:文字处理文档_4225>"))
    said = read(packed[: packed.index(b"data/p.png") - 40], "a.uof")
    assert (said.outcome, said.text.startswith("第二版")) == ("partial", True)


def test_paragraphs_nested_without_end_are_partial() -> None:
    said = text_document(paragraph(run("之前")), "<字:段落>" * 5000, "</字:段落>" * 5000)
    assert (said.outcome, said.text.startswith("之前\n")) == ("partial", True)
