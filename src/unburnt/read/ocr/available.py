"""What can be read from pixels on this machine, and what its lack costs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess

import msgspec

from unburnt.read.ocr import chinese, tesseract

LANGUAGES = {"eng": "English", "rus": "Russian", "kaz": "Kazakh", "uig": "Uyghur", "chi_sim": "Chinese"}
"""The languages pages are read in; all at once, since a first look must find out which one it is."""
_ROTATION = "osd"
_LISTED = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_FOLDER = re.compile(r'"(.+?)/?"')
_SECONDS = 20


class OcrState(msgspec.Struct, frozen=True, kw_only=True):
    """What is here. *missing* are sentences: what lacks, what it costs, how to get it."""

    languages: tuple[str, ...]
    chinese_engine: bool
    missing: tuple[str, ...] = ()
    data_folder: str = ""
    can_find_rotation: bool = False
    versions: dict[str, str] = {}

    @property
    def by_engine(self) -> dict[str, tuple[str, ...]]:
        """What each engine can read, in its own words for languages."""
        return {tesseract.NAME: self.languages, chinese.NAME: chinese.LANGUAGES}

    @property
    def is_available(self) -> bool:
        """Whether any engine is here."""
        return bool(self.languages) or self.chinese_engine


def ocr_state() -> OcrState:
    """Look for the engines, without loading one."""
    has_chinese = all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))
    versions = {chinese.NAME: importlib.metadata.version(chinese.NAME)} if has_chinese else {}
    listed, folder = _tesseract_data()
    if listed is not None:
        versions |= {tesseract.NAME: _tesseract_version()}
    found = [] if listed is None else listed
    return OcrState(
        languages=tuple(code for code in LANGUAGES if code in found), chinese_engine=has_chinese,
        missing=tuple(_missing(listed, has_chinese=has_chinese)), data_folder=folder,
        can_find_rotation=_ROTATION in found, versions=versions,
    )


def _tesseract_data() -> tuple[list[str] | None, str]:
    """The codes of tesseract's languages and the folder of their data; None without tesseract."""
    said = _said("--list-langs")
    if said is None:
        return None, ""
    heading, *rest = said.splitlines() or [""]
    folder = _FOLDER.search(heading)
    return [line.strip() for line in rest if _LISTED.match(line.strip())], folder.group(1) if folder else ""


def _tesseract_version() -> str:
    words = (_said("--version") or "").split()
    return words[1] if len(words) > 1 else "unknown"


def _said(argument: str) -> str | None:
    """What tesseract says of itself; it is given no file, so it needs no sandbox."""
    program = shutil.which(tesseract.NAME)
    if program is None:
        return None
    try:
        ended = subprocess.run(
            [program, argument], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # Versions before 5 answer on the error stream.
    return (ended.stdout or ended.stderr).decode("utf-8", "replace")


def _missing(listed: list[str] | None, *, has_chinese: bool) -> list[str]:
    sentences: list[str] = []
    if listed is None:
        others = [name for name in LANGUAGES.values() if name != "Chinese"]
        sentences.append(
            f"Tesseract is not installed: scanned pages in {_listed(others)} stay unread. "
            "On Debian: apt install tesseract-ocr tesseract-ocr-rus tesseract-ocr-kaz tesseract-ocr-uig "
            "tesseract-ocr-chi-sim."
        )
    else:
        lacking = {code: name for code, name in LANGUAGES.items() if code not in listed}
        if lacking:
            packages = " ".join(f"tesseract-ocr-{code.replace('_', '-')}" for code in lacking)
            sentences.append(
                f"Tesseract lacks its data for {_listed(list(lacking.values()))}: scanned pages in it are read wrongly "
                f"or not at all. On Debian: apt install {packages}."
            )
        if _ROTATION not in listed:
            sentences.append(
                "Tesseract lacks its data for finding rotations: scanned pages that lie on their side stay unread. "
                "On Debian: apt install tesseract-ocr-osd."
            )
    if not has_chinese:
        sentences.append(
            "The Chinese engine (rapidocr with onnxruntime) is not installed: scanned Chinese is read by tesseract, "
            "with some nine wrong characters in a hundred on noisy pages, or not at all. "
            "Install unburnt with all its dependencies."
        )
    return sentences


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
