"""ISO images, CPIO, AR and RPM: what libarchive's writers put in comes out; what is made by hand here they do not write."""

from __future__ import annotations

import gzip
import os
import random
import struct
from pathlib import Path

import pytest

os.environ.setdefault("LIBARCHIVE", "libarchive.so.13")
import libarchive
from libarchive.entry import FileType

from tests.archives_made import seen
from unburnt.model.outcome import Outcome

MEMBERS = {"report.txt": "第三号指示".encode() * 500, "папка/сводка.csv": b"1,2\r\n" * 3000, "通知/关于进一步加强管理的通知.txt": b"x" * 5000, "e.txt": b""}
EXPECTED = sorted((name.encode(), data) for name, data in MEMBERS.items())


def written(path: Path, form: str, members: dict[str, bytes] = MEMBERS, options: str = "") -> bytes:
    with libarchive.file_writer(str(path), form, options=options) as archive:
        folders = sorted({str(parent) for name in members for parent in Path(name).parents if str(parent) != "."})
        for folder in folders if not form.startswith("ar") else []:
            archive.add_file_from_memory(folder, 0, b"", filetype=FileType.DIRECTORY, permission=0o755)
        for name, data in members.items():
            archive.add_file_from_memory(name, len(data), data, mtime=1486375200)
    return path.read_bytes()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return tmp_path / "made"


@pytest.mark.parametrize(("options", "names"), [("", "Rock Ridge"), ("!rockridge", "Joliet")])
def test_an_image_of_a_disc_gives_back_its_files_under_their_whole_names(made: Path, options: str, names: str) -> None:
    result = seen(written(made, "iso9660", options=options), name="a.iso")
    assert result.type == "application/x-iso9660-image"
    assert sorted(result.members) == EXPECTED
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)
    times = {one.modified for one in result.began.values()}
    assert times == {"2017-02-06T10:00:00+00:00"}


def test_an_image_with_short_names_only_is_read_too(made: Path) -> None:
    plain = {"REPORT.TXT": b"one", "DIR/LIST.CSV": b"two"}
    result = seen(written(made, "iso9660", plain, "!rockridge,!joliet"), name="a.iso")
    assert sorted(result.members) == [(b"DIR/LIST.CSV", b"two"), (b"REPORT.TXT", b"one")]


