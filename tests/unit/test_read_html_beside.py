"""HTML pages: what stands beside the running text is found too, and spoils the running text nowhere."""

from __future__ import annotations

import base64
import html
import time
from xml.etree import ElementTree

from tests.read_by_child import Said, read
from unburnt.model import frames
from unburnt.model.outcome import Outcome

LETTER = "Отчёт о переселении, стр. 1. " * 20


def page(inside: str, head: str = "") -> Said:
    return read(f'<!doctype html><html><head><meta charset="utf-8">{head}</head><body>{inside}</body></html>'.encode(), "a.html")


def part(said: Said, label: str) -> str:
    """The text of the one part that is called *label*."""
    (found,) = [one.part for one in said.frames if isinstance(one, frames.PartFrame) and one.part.label == label]
    return found.text


def test_link_targets_are_found_beside_the_running_text() -> None:
    said = page('<p>See <a href="https://dump.example/名单.xlsx?id=7">the <b>list</b></a> now</p><img src="x/seal.png" alt="Seal">'
                '<form action="/upload.php"></form><a href="#top">up</a>')  # fmt: skip
    assert said.parts[0].text == "See the list now\nSeal\nup\n"
    assert part(said, "links") == "the list: https://dump.example/名单.xlsx?id=7\nimg: x/seal.png\nform: /upload.php\n"


def test_tooltips_hints_and_labels_are_found() -> None:
    said = page('<p title="内部资料">a</p><input placeholder="ID number"><button aria-label="Send to  bureau"></button><p title="内部资料">')
    assert part(said, "titles and labels") == "内部资料\nID number\nSend to bureau\n"
    assert said.parts[0].text == "a\n"


def test_what_scripts_would_replace_and_templates_hold_is_kept_as_not_shown() -> None:
    said = page("<p>a</p><noscript><p>please <b>enable</b></p></noscript><template><li>row <a href='t.html'>more</a></li></template>"
                "<object data='m.swf'>film missing</object>")  # fmt: skip
    assert part(said, "not shown") == "please enable\nrow more\nfilm missing\n"
    assert "more: t.html" in part(said, "links")
    assert [one.hidden for one in said.parts if one.label == "not shown"] == [True]


def test_pages_within_pages_are_read_as_pages() -> None:
    innermost = f"<p>deep {html.escape('<')} text</p>"
    inner = f'<p title="tip">frame</p><!-- aside --><iframe srcdoc="{html.escape(innermost)}"></iframe>'
    said = page(f'<p>outer</p><iframe srcdoc="{html.escape(inner)}"></iframe>')
    assert sorted(part(said, "frames").splitlines()) == ["deep < text", "frame"]
    assert part(said, "titles and labels") == "tip\n" and part(said, "comments in the source") == "aside\n"
    assert said.parts[0].text == "outer\n"


def test_comments_are_a_part_of_their_own_and_scripts_are_none() -> None:
    data = b"<!-- first --><html><head><!-- in head --><script><!-- code --></script></head><body>a<!-- \xe5\x86\x85 -->b</body></html><!-- last -->"
    said = read(data, "a.html")
    assert said.parts[0].text == "ab\n"
    assert sorted(part(said, "comments in the source").splitlines()) == ["first", "in head", "last", "内"]


def test_the_styles_that_word_writes_into_every_page_are_left_out_of_its_comments() -> None:
    styles = "<w:LatentStyles DefLockedState='false'><w:LsdException Name='heading 1'/></w:LatentStyles>"
    said = page(f"a<!--[if gte mso 9]><xml><o:Author>王</o:Author>{styles}</xml><![endif]-->")
    assert part(said, "comments in the source") == "[if gte mso 9]><xml><o:Author>王</o:Author></xml><![endif]\n"


def test_drawings_and_formulas_give_their_words() -> None:
    said = page("<svg><style>.a{}</style><text>Gate 4</text></svg> <math><mi>n</mi></math>")
    assert said.parts[0].text == "Gate 4\nn\n"


def test_words_of_a_drawing_stand_on_lines_of_their_own() -> None:
    said = page('<svg><title>Plan</title><text x="1" y="9">Gate 4</text><text x="1" y="19">Tower <tspan fill="red">2</tspan>'
                '<tspan x="1" dy="1.2em">north</tspan><tspan x="1" dy="0">ern</tspan></text><desc>drawn by hand</desc></svg> end')  # fmt: skip
    assert said.parts[0].text == "Plan\nGate 4\nTower 2\nnorth ern\ndrawn by hand\nend\n"


