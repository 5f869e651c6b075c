"""The steps of this version and their keys (DESIGN.md, section 1)."""

from __future__ import annotations

import base64
from typing import Any

from unburnt.base.digests import Digest
from unburnt.model.reading import Reading, Rest
from unburnt.read.known import STEP_VERSIONS

OCR_STEP = "ocr"
OCR_VERSION = 4


def read_step(reader: str) -> tuple[str, int]:
    """Name and version of the step by which *reader* reads; unknown readers have version 0."""
    return f"read.{reader}", STEP_VERSIONS.get(reader, 0)


def current_versions() -> dict[str, int]:
    """Every step of this version, for finding readings that an older one made."""
    return {f"read.{name}": version for name, version in STEP_VERSIONS.items()} | {OCR_STEP: OCR_VERSION}


def inputs_of(reading: Reading) -> list[Digest]:
    """What a reading was made from: its content, or every volume in order, or a volume and what it was read under."""
    if reading.volumes:
        return [volume.digest for volume in reading.volumes]
    return [reading.blob, reading.read_with] if reading.read_with else [reading.blob]


def volume_parameters(reading: Reading) -> dict[str, Any]:
    """The numbers of the volumes that were read as one, and the place among them of the content read under; else nothing."""
    if not reading.volumes:
        return {}
    of = next(place for place, volume in enumerate(reading.volumes) if volume.digest == reading.blob)
    return {"volumes": [volume.number for volume in reading.volumes], "under": of}


def charset_parameters(reading: Reading) -> dict[str, Any]:
    """The charsets that a text was read with, where containers declare any: another one may make another text of it."""
    return {"charsets": list(reading.charsets)} if reading.charsets else {}


def reading_parameters(reading: Reading, attempt: int) -> dict[str, Any]:
    """What tells a reading from others of the same inputs by the same step."""
    if reading.rest is not None:
        return volume_parameters(reading) | slice_parameters(reading.rest, attempt)
    return volume_parameters(reading) | charset_parameters(reading) | attempt_parameters(attempt)


def attempt_parameters(attempt: int) -> dict[str, Any]:
    """What tells one attempt from others; nothing for what gives the same each time."""
    return {"attempt": attempt} if attempt else {}


def slice_parameters(rest: Rest, attempt: int) -> dict[str, Any]:
    """What tells a slice of a container's reading from the others: its number and where it began."""
    return {"slice": rest.slices, "from": base64.b64encode(rest.began_at).decode()} | attempt_parameters(attempt)
