"""Streaming one worksheet's XML: rows of cells with absolute addresses, formulas, hidden rows and columns.

Read from the XML itself and not through a library's values: the digits of a number are then those that the file
stores, and formulas, hidden rows and merged ranges come in the same pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from lxml import etree

from unburnt.read.formats.office.office_xml import Element, is_true, number
from unburnt.read.formats.office.xlsx_plain import NotPlain, PlainList, attributes_of, resolved
from unburnt.read.formats.office.xlsx_values import Form, Shown, Values

ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
MOST_RANGES = 20_000
_FURTHER = ("c", "col", "mergeCell", "headerFooter", "hyperlink", "dataValidation")
_COLUMNS: dict[str, int] = {}
MOST_KNOWN = 1_000
ROW = re.compile(r'[ \t\n]*<row(?: r="([0-9]{1,7})")?+((?: [^<>"&]*"[^"<&]*")*+) *(?:(/)>|>)')
CELLS = re.compile(
    # Cells without content, then one with content, or a sign that belongs to neither.
    r'(?:<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,9}")?(?: t="n")? ?/>)*+'
    r'(?:<c r="([A-Z]{1,3})([0-9]{1,7})"((?: s="[0-9]{1,9}")?(?: t="[A-Za-z]{1,9}")?(?: s="[0-9]{1,9}")?)>'
    r'(?:(<f(?: [a-z0-9]+="[^"<&]*")*+)(?:/>|>([^<]*)</f>))?'
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>|(.)|\Z)',
    re.DOTALL,
)  # fmt: skip


_FORMAT = re.compile(r'(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?(?: s="([0-9]+)")?')
_MEANT = frozenset("snbed")
_BY_COLUMN = itemgetter(1)


@dataclass
class SheetFacts:
    """What the sheet says beside its cells; complete once the rows are consumed."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    header_footer: list[str] = field(default_factory=list)
    link_words: list[str] = field(default_factory=list)
    """What links show and say beside their targets."""
    validations: list[str] = field(default_factory=list)
    """A line for each rule on what may be entered: its range, choices or bounds, and what the user is told."""
    broken: bool = False


def address(text: str) -> tuple[int, int] | None:
    """``B3`` as (row 2, column 1); None where it is no address of a sheet."""
    match = ADDRESS.fullmatch(text)
    if match is None:
        return None
    column = column_of(match[1].upper())
    row = int(match[2]) - 1
    return (row, column) if 0 <= row <= LAST_ROW and column <= LAST_COLUMN else None


