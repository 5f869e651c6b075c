"""A bag holds the originals and nothing that nobody asked for, and comes back into another archive unchanged."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bag_made import make_bag, manifest
from tests.material import ATTACHMENT, make_delivery
from unburnt.api import Archive
from unburnt.api.bags import BadBag, export_bag, import_bag
from unburnt.api.options import Options
from unburnt.api.seals import Seals
from unburnt.base.digests import digest_of
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError, UsageError
from unburnt.publish.bag_check import check_bag
from unburnt.vault.log.proof import Proof

NO_OCR = Options(ocr=False)
NOTE = "handed over under the bridge"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    base = tmp_path_factory.mktemp("shared")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=5)], note=NOTE, options=NO_OCR)
        yield archive


def everything(folder: Path) -> bytes:
    """All names and bytes of the bag, its own folder's name too."""
    pieces = [folder.name.encode()]
    for path in sorted(folder.rglob("*")):
        pieces.append(os.fsencode(path.relative_to(folder)))
        if path.is_file():
            pieces.append(path.read_bytes())
    return b"\n".join(pieces)


def tree(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "unburnt", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_original_is_in_the_bag_under_its_digest_and_three_programs_agree(shared: Archive, tmp_path: Path) -> None:
    written = export_bag(shared, everything=True, into=tmp_path)
    originals = {path.name: path.read_bytes() for path in (shared.root / "objects").rglob("*") if path.is_file()}
    payload = {path.name: path.read_bytes() for path in (written.folder / "data" / "objects").iterdir()}
    assert payload == originals
    assert (written.documents, written.bytes) == (len(originals), sum(map(len, originals.values())))
    library = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(written.folder)]
    assert subprocess.run(library, timeout=60, check=False).returncode == 0
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        coreutils = ["sha256sum", "--check", "--quiet", "--strict", name]
        assert subprocess.run(coreutils, cwd=written.folder, timeout=60, check=False).returncode == 0
    checked = check_bag(written.folder)
    assert (checked.warnings, checked.algorithms) == ((), ("sha256", "sha512"))
    assert written.folder.name == f"INTERNAL-UNCHECKED-bag-{checked.id}"


def test_the_bag_says_that_nobody_has_checked_it(shared: Archive, tmp_path: Path) -> None:
    folder = export_bag(shared, everything=True, into=tmp_path).folder
    for name in ("bag-info.txt", "unburnt/README.txt"):
        assert "INTERNAL, UNCHECKED" in (folder / name).read_text()


def test_no_name_no_time_and_no_delivery_is_in_a_bag_unless_asked_for(shared: Archive, tmp_path: Path) -> None:
    document = shared.document("village-1/notice-1.txt").document
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without = export_bag(shared, [document], into=tmp_path / "a").folder
    modified = str(os.stat(shared.root.parent / "delivery" / "village-1" / "notice-1.txt").st_mtime_ns)
    secrets = [b"village-1", b"notice-1.txt", b64encode(b"village-1/notice-1.txt"), modified.encode(), NOTE.encode(),
               os.fsencode(shared.root.parent)]
    said = everything(without).replace((without / "data" / "objects" / document).read_bytes(), b"")
    assert [secret for secret in secrets if secret in said] == []
    assert not (without / "unburnt" / "items.jsonl").exists()
    asked = export_bag(shared, [document], into=tmp_path / "b", names=True).folder
    lines = [json.loads(line) for line in (asked / "unburnt" / "items.jsonl").read_text().splitlines()]
    assert [(line["document"], b64decode(line["path"])) for line in lines] == [(document, b"village-1/notice-1.txt")]
    assert set(lines[0]) == {"document", "path", "shown"}
    assert NOTE.encode() not in everything(asked)


