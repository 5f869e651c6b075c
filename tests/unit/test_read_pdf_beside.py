"""Words of a PDF that no page shows can be found: bookmarks, link targets, scripts, prompts, layers, descriptions of pictures and attachments."""

from __future__ import annotations

import io
import time

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from tests.read_by_child import Said, read
from unburnt.model.outcome import Outcome


def saved(pdf: pikepdf.Pdf) -> Said:
    file = io.BytesIO()
    pdf.save(file)
    return read(file.getvalue(), "a.pdf")


def blank() -> pikepdf.Pdf:
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page()
    return pdf


def lines(said: Said, label: str) -> list[str]:
    (part,) = [part for part in said.all_parts if part.label == label]
    return part.text.rstrip("\n").split("\n")


def test_bookmarks_stand_in_their_order_with_their_levels() -> None:
    pdf = blank()
    with pdf.open_outline() as outline:
        chapter = OutlineItem("第一章", 0)
        chapter.children.append(OutlineItem("inner", 0))
        outline.root += [chapter, OutlineItem("second", 0)]
    said = saved(pdf)
    assert said.outcome is Outcome.READ
    assert lines(said, "bookmarks") == ["第一章", "\tinner", "second"]


def test_bookmarks_that_lead_in_circles_end() -> None:
    pdf = blank()
    item = pdf.make_indirect(Dictionary(Title=String("round")))
    item.Next = item.First = item
    pdf.Root.Outlines = Dictionary(First=item)
    assert lines(saved(pdf), "bookmarks") == ["round"]


def test_targets_of_links_and_actions_and_scripts_are_text_and_nothing_runs() -> None:
    pdf = blank()
    pdf.pages[0].Annots = Array([
        pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.URI, URI=String("http://pdf.example/")))),
        pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.GoToR, F=String("秘密.pdf")))),
        pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 9, 9]), AA=Dictionary(K=Dictionary(S=Name.JavaScript, JS=pdf.make_stream(b"keystroke()"))))),
    ])  # fmt: skip
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[2]]))
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('opened')"), Next=Dictionary(S=Name.Launch, F=Dictionary(F=String("run.exe"))))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("one"), Dictionary(S=Name.JavaScript, JS=String("named()"))])))
    said = saved(pdf)
    assert lines(said, "links") == ["run.exe", "http://pdf.example/", "秘密.pdf"]
    assert lines(said, "scripts (never run)") == ["app.alert('opened')", "named()", "keystroke()"]
    assert "active-content" in [code for code, _ in said.notes]


def test_fields_give_their_values_prompts_and_choices() -> None:
    pdf = blank()
    pdf.Root.AcroForm = Dictionary(Fields=Array([
        pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("name"), TU=String("your name"), V=String("张三"))),
        pdf.make_indirect(Dictionary(FT=Name.Ch, T=String("pick"), V=String("b"), Opt=Array([String("a"), Array([String("b"), String("乙")])]))),
    ]))  # fmt: skip
    assert lines(saved(pdf), "form") == ["name\t张三", "name\tyour name", "pick\tb", "pick\ta", "pick\t乙"]


def test_layers_subjects_of_comments_and_descriptions_of_attachments_are_text() -> None:
    pdf = blank()
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, b"attached", filename="a.txt", description="descriptionword")
    pdf.Root.OCProperties = Dictionary(OCGs=Array([pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layerword")))]), D=Dictionary())
    pdf.pages[0].Annots = Array([
        pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), Subj=String("subjectword"), Contents=String("note"))),
    ])  # fmt: skip
    said = saved(pdf)
    assert lines(said, "layers") == ["layerword"]
    assert lines(said, "descriptions of attachments") == ["a.txt: descriptionword"]
    assert "subjectword\nnote" in said.text
    assert said.bytes == b"attached"


def test_what_a_tagged_file_tells_those_who_cannot_see_its_pictures_is_found() -> None:
    pdf = blank()
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    figure = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Figure, Alt=String("名单的照片,\r\n a photograph"), K=0))
    formula = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Span, ActualText=String("Переселение"), E=String("in full"), K=Array([1, 2])))
    hyphen = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Span, ActualText=String("-"), K=3))
    again = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Figure, Alt=String("second picture"), K=Dictionary(Type=Name.MCR, MCID=4)))
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array([figure, formula, hyphen, again, figure])))
    again.K = Array([again.K, document])  # hostile: in a circle
    root.K = document
    pdf.Root.StructTreeRoot = root
    said = saved(pdf)
    assert lines(said, "descriptions of pictures") == ["名单的照片, a photograph", "second picture"]
    assert lines(said, "texts in place of what is drawn") == ["Переселение", "in full"]


def element(pdf: pikepdf.Pdf, kids: object, **more: object) -> Dictionary:
    return pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Figure, K=kids, **more))


def test_descriptions_name_the_page_that_their_element_its_content_or_one_above_names() -> None:
    pdf = pikepdf.Pdf.new()
    for _ in range(6):
        pdf.add_blank_page()
    pages = [page.obj for page in pdf.pages]
    annotation = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), P=pages[4]))
    elements = Array([
        element(pdf, 0, Alt=String("of no page")),
        element(pdf, 0, Alt=String("its own"), ActualText=String("Переселение"), Pg=pages[1]),
        element(pdf, Dictionary(Type=Name.MCR, MCID=4, Pg=pages[2]), Alt=String("its content's")),
        element(pdf, Array([1, element(pdf, Array([2]), Pg=pages[2])]), Alt=String("a part's")),
        element(pdf, Array([element(pdf, Array([element(pdf, 3, Alt=String("one above's"))]))]), Pg=pages[3]),
        element(pdf, Dictionary(Type=Name.OBJR, Obj=annotation), Alt=String("a link's")),
        element(pdf, 0, Alt=String("its own"), Pg=pages[3]),
        element(pdf, 0, Alt=String("a page of nobody"), Pg=pdf.make_indirect(Dictionary(Type=Name.Page))),
    ])  # fmt: skip
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=elements))
    said = saved(pdf)
    parts = [(part.label, part.page, part.text.split("\n")[:-1]) for part in said.all_parts if part.kind != "page"]
    assert parts == [
        ("descriptions of pictures on page 2", 1, ["its own"]),
        ("descriptions of pictures on page 3", 2, ["its content's", "a part's"]),
        ("descriptions of pictures on page 4", 3, ["one above's", "its own"]),
        ("descriptions of pictures on page 5", 4, ["a link's"]),
        ("descriptions of pictures", None, ["of no page", "a page of nobody"]),
        ("texts in place of what is drawn on page 2", 1, ["Переселение"]),
    ]


def test_a_structure_of_very_many_elements_costs_little() -> None:
    pdf = blank()
    kids = pdf.make_indirect(Array([pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, K=number)) for number in range(20_000)]))
    for number in range(2000):  # hostile: each might be asked for the page of them all
        kids.append(pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, Alt=String(f"word {number}"), K=kids)))
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=kids))
    began = time.process_time()
    assert len(lines(saved(pdf), "descriptions of pictures")) == 2000
    assert time.process_time() - began < 10
