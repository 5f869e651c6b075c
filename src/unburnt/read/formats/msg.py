"""Outlook messages (MS-OXMSG): header, body, attachments; messages inside them are walked without recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark, Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail_html import declared_charset, html_text
from unburnt.read.formats.msg_metadata import msg_metadata
from unburnt.read.formats.msg_properties import Properties, Storage
from unburnt.read.formats.msg_rtf import decompress_rtf
from unburnt.read.formats.ole_container import OleTrouble, open_ole, storages
from unburnt.read.formats.rtf_text import RtfWalker
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

BODY, HTML, RTF = 0x1000, 0x1013, 0x1009
CONTENT, EMBEDDED = 0x3701, "__substg1.0_3701000D"
FILE_NAME, LONG_NAME, DISPLAY_NAME, MEDIA_TYPE, METHOD = 0x3704, 0x3707, 0x3001, 0x370E, 0x3705
BY_REFERENCE = (2, 3, 4, 7)
MOST_MESSAGES = 1000


@dataclass
class Progress:
    """What became of the message so far, and what is still to be walked."""

    messages: list[tuple[Storage, str]] = field(default_factory=lambda: [((), "")])
    walked: int = 0
    texts: int = 0
    emitted: int = 0
    failed: int = 0
    losses: list[str] = field(default_factory=list)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read one message and the messages attached to it."""
    source.file.seek(0)
    try:
        ole = open_ole(source.file)
    except OleTrouble as error:
        raise Damaged("The message's container cannot be followed.") from error
    with ole:
        paths = storages(ole)
        if not Properties(ole, (), 32).found and not any(path[-1].startswith("__substg1.0_") for path in paths):
            raise Damaged("The container holds no message.")
        emitter.expect(members=sum(path[-1].startswith("__attach_version1.0_") for path in paths))
        progress = Progress()
        while progress.messages and progress.walked < MOST_MESSAGES:
            storage, label = progress.messages.pop(0)
            _message(ole, paths, storage, label, emitter, progress)
            progress.walked += 1
        if progress.messages:
            progress.losses.append("it holds more messages than are followed")
        return _ending(progress)


def _message(
    ole: Any, paths: list[Storage], storage: Storage, label: str, emitter: Emitter, progress: Progress
) -> None:
    message = Properties(ole, storage, 24 if storage else 32)
    metadata = msg_metadata(ole, message, _below(paths, storage, "__recip_version1.0_"))
    if not storage:
        emitter.metadata(metadata)
    _bodies(message, metadata, label, emitter, progress)
    for number, attachment in enumerate(_below(paths, storage, "__attach_version1.0_"), 1):
        place = f"{label}/{number}" if label else f"{number}"
        _attachment(ole, attachment, place, message.encoding, emitter, progress)


def _below(paths: list[Storage], parent: Storage, prefix: str) -> list[Storage]:
    """Storages directly below *parent*, by name, which is the order Outlook gave them."""
    depth = len(parent) + 1
    return sorted(path for path in paths if len(path) == depth and path[:-1] == parent and path[-1].startswith(prefix))


def _bodies(message: Properties, metadata: Metadata, label: str, emitter: Emitter, progress: Progress) -> None:
    texts: list[tuple[str, str, tuple[Mark, ...]]] = []
    if (plain := message.text(BODY)).strip():
        texts.append(("text", plain, ()))
    raw = message.binary(HTML)
    markup = decode(raw, declared_charset(raw) or message.encoding, native=False).text if raw else message.text(HTML)
    if markup.strip():
        built = html_text(markup)
        texts.append(("html", built.text(), tuple(built.marks)))
    if not texts and (compressed := message.binary(RTF)):
        texts.extend(_rich_text(compressed, progress))
    texts = [found for found in texts if found[1].strip()]
    if label:
        # An attached message has no metadata of its own here: its head is told as text, so that it can be found.
        head = _head(metadata)
        text, marks = (texts[0][1], texts[0][2]) if texts else ("", ())
        moved = tuple(_moved(mark, len(head)) for mark in marks)
        emitter.part("message", f"embedded message {label}", head + text, marks=moved)
        progress.texts += 1
        return
    for number, (kind, text, marks) in enumerate(texts):
        emitter.part("message", kind if number else "body", text, marks=marks)
        progress.texts += 1


def _moved(mark: Mark, distance: int) -> Mark:
    start = None if mark.start is None else mark.start + distance
    end = None if mark.end is None else mark.end + distance
    return Mark(kind=mark.kind, text=mark.text, author=mark.author, date=mark.date, start=start, end=end)


def _head(metadata: Metadata) -> str:
    mail = metadata.mail
    lines = [("Subject", metadata.title or ""), ("From", metadata.author or "")]
    if mail is not None:
        lines += [("To", "; ".join(mail.to)), ("Cc", "; ".join(mail.cc)), ("Bcc", "; ".join(mail.bcc))]
    lines += [(date.kind.capitalize(), date.value) for date in metadata.dates if date.kind in ("sent", "received")]
    return "".join(f"{name}: {value}\n" for name, value in lines if value) + "\n"


def _rich_text(compressed: bytes, progress: Progress) -> list[tuple[str, str, tuple[Mark, ...]]]:
    data, whole = decompress_rtf(compressed)
    if not whole:
        progress.losses.append("its rich text is damaged")
    if not data:
        return []
    story = RtfWalker().walk(data).stories.get("text")
    return [("rich text", story.text(), tuple(story.marks))] if story is not None else []


def _attachment(
    ole: Any, storage: Storage, place: str, encoding: str | None, emitter: Emitter, progress: Progress
) -> None:
    found = Properties(ole, storage, 8, encoding)
    name = next((text for number in (LONG_NAME, FILE_NAME, DISPLAY_NAME) if (text := found.text(number).strip())), "")
    path = f"{place}/{name}".encode("utf-8", "surrogateescape") if name else place.encode()
    if ole.exists([*storage, EMBEDDED]):
        _embedded(storage, path, name, place, emitter, progress, is_message=found.integer(METHOD) in (None, 5))
        return
    data = found.binary(CONTENT)
    if data is not None:
        failed = emitter.failed_members
        emitter.member(path, "attachment", data, name=name or None, declared=found.text(MEDIA_TYPE) or None)
        progress.emitted += failed == emitter.failed_members
        progress.failed += failed != emitter.failed_members
        return
    progress.failed += 1
    if found.integer(METHOD) in BY_REFERENCE:
        emitter.member_failed(path, "attachment", Outcome.NOT_RECEIVED, "The message only says where the file was.", name=name or None)
    else:
        emitter.member_failed(path, "attachment", Outcome.DAMAGED, "The attachment's bytes are not in the message.", name=name or None)


def _embedded(
    storage: Storage, path: bytes, name: str, place: str, emitter: Emitter, progress: Progress, *, is_message: bool
) -> None:
    """A message in a message has no bytes of its own; its text and its attachments are read here instead."""
    progress.failed += 1
    if not is_message:
        reason = "An object that is stored in the message's own file structure; it cannot be taken out."
        emitter.member_failed(path, "embedded", Outcome.UNSUPPORTED, reason, name=name or None)
        return
    reason = f"A message stored inside this one, not as a file; its text is here as 'embedded message {place}', its attachments beside it."
    emitter.member_failed(path, "message", Outcome.UNSUPPORTED, reason, name=name or None)
    progress.messages.append(((*storage, EMBEDDED), place))


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
        name="msg", media_types=("application/vnd.ms-outlook",), read=read, memory_safe=True, version=1, libraries=("olefile",)
    ),
)
