"""What leaves the archive: pixels, text, or, warned and confirmed, the original; always into its ``out/``."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unburnt.desk.desk import Form, Notice, desk_of, document_of, one, posted, redirect


def export(request: Request, form: Form) -> Response:
    """Write one export and go back to the document, which says where it is."""
    desk = desk_of(request)
    document, kind = document_of(request), one(form, "kind")
    writers = {
        "safe-pdf": desk.archive.safe_pdf, "text": desk.archive.export_text, "original": desk.archive.export_original
    }
    if kind not in writers:
        raise HTTPException(400)
    if kind == "original" and one(form, "sure") != "yes":
        notice = Notice("unconfirmed")
    else:
        notice = Notice("exported", str(writers[kind](document)))
    return redirect(f"{desk.address(document)}?done={desk.notices.put(notice)}#exports")


ROUTES = [Route("/d/{document}/export", posted(export), methods=["POST"])]
