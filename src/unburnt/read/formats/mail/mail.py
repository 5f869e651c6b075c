"""Mail messages (RFC 5322, MIME): header, bodies as text, everything else as members."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass, field

from unburnt.base.limits import MIB
from unburnt.model.charsets import declaration
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark, Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.formats.mail.mail_bodies import (
    MESSAGES,
    TEXTS,
    Arrangement,
    arrange,
    body_text,
    charset_hint,
    file_name,
    says_the_same,
    transfer_encoding,
)
from unburnt.read.formats.mail.mail_content import IDENTITY, YENC, Content
from unburnt.read.formats.mail.mail_headers import Bytes, unfold
from unburnt.read.formats.mail.mail_html import declared_charset, html_text
from unburnt.read.formats.mail.mail_inline import Inline, encoded_end, inline_files
from unburnt.read.formats.mail.mail_metadata import mail_metadata
from unburnt.read.formats.mail.mail_pkcs7 import LOCKED
from unburnt.read.formats.mail.mail_quotes import with_quotes
from unburnt.read.formats.mail.mail_signature import Signer, signers
from unburnt.read.formats.mail.mail_signature import warm as warm
from unburnt.read.formats.mail.mail_structure import Entity, Structure, split
from unburnt.read.formats.mail.mail_words import header_text, parameter_text
from unburnt.read.formats.mail.mail_yenc import MARK, without_yenc
from unburnt.read.formats.texts.text_endings import FEW
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BODY = 32 * MIB
MOST_SIGNED, MOST_SIGNATURE, MOST_SIGNATURES = 128 * MIB, 4 * MIB, 8
SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
OLD_LINE, MOST_HEAD = re.compile(rb"\r(?!\n)"), 1 << 16
MOST_UNMAPPED = 256 * MIB
ARMORED = re.compile(r"^-----BEGIN PGP MESSAGE-----\r?\n.{0,33554432}?^-----END PGP MESSAGE-----", re.DOTALL | re.MULTILINE)
USUAL_PREAMBLES = ("this is a multi", "this is a mime", "this message is in mime", "if you can read this",
                   "this is an s/mime", "this is an openpgp/mime")  # fmt: skip


@dataclass
class Progress:
    """What became of the message so far."""

    texts: int = 0
    emitted: int = 0
    losses: list[str] = field(default_factory=list)
    armored: list[str] = field(default_factory=list)
    """Encrypted blocks (OpenPGP) that stand in the text."""
    inline: list[tuple[Entity, Inline]] = field(default_factory=list)
    """Files that are written into the text (uuencode, yEnc)."""
    beside: list[tuple[Entity, str]] = field(default_factory=list)
    """What HTML texts hold that nobody is shown."""
    added: list[tuple[Entity, int]] = field(default_factory=list)
    """Where words stand behind the encoding of a part."""

    notes: list[str] = field(default_factory=list)

    def doubt(self, replaced: int, entity: Entity) -> None:
        """Say that so many places of a text are none in its encoding."""
        if replaced > 0:
            self.notes.append(f"{replaced} places of part {entity.path} are no text in its encoding; U+FFFD stands for them.")
        if replaced > FEW:
            self.losses.append(f"{replaced} places of part {entity.path} could not be decoded")


def read(source: Source, emitter: Emitter) -> Ending:
    """Read one message."""
    data = load(source)
    if has_old_lines(data):
        data = OLD_LINE.sub(b"\n", data)
        emitter.note("old-lines", "Its lines end as those of Mac OS before X (CR); they were taken as lines.")
    structure = split(data)
    if not structure.root.headers.fields:
        raise Damaged("The file has no mail header.")
    return emit_message(data, structure, emitter)


def has_old_lines(data: Bytes) -> bool:
    """Whether lines end by CR alone, as in mailboxes of Mac OS before X."""
    head = data[:MOST_HEAD]
    return b"\r" in head and len(OLD_LINE.findall(head)) > head.count(b"\n")


def load(source: Source) -> Bytes:
    """The file's bytes: mapped where possible, so that a large mail does not fill the memory."""
    try:
        return mmap.mmap(source.file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        if source.size > MOST_UNMAPPED:
            raise Stopped("memory", "The message is larger than can be held in memory.") from None
        source.file.seek(0)
        return source.file.read()


def emit_message(
    data: Bytes, structure: Structure, emitter: Emitter, *, kind: str = "message", beside: Metadata | None = None
) -> Ending:
    """Emit header, bodies and members of a message that was split; *kind* is that of its text parts.

    *beside* is what stands about the message outside it.
    """
    hint = charset_hint(data, structure)
    arrangement, progress = arrange(structure), Progress()
    signed = _signed(data, structure)
    emitter.metadata(mail_metadata(structure.root.headers, hint, _about(signed, beside)), searchable=True)
    for one in signed:
        emitter.note("signature", one.sentence())
    for number, group in enumerate(arrangement.groups, 1):
        _emit_group(data, group, "" if number == 1 else f" {number}", hint, kind, emitter, progress)
    emitter.expect(members=len(arrangement.members) + len(progress.armored) + len(progress.inline))
    for number, block in enumerate(progress.armored, 1):
        # Encrypted text looks like text: as a member it has an outcome of its own.
        emitter.member(f"1/openpgp-{number}.asc".encode(), "embedded", block.encode("ascii", "replace"), name=f"openpgp-{number}.asc")
    for number, (entity, inline) in enumerate(progress.inline, 1):
        _emit_inline(entity, number, inline, hint, emitter, progress)
    for entity in arrangement.members:
        _emit_member(data, entity, hint, emitter, progress)
    _emit_outside(data, structure, hint, emitter, progress)
    for entity, lines in progress.beside:
        emitter.part("properties", f"beside the text of part {entity.path}", lines, hidden=True)
    for note in progress.notes:
        emitter.note("undecodable-bytes", note)
    _judge_structure(structure, progress)
    return _ending(data, structure, arrangement, progress)


def _signed(data: Bytes, structure: Structure) -> list[Signer]:
    """What the signatures of ``multipart/signed`` (RFC 1847) show about the part that they sign."""
    found: list[Signer] = []
    for entity in structure.entities:
        if entity.type != "multipart/signed" or len(found) >= MOST_SIGNATURES:
            continue
        parts = [one for one in structure.entities if one.parent is entity][:2]
        if len(parts) == 2 and parts[1].type in SIGNATURES and parts[0].end - parts[0].start <= MOST_SIGNED:
            raw = Content(data, parts[1].body, parts[1].end, transfer_encoding(parts[1])).whole(MOST_SIGNATURE)
            found += signers(raw, bytes(data[parts[0].start : parts[0].end]))
    return found


def _about(signed: list[Signer], beside: Metadata | None) -> Metadata:
    fields = {name: value for number, one in enumerate(signed, 1) for name, value in one.fields(number).items()}
    known = beside or Metadata()
    return Metadata(dates=known.dates, fields=known.fields | fields)


def _emit_group(
    data: Bytes, group: list[Entity], suffix: str, hint: str | None, kind: str, emitter: Emitter, progress: Progress
) -> None:
    """Alternatives of one text: the plain one is the body where it says anything, else the HTML one.

    An HTML alternative that says nothing more, not even by where its links lead, is no part of its own.
    """
    texts = [(entity, *_text_of(data, entity, hint, progress)) for entity in group]
    texts = [found for found in texts if found[1].strip()]
    plains = [text for entity, text, _ in texts if entity.type != "text/html"]
    for entity, text, marks in texts:
        is_html = entity.type == "text/html"
        if is_html and any(says_the_same(plain, text, marks) for plain in plains):
            continue
        label = "body" if is_html != bool(plains) else "html" if is_html else "text"
        progress.armored += [] if progress.armored else ARMORED.findall(text)[:MOST_SIGNATURES]
        emitter.part(kind, label + suffix, text, marks=with_quotes(text, marks) if kind == "message" else marks)
        progress.texts += 1


def _text_of(data: Bytes, entity: Entity, hint: str | None, progress: Progress) -> tuple[str, tuple[Mark, ...]]:
    content = _content_of(data, entity, entity.body, progress)
    raw = content.whole(MOST_BODY)
    if content.broken:
        progress.losses.append(f"the text of part {entity.path} is not encoded as it says")
    if len(raw) >= MOST_BODY:
        progress.losses.append(f"the text of part {entity.path} is longer than is safe to hold")
    charset = entity.content_type.plain("charset") or None
    is_html = entity.type == "text/html"
    if not is_html:
        raw, files = without_yenc(raw)
        progress.inline += [(entity, found) for found in (*inline_files(raw), *files)]
    text = body_text(raw, charset or (declared_charset(raw) if is_html else None), hint)
    progress.doubt(text.count("\ufffd") - raw.count("\ufffd".encode()), entity)
    if not is_html:
        return text, ()
    built = html_text(text)
    if built.beside:
        progress.beside.append((entity, "\n".join(built.beside)))
    return built.text(), tuple(built.marks)


def _emit_outside(data: Bytes, structure: Structure, hint: str | None, emitter: Emitter, progress: Progress) -> None:
    """Text before the first and after the last part: mail programs hide it, so it is kept as hidden text. Text behind an encoding too."""
    for entity in structure.entities:
        if not entity.multipart:
            continue
        first = entity.first_delimiter if entity.first_delimiter >= 0 else entity.end
        for start, end in ((entity.body, first), (entity.closed_at, entity.epilogue_end)):
            text = body_text(data[start : min(end, start + MIB)], None, hint) if 0 <= start < end else ""
            if text.strip() and not text.strip().lower().startswith(USUAL_PREAMBLES):
                emitter.part("message", f"outside the parts of {entity.path}", text, hidden=True)
            if end - start > MIB and text.strip():
                progress.losses.append(f"what stands outside the parts of {entity.path} is longer than is kept")
    for entity, start in progress.added:
        charset = entity.content_type.plain("charset") or None
        emitter.part("message", f"after the encoding of part {entity.path}", body_text(data[start : entity.end], charset, hint))


def _emit_inline(entity: Entity, number: int, inline: Inline, hint: str | None, emitter: Emitter, progress: Progress) -> None:
    path = f"{entity.path}/inline-{number}/".encode() + inline.name
    failed = emitter.failed_members
    emitter.member(path, "attachment", inline.data, name=header_text(inline.name, hint))
    if emitter.failed_members > failed:
        progress.losses.append(f"file {number} in the text is larger than is taken out")
        return
    progress.emitted += 1
    if not inline.whole:
        progress.losses.append(f"file {number} in the text is cut off or damaged")


def _content_of(data: Bytes, entity: Entity, start: int, progress: Progress) -> Content:
    """A part's content without words that somebody put behind its encoding, which are kept apart."""
    encoding = "" if entity.too_deep else transfer_encoding(entity)
    end = encoded_end(data, start, entity.end) if encoding == "base64" else entity.end
    if end < entity.end:
        progress.added.append((entity, end))
    if encoding in IDENTITY and entity.type not in TEXTS and bytes(data[start : start + len(MARK)]) == MARK:
        encoding = YENC
    return Content(data, start, end, encoding)


def _emit_member(data: Bytes, entity: Entity, hint: str | None, emitter: Emitter, progress: Progress) -> None:
    parameter = file_name(entity)
    location = unfold(entity.headers.first(b"content-location") or b"")
    raw = parameter.raw if parameter else location
    name = parameter_text(parameter, hint) if parameter else header_text(location, hint) or None
    path = entity.path.encode() + (b"/" + raw if raw else b"")
    kind = "message" if entity.type in MESSAGES or entity.too_deep else "attachment"
    if entity.type == "message/external-body":
        emitter.member_failed(path, kind, Outcome.NOT_RECEIVED, "The message only says where this file was to be found.", name=name)
        return
    start = entity.start if entity.too_deep else entity.body
    content = _content_of(data, entity, start, progress)
    failed = emitter.failed_members
    emitter.member(path, kind, content, name=name, declared=declaration(entity.type, entity.content_type.plain("charset")))
    if emitter.failed_members > failed:
        progress.losses.append(f"attachment {entity.path} is larger than is taken out")
        return
    progress.emitted += 1
    if content.broken:
        progress.losses.append(f"attachment {entity.path} is not encoded as it says, only what could be decoded is kept")
        emitter.note("mail-encoding", f"Attachment {entity.path} is not encoded as it says; what could be decoded was kept.")
    if content.unknown:
        progress.losses.append(f"attachment {entity.path} has an unknown transfer encoding and is kept as written")


def _judge_structure(structure: Structure, progress: Progress) -> None:
    for entity in structure.unclosed:
        if entity.children == 0:
            progress.losses.append(f"the parts of {entity.path} are missing or cannot be told apart")
    if structure.unclosed:
        progress.losses.append("the file ends before the line that closes the message")
    if structure.too_many:
        progress.losses.append("it has more parts than are followed")
    if structure.root.headers.cut:
        progress.losses.append("its header is longer than is safe to hold")


def _ending(data: Bytes, structure: Structure, arrangement: Arrangement, progress: Progress) -> Ending:
    if progress.losses:
        losses = "; ".join(progress.losses[:5]) + ("; and more" if len(progress.losses) > 5 else "")
        found = progress.texts or progress.emitted
        return Ending(Outcome.PARTIAL if found else Outcome.DAMAGED, f"Some was lost: {losses}.")
    if not progress.texts and _is_encrypted(data, structure):
        return Ending(Outcome.LOCKED, "The message is encrypted; only its header could be read. Its content is listed inside.")
    if not progress.texts:
        count = len(arrangement.members)
        return Ending(Outcome.EMPTY, f"The message has no text of its own; {count} attachments are listed.")
    return Ending(Outcome.READ, "")


def _is_encrypted(data: Bytes, structure: Structure) -> bool:
    """PGP/MIME, or S/MIME whose first bytes say so; ``smime-type`` is often missing."""
    root = structure.root
    if root.type == "multipart/encrypted":
        return True
    if root.type not in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return False
    head = Content(data, root.body, min(root.end, root.body + 200), transfer_encoding(root)).whole(100)
    return any(kind in head for kind in LOCKED)


FORMATS = (
    Format(
        "mail", read, memory_safe=True, libraries=("asn1crypto",),
        title="Mail messages (RFC 5322, MIME)",
        gives=(
            "headers (rare ones as searchable properties), the bodies as text, every other part and files written into the text "
            "(uuencode, yEnc) as members, words outside the parts or behind an encoding, comments and tooltips of HTML beside its text, "
            "addresses, dates with their zones; what S/MIME signatures show"
        ),
        lacks="remote content is not fetched",
    ),
)