def test_a_file_that_only_one_list_of_directories_has_is_not_missed(made: Path) -> None:
    data = bytearray(written(made, "iso9660", {"seen.txt": b"seen " * 500, "hidden.txt": b"hidden " * 500}))
    # The record of one file is taken out of Rock Ridge's tree, which libarchive writes after Joliet's name in capitals.
    at = data.index(b"HIDDEN.TXT;1") - 33
    length = data[at]
    following = data[at + length : (at // 2048 + 1) * 2048]
    data[at : (at // 2048 + 1) * 2048] = following + bytes(length)
    result = seen(bytes(data), name="a.iso")
    assert sorted(content[:6] for _, content in result.members) == [b"hidden", b"seen s"]
    assert "other-directory" in result.notes


def test_a_cut_image_gives_what_stands_before_the_cut(made: Path) -> None:
    whole = written(made, "iso9660", {f"{number:03}.bin": bytes([number]) * 5000 for number in range(100)})
    result = seen(whole[: len(whole) * 2 // 3], name="a.iso")
    assert (result.outcome, result.is_whole, result.expected) == (Outcome.PARTIAL, True, 100)
    assert "The image is cut off" in result.reason
    assert 10 < len(result.members) < 100
    assert all(data == bytes([int(path[:3])]) * 5000 for path, data in result.members)


def test_directories_that_lead_in_circles_end(made: Path) -> None:
    data = bytearray(written(made, "iso9660", {"a/b/c.txt": b"deep"}, "!rockridge,!joliet"))
    root = struct.unpack_from("<I", data, 16 * 2048 + 158)[0]
    at = data.index(b"\x01B", root * 2048) - 32
    data[at + 2 : at + 6] = struct.pack("<I", root)
    result = seen(bytes(data), name="a.iso")
    assert (result.outcome, result.members) == (Outcome.EMPTY, [])


def test_a_disc_of_udf_alone_is_named() -> None:
    data = bytes(32769) + b"BEA01".ljust(2047, b"\0") + b"\0NSR02".ljust(2048, b"\0")
    assert (seen(data, name="a.iso").outcome, "UDF" in seen(data).reason) == (Outcome.UNSUPPORTED, True)


@pytest.mark.parametrize("form", ["cpio_newc", "cpio"])
def test_cpio_gives_back_what_went_in(made: Path, form: str) -> None:
    result = seen(written(made, form))
    assert sorted(result.members) == EXPECTED
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)


def binary_cpio(name: bytes, data: bytes, order: str) -> bytes:
    head = struct.pack(order + "13H", 0o070707, 0, 0, 0o100644, 0, 0, 1, 0, 0, 0, len(name) + 1, 0, len(data))
    return head + (name + b"\0").ljust((len(name) + 2) // 2 * 2, b"\0") + data.ljust((len(data) + 1) // 2 * 2, b"\0")


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_old_binary_form_of_cpio_is_read_in_both_orders_of_bytes(order: str) -> None:
    result = seen(binary_cpio(b"old.txt", b"odd", order) + binary_cpio(b"TRAILER!!!", b"", order))
    assert (result.outcome, result.members) == (Outcome.READ, [(b"old.txt", b"odd")])


def crc_cpio(name: bytes, data: bytes, checksum: int) -> bytes:
    values = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, checksum)
    head = b"070702" + b"".join(b"%08x" % value for value in values) + name + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def test_a_wrong_checksum_and_a_cut_are_told() -> None:
    result = seen(crc_cpio(b"good", b"abc", sum(b"abc")) + crc_cpio(b"bad", b"abc", 1))
    assert (result.members, result.failures) == ([(b"good", b"abc")], [(b"bad", "damaged")])
    assert "no end mark" in result.reason
    cut = seen(crc_cpio(b"cut", b"abc" * 100, 0)[:-50])
    assert (cut.outcome, cut.failures) == (Outcome.PARTIAL, [(b"cut", "damaged")])


@pytest.mark.parametrize("form", ["ar_bsd", "ar_svr4"])
def test_ar_gives_back_what_went_in(made: Path, form: str) -> None:
    members = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "a_name_that_is_longer_than_sixteen.txt": b"1234"}
    options = ""
    if form == "ar_svr4":
        # GNU's long names stand in a table in front, which libarchive wants to be given.
        table = b"a_name_that_is_longer_than_sixteen.txt/\n"
        data = b"!<arch>\n" + ar_member(b"//", table) + b"".join(
            ar_member(b"/0" if len(name) > 15 else name.encode() + b"/", body) for name, body in members.items()
        )  # fmt: skip
    else:
        data = written(made, form, members, options)
    result = seen(data, name="a.deb")
    assert result.members == [(name.encode(), body) for name, body in members.items()]
    assert (result.outcome, result.is_whole) == (Outcome.READ, True)


def ar_member(name: bytes, data: bytes) -> bytes:
    return name.ljust(16) + b"1486375200  0     0     100644  " + str(len(data)).encode().ljust(10) + b"`\n" + data + b"\n" * (len(data) % 2)


def test_damage_in_an_ar_archive_is_told_and_a_thin_one_has_nothing() -> None:
    damaged = seen(b"!<arch>\n" + ar_member(b"ok/", b"12") + b"garbage" * 20)
    assert (damaged.outcome, damaged.members) == (Outcome.PARTIAL, [(b"ok", b"12")])
    thin = seen(b"!<thin>\n" + ar_member(b"gone.o/", b"")[:48] + b"99999     `\n" + ar_member(b"too.o/", b""))
    assert thin.failures == [(b"gone.o", "not-received"), (b"too.o", "not-received")]


def rpm(tags: dict[int, bytes], payload: bytes) -> bytes:
    def header(values: dict[int, bytes]) -> bytes:
        index, store = b"", b""
        for tag, text in values.items():
            index += struct.pack(">4I", tag, 6, len(store), 1)
            store += text + b"\0"
        return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">2I", len(values), len(store)) + index + store

    signature = header({1000: b"sig"})
    return b"\xed\xab\xee\xdb".ljust(96, b"\0") + signature + bytes(-len(signature) % 8) + header(tags) + payload


def test_a_package_gives_its_payload_which_is_an_archive_in_turn(made: Path) -> None:
    payload = gzip.compress(written(made, "cpio_newc"))
    result = seen(rpm({1000: b"tool", 1001: b"1.0", 1002: b"2", 1004: "подпись".encode(), 1125: b"gzip"}, payload))
    assert result.members == [(b"tool-1.0-2.cpio.gz", payload)]
    (inner,) = seen(payload, name="tool-1.0-2.cpio.gz").members
    assert sorted(seen(inner[1], name=inner[0].decode()).members) == EXPECTED
    assert seen(rpm({1000: b"t"}, b"")).outcome is Outcome.PARTIAL
    assert seen(rpm({1000: b"t"}, b"")[:120]).outcome is Outcome.DAMAGED


@pytest.mark.parametrize("form", ["iso9660", "cpio_newc", "cpio", "ar_bsd"])
def test_changed_bytes_never_leave_the_reader_as_an_accident(made: Path, form: str) -> None:
    whole = written(made, form, {"a.txt": b"one " * 100, "b.txt": b"two"})
    chance = random.Random(form)
    start = 16 * 2048 if form == "iso9660" else 8
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(20):
            damaged[chance.randrange(start, len(damaged))] = chance.randrange(256)
        assert seen(bytes(damaged)).outcome is not Outcome.WAITING


