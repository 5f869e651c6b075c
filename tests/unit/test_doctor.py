"""The doctor: what it finds, and that it always answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from unburnt.api import Archive, volumes
from unburnt.api.checks import Check, doctor, warnings_before_import

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/mapper/vg-root rw
30 27 8:17 / /media/a\\040stick rw,nosuid - vfat /dev/sdb1 rw
31 27 0:50 /@home /home rw,relatime - btrfs /dev/nvme0n1p3 rw,subvol=/@home
32 31 0:60 / /home/reporter/vault rw - fuse.gocryptfs cipher rw
33 27 8:33 / /media/a\\040stick rw,nosuid - exfat /dev/sdc1 rw
a line that is no mount
"""


def device(sys_folder: Path, name: str, *, uuid: str = "", below: tuple[Path, ...] = ()) -> Path:
    """A block device as sysfs shows it."""
    made = sys_folder / name
    (made / "slaves").mkdir(parents=True)
    if uuid:
        (made / "dm").mkdir()
        (made / "dm" / "uuid").write_text(uuid + "\n")
    for one in below:
        (made / "slaves" / one.name).symlink_to(one)
    return made


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/etc/passwd", "ext4"),
        ("/home/reporter", "btrfs"),
        ("/home/reporter/vault/archive", "fuse.gocryptfs"),
        ("/home/reporter/vaults", "btrfs"),
    ],
)
def test_a_path_lies_on_the_deepest_mount_above_it(path: str, type_: str) -> None:
    mount = volumes.mount_of(Path(path), volumes.parse_mounts(MOUNTS))
    assert mount is not None
    assert mount.type == type_


def test_of_two_mounts_at_one_point_the_later_one_counts_and_spaces_are_read() -> None:
    mount = volumes.mount_of(Path("/media/a stick/archive"), volumes.parse_mounts(MOUNTS))
    assert mount == volumes.Mount("8:33", "/media/a stick", "exfat", "/dev/sdc1")


def test_a_plain_disk_is_not_encrypted(tmp_path: Path) -> None:
    assert volumes.is_device_encrypted(device(tmp_path, "sda")) is False


def test_a_partition_is_as_its_disk(tmp_path: Path) -> None:
    disk = device(tmp_path, "dm-3", uuid="CRYPT-LUKS2-0c8f-secret")
    partition = device(disk, "dm-3p1")
    (partition / "partition").write_text("1\n")
    assert volumes.is_device_encrypted(partition) is True


def test_a_logical_volume_on_luks_is_encrypted(tmp_path: Path) -> None:
    disk = device(tmp_path, "sda")
    luks = device(tmp_path, "dm-0", uuid="CRYPT-LUKS1-12ab-sda2_crypt", below=(disk,))
    volume = device(tmp_path, "dm-1", uuid="LVM-abcdef", below=(luks,))
    assert volumes.is_device_encrypted(volume) is True


def test_a_mirror_with_one_open_half_is_not_encrypted(tmp_path: Path) -> None:
    luks = device(tmp_path, "dm-0", uuid="CRYPT-LUKS2-12ab-left")
    plain = device(tmp_path, "sdb")
    assert volumes.is_device_encrypted(device(tmp_path, "md0", below=(luks, plain))) is False


@pytest.mark.parametrize("uuid", ["CRYPT-VERITY-1234-root", "CRYPT-INTEGRITY-1234-data", "LVM-1234"])
def test_checking_a_device_is_not_hiding_it(tmp_path: Path, uuid: str) -> None:
    assert volumes.is_device_encrypted(device(tmp_path, "dm-0", uuid=uuid)) is False


def test_veracrypt_is_known_by_its_name(tmp_path: Path) -> None:
    made = device(tmp_path, "dm-0", uuid="x")
    (made / "dm" / "uuid").write_text("\n")
    (made / "dm" / "name").write_text("veracrypt1\n")
    assert volumes.is_device_encrypted(made) is True


def test_of_an_unknown_device_nothing_is_claimed(tmp_path: Path) -> None:
    assert volumes.is_device_encrypted(tmp_path / "missing") is None


def test_devices_standing_on_each_other_in_a_ring_end(tmp_path: Path) -> None:
    first = device(tmp_path, "dm-0")
    second = device(tmp_path, "dm-1", below=(first,))
    (first / "slaves" / "dm-1").symlink_to(second)
    assert volumes.is_device_encrypted(first) is None


def test_swap_areas_are_read_with_spaces_in_their_names() -> None:
    text = "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 1 0 100\n/a\\040swap\\040file file 1 0 -2\n"
    assert volumes.parse_swaps(text) == [("/dev/zram0", "partition"), ("/a swap file", "file")]


