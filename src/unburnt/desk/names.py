"""Received names made safe and honest to look at: stem and extension isolated apart, bidi controls visible."""

from __future__ import annotations

import re
from dataclasses import dataclass

from unburnt.base.visible import visible

_LONGEST_EXTENSION = 12


@dataclass(frozen=True)
class Name:
    """One name as shown. *extension* holds its dot, or is empty."""

    stem: str
    extension: str


def name_of(untrusted_path: str) -> Name:
    """The last step of a path, split where the true extension begins.

    A right-to-left override in a name can make ``exe.pdf`` look like ``fdp.exe``; shown apart, and with the
    override as a sign, it cannot.
    """
    last = untrusted_path.rstrip("/").rsplit("/", 1)[-1] or untrusted_path
    return split(last)


def split(untrusted_name: str) -> Name:
    """A decoded name split into stem and extension, both visible."""
    stem, dot, extension = untrusted_name.rpartition(".")
    if not dot or not stem or not extension or len(extension) > _LONGEST_EXTENSION or " " in extension:
        return Name(visible(untrusted_name), "")
    return Name(visible(stem), "." + visible(extension))


def steps_of(untrusted_path: str) -> list[Name]:
    """Every step of a path, for showing it whole; members follow their container as in ``a.zip!/b``."""
    return [split(step) for step in untrusted_path.split("/") if step]


def folder_of(untrusted_path: str, kind: str | None) -> str:
    """The folder that a file stands in; empty where there is none, or only an attachment's place in its mail (``1.2/``)."""
    folder = untrusted_path.rpartition("/")[0]
    return "" if kind in ("attachment", "message") and re.fullmatch(r"[0-9.]*", folder) else folder