def test_each_document_has_a_proof_that_opens_digest_and_size_only_and_a_stranger_can_check(
    shared: Archive, tmp_path: Path
) -> None:
    written = export_bag(shared, everything=True, into=tmp_path)
    assert written.proofs == written.documents
    assert {frozenset(Proof.parse(path.read_bytes()).opened()) for path in proofs_in(written.folder)} == {
        frozenset({"digest", "size"})}
    for path in proofs_in(written.folder)[:4]:
        command = [sys.executable, "check_proof.py", f"unburnt/proofs/{path.name}", f"data/objects/{path.stem}"]
        ended = subprocess.run(command, cwd=written.folder, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def proofs_in(folder: Path) -> list[Path]:
    return sorted((folder / "unburnt" / "proofs").iterdir())


def test_a_document_from_inside_a_container_is_logged_by_itself_and_has_a_proof(shared: Archive, tmp_path: Path) -> None:
    member = digest_of(ATTACHMENT)
    written = export_bag(shared, [member], into=tmp_path)
    assert (written.documents, written.proofs) == (1, 1)
    (path,) = proofs_in(written.folder)
    command = [sys.executable, "check_proof.py", f"unburnt/proofs/{path.name}", f"data/objects/{member}"]
    ended = subprocess.run(command, cwd=written.folder, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_where_nothing_can_be_sealed_the_bag_says_which_share_has_no_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([make_delivery(tmp_path / "delivery", texts=2)], options=NO_OCR)
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "nowhere"))
    with Archive.open(tmp_path / "archive") as archive:
        received = archive.document("village-1/notice-1.txt").document
        (tmp_path / "out").mkdir()
        written = export_bag(archive, [received, digest_of(ATTACHMENT)], into=tmp_path / "out")
    assert (written.documents, written.proofs) == (2, 1)
    assert "1 of the files have none" in (written.folder / "unburnt" / "README.txt").read_text()


def test_a_proof_of_the_bag_is_the_one_that_prove_would_give(shared: Archive, tmp_path: Path) -> None:
    document = shared.document("village-1/notice-1.txt").document
    (path,) = proofs_in(export_bag(shared, [document], into=tmp_path).folder)
    one, other = Proof.parse(path.read_bytes()), Proof.parse(Seals(shared).prove(document).proof)
    assert (one.index, one.extra.digests, one.extra.keys) == (other.index, other.extra.digests, other.extra.keys)


