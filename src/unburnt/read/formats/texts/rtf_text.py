"""Walking RTF (Rich Text Format 1.9.1): groups on an explicit stack, bytes decoded by each font's own code page.

striprtf decodes by one code page for the whole file and loses two-byte characters split over ``\\'xx`` pairs; hence this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from unburnt.read.formats.office.field_words import shown_words
from unburnt.read.formats.office.office_text import TextBuilder
from unburnt.read.formats.texts.rtf_changes import AUTHORS, author_and_date
from unburnt.read.formats.texts.rtf_fields import target_of

TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([\r\n]+)|([^\\{}\r\n]+)", re.DOTALL
)
CHARSETS = {0: "cp1252", 2: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950",
            161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
            222: "cp874", 238: "cp1250"}  # fmt: skip
CHARACTERS = {
    "par": "\n", "sect": "\n", "page": "\n", "line": "\n", "column": "\n", "softline": "\n", "tab": "\t", "cell": "\t",
    "nestcell": "\t", "row": "\n", "nestrow": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "zwj": "\u200d",
    "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f", "qmspace": "\u2005",
}  # fmt: skip
SYMBOLS = {b"~": "\u00a0", b"-": "\u00ad", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n",
           b"\t": "\t"}  # fmt: skip
IGNORED = frozenset(
    ["colortbl", "stylesheet", "filetbl", "listtable", "listoverridetable", "rsidtbl", "generator",
    "xmlnstbl", "themedata", "latentstyles", "datastore", "colorschememapping", "pict", "objdata", "nonshppict",
    "shprslt", "pntxta", "pntxtb", "bkmkstart", "bkmkend", "datafield", "mmathPr", "sp", "fontemb",
    "objclass", "objname", "info", "fonttbl", "atnid", "atnref", "atndate", "atntime", "atnparent", "atnicn",
    "template"]
)
KNOWN_STARRED = frozenset(["shpinst", "shptxt", "annotation", "atnauthor", "atnid", "ud", "shppict", "nesttableprops"])
STORIES = {"header": "header", "headerl": "header", "headerr": "header", "headerf": "header", "footer": "header",
           "footerl": "header", "footerr": "header", "footerf": "header", "footnote": "footnotes",
           "annotation": "comments"}  # fmt: skip
INFO = frozenset(["title", "author", "subject", "keywords", "comment", "operator", "company", "manager",
    "category", "doccomm", "creatim", "revtim", "printim"])
LONGEST_INSTRUCTION = 10_000
MOST_GROUPS = 1_000_000
MOST_TEXT = 200_000_000


class State(msgspec.Struct):
    """What a group inherits."""

    story: str = "text"
    ignored: bool = False
    font: int = -1
    fallback: int = 1
    deleted: bool = False
    inserted: bool = False
    hidden: bool = False
    by: tuple[int, int] = (0, 0)
    """Who changed it last, as a place in the table of authors, and when."""
    info: str = ""
    destination: str = ""
    instruction: bool = False
    """Inside what a field is to do."""
    link: tuple[int, str] | None = None
    """Where the words that a field shows begin, and where it leads."""
    markup: bool = False
    """Inside a piece of the HTML that the text was made from."""
    unlike_html: bool = False
    """Inside what the HTML has not."""


@dataclass
class Found:
    """What an RTF file holds."""

    stories: dict[str, TextBuilder] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)
    html: str = ""
    """The page that the text was made from, where a mail program wrote it in (MS-OXRTFEX)."""
    whole: bool = True
    reason: str = ""


class RtfWalker:
    """Reads one RTF file, token by token."""

    def __init__(self) -> None:
        self.found = Found()
        self._state = State()
        self._stack: list[State] = []
        self._deep = 0
        self._codepage = "cp1252"
        self._fonts: dict[int, str] = {}
        self._defined = -1
        self._default_font = -1
        self._bytes = bytearray()
        self._high: int = 0
        self._skip = 0
        self._starred = False
        self._run_start = 0
        self._length = 0
        self._instruction = ""
        self._target = ""
        self._words = ""
        """What the field shows whose instruction was read, unless it has a result."""
        self._is_from_html = False
        self._html: list[str] = []

    def walk(self, untrusted_rtf: bytes) -> Found:
        """Read all tokens; damage ends nothing but is reported."""
        position: int | None = 0
        while position is not None:
            position = self._walk_from(untrusted_rtf, position)
        self._flush()
        self._end_run()
        self._lonely_target()
        self.found.html = "".join(self._html)
        if self._stack or self._deep:
            self.found.whole, self.found.reason = False, self.found.reason or "ends before its groups are closed"
        return self.found

    def _walk_from(self, untrusted_rtf: bytes, start: int) -> int | None:
        """Read tokens up to binary data; where to go on after it, None at the end."""
        for match in TOKEN.finditer(untrusted_rtf, start):
            kind = match.lastindex
            if kind == 7:
                self._literal(match[7])
            elif kind == 5:
                self._brace(match[5])
            elif kind in (1, 2):
                word = WORDS.get(match[1])
                if word is None and not (self._skip or self._starred):
                    continue  # most words say how something looks
                argument = match[2]
                if word == "bin" and argument is not None:
                    return min(match.end() + max(0, int(argument)), len(untrusted_rtf))
                self._word(word or match[1].decode("ascii"), None if argument is None else int(argument))
            elif kind == 3:
                self._literal(bytes((int(match[3], 16),)))
            elif kind == 4:
                if match[4] == b"*":
                    # A star that does not open its group says nothing.
                    self._starred = untrusted_rtf[max(0, match.start() - 20) : match.start()].rstrip().endswith(b"{")
                else:
                    self._symbol(match[4])
            if self._length > MOST_TEXT:
                self.found.whole, self.found.reason = False, "holds more text than is safe to keep"
                break
        return None

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._skip = 0
        if brace == b"{":
            self._starred = False
            if len(self._stack) >= MOST_GROUPS:
                self._deep += 1
            else:
                self._stack.append(self._state)
                if self._state.destination:
                    self._state = replace(self._state, destination="")
        elif self._deep:
            self._deep -= 1
        elif self._stack:
            before, after = self._state, self._stack.pop()
            if after is before:
                return  # nothing was said in the group that ends with it
            self._change(after)
            self._end_field(before)
            if before.story != self._state.story and before.story in self.found.stories:
                self.found.stories[before.story].end_line()

    def _change(self, state: State) -> None:
        old = self._state
        said = state.deleted, state.inserted, state.hidden, state.story, state.by
        if (old.deleted, old.inserted, old.hidden, old.story, old.by) != said:
            self._end_run()
            self._state = state
            self._run_start = self._out().length
        self._state = state

    def _end_run(self) -> None:
        out, state = self._out(), self._state
        if out.length > self._run_start and len(out.marks) < 50_000:
            author, date = author_and_date(self.found.info.get(AUTHORS, ""), state.by)
            for is_set, kind in ((state.deleted, "deletion"), (state.inserted, "insertion")):
                if is_set:
                    out.mark(kind, self._run_start, out.length, author=author, date=date)
            if state.hidden:
                out.mark("hidden", self._run_start, out.length)
        self._run_start = out.length

    def _end_field(self, before: State) -> None:
        """Leave a group: what a field is to do is known at its end, and what it shows has its extent."""
        if before.instruction and not self._state.instruction:
            self._lonely_target()
            self._target, self._words = target_of(self._instruction), shown_words(self._instruction)
        if before.destination == "fldrslt" and before.link is not None and self._out().length > before.link[0]:
            self._words = ""
        if before.destination == "field":
            self._lonely_target()
            self._put(self._words)
            self._words = ""
        if before.link is not None and before.link != self._state.link and before.story in self.found.stories:
            out, (start, target) = self.found.stories[before.story], before.link
            if target and len(out.marks) < 50_000:
                out.mark("link", min(start, out.length), out.length, text=target)

    def _lonely_target(self) -> None:
        """Keep where a field leads that shows nothing."""
        if self._target:
            self._out().mark("link", self._out().length, self._out().length, text=self._target)
        self._target = ""

    def _out(self) -> TextBuilder:
        story = self._state.story
        found = self.found.stories.get(story)
        if found is None:
            found = self.found.stories[story] = TextBuilder()
        return found

    def _literal(self, data: bytes) -> None:
        if self._skip:
            dropped = min(self._skip, len(data))
            self._skip -= dropped
            data = data[dropped:]
        state = self._state
        if data and (not state.ignored or state.info or state.instruction or state.markup or state.destination == "fonttbl"):
            self._bytes += data

    def _symbol(self, symbol: bytes) -> None:
        if symbol in SYMBOLS:
            if self._skip:
                self._skip -= 1
            else:
                self._add(SYMBOLS[symbol])

    def _flush(self) -> None:
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            encoding = self._fonts.get(self._state.font, self._codepage) if not data.isascii() else "ascii"
            self._put(data.decode(encoding, "replace"))

    def _add(self, text: str) -> None:
        self._flush()
        self._put(text)

    def _put(self, text: str) -> None:
        if self._is_from_html and not self._state.unlike_html and (self._state.markup or not self._state.ignored):
            self._html.append(text)
        if self._state.instruction:
            if len(self._instruction) < LONGEST_INSTRUCTION:
                self._instruction += text[:LONGEST_INSTRUCTION]
        elif self._state.info:
            known = self.found.info.get(self._state.info, "")
            self.found.info[self._state.info] = (known + text)[:20_000]
        elif self._state.markup:
            self._length += len(text)
        elif not self._state.ignored:
            self._length += len(text)
            self._out().add(text)

    def _unicode(self, argument: int) -> None:
        self._flush()
        code = argument & 0xFFFF
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            if self._high:
                self._put(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
            self._high = 0
        else:
            self._put(chr(code))
        self._skip = self._state.fallback

    def _word(self, word: str, argument: int | None) -> None:
        if word == "u" and argument is not None:
            self._unicode(argument)
            return
        if self._skip:
            self._skip -= 1
            return
        state = self._state
        if word in CHARACTERS:
            self._add(CHARACTERS[word])
            return
        starred, self._starred = self._starred, False
        if word in _PROPERTIES:
            self._flush()
            _PROPERTIES[word](self, argument)
        elif word in STORIES:
            self._flush()
            self._change(replace(state, story=STORIES[word], ignored=False, destination=word))
        elif word == AUTHORS or (word in INFO and self._in_info(state)):
            self._flush()
            if word in self.found.info:
                self.found.info[word] += "; "  # LibreOffice writes who changed the file last as a second author
            self._state = replace(state, info=word)
        elif word == "field":
            self._state = replace(state, destination=word)
        elif word == "fldinst":
            self._flush()
            self._instruction = ""
            self._state = replace(state, ignored=True, instruction=True, destination=word)
        elif word == "fldrslt" and not state.ignored:
            self._flush()
            self._state = replace(state, link=(self._out().length, self._target), destination=word)
            self._target = ""
        elif word == "htmltag" and starred:
            self._flush()
            self._state = replace(state, ignored=True, markup=self._is_from_html, destination=word)
        elif word in IGNORED or (starred and word not in KNOWN_STARRED):
            self._flush()
            self._state = replace(state, ignored=True, instruction=False, markup=False, destination=word)

    def _in_info(self, state: State) -> bool:
        return bool(self._stack) and self._stack[-1].destination == "info"

    def _uc(self, argument: int | None) -> None:
        self._state = replace(self._state, fallback=max(0, min(argument if argument is not None else 1, 32)))

    def _font(self, argument: int | None) -> None:
        number = argument or 0
        if "fonttbl" in (self._state.destination, *[each.destination for each in self._stack[-2:]]):
            self._defined = number
        else:
            self._state = replace(self._state, font=number)

    def _charset(self, argument: int | None) -> None:
        if argument in CHARSETS and argument not in (0, 2) and len(self._fonts) < 10_000:
            self._fonts[self._defined] = CHARSETS[argument]

    def _ansi_codepage(self, argument: int | None) -> None:
        name = {936: "gb18030", 65001: "utf-8", 0: "cp1252"}.get(argument or 0, f"cp{argument}")
        try:
            "".encode(name)
        except LookupError:
            return
        self._codepage = name

    def _plain(self, _: int | None) -> None:
        self._change(replace(self._state, deleted=False, inserted=False, hidden=False, by=(0, 0), font=self._default_font))

    def _default(self, argument: int | None) -> None:
        self._default_font = argument or 0
        self._state = replace(self._state, font=self._default_font)

    def _deleted(self, argument: int | None) -> None:
        self._change(replace(self._state, deleted=argument != 0))

    def _revised(self, argument: int | None) -> None:
        self._change(replace(self._state, inserted=argument != 0))

    def _author(self, argument: int | None) -> None:
        self._change(replace(self._state, by=(argument or 0, self._state.by[1])))

    def _date(self, argument: int | None) -> None:
        self._change(replace(self._state, by=(self._state.by[0], argument or 0)))

    def _vanish(self, argument: int | None) -> None:
        self._change(replace(self._state, hidden=argument != 0))

    def _from_html(self, argument: int | None) -> None:
        self._is_from_html = self._is_from_html or (argument != 0 and self._length == 0)

    def _unlike_html(self, argument: int | None) -> None:
        self._state = replace(self._state, unlike_html=argument != 0)


_PROPERTIES = {
    "uc": RtfWalker._uc, "f": RtfWalker._font, "fcharset": RtfWalker._charset, "ansicpg": RtfWalker._ansi_codepage,
    "plain": RtfWalker._plain, "deff": RtfWalker._default, "deleted": RtfWalker._deleted, "revised": RtfWalker._revised,
    "revauth": RtfWalker._author, "revauthdel": RtfWalker._author, "revdttm": RtfWalker._date, "revdttmdel": RtfWalker._date,
    "v": RtfWalker._vanish, "fromhtml": RtfWalker._from_html, "htmlrtf": RtfWalker._unlike_html,
}  # fmt: skip
WORDS = {
    word.encode(): word
    for word in (*CHARACTERS, *_PROPERTIES, *STORIES, *INFO, *IGNORED, AUTHORS, "u", "bin", "field", "fldinst", "fldrslt", "htmltag")
}
"""Those that mean anything here; of the others nothing is kept, unless a ``\\*`` stands before them."""
