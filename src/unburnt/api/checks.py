"""What this machine has, what it lacks, and what that costs the reader of a leak."""

from __future__ import annotations

import ctypes.util
import platform
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from unburnt.api import volumes
from unburnt.api.archive_checks import archive_checks
from unburnt.api.check import MISSING, OK, WARNING
from unburnt.api.check import Check as Check
from unburnt.base.settings import data_folder

_TOO_LITTLE_SPACE: Final = 5 << 30
_TOO_LITTLE_MEMORY: Final = 3 << 29
"""What an import may use at its peak."""
# As /proc/PID/comm has them: cut to 15 bytes.
_INDEXERS: Final = (
    "tracker-miner-f", "tracker-extract", "localsearch", "baloo_file", "baloo_file_extr", "recollindex", "updatedb",
    "tumblerd", "zeitgeist-daemo",
)  # fmt: skip


def doctor(archive_root: Path | None = None) -> list[Check]:
    """Every check, for the archive at *archive_root* or, without one, for the folder of new archives. Never raises."""
    root = archive_root or data_folder()
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("Python", _python),
        ("sandbox", _sandbox),
        ("OCR, Chinese", _chinese_ocr),
        ("OCR, other scripts", _tesseract),
        ("rare archives", _libarchive),
        ("encrypted volume", lambda: _volume(root)),
        ("encrypted swap", _swap),
        ("core dumps", _core_dumps),
        ("desktop indexers", _indexers),
        ("free space", lambda: _free_space(root)),
        ("memory", _memory),
        ("Chinese letters in the browser", _fonts),
    ]
    if _is_archive(root):
        checks += archive_checks(root)
    return [_guarded(name, check) for name, check in checks]


def _is_archive(root: Path) -> bool:
    try:
        return (root / "unburnt.toml").is_file()
    except (OSError, ValueError):
        return False


def warnings_before_import(root: Path) -> list[Check]:
    """What somebody should know before material is copied to *root*: its volume, and the swap. Never raises."""
    checks = [_guarded("encrypted volume", lambda: _volume(root)), _guarded("encrypted swap", _swap)]
    return [check for check in checks if check.state != OK]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - what cannot be found out is a finding, never the end of the others
        return Check(name, WARNING, f"This could not be found out ({type(error).__name__}).", "It may be lacking.")


def _python() -> Check:
    # An older one could not have started this.
    return Check("Python", OK, f"Python {platform.python_version()}.")


def _sandbox() -> Check:
    from unburnt.sandbox.rungs import BOTH, available_rungs

    rungs = available_rungs()
    if not rungs:
        return Check(
            "sandbox", MISSING, "Parsers cannot be locked in here.",
            "Nothing is read, unless --unsafe-parsers allows it; a hostile file could then do what you can do.",
            "Use Linux 5.13 or newer with Landlock switched on (lsm=landlock,... on the kernel's command line).",
        )  # fmt: skip
    if BOTH in rungs:
        return Check("sandbox", OK, "Parsers are locked in by bubblewrap, Landlock and seccomp.")
    return Check(
        "sandbox", WARNING, "Parsers are locked in by Landlock and seccomp; bubblewrap does not work here.",
        "A parser taken over by a hostile file has no second wall: it would share the system's process numbers "
        "and mounts.",
        _install("bubblewrap") + " Where it is installed, user namespaces may be switched off (user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns).",
    )  # fmt: skip


def _chinese_ocr() -> Check:
    from unburnt.read.ocr.available import ocr_state

    if ocr_state().chinese_engine:
        return Check("OCR, Chinese", OK, "rapidocr is here, with its models.")
    return Check(
        "OCR, Chinese", MISSING, "rapidocr is not installed.",
        "Scanned Chinese pages stay without text, or get a worse one from tesseract.", "Install unburnt again.",
    )  # fmt: skip


def _tesseract() -> Check:
    from unburnt.read.ocr.available import LANGUAGES, ocr_state

    name, state = "OCR, other scripts", ocr_state()
    if not state.languages and not state.can_find_rotation:
        return Check(
            name, MISSING, "tesseract, or all of its data, is not installed.",
            "Scanned pages in Uyghur, Russian, Kazakh and English are listed as needing OCR, and cannot be found.",
            _install(_tesseract_packages("", *LANGUAGES)),
        )  # fmt: skip
    lacking = {code: word for code, word in LANGUAGES.items() if code not in state.languages}
    if not state.can_find_rotation:
        lacking["osd"] = "pages that lie on their side"
    if not lacking:
        return Check(name, OK, f"tesseract is here, with {', '.join(LANGUAGES.values())}.")
    return Check(
        name, MISSING, f"tesseract is here, but not its data for: {', '.join(lacking.values())}.",
        "Such scanned pages stay without usable text.", _install(_tesseract_packages(*lacking)),
    )  # fmt: skip


