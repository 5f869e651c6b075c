"""Pictures and objects in rich text are members: an RTF file hides what it holds in long rows of digits."""

from __future__ import annotations

import struct

import pytest

from tests.ole_made import compound
from tests.read_by_child import read
from unburnt.read.formats.office.field_words import shown_words

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


def counted(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def packed(name: str, content: bytes, *, unicode_name: str = "") -> bytes:
    """A file as the program Packager wraps it (MS-OLEDS 2.3.6)."""
    label = name.encode() + b"\0"
    body = struct.pack("<H", 2) + label + b"C:\\" + label + struct.pack("<HH", 0, 3) + counted(label) + counted(content)
    for _ in range(3) if unicode_name else ():
        body += struct.pack("<I", len(unicode_name) + 1) + (unicode_name + "\0").encode("utf-16-le")
    return body


def embedded(kind: bytes, native: bytes, form: int = 2, topic: bytes = b"") -> bytes:
    return struct.pack("<II", 0x501, form) + counted(kind + b"\0") + counted(topic) + counted(b"") + counted(native)


def rtf(*groups: bytes) -> bytes:
    return b"{\\rtf1\\ansi words " + b"".join(groups) + b"}"


def in_object(data: bytes) -> bytes:
    digits = data.hex().encode()
    return b"{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + digits[:21] + b"\r\n" + digits[21:] + b"}{\\result {\\pict\\pngblip " + PNG.hex().encode() + b"}}}"


def test_a_wrapped_file_comes_out_under_its_own_name_and_picture_beside_it() -> None:
    said = read(rtf(in_object(embedded(b"Package", packed("??.txt", b"names", unicode_name="名单.txt")))), "a.rtf")
    assert said.members == [b"object 1", b"picture 2.png"]
    assert said.bytes == b"names" + PNG and said.text == "words "
    assert [getattr(one, "name", "") for one in said.frames if type(one).__name__ == "MemberBegan"] == ["名单.txt", "picture 2.png"]
    assert said.expected is not None and said.expected.members == 2


def test_a_document_inside_is_a_file_and_one_that_only_leads_out_is_a_link() -> None:
    inner = compound({"Workbook": b"w" * 5000})
    linked = embedded(b"Word.Document.8", b"", form=1, topic=b"\\\\server\\plan.doc\0")
    said = read(rtf(in_object(embedded(b"Excel.Sheet.8", inner)), b"{\\object\\objlink{\\*\\objdata " + linked.hex().encode() + b"}}"), "a.rtf")
    assert said.bytes == inner + PNG
    assert [part.text for part in said.all_parts if part.label == "linked objects"] == ["\\\\server\\plan.doc"]


def test_of_a_picture_in_two_forms_the_newer_comes_out_once() -> None:
    both = b"{\\*\\shppict{\\pict{\\*\\picprop}\\pngblip " + PNG.hex().encode() + b"}}{\\nonshppict {\\pict\\wmetafile8 00ff}}"
    said = read(rtf(both, b"{\\pict\\jpegblip\\bin4 \xff\xd8{}}"), "a.rtf")
    assert said.members == [b"picture 1.png", b"picture 2.jpg"] and said.bytes == PNG + b"\xff\xd8{}"


def test_a_bitmap_gets_the_head_of_a_file() -> None:
    bitmap = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 0, 0, 0, 0, 0) + b"\x01\x02\x03\0"
    said = read(rtf(b"{\\pict\\dibitmap0 " + bitmap.hex().encode() + b"}"), "a.rtf")
    assert said.bytes == b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + bitmap


@pytest.mark.parametrize("tail", [b"{\\pict 0", b"{\\pict\\bin99999999 ab", b"{\\*\\objdata 0105", b"{\\pict {\\pict {\\pict 00"])
def test_what_is_cut_off_ends_nothing(tail: bytes) -> None:
    said = read(b"{\\rtf1 words " + tail, "a.rtf")
    assert said.outcome == "partial" and said.text.startswith("words ")


def test_a_file_of_objects_alone_says_how_many_it_holds() -> None:
    said = read(b"{\\rtf1" + in_object(embedded(b"Package", packed("a.txt", b"x"))) + b"}", "a.rtf")
    assert (said.outcome, said.finished and said.finished.reason) == ("empty", "It holds no text of its own; 2 embedded files are listed.")


def test_a_star_in_the_middle_of_a_group_hides_no_text() -> None:
    assert read(b"{\\rtf1{\\*\\cs7 style}{\\f2\\i0\\*\\cs7\\cf0 The quick fox}}", "a.rtf").text == "The quick fox"


@pytest.mark.parametrize(("instruction", "shown"), [
    (r'EQ \* jc2 \* "Font:MS Mincho" \* hps11 \o\ad(\s\up 10(とうきょう),東京)', "東京(とうきょう)"),
    (r"EQ \o\ac(○,印)", "○印"), (r"eq \f(1,2)", "1/2"), (r"EQ \r(3,x\,y) + \s\up8(2)", "3 x,y + 2"), ("EQ ((\\", ""),
    ("MACROBUTTON NoMacro [Click here]", "[Click here]"), ("PAGE", ""), ("EQ", ""),
])  # fmt: skip
def test_words_that_stand_in_the_instruction_of_a_field_are_told(instruction: str, shown: str) -> None:
    assert shown_words(instruction) == shown


def test_rich_text_shows_such_a_field_where_it_has_no_result() -> None:
    field = rb"{\field{\*\fldinst { EQ \\o\\ac(A,B)}}{\fldrslt %s}}"
    assert read(b"{\\rtf1 x" + field % b"" + b"y" + field % b"seen" + b"z}", "a.rtf").text == "xAByseenz"