def column_of(letters: str) -> int:
    """``A`` as 0, ``AA`` as 26; *letters* are at most three of ``A`` to ``Z``."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return _COLUMNS.setdefault(letters, column - 1)


def cell_range(text: str) -> tuple[int, int, int, int] | None:
    """``A1:B3`` as (first row, first column, last row, last column)."""
    first, _, last = text.partition(":")
    start, end = address(first), address(last or first)
    if start is None or end is None:
        return None
    return min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])


class SheetStream:
    """Iterate over rows of :data:`Shown`, by column; *facts* fill up meanwhile."""

    def __init__(self, chunks: Iterator[bytes], values: Values) -> None:
        self._values = values
        self.facts = SheetFacts()
        self._list = PlainList(chunks, "sheetData", "row", _FURTHER)
        self._row = -1
        self._column = -1
        self._known: dict[str, dict[str, str]] = {}
        self._formats: dict[str, tuple[str, Form]] = {}

    def rows(self) -> Iterator[list[Shown]]:
        """Every row that holds anything, as the file orders them. Broken XML ends the rows, and *facts* says so."""
        yield from self._parsed(self._list.head())
        for region in self._list.regions():
            yield from self._plain(region)
        yield from self._parsed(self._list.rest())

    def _parsed(self, events: Iterable[tuple[str, Element]], *, forget: bool = True) -> Iterator[list[Shown]]:
        cells: list[Shown] = []
        try:
            for event, element in events:
                name = element.tag[element.tag.rfind("}") + 1 :]
                if event == "start":
                    if name == "row":
                        self._begin_row(self._number_of(element.get("r")), element.get("hidden"))
                    continue
                if name == "c":
                    cell = self._cell(element)
                    if cell is not None:
                        cells.append(cell)
                elif name == "row":
                    if cells:
                        yield sorted(cells, key=_BY_COLUMN)
                        cells = []
                else:
                    self._fact(name, element)
                if forget and name in ("row", "c"):
                    _forget(element)
        except (etree.XMLSyntaxError, OSError):
            self.facts.broken = True
        if cells:
            yield sorted(cells, key=_BY_COLUMN)

    def _plain(self, region: str) -> Iterator[list[Shown]]:
        """The rows of a region that patterns read; rows in other forms are parsed one by one."""
        at = 0
        while at < len(region):
            opening = ROW.match(region, at)
            if opening is None:
                self._list.hand_back(region[at:])
                return
            content, is_empty = opening.end(), opening[3] is not None
            end = content if is_empty else region.index("</row>", content)
            after = end if is_empty else end + 6
            try:
                cells = self._plain_row(opening, region, content, end)
            except NotPlain:
                try:
                    row = self._list.alone(region[at:after])
                except NotPlain:
                    self._list.hand_back(region[at:])
                    return
                yield from self._parsed(etree.iterwalk(row, events=("start", "end"), tag=("{*}row", "{*}c")), forget=False)
            else:
                if cells:
                    yield cells
            at = after

    def _plain_row(self, opening: re.Match[str], region: str, start: int, end: int) -> list[Shown]:
        about = self._about(opening[2])
        written = about.get("r")
        if opening[1] is not None:
            if written is not None:
                raise NotPlain
            written = opening[1]
        row = self._number_of(written)
        cells = self._plain_cells(row, CELLS.findall(region, start, end))
        self._begin_row(row, about.get("hidden"))
        return cells

    def _plain_cells(self, row: int, found: list[tuple[str, ...]]) -> list[Shown]:
        """The cells among what :data:`CELLS` found in one row."""
        cells: list[Shown] = []
        formats, columns, values, texts = self._formats, _COLUMNS, self._values, self._values.strings
        count, here, last, in_order = len(texts), str(row + 1), -1, True
        lost: list[str] = []
        for letters, digits, about, how, formula, value, inline, other in found:
            if not letters:
                if other:
                    raise NotPlain
                continue  # Only empty cells were left.
            column = columns.get(letters, -1)
            if column < 0:
                column = column_of(letters)
            if digits != here or column > LAST_COLUMN:
                raise NotPlain
            in_order = in_order and column > last
            last = column
            kind, form = formats.get(about) or self._format(about)
            if "&" in value:
                value = resolved(value)
            elif inline:
                value = unescape(resolved(inline))
            said = _plain_formula(how, formula) if how else None
            if kind == "s":
                if value.isdecimal() and len(value) < 10 and (index := int(value)) < count:
                    cells.append((row, column, texts[index], "text", None, said, None, ()))
                elif value or said:
                    lost.append(value)
                    cells.append((row, column, "", "text", None, said, None, ()))
            elif not value:
                if said:
                    cells.append(values.cell(row, column, kind, 0, value, said))
            elif kind == "text":
                cells.append((row, column, value, "text", None, said, None, ()))
            elif kind != "n":
                cells.append(values.cell(row, column, kind, 0, value, said))
            elif form is None and len(value) <= 15 and value.isdecimal() and value[0] != "0" and value.isascii():
                cells.append((row, column, value, "number", None, said, None, ()))  # as it is written
            else:
                cells.append(values.number(row, column, form, value, said))
        values.lost_strings += len(lost)
        return cells if in_order else sorted(cells, key=_BY_COLUMN)

    def _format(self, about: str) -> tuple[str, Form]:
        """A cell's ``t`` attribute, ``text`` where its value is shown as it is, and what its format makes of numbers."""
        match = _FORMAT.fullmatch(about)
        if match is None or (match[1] and match[3]):
            raise NotPlain
        kind = match[2] or "n"
        known = kind if kind in _MEANT else "text", self._values.form(int(match[1] or match[3] or 0))
        if len(self._formats) < MOST_KNOWN:
            self._formats[about] = known
        return known

    def _about(self, written: str) -> dict[str, str]:
        """A row's attributes; many rows have the same but for their number."""
        known = self._known.get(written)
        if known is None:
            known = attributes_of(written, self._list.prefixes)
            if len(self._known) < MOST_KNOWN:
                self._known[written] = known
        return known

    def _number_of(self, written: str | None) -> int:
        return max(0, min(number(written, self._row + 2) - 1, LAST_ROW))

    def _begin_row(self, row: int, hidden: str | None) -> None:
        self._row = row
        self._column = -1
        if is_true(hidden) and len(self.facts.hidden_rows) < LAST_ROW:
            self.facts.hidden_rows.append(self._row)

    def _cell(self, element: Element) -> Shown | None:
        where = address(element.get("r") or "")
        row, column = where if where is not None else (self._row, self._column + 1)
        self._column = column
        value, formula = "", None
        for inner in element:
            tag = str(inner.tag)
            name = tag[tag.rfind("}") + 1 :]
            if name == "v":
                value = inner.text or ""
            elif name == "is":
                value = rich_text(inner)
            elif name == "f":
                formula = _formula(inner)
        if not value and not formula:
            return None
        return self._values.cell(row, column, element.get("t") or "n", number(element.get("s")), value, formula)

    def _fact(self, name: str, element: Element) -> None:
        facts = self.facts
        if name == "col" and is_true(element.get("hidden")):
            first, last = number(element.get("min"), 1) - 1, number(element.get("max"), 1) - 1
            facts.hidden_columns.extend(range(max(0, first), min(last, LAST_COLUMN) + 1))
        elif name == "mergeCell" and len(facts.merged) < MOST_RANGES:
            found = cell_range(element.get("ref") or "")
            if found is not None:
                facts.merged.append(found)
        elif name == "headerFooter":
            facts.header_footer.extend(inner.text for inner in element if inner.text)
        elif name == "hyperlink" and len(facts.link_words) < MOST_RANGES:
            facts.link_words += [word for key in ("location", "display", "tooltip") if (word := element.get(key))]
        elif name == "dataValidation" and len(facts.validations) < MOST_RANGES:
            line = _validation(element)
            if line:
                facts.validations.append(line)


