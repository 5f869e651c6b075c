"""A bag is believed only when every byte and every line of it fits; the cases of RFC 8493 and of its conformance suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bag_made import DECLARATION, PAYLOAD, encoded, make_bag, manifest, put
from unburnt.base.errors import UnburntError
from unburnt.publish.bag_check import BadBag, Bag, check_bag
from unburnt.publish.bag_names import decoded

HELLO = {b"data/hello.txt": b"hello\n"}
SHA256 = "sha256"


def findings(folder: Path) -> dict[str, str]:
    with pytest.raises(BadBag) as caught:
        check_bag(folder)
    assert caught.value.exit_code == 3
    return {finding.item: finding.what for finding in caught.value.findings}


def library_accepts(folder: Path) -> bool:
    """What the Library of Congress's own program says."""
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(folder)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


# --- good bags ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0.93", "0.96", "0.97", "1.0"])
def test_a_whole_bag_of_any_known_version_is_accepted_and_listed(tmp_path: Path, version: str) -> None:
    name = b"package-info.txt" if version == "0.93" else b"bag-info.txt"
    folder = make_bag(tmp_path / "bag", version=version, tags={name: b"Payload-Oxum: 13.2\n"})
    bag = check_bag(folder)
    assert isinstance(bag, Bag)
    assert [(one.path, one.size) for one in bag.payload] == [("data/folder/other.txt", 7), ("data/hello.txt", 6)]
    assert bag.version == version
    assert bag.warnings == ()
    assert library_accepts(folder)


def test_a_bag_without_bag_info_and_with_an_empty_payload_is_a_bag(tmp_path: Path) -> None:
    bag = check_bag(make_bag(tmp_path / "bag", {}, tags={b"bag-info.txt": None}))
    assert bag.payload == () and bag.info == ()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("separator", [b"  ", b" ", b"\t", b" \t "])
def test_every_line_end_and_every_blank_of_the_standard_is_understood(tmp_path: Path, end: bytes, separator: bytes) -> None:
    lines = manifest(PAYLOAD, SHA256, separator=separator, end=end)
    declaration = (DECLARATION % b"1.0").replace(b"\n", end)
    assert check_bag(make_bag(tmp_path / "bag", tags={b"manifest-sha256.txt": lines, b"bagit.txt": declaration}))


def test_the_last_line_of_the_declaration_need_not_end(tmp_path: Path) -> None:
    assert check_bag(make_bag(tmp_path / "bag", tags={b"bagit.txt": (DECLARATION % b"1.0").rstrip(b"\n")}))


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "GB18030"])
def test_tag_files_are_read_in_the_encoding_that_the_bag_names(tmp_path: Path, encoding: str) -> None:
    payload = {"data/café.txt".encode(): b"x"}
    tags: dict[bytes, bytes | None] = {
        b"bagit.txt": b"BagIt-Version: 0.97\nTag-File-Character-Encoding: " + encoding.encode() + b"\n",
        b"manifest-sha256.txt": manifest(payload, SHA256).decode().encode(encoding),
        b"bag-info.txt": "Contact-Name: é\n".encode(encoding),
    }
    bag = check_bag(make_bag(tmp_path / "bag", payload, tags=tags, tagged=False))
    assert bag.info == (("Contact-Name", "é"),)
    assert [one.path for one in bag.payload] == ["data/café.txt"]


def test_repeated_and_folded_elements_of_bag_info_are_kept_in_order(tmp_path: Path) -> None:
    info = b"Source: a\nSource: b\nExternal-Description: one\n  two\n\tthree\nOdd   :   x:y\n"
    assert check_bag(make_bag(tmp_path / "bag", tags={b"bag-info.txt": info})).info == (
        ("Source", "a"), ("Source", "b"), ("External-Description", "one two three"), ("Odd", "x:y"))


def test_a_bag_within_a_bag_is_payload(tmp_path: Path) -> None:
    inner = {b"data/" + path: data for path, data in {**PAYLOAD, b"bagit.txt": DECLARATION % b"1.0"}.items()}
    assert len(check_bag(make_bag(tmp_path / "bag", inner)).payload) == 3


