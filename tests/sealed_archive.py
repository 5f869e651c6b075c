"""A real archive with everything a seal can have: witness, timestamp, beacon, an erased document. For tests to spoil."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.seal_authority import Authority
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.api.witnesses import countersign, witness_key
from unburnt.model.audit import Verification

NOTICE = "关于拘留工作的通知\n"


def material(folder: Path) -> Path:
    """Two texts, one to be erased, and a zip with a member."""
    (folder / "notice.txt").write_text(NOTICE)
    (folder / "other.txt").write_text("居留许可\n")
    (folder / "gone.txt").write_text("to be erased\n")
    with zipfile.ZipFile(folder / "case.zip", "w") as package:
        package.writestr("inside.txt", "a member\n")
    return folder


def sealed_archive(root: Path, folder: Path, authority: Authority) -> Path:
    """Made through the public surface, with real engines and the keys of the tests' own folder."""
    with Archive.create(root) as archive:
        archive.add([folder], options=Options(ocr=False))
        archive.erase("gone.txt", why="asked for")
        seals = Seals(archive)
        seals.act(SealRequest(act="beacon", value="headline of the day", source="a newspaper"))
        witness = witness_key()
        key = seals.state().vkey
        assert key is not None
        answer = countersign(seals.request_for_witness(witness), trust=key)
        seals.act(SealRequest(act="countersigned", answer=answer, witness=witness))
        query = seals.requests_for_timestamps(1)[0]
        seals.act(SealRequest(act="timestamp", answer=authority.reply(query), root=authority.root.pem))
        archive.erase("other.txt", fields=["modified"], why="harmless")
    return root


def verification(root: Path) -> Verification:
    """The whole report of an archive as it is on disk."""
    with Archive.open(root) as archive:
        return Seals(archive).verify()


def wrong(report: Verification) -> dict[str, list[str]]:
    """What was found, the items by the check's name."""
    return {check.name: [one.item for one in check.findings] for check in report.checks if check.findings}
