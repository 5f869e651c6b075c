"""The steps of this version and their keys (DESIGN.md, section 1)."""

from __future__ import annotations

import base64
from typing import Any

from unburnt.base.canonical import step_key
from unburnt.base.digests import Digest
from unburnt.model.reading import Rest
from unburnt.read.known import STEP_VERSIONS

OCR_STEP = "ocr"
OCR_VERSION = 2


def read_step(reader: str) -> tuple[str, int]:
    """Name and version of the step by which *reader* reads; unknown readers have version 0."""
    return f"read.{reader}", STEP_VERSIONS.get(reader, 0)


def current_versions() -> dict[str, int]:
    """Every step of this version, for finding readings that an older one made."""
    return {f"read.{name}": version for name, version in STEP_VERSIONS.items()} | {OCR_STEP: OCR_VERSION}


def reading_key(step: str, version: int, inputs: list[Digest], *, attempt: int = 0) -> Digest:
    """The derivation's name; an attempt (something that may go otherwise next time) has a name of its own."""
    return step_key(step, version, attempt_parameters(attempt), inputs)


def attempt_parameters(attempt: int) -> dict[str, Any]:
    """What tells one attempt from others; nothing for what gives the same each time."""
    return {"attempt": attempt} if attempt else {}


def slice_parameters(rest: Rest, attempt: int) -> dict[str, Any]:
    """What tells a slice of a container's reading from the others: its number and where it began."""
    return {"slice": rest.slices, "from": base64.b64encode(rest.began_at).decode()} | attempt_parameters(attempt)
