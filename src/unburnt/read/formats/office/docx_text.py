"""Walking WordprocessingML: the text of record with its marks (ECMA-376 part 1, section 17).

Inserted and deleted text both stand in the text, marked; field results stand in it, field instructions are marks.
Text boxes follow the paragraph they are anchored in, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from unburnt.read.formats.office.docx_numbers import Numbering
from unburnt.read.formats.office.field_words import shown_words
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.office.office_xml import (
    Element,
    attribute,
    child,
    children,
    descendants,
    is_true,
    local,
    number,
)
from unburnt.read.formats.office.ooxml_relations import Relation

SKIPPED = frozenset(
    ["pPr", "tblPr", "tblGrid", "tcPr", "trPr", "sectPr", "sdtEndPr", "tblPrEx", "instrText",
    "delInstrText", "numbering", "docDefaults", "binData", "fldData", "txbxFallback", "imagedata",
    "stroke", "fill", "shadow", "path", "formulas", "handles", "lock", "wrap", "extent", "positionH", "positionV",
    "pictureOptions", "pos", "hpos", "vpos"]
)
CHANGES = {"ins": "insertion", "moveTo": "insertion", "del": "deletion", "moveFrom": "deletion"}
MATHEMATICS = {"den": "/", "sub": "_", "sup": "^"}
FORM_WORDS = {
    "alias": ("val",), "tag": ("val",), "listItem": ("displayText", "value"), "date": ("fullDate",), "name": ("val",),
    "helpText": ("val",), "statusText": ("val",), "default": ("val",), "listEntry": ("val",),
}  # fmt: skip
MAX_MARKS = 50_000


@dataclass
class OpenField:
    """A complex field being read: its instruction so far, and where its result begins."""

    instruction: str = ""
    result: int | None = None


class WordWalker:
    """Turns one part of a Word document (body, header, notes, comment) into text and marks."""

    def __init__(self, relations: dict[str, Relation]) -> None:
        self.out = TextBuilder()
        self.relations = relations
        self.comment_spans: dict[str, list[int | None]] = {}
        self.alternative_chunks: list[str] = []
        self.diagrams: list[str] = []
        self.forms: list[str] = []
        """What is said of fields to be filled in: name, help, choices, the value to begin with."""
        self.numbering: Numbering | None = None
        """Counts the paragraphs, where the document has lists."""
        self._fields: list[OpenField] = []
        self._boxes: list[Element] = []
        self._in_box = 0
        self._handlers: dict[str, Callable[[Element], None]] = {
            "p": self._paragraph, "tbl": self._table, "r": self._run, "t": self._text, "delText": self._text,
            "tab": self._tab, "ptab": self._tab, "br": self._break, "cr": self._break, "sym": self._symbol,
            "noBreakHyphen": lambda _: self.out.add("\u2011"), "softHyphen": lambda _: self.out.add("\u00ad"),
            "ins": self._change, "del": self._change, "moveTo": self._change, "moveFrom": self._change,
            "hyperlink": self._hyperlink, "fldSimple": self._simple_field, "fldChar": self._field_character,
            "instrText": self._instruction, "delInstrText": self._instruction, "AlternateContent": self._alternate,
            "txbxContent": self._text_box, "commentRangeStart": self._comment_start,
            "commentRangeEnd": self._comment_end, "commentReference": self._comment_reference,
            "footnoteReference": self._note_reference, "endnoteReference": self._note_reference,
            "docPr": self._description, "altChunk": self._alternative_chunk, "ruby": self._ruby,
            "textpath": self._word_art, "relIds": self._diagram, "chart": self._diagram, "shape": self._shape,
            "sdtPr": self._control, "ffData": self._control, "den": self._mathematics, "sub": self._mathematics,
            "sup": self._mathematics,
        }  # fmt: skip

    def walk(self, element: Element) -> None:
        """Read all children of *element*."""
        for inner in element:
            self.visit(inner)

    def visit(self, element: Element) -> None:
        """Read one element and all below it."""
        name = local(element)
        handler = self._handlers.get(name)
        if handler is not None:
            handler(element)
        elif name and name not in SKIPPED:
            self.walk(element)

    def another(self) -> WordWalker:
        """A walker of the same kind for a cell."""
        inner = WordWalker(self.relations)
        inner.numbering = self.numbering
        return inner

    def finish(self) -> None:
        """Close what the document left open: fields, text boxes, comment ranges."""
        while self._fields:
            self._end_field()
        self._flush_boxes()

    # --- blocks --------------------------------------------------------------------------------

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "pPr", "rPr")
        if self.numbering is not None:
            self.numbering.take(element)
        self.walk(element)
        self.out.add("\n")
        if properties is not None:
            for change in properties:
                if local(change) in CHANGES:
                    self._mark(CHANGES[local(change)], self.out.length - 1, change, text="paragraph mark")
        if not self._in_box:
            self._flush_boxes()

    def _table(self, element: Element) -> None:
        self.out.end_line()
        for name in ("tblCaption", "tblDescription"):
            said = child(element, "tblPr", name)
            self._describe("" if said is None else attribute(said, "val") or "")
        for row in descendants_in_order(element, "tr"):
            start = self.out.length
            cells = list(descendants_in_order(row, "tc"))
            for position, cell in enumerate(cells):
                if position:
                    self.out.add("\t")
                self._cell(cell)
            self.out.add("\n")
            properties = child(row, "trPr")
            for change in properties if properties is not None else ():
                if local(change) in CHANGES:
                    self._mark(CHANGES[local(change)], start, change, text="table row")

    def _cell(self, element: Element) -> None:
        """A cell's paragraphs are separated by line breaks, without one after the last."""
        inner = self.another()
        inner._in_box = 1
        inner._fields = self._fields
        inner.out.length = self.out.length
        inner.comment_spans = self.comment_spans
        inner.alternative_chunks = self.alternative_chunks
        inner.diagrams = self.diagrams
        inner.forms = self.forms
        inner._boxes = self._boxes
        inner.walk(element)
        text = inner.out.text()
        text = text.removesuffix("\n")
        self.out.add(text)
        end = self.out.length
        for mark in inner.out.marks:
            if mark.start is not None and mark.end is not None and mark.end > end:
                mark = msgspec.structs.replace(mark, start=min(mark.start, end), end=end)
            self.out.marks.append(mark)

    def _text_box(self, element: Element) -> None:
        self._boxes.append(element)

    def _flush_boxes(self) -> None:
        while self._boxes:
            self.out.end_line()
            box = self._boxes.pop(0)
            self._in_box += 1
            self.walk(box)
            self._in_box -= 1
            self.out.end_line()

    def _alternate(self, element: Element) -> None:
        """One drawing, written twice for old and new readers: the new form, or the old where there is no other."""
        chosen = child(element, "Choice")
        if chosen is None:
            chosen = child(element, "Fallback")
        if chosen is not None:
            self.walk(chosen)

    def _alternative_chunk(self, element: Element) -> None:
        relation = self.relations.get(attribute(element, "id") or "")
        if relation is not None and not relation.external:
            self.alternative_chunks.append(relation.target)

    def _diagram(self, element: Element) -> None:
        for name in ("dm", "id"):
            relation = self.relations.get(attribute(element, name) or "")
            if relation is not None and not relation.external:
                self.diagrams.append(relation.target)

    # --- runs ----------------------------------------------------------------------------------

    def _run(self, element: Element) -> None:
        properties = child(element, "rPr")
        start = self.out.length
        for inner in element:
            if inner is not properties:
                self.visit(inner)
        if properties is not None and self.out.length > start:
            hidden = child(properties, "vanish")
            if hidden is not None and is_true(attribute(hidden, "val"), default=True):
                self._mark("hidden", start, None, text="hidden text")

    def _text(self, element: Element) -> None:
        self.out.add(element.text)

    def _tab(self, element: Element) -> None:
        self.out.add("\t")

    def _break(self, element: Element) -> None:
        self.out.add("\n")

    def _symbol(self, element: Element) -> None:
        code = attribute(element, "char") or ""
        try:
            value = int(code, 16)
        except ValueError:
            return
        if 0 < value < 0x110000 and not 0xD800 <= value < 0xE000:
            start = self.out.length
            self.out.add(chr(value))
            self.out.mark("symbol", start, self.out.length, text=attribute(element, "font") or "")

    def _ruby(self, element: Element) -> None:
        start = self.out.length
        for base in children(element, "rubyBase"):
            self.walk(base)
        spoken = "".join(found.text or "" for rt in children(element, "rt") for found in descendants(rt, "t"))
        if spoken:
            self.out.mark("annotation", start, self.out.length, text=spoken)

    def _word_art(self, element: Element) -> None:
        text = attribute(element, "string")
        if text:
            self.out.add(text)

    def _shape(self, element: Element) -> None:
        self._describe(attribute(element, "alt") or "")
        start, target = self.out.length, attribute(element, "href") or ""
        self.walk(element)
        if target and len(self.out.marks) < MAX_MARKS:
            self.out.mark("link", start, self.out.length, text=target[:10_000])

    def _description(self, element: Element) -> None:
        for name in ("title", "descr"):
            self._describe(attribute(element, name) or "")

    def _describe(self, text: str) -> None:
        if text.strip() and len(self.out.marks) < MAX_MARKS:
            self.out.mark("annotation", self.out.length, self.out.length, text=text[:10_000])

    def _control(self, element: Element) -> None:
        """A content control's or an old form field's own words (sections 17.5.2 and 17.16); what was filled in stands in the text."""
        said = [attribute(inner, name) or "" for inner in descendants(element, *FORM_WORDS) for name in FORM_WORDS[local(inner)]]
        line = "; ".join(dict.fromkeys(word for word in said if word.strip()))
        if line and len(self.forms) < MAX_MARKS:
            self.forms.append(line[:10_000])

    def _mathematics(self, element: Element) -> None:
        """Formulas in one line: ``a/b``, ``a_b``, ``a^b`` (section 22.1)."""
        if next((text for text in descendants(element, "t") if text.text), None) is not None:
            self.out.add(MATHEMATICS[local(element)])
        self.walk(element)

    # --- what is said about the text -----------------------------------------------------------

    def _mark(self, kind: str, start: int, source: Element | None, *, text: str = "") -> None:
        if self.out.length <= start or len(self.out.marks) >= MAX_MARKS:
            return
        author = attribute(source, "author") if source is not None else None
        date = attribute(source, "date") if source is not None else None
        self.out.mark(kind, start, self.out.length, text=text, author=author, date=date)

    def _change(self, element: Element) -> None:
        start = self.out.length
        self.walk(element)
        name = local(element)
        self._mark(CHANGES[name], start, element, text="moved" if name.startswith("move") else "")

    def _hyperlink(self, element: Element) -> None:
        start = self.out.length
        self.walk(element)
        relation = self.relations.get(attribute(element, "id") or "")
        target = relation.target if relation is not None else ""
        anchor = attribute(element, "anchor")
        if target or anchor:
            self._mark("link", start, None, text=target + (f"#{anchor}" if anchor else ""))

    def _simple_field(self, element: Element) -> None:
        start = self.out.length
        self.walk(element)
        instruction = (attribute(element, "instr") or "").strip()
        if self.out.length == start:
            self.out.add(shown_words(instruction))
        if instruction and len(self.out.marks) < MAX_MARKS:
            kind = "link" if instruction.upper().startswith("HYPERLINK") else "field"
            self.out.mark(kind, start, self.out.length, text=instruction[:10_000])

    def _field_character(self, element: Element) -> None:
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self._fields.append(OpenField())
            self.walk(element)
        elif kind == "separate" and self._fields:
            self._fields[-1].result = self.out.length
        elif kind == "end" and self._fields:
            self._end_field()

    def _end_field(self) -> None:
        finished = self._fields.pop()
        instruction = finished.instruction.strip()
        start = self.out.length if finished.result is None else finished.result
        if finished.result is None and (words := shown_words(instruction)):
            outer = next((field for field in reversed(self._fields) if field.result is None), None)
            if outer is None:
                self.out.add(words)
            else:
                outer.instruction += words
        kind = "link" if instruction.upper().startswith("HYPERLINK") else "field"
        if instruction and len(self.out.marks) < MAX_MARKS:
            self.out.mark(kind, start, self.out.length, text=instruction[:10_000])

    def _instruction(self, element: Element) -> None:
        if self._fields and len(self._fields[-1].instruction) < 10_000:
            self._fields[-1].instruction += element.text or ""

    def _comment_start(self, element: Element) -> None:
        self.comment_spans[attribute(element, "id") or ""] = [self.out.length, None]

    def _comment_end(self, element: Element) -> None:
        span = self.comment_spans.setdefault(attribute(element, "id") or "", [self.out.length, None])
        span[1] = self.out.length

    def _comment_reference(self, element: Element) -> None:
        self.comment_spans.setdefault(attribute(element, "id") or "", [self.out.length, self.out.length])

    def _note_reference(self, element: Element) -> None:
        kind = "footnote" if local(element) == "footnoteReference" else "endnote"
        identity = number(attribute(element, "id"))
        self.out.mark("annotation", self.out.length, self.out.length, text=f"{kind} {identity}")


def descendants_in_order(element: Element, name: str) -> list[Element]:
    """Rows of a table or cells of a row, also inside content controls and tracked changes, but of no inner table."""
    found: list[Element] = []
    for inner in element:
        tag = local(inner)
        if tag == name:
            found.append(inner)
        elif tag in ("sdt", "sdtContent", "customXml", "ins", "del", "moveTo", "moveFrom", "smartTag"):
            found.extend(descendants_in_order(inner, name))
    return found
