"""From a query's tree to what tantivy runs; facts that can change are asked of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import tantivy

from unburnt.base.digests import Digest
from unburnt.base.errors import QuerySyntaxError
from unburnt.search.fuzzy import candidates
from unburnt.search.highlight import groups
from unburnt.search.normalise import normalise
from unburnt.search.query import And, Field, Node, Not, Or, Term
from unburnt.search.tokens import is_cjk, tokens
from unburnt.search.uyghur import other_scripts

_TEXT_FIELDS = {"from": "sender", "to": "recipient", "title": "title", "subject": "subject"}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_OTHER_SCRIPT_BOOST = 0.5


class Planner:
    """Makes one tantivy query. *having* answers catalogue conditions, *near* verifies distances in the texts."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher,
                 having: Callable[[str, str], Collection[Digest]],
                 near: Callable[[Term, tantivy.Query], Collection[Digest]]) -> None:
        self._schema, self._searcher, self._having, self._near_keys = schema, searcher, having, near

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
                return _boolean(tantivy.Occur.Should, [self.plan(part) for part in node.parts])
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
            return tantivy.Query.term_set_query(self._schema, field, candidates(cut[0]))
        found = self._sequence(cut, field)
        others = [tokens(normalise(word)) for word in other_scripts(term.text)] if term.kind == "word" else []
        boosted = [tantivy.Query.boost_query(self._sequence(other, field), _OTHER_SCRIPT_BOOST)
                   for other in others if other and other != cut]
        return _boolean(tantivy.Occur.Should, [found, *boosted]) if boosted else found

    def _sequence(self, cut: list[str], field: str) -> tantivy.Query:
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, field, cut[0])
        return tantivy.Query.phrase_query(self._schema, field, list(cut))

    def _prefix(self, cut: list[str], field: str) -> tantivy.Query:
        last = tantivy.Query.regex_query(self._schema, field, f"{re.escape(cut[-1])}.*")
        if len(cut) == 1:
            return last
        return tantivy.Query.phrase_prefix_query(self._schema, field, list(cut))

    def _near(self, term: Term, field: str) -> tantivy.Query:
        rough = _boolean(tantivy.Occur.Must, [self._sequence(group, field) for group in groups(term)])
        pair = [group[0] for group in groups(term) if len(group) == 1]
        if len(pair) == len(groups(term)) == 2 and pair[0] != pair[1]:
            # Positions count breaks too, at most one beside each counted sign: this lets through no fewer than is near.
            reach = 2 * term.distance + 2
            rough = _boolean(tantivy.Occur.Should, [
                tantivy.Query.phrase_query(self._schema, field, list(order), reach) for order in (pair, pair[::-1])])
        return _boolean(tantivy.Occur.Must, [rough, self._keys(self._near_keys(term, rough))])

    def _keys(self, digests: Collection[Digest]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "key", list(digests))

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
        return self._keys(self._having(field.name, value.text))

    def _date(self, value: Term) -> tantivy.Query:
        first, last = days(value)
        return tantivy.Query.range_query(self._schema, "date", tantivy.FieldType.Integer, first, last)


def _boolean(occur: tantivy.Occur, queries: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(occur, query) for query in queries])


def days(value: Term) -> tuple[int, int]:
    """First and last day as YYYYMMDD of ``2019``, ``2019-05``, ``2019..2020``, ``>=2019-01``, ``<2020`` ..."""
    text = value.text
    if ".." in text:
        first, _, last = text.partition("..")
        return (_day(first, value)[0] if first else 0), (_day(last, value)[1] if last else 99999999)
    for sign, which in ((">=", 0), ("<=", 1), (">", 1), ("<", 0)):
        if text.startswith(sign):
            day = _day(text[len(sign):], value)[which]
            return (day + (sign == ">"), 99999999) if sign[0] == ">" else (0, day - (sign == "<"))
    return _day(text, value)


def _day(text: str, value: Term) -> tuple[int, int]:
    match = _DATE.fullmatch(text)
    if match is None or int(match[2] or 1) > 12 or int(match[3] or 1) > 31:
        raise QuerySyntaxError("This is not a date.", column=value.column,
                               remedy="Write 2019, 2019-05, 2019-05-31, 2019..2020 or >=2019-01.")
    year, month, day = int(match[1]) * 10000, match[2], match[3]
    return (year + int(month or 0) * 100 + int(day or 0)), (year + int(month or 99) * 100 + int(day or 99))
