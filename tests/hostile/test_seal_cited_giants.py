"""A member of a giant container is found from the slice before it, and of a split archive in the set that was read.

Both stand in derived records, which somebody may have changed: only the record that the sealed history names counts.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.forged_views import FORGED, change_record, digest_of, list_member, promoted, proved, put, sql
from tests.material import tarred
from tests.rar_volumes_made import rar5_volumes
from tests.seal_proofs import CHECKER
from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import archive_of, for_one_test
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.errors import NotFound
from unburnt.base.limits import Limits

READ = Options(ocr=False, workers=2, isolate_each=True, limits=Limits(slice_members=10))
NESTED = tarred({"order.txt": FORGED})
GIANT = tarred({f"notes/{i}.txt": f"Note {i} about the road.".encode() for i in range(30)} | {"holder.bin": b"." * 512 + NESTED})
SPLIT = {f"reports/{i}.txt": f"Report {i} from the depot.\n".encode() * 40 for i in range(4)}
VOLUMES = rar5_volumes(SPLIT, 1_500)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"giant.tar": GIANT} | {f"split.part{number}.rar": volume for number, volume in enumerate(VOLUMES, 1)}
    made = archive_of(tmp_path_factory.mktemp("made"), files, READ)
    with Archive.open(made / "archive") as archive:
        assert archive.count("depot") == len(SPLIT)
    return made


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = for_one_test(made, tmp_path, monkeypatch)
    shutil.rmtree(root / "derived" / "members", ignore_errors=True)
    return root


def _last_slice(root: Path) -> str:
    connection = sqlite3.connect(root / "catalog.sqlite")
    key: str = connection.execute("SELECT key FROM slice ORDER BY number DESC LIMIT 1").fetchone()[0]
    connection.close()
    return key


def _lead_into(place: int) -> Any:
    """Have the next child begin at this byte."""
    def change(reading: Any) -> None:
        cursor = msgspec.msgpack.decode(b64decode(reading["rest"]["cursor"]))
        rest = msgspec.msgpack.decode(cursor["note"])
        cursor["note"] = msgspec.msgpack.encode([place, *rest[1:]])
        reading["rest"]["cursor"] = b64encode(msgspec.msgpack.encode(cursor)).decode()
    return change


def test_a_slice_that_somebody_changed_leads_nowhere(archive: Path) -> None:
    """Where its cursor was made to lead, inside a member, stands what looks like the header of another one."""
    change_record(archive, _last_slice(archive), _lead_into(GIANT.index(NESTED[:512])))
    digest = list_member(archive, digest_of(GIANT), FORGED)
    with Archive.open(archive) as opened, pytest.raises(NotFound):
        Seals(opened).prove(digest)
    assert promoted(archive) == []
    proved(archive, b"Note 29 about the road.")
    assert promoted(archive) == [(digest_of(GIANT), digest_of(b"Note 29 about the road."))]


def test_a_member_of_a_giant_container_is_taken_out_from_the_slice_before_it(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unburnt.flow.extraction import Extraction

    begun: list[int] = []
    extract = Extraction.extract

    def noted(self: Extraction, container: Any, member: str, before: Any = None) -> Any:
        begun.append(before.rest.members if before is not None else 0)
        return extract(self, container, member, before)

    monkeypatch.setattr(Extraction, "extract", noted)
    proved(archive, b"Note 29 about the road.")
    assert begun == [20]
    assert wrong(verification(archive)) == {}


def test_a_member_of_a_split_archive_is_taken_out_of_the_whole_set(archive: Path) -> None:
    content = SPLIT["reports/3.txt"]
    proved(archive, content)
    assert promoted(archive) == [(digest_of(VOLUMES[0]), digest_of(content))]


def test_a_set_that_only_the_catalogue_knows_proves_nothing(archive: Path) -> None:
    """As one file with another delivery in front, the volumes would hold something that no set ever held."""
    parts = [NESTED[:200], NESTED[200:]]
    (archive.parent / "more").mkdir()
    for number, part in enumerate(parts):
        (archive.parent / "more" / f"{number}.dat").write_bytes(part)
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "more"], options=Options(ocr=False))
    lead = digest_of(parts[0])
    digest = list_member(archive, lead, FORGED)
    for place, part in enumerate(parts):
        sql(archive, "INSERT INTO volume (lead, place, number, digest, used) SELECT number, ?, ?, ?, 1 FROM blob WHERE digest = ?",
            place, place + 1, digest_of(part), lead)
    put(archive, "derived/members", digest, FORGED)
    with Archive.open(archive) as opened:
        key = opened.key_of(lead)
    assert key is not None
    change_record(archive, key, lambda reading: reading.update(volumes=[[1, lead], [2, digest_of(parts[1])]]))
    with Archive.open(archive) as opened, pytest.raises(NotFound):
        Seals(opened).prove(digest)
    assert promoted(archive) == []
    assert json.dumps(wrong(verification(archive)))  # the changed record is named there


def test_a_text_of_a_split_archive_is_proven_with_every_volume(archive: Path) -> None:
    digests = [digest_of(volume) for volume in VOLUMES]
    with Archive.open(archive) as opened:
        made = Seals(opened).prove(digests[0], text=True)
        key = opened.key_of(digests[0])
        assert key is not None
        (archive.parent / "record.jsonl").write_bytes(b"".join(one + b"\n" for one in opened.cat(key)))
    assert made.volumes == tuple(digests)
    (archive.parent / "text.proof").write_bytes(made.proof)
    (archive.parent / "first.rar").write_bytes(VOLUMES[0])
    for command in (["-m", "unburnt", "check"], [str(CHECKER)]):
        done = subprocess.run([sys.executable, "-I", *command, "text.proof", "first.rar", "--text", "record.jsonl"],
                              cwd=archive.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert all(digest in done.stdout for digest in digests)
    record = (archive.parent / "record.jsonl").read_bytes()
    (archive.parent / "record.jsonl").write_bytes(record.replace(digests[1].encode(), b"0" * 64))
    for command in (["-m", "unburnt", "check"], [str(CHECKER)]):
        done = subprocess.run([sys.executable, "-I", *command, "text.proof", "first.rar", "--text", "record.jsonl"],
                              cwd=archive.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 3, done.stdout + done.stderr
