"""Searching: asked by post, kept under an opaque identifier, shown at an address that says nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.base.digests import Digest
from unburnt.base.errors import QuerySyntaxError
from unburnt.desk.desk import Desk, Form, desk_of, one, posted, redirect, whole
from unburnt.desk.memory import StoredSearch
from unburnt.desk.pager import pager
from unburnt.desk.routes.overview import BUSY
from unburnt.desk.words import FACETS, SORTS
from unburnt.model.views import Results, Snippet

SIZE = 20
LONGEST_QUERY = 2000
MOST_ROWS = 2000


@dataclass(frozen=True)
class Fault:
    """A query that could not be read: split where the caret goes."""

    message: str
    before: str
    at: str


def show_form(request: Request) -> Response:
    """The search page before anything was asked."""
    return desk_of(request).render(request, "search.html", results=None, fault=None, key=None)


def ask(request: Request, form: Form) -> Response:
    """Keep what was asked and go to where it is shown."""
    desk = desk_of(request)
    before = desk.searches.get(one(form, "search")) or StoredSearch("")
    search = replace(before, rows={})
    if "query" in form:
        search = replace(search, query=one(form, "query").strip()[:LONGEST_QUERY], filters=())
    facet, _, value = one(form, "toggle").partition(" ")
    if facet in FACETS and value:
        search = replace(search, filters=_toggled(search.filters, (facet, value)))
    if one(form, "sort") in SORTS:
        search = replace(search, sort=one(form, "sort"))
    if not search.query and not search.filters:
        return redirect("/search")
    return redirect(f"/search/{desk.searches.put(search)}")


def _toggled(filters: tuple[tuple[str, str], ...], chosen: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(f for f in filters if f != chosen) if chosen in filters else (*filters, chosen)


def show_results(request: Request) -> Response:
    """One page of results, or where the query went wrong."""
    desk = desk_of(request)
    key = request.path_params["key"]
    search = desk.searches.get(key)
    if search is None:
        raise HTTPException(404)
    page = max(1, whole(request, "page", most=5_000))
    try:
        results = desk.archive.search(
            search.query, limit=SIZE, offset=(page - 1) * SIZE, sort=search.sort, filters=search.by_facet()
        )
    except QuerySyntaxError as error:
        column = max(0, error.column - 1)
        fault = Fault(str(error), search.query[:column], search.query[column : column + 1])
        return desk.render(
            request, "search.html", code=400, results=None, fault=fault, search=search, key=key
        )
    _remember_rows(search, results)
    return desk.render(
        request, "search.html", results=results, fault=None, search=search, key=key,
        pager=pager(page, results.total, SIZE), place=partial(place, desk), busy=desk.archive.progress().state in BUSY,
        unvouched=list(dict.fromkeys(name for hit in results.hits for name, _ in hit.unvouched.deliveries)),
        unvouched_readings=any(hit.unvouched.readings for hit in results.hits),
        received={row.id: row.time for row in desk.archive.accessions() if row.time},
    )


def _remember_rows(search: StoredSearch, results: Results) -> None:
    """Keep the rows with their headings, to be shown beside the sheet when a hit is opened."""
    for hit in results.hits:
        for snippet in hit.snippets:
            if snippet.cell and snippet.row and len(search.rows) < MOST_ROWS:
                search.rows[hit.document, snippet.part, snippet.cell] = snippet.row


def place(desk: Desk, document: Digest, snippet: Snippet, key: str) -> str:
    """The address of the exact place that a snippet shows; numbers and opaque identifiers only."""
    base = f"{desk.address(document)}/{snippet.part}?s={key}"
    if snippet.cell:
        return f"{base}&cell={snippet.cell}#cell-{snippet.cell}"
    offset = snippet.start + (snippet.marks[0][0] if snippet.marks else 0)
    return f"{base}&at={offset}#at"


ROUTES = [
    Route("/search", show_form, methods=["GET"]),
    Route("/search", posted(ask), methods=["POST"]),
    Route("/search/{key}", show_results),
]