def test_line_breaks_and_percent_signs_of_names_are_encoded_and_only_those(tmp_path: Path) -> None:
    payload = {b"data/a\nb": b"1", b"data/c\rd": b"2", b"data/100%": b"3", b"data/%0A": b"4", b"data/ \xe2\x80\xa8x": b"5"}
    named = {encoded(os.fsdecode(path)).encode(): data for path, data in payload.items()}
    tags: dict[bytes, bytes | None] = {b"manifest-sha256.txt": manifest(named, SHA256)}
    bag = check_bag(make_bag(tmp_path / "bag", payload, tags=tags))
    assert {one.path for one in bag.payload} == {os.fsdecode(path) for path in payload}
    assert bag.warnings == ()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_an_encoded_name_stands_on_one_line_and_comes_back(name: str) -> None:
    assert not {"\n", "\r"} & set(encoded(name))
    assert decoded(encoded(name), "1.0") == name


def test_before_version_1_0_a_percent_sign_means_itself(tmp_path: Path) -> None:
    payload = {b"data/%25.txt": b"x", b"data/%7Edir/%t": b"y"}
    assert check_bag(make_bag(tmp_path / "bag", payload, version="0.97")).warnings == ()


def test_names_as_other_programs_write_them_are_understood_with_a_warning(tmp_path: Path) -> None:
    payload = {b"data/50%25.txt": b"x"}
    assert "percent" in check_bag(make_bag(tmp_path / "raw", payload)).warnings[0]
    starred = manifest(PAYLOAD, SHA256, separator=b" *")
    assert "checksum programs" in check_bag(
        make_bag(tmp_path / "starred", tags={b"manifest-sha256.txt": starred})).warnings[0]
    dotted = manifest({b"./" + path: data for path, data in PAYLOAD.items()}, SHA256)
    assert "checksum programs" in check_bag(
        make_bag(tmp_path / "dotted", tags={b"manifest-sha256.txt": dotted})).warnings[0]


def test_a_name_whose_letters_another_system_took_apart_is_found_with_a_warning(tmp_path: Path) -> None:
    composed, apart = "data/\u00e9.txt".encode(), "data/e\u0301.txt".encode()
    tags: dict[bytes, bytes | None] = {b"manifest-sha256.txt": manifest({composed: b"x"}, SHA256)}
    assert "composes" in check_bag(make_bag(tmp_path / "bag", {apart: b"x"}, tags=tags)).warnings[0]


@pytest.mark.parametrize(("one", "two"), [("data/a.txt", "data/A.txt"), ("data/\u00e9", "data/e\u0301"), ("data/ß", "data/SS")])
def test_names_that_other_systems_take_for_one_are_said(tmp_path: Path, one: str, two: str) -> None:
    bag = check_bag(make_bag(tmp_path / "bag", {one.encode(): b"1", two.encode(): b"2"}))
    assert len(bag.payload) == 2
    assert any("one file" in warning for warning in bag.warnings)


def test_weak_checksums_and_unprotected_tags_are_said(tmp_path: Path) -> None:
    bag = check_bag(make_bag(tmp_path / "bag", algorithms=("md5",), tagged=False))
    assert ["MD5" in bag.warnings[0], "tag manifest" in bag.warnings[1]] == [True, True]


def test_a_manifest_of_an_unknown_kind_is_said_beside_one_that_is_known(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"manifest-whirlpool.txt": b"00  data/hello.txt\n"})
    assert "cannot check" in check_bag(folder).warnings[0]


def test_the_same_line_twice_was_allowed_before_1_0(tmp_path: Path) -> None:
    lines = manifest(HELLO, SHA256) * 2
    folder = make_bag(tmp_path / "bag", HELLO, version="0.97", tags={b"manifest-sha256.txt": lines})
    assert "twice" in check_bag(folder).warnings[0]


# --- bags that are not as they should be ------------------------------------------------------------------


def test_where_there_is_no_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnburntError, match="no folder"):
        check_bag(tmp_path / "nowhere")


DECLARATIONS = {
    "blank before the colon": b"BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n",
    "blank after the version": b"BagIt-Version: 1.0 \nTag-File-Character-Encoding: UTF-8\n",
    "two blanks": b"BagIt-Version:  1.0\nTag-File-Character-Encoding: UTF-8\n",
    "no encoding": b"BagIt-Version: 1.0\n",
    "other order": b"Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n",
    "a third line": DECLARATION % b"1.0" + b"More: x\n",
    "byte-order mark": b"\xef\xbb\xbf" + DECLARATION % b"1.0",
    "UTF-16": (DECLARATION % b"1.0").decode().encode("utf-16"),
    "no major number": DECLARATION % b".97",
    "unknown version": DECLARATION % b"2.0",
    "unknown minor version": DECLARATION % b"1.1",
    "no such encoding": (DECLARATION % b"1.0").replace(b"UTF-8", b"EBCDIC"),
    "an encoding that is no text": (DECLARATION % b"1.0").replace(b"UTF-8", b"zlib_codec"),
    "empty": b"",
    "endless": DECLARATION % b"1.0" + b" " * 10_000,
}


