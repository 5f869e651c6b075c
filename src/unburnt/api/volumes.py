"""Whether what is written to a folder, or swapped out, ends encrypted on its medium; as far as Linux tells.

Read from ``/proc`` and ``/sys`` (proc(5), sysfs ``dm/uuid`` as cryptsetup writes it). Drives that encrypt
themselves look unencrypted from here, since nothing says whether a password protects them.
"""

from __future__ import annotations

import array
import fcntl
import os
import re
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

_ENCRYPTED_TYPES: Final = {"ecryptfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.encfs", "fuse.securefs", "fuse.veracrypt"}
_IN_MEMORY: Final = {"tmpfs", "ramfs"}
_GET_ENCRYPTION_POLICY: Final = 0xC0096616  # FS_IOC_GET_ENCRYPTION_POLICY_EX, linux/fscrypt.h
_DEEPEST_STACK: Final = 16


class Mount(NamedTuple):
    """One line of mountinfo: *device* is ``major:minor``, *source* what was mounted."""

    device: str
    point: str
    type: str
    source: str


def is_folder_encrypted(folder: Path) -> bool | None:
    """Whether files made in *folder* (or where it will be) lie encrypted; None where that cannot be known."""
    folder = nearest_existing(folder)
    mount = mount_of(folder, parse_mounts(Path("/proc/self/mountinfo").read_text(errors="surrogateescape")))
    if _has_encryption_policy(folder):
        return True
    return None if mount is None else _is_mount_encrypted(mount)


def unencrypted_swaps() -> list[str]:
    """The swap areas that write memory to a medium as it is, or of which nobody knows."""
    areas = parse_swaps(Path("/proc/swaps").read_text(errors="surrogateescape"))
    return [name for name, kind in areas if not _is_swap_safe(name, kind)]


def nearest_existing(folder: Path) -> Path:
    """*folder* itself, or the nearest folder above it that is there."""
    folder = Path(os.path.realpath(folder))
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def parse_mounts(text: str) -> list[Mount]:
    """The lines of a mountinfo file, proc(5)."""
    mounts = []
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if separator and len(left) >= 5 and len(right) >= 2:
            mounts.append(Mount(left[2], _unescape(left[4]), right[0], _unescape(right[1])))
    return mounts


def mount_of(path: Path, mounts: list[Mount]) -> Mount | None:
    """The mount that *path* lies on: the deepest one above it, of several the last, since it hides the others."""
    found: Mount | None = None
    for mount in mounts:
        holds = path.is_relative_to(mount.point)
        if holds and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def parse_swaps(text: str) -> list[tuple[str, str]]:
    """Name and kind (``partition`` or ``file``) of each line of /proc/swaps."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return [(_unescape(row[0]), row[1]) for row in rows if len(row) >= 2]


def is_device_encrypted(device: Path, depth: int = 0) -> bool | None:
    """Whether a block device (its folder in /sys) is, or stands wholly on, an encrypting one."""
    if depth > _DEEPEST_STACK or not device.exists():
        return None
    if _encrypts(device):
        return True
    if (device / "partition").exists():
        return is_device_encrypted(device.parent, depth + 1)
    backing = _line(device / "loop" / "backing_file")
    if backing:
        return is_folder_encrypted(Path(backing).parent)
    answers = [is_device_encrypted(Path(os.path.realpath(one)), depth + 1) for one in _below(device)]
    if not answers or False in answers:
        return False
    return None if None in answers else True


def _is_mount_encrypted(mount: Mount) -> bool | None:
    if mount.type in _ENCRYPTED_TYPES:
        return True
    if mount.type == "zfs":
        return _is_dataset_encrypted(mount.source)
    if mount.type in _IN_MEMORY:
        # Memory reaches a medium only through swap, which has a check of its own.
        return True
    device = mount.device
    if device.startswith("0:"):
        # btrfs and its like have a number of their own; the source names the device.
        try:
            number = os.stat(mount.source).st_rdev
        except OSError:
            return None
        if number == 0:
            return None
        device = f"{os.major(number)}:{os.minor(number)}"
    return is_device_encrypted(Path(os.path.realpath(f"/sys/dev/block/{device}")))


def _is_swap_safe(name: str, kind: str) -> bool:
    if kind == "file":
        return is_folder_encrypted(Path(name).parent) is True
    try:
        number = os.stat(name).st_rdev
    except OSError:
        return False
    device = Path(os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"))
    if device.name.startswith("zram"):
        # Compressed memory; it writes to a medium only where a backing device was given.
        return _line(device / "backing_dev") in ("", "none")
    return is_device_encrypted(device) is True


def _encrypts(device: Path) -> bool:
    uuid = _line(device / "dm" / "uuid")
    # cryptsetup also names verity and integrity devices CRYPT-: those check, and hide nothing.
    if uuid.startswith("CRYPT-") and not uuid.startswith(("CRYPT-VERITY", "CRYPT-INTEGRITY")):
        return True
    return _line(device / "dm" / "name").startswith("veracrypt")


def _below(device: Path) -> list[Path]:
    try:
        return sorted((device / "slaves").iterdir())
    except OSError:
        return []


def _is_dataset_encrypted(dataset: str) -> bool | None:
    try:
        answer = subprocess.run(
            ["zfs", "get", "-H", "-o", "value", "encryption", "--", dataset],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    value = answer.stdout.strip()
    return None if answer.returncode or not value else value != "off"


def _has_encryption_policy(folder: Path) -> bool:
    """Whether the file system encrypts this very folder (ext4, f2fs; fscrypt)."""
    buffer = array.array("B", (32).to_bytes(8, "little") + bytes(32))
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.ioctl(descriptor, _GET_ENCRYPTION_POLICY, buffer, True)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _line(file: Path) -> str:
    try:
        return file.read_text(errors="surrogateescape").strip()
    except OSError:
        return ""


def _unescape(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
