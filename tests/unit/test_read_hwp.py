"""HWP 5 and HWPX: text, tables, notes, links, embedded files; locked, distributed, cut and bent files."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from Cryptodome.Cipher import AES

from tests.ole_made import compound
from tests.read_by_child import Said, read

KO = "신장 자치구 통지"
ZH = "关于印发名单的通知"


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    head = tag | level << 10 | min(len(data), 0xFFF) << 20
    return struct.pack("<I", head) + (struct.pack("<I", len(data)) if len(data) >= 0xFFF else b"") + data


def control(code: int, name: str = "") -> str:
    """An extended or inline control: eight characters, between two times its own code."""
    inner = name[::-1].encode("latin-1").ljust(12, b"\0").decode("utf-16-le") if name else "\0" * 6
    return chr(code) + inner + chr(code)


def paragraph(text: str, level: int = 0, *controls: bytes) -> bytes:
    data = (text + "\r").encode("utf-16-le")
    head = struct.pack("<IIHBB", len(data) // 2, 0, 0, 0, 0).ljust(22, b"\0")
    return record(0x42, level, head) + record(0x43, level + 1, data) + b"".join(controls)


def controlled(name: str, level: int, *inner: bytes, data: bytes = b"") -> bytes:
    return record(0x47, level, name[::-1].encode("latin-1") + data) + b"".join(inner)


def listed(level: int, *cell: int) -> bytes:
    return record(0x48, level, struct.pack("<HHI", 1, 0, 0) + (struct.pack("<4H", *cell) if cell else b""))


def deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def hwp(*sections: bytes, flags: int = 1, stated: int | None = None, more: dict[str, object] | None = None) -> bytes:
    pack = deflated if flags & 1 else bytes
    info = record(0x10, 0, struct.pack("<H", len(sections) if stated is None else stated).ljust(26, b"\0"))
    content: dict[str, object] = {
        "FileHeader": b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010001, flags).ljust(224, b"\0"),
        "DocInfo": pack(info), "BodyText": {f"Section{number}": pack(data) for number, data in enumerate(sections)}, **(more or {}),
    }  # fmt: skip
    return compound(content)  # type: ignore[arg-type]


def said_of(*sections: bytes, **more: object) -> Said:
    return read(hwp(*sections, **more), "a.hwp")  # type: ignore[arg-type]


@pytest.mark.parametrize("flags", [0, 1])
def test_paragraphs_keep_tabs_line_breaks_and_special_spaces(flags: int) -> None:
    said = said_of(paragraph(f"{KO}{control(9)}표\n끝\x1e다"), paragraph(ZH), flags=flags)
    assert said.began is not None
    assert (said.began.type, said.outcome) == ("application/x-hwp", "read")
    assert [part.text for part in said.parts] == [f"{KO}\t표\n끝\u00a0다\n", f"{ZH}\n"]
    assert said.metadata.fields["hwp:version"] == "5.1.0.1"


def test_a_table_stands_where_its_sign_stands_with_its_cells_in_rows() -> None:
    cells = b"".join(
        listed(2, column, row, 1, 1) + paragraph(text, 2)
        for text, column, row in (("姓名", 0, 0), ("单位", 1, 0), ("张三", 0, 1), ("和田县", 1, 1))
    )
    table = controlled("tbl ", 1, record(0x4D, 2, struct.pack("<IHH", 0, 2, 2)), cells)
    said = said_of(paragraph("앞" + control(11, "tbl ") + "뒤", 0, table))
    assert said.text == "앞\n姓名\t单位\n张三\t和田县\n뒤\n"


def test_headers_notes_boxes_equations_and_links_are_read() -> None:
    text = "글" + control(16, "head") + control(17, "fn  ") + control(11, "gso ") + control(11, "eqed") + control(3, "%hlk") + "링크" + control(4)
    command = "https\\://example.org;1;0;0;"
    controls = [
        controlled("head", 1, listed(2), paragraph("机密", 2)), controlled("fn  ", 1, listed(2), paragraph("注一", 2)),
        controlled("gso ", 1, record(0x4C, 2), listed(3), paragraph("상자", 3)),
        controlled("eqed", 1, record(0x58, 2, struct.pack("<IH", 0, 5) + "a over"[:5].encode("utf-16-le"))),
        controlled("%hlk", 1, data=struct.pack("<IBH", 0, 0, len(command)) + command.encode("utf-16-le")),
    ]  # fmt: skip
    said = said_of(paragraph(text, 0, *controls))
    parts = {part.kind: part for part in said.parts}
    assert parts["section"].text == "글\n상자\na ove링크\n"
    assert (parts["header"].text, parts["footnotes"].text) == ("机密\n", "注一\n")
    (link,) = [mark for mark in parts["section"].marks if mark.kind == "link"]
    assert (parts["section"].text[link.start : link.end], link.text) == ("링크", command)


def test_margin_comments_stand_apart_from_the_text() -> None:
    said = said_of(paragraph("본문") + record(0x5D, 0) + record(0x48, 1) + paragraph("메모", 0))
    assert [(part.kind, part.text) for part in said.parts] == [("section", "본문\n"), ("comments", "메모\n")]


def test_embedded_files_are_members_unpacked_where_they_are_packed() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    said = said_of(paragraph("글"), more={"BinData": {"BIN0001.png": deflated(picture), "BIN0002.jpg": b"\xff\xd8\xff" + picture}})
    assert said.members == [b"BinData/BIN0001.png", b"BinData/BIN0002.jpg"]
    assert said.bytes == picture + b"\xff\xd8\xff" + picture


@pytest.mark.parametrize("flags", [1 | 2, 1 | 256, 1 | 16])
def test_an_encrypted_document_is_locked(flags: int) -> None:
    assert said_of(b"\x01\x02\x03\x04", flags=flags).outcome == "locked"


def test_a_document_for_distribution_is_named_and_gives_its_preview() -> None:
    said = read(hwp(flags=1 | 4, more={"ViewText": {"Section0": b"sealed"}, "PrvText": KO.encode("utf-16-le")}), "a.hwp")
    assert (said.outcome, said.text) == ("partial", KO)
    assert said.finished is not None
    assert "locked for distribution" in said.finished.reason
    assert read(hwp(flags=1 | 4, more={"ViewText": {"Section0": b"sealed"}}), "a.hwp").outcome == "damaged"


def for_distribution(section: bytes, seed: int = 0x1234ABCD, key: bytes = b"0\x001\x00A\x00B\x009\x00c\x00d\x00e\x00") -> bytes:
    """A packed section as Hangul encrypts it for distribution: the key stands in front, scrambled."""
    mask, state = bytearray(), seed
    while len(mask) < 256:
        numbers = []
        for _ in range(2):
            state = (state * 214013 + 2531011) % (1 << 32)
            numbers.append(state >> 16 & 0x7FFF)
        mask += bytes([numbers[0] & 0xFF]) * (numbers[1] % 16 + 1)
    plain = bytearray(range(256))
    plain[4 + seed % 16 : 20 + seed % 16] = key
    record = struct.pack("<I", seed) + bytes(one ^ other for one, other in zip(plain[4:], mask[4:256], strict=True))
    engine = zlib.compressobj(wbits=-15)
    data = engine.compress(section) + engine.flush()
    return struct.pack("<I", 0x1C | 256 << 20) + record + AES.new(key, AES.MODE_ECB).encrypt(data + bytes(-len(data) % 16))


@pytest.mark.parametrize("seed", [0x1234ABCD, 0, 0xFFFFFFFF])
def test_a_document_for_distribution_is_read_with_the_key_that_it_holds(seed: int) -> None:
    text = (KO + "。") * 300
    said = read(hwp(flags=1 | 4, more={"ViewText": {"Section0": for_distribution(paragraph(text), seed)}, "PrvText": b"x\0"}), "a.hwp")
    assert (said.outcome, said.text.strip()) == ("read", text)


def test_a_section_for_distribution_that_is_cut_off_gives_what_is_there() -> None:
    cut = for_distribution(b"".join(paragraph(f"{KO} {number}") for number in range(2_000)))[:-500]
    said = read(hwp(flags=1 | 4, more={"ViewText": {"Section0": cut}}), "a.hwp")
    assert said.outcome == "partial" and f"{KO} 100" in said.text


def test_hwp_3_is_named() -> None:
    said = read(b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(200), "a.hwp")
    assert said.began is not None
    assert (said.began.type, said.outcome) == ("application/x-hwp-v3", "unsupported")


def test_a_missing_section_is_counted() -> None:
    said = said_of(paragraph("글"), stated=3)
    assert said.finished is not None
    assert (said.outcome, said.finished.reason) == ("partial", "Some was lost: 2 of 3 sections are missing.")


def test_a_section_that_is_cut_off_gives_what_stands_before_the_cut() -> None:
    body = b"".join(paragraph(f"{number}번 {ZH}") for number in range(400))
    whole = deflated(body)
    for data in (whole[: len(whole) // 2], whole[: len(whole) // 2] + b"\xff" * 50):
        said = read(hwp(more={"BodyText": {"Section0": data}}), "a.hwp")
        assert (said.outcome, said.text.startswith(f"0번 {ZH}\n1번")) == ("partial", True)
    assert said_of(body + struct.pack("<I", 0x43 | 500 << 20)).outcome == "partial"


def test_records_that_lie_end() -> None:
    deep = b"".join(record(0x42, level) + record(0x47, level + 1, b" lbt") + record(0x4D, level + 2) + listed(level + 2, 0, 0, 1, 1)
                    for level in range(0, 1000, 2))
    assert said_of(paragraph("글") + deep).text.startswith("글\n")
    assert said_of(paragraph("글") + record(0x42, 1023) * 50_000).text.startswith("글\n")
    assert said_of(record(0x43, 0, b"\x0b")).outcome == "empty"
    assert said_of(paragraph("글", 0, controlled("tbl ", 1, record(0x4D, 2), record(0x48, 2, b"\1")))).outcome == "read"


def test_a_bomb_is_cut_and_said_to_be() -> None:
    said = said_of(paragraph("글") + record(0x43, 0, bytes(70 << 20)))
    assert (said.outcome, said.text) == ("partial", "글\n")


HP = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'


def hwpx(*sections: str, more: dict[str, str] | None = None, order: list[int] | None = None) -> bytes:
    out = io.BytesIO()
    items = "".join(f'<opf:item id="s{n}" href="Contents/section{n}.xml"/>' for n in range(len(sections)))
    spine = "".join(f'<opf:itemref idref="s{n}"/>' for n in order or range(len(sections)))
    listing = (
        '<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:metadata><opf:title>통지</opf:title>'
        '<opf:meta name="creator" content="text">李四</opf:meta><opf:meta name="CreatedDate" content="text">2019-05-03T01:02:03Z</opf:meta>'
        f"</opf:metadata><opf:manifest>{items}</opf:manifest><opf:spine>{spine}</opf:spine></opf:package>"
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/hwp+zip")
        archive.writestr("Contents/content.hpf", listing)
        for number, inner in enumerate(sections):
            archive.writestr(f"Contents/section{number}.xml", f"<hs:sec {HP}>{inner}</hs:sec>")
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def p(*runs: str) -> str:
    return f"<hp:p>{''.join(f'<hp:run>{run}</hp:run>' for run in runs)}<hp:linesegarray/></hp:p>"


def t(text: str) -> str:
    return f"<hp:t>{text}</hp:t>"


def test_hwpx_is_read_with_tables_notes_links_and_changes() -> None:
    cell = "<hp:tc><hp:subList>{}</hp:subList></hp:tc>"
    table = f"<hp:tbl><hp:tr>{cell.format(p(t('姓名')))}{cell.format(p(t('单位')))}</hp:tr><hp:tr>{cell.format(p(t('张三')))}</hp:tr></hp:tbl>"
    changed = t('앞<hp:deleteBegin Id="1"/>옛<hp:deleteEnd Id="1"/><hp:tab/>뒤<hp:lineBreak/>끝')
    note = f"<hp:ctrl><hp:footNote><hp:subList>{p(t('注一'))}</hp:subList></hp:footNote></hp:ctrl>"
    head = f"<hp:ctrl><hp:header><hp:subList>{p(t('机密'))}</hp:subList></hp:header></hp:ctrl>"
    link = (
        '<hp:ctrl><hp:fieldBegin type="HYPERLINK"><hp:parameters><hp:stringParam name="Path">https://example.org</hp:stringParam>'
        f"</hp:parameters></hp:fieldBegin></hp:ctrl>{t('링크')}<hp:ctrl><hp:fieldEnd/></hp:ctrl>"
    )
    box = f"<hp:rect><hp:drawText><hp:subList>{p(t('상자'))}</hp:subList></hp:drawText></hp:rect>"
    said = read(hwpx(p(changed, note, head) + p(table) + p(link, box), more={"BinData/image1.png": "pixels"}), "a.hwpx")
    assert said.began is not None
    assert (said.began.type, said.outcome) == ("application/hwp+zip", "read")
    parts = {part.kind: part for part in said.parts}
    section = parts["section"]
    assert section.text == "앞옛\t뒤\n끝\n姓名\t单位\n张三\n\n링크\n상자\n\n"
    assert [(mark.kind, section.text[mark.start : mark.end], mark.text) for mark in section.marks] == [
        ("deletion", "옛", ""), ("link", "링크", "https://example.org")]  # fmt: skip
    assert (parts["header"].text, parts["footnotes"].text) == ("机密\n", "注一\n")
    assert (said.metadata.title, said.metadata.author, said.metadata.dates[0].value) == ("통지", "李四", "2019-05-03T01:02:03Z")
    assert (said.members, said.bytes) == ([b"BinData/image1.png"], b"pixels")


def test_sections_of_hwpx_come_in_the_order_of_the_spine() -> None:
    assert read(hwpx(p(t("가")), p(t("나")), order=[1, 0]), "a.hwpx").text == "나\n가\n"


def test_an_encrypted_hwpx_is_locked_and_a_cut_one_partial() -> None:
    sealed = '<m:manifest xmlns:m="x"><m:file-entry m:full-path="a"><m:encryption-data/></m:file-entry></m:manifest>'
    assert read(hwpx(p(t("가")), more={"META-INF/manifest.xml": sealed}), "a.hwpx").outcome == "locked"
    whole = hwpx(p(t("가")), *(p(t(f"{n}{ZH}")) for n in range(20)))
    said = read(whole[: whole.index(b"Contents/section9.xml")], "a.hwpx")
    assert (said.outcome, said.text.startswith("가\n")) == ("partial", True)


def test_hwpx_nested_without_end_is_partial() -> None:
    said = read(hwpx(p(t("앞")) + "<hp:p><hp:run>" * 3000 + "</hp:run></hp:p>" * 3000), "a.hwpx")
    assert (said.outcome, said.text.startswith("앞\n")) == ("partial", True)


def test_hwpx_tells_who_changed_what_and_when() -> None:
    head = ('<hh:head xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"><hh:trackChanges><hh:trackChange id="7" type="Insert" authorID="1" '
            'date="2017-05-04T09:12:00Z"/></hh:trackChanges><hh:trackChangeAuthors><hh:trackChangeAuthor id="1" name="홍길동"/>'
            "</hh:trackChangeAuthors></hh:head>")  # fmt: skip
    changed = '<hp:t>앞<hp:insertBegin Id="1" TcId="7"/>새<hp:insertEnd Id="1" TcId="7"/></hp:t>'
    said = read(hwpx(p(changed), more={"Contents/header.xml": head}), "a.hwpx")
    (mark,) = said.parts[0].marks
    assert (mark.kind, mark.author, mark.date, said.parts[0].text[mark.start : mark.end]) == ("insertion", "홍길동", "2017-05-04T09:12:00Z", "새")
    assert "홍길동: 1 insertion" in said.properties