@pytest.mark.parametrize("declaration", DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_declaration_that_is_not_exactly_the_standards_is_refused(tmp_path: Path, declaration: bytes) -> None:
    assert set(findings(make_bag(tmp_path / "bag", tags={b"bagit.txt": declaration}))) == {"bagit.txt"}


def test_without_its_declaration_it_is_no_bag(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"bagit.txt": None}, tagged=False)
    assert findings(folder) == {"bagit.txt": "It is missing: this is no bag."}


def test_without_manifest_or_payload_folder_it_is_no_bag(tmp_path: Path) -> None:
    assert "manifest" in findings(make_bag(tmp_path / "one", tags={b"manifest-sha256.txt": None}))
    folder = make_bag(tmp_path / "two", {})
    (folder / "data").rmdir()
    assert "data/" in findings(folder)


@pytest.mark.parametrize("path", ["data/hello.txt", "bagit.txt", "bag-info.txt", "manifest-sha256.txt"])
def test_one_changed_byte_anywhere_is_named(tmp_path: Path, path: str) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"bag-info.txt": b"Source: a\n"})
    data = bytearray((folder / path).read_bytes())
    data[-2] ^= 1
    (folder / path).write_bytes(data)
    assert path in findings(folder) or path == "manifest-sha256.txt"  # a changed line names another file


def test_a_missing_and_an_extra_file_are_named(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"bag-info.txt": None})
    (folder / "data" / "hello.txt").rename(folder / "data" / "slipped in.txt")
    found = findings(folder)
    assert "missing" in found["data/hello.txt"] and found["data/slipped in.txt"] == "No manifest lists it."


def test_a_missing_tag_file_is_named(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    (folder / "bag-info.txt").unlink()
    assert "bag-info.txt" in findings(folder)


def test_in_version_1_0_every_manifest_lists_every_file(tmp_path: Path) -> None:
    tags: dict[bytes, bytes | None] = {b"manifest-sha512.txt": manifest(HELLO, "sha512")}
    folder = make_bag(tmp_path / "new", algorithms=("sha256", "sha512"), tags=tags)
    assert "manifest-sha512.txt does not list it" in findings(folder)["data/folder/other.txt"]
    assert check_bag(make_bag(tmp_path / "old", version="0.97", algorithms=("sha256", "sha512"), tags=tags))


def test_two_manifests_that_disagree_are_refused(tmp_path: Path) -> None:
    tags: dict[bytes, bytes | None] = {b"manifest-sha512.txt": manifest({b"data/hello.txt": b"other"}, "sha512")}
    folder = make_bag(tmp_path / "bag", HELLO, algorithms=("sha256", "sha512"), tags=tags)
    assert findings(folder) == {"data/hello.txt": "Its bytes do not have the sha512 that the manifest gives."}


@pytest.mark.parametrize("version", ["0.97", "1.0"])
def test_a_file_listed_twice_with_two_checksums_is_refused(tmp_path: Path, version: str) -> None:
    lines = manifest(HELLO, SHA256) + manifest({b"data/hello.txt": b"other"}, SHA256)
    folder = make_bag(tmp_path / "bag", HELLO, version=version, tags={b"manifest-sha256.txt": lines})
    assert "twice" in findings(folder)["data/hello.txt"]


def test_a_file_listed_twice_is_refused_in_version_1_0_however_it_is_written(tmp_path: Path) -> None:
    for number, other in enumerate((b"data/hello.txt", b"./data/hello.txt")):
        lines = manifest(HELLO, SHA256) + manifest({other: b"hello\n"}, SHA256)
        folder = make_bag(tmp_path / str(number), HELLO, tags={b"manifest-sha256.txt": lines})
        assert "twice" in findings(folder)["data/hello.txt"]


OUTSIDE = [
    "../outside", "data/../../outside", "/etc/passwd", "~/secret", "~root/secret", "C:\\Windows\\x", "\\\\host\\share",
    "data\\..\\..\\x", "data/..\\..\\x", "bagit.txt", "data", "data/", "data//hello.txt", "data/./hello.txt", "./../x",
    "%2E%2E/x", "data/%0A/../../x", "fetch.txt", "data/a\x00b",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_is_not_plainly_inside_the_payload_is_refused(tmp_path: Path, path: str) -> None:
    lines = manifest(PAYLOAD, SHA256) + manifest({path.encode(): b"hello\n"}, SHA256)
    assert len(findings(make_bag(tmp_path / "bag", tags={b"manifest-sha256.txt": lines}))) == 1


@pytest.mark.parametrize("path", ["data/hello.txt", "../bag/bagit.txt", "/etc/passwd", "tagmanifest-sha256.txt"])
def test_a_tag_manifest_lists_tag_files_of_this_bag_only(tmp_path: Path, path: str) -> None:
    lines = manifest({path.encode(): b"hello\n"}, SHA256)
    folder = make_bag(tmp_path / "bag", tags={b"tagmanifest-sha256.txt": lines})
    assert "tagmanifest-sha256.txt" in findings(folder)[path]


@pytest.mark.parametrize("line", [b"no checksum data/hello.txt", b"abcd  data/hello.txt", b"0" * 64, b"0" * 64 + b"data/x"])
def test_a_line_that_is_no_entry_is_refused(tmp_path: Path, line: bytes) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"manifest-sha256.txt": manifest(PAYLOAD, SHA256) + line + b"\n"})
    assert "Line 3" in findings(folder)["manifest-sha256.txt"]


