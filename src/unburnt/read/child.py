"""What runs in a sandboxed child: documents in, frames out (``unburnt.model.frames``)."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import msgspec

import unburnt
from unburnt.base.limits import LONGEST_PASSWORD
from unburnt.model import frames
from unburnt.model.memo_names import is_beside
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Note
from unburnt.model.volume_names import INCOMPLETE, UNFIT
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp, NeedsAlone, Paused, Stopped
from unburnt.read.extensions import mismatch
from unburnt.read.families import NotLoaded, close, format_for
from unburnt.read.known import NO_READER
from unburnt.read.nests import ENCRYPTED_OFFICE, EVERYTHING, MODULES
from unburnt.read.registry import Ending, Format
from unburnt.read.sniff import UNKNOWN, sniff
from unburnt.read.sniff_containers import PACKAGES
from unburnt.read.source import Source
from unburnt.read.split_names import split_part
from unburnt.read.volumes import behind_end, is_one_of_several, joined, missing_of
from unburnt.read.warming import warm_for_all, warm_readers

EMPTY_TYPE = "application/x-empty"
LONGEST_FRAME = 8_000_000
"""In bytes; a little less than what a keeper takes."""

_TYPED = frozenset(
    ("text", "csv", "markdown", "html", "xml", "rtf", "mail", "msg", "mhtml", "doc", "word-xml", "docx", "odf", "pptx", "ppt", "ofd", "uof")
)
"""Readers whose texts people typed, as against what a printer driver made (PDF) or a program keeps (databases)."""
_VERSION = re.compile(r"^Version:(.+)$", re.MULTILINE)

Send = Callable[[frames.Frame], None]


def main(payload: bytes, files: list[int], send: Callable[[bytes], None]) -> None:
    """Read document after document; *payload* is a list of tasks, one for each of *files*.

    A frame of task *i* is sent as ``[i, frame]``. What a reader gives up on becomes an outcome; any other error
    leaves this function, and the keeper calls it a crash.
    """
    tasks = msgspec.msgpack.decode(payload, type=list[frames.ReadTask])
    if tasks and tasks[0].volumes:
        with contextlib.ExitStack() as stack:
            untrusted_files = [stack.enter_context(os.fdopen(one, "rb", closefd=False)) for one in files]
            _read_as_told(tasks[0], _together(untrusted_files, tasks[0]), functools.partial(_say, send, 0))
        return
    for number, (task, descriptor) in enumerate(zip(tasks, files, strict=True)):
        with os.fdopen(descriptor, "rb", closefd=False) as untrusted_file:
            source = Source(untrusted_file, untrusted_file.seek(0, os.SEEK_END))
            _read_as_told(task, source, functools.partial(_say, send, number))


def _together(files: Sequence[BinaryIO], task: frames.ReadTask) -> Source:
    """The volumes of a split archive as one file, or a table with its memo files."""
    if any(is_beside(number) for number in task.volumes):
        first, *beside = files
        return Source(first, first.seek(0, os.SEEK_END), beside=tuple(beside))
    file, size, volumes = joined(files, task.volumes, task.name)
    return Source(file, size, volumes=volumes)


def _read_as_told(task: frames.ReadTask, source: Source, say: Send) -> None:
    words = tuple(word for word in task.passwords if len(word) <= LONGEST_PASSWORD)
    keys = tuple(word for word in task.passwords if len(word) > LONGEST_PASSWORD)
    source = msgspec.structs.replace(
        source, name=task.name, charsets=task.charsets, passwords=words, keys=keys, shared=task.shared)
    try:
        read_one(task, source, say)
    except NotLoaded as error:
        say(frames.NeedsOwnChild(error.media_type))


def read_one(task: frames.ReadTask, source: Source, say: Send) -> None:
    """Read one document and say everything about it, from ``Began`` to ``Finished``."""
    if not source.size:
        say(_began(EMPTY_TYPE, None))
        say(frames.Finished(Outcome.EMPTY, "The file has no bytes."))
        return
    media_type = sniff(source)
    found = format_for(media_type)
    if task.shared and (media_type == ENCRYPTED_OFFICE or (found is not None and not found.memory_safe)):
        say(frames.NeedsOwnChild(media_type))
        return
    locked, secret = None, False
    if media_type in PACKAGES:
        from unburnt.read.formats.office.office_secrets import open_package_in  # loaded with the readers of these types

        try:
            wrapped, (source, secret) = source, open_package_in(source)
        except GivenUp as error:
            locked = error
        else:
            media_type = media_type if source is wrapped else sniff(source)
    found = format_for(media_type)
    say(_began(media_type, found))
    if (sentence := mismatch(task.name, media_type)) and not source.volumes:
        say(frames.NoteFrame(Note("extension-mismatch", sentence)))
    if locked is not None:
        say(frames.Finished(locked.outcome, locked.reason))
        return
    emitter = Emitter(
        say, task, source.size, native=found is not None and not found.memory_safe,
        is_typed=found is not None and found.name in _TYPED)
    try:
        ending = _ending(task, media_type, found, source, emitter)
    except NeedsAlone:
        if not task.shared:
            raise
        say(frames.NeedsOwnChild(media_type))
    except Paused as pause:
        say(frames.Paused(pause.cursor, pause.secret or secret))
    else:
        say(frames.Finished(ending.outcome, ending.reason, ending.opened_with_secret or secret))


def _ending(task: frames.ReadTask, media_type: str, found: Format | None, source: Source, emitter: Emitter) -> Ending:
    """How reading ended, and what it lacks of the set where the file is one volume, or all volumes, of one."""
    if task.may_wait and not source.volumes and is_one_of_several(media_type, source):
        emitter.note(INCOMPLETE, "It is read as soon as it is known which other volumes are here.")
        return Ending(Outcome.PARTIAL, split_part(source.name) or "It is one volume of a split archive.")
    if emitter.begins:
        for number in behind_end(media_type, source):
            emitter.note(UNFIT, str(number))
    ending = _read(media_type, found, source, emitter)
    try:
        emitter.tell_properties()
    except Stopped as error:  # the text before it reached the limit
        emitter.reached(error.limit)
    if ending.outcome in (Outcome.READ, Outcome.EMPTY) and not source.volumes:
        return ending
    split = split_part(source.name)
    if source.volumes:
        missing = missing_of(media_type, source, wants_more=ending.wants_more)
        if ending.outcome in (Outcome.READ, Outcome.EMPTY) and not missing:
            return ending
        outcome = ending.outcome
        if missing and outcome is not Outcome.LOCKED:
            outcome = Outcome.PARTIAL
        return msgspec.structs.replace(ending, outcome=outcome, reason=" ".join(filter(None, (missing, ending.reason))))
    if split and ending.outcome in (Outcome.DAMAGED, Outcome.PARTIAL):
        emitter.note(INCOMPLETE, "It is read again when other parts are here.")
        if not emitter.has_content:
            return Ending(Outcome.PARTIAL, f"{ending.reason} {split}".strip())
    return ending


def _read(media_type: str, found: Format | None, source: Source, emitter: Emitter) -> Ending:
    if found is None:
        if media_type == UNKNOWN and split_part(source.name) and not source.volumes:
            return Ending(Outcome.PARTIAL)
        return Ending(Outcome.UNSUPPORTED, f"There is no reader for files of the type {media_type}.")
    source.file.seek(0)
    try:
        return found.read(source, emitter)
    except (Damaged, Stopped) as error:
        if isinstance(error, Stopped):
            emitter.reached(error.limit)
        if emitter.has_content:
            return Ending(Outcome.PARTIAL, f"{error.reason} What was read before is kept.")
        return Ending(error.outcome, error.reason)
    except GivenUp as error:
        return Ending(error.outcome, error.reason)


def _began(media_type: str, found: Format | None) -> frames.Began:
    versions = {"unburnt": unburnt.__version__}
    if found is None:
        return frames.Began(type=media_type, reader=NO_READER, versions=versions)
    versions |= {name: library_version(name) for name in found.libraries}
    return frames.Began(type=media_type, reader=found.name, versions=versions)


@functools.cache
def library_version(name: str) -> str:
    """An installed distribution's version; ``warm`` has asked for each, for a locked child no longer can."""
    try:
        # Not ``version()``, which parses the whole description after it.
        said = importlib.metadata.distribution(name).read_text("METADATA") or ""
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
    found = _VERSION.search(said)
    return found[1].strip() if found else "unknown"


