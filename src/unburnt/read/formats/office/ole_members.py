"""Objects embedded in old office files (storages of the compound file) as members; how such a reading ends."""

from __future__ import annotations

from typing import Any

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.ole_container import storages, stream_bytes
from unburnt.read.formats.office.ole_objects import unwrap_storage
from unburnt.read.formats.office.ole_storages import rebuild
from unburnt.read.registry import Ending


def object_storages(ole: Any, prefix: str, parent: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Storages directly below *parent* whose name begins with *prefix*, in the directory's order."""
    depth = len(parent) + 1
    found = {path[:depth]: None for path in storages(ole) if path[: depth - 1] == parent and len(path) > depth}
    return [path for path in found if path[-1].startswith(prefix)]


def emit_objects(ole: Any, objects: list[tuple[str, ...]], emitter: Emitter) -> None:
    """Hand out the file inside each object; an object that wraps none is a document itself, and becomes a file of its own."""
    paths = storages(ole) if objects else []
    for storage in objects:
        path = "/".join(storage).encode("utf-8", "surrogateescape")
        wrapped = unwrap_storage(ole, storage)
        if wrapped is not None:
            emitter.member(path, "embedded", wrapped.data, name=wrapped.name or storage[-1])
        elif data := rebuild(ole, paths, storage) or _picture(ole, storage):
            emitter.member(path, "embedded", data, name=storage[-1])
        else:
            emitter.member_failed(
                path, "embedded", Outcome.UNSUPPORTED, "An embedded object that is stored inside the document's own file "
                "structure; it cannot be taken out.", name=storage[-1],
            )  # fmt: skip


def _picture(ole: Any, storage: tuple[str, ...]) -> bytes | None:
    """How an object looks that is only linked: the enhanced metafile that was kept for printing."""
    kept = stream_bytes(ole, (*storage, "\x03EPRINT")) or b""
    return kept if kept[40:44] == b" EMF" else None


def ending(progress: Progress, members: int, secret: bool, failed: int = 0) -> Ending:
    """How the reading of an old office file ended; *failed* of its members could not be had."""
    losses = "; ".join(progress.losses)
    if losses:
        return Ending(Outcome.PARTIAL if progress.text else Outcome.DAMAGED, f"Some was lost: {losses}.", secret)
    if not progress.text and failed:
        return Ending(Outcome.PARTIAL, f"{failed} of {members} members could not be had.", secret)
    if not progress.text:
        return Ending(Outcome.EMPTY, f"It holds no text of its own; {members} embedded files are listed.", secret)
    return Ending(Outcome.READ, "", secret)
