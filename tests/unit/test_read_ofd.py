"""OFD: text with places, templates, annotations, attachments, signatures, several documents, pictures of pages."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image

from tests.ofd_made import Document, Page, make_ofd, packed, path, picture, text
from tests.read_by_child import Said, read
from unburnt.base.limits import Limits
from unburnt.model.reading import Rectangle
from unburnt.sandbox.runner import Sandbox

POINTS = 72 / 25.4
MEDIA = '<ofd:MultiMedias><ofd:MultiMedia ID="20" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'


def png(colour: str = "blue") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 30), colour).save(out, "PNG")
    return out.getvalue()


def one_page(*objects: str, **more: object) -> Said:
    return read(make_ofd(Document([Page(objects)], **more)), "a.ofd")  # type: ignore[arg-type]


def near(found: Rectangle | None, *millimetres: float) -> bool:
    return found is not None and all(abs(one - want * POINTS) < 0.02 for one, want in zip(found, millimetres, strict=True))


def test_each_line_has_its_text_and_a_rectangle_in_points_from_the_upper_left_corner() -> None:
    said = one_page(text("关于印发名单的通知", 20, 30, size=8, delta="g 8 9"), text("ئۇيغۇر", 20, 70, size=6, delta="2 3 g 2 4 2"))
    page = said.parts[0]
    assert (said.outcome, page.kind, page.label, page.page) == ("read", "page", "1", 0)
    assert page.text == "关于印发名单的通知\nئۇيغۇر\n"
    assert (page.width, page.height) == (595.28, 841.89)
    title, uyghur = page.lines
    assert page.text[title.start : title.end] == "关于印发名单的通知"
    # Nine signs of 8 mm, 9 mm apart, on a base line at 38 mm.
    assert near(title.rectangle, 20, 38 - 0.88 * 8, 20 + 8 * 9 + 8, 38 + 0.12 * 8)
    assert near(uyghur.rectangle, 20, 76 - 0.88 * 6, 20 + 2 + 3 + 4 + 4 + 2 + 3, 76 + 0.12 * 6)


def test_a_turned_text_has_the_rectangle_where_it_is_shown() -> None:
    (line,) = one_page(text("转", 100, 100, size=6, ctm="0 1 -1 0 0 0")).parts[0].lines
    assert near(line.rectangle, 100 - 6 - 0.12 * 6, 100, 100 - 6 + 0.88 * 6, 106)


def test_a_page_whose_box_does_not_begin_at_zero_is_measured_from_its_corner() -> None:
    said = read(make_ofd(Document([Page([text("甲", 20, 30)], area="10 20 100 50")])), "a.ofd")
    page = said.parts[0]
    assert (page.width, page.height) == (round(100 * POINTS, 2), round(50 * POINTS, 2))
    assert near(page.lines[0].rectangle, 10, 10 + 4 - 0.88 * 4, 14, 14 + 0.12 * 4)


def test_signs_set_one_by_one_make_one_line_and_a_gap_a_blank() -> None:
    signs = [text(sign, 20 + 4 * number, 30) for number, sign in enumerate("公安局")]
    page = one_page(*signs, text("电话", 60, 30), text("下一行", 20, 40)).parts[0]
    assert page.text == "公安局 电话\n下一行\n"
    assert [page.text[line.start : line.end] for line in page.lines] == ["公安局 电话", "下一行"]


def test_a_template_stands_before_the_page_that_uses_it() -> None:
    document = Document([Page([text("正文", 20, 50)], template=0), Page([text("第二页", 20, 50)])], templates=[text("机密", 20, 10)])
    said = read(make_ofd(document), "a.ofd")
    assert [part.text for part in said.parts] == ["机密\n正文\n", "第二页\n"]
    assert said.expected is not None and said.expected.pages == 2


def test_text_inside_composite_objects_is_read_where_it_is_shown() -> None:
    unit = (
        '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="30" Width="50" Height="20"><ofd:Content>'
        f"{text('单元', 5, 5)}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
    )
    used = '<ofd:CompositeObject ID="5" Boundary="100 100 50 20" CTM="2 0 0 2 0 0" ResourceID="30"/>'
    page = one_page(used, resources=unit).parts[0]
    assert page.text == "单元\n"
    assert near(page.lines[0].rectangle, 110, 110 + 2 * 4 * 0.12, 126, 110 + 2 * 4 * 1.12)


def test_text_that_is_not_shown_is_read_and_said_to_be_hidden() -> None:
    said = one_page(text("看得见", 20, 20), text("藏起来", 20, 40, Visible="false"))
    assert said.text == "看得见\n藏起来\n"
    assert ("hidden-text", "3 signs of its text are not shown on the pages.") in said.notes


def test_annotations_keep_author_date_and_what_they_draw() -> None:
    stamp = (
        '<ofd:Annot ID="1" Type="Stamp" Creator="张三" LastModDate="2020-01-02"><ofd:Remark>请核对</ofd:Remark>'
        f'<ofd:Appearance Boundary="10 10 50 20">{text("已阅", 5, 5)}</ofd:Appearance></ofd:Annot>'
    )
    said = read(make_ofd(Document([Page([text("正文", 20, 50)], annotations=[stamp])])), "a.ofd")
    (mark,) = said.parts[0].marks
    assert (mark.text, mark.author, mark.date) == ("请核对\n已阅", "张三", "2020-01-02")
    assert near(mark.rectangle, 15, 15 + 4 * 0.12, 23, 15 + 4 * 1.12)
    assert said.parts[1].text == "page 1: 请核对\n已阅\n"


def test_attachments_and_what_nothing_refers_to_are_members() -> None:
    document = Document([Page([text("正文", 20, 50)])], attachments=[("名单", "list.csv", b"a,b")])
    said = read(make_ofd(document, more={"Doc_0/Pages/Page_9/Content.xml": b"<old/>"}), "a.ofd")
    assert said.members == [b"Doc_0/Attachs/list.csv", b"Doc_0/Pages/Page_9/Content.xml"]
    assert said.bytes == b"a,b<old/>"
    assert "unreferenced-parts" in dict(said.notes)
    assert said.expected is not None and said.expected.members == 2


def test_xml_that_no_page_needs_is_a_member_too() -> None:
    document = Document([Page([text("正文", 20, 50)])], templates=[text("藏在模板里", 20, 10)])
    said = read(make_ofd(document), "a.ofd")
    assert said.text == "正文\n"
    assert said.members == [b"Doc_0/Tpls/Tpl_0/Content.xml"]
    assert "藏在模板里" in read(said.bytes, "Content.xml").text


def test_text_without_distances_runs_the_way_it_is_read() -> None:
    (line,) = one_page(text("竖排", 100, 100, size=6, ReadDirection="90")).parts[0].lines
    assert near(line.rectangle, 100, 100 + 6 * 0.12, 106, 112 + 6 * 0.12)


def test_several_documents_in_one_file_keep_their_pages_apart() -> None:
    said = read(make_ofd(Document([Page([text("甲", 20, 20)])]), Document([Page([text("乙", 20, 20)])])), "a.ofd")
    assert [(part.label, part.page, part.text) for part in said.parts] == [("1-1", 0, "甲\n"), ("2-1", 1, "乙\n")]


def test_what_the_file_says_of_itself_is_kept_with_its_origin() -> None:
    info = (
        "<ofd:Title>通知</ofd:Title><ofd:Author>李四</ofd:Author><ofd:CreationDate>20190503120000Z</ofd:CreationDate>"
        "<ofd:Creator>WPS</ofd:Creator><ofd:Keywords><ofd:Keyword>甲</ofd:Keyword><ofd:Keyword>乙</ofd:Keyword></ofd:Keywords>"
        '<ofd:CustomDatas><ofd:CustomData Name="文号">新公发 1 号</ofd:CustomData></ofd:CustomDatas>'
    )
    metadata = one_page(text("正文", 20, 20), info=info).metadata
    assert (metadata.title, metadata.author, metadata.pages) == ("通知", "李四", 1)
    (created,) = metadata.dates
    assert (created.kind, created.value, created.zone, created.origin) == ("created", "2019-05-03T12:00:00Z", "UTC", "ofd:CreationDate")
    assert metadata.fields["ofd:Creator"] == "WPS"
    assert metadata.fields["ofd:Keywords"] == "甲, 乙"
    assert metadata.fields["ofd:custom:文号"] == "新公发 1 号"


def certificate(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.datetime(2020, 1, 1)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 77, day, day.replace(year=2030)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def test_a_signature_is_named_with_its_claimed_signer_and_time_and_not_judged() -> None:
    info = (
        '<ofd:Provider ProviderName="签章厂" Version="1"/><ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>'
        "<ofd:SignatureDateTime>20200102030405Z</ofd:SignatureDateTime>"
        '<ofd:References><ofd:Reference FileRef="/Doc_0/Document.xml"/></ofd:References><ofd:StampAnnot ID="1" PageRef="100"/>'
    )
    said = one_page(text("正文", 20, 20), signatures=[(info, b"\x30\x03junk" + certificate("某某公安局") + b"tail")])
    assert said.metadata.fields["ofd:signature:1"] == (
        "Seal; certificate of 某某公安局; signed at 20200102030405Z; made by 签章厂; method 1.2.156.10197.1.501; "
        "covers 1 files, shows 1 stamps"
    )
    assert ("signature", "The file carries 1 digital signatures or seals; none was checked.") in said.notes


def test_a_page_that_is_only_a_picture_waits_for_ocr() -> None:
    document = Document([Page([picture("20", 0, 0, 210, 297)]), Page([text("正文", 20, 20)])], resources=MEDIA, files={"Res/a.png": png()})
    said = read(make_ofd(document), "a.ofd")
    assert said.outcome == "partial"
    assert ("page-needs-ocr", "0") in said.notes


def test_an_encrypted_package_is_locked() -> None:
    assert read(packed({"OFD.xml": b"\x01\x02", "Encryptions.xml": b"<a/>"}), "a.ofd").outcome == "locked"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("unburnt.read.render:main") as started:
        yield started


def drawn(sandbox: Sandbox, file: Path, **order: object) -> Image.Image | None:
    frames: list[bytes] = []
    with file.open("rb") as opened:
        order = {"media_type": "application/ofd", "page": 0} | order
        ended = sandbox.run(msgspec.msgpack.encode(order), [opened.fileno()], Limits(), frames.append)
    assert ended.kind == "done", ended
    return Image.open(io.BytesIO(b"".join(frames))) if frames else None


def test_a_page_is_drawn_with_its_pictures_paths_and_text_where_they_belong(sandbox: Sandbox, tmp_path: Path) -> None:
    objects = [
        picture("20", 100, 10, 40, 20), path("M 0 0 L 40 0 L 40 20 L 0 20 C", 20, 100, 40, 20, fill="255 0 0", stroke=""),
        text("通知", 20, 200, size=20), text("ئۇيغۇر", 120, 200, size=20), text("藏", 20, 250, size=20, Visible="false"),
    ]  # fmt: skip
    (tmp_path / "a.ofd").write_bytes(make_ofd(Document([Page(objects)], resources=MEDIA, files={"Res/a.png": png()})))
    image = drawn(sandbox, tmp_path / "a.ofd", width=1050)
    assert image is not None
    assert image.size == (1050, 1485)
    assert image.getpixel((600, 100)) == (0, 0, 255)
    assert image.getpixel((200, 550)) == (255, 0, 0)
    for left in (100, 600):
        words = image.crop((left, 1000, left + 300, 1125)).convert("L")
        assert words.getextrema()[0] < 60
        assert 0.05 < sum(words.histogram()[:128]) / (300 * 125) < 0.5
    assert image.crop((100, 1250, 300, 1400)).convert("L").getextrema() == (255, 255)
    assert drawn(sandbox, tmp_path / "a.ofd", page=1, width=100) is None


def test_a_page_is_drawn_for_ocr_at_the_resolution_that_is_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.ofd").write_bytes(make_ofd(Document([Page([text("甲", 20, 20)], area="0 0 25.4 50.8")])))
    image = drawn(sandbox, tmp_path / "a.ofd", dpi=300, gray=True)
    assert image is not None
    assert (image.size, image.mode) == ((300, 600), "L")