def _say(send: Callable[[bytes], None], number: int, frame: frames.Frame) -> None:
    encoded = _encoded(number, frame)
    if len(encoded) > LONGEST_FRAME and isinstance(frame, frames.PartFrame):
        # Text outweighs what is said about its places.
        frame = frames.PartFrame(msgspec.structs.replace(frame.part, marks=(), lines=(), cells=()))
        encoded = _encoded(number, frame)
        send(_encoded(number, frames.NoteFrame(Note("places-dropped", "A part has more marks and places than can be kept."))))
    send(encoded)


def _encoded(number: int, frame: frames.Frame) -> bytes:
    try:
        return msgspec.msgpack.encode((number, frame))
    except UnicodeEncodeError:
        # A lone surrogate is no character, and no message can carry one. One sign for one keeps every position.
        return msgspec.msgpack.encode((number, _clean(msgspec.to_builtins(frame, builtin_types=(bytes,)))))


def _clean(value: Any) -> Any:
    match value:
        case str():
            return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in value)
        case dict():
            return {_clean(key): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
    return value


def warm() -> None:
    """Run once in the zygote: load whatever any reader might load later, and ask for every version it may name."""
    warm_nest(EVERYTHING)


def warm_nest(nest: str) -> None:
    """Run once in the zygote of one nest: the same for its readers only (``unburnt.read.nests``)."""
    warm_for_all()
    for one in [nest] if nest else MODULES:
        for reader in warm_readers(one):
            for name in reader.libraries:
                library_version(name)
    close()
