"""Outlook messages (MS-OXMSG): header, body, attachments; messages inside it become files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail.mapi_bodies import emit_bodies
from unburnt.read.formats.mail.mapi_listing import listing
from unburnt.read.formats.mail.mapi_mail import CLASS, PLAIN_CLASSES
from unburnt.read.formats.mail.msg_embedded import rebuild
from unburnt.read.formats.mail.msg_listing import values_of
from unburnt.read.formats.mail.msg_metadata import msg_metadata
from unburnt.read.formats.mail.msg_properties import Properties, Storage
from unburnt.read.formats.office.ole_container import OleTrouble, is_cut_off, open_ole, storages
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

CONTENT, INSIDE = 0x3701, "__substg1.0_3701000D"
FILE_NAME, LONG_NAME, DISPLAY_NAME, MEDIA_TYPE, METHOD = 0x3704, 0x3707, 0x3001, 0x370E, 0x3705
BY_REFERENCE = (2, 3, 4, 7)
MESSAGE_INSIDE = 5


@dataclass
class Progress:
    """What became of the message so far."""

    texts: int = 0
    emitted: int = 0
    failed: int = 0
    losses: list[str] = field(default_factory=list)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read one message."""
    source.file.seek(0)
    try:
        ole = open_ole(source.file)
    except OleTrouble as error:
        raise Damaged("The message's container cannot be followed.") from error
    with ole:
        paths = storages(ole)
        message = Properties(ole, (), 32)
        if not message.found and not any(path[-1].startswith("__substg1.0_") for path in paths):
            raise Damaged("The container holds no message.")
        attachments = _below(paths, "__attach_version1.0_")
        people = [Properties(ole, path, 8, message.encoding) for path in _below(paths, "__recip_version1.0_")]
        emitter.metadata(msg_metadata(message, people), searchable=True)
        emitter.expect(members=len(attachments))
        progress = Progress()
        if is_cut_off(ole):
            progress.losses.append("the file is cut off")
        progress.texts = emit_bodies(message, message.encoding, emitter, progress.losses)
        kind = message.text(CLASS).lower()
        if kind and not kind.startswith(PLAIN_CLASSES):
            emitter.part("message", "properties", listing(values_of(ole, paths, message.encoding)))
            progress.texts += 1
        for number, attachment in enumerate(attachments, 1):
            _attachment(ole, paths, attachment, number, message.encoding, emitter, progress)
        return _ending(progress)


def _below(paths: list[Storage], prefix: str) -> list[Storage]:
    """Storages at the top, by name, which is the order Outlook gave them."""
    return sorted(path for path in paths if len(path) == 1 and path[0].startswith(prefix))


def _attachment(
    ole: Any, paths: list[Storage], storage: Storage, number: int, encoding: str | None, emitter: Emitter, progress: Progress
) -> None:
    found = Properties(ole, storage, 8, encoding)
    name = next((text for one in (LONG_NAME, FILE_NAME, DISPLAY_NAME) if (text := found.text(one).strip())), None)
    path = f"{number}/{name}".encode("utf-8", "surrogatepass") if name else str(number).encode()
    method = found.integer(METHOD)
    if ole.exists([*storage, INSIDE]):
        is_message = method in (None, MESSAGE_INSIDE)
        data = rebuild(ole, paths, (*storage, INSIDE), is_message=is_message)
        kind, declared = ("message", "application/vnd.ms-outlook") if is_message else ("embedded", None)
        failure = (Outcome.UNSUPPORTED, "It is stored in the message's own file structure and cannot be taken out.")
    else:
        data, kind, declared = found.binary(CONTENT), "attachment", found.text(MEDIA_TYPE) or None
        failure = (Outcome.DAMAGED, "The attachment's bytes are not in the message.")
        if method in BY_REFERENCE:
            failure = (Outcome.NOT_RECEIVED, "The message only says where the file was.")
    failed = emitter.failed_members
    if data is None:
        emitter.member_failed(path, kind, *failure, name=name)
    else:
        emitter.member(path, kind, data, name=name, declared=declared)
        if kind != "attachment":
            emitter.note("msg-rebuilt", f"Attachment {number} has no bytes of its own in Outlook's format; its file was written anew.")
    progress.failed += emitter.failed_members > failed
    progress.emitted += emitter.failed_members == failed


def _ending(progress: Progress) -> Ending:
    losses = list(progress.losses)
    if progress.failed:
        losses.append(f"{progress.failed} of {progress.failed + progress.emitted} attachments could not be taken out as files")
    if losses:
        found = progress.texts or progress.emitted
        return Ending(Outcome.PARTIAL if found else Outcome.DAMAGED, f"Some was lost: {'; '.join(losses)}.")
    if not progress.texts:
        return Ending(Outcome.EMPTY, f"The message has no text of its own; {progress.emitted} attachments are listed.")
    return Ending(Outcome.READ, "")


FORMATS = (
    Format(
        "msg", read, memory_safe=True, libraries=("olefile",),
        title="Outlook messages (MS-OXMSG)",
        gives="headers, bodies (also the page inside rich text), attachments, messages within, all properties of contacts, meetings "
        "and tasks",
        lacks="a message within is written anew as a file of its own, and says so",
    ),
)
