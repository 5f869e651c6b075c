"""An original that somebody changes while it is read, and puts back afterwards: what was hashed is what is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sealed_archive import wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.digests import digest_of
from unburnt.base.errors import NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.flow.content import Content
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

TRUE = b"The commander never signed the order.\n"
FALSE = TRUE.replace(b"never", b"twice")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "order.txt").write_bytes(TRUE)
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([tmp_path / "m"], options=Options(reads=False))
    return tmp_path / "archive"


def _write(root: Path, data: bytes) -> None:
    path = Objects(Layout.open(root)).path(digest_of(TRUE))
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(data)


def test_what_was_hashed_is_what_is_given_to_a_reader(root: Path) -> None:
    layout = Layout.open(root)
    content = Content(Objects(layout), Derived(layout), Catalog(layout.catalog))
    with content.open_unchanged(digest_of(TRUE)) as file:
        _write(root, FALSE)
        assert file.read() == TRUE
        assert os.pread(file.fileno(), 100, 0) == TRUE
    with pytest.raises(NotFound, match="changed since they were received"):
        content.open_unchanged(digest_of(TRUE))
    _write(root, TRUE)
    content.open_unchanged(digest_of(TRUE)).close()


def test_a_reading_made_while_the_original_flickers_is_of_the_original_or_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Content.open_unchanged

    def then_changed(self: Content, digest: str) -> object:
        file = opened(self, digest)
        _write(root, FALSE)
        return file

    monkeypatch.setattr(Content, "open_unchanged", then_changed)
    with Archive.open(root) as archive:
        archive.retry()
        _write(root, TRUE)
        assert [part.text for part in archive.parts(digest_of(TRUE))] == [TRUE.decode()]
        assert wrong(Seals(archive).verify(rederive=None)) == {}
