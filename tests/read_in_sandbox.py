"""One document read by the real child in the real sandbox, and what it said, sorted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from unburnt.base.limits import Limits
from unburnt.model import frames
from unburnt.model.reading import Expected, Metadata, Note, Part
from unburnt.sandbox.runner import Ended, Sandbox

_decode = msgspec.msgpack.Decoder(tuple[int, frames.Frame]).decode


@dataclass
class Said:
    """All that a child said about one document."""

    ended: Ended
    parts: list[Part] = field(default_factory=list)
    """All but what the file says about itself."""
    properties: str = ""
    members: dict[str, bytearray] = field(default_factory=dict)
    failed: list[frames.MemberFailed] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    metadata: Metadata = field(default_factory=Metadata)
    expected: Expected = field(default_factory=Expected)
    finished: frames.Finished | None = None
    began: list[frames.MemberBegan] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """The outcome that the reader gave, or how the child ended without one."""
        return self.finished.outcome.value if self.finished else self.ended.kind

    @property
    def reason(self) -> str:
        """The reader's sentence."""
        return self.finished.reason if self.finished else self.ended.detail

    def noted(self, code: str) -> list[str]:
        """The texts of all notes with this code."""
        return [note.text for note in self.notes if note.code == code]

    def pages(self) -> list[Part]:
        """The parts that are pages."""
        return [part for part in self.parts if part.kind == "page"]

    def one(self, kind: str) -> Part:
        """The only part of this kind."""
        (part,) = [part for part in self.parts if part.kind == kind]
        return part


def read(sandbox: Sandbox, path: Path, *, passwords: tuple[str, ...] = (), limits: Limits | None = None) -> Said:
    """Read *path* with the usual limits."""
    limits = limits or Limits()
    task = frames.ReadTask(
        name=path.name, passwords=passwords, text_limit=limits.text, members_limit=limits.members,
        member_bytes_limit=limits.member_bytes, members_bytes_limit=limits.members_bytes, ratio=limits.ratio,
        ratio_free=limits.ratio_free, pages_limit=limits.pages, pixels_limit=limits.pixels,
    )  # fmt: skip
    answers: list[bytes] = []
    with path.open("rb") as file:
        ended = sandbox.run(msgspec.msgpack.encode([task]), [file.fileno()], limits, answers.append)
    said = Said(ended)
    for answer in answers:
        _sort(_decode(answer)[1], said)
    return said


def _sort(frame: frames.Frame, said: Said) -> None:
    match frame:
        case frames.PartFrame():
            if frame.part.kind == "properties":
                said.properties += frame.part.text
            else:
                said.parts.append(frame.part)
        case frames.NoteFrame():
            said.notes.append(frame.note)
        case frames.MetadataFrame():
            said.metadata = frame.metadata
        case frames.ExpectedFrame():
            said.expected = frame.expected
        case frames.MemberBegan():
            said.began.append(frame)
            said.members[frame.name or ""] = bytearray()
        case frames.MemberBytes():
            said.members[said.began[-1].name or ""] += frame.data
        case frames.MemberFailed():
            said.failed.append(frame)
            said.members.pop(frame.name or "", None)
        case frames.Finished():
            said.finished = frame
