"""The query language: words, "phrases", "near this"~5, AND OR NOT ( ), -word, prefix*, fuzzy~1, field:value."""

from __future__ import annotations

import re

import msgspec

from unburnt.base.errors import QuerySyntaxError
from unburnt.model.outcome import Outcome

MAX_CHARACTERS = 4096
MAX_TERMS = 256
MAX_DEPTH = 32
MAX_DISTANCE = 100
FIELDS = ("type", "lang", "path", "from", "to", "date", "outcome", "title", "subject", "delivery", "folder")


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """Something to find in the text, as typed. *kind*: ``word phrase near prefix fuzzy``."""

    kind: str
    text: str
    column: int
    distance: int = 0
    """Words between, at most, for ``near``."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A condition on a field; *value* is a term for fields that hold text."""

    name: str
    value: Term
    column: int


class And(msgspec.Struct, frozen=True):
    parts: tuple[Node, ...]


class Or(msgspec.Struct, frozen=True):
    parts: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    part: Node


Node = Term | Field | And | Or | Not
_ALIKE = str.maketrans({"“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "＂": '"', "«": '"', "»": '"',
                        "„": '"', "（": "(", "）": ")", "：": ":", "＊": "*", "～": "~", "－": "-", "\u3000": " "})
_TOKEN = re.compile(r'\s+|(?P<field>[A-Za-z]+):(?=\S)|"(?P<quoted>[^"]*)"(?:~(?P<near>[^\s()"]*))?'
                    r'|(?P<sign>[()])|(?P<minus>-)(?=[^\s)])|(?P<word>[^\s()"]+)')
_FUZZY = re.compile(r"(.+)~(\d*)")


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    column: int
    near: str | None = None


def parse(untrusted_text: str) -> Node | None:
    """The query as a tree; None when it is empty (everything is meant).

    Raises :class:`QuerySyntaxError` with the 1-based column. Full-width quotes, brackets and colons are accepted.
    """
    if len(untrusted_text) > MAX_CHARACTERS:
        raise QuerySyntaxError(f"The query is longer than {MAX_CHARACTERS} characters.", column=MAX_CHARACTERS + 1,
                               remedy="Shorten it.")
    found = _tokens(untrusted_text.translate(_ALIKE))
    if not found:
        return None
    parser = _Parser(found, len(untrusted_text) + 1)
    node = parser.either(0)
    if (left := parser.peek()) is not None:
        raise QuerySyntaxError("This closing bracket has no opening one.", column=left.column, remedy="Remove it.")
    return node


def _tokens(text: str) -> list[_Token]:
    found, at, terms = [], 0, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QuerySyntaxError("This quotation mark is never closed.", column=at + 1, remedy='Add a closing ".')
        if match.lastgroup is not None:
            kind = "quoted" if match["quoted"] is not None else match.lastgroup
            found.append(_Token(kind, match[kind], at + 1, match["near"]))
            _refuse_unfinished(found[-1], match.end())
            terms += kind in ("quoted", "word")
        if terms > MAX_TERMS:
            raise QuerySyntaxError(f"The query has more than {MAX_TERMS} words.", column=at + 1, remedy="Shorten it.")
        at = match.end()
    return found


def _refuse_unfinished(token: _Token, end: int) -> None:
    """What was begun and would otherwise be looked for as words; *end* is where the token ends, from 0."""
    if token.near is not None and not token.near.isdecimal():
        raise QuerySyntaxError("A number of words is expected after ~.", column=end - len(token.near) + 1,
                               remedy='For example "near this"~5.')
    name = token.text[:-1].lower()
    if token.kind == "word" and token.text.endswith(":") and name in FIELDS:
        raise _no_value(name, end + 1)


def _no_value(name: str, column: int) -> QuerySyntaxError:
    return QuerySyntaxError(f"A value is expected after {name}:.", column=column, remedy=f'For example {name}:"something".')


class _Parser:
    def __init__(self, found: list[_Token], end: int) -> None:
        self._tokens, self._at, self._end = found, 0, end

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is(self, *words: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("word", "sign") and token.text in words

    def either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._is("OR"):
            self._at += 1
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self.peek() is not None and not self._is("OR", ")"):
            if self._is("AND"):
                self._at += 1
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Node:
        token = self.peek()
        if token is None:
            raise QuerySyntaxError("The query stops where a word is expected.", column=self._end,
                                   remedy="Add a word, or remove the last operator.")
        if depth > MAX_DEPTH:
            raise QuerySyntaxError("The query is nested too deeply.", column=token.column, remedy="Use fewer brackets.")
        if self._is("AND", "OR", ")"):
            raise QuerySyntaxError(f"A word is expected before {token.text}.", column=token.column,
                                   remedy=f'To find the word itself, write "{token.text}".')
        self._at += 1
        if token.kind == "minus" or (token.kind == "word" and token.text == "NOT"):
            return Not(self._one(depth + 1))
        if token.kind == "sign":
            return self._bracket(token, depth)
        return self._field(token) if token.kind == "field" else _term(token)

    def _bracket(self, opening: _Token, depth: int) -> Node:
        node = self.either(depth + 1)
        if not self._is(")"):
            raise QuerySyntaxError("This bracket is never closed.", column=opening.column, remedy="Add a closing ).")
        self._at += 1
        return node

    def _field(self, token: _Token) -> Node:
        name = token.text.lower()
        value = self.peek()
        if name not in FIELDS:
            raise QuerySyntaxError(f"There is no field {name}:.", column=token.column,
                                   remedy=f"Fields are: {', '.join(FIELDS)}. Put quotes around text with a colon.")
        if value is None or value.kind not in ("word", "quoted") or not value.text.strip():
            raise _no_value(name, token.column + len(name) + 1)
        if name == "outcome" and value.text not in list(Outcome):
            raise QuerySyntaxError("There is no such outcome.", column=value.column,
                                   remedy=f"Outcomes are: {', '.join(Outcome)}.")
        self._at += 1
        plain = Term(kind="word", text=value.text, column=value.column)
        return Field(name=name, value=_term(value) if name in ("from", "to", "title", "subject") else plain,
                     column=value.column)


def _term(token: _Token) -> Term:
    if token.kind == "quoted":
        if token.near is None:
            return Term(kind="phrase", text=token.text, column=token.column)
        if int(token.near) > MAX_DISTANCE:
            raise QuerySyntaxError(f"The distance may be at most {MAX_DISTANCE} words.", column=token.column,
                                   remedy="Use a smaller number after ~, or AND.")
        return Term(kind="near", text=token.text, column=token.column, distance=int(token.near))
    if token.text.endswith("*") and len(token.text) > 1:
        return Term(kind="prefix", text=token.text[:-1], column=token.column)
    if (fuzzy := _FUZZY.fullmatch(token.text)) is not None:
        if fuzzy[2] not in ("", "1"):
            raise QuerySyntaxError("Fuzzy search knows one changed letter only.", column=token.column,
                                   remedy="Write word~1.")
        return Term(kind="fuzzy", text=fuzzy[1], column=token.column)
    return Term(kind="word", text=token.text, column=token.column)
