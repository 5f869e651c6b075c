"""From a query's tree to what tantivy runs; facts that can change are asked of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable

import tantivy

from unburnt.base.errors import QuerySyntaxError
from unburnt.search.dates import days
from unburnt.search.fuzzy import candidates
from unburnt.search.highlight import groups
from unburnt.search.normalise import BREAK, normalise
from unburnt.search.query import And, Field, Node, Not, Or, Term
from unburnt.search.slots import Slots
from unburnt.search.tokens import is_cjk, tokens
from unburnt.search.uyghur import other_scripts

_TEXT_FIELDS = {"from": "sender", "to": "recipient", "title": "title", "subject": "subject"}
_OTHER_SCRIPT_BOOST = 0.5
_SURE_DISTANCE, _SURE_SIGNS = 10, 12
Condition = tuple[Field, bool]


def conditions(node: Node | None) -> tuple[Node | None, list[Condition]]:
    """The query without its outermost conditions on facts that can change, and those: (field, whether it shall hold)."""
    parts = node.parts if isinstance(node, And) else (node,) if node else ()
    kept: list[Node] = []
    found: list[Condition] = []
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        if isinstance(inner, Field) and is_changing(inner):
            found.append((inner, inner is part))
        else:
            kept.append(part)
    return (kept[0] if len(kept) == 1 else And(tuple(kept)) if kept else None), found


def is_changing(field: Field) -> bool:
    """Whether the catalogue answers it, not the index."""
    return field.name not in _TEXT_FIELDS and field.name not in ("date", "type", "lang")


class Planner:
    """Makes one tantivy query. *having* answers catalogue conditions, *near* tells in which of the documents that a query
    finds a term's words are near each other in a field's texts; for those that the last query finds it need not look."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher, having: Callable[[Field], Slots],
                 near: Callable[[Term, str, tantivy.Query, tantivy.Query | None], Slots]) -> None:
        self._schema, self._searcher, self._having, self._verified = schema, searcher, having, near
        self.has_sequences = False
        """Whether something planned asks for words or signs that follow each other: what costs most."""

    def plan(self, node: Node | None) -> tantivy.Query:
        """Raises :class:`QuerySyntaxError` where a term holds nothing that can be found."""
        match node:
            case None:
                return tantivy.Query.all_query()
            case Term():
                return self._term(node, "body")
            case Field():
                return self._field(node)
            case Or():
                return _either([self.plan(part) for part in node.parts])
            case Not():
                return tantivy.Query.boolean_query([(tantivy.Occur.Must, tantivy.Query.all_query()),
                                                    (tantivy.Occur.MustNot, self.plan(node.part))])
            case And():
                return self._and(node)

    def _and(self, node: And) -> tantivy.Query:
        clauses = [(tantivy.Occur.MustNot, self.plan(part.part)) if isinstance(part, Not)
                   else (tantivy.Occur.Must, self.plan(part)) for part in node.parts]
        if all(isinstance(part, Not) for part in node.parts):
            clauses.append((tantivy.Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(clauses)

    def _term(self, term: Term, field: str) -> tantivy.Query:
        cut = tokens(normalise(term.text))
        if not cut:
            raise QuerySyntaxError("There is no letter or digit to search for here.", column=term.column,
                                   remedy="Add a word.")
        if term.kind == "near":
            return self._near(term, field)
        if term.kind == "prefix" and not is_cjk(cut[-1]):
            return self._prefix(cut, field)
        if term.kind == "fuzzy" and len(cut) == 1 and not is_cjk(cut[0]):
            return tantivy.Query.term_set_query(self._schema, field, list(candidates(cut[0])))
        found = self._sequence(cut, field)
        others = [tokens(normalise(word)) for word in other_scripts(term.text)] if term.kind == "word" else []
        boosted = [tantivy.Query.boost_query(self._sequence(other, field), _OTHER_SCRIPT_BOOST)
                   for other in others if other and other != cut]
        return _either([found, *boosted]) if boosted else found

    def _sequence(self, cut: list[str], field: str) -> tantivy.Query:
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, field, cut[0])
        self.has_sequences = True
        return tantivy.Query.phrase_query(self._schema, field, list(cut))

    def _prefix(self, cut: list[str], field: str) -> tantivy.Query:
        last = tantivy.Query.regex_query(self._schema, field, f"{re.escape(cut[-1])}.*")
        if len(cut) == 1:
            return last
        return tantivy.Query.phrase_prefix_query(self._schema, field, list(cut))

    def _near(self, term: Term, field: str) -> tantivy.Query:
        wanted = groups(term)
        if len(wanted) == 2 and len(wanted[0]) == len(wanted[1]) == 1 and wanted[0] != wanted[1]:
            return self._two_words_near(term, field, wanted[0][0], wanted[1][0])
        rough = [self._sequence(group, field) for group in wanted]
        for at, one in enumerate(wanted):
            for other in wanted[at + 1:]:
                between = sum(map(len, wanted)) - len(one) - len(other)
                ends = ((one[-1], other[0]), (other[-1], one[0]))
                if all(first != second for first, second in ends):
                    rough.append(_either([self._within(pair, field, 2 * (term.distance + between) + 2) for pair in ends]))
        surely = self._two_runs_near(term, field, *wanted) if len(wanted) == 2 else None
        return self._slots(self._verified(term, field, _boolean(tantivy.Occur.Must, rough), surely))

    def _two_runs_near(self, term: Term, field: str, one: list[str], other: list[str]) -> tantivy.Query | None:
        """Both runs, either first, with each number of places between that is surely near; None where that asks too much."""
        if term.distance > _SURE_DISTANCE or len(one) + len(other) > _SURE_SIGNS or set(one) & set(other):
            return None
        return _either([
            tantivy.Query.phrase_query(self._schema, field, [
                *enumerate(first), *enumerate(second, len(first) + between)])
            for first, second in ((one, other), (other, one)) for between in range(term.distance + 1)])

    def _two_words_near(self, term: Term, field: str, one: str, other: str) -> tantivy.Query:
        """Places in the index count words and also breaks between CJK signs, at most one beside each sign: what is near
        by that count is near, and what may be nearer without the breaks is looked at."""
        orders = ((one, other), (other, one))
        surely = _either([self._within(pair, field, term.distance) for pair in orders])
        perhaps = [(tantivy.Occur.MustNot, surely),
                   (tantivy.Occur.Must, tantivy.Query.term_query(self._schema, field, BREAK)),
                   (tantivy.Occur.Must, _either([self._within(pair, field, 2 * term.distance + 2) for pair in orders]))]
        verified = self._verified(term, field, tantivy.Query.boolean_query(perhaps), None)
        return _either([surely, self._slots(verified)]) if len(verified) else surely

    def _within(self, pair: tuple[str, str], field: str, words: int) -> tantivy.Query:
        return tantivy.Query.phrase_query(self._schema, field, list(pair), words)

    def _slots(self, slots: Slots) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "slot", slots.tolist())

    def _field(self, field: Field) -> tantivy.Query:
        value = field.value
        if field.name in _TEXT_FIELDS:
            return self._term(value, _TEXT_FIELDS[field.name])
        if field.name == "date":
            return self._date(value)
        if field.name in ("type", "lang"):
            known = [name for name, _ in self._searcher.terms_with_prefix(field.name, "")]
            asked = value.text.casefold()
            same = [name for name in known if name == asked or (field.name == "type" and asked in name)]
            return tantivy.Query.term_set_query(self._schema, field.name, same)
        return self._slots(self._having(field))

    def _date(self, value: Term) -> tantivy.Query:
        (first, last), vague = days(value)
        if first > last:
            if ".." in value.text:
                raise QuerySyntaxError("This range ends before it begins.", column=value.column,
                                       remedy="Put the earlier date first.")
            return tantivy.Query.empty_query()
        within = tantivy.Query.range_query(self._schema, "date", tantivy.FieldType.Integer, first, last)
        return _either([within, tantivy.Query.term_set_query(self._schema, "date", vague)]) if vague else within


def _boolean(occur: tantivy.Occur, queries: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(occur, query) for query in queries])


def _either(queries: list[tantivy.Query]) -> tantivy.Query:
    return _boolean(tantivy.Occur.Should, queries)
