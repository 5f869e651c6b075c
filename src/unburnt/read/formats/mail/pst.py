"""Outlook stores (MS-PST; PST, OST, PAB): every message as a mail, folder by folder, counted against the store's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.formats.mail.mapi_mail import mail_bytes, subject_of
from unburnt.read.formats.mail.mapi_values import Values
from unburnt.read.formats.mail.pst_blocks import Blocks, Lost, Node
from unburnt.read.formats.mail.pst_items import NAMES, Items
from unburnt.read.formats.mail.pst_tree import (
    DEEPEST,
    FOLDER,
    HIDDEN,
    KIND,
    MESSAGE,
    ROOT,
    SEARCH_FOLDER,
    Nodes,
    find_nodes,
)
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

STORE = 0x21
NAME, COUNT, HIDDEN_COUNT, PASSWORD_CHECK = 0x3001, 0x3602, 0x3617, 0x67FF
DELIVERED, SUBMITTED = 0x0E06, 0x0039
ORIGIN = "from the properties of a message in an Outlook store; its header fields, texts and attachments are as stored"
HIDDEN_FOLDER, ORPHANED, RECOVERED, FOUND = "[hidden]", "[in no folder]", "[recovered]", "[found without index]"
BY_PLACE = (
    "The index of the store is lost. Recipients, attachments and long texts are those that lie next to the message in the file; "
    "that they are its own is likely and not certain."
)
ENCODINGS = {0: "none", 1: "compressible", 2: "high"}


@dataclass
class Counts:
    """What the store states and what became of it."""

    stated: int = 0
    folders: int = 0
    messages: int = 0
    hidden: int = 0
    lossy: int = 0
    differing: list[str] = field(default_factory=list)
    orphans: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Folder:
    """A folder, where it stands, and what is in it."""

    path: tuple[str, ...]
    messages: list[Node]
    hidden: list[Node]


class _Place(msgspec.Struct, frozen=True):
    """Where a child goes on: the number of the next message, and how many of those before lack something."""

    next: int
    lossy: int


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every message, the kept ones first, then those in no folder, then those found in pages no longer in use."""
    blocks = Blocks(source.file, source.size)
    nodes, counts = find_nodes(blocks, source.size), Counts()
    items = Items(blocks, nodes.known.get(NAMES))
    emitter.metadata(_metadata(blocks, nodes, items, emitter))
    folders = list(_folders(nodes, items, counts))
    emitter.expect(members=counts.stated + len(counts.orphans) + len(nodes.recovered) + len(nodes.found))
    place = emitter.resume(_Place) or _Place(0, 0)
    counts.lossy = place.lossy
    emitter.begin_share()
    for number, (path, node) in enumerate(_messages(folders, nodes, counts)):
        if number >= place.next:
            emitter.may_pause(_Place(number, counts.lossy))
            _emit(node, path, items, emitter, counts)
    return _ending(emitter, counts, nodes, cut=(source.size, blocks.stated))