def test_memory_is_no_medium() -> None:
    if not os.path.ismount("/dev/shm"):
        pytest.skip("no tmpfs here")
    assert volumes.is_folder_encrypted(Path("/dev/shm/not/there/yet")) is True


def test_every_finding_that_is_not_ok_says_what_it_costs(tmp_path: Path) -> None:
    checks = doctor(tmp_path)
    assert len(checks) == len({check.name for check in checks}) >= 10
    for check in checks:
        assert check.state in ("ok", "missing", "warning")
        assert check.finding.endswith(".")
        assert bool(check.cost) == (check.state != "ok")


def test_the_doctor_answers_for_a_place_that_cannot_be_looked_at() -> None:
    for root in (Path("/nowhere/at/all"), Path("/proc/1/root/x"), Path("a\0b"), Path("x" * 5000)):
        assert {"sandbox", "encrypted volume"} <= {check.name for check in doctor(root)}


def test_the_warnings_before_an_import_are_the_doctors(tmp_path: Path) -> None:
    expected = [check for check in doctor(tmp_path) if check.name.startswith("encrypted ") and check.state != "ok"]
    assert warnings_before_import(tmp_path) == expected


def test_without_programs_of_the_system_the_doctor_names_them(tmp_path: Path) -> None:
    checks = doctor_elsewhere(tmp_path, {"PATH": str(tmp_path)})
    assert checks["OCR, other scripts"].state == "missing"
    assert "tesseract-ocr-uig" in checks["OCR, other scripts"].remedy
    assert checks["sandbox"].state in ("warning", "missing")
    assert "bubblewrap" in checks["sandbox"].finding + checks["sandbox"].remedy or checks["sandbox"].state == "missing"


def test_a_tesseract_without_uyghur_is_called_missing(tmp_path: Path) -> None:
    (tmp_path / "eng.traineddata").touch()
    checks = doctor_elsewhere(tmp_path, {**os.environ, "TESSDATA_PREFIX": str(tmp_path)})
    assert checks["OCR, other scripts"].state == "missing"
    assert "Uyghur" in checks["OCR, other scripts"].finding
    assert "English" not in checks["OCR, other scripts"].finding


def test_the_command_prints_the_same_checks_for_people_and_for_programs(tmp_path: Path) -> None:
    environment = {**os.environ, "UNBURNT_DATA": str(tmp_path)}
    told, data = (
        subprocess.run(
            [sys.executable, "-m", "unburnt", "doctor", *options],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
        ).stdout.splitlines()
        for options in ([], ["--json"])
    )  # fmt: skip
    names = [json.loads(line)["name"] for line in data]
    assert len(names) >= 10
    assert [name for name in names if any(f"{name}: " in line for line in told)] == names


def test_the_public_name_is_the_function_whatever_was_imported_before() -> None:
    code = "import unburnt.api.checks as first; from unburnt.api import doctor; doctor()"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_an_archive_is_looked_at_where_there_is_one(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    with Archive.create(root) as archive:
        found = {check.name: check for check in doctor(root)}
        assert found["archive's privacy"].state == found["archive's keeper"].state == found["copies of members"].state == "ok"
        with archive.keeper():
            kept = {check.name: check for check in doctor(root)}["archive's keeper"]
            assert str(os.getpid()) in kept.finding
    root.chmod(0o755)
    assert {check.name: check for check in doctor(root)}["archive's privacy"].state == "warning"
    (root / "keeper.lock").write_text('{"pid":1,"since":"2026-01-01T00:00:00Z","started":0}')
    assert {check.name: check for check in doctor(root)}["archive's keeper"].state == "warning"
    assert "archive's keeper" not in {check.name for check in doctor(tmp_path)}


def test_the_command_finds_the_archive_that_it_is_called_in(tmp_path: Path) -> None:
    Archive.create(tmp_path / "archive").close()
    told = subprocess.run(
        [sys.executable, "-m", "unburnt", "doctor"], cwd=tmp_path / "archive" / "objects", capture_output=True, text=True,
        check=True, timeout=60,
    ).stdout  # fmt: skip
    assert "archive's privacy: " in told


def doctor_elsewhere(folder: Path, environment: dict[str, str]) -> dict[str, Check]:
    """What the doctor says in a process of its own with *environment*."""
    code = "import sys, msgspec; from unburnt.api.checks import doctor; print(msgspec.json.encode(doctor()).decode())"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return {check["name"]: msgspec.convert(check, Check) for check in json.loads(ended.stdout)}
