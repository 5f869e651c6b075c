"""Any XML: the text between the tags; no entity is expanded beyond XML's own five, nothing is fetched."""

from __future__ import annotations

import inspect
import re
from typing import Any, cast

from lxml import etree

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.texts.text_endings import ending_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 64 << 20
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"<\?xml[^>]+encoding=[\"']([\w.:-]{1,40})", re.I)
_TITLES = frozenset(("title", "dc:title"))


def read(source: Source, emitter: Emitter) -> Ending:
    """One part of text, elements' texts a line each; where it is no well-formed XML, the source text."""
    data = source.all(_MOST)
    match = _ENCODING.search(data[:400])
    decoded = decode(data, match.group(1).decode("ascii", "ignore") if match else None, hints=source.charsets)
    target = _Texts()
    parser = etree.XMLParser(
        target=cast(Any, target), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=False,
        encoding="utf-8",
    )
    try:
        etree.fromstring(_DECLARATION.sub("", decoded.text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError, AssertionError) as error:
        return _as_source(source, emitter, decoded.text, str(error))
    text = target.text()
    if not text.strip():
        emitter.metadata(Metadata(fields={"text:encoding": decoded.encoding, "xml:root": target.root}))
        return Ending(Outcome.EMPTY, "There is no text between its tags.")
    emitter.part("text", "", text)
    if target.entities:
        emitter.note("entities", f"{target.entities} entity references were left unexpanded.")
    ending = ending_of(decoded, emitter)
    emitter.metadata(Metadata(
        title=" ".join(target.title.split())[:500] or None, fields={"text:encoding": decoded.encoding, "xml:root": target.root},
    ))
    return ending


def _as_source(source: Source, emitter: Emitter, text: str, error: str) -> Ending:
    if not text.strip():
        raise Damaged("It is not well-formed XML, and there is no text in it.")
    emitter.part("text", "", text)
    emitter.note("malformed", f"It is not well-formed XML; its source is shown. {error[:200]}")
    return Ending(Outcome.PARTIAL, "It is not well-formed XML; its source text was kept.")


def _is_sentence(value: str) -> bool:
    return " " in value.strip() and sum(map(str.isalpha, value)) * 2 > len(value)


class _Texts:
    """A parser target: no tree is ever built."""

    def __init__(self) -> None:
        self.root = ""
        self.title = ""
        self._titled = False
        self.entities = 0
        self._pieces: list[str] = ["\n"]
        self._names: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self._names:
            self.root = name[:200]
        self._names.append(name)
        self._line()
        # Many vocabularies keep what matters in attributes; in drawings they hold coordinates.
        values = [value for value in attributes.values() if self.root != "svg" or _is_sentence(value)]
        if values:
            self._pieces.append(" ".join(values) + "\n")

    # lxml asks each new target for it, and finding it out takes as long as reading a small file.
    start.__signature__ = inspect.signature(start)  # type: ignore[attr-defined]

    def end(self, tag: str) -> None:
        if self._names.pop().lower() in _TITLES and self.title.strip():
            self._titled = True  # a feed's items and a catalogue's books have titles of their own
        self._line()

    def data(self, data: str) -> None:
        self._pieces.append(data)
        if not self._titled and self._names and self._names[-1].lower() in _TITLES and len(self.title) < 500:
            self.title += data

    def comment(self, text: str) -> None:
        """Comments were written by people too."""
        self._line()
        self._pieces.append(text)

    def close(self) -> None:
        """Nothing to give back; see :meth:`text`."""

    def text(self) -> str:
        lines = map(str.strip, "".join(self._pieces).split("\n"))
        return "".join([f"{line}\n" for line in lines if line])

    def _line(self) -> None:
        if self._pieces[-1] != "\n":  # millions of empty elements are kept as one end of a line
            self._pieces.append("\n")


FORMATS = (
    Format(
        "xml", read, memory_safe=False, libraries=("lxml", "faust-cchardet"),
        title="XML and SVG",
        gives="text, attributes' values and comments, a line each; its root, its title; the source text where it is not well-formed",
        lacks="tags' and attributes' names; what is drawn; entities beyond XML's own five are not expanded; nothing is fetched",
    ),
)
