"""One document: its parts as pages, sheets or running text, and everything that is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.base.errors import UnburntError
from unburnt.desk.desk import Desk, desk_of, document_of, redirect, whole
from unburnt.desk.memory import StoredSearch
from unburnt.desk.overlay import Spot, line_spots, remark_spots, spots
from unburnt.desk.pager import pager
from unburnt.desk.passages import (
    WINDOW,
    Segment,
    Span,
    remarks_of,
    segments,
    window_at,
    windows,
)
from unburnt.desk.sheets import Grid, grid, place_of
from unburnt.model.addresses import address_of
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Mark, Part, PartHead
from unburnt.model.seal import DocumentSeal
from unburnt.model.views import DocumentView

FLOW = 20
"""Short parts of running text shown one below the other."""
MEMBERS = 200
"""Members listed on one page."""
TURNS = 500
"""The most mails of one conversation that are listed."""
PAGE_FILES = 200
"""The most files of a saved page that are listed."""
LOOK_AHEAD = 400
"""Parts searched for the next hit in one request."""


@dataclass(frozen=True)
class Shown:
    """One part as it is put on the page."""

    part: Part
    hits: list[Span]
    segments: list[Segment]
    window: int
    windows: int
    remarks: list[Mark]
    grid: Grid | None
    spots: list[Spot]
    remark_spots: list[Spot]
    pictured: bool
    asked: int | None = None
    """Number of the hit that the address asks for."""
    line_spots: tuple[Spot, ...] = ()
    """Where the recognised lines stand on the picture."""


def show_document(request: Request) -> Response:
    """A document at its first part, or at the one asked for."""
    desk = desk_of(request)
    view = _view(desk, request)
    heads = view.reading.parts if view.reading else ()
    ordinal = request.path_params.get("ordinal", heads[0].ordinal if heads else None)
    key, search = request.query_params.get("s"), desk.searches.get(request.query_params.get("s"))
    index = next((i for i, head in enumerate(heads) if head.ordinal == ordinal), None)
    if ordinal is not None and index is None:
        raise HTTPException(404)
    group = _group(heads, index) if index is not None else []
    shown = [_shown(desk, request, view, head, search) for head in group]
    cell = request.query_params.get("cell", "")
    return desk.render(
        request, "document.html", view=view, reading=view.reading, heads=heads, shown=shown, search=search,
        key=key if search else None, cell=cell if place_of(cell) else None, row=_row(search, view, ordinal, cell),
        before=heads[index - 1].ordinal if index else None,
        after=heads[index + len(group)].ordinal if index is not None and index + len(group) < len(heads) else None,
        notice=desk.notices.get(request.query_params.get("done")), ordinal=ordinal, index=index,
        no_more_hits="end" in request.query_params, whole=index == 0 and len(group) == len(heads),
        seal=_seal(desk, view), turns=desk.archive.conversation(view.document)[:TURNS],
        saved=desk.archive.saved_page(view.document), saved_most=PAGE_FILES, **_members(desk, request, view),
    )


def _members(desk: Desk, request: Request, view: DocumentView) -> dict[str, Any]:
    """One page of what the document contains."""
    turned = pager(whole(request, "members-page"), view.total_members, MEMBERS)
    rows = desk.archive.members(view.document, offset=turned.offset, limit=MEMBERS) if view.total_members else []
    return {"members": rows, "members_pager": turned}


def _seal(desk: Desk, view: DocumentView) -> DocumentSeal | None:
    """What the seal shows of these bytes; None where the seal itself cannot be read, as its own page tells."""
    try:
        return desk.seals.of_document(view.document)
    except UnburntError:
        return None


def still_waiting(request: Request) -> Response:
    """Asked again and again by a page of a document that waits: it is loaded anew once the document was read."""
    waits = _view(desk_of(request), request).outcome is Outcome.WAITING
    return Response(status_code=204, headers={} if waits else {"HX-Refresh": "true"})


def _view(desk: Desk, request: Request) -> DocumentView:
    return desk.archive.document(document_of(request))


def _row(
    search: StoredSearch | None, view: DocumentView, ordinal: int | None, cell: str
) -> tuple[tuple[str, str], ...]:
    if search is None or ordinal is None:
        return ()
    return search.rows.get((view.document, ordinal, cell), ())


def _group(heads: tuple[PartHead, ...], index: int) -> list[PartHead]:
    """The part asked for, with the short running text that follows it."""
    group = [heads[index]]
    size = group[0].characters
    for head in heads[index + 1 : index + FLOW]:
        size += head.characters
        if _stands_alone(group[0]) or _stands_alone(head) or size > WINDOW:
            break
        group.append(head)
    return group


def _stands_alone(head: PartHead) -> bool:
    return head.kind == "sheet" or head.page is not None


def _hits(desk: Desk, document: str, ordinal: int, search: StoredSearch | None) -> list[Span]:
    """The hits of a search within a part, in order and without overlaps."""
    if search is None or not search.query:
        return []
    try:
        found = sorted(desk.archive.highlight(document, ordinal, search.query))
    except UnburntError:
        return []  # the search page tells what is wrong with a query; the document is still to be read
    merged: list[Span] = []
    for start, end in found:
        if end > start and (not merged or start >= merged[-1][1]):
            merged.append((start, end))
    return merged


def _shown(
    desk: Desk, request: Request, view: DocumentView, head: PartHead, search: StoredSearch | None
) -> Shown:
    part = desk.archive.part(view.document, head.ordinal)
    hits = _hits(desk, view.document, head.ordinal, search)
    if part.kind == "sheet" and part.cells:
        return _sheet(request, part, hits)
    spans = windows(part.text)
    asked = "at" in request.query_params and head.ordinal == request.path_params.get("ordinal")
    if asked:
        window = window_at(spans, whole(request, "at", 0))
    else:
        window = min(whole(request, "window", 1) - 1, len(spans) - 1)
    window = max(window, 0)
    return Shown(
        part, hits, segments(part, hits, spans[window]), window, len(spans), remarks_of(part), None,
        spots(part, hits), remark_spots(part), part.page is not None,
        _hit_at(hits, whole(request, "at", 0)) if asked else None, tuple(line_spots(part)),
    )


def _hit_at(hits: list[Span], place: int) -> int | None:
    return next((number for number, (start, end) in enumerate(hits, 1) if start <= place < end), None)


def _sheet(request: Request, part: Part, hits: list[Span]) -> Shown:
    cell = place_of(request.query_params.get("cell", ""))
    table = grid(part, hits, page=whole(request, "rows", 1) - 1, across=whole(request, "columns", 1) - 1, cell=cell)
    return Shown(part, hits, [], 0, 1, remarks_of(part), table, [], [], False)


def next_hit(request: Request) -> Response:
    """Go on to the next part that holds a hit, in either direction; stay where there is none."""
    desk = desk_of(request)
    view = _view(desk, request)
    key = request.query_params.get("s")
    search = desk.searches.get(key)
    start = whole(request, "from", 0)
    heads = [head.ordinal for head in view.reading.parts] if view.reading else []
    backwards = request.query_params.get("to") == "previous"
    candidates = [o for o in reversed(heads) if o < start] if backwards else [o for o in heads if o > start]
    for ordinal in candidates[:LOOK_AHEAD]:
        hits = _hits(desk, view.document, ordinal, search)
        if hits:
            part = desk.archive.part(view.document, ordinal)
            return redirect(_address(desk.address(view.document), part, str(key), hits[0][0]))
    return redirect(f"{desk.address(view.document)}/{start}?s={key}&end=1#place")


def _address(base: str, part: Part, key: str, offset: int) -> str:
    cell = next((cell for cell in part.cells if cell.start <= offset < cell.end), None)
    if cell is None:
        return f"{base}/{part.ordinal}?s={key}&at={offset}#at"
    name = address_of(cell.row, cell.column)
    return f"{base}/{part.ordinal}?s={key}&cell={name}#cell-{name}"


def go_to(request: Request) -> Response:
    """The part with that number as people count, from 1."""
    desk = desk_of(request)
    view = _view(desk, request)
    heads = view.reading.parts if view.reading else ()
    if not heads:
        return redirect(desk.address(view.document))
    number = min(max(whole(request, "number"), 1), len(heads))
    key = request.query_params.get("s")
    suffix = f"?s={key}" if desk.searches.get(key) else ""
    return redirect(f"{desk.address(view.document)}/{heads[number - 1].ordinal}{suffix}#place")


ROUTES = [
    Route("/d/{document}", show_document),
    Route("/d/{document}/next", next_hit),
    Route("/d/{document}/waiting", still_waiting),
    Route("/d/{document}/go", go_to),
    Route("/d/{document}/{ordinal:int}", show_document),
]
