"""Pictures of pages: pixels that the sandbox rendered, never the file itself."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import desk_of, document_of, whole

PNG = b"\x89PNG\r\n\x1a\n"
WIDTHS = (800, 1200, 2000)


def show_picture(request: Request) -> Response:
    """One page as PNG, in one of :data:`WIDTHS`."""
    desk = desk_of(request)
    document, page = document_of(request), request.path_params["page"]
    width = whole(request, "width", 1200)
    if width not in WIDTHS or page > 1_000_000:
        raise HTTPException(404)
    key = (document, page, width)
    picture = desk.pictures.get(key)
    if picture is None:
        picture = desk.archive.page_image(document, page, width=width)
        if not picture.startswith(PNG):  # what a sandboxed child answers is untrusted too
            raise HTTPException(502)
        desk.pictures.put(key, picture)
    return Response(picture, media_type="image/png")


ROUTES = [Route("/d/{document}/picture/{page:int}", show_picture)]
