"""What an open archive tells of its seal follows what lies in its log, however often it was asked before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.seal_authority import Authority
from tests.sealed_archive import material, sealed_archive
from unburnt.api import Archive
from unburnt.api.seals import SealRequest, Seals


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def archive(tmp_path: Path, authority: Authority) -> Path:
    (tmp_path / "material").mkdir()
    return sealed_archive(tmp_path / "archive", material(tmp_path / "material"), authority)


def test_a_new_statement_is_told_at_once_and_a_spoilt_one_no_more(archive: Path, authority: Authority) -> None:
    with Archive.open(archive) as opened:
        seals = Seals(opened)
        before = seals.state().vouched
        assert sorted(one.kind for one in before) == ["countersigned", "timestamped"]
        assert seals.state().vouched == before
        query = seals.requests_for_timestamps(1)[0]
        seals.act(SealRequest(act="timestamp", answer=authority.reply(query)))
        assert len(seals.state().vouched) == 3
        document = opened.document("notice.txt").document
        assert len(seals.of_document(document).vouched) == 3
        for token in (archive / "log" / "timestamps").rglob("*.tsr"):
            data = bytearray(token.read_bytes())
            data[-1] ^= 1
            token.chmod(0o600)
            token.write_bytes(data)
        assert [one.kind for one in seals.state().vouched] == ["countersigned"]
        assert [one.kind for one in seals.of_document(document).vouched] == ["countersigned"]


def test_a_cited_member_is_found_by_who_asked_before_it_was_cited(archive: Path) -> None:
    with Archive.open(archive) as opened:
        seals = Seals(opened)
        member = opened.document("case.zip!/inside.txt").document
        assert seals.of_document(member).event is None
        event = seals.prove(member).event
        assert seals.of_document(member).event == event
        assert Seals(opened).of_document(member).event == event
