"""Asking a reading child, in this process: what it says about bytes, frame by frame."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.model.reading import Metadata, Part
from unburnt.read import child

_answers = msgspec.msgpack.Decoder(tuple[int, frames.Frame])


def task(name: str, **changed: Any) -> frames.ReadTask:
    """A task with this version's own limits."""
    limits = Limits()
    usual: dict[str, Any] = {
        "text_limit": limits.text, "members_limit": limits.members, "member_bytes_limit": limits.member_bytes,
        "members_bytes_limit": limits.members_bytes, "ratio": limits.ratio, "ratio_free": limits.ratio_free,
        "pages_limit": limits.pages, "pixels_limit": limits.pixels,
    }  # fmt: skip
    return frames.ReadTask(name=name, **(usual | changed))


class Said:
    """All frames about one document, by kind."""

    def __init__(self, said: list[frames.Frame]) -> None:
        self.frames = said
        self.began = next((one for one in said if isinstance(one, frames.Began)), None)
        parts = [one.part for one in said if isinstance(one, frames.PartFrame)]
        self.parts: list[Part] = [part for part in parts if part.kind != "properties"]
        self.properties = "".join(part.text for part in parts if part.kind == "properties")
        self.all_parts = parts
        self.text = "".join(part.text for part in self.parts)
        self.notes = [(one.note.code, one.note.text) for one in said if isinstance(one, frames.NoteFrame)]
        self.members = [one.path for one in said if isinstance(one, frames.MemberBegan)]
        self.failed = [one for one in said if isinstance(one, frames.MemberFailed)]
        self.bytes = b"".join(one.data for one in said if isinstance(one, frames.MemberBytes))
        self.metadata = ([one.metadata for one in said if isinstance(one, frames.MetadataFrame)] or [Metadata()])[-1]
        self.expected = ([one.expected for one in said if isinstance(one, frames.ExpectedFrame)] or [None])[-1]
        self.finished = next((one for one in said if isinstance(one, frames.Finished)), None)

    @property
    def outcome(self) -> str:
        """The outcome that the child gave."""
        assert self.finished is not None
        return self.finished.outcome


def read(data: bytes, name: str, **changed: Any) -> Said:
    """What a child says about *data*; *changed* fields of the task."""
    if seeds := os.environ.get("UNBURNT_SEEDS"):
        Path(seeds, f"{hashlib.sha256(data).hexdigest()[:16]}-{name.replace('/', '_')[-60:]}").write_bytes(data)
    said: list[frames.Frame] = []
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        payload = msgspec.msgpack.encode([task(name, **changed)])
        child.main(payload, [file.fileno()], lambda answer: said.append(_answers.decode(answer)[1]))
    return Said(said)