def _validation(element: Element) -> str:
    """``B2:B9: choices; prompt`` (section 18.3.1.32); empty where there is nothing but the range."""
    inner = {str(one.tag)[str(one.tag).rfind("}") + 1 :]: "".join(map(str, one.itertext())) for one in element}
    said = [inner.get("formula1", "").strip('"'), inner.get("formula2", "")]
    said += [element.get(key) or "" for key in ("promptTitle", "prompt", "errorTitle", "error")]
    words = "; ".join(unescape(word) for word in said if word.strip())
    return f"{element.get('sqref') or inner.get('sqref', '')}: {words}"[:10_000] if words else ""


def _formula(element: Element) -> str:
    """A formula with ``=``; a follower of a shared formula names the group, for the file stores no text for it."""
    text = element.text
    if text:
        return "=" + text
    return f"=shared {element.get('si')}" if element.get("t") == "shared" else ""


def _plain_formula(tag: str, text: str) -> str:
    """The same of *tag*, which begins with ``<f``, and *text*."""
    about = attributes_of(tag[2:], frozenset()) if len(tag) > 2 else {}
    if text:
        return "=" + resolved(text)
    return f"=shared {about.get('si')}" if about.get("t") == "shared" else ""


def rich_text(element: Element) -> str:
    """The text of a string item: its runs joined, phonetic guides (``rPh``) left out."""
    pieces = []
    for inner in element:
        tag = str(inner.tag)
        name = tag[tag.rfind("}") + 1 :]
        if name == "t":
            pieces.append(inner.text or "")
        elif name == "r":
            pieces.extend(text.text or "" for text in inner if str(text.tag).endswith("}t"))
    return unescape("".join(pieces))


ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo ``_x000D_``, the way in which control characters are written in spreadsheet XML (ST_Xstring)."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: _character(int(match[1], 16), match[0]), text)


def _character(code: int, written: str) -> str:
    return written if 0xD800 <= code < 0xE000 else chr(code)


def _forget(element: Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
