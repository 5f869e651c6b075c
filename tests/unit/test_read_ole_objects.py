"""What is embedded in old office files comes out as files of its own: a workbook in a letter, a letter in a deck."""

from __future__ import annotations

import io
import struct
import zlib

import olefile

from tests.ole_made import Content, compound
from tests.read_by_child import Said, read
from tests.unit.test_read_doc import ZH, word
from tests.unit.test_read_ppt_masters import STRING, atom, container, presentation
from unburnt.read.formats.office.ole_container import open_ole, storages, stream_bytes
from unburnt.read.formats.office.ole_storages import rebuild
from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound

OBJECTS, LINK, STORED, SLIDE = 1033, 4055, 4113, 1006
EMF = b"\x01\0\0\0" + bytes(36) + b" EMF" + bytes(60)


def streams(file: bytes) -> Content:
    """All streams of a compound file, flat by their root's names."""
    ole = open_ole(io.BytesIO(file))
    return {path[0]: stream_bytes(ole, path) or b"" for path in storages(ole)}


def letter_with(**objects: Content) -> bytes:
    inside = streams(word(ZH))
    return compound({**inside, "ObjectPool": dict(objects)})


def deck_with(*stored: bytes, document: bytes = b"") -> bytes:
    """A deck whose directory names these records too."""
    plain = presentation(container(1016), container(SLIDE), document)
    ole = open_ole(io.BytesIO(plain))
    stream, user = stream_bytes(ole, ("PowerPoint Document",)) or b"", stream_bytes(ole, ("Current User",)) or b""
    last, places = struct.unpack_from("<I", user, 16)[0], []
    for one in stored:
        places.append(len(stream))
        stream += one
    directory = len(stream)
    stream += atom(6002, struct.pack(f"<I{len(places)}I", 10 | len(places) << 20, *places))
    edit = len(stream)
    stream += atom(4085, struct.pack("<IIIIIII", 256, 0, last, directory, 1, 20, 0))
    user = user[:16] + struct.pack("<I", edit) + user[20:]
    return compound({"PowerPoint Document": stream, "Current User": user})


def whole(said: Said) -> bool:
    return said.expected is not None and said.expected.members == len(said.members) + len(said.failed)


def test_a_document_inside_a_letter_becomes_a_file_that_is_read_like_any_other() -> None:
    inner = streams(word("内部附件"))
    said = read(letter_with(_1={"\x01CompObj": b"x", "\x03ObjInfo": b"y", **inner, "Deep": {"Deeper": {"a": b"kept"}}}), "a.doc")
    assert said.members == [b"ObjectPool/_1"] and not said.failed and whole(said)
    assert read(said.bytes, "_1").text.strip() == "内部附件"
    assert olefile.OleFileIO(said.bytes).openstream("Deep/Deeper/a").read() == b"kept"


def test_an_object_that_is_only_linked_shows_how_it_looks_and_one_of_nothing_is_named() -> None:
    said = read(letter_with(_1={"\x01Ole": b"link", "\x03EPRINT": EMF}, _2={"\x01Ole": b"link", "\x03ObjInfo": b"x"}), "a.doc")
    assert (said.members, said.bytes) == ([b"ObjectPool/_1"], EMF)
    assert [one.path for one in said.failed] == [b"ObjectPool/_2"] and whole(said)


def test_a_storage_keeps_which_program_it_belongs_to() -> None:
    program = bytes.fromhex("2008020000000000c000000000000046")
    ole = open_ole(io.BytesIO(write_compound([
        Entry("Root Entry", ROOT, children=[1]), Entry("MBD1", identifier=program, children=[2]), Entry("Workbook", STREAM, b"w" * 9000),
    ])))  # fmt: skip
    inner = olefile.OleFileIO(rebuild(ole, storages(ole), ("MBD1",)) or b"")
    assert inner.openstream("Workbook").read() == b"w" * 9000
    assert inner.root.clsid == "00020820-0000-0000-C000-000000000046"


def test_objects_of_a_deck_come_out_packed_or_not_and_broken_ones_are_counted() -> None:
    inner = word("附件")
    packed = struct.pack("<I", len(inner)) + zlib.compress(inner)
    said = read(deck_with(atom(STORED, packed, 1), atom(STORED, inner), atom(STORED, b"\1\0\0\0no", 1)), "a.ppt")
    assert said.members == [b"object 1", b"object 2"] and said.bytes == inner * 2
    assert [one.path for one in said.failed] == [b"object 3"] and whole(said)
    assert said.outcome == "partial"


def test_a_file_wrapped_in_a_deck_keeps_its_name() -> None:
    native = struct.pack("<H", 2) + "名单.txt\0C:\\名单.txt\0".encode() + bytes(4) + struct.pack("<I", 1) + b"\0" + struct.pack("<I", 5) + b"names"
    said = read(deck_with(atom(STORED, compound({"\x01Ole10Native": struct.pack("<I", len(native)) + native}))), "a.ppt")
    began = next(one for one in said.frames if type(one).__name__ == "MemberBegan")
    assert said.bytes == b"names" and getattr(began, "name", "") == "名单.txt"


def test_where_a_deck_leads_is_told() -> None:
    def link(*words: str) -> bytes:
        strings = (atom(STRING, text.encode("utf-16-le"), instance) for instance, text in enumerate(words))
        return container(LINK, atom(4051, bytes(4)), *strings)

    document = container(OBJECTS, link("the site", "https://a.example/"), link("", "https://b.example/", "", "part"), link("the site", "https://a.example/"))
    said = read(deck_with(document=document), "a.ppt")
    assert [part.text for part in said.all_parts if part.label == "links"] == ["the site: https://a.example/\nhttps://b.example/#part"]
