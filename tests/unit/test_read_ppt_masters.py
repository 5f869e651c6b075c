"""What the masters of an old presentation show on every slide is text; their prompts are none. Records as MS-PPT 2.3 writes them."""

from __future__ import annotations

import struct

from tests.ole_made import compound
from tests.read_by_child import Said, read

DOCUMENT, SLIDE, MASTER, DRAWING, GROUP, SHAPE = 1000, 1006, 1016, 1036, 0xF003, 0xF004
LIST, PERSIST, FOOTERS, STRING, CHARACTERS, PLACEHOLDER, BOX, DATA = 4080, 1011, 4057, 4026, 4000, 3011, 0xF00D, 0xF011


def atom(kind: int, content: bytes, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4, kind, len(content)) + content


def container(kind: int, *inner: bytes, instance: int = 0) -> bytes:
    content = b"".join(inner)
    return struct.pack("<HHI", instance << 4 | 0xF, kind, len(content)) + content


def shape(text: str, *, placeholder: bool = False) -> bytes:
    data = container(DATA, atom(PLACEHOLDER, bytes(8))) if placeholder else container(DATA)
    return container(SHAPE, data, container(BOX, atom(CHARACTERS, text.encode("utf-16-le"))))


def footers(*words: str) -> bytes:
    strings = (atom(STRING, word.encode("utf-16-le"), instance) for instance, word in enumerate(words))
    return container(FOOTERS, atom(4058, bytes(4)), *strings)


def presentation(master: bytes, slide: bytes, document: bytes = b"") -> bytes:
    """One slide (object 2) on one master (object 3), both of *document* (object 1)."""
    listed = (container(LIST, atom(PERSIST, struct.pack("<IIiII", number, 0, 0, 256, 0)), instance=instance)
              for instance, number in ((1, 3), (0, 2)))  # fmt: skip
    stream, places = b"", []
    for one in (container(DOCUMENT, *listed, document), slide, master):
        places.append(len(stream))
        stream += one
    directory = len(stream)
    stream += atom(6002, struct.pack("<I3I", 1 | 3 << 20, *places))
    edit = len(stream)
    stream += atom(4085, struct.pack("<IIIIIII", 256, 0, 0, directory, 1, 4, 0))
    user = atom(4086, struct.pack("<III", 20, 0xE391C05F, edit) + bytes(12))
    return compound({"PowerPoint Document": stream, "Current User": user})


def parts(said: Said) -> dict[tuple[str, str], list[str]]:
    return {(part.kind, part.label): part.text.split("\n") for part in said.parts}


def test_texts_of_masters_and_footers_are_read_and_prompts_left_out() -> None:
    master = container(MASTER, container(DRAWING, container(
        GROUP, shape("Click to edit", placeholder=True), shape("内部文件"), container(GROUP, shape("grouped")), shape("*"))))  # fmt: skip
    slide = container(SLIDE, container(DRAWING, shape("slide word"), shape("own footer")), footers("1 May", "", "own footer"))
    said = parts(read(presentation(master, slide, footers("", "head", "foot")), "a.ppt"))
    assert said["slide", "1"] == ["slide word", "own footer", "1 May", ""]
    assert said["header", "masters"] == ["head", "foot", "内部文件", "grouped"]


def test_a_deck_whose_masters_hold_prompts_only_has_no_such_part() -> None:
    master = container(MASTER, container(DRAWING, shape("Click to edit", placeholder=True), shape("*")))
    assert list(parts(read(presentation(master, container(SLIDE, shape("word"))), "a.ppt"))) == [("slide", "1")]


def test_masters_that_nest_without_end_or_lie_about_their_length_keep_the_slides() -> None:
    deep = shape("deepest")
    for _ in range(500):
        deep = container(GROUP, deep)
    lying = struct.pack("<HHI", 0xF, SHAPE, 0xFFFFFFF0)
    for master in (container(MASTER, deep), container(MASTER, shape("kept"), lying), lying):
        assert parts(read(presentation(master, container(SLIDE, shape("word"))), "a.ppt"))["slide", "1"] == ["word"]
