"""PDF read in the real sandbox: text in place, what stands beside it, and honest outcomes."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from weasyprint import HTML

from tests.read_in_sandbox import Said, read
from unburnt.model.reading import Date
from unburnt.sandbox.runner import Sandbox

LINES = {
    "en": "The county office orders all villages to report.",
    "ru": "Приказ начальника управления о проверке документов.",
    "zh": "各村须于月底前上报名册，不得迟延。",
    "ug": "بارلىق كەنتلەر ئاي ئاخىرىغىچە تىزىملىكنى يوللىسۇن",
}


@pytest.fixture(scope="module")
def many_scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("pdf") / "scripts.pdf"
    body = "".join(
        f"<p lang='{lang}' dir='{'rtl' if lang == 'ug' else 'ltr'}' style='break-after: page'>{text}</p>"
        for lang, text in LINES.items()
    )
    HTML(string=f"<html><title>四种文字</title><body style='font-family: Noto Sans, Noto Sans CJK SC, Noto Naskh Arabic'>{body}").write_pdf(path)
    return path


def drawn(path: Path, *texts: str, size: tuple[float, float] = (600, 800)) -> Path:
    """One page a text, each at x 100, 200 points above the lower edge, 20 points high."""
    canvas = Canvas(str(path), pagesize=size, invariant=True)
    for text in texts:
        canvas.setFont("Helvetica", 20)
        if text:
            canvas.drawString(100, 200, text)
        canvas.showPage()
    canvas.save()
    return path


def scan(path: Path, *, stamp: str = "") -> Path:
    """A page that is one picture, with *stamp* as its only text."""
    image = Image.effect_noise((200, 300), 90)
    canvas = Canvas(str(path), pagesize=(200, 300), invariant=True)
    canvas.drawImage(ImageReader(image), 0, 0, 200, 300)
    canvas.drawString(10, 10, stamp)
    canvas.showPage()
    canvas.save()
    return path


def changed(path: Path, change: object) -> Path:
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        change(document)  # type: ignore[operator]
        document.save(path)
    return path


@pytest.mark.parametrize(("number", "lang"), list(enumerate(["en", "ru", "zh"])))
def test_the_text_of_each_script_comes_out_as_it_went_in(
    sandbox: Sandbox, many_scripts: Path, number: int, lang: str
) -> None:
    said = read(sandbox, many_scripts)
    assert said.outcome == "read"
    assert LINES[lang] in said.pages()[number].text
    assert said.pages()[number].lang == lang


def test_uyghur_words_keep_their_letters_in_logical_order(sandbox: Sandbox, many_scripts: Path) -> None:
    said = read(sandbox, many_scripts)
    page = said.pages()[3]
    assert page.script == "Arab"
    assert {"تىزىملىكنى", "ئاي"} & set(page.text.split())
    if set(LINES["ug"].split()) != set(page.text.split()):
        assert said.noted("rtl-order-doubtful") == ["3"]
    assert said.noted("page-needs-ocr") == said.noted("rtl-order-doubtful")


@pytest.mark.parametrize("lost", ["fffd", "e001", "0031"])
def test_a_text_layer_whose_font_loses_letters_is_read_from_the_picture_too(sandbox: Sandbox, many_scripts: Path, tmp_path: Path, lost: str) -> None:
    def misspell(document: pikepdf.Pdf) -> None:
        for stream in document.objects:
            if isinstance(stream, pikepdf.Stream) and b"beginbfchar" in (content := stream.read_bytes()):
                stream.write(re.sub(b"(?i)<06cb>|<06d5>|<0649>|<064a>", f"<{lost}>".encode(), content))

    path = tmp_path / "misspelt.pdf"
    path.write_bytes(many_scripts.read_bytes())
    said = read(sandbox, changed(path, misspell))
    assert said.noted("rtl-order-doubtful") == said.noted("page-needs-ocr") == ["3"]


def test_a_line_stands_where_it_was_drawn(sandbox: Sandbox, tmp_path: Path) -> None:
    page = read(sandbox, drawn(tmp_path / "a.pdf", "Household register")).one("page")
    (line,) = page.lines
    assert page.text[line.start : line.end] == "Household register"
    assert (page.width, page.height) == (600, 800)
    assert line.rectangle is not None
    left, top, right, bottom = line.rectangle
    assert left == pytest.approx(100, abs=3)
    assert bottom == pytest.approx(600, abs=6)  # 200 points above the lower edge; g reaches below the line
    assert 580 <= top <= 590
    assert right == pytest.approx(100 + 168, abs=8)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [(90, (200, 100)), (180, (500, 200)), (270, (600, 500))],
)
def test_a_line_on_a_turned_page_stands_where_it_is_shown(
    sandbox: Sandbox, tmp_path: Path, rotation: int, expected: tuple[float, float]
) -> None:
    """The line begins at (100, 200) from the lower left corner of a page of 600 by 800, before it is turned."""
    path = changed(drawn(tmp_path / "a.pdf", "Household"), lambda pdf: setattr(pdf.pages[0], "Rotate", rotation))
    page = read(sandbox, path).one("page")
    assert (page.width, page.height) == ((800, 600) if rotation != 180 else (600, 800))
    rectangle = page.lines[0].rectangle
    assert rectangle is not None
    left, top, right, bottom = rectangle
    begins = {90: (left, top), 180: (right, top), 270: (right, bottom)}[rotation]
    assert begins == pytest.approx(expected, abs=6)


def test_a_cropped_page_counts_from_the_corner_that_is_shown(sandbox: Sandbox, tmp_path: Path) -> None:
    path = changed(drawn(tmp_path / "a.pdf", "Household"), lambda pdf: setattr(pdf.pages[0], "CropBox", [50, 150, 450, 450]))
    page = read(sandbox, path).one("page")
    assert (page.width, page.height) == (400, 300)
    assert page.lines[0].rectangle is not None
    assert page.lines[0].rectangle[0] == pytest.approx(50, abs=3)
    assert page.lines[0].rectangle[3] == pytest.approx(250, abs=6)


def test_lines_cover_the_text_without_overlap(sandbox: Sandbox, many_scripts: Path) -> None:
    for page in read(sandbox, many_scripts).pages():
        ends = 0
        for line in page.lines:
            assert ends <= line.start < line.end <= len(page.text)
            assert "\n" not in page.text[line.start : line.end].rstrip("\n")
            ends = line.end


def test_page_labels_are_those_of_the_document(sandbox: Sandbox, tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.pdf", "first", "second", "third")
    labels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(S=pikepdf.Name.r), 2, pikepdf.Dictionary(S=pikepdf.Name.D)])
    changed(path, lambda pdf: setattr(pdf.Root, "PageLabels", labels))
    said = read(sandbox, path)
    assert [page.label for page in said.pages()] == ["i", "ii", "1"]
    assert [page.page for page in said.pages()] == [0, 1, 2]
    assert said.expected.pages == 3


def test_properties_and_dates_keep_their_zones_and_origins(sandbox: Sandbox, tmp_path: Path) -> None:
    def describe(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Title"] = "关于上报名册的通知"
        pdf.docinfo["/Author"] = pikepdf.String("王某".encode("gb18030"))
        pdf.docinfo["/CreationDate"] = "D:20170206100000+08'00'"
        pdf.docinfo["/ModDate"] = "D:20170207093000Z"
        pdf.docinfo["/Producer"] = "WPS Office"

    metadata = read(sandbox, changed(drawn(tmp_path / "a.pdf", "text"), describe)).metadata
    assert metadata.title == "关于上报名册的通知"
    assert metadata.fields["pdf:Producer"] == "WPS Office"
    assert metadata.dates[:2] == (
        Date(kind="created", value="2017-02-06T10:00:00+08:00", zone="+08:00", origin="pdf:CreationDate"),
        Date(kind="modified", value="2017-02-07T09:30:00Z", zone="UTC", origin="pdf:ModDate"),
    )
    assert metadata.pages == 1


def test_a_senseless_date_is_kept_as_written_and_called_uncertain(sandbox: Sandbox, tmp_path: Path) -> None:
    path = changed(drawn(tmp_path / "a.pdf", "text"), lambda pdf: pdf.docinfo.__setitem__("/ModDate", "D:20171399"))
    date = next(date for date in read(sandbox, path).metadata.dates if date.kind == "modified")
    assert (date.value, date.certain, date.zone) == ("D:20171399", False, "unknown")


def test_xmp_says_more_than_the_information_dictionary(sandbox: Sandbox, tmp_path: Path) -> None:
    def describe(pdf: pikepdf.Pdf) -> None:
        del pdf.docinfo["/Title"]
        with pdf.open_metadata() as packet:
            packet["dc:title"] = "From the packet"
            packet["xmp:CreateDate"] = "2016-05-04T03:02:01+06:00"

    metadata = read(sandbox, changed(drawn(tmp_path / "a.pdf", "text"), describe)).metadata
    assert metadata.title == "From the packet"
    assert Date(kind="created", value="2016-05-04T03:02:01+06:00", zone="+06:00", origin="xmp:CreateDate") in metadata.dates


def test_comments_are_text_of_their_own_and_marks_on_their_page(sandbox: Sandbox, tmp_path: Path) -> None:
    def comment(pdf: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[10, 700, 30, 720], Contents="此处有误",
            T="Deputy chief", M="D:20180102030405+08'00'",
        )  # fmt: skip
        pdf.pages[1].Annots = pdf.make_indirect([pdf.make_indirect(note)])

    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "one", "two"), comment))
    assert said.one("annotations").text == "page 2: 此处有误\n"
    (mark,) = said.pages()[1].marks
    assert (mark.kind, mark.text, mark.author) == ("annotation", "此处有误", "Deputy chief")
    assert mark.date == "2018-01-02T03:04:05+08:00"
    assert mark.rectangle == (10, 80, 30, 100)


def test_what_was_filled_into_a_form_is_text(sandbox: Sandbox, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(100, 700, "Name:")
    canvas.acroForm.textfield(name="holder", value="Ayshe", x=200, y=700)
    canvas.showPage()
    canvas.save()
    assert read(sandbox, tmp_path / "a.pdf").one("form").text == "holder\tAyshe\n"


def test_the_data_of_an_xfa_form_is_text(sandbox: Sandbox, tmp_path: Path) -> None:
    packet = (
        b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template><draw><value><text>Please fill in</text></value></draw>"
        b"</template><xfa:datasets xmlns:xfa='http://www.xfa.org/schema/xfa-data/1.0/'><xfa:data><f><village>"
        + "东村".encode() + b"</village></f></xfa:data></xfa:datasets></xdp:xdp>"
    )

    def fill(pdf: pikepdf.Pdf) -> None:
        half = len(packet) // 2
        parts = ["preamble", pdf.make_stream(packet[:half]), "rest", pdf.make_stream(packet[half:])]
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pikepdf.Array(parts))

    text = read(sandbox, changed(drawn(tmp_path / "a.pdf", "page"), fill)).one("form").text
    assert "village\t东村\n" in text
    assert "\tPlease fill in\n" in text


def test_embedded_files_become_members(sandbox: Sandbox, tmp_path: Path) -> None:
    def embed(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["名册.txt"] = pikepdf.AttachedFileSpec(pdf, "户主\n".encode() * 400_000, filename="名册.txt", mime_type="text/plain")

    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "page"), embed))
    assert said.members == {"名册.txt": "户主\n".encode() * 400_000}
    assert said.expected.members == 1
    assert (said.began[0].kind, said.began[0].declared) == ("embedded", "text/plain")


def test_one_broken_embedded_file_does_not_cost_the_others(sandbox: Sandbox, tmp_path: Path) -> None:
    def embed(pdf: pikepdf.Pdf) -> None:
        for name in ("a.txt", "b.txt"):
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, b"content of " + name.encode(), filename=name)
        stream = pdf.attachments["a.txt"].obj.EF.F
        stream.write(b"this is no deflated data", filter=pikepdf.Name.FlateDecode)

    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "page"), embed))
    assert said.members == {"b.txt": b"content of b.txt"}
    assert [(one.name, one.outcome.value) for one in said.failed] == [("a.txt", "damaged")]
    assert said.outcome == "read"


def encrypted(tmp_path: Path, user: str) -> Path:
    path = tmp_path / "locked.pdf"
    with pikepdf.open(drawn(tmp_path / "plain.pdf", "Secret register")) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="owner", user=user))
    return path


def test_an_encrypted_document_is_locked_until_its_password_is_given(sandbox: Sandbox, tmp_path: Path) -> None:
    path = encrypted(tmp_path, "geheim")
    said = read(sandbox, path)
    assert (said.outcome, said.reason) == ("locked", "The PDF is encrypted; a password is needed.")
    assert read(sandbox, path, passwords=("wrong",)).outcome == "locked"
    said = read(sandbox, path, passwords=("wrong", "geheim"))
    assert said.outcome == "read"
    assert "Secret register" in said.one("page").text
    assert said.finished is not None
    assert said.finished.opened_with_secret


def test_an_empty_user_password_is_no_secret(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, encrypted(tmp_path, ""), passwords=("other",))
    assert said.outcome == "read"
    assert said.finished is not None
    assert not said.finished.opened_with_secret


def test_a_scan_waits_for_ocr_and_a_blank_page_does_not(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, scan(tmp_path / "a.pdf"))
    assert said.outcome == "needs-ocr"
    assert said.noted("page-needs-ocr") == ["0"]
    assert said.one("page").text == ""
    blank = read(sandbox, drawn(tmp_path / "b.pdf", ""))
    assert (blank.outcome, blank.notes) == ("empty", [])


def test_a_scan_with_a_stamp_still_waits_for_ocr(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, scan(tmp_path / "a.pdf", stamp="No. 17"))
    assert said.outcome == "partial"
    assert said.noted("page-needs-ocr") == ["0"]
    assert "No. 17" in said.one("page").text


HEADING = "FROM: County Office 12 FAX NO.: 0998-1234567 2018-03-03 10:11AM P 1/4 please confirm receipt of this letter"


def placed(path: Path, picture: Image.Image, box: tuple[int, int, int, int], *lines: str) -> Path:
    """*picture* at left, bottom, width, height on a page of 600 by 800, and *lines* from the top."""
    canvas = Canvas(str(path), pagesize=(600, 800), invariant=True)
    canvas.drawImage(ImageReader(picture), *box)
    canvas.setFont("Helvetica", 8)
    for number, line in enumerate(lines):
        canvas.drawString(20, 785 - 12 * number, line)
    canvas.save()
    return path


def paper() -> Image.Image:
    """As scanners see it: light, with dark lines."""
    picture = Image.new("L", (300, 400), 250)
    for row in range(40, 400, 40):
        picture.paste(30, (40, row, 260, row + 8))
    return picture


def test_a_scan_under_a_heading_of_whole_lines_still_waits_for_ocr(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, placed(tmp_path / "a.pdf", paper(), (0, 0, 600, 800), HEADING, HEADING))
    assert (said.outcome, said.noted("page-needs-ocr")) == ("partial", ["0"])
    assert HEADING in said.one("page").text


def test_a_scan_with_its_text_over_it_does_not_wait(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, placed(tmp_path / "a.pdf", paper(), (0, 0, 600, 800), *[HEADING] * 40))
    assert (said.outcome, said.noted("page-needs-ocr")) == ("read", [])


def test_a_scan_put_into_a_typed_page_waits_for_ocr_and_a_photograph_does_not(sandbox: Sandbox, tmp_path: Path) -> None:
    said = read(sandbox, placed(tmp_path / "a.pdf", paper(), (100, 100, 300, 400), *[HEADING] * 10))
    assert (said.outcome, said.noted("page-needs-ocr")) == ("partial", ["0"])
    photograph = Image.effect_noise((300, 400), 200)
    said = read(sandbox, placed(tmp_path / "b.pdf", photograph, (100, 100, 300, 400), *[HEADING] * 10))
    assert (said.outcome, said.noted("page-needs-ocr")) == ("read", [])
    said = read(sandbox, placed(tmp_path / "c.pdf", paper(), (500, 20, 60, 80), *[HEADING] * 10))  # a seal
    assert (said.outcome, said.noted("page-needs-ocr")) == ("read", [])


def test_one_scanned_page_among_others_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.pdf", "first page with words", "third")
    with pikepdf.open(scan(tmp_path / "b.pdf")) as other:
        changed(path, lambda pdf: pdf.pages.insert(1, other.pages[0]))
    said = read(sandbox, path)
    assert (said.outcome, said.reason) == ("partial", "1 of 3 pages have no text layer.")
    assert said.noted("page-needs-ocr") == ["1"]


def test_text_drawn_as_outlines_waits_for_ocr(sandbox: Sandbox, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(200, 200))
    canvas.rect(20, 20, 50, 50, fill=1)
    canvas.showPage()
    canvas.save()
    assert read(sandbox, tmp_path / "a.pdf").outcome == "needs-ocr"


def test_signs_without_meaning_are_no_text_layer(sandbox: Sandbox, tmp_path: Path) -> None:
    def blind(pdf: pikepdf.Pdf) -> None:
        cmap = (
            b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"1 beginbfrange <00> <ff> <e000> endbfrange endcmap end"
        )
        for font in pdf.pages[0].Resources.Font.values():
            font.ToUnicode = pdf.make_stream(cmap)

    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "Household register"), blind))
    assert said.outcome == "needs-ocr"
    assert len(said.one("page").text) == len("Household register")


def test_what_wants_to_run_is_told_and_not_run(sandbox: Sandbox, tmp_path: Path) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "x"), lambda pdf: setattr(pdf.Root, "OpenAction", action)))
    assert len(said.noted("active-content")) == 1
    assert said.outcome == "read"


def test_reading_twice_says_the_same(sandbox: Sandbox, many_scripts: Path) -> None:
    first, second = read(sandbox, many_scripts), read(sandbox, many_scripts)
    assert isinstance(first, Said)
    assert (first.parts, first.notes, first.metadata) == (second.parts, second.notes, second.metadata)


def test_the_words_of_a_stamp_are_found_where_it_says_none(sandbox: Sandbox, tmp_path: Path) -> None:
    def stamp(pdf: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        drawn = pdf.make_stream(b"BT /F1 12 Tf 4 6 Td (REVIEWED by J. Clerk, 3 March 2018) Tj ET")
        drawn.Type, drawn.Subtype, drawn.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 260, 20]
        drawn.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        one = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[300, 600, 560, 620], AP=pikepdf.Dictionary(N=drawn)
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(one)])

    said = read(sandbox, changed(drawn(tmp_path / "a.pdf", "first page", "second page"), stamp))
    assert said.one("annotations").text == "page 1: REVIEWED by J. Clerk, 3 March 2018\n"
    assert [page.text.strip() for page in said.pages()] == ["first page", "second page"]
    assert (said.outcome, said.ended.kind) == ("read", "done")