def test_a_manifest_in_another_encoding_or_with_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    good = manifest(PAYLOAD, SHA256)
    for number, lines in enumerate([b"\xef\xbb\xbf" + good, good.decode().encode("utf-16"), b"\xff" + good]):
        folder = make_bag(tmp_path / str(number), tags={b"manifest-sha256.txt": lines})
        assert "manifest-sha256.txt" in findings(folder)


@pytest.mark.parametrize("oxum", [b"13.3", b"12.2", b"13", b"", b"-1.2", b"9" * 40 + b".2"])
def test_a_payload_oxum_that_does_not_fit_is_refused(tmp_path: Path, oxum: bytes) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"bag-info.txt": b"Payload-Oxum: " + oxum + b"\n"})
    assert "13 bytes in 2 files" in findings(folder)["bag-info.txt"]


def test_an_element_without_a_colon_is_refused(tmp_path: Path) -> None:
    assert "Line 2" in findings(make_bag(tmp_path / "bag", tags={b"bag-info.txt": b"A: b\nno element\n"}))["bag-info.txt"]


def test_nothing_is_ever_fetched(tmp_path: Path) -> None:
    fetch = b"http://localhost:1/data/more.txt - data/more.txt\n"
    assert "network" in findings(make_bag(tmp_path / "bag", tags={b"fetch.txt": fetch}))["fetch.txt"]


def test_links_and_pipes_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    put(tmp_path, b"outside/x", b"hello\n")
    (folder / "data" / "hello.txt").unlink()
    (folder / "data" / "hello.txt").symlink_to(tmp_path / "outside" / "x")
    (folder / "more").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "data" / "pipe")
    assert set(findings(folder)) == {"data/hello.txt", "more", "data/pipe"}


def test_folders_nested_as_deep_as_paths_go_are_walked(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    places = [os.fsencode(folder / "data")]
    for _ in range(1_700):
        places.append(places[-1] + b"/d")
        os.mkdir(places[-1])
    assert len(check_bag(folder).payload) == 2
    with open(places[-1] + b"/x", "wb"):
        pass
    assert [what for item, what in findings(folder).items() if item.endswith("/x")] == ["No manifest lists it."]
    os.unlink(places[-1] + b"/x")
    for place in reversed(places[1:]):  # or pytest, which removes folders by recursion, cannot
        os.rmdir(place)


def test_an_endless_bag_info_is_refused(tmp_path: Path) -> None:
    assert "too long" in findings(make_bag(tmp_path / "bag", tags={b"bag-info.txt": b"A: b\n" + b" c\n" * 500_000}))[
        "bag-info.txt"]


def test_where_the_library_of_congress_program_is_too_kind_this_one_is_not(tmp_path: Path) -> None:
    declaration = b"BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n"
    folder = make_bag(tmp_path / "bag", tags={b"bagit.txt": declaration})
    assert library_accepts(folder)
    assert findings(folder)


def test_what_is_shown_of_a_hostile_name_is_harmless(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag", tags={b"bag-info.txt": None})
    put(folder, b"data/\x1b[31m\xff.txt", b"x")
    (item,) = findings(folder)
    assert item == "data/␛[31m⟦FF⟧.txt"
