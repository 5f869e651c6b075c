"""The folders as they were received."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import desk_of, whole
from unburnt.desk.pager import pager
from unburnt.model.views import FolderView

SIZE = 200


def show_deliveries(request: Request) -> Response:
    """Every delivery; with only one, its top folder at once."""
    desk = desk_of(request)
    deliveries = desk.archive.overview().deliveries
    if len(deliveries) == 1:
        return _page(request, desk.archive.folder(None, accession=deliveries[0][0], offset=_offset(request), limit=SIZE))
    unvouched = {name for name, _ in desk.archive.unvouched().deliveries}
    return desk.render(request, "deliveries.html", deliveries=deliveries, unvouched=unvouched)


def show_delivery(request: Request) -> Response:
    """The top folder of one delivery."""
    archive = desk_of(request).archive
    accession = request.path_params["accession"]
    if accession not in {known for known, _, _ in archive.overview().deliveries}:
        raise HTTPException(404)
    return _page(request, archive.folder(None, accession=accession, offset=_offset(request), limit=SIZE))


def show_folder(request: Request) -> Response:
    """One folder, by its opaque number."""
    number = request.path_params["folder"]
    return _page(request, desk_of(request).archive.folder(number, offset=_offset(request), limit=SIZE))


def _offset(request: Request) -> int:
    return (max(1, whole(request, "page")) - 1) * SIZE


def _page(request: Request, view: FolderView) -> Response:
    page = max(1, whole(request, "page"))
    return desk_of(request).render(request, "folder.html", view=view, pager=pager(page, view.total_items, SIZE))


ROUTES = [
    Route("/folders", show_deliveries),
    Route("/folders/delivery/{accession}", show_delivery),
    Route("/folders/{folder:int}", show_folder),
]