def test_pieces_of_one_word_that_a_drawing_program_set_apart_stay_one_word() -> None:
    said = page('<svg><text y="9"><tspan x="0" y="0">T</tspan><tspan x="8.2" y="0">own</tspan><tspan x="0" y="12">plan</tspan></text></svg>')
    assert said.parts[0].text == "Town\nplan\n"


def test_elements_outside_drawings_that_are_called_as_theirs_change_nothing() -> None:
    assert page("<p>a<text>b</text><desc>c</desc>d</p>").parts[0].text == "abcd\n"


def test_a_drawings_title_is_not_the_pages() -> None:
    assert page("<svg><title>Arrow</title></svg>a").metadata.title is None
    assert page("<svg><title>Arrow</title></svg>a", head="<title>Order</title>").metadata.title == "Order"


def test_hidden_fields_and_data_for_scripts_are_kept() -> None:
    said = page('<p>a</p><input type="hidden" name="user" value="wang"><script type="application/ld+json">{"author": "Li"}</script>')
    assert (part(said, "hidden fields"), part(said, "data for scripts")) == ("user: wang\n", '{"author": "Li"}\n')


def test_embedded_data_becomes_members() -> None:
    letter, dot = base64.b64encode(LETTER.encode()).decode(), base64.b64encode(b"GIF89a").decode()
    said = page(f'<a href="data:text/plain;charset=utf-8;base64,{letter}">get</a><img src="data:image/gif;base64,{dot}">')
    assert said.bytes == LETTER.encode() and said.expected is not None and said.expected.members == 1
    assert len(said.parts) == 1


def test_embedded_texts_of_any_length_are_members_and_dots_of_a_layout_are_counted() -> None:
    note, dot = base64.b64encode("名单".encode()).decode(), base64.b64encode(b"GIF89a").decode()
    said = page(f'<a href="data:text/plain;base64,{note}">n</a><a href="data:,A%20note">m</a><img src="data:image/gif;base64,{dot}">'
                "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><text>Gate</text></svg>'><a href='data:,'>none</a>")  # fmt: skip
    assert "名单".encode() in said.bytes and b"A note" in said.bytes and b"<text>Gate" in said.bytes
    assert len(said.members) == 3 and said.expected is not None and said.expected.members == 3
    assert said.notes == [("small-pictures", "1 embedded pictures of fewer than 200 bytes are not taken out.")]


def test_a_page_that_only_scripts_would_fill_is_still_empty() -> None:
    said = page('<div id="root"></div><script src="app.js"></script>')
    assert said.outcome is Outcome.EMPTY and part(said, "links") == "script: app.js\n"


def test_a_page_as_another_program_writes_it_keeps_every_target() -> None:
    root = ElementTree.Element("html")
    body = ElementTree.SubElement(root, "body")
    for number in range(300):
        ElementTree.SubElement(body, "a", href=f"https://a.example/?q={number}&x=\"<", title=f"tip {number}").text = f"名 {number}"
    said = read(ElementTree.tostring(root, "utf-8", method="html"), "a.html")
    assert part(said, "links").splitlines() == [f"名 {number}: https://a.example/?q={number}&x=\"<" for number in range(300)]
    assert part(said, "titles and labels").count("\n") == 300


def test_anchors_within_anchors_and_templates_within_templates_end_soon() -> None:
    began = time.monotonic()
    said = page("<a href=x><object>" * 900 + "word " * 200_000)
    assert "word" in said.text
    page("<template>" * 1500 + "a" * 1_000_000)
    page("<noscript><div title=x>" * 900 + "word " * 100_000)
    assert time.monotonic() - began < 120


def test_white_space_is_folded_between_pieces_and_kept_where_it_is_preformatted() -> None:
    said = page(
        "<p> a <b> b\n</b>\tc </p>\n<p>d<br> <br>e</p><pre> f\n\n  g\t</pre> h <table><tr><td> i </td><td>j</td></tr></table>"
        "k \u00a0 l<input value=' m '><img alt='n  o'>",
    )  # fmt: skip
    assert said.parts[0].text == "a b c\nd\n\ne\n f\n\n  g\t\nh\ni\tj\nk \u00a0 l m n o\n"