def _messages(folders: list[Folder], nodes: Nodes, counts: Counts) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every message with the path of its folder, in the order of emission."""
    for folder in folders:
        yield from ((folder.path, node) for node in folder.messages)
        yield from (((*folder.path, HIDDEN_FOLDER), node) for node in folder.hidden)
    yield from (((ORPHANED,), node) for node in counts.orphans)
    yield from (((RECOVERED,), node) for node in nodes.recovered)
    yield from (((FOUND,), node) for node in nodes.found)


def _metadata(blocks: Blocks, nodes: Nodes, items: Items, emitter: Emitter) -> Metadata:
    values = _of_folder(nodes.known.get(STORE), items)
    if emitter.begins and values.integer(PASSWORD_CHECK) not in (None, 0, -1):
        emitter.note(
            "pst-password", "Outlook asks for a password before it opens this store; that protects nothing, and it was read without."
        )
    fields = {"pst:Encoding": ENCODINGS.get(blocks.encoding, "unknown")}
    return Metadata(title=values.text(NAME) or None, fields=fields)


def _of_folder(node: Node | None, items: Items) -> Values:
    try:
        return items.folder(node) if node is not None else Values()
    except Lost:
        return Values()


def _folders(nodes: Nodes, items: Items, counts: Counts) -> Iterator[Folder]:
    """Every folder once, in the order of the ids, folders whose parent is gone last. What is in none becomes an orphan."""
    reached: set[int] = set()
    lost = [one for one in nodes.known if one & KIND == FOLDER and nodes.known[one].parent not in nodes.known]
    waiting: list[tuple[int, tuple[str, ...]]] = [(one, (ORPHANED, f"folder-{one:x}")) for one in reversed(lost) if one != ROOT]
    waiting.append((ROOT, ()))
    while waiting:
        identifier, path = waiting.pop()
        if identifier in reached:
            continue
        reached.add(identifier)
        messages, hidden = nodes.of(identifier, MESSAGE), nodes.of(identifier, HIDDEN)
        values = _of_folder(nodes.known.get(identifier), items)
        _count(identifier, path, values, messages, hidden, counts)
        reached.update(node.identifier for node in (*messages, *hidden))
        yield Folder(path, messages, hidden)
        for inner in reversed(nodes.of(identifier, FOLDER, SEARCH_FOLDER)):
            name = _of_folder(inner, items).text(NAME) or f"folder-{inner.identifier:x}"
            waiting.append((inner.identifier, (*path, name.replace("/", "∕"))[-DEEPEST:]))
    counts.orphans = [node for one, node in nodes.known.items() if one & KIND in (MESSAGE, HIDDEN) and one not in reached]


def _count(
    identifier: int, path: tuple[str, ...], values: Values, messages: list[Node], hidden: list[Node], counts: Counts
) -> None:
    """What the folder states about itself; what the index lists for it where it says nothing.

    A search folder counts messages of others, and an offline store states fewer hidden messages than it holds.
    """
    stated = values.integer(COUNT)
    if stated is None or stated < 0 or identifier & KIND == SEARCH_FOLDER:
        stated = len(messages)
    if stated != len(messages):
        counts.differing.append(f"{'/'.join(path) or 'the root'}: {stated} stated, {len(messages)} found")
    counts.stated += stated + max(values.integer(HIDDEN_COUNT) or 0, len(hidden))
    counts.folders += 1
    counts.messages += len(messages)
    counts.hidden += len(hidden)


def _emit(node: Node, folder: tuple[str, ...], items: Items, emitter: Emitter, counts: Counts) -> None:
    own = f"{node.identifier:08x}"
    path = "/".join((*folder, f"{own}.eml")).encode("utf-8", "replace")
    try:
        message = items.message(node)
    except Lost as error:
        emitter.member_failed(
            path, "message", Outcome.DAMAGED, f"The store lists this message and lacks its content: {error}.", declared="message/rfc822"
        )
        return
    if folder == (FOUND,) and node.below:
        message.losses.append(BY_PLACE)
    found = message.properties
    subject = subject_of(found).replace("/", "∕").strip()[:120]
    failed = emitter.failed_members
    emitter.member(
        path, "message", mail_bytes(message, ORIGIN), name="/".join((*folder, f"{own} {subject}".rstrip() + ".eml")),
        modified=found.time(DELIVERED) or found.time(SUBMITTED), declared="message/rfc822",
    )  # fmt: skip
    counts.lossy += bool(message.losses) and emitter.failed_members == failed


def _ending(emitter: Emitter, counts: Counts, nodes: Nodes, cut: tuple[int, int]) -> Ending:
    """*cut*: the bytes that are here, and where the store says that it ends."""
    emitter.note(
        "pst-counts",
        f"{counts.folders} folders; {counts.messages} messages and {counts.hidden} hidden ones, {counts.stated} stated by the folders; "
        f"{len(counts.orphans)} in no folder, under {ORPHANED}; {len(nodes.recovered)} deleted and not yet overwritten, under "
        f"{RECOVERED}. Each was written anew as a mail.",
    )
    losses = []
    if cut[0] < cut[1]:
        losses.append(f"the store is cut off: {cut[0]} of its {cut[1]} bytes are here")
    if nodes.found:
        losses.append(f"{len(nodes.found)} messages were found by their own blocks, under {FOUND}, for the index does not name them")
    if nodes.lost_pages:
        losses.append(f"{nodes.lost_pages} pages of the store's index are missing; every page that is left was searched")
    if emitter.failed_members:
        losses.append(f"{emitter.failed_members} messages could not be read")
    if counts.lossy:
        losses.append(f"{counts.lossy} messages lack something, which stands at their end")
    if counts.differing:
        shown = "; ".join(counts.differing[:20]) + ("; and more" if len(counts.differing) > 20 else "")
        emitter.note("pst-differing", f"Folders that state another number of messages than is found: {shown}.")
        losses.append(f"{len(counts.differing)} folders hold another number of messages than they state")
    if losses:
        return Ending(Outcome.PARTIAL if emitter.has_content else Outcome.DAMAGED, f"Some was lost: {'; '.join(losses)}.")
    if not emitter.members:
        return Ending(Outcome.EMPTY, f"The store has {counts.folders} folders and no message.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "pst", read, memory_safe=True,
        title="Outlook stores (MS-PST: PST, OST, PAB)",
        gives=(
            "every message, contact, appointment, task and note as a mail written anew, in its folder; hidden and deleted ones "
            "apart, and those that are found by their own blocks where the index is cut off"
        ),
        lacks="of mails, properties that are neither header, text nor attachment; stores under Windows Information Protection",
    ),
)
