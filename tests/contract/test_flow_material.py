"""What an archive takes in, and what it leaves where it is."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import UsageError
from unburnt.model.views import Progress

_NOTHING = Options(reads=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "clerk.txt").write_text("this could betray the clerk\n")
    (folder / "notice.txt").write_text("a notice\n")
    return folder


def test_what_was_erased_is_not_taken_in_again_unless_it_is_asked_for(tmp_path: Path, source: Path) -> None:
    said: list[Progress] = []
    with Archive.create(tmp_path / "a") as archive:
        archive.add([source], options=_NOTHING)
        erased = archive.erase("clerk.txt")[0]
        archive.add([source], options=_NOTHING, tell=said.append)
        assert not archive._objects.has(erased)
        assert "1 files hold what was erased before" in said[-1].message
        assert not list((archive.root / "tmp").iterdir())
        archive.add([source], options=_NOTHING, readmit=True)
        assert archive._objects.has(erased)


def test_an_archive_in_its_own_material_is_a_line_of_the_ledger(tmp_path: Path, source: Path) -> None:
    with Archive.create(source / "sub" / "archive") as archive:
        archive.add([source], options=_NOTHING)
        rows = {row.path: row.reason for row in archive.ledger(limit=100).rows}
    assert set(rows) == {b"clerk.txt", b"notice.txt", b"sub/archive"}
    assert "never receives itself" in rows[b"sub/archive"]


def test_an_archives_own_folder_is_refused_as_material(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "a") as archive:
        for path in (archive.root, archive.root / "objects"):
            with pytest.raises(UsageError, match="its own folder"):
                archive.add([path], options=_NOTHING)


def test_everything_in_an_archive_is_the_owners_alone_whatever_the_mask_was(tmp_path: Path, source: Path) -> None:
    environment = os.environ | {"UNBURNT_DATA": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", f"""
import os; os.umask(0)
from unburnt.cli.main import main
try: main(["init", {str(tmp_path / 'a')!r}])
except SystemExit: pass
main(["-a", {str(tmp_path / 'a')!r}, "add", "--no-ocr", {str(source)!r}])
"""], check=True, env=environment, capture_output=True)
    open_to_others = [path for path in (tmp_path / "a").rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []


def test_json_steers_no_terminal_and_says_the_same(tmp_path: Path, source: Path) -> None:
    (source / "x\u202efdp.txt").write_text("zz \x1b[31m \u2066\n")
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    with Archive.create(tmp_path / "a") as archive:
        archive.add([source], options=Options(ocr=False))
    done = subprocess.run([sys.executable, "-m", "unburnt", "-a", str(tmp_path / "a"), "show", "--json", "x\u202efdp.txt"],
                          capture_output=True, check=True)
    assert not any(sign in done.stdout.decode() for sign in "\u202e\u2066\x1b")
    assert json.loads(done.stdout)["parts"][0]["text"] == "zz \x1b[31m \u2066\n"


READ_ONLY = """
set -e
mount -t tmpfs none "$1/disk"
cp -a "$1/a" "$1/disk/a"
mount -o remount,ro "$1/disk"
for verb in "status" "search notice --count" "verify" "show notice.txt"; do
    "$2" -m unburnt -a "$1/disk/a" $verb
done
"$2" -m unburnt -a "$1/disk/a" add "$1/m" && exit 9 || true
"""


def test_an_archive_behind_a_write_blocker_is_read_searched_and_verified(tmp_path: Path, source: Path) -> None:
    (tmp_path / "disk").mkdir()
    with Archive.create(tmp_path / "a") as archive:
        archive.add([source], options=Options(ocr=False))
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run([*unshare, "sh", "-c", READ_ONLY, "sh", str(tmp_path), sys.executable],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Nothing is wrong." in done.stdout
    assert "\n1\n" in done.stdout
    assert "Read-only" in done.stderr and "Traceback" not in done.stderr
