"""The upper floor of Outlook stores (MS-PST, section 2.4): messages, recipients and attachments as plain properties."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.read.formats.mail.mapi_listing import LONG_IDS
from unburnt.read.formats.mail.mapi_mail import Message, Unreadable
from unburnt.read.formats.mail.mapi_values import OBJECT, Values
from unburnt.read.formats.mail.pst_blocks import Blocks, Lost, Node
from unburnt.read.formats.mail.pst_tables import PROPERTIES, TABLE, Heap, properties, rows

NAMES = 0x61
ENTRIES, TEXTS = 0x0003, 0x0004
NAMED_FROM = 0x8000
RECIPIENTS, ATTACHMENT_KIND, KIND = 0x692, 5, 0x1F
CONTENT, METHOD, MESSAGE = 0x3701, 0x3705, 5
APART = frozenset([CONTENT])
FLAGS, HAS_ATTACHMENTS = 0x0E07, 0x10
MOST_NAMES = 65_536
MOST_LOSSES = 100


class Items:
    """Items of one store as properties, with the names that the store gives them."""

    def __init__(self, blocks: Blocks, names: Node | None) -> None:
        self._blocks = blocks
        self._names = _names(blocks, names) if names is not None else {}

    def values(self, heap: Heap, encoding: str | None = None) -> tuple[Values, dict[int, int], list[str]]:
        """The properties of one item; references to its content, which may be large; what is lost of it."""
        found, kept, lost = properties(heap, apart=APART)
        return self._named(Values.of(found.values(), encoding)), kept, lost

    def folder(self, node: Node) -> Values:
        """A folder's properties. Raises :class:`Lost`."""
        return self.values(Heap(self._blocks, node, PROPERTIES))[0]

    def message(self, node: Node) -> Message:
        """One message, its recipients and attachments. Raises :class:`Lost` where it has no properties."""
        before = len(self._blocks.damaged)
        heap = Heap(self._blocks, node, PROPERTIES)
        values, _, lost = self.values(heap)
        message = Message(values, losses=[f"Of the message: {one}." for one in lost[:MOST_LOSSES]])
        if (table := heap.subnodes.get(RECIPIENTS)) is not None:
            message.recipients = list(self._recipients(table, message))
        numbers = sorted(one for one in heap.subnodes if one & KIND == ATTACHMENT_KIND)
        if not numbers and HAS_ATTACHMENTS & (values.integer(FLAGS) or 0):
            message.losses.append("The attachments that the message says it has.")
        if len(self._blocks.damaged) > before:
            message.losses.append("Some of the message's bytes do not match their checksum; they are given as they are.")
        message.attachments = self._attachments([heap.subnodes[one] for one in numbers], message)
        return message

    def _named(self, values: Values) -> Values:
        for number, value in values.found.items():
            if number >= NAMED_FROM and number in self._names:
                values.found[number] = type(value)(number, value.type, value.data, self._names[number])
        return values

    def _recipients(self, table: Node, message: Message) -> Iterator[Values]:
        lost: list[str] = []
        try:
            for _, found in rows(Heap(self._blocks, table, TABLE), lost):
                yield Values(found, message.properties.encoding)
        except Lost as error:
            lost.append(str(error))
        message.losses.extend(f"Of the recipients: {one}." for one in lost[:MOST_LOSSES])

    def _attachments(self, nodes: list[Node], message: Message) -> Iterator[StoreAttachment]:
        for number, node in enumerate(nodes, 1):
            try:
                yield StoreAttachment(self, Heap(self._blocks, node, PROPERTIES), message)
            except Lost as error:
                message.losses.append(f"Attachment {number}: {error}.")


class StoreAttachment:
    """An attachment in a store."""

    def __init__(self, items: Items, heap: Heap, message: Message) -> None:
        self._items, self._heap, self._of = items, heap, message
        self.properties, self._kept, lost = items.values(heap, message.properties.encoding)
        message.losses.extend(f"Of an attachment: {one}." for one in lost[:MOST_LOSSES])

    def pieces(self) -> Iterator[bytes]:
        """The bytes; raises :class:`Unreadable` where they end too early."""
        reference = self._kept.get(CONTENT) or self._object()
        if not reference:
            if CONTENT in self._kept:
                return
            raise Unreadable("its bytes are not in the message")
        try:
            yield from self._heap.pieces(reference, 1 << 32)
        except Lost as error:
            raise Unreadable(f"{error} is missing") from error

    def message(self) -> Message | None:
        """The message that is attached; None where it is a file."""
        node = self._heap.subnodes.get(self._object())
        if self.properties.integer(METHOD) != MESSAGE or node is None:
            return None
        try:
            return self._items.message(node)
        except Lost as error:
            self._of.losses.append(f"An attached message: {error}.")
            return None

    def _object(self) -> int:
        """The subnode of an attached message or object (section 2.3.3.5); 0 where there is none."""
        value = self.properties.found.get(CONTENT)
        known = value is not None and value.type == OBJECT and len(value.data) >= 4
        return int(struct.unpack_from("<I", value.data)[0]) if value is not None and known else 0


def _names(blocks: Blocks, node: Node) -> dict[int, str]:
    """Section 2.4.7: number or text of each named property, by the number that it has in this store."""
    try:
        found, _, _ = properties(Heap(blocks, node, PROPERTIES))
    except Lost:
        return {}
    texts, names = found[TEXTS].data if TEXTS in found else b"", {}
    entries = found[ENTRIES].data[: MOST_NAMES * 8] if ENTRIES in found else b""
    for identifier, kind, index in struct.iter_unpack("<IHH", entries[: len(entries) // 8 * 8]):
        if kind & 1:
            length = struct.unpack_from("<I", texts, identifier)[0] if identifier + 4 <= len(texts) else 0
            name = texts[identifier + 4 : identifier + 4 + min(length, 512)].decode("utf-16-le", "replace")
        else:
            name = LONG_IDS.get(identifier, f"0x{identifier:04X}")
        names[NAMED_FROM + index] = name
    return names
