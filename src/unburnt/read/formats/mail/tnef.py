"""Outlook's wrapping of messages for other programs (MS-OXTNEF, ``winmail.dat``): text, people, attachments."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail.mapi_bodies import emit_bodies
from unburnt.read.formats.mail.mapi_listing import listing
from unburnt.read.formats.mail.mapi_values import BINARY, OBJECT, STRING8, TIME, Value, Values
from unburnt.read.formats.mail.msg_metadata import msg_metadata
from unburnt.read.formats.mail.tnef_attributes import SIGNATURE, Attribute, Cut, attributes, moment, properties, rows
from unburnt.read.formats.office.code_pages import encoding_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 256 * MIB
MESSAGE_PROPERTIES, ATTACHMENT_BEGINS, RECIPIENTS, ATTACHMENT_PROPERTIES = 0x69003, 0x69002, 0x69004, 0x69005
CODEPAGE, CONTENT, TITLE, CLASS = 0x69007, 0x6800F, 0x18010, 0x78008
TEXTS = {0x18004: 0x0037, 0x2800C: 0x1000, CLASS: 0x001A, 0x18009: 0x1035}
TIMES = {0x38005: 0x0039, 0x38006: 0x0E06, 0x38020: 0x3008}
NAMES, MEDIA_TYPE, DATA, METHOD, CLASS_NAME = (0x3707, 0x3704, 0x3001), 0x370E, 0x3701, 0x3705, 0x001A
MESSAGE_INSIDE = 5
PLAIN_CLASSES = ("ipm.note", "ipm.microsoft mail.note", "report.", "ipm.post")
IDENTIFIER = 16
"""Bytes of an interface's id before an attached object."""
MOST_ATTACHMENTS = 20_000


@dataclass
class Attached:
    """What was said of one attachment."""

    values: Values = field(default_factory=Values)
    data: bytes | None = None


@dataclass
class Stream:
    """What was said of the message, and what of it is lost."""

    message: list[Value] = field(default_factory=list)
    recipients: list[Values] = field(default_factory=list)
    attachments: list[Attached] = field(default_factory=list)
    encoding: str | None = None
    losses: list[str] = field(default_factory=list)
    unfitting: int = 0


def read(source: Source, emitter: Emitter) -> Ending:
    """Read one stream."""
    data = source.all(MOST_BYTES)
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        raise Damaged("The stream does not begin as one of its kind does.")
    stream = Stream()
    try:
        for attribute in attributes(data):
            _take(attribute, stream)
    except Cut:
        stream.losses.append("it ends in the middle of an attribute")
    if stream.unfitting:
        stream.losses.append(f"the checksums of {stream.unfitting} attributes do not fit; they were taken as they are")
        emitter.note("tnef-checksum", f"The checksums of {stream.unfitting} attributes do not fit.")
    message = Values.of(stream.message, stream.encoding)
    emitter.metadata(msg_metadata(message, stream.recipients, "tnef"), searchable=True)
    emitter.expect(members=len(stream.attachments))
    texts = emit_bodies(message, message.encoding, emitter, stream.losses)
    kind = message.text(CLASS_NAME).lower()
    if kind and not kind.startswith(PLAIN_CLASSES):
        emitter.part("message", "properties", listing(message))
        texts += 1
    for number, attached in enumerate(stream.attachments, 1):
        _emit(attached, number, emitter)
    return _ending(stream, texts, emitter)


def _take(attribute: Attribute, stream: Stream) -> None:
    stream.unfitting += not attribute.fits
    identifier, data = attribute.identifier, attribute.data
    if identifier == ATTACHMENT_BEGINS and len(stream.attachments) < MOST_ATTACHMENTS:
        stream.attachments.append(Attached(Values({}, stream.encoding)))
    elif identifier == CODEPAGE and len(data) >= 4:
        stream.encoding = encoding_of(struct.unpack_from("<I", data)[0])
    elif identifier in TEXTS:
        # Properties of their own come later, and say it better where both do.
        stream.message.append(Value(TEXTS[identifier], STRING8, data))
    elif identifier in TIMES and (time := moment(data)):
        stream.message.append(Value(TIMES[identifier], TIME, time))
    elif identifier in (MESSAGE_PROPERTIES, RECIPIENTS, ATTACHMENT_PROPERTIES):
        try:
            _take_properties(identifier, data, stream)
        except Cut:
            stream.losses.append("a list of properties is damaged")
    elif stream.attachments and identifier == TITLE:
        stream.attachments[-1].values.found.setdefault(NAMES[1], Value(NAMES[1], STRING8, data))
    elif stream.attachments and identifier == CONTENT:
        stream.attachments[-1].data = data


def _take_properties(identifier: int, data: bytes, stream: Stream) -> None:
    if identifier == MESSAGE_PROPERTIES:
        stream.message = properties(data) + stream.message
    elif identifier == RECIPIENTS:
        stream.recipients += [Values.of(row, stream.encoding) for row in rows(data)]
    elif stream.attachments:
        values = stream.attachments[-1].values
        values.found |= {value.number: value for value in properties(data)}


def _emit(attached: Attached, number: int, emitter: Emitter) -> None:
    values = attached.values
    name = next((text for one in NAMES if (text := values.text(one).strip())), None)
    path = f"{number}/{name}".encode("utf-8", "surrogatepass") if name else str(number).encode()
    inside = values.found.get(DATA)
    data, kind, declared = attached.data, "attachment", values.text(MEDIA_TYPE) or None
    if inside is not None and inside.type == OBJECT and len(inside.data) > IDENTIFIER:
        data, kind = inside.data[IDENTIFIER:], "embedded"
        if values.integer(METHOD) in (None, MESSAGE_INSIDE) and data[:4] == struct.pack("<I", SIGNATURE):
            kind, declared = "message", "application/ms-tnef"
    elif data is None and inside is not None and inside.type == BINARY:
        data = inside.data
    if data is None:
        emitter.member_failed(path, kind, Outcome.DAMAGED, "The attachment's bytes are not in the stream.", name=name)
    else:
        emitter.member(path, kind, data, name=name, declared=declared)


def _ending(stream: Stream, texts: int, emitter: Emitter) -> Ending:
    if emitter.failed_members:
        stream.losses.append(f"{emitter.failed_members} of {emitter.members} attachments could not be taken out")
    if stream.losses:
        return Ending(Outcome.PARTIAL if emitter.has_content else Outcome.DAMAGED, f"Some was lost: {'; '.join(stream.losses[:10])}.")
    if not texts:
        return Ending(Outcome.EMPTY, f"The stream has no text of its own; {emitter.members} attachments are listed.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "tnef", read, memory_safe=True,
        title="Outlook's wrapping (MS-OXTNEF, winmail.dat)",
        gives="people, times, bodies, attachments; appointments' and contacts' properties as text; messages within as streams of their own",
        lacks="properties of mails that are neither header, text nor attachment",
    ),
)