def sealed_anew(folder: Path) -> None:
    """Make the tag manifests fit what lies in the bag, as somebody would who slips something in."""
    tags = {os.fsencode(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith("tagmanifest") and folder / "data" not in path.parents}
    for algorithm in ("sha256", "sha512"):
        (folder / f"tagmanifest-{algorithm}.txt").write_bytes(manifest(tags, algorithm))


def test_proofs_of_a_bag_are_checked_before_anything_is_taken(shared: Archive, tmp_path: Path) -> None:
    documents = [shared.document(f"village-{number}/notice-{number}.txt").document for number in (1, 2)]
    folder = export_bag(shared, documents, into=tmp_path).folder
    vkey = Seals(shared).state().vkey
    assert vkey is not None
    with Archive.create(tmp_path / "good") as archive:
        done = import_bag(archive, folder, options=NO_OCR)
        assert (done.proofs.count, done.proofs.signers, done.proofs.pinned) == (2, (vkey,), False)
        assert import_bag(archive, folder, keys=[vkey], options=NO_OCR).proofs.pinned
    first, second = proofs_in(folder)
    swapped = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(swapped)
    sealed_anew(folder)
    with Archive.create(tmp_path / "other") as archive:
        before = tree(archive.root)
        with pytest.raises(BadBag) as caught:
            import_bag(archive, folder, options=NO_OCR)
        assert len(caught.value.findings) == 2
        assert tree(archive.root) == before
        first.unlink()
        second.rename(second.with_name(f"{'0' * 64}.proof"))
        sealed_anew(folder)
        with pytest.raises(BadBag, match="not in the bag"):
            import_bag(archive, folder, options=NO_OCR)


def test_proofs_signed_by_another_key_than_the_one_asked_for_are_refused(shared: Archive, tmp_path: Path) -> None:
    folder = export_bag(shared, [digest_of(b"")], into=tmp_path).folder
    with Archive.create(tmp_path / "other") as archive:
        with pytest.raises(BadBag, match="not signed by the key"):
            import_bag(archive, folder, keys=[str(Seals(archive).state().vkey)], options=NO_OCR)
        assert archive.status().items == 0


def test_names_that_are_no_text_are_kept_as_bytes_and_shown_harmlessly(shared: Archive, tmp_path: Path) -> None:
    folder = export_bag(shared, everything=True, into=tmp_path, names=True).folder
    lines = [json.loads(line) for line in (folder / "unburnt" / "items.jsonl").read_text().splitlines()]
    assert (b"\xff\xfe-name.txt", "⟦FF⟧⟦FE⟧-name.txt") in {(b64decode(line["path"]), line["shown"]) for line in lines}
    assert sum(line["document"] == digest_of(b"") for line in lines) == 1
    copies = [b64decode(line["path"]) for line in lines if b"notice-0" in b64decode(line["path"])]
    assert copies == [b"village-0/notice-0.txt"]


def test_a_member_of_a_container_is_exported_by_itself(shared: Archive, tmp_path: Path) -> None:
    folder = export_bag(shared, [digest_of(ATTACHMENT)], into=tmp_path).folder
    assert (folder / "data" / "objects" / digest_of(ATTACHMENT)).read_bytes() == ATTACHMENT


def test_without_a_folder_the_bag_goes_into_out_and_nowhere_else_in_the_archive(shared: Archive) -> None:
    assert export_bag(shared, [digest_of(b"")]).folder.parent == shared.root / "out"
    with pytest.raises(UsageError):
        export_bag(shared, [digest_of(b"")], into=shared.root / "objects")


def test_a_bag_is_never_written_over_and_nothing_unfinished_stays(shared: Archive, tmp_path: Path) -> None:
    left = tmp_path / ".unfinished-bag-0011"
    (left / "data").mkdir(parents=True)
    first = export_bag(shared, [digest_of(b"")], into=tmp_path).folder
    before = tree(first)
    with pytest.raises(UsageError, match="before"):
        export_bag(shared, [digest_of(b"")], into=tmp_path)
    assert tree(first) == before
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_damaged_original_stops_the_export_and_leaves_nothing(shared: Archive, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(shared.root, root)
    victim = next(path for path in sorted((root / "objects").rglob("*")) if path.is_file() and path.stat().st_size)
    victim.chmod(0o600)
    victim.write_bytes(b"x" + victim.read_bytes()[1:])
    (tmp_path / "to").mkdir()
    with Archive.open(root) as archive, pytest.raises(DamagedArchive, match=victim.name):
        export_bag(archive, everything=True, into=tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_wishes_that_make_no_sense_are_refused_before_anything_is_written(shared: Archive, tmp_path: Path) -> None:
    for documents, everything_too in (([], False), ([digest_of(b"")], True)):
        with pytest.raises(UsageError):
            export_bag(shared, documents, everything=everything_too, into=tmp_path)
    with pytest.raises(NotFound):
        export_bag(shared, ["no such document"], into=tmp_path)
    with pytest.raises(UnburntError, match="no folder"):
        export_bag(shared, [digest_of(b"")], into=tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_bag_comes_into_another_archive_as_a_delivery_with_its_id(shared: Archive, tmp_path: Path) -> None:
    folder = export_bag(shared, everything=True, into=tmp_path).folder
    with Archive.create(tmp_path / "other") as other:
        done = import_bag(other, folder, options=NO_OCR)
        assert other.status().outcomes["waiting"] == 0
        assert {row.digest for row in other.ledger(limit=1_000).rows if row.digest} >= {
            path.name for path in (shared.root / "objects").rglob("*") if path.is_file()}
        (delivery,) = other.accessions()
        assert (delivery.id, done.accessions) == ("d1", ("d1",))
        assert done.bag.id in delivery.note
        assert import_bag(other, folder, options=NO_OCR).accessions == ("d2",)
        assert len(other.accessions()) == 1  # nothing was new


def test_tag_files_are_received_only_when_asked_for(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    with Archive.create(tmp_path / "archive") as archive:
        import_bag(archive, folder, options=NO_OCR)
        assert archive.status().items == 2
        import_bag(archive, folder, tag_files=True, options=NO_OCR)
        assert archive.document("bag-info.txt").document == digest_of((folder / "bag-info.txt").read_bytes())


def test_from_a_bad_bag_nothing_is_taken(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    (folder / "data" / "hello.txt").write_bytes(b"jello\n")
    with Archive.create(tmp_path / "archive") as archive:
        before = tree(archive.root)
        with pytest.raises(BadBag):
            import_bag(archive, folder, options=NO_OCR)
        assert tree(archive.root) == before


def test_what_was_changed_after_the_check_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_bag(tmp_path / "bag")
    with Archive.create(tmp_path / "archive") as archive:
        receive = archive.add

        def changed_at_the_last_moment(*arguments: object, **named: object) -> list[str]:
            (folder / "data" / "hello.txt").write_bytes(b"other")
            return receive(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(archive, "add", changed_at_the_last_moment)
        with pytest.raises(BadBag, match="changed after it had been checked"):
            import_bag(archive, folder, options=NO_OCR)


@pytest.mark.parametrize("tag_files", [False, True])
@pytest.mark.parametrize(("path", "what"), [
    ("data/slipped in.txt", "was not in the bag"), ("data/folder/hello.txt", "was not in the bag"),
    ("data/hello.txt", "was another file"),
])
def test_what_was_slipped_in_after_the_check_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, what: str, tag_files: bool
) -> None:
    """A drive may answer otherwise the second time; that the archive has these bytes from elsewhere helps nobody."""
    folder = make_bag(tmp_path / "bag")
    with Archive.create(tmp_path / "archive") as archive:
        import_bag(archive, folder, options=NO_OCR)
        receive = archive.add

        def slipped_in_at_the_last_moment(*arguments: object, **named: object) -> list[str]:
            (folder / path).write_bytes(b"slipped in")
            return receive(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(archive, "add", slipped_in_at_the_last_moment)
        with pytest.raises(BadBag, match=what):
            import_bag(archive, folder, tag_files=tag_files, options=NO_OCR)


def test_a_content_that_was_erased_here_is_no_fault_of_the_bag(tmp_path: Path) -> None:
    folder = make_bag(tmp_path / "bag")
    with Archive.create(tmp_path / "archive") as archive:
        import_bag(archive, folder, options=NO_OCR)
        archive.erase("hello.txt")
        import_bag(archive, folder, options=NO_OCR)
        assert not archive._objects.has(hashlib.sha256((folder / "data" / "hello.txt").read_bytes()).hexdigest())


def test_the_commands_end_with_3_for_a_bad_bag_and_name_each_thing(tmp_path: Path) -> None:
    good = make_bag(tmp_path / "good")
    bad = make_bag(tmp_path / "bad", tags={b"manifest-sha256.txt": manifest({b"data/x": b"", b"data/y": b""}, "sha256")})
    root = str(tmp_path / "archive")
    assert run("init", root).returncode == 0
    ended = run("-a", root, "import-bag", str(bad), "--no-ocr")
    assert ended.returncode == 3
    assert [line.partition(":")[0] for line in ended.stdout.splitlines()] == [
        "data/x", "data/y", "data/folder/other.txt", "data/hello.txt"]
    ended = run("-a", root, "import-bag", str(good), "--no-ocr")
    assert (ended.returncode, "received as d1" in ended.stderr) == (0, True)
    ended = run("-a", root, "export", "hello.txt", "folder/other.txt", "--bagit")
    assert ended.returncode == 0
    assert check_bag(Path(ended.stdout.strip())).folder.parent == tmp_path / "archive" / "out"
    assert run("-a", root, "export", "hello.txt", "--with-names").returncode == 2
