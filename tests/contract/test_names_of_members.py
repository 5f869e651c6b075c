"""Names in containers: people see them decoded wherever a file is named, and the bytes stay at hand."""

from __future__ import annotations

import base64
import io
import json
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from unburnt.api import Archive
from unburnt.cli.main import unburnt

ROSTER, REPORT, LETTER, RECORD = "名册/墨玉县花名册.txt", "会议纪要.txt", "学习/تىزىملىك.txt", "會議紀錄/第一季.txt"
ATTACHED = "关于培训的通知.txt"


def zipped(members: dict[str, tuple[bytes, bytes, bool]]) -> bytes:
    """A ZIP of name: (name's bytes, extra field, UTF-8 flag): zipfile writes no other encoding, so its own bytes are replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, (raw, extra, _)) in enumerate(members.items()):
            entry = zipfile.ZipInfo(f"{number}".rjust(len(raw), "x"))
            entry.extra = extra
            archive.writestr(entry, f"content of {name}")
    data = bytearray(out.getvalue())
    for number, (raw, _, flagged) in enumerate(members.values()):
        own, at = f"{number}".rjust(len(raw), "x").encode(), -1
        while (at := data.find(own, at + 1)) >= 0:
            data[at : at + len(raw)] = raw
            flags = at - (46 - 8 if data[at - 46 : at - 42] == b"PK\x01\x02" else 30 - 6)
            data[flags + 1] |= 8 * flagged
    return bytes(data)


def unicode_field(raw: bytes, name: str) -> bytes:
    """Info-ZIP's extra field 0x7075 (APPNOTE.TXT 4.6.9): version, CRC of the header's name, the name in UTF-8."""
    body = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + name.encode()
    return b"\x75\x70" + len(body).to_bytes(2, "little") + body


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("source") / "delivery"
    folder.mkdir()
    (folder / "mixed.zip").write_bytes(zipped({
        ROSTER: (ROSTER.encode("gbk"), b"", False), REPORT: (REPORT.encode(), b"", True),
        LETTER: (b"xuexi/??.txt", unicode_field(b"xuexi/??.txt", LETTER), False),
    }))
    (folder / "short.zip").write_bytes(zipped({"一.txt": ("一.txt".encode("gbk"), b"", False)}))
    with tarfile.open(folder / "big5.tar", "w", encoding="big5", format=tarfile.GNU_FORMAT) as tar:
        entry = tarfile.TarInfo(RECORD)
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"12345"))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "通知"
    mail.set_content("see the file")
    mail.add_attachment(b"attached words", maintype="text", subtype="plain", filename=ATTACHED)
    (folder / "letter.eml").write_bytes(bytes(mail))
    with Archive.create(tmp_path_factory.mktemp("archive") / "a") as made:
        made.add([folder])
        yield made


def asked(archive: Archive, *command: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(unburnt, ["-a", str(archive.root), *command, "--json"], catch_exceptions=False)
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(("container", "names"), [
    ("mixed.zip", [ROSTER, REPORT, LETTER]), ("big5.tar", [RECORD]), ("short.zip", ["一.txt"]), ("letter.eml", [f"2/{ATTACHED}"]),
])  # fmt: skip
def test_members_are_listed_by_their_decoded_names_in_every_list(archive: Archive, container: str, names: list[str]) -> None:
    assert [row.shown for row in archive.document(container).members] == names
    [shown] = asked(archive, "show", container)
    assert [member["path"] for member in shown["members"]] == names  # type: ignore[attr-defined]
    assert set(names) <= {str(line["path"]) for line in asked(archive, "report")}
    assert set(names) <= {row.shown for row in archive.ledger(limit=500).rows}


@pytest.mark.parametrize(("container", "name"), [
    ("mixed.zip", ROSTER), ("mixed.zip", REPORT), ("mixed.zip", LETTER), ("big5.tar", RECORD), ("letter.eml", f"2/{ATTACHED}"),
])  # fmt: skip
def test_a_member_answers_to_the_name_that_is_shown(archive: Archive, container: str, name: str) -> None:
    view = archive.document(f"{container}!/{name}")
    assert [place.shown for place in view.occurrences] == [f"{container}!/{name}"]


def test_a_hit_is_named_as_people_read_it_and_its_bytes_are_given_to_programs(archive: Archive) -> None:
    [hit] = asked(archive, "search", "path:花名册")
    assert hit["paths"] == [f"mixed.zip!/{ROSTER}"]
    assert base64.b64decode(hit["paths_bytes"][0]) == b"mixed.zip!/" + ROSTER.encode("gbk")  # type: ignore[index]
    [found] = archive.search("path:花名册").hits
    assert found.shown == (f"mixed.zip!/{ROSTER}",)
    [shown] = asked(archive, "show", found.document)
    [item] = shown["items"]  # type: ignore[misc]
    assert (item["path"], base64.b64decode(item["path_bytes"])) == (f"mixed.zip!/{ROSTER}", b"mixed.zip!/" + ROSTER.encode("gbk"))


def test_names_are_the_same_after_a_rebuild_and_in_no_event(archive: Archive, tmp_path: Path) -> None:
    before = [row.shown for row in archive.ledger(limit=500).rows]
    lines = b"".join(path.read_bytes() for path in (archive.root / "events").iterdir())
    assert ROSTER.encode() not in lines and base64.b64encode(ROSTER.encode()) not in lines
    copy = shutil.copytree(archive.root, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
    with Archive.rebuild(copy) as rebuilt:
        assert sorted(row.shown for row in rebuilt.ledger(limit=500).rows) == sorted(before)