def _tesseract_packages(*codes: str) -> str:
    return " ".join("-".join(["tesseract-ocr", *code.split("_")]).rstrip("-") for code in codes)


def _libarchive() -> Check:
    if ctypes.util.find_library("archive"):
        return Check("rare archives", OK, "libarchive is here.")
    return Check(
        "rare archives", MISSING, "libarchive is not installed.",
        "RAR and rarer archives are listed, but stay closed.", _install("libarchive13"),
    )  # fmt: skip


def _volume(root: Path) -> Check:
    encrypted = volumes.is_folder_encrypted(root)
    if encrypted:
        return Check("encrypted volume", OK, "The archive's volume is encrypted, or only in memory.")
    finding = (
        "Whether the archive's volume is encrypted cannot be told."
        if encrypted is None
        else "The archive's volume does not look encrypted."
    )
    return Check(
        "encrypted volume", WARNING, finding,
        "Whoever takes the computer or the drive can read everything, without a password.",
        "Keep archives on a volume under LUKS, VeraCrypt or fscrypt (name it with -a DIR or $UNBURNT_DATA).",
    )  # fmt: skip


def _swap() -> Check:
    areas = volumes.unencrypted_swaps()
    if not areas:
        return Check("encrypted swap", OK, "No memory is swapped out to an unencrypted medium.")
    return Check(
        "encrypted swap", WARNING, f"Memory is swapped out unencrypted ({len(areas)} swap areas).",
        "Text that was only looked at may remain on the medium for years.",
        "Encrypt swap with a random key (crypttab, option swap), use zram, or run swapoff -a.",
    )  # fmt: skip


def _core_dumps() -> Check:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    soft, _hard = resource.getrlimit(resource.RLIMIT_CORE)
    # A limit of nothing binds files only; a program behind a pipe decides for itself (core(5)). systemd's obeys.
    piped = pattern.startswith("|") and "systemd-coredump" not in pattern
    if not piped and soft == 0:
        return Check("core dumps", OK, "A crash writes no memory to disk.")
    finding = "A program of the system is handed the memory of crashed programs." if piped else "They are switched on."
    return Check(
        "core dumps", WARNING, finding,
        "A crash could leave document text or passwords on disk, outside the archive.",
        "As root: sysctl -w kernel.core_pattern=core; unburnt itself then allows none.",
    )  # fmt: skip


def _indexers() -> Check:
    running = sorted({name for name in _process_names() if name.startswith(_INDEXERS)})
    if not running:
        return Check("desktop indexers", OK, "None is running.")
    return Check(
        "desktop indexers", WARNING, f"Running: {', '.join(running)}.",
        "Archives ask to be left out, but a desktop's index or thumbnails may keep what was in the material's own folder.",
        "Exclude both folders in the desktop's search settings, or stop the indexer while you work.",
    )  # fmt: skip


def _process_names() -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield (entry / "comm").read_text(errors="replace").strip()
            except OSError:
                continue  # it ended meanwhile


def _free_space(root: Path) -> Check:
    free = shutil.disk_usage(volumes.nearest_existing(root)).free
    finding = f"{free / (1 << 30):.1f} GiB are free where the archive is."
    if free >= _TOO_LITTLE_SPACE:
        return Check("free space", OK, finding)
    return Check(
        "free space", WARNING, finding,
        "An archive needs up to twice the size of its material; an import stops when the disk is full, and goes on later.",
        "Free some space, or name another place with -a DIR or $UNBURNT_DATA.",
    )  # fmt: skip


def _memory() -> Check:
    text = Path("/proc/meminfo").read_text()
    available = int(text.partition("MemAvailable:")[2].split()[0]) << 10
    finding = f"{available / (1 << 30):.1f} GiB of memory are free."
    if available >= _TOO_LITTLE_MEMORY:
        return Check("memory", OK, finding)
    return Check(
        "memory", WARNING, finding,
        "Large files may end as 'stopped at a limit' or 'crashed', and reading them may slow everything down.",
        "Close other programs, or read on a machine with more.",
    )  # fmt: skip


def _fonts() -> Check:
    name = "Chinese letters in the browser"
    if shutil.which("fc-list") is None:
        return Check(name, OK, "Not looked for: there is no fontconfig, so probably no browser here either.")
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, timeout=30, check=False)
    if listed.stdout.strip():
        return Check(name, OK, "There are fonts for them; those for Uyghur come with unburnt.")
    return Check(
        name, MISSING, "No font has them.", "Chinese text shows as boxes.", _install("fonts-noto-cjk"),
    )  # fmt: skip


def _install(packages: str) -> str:
    return f"On Debian: sudo apt-get install -y {packages}."
