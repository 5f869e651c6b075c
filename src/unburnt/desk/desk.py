"""What a request handler has at hand: archive, memory, session, templates."""

from __future__ import annotations

import gettext
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from unburnt import __version__
from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path, visible, visible_path
from unburnt.desk import figures, labels, names, passages, reasons, words
from unburnt.desk.access import Access, Session
from unburnt.desk.addresses import Addresses
from unburnt.desk.language import (
    LANGUAGES,
    base_direction,
    choose,
    direction,
    language_tag,
    script_direction,
    translations,
)
from unburnt.desk.memory import Pictures, Shelf, StoredFilter, StoredSearch

if TYPE_CHECKING:  # the desk is handed an open archive; it never opens one
    from unburnt.api import Archive
    from unburnt.api.seals import Seals

TEMPLATES = Path(__file__).parent / "templates"
Form = dict[str, list[str]]
MAX_FIELDS = 200


@dataclass(frozen=True)
class Notice:
    """Something that was done and is told once: where an export was written, how many files a password opened."""

    kind: str
    text: str = ""
    count: int = 0


@dataclass
class Desk:
    """One running desk."""

    archive: Archive
    access: Access
    addresses: Addresses
    searches: Shelf[StoredSearch] = field(default_factory=Shelf)
    filters: Shelf[StoredFilter] = field(default_factory=Shelf)
    notices: Shelf[Notice] = field(default_factory=Shelf)
    pictures: Pictures = field(default_factory=Pictures)
    environments: dict[str, jinja2.Environment] = field(default_factory=dict)

    @cached_property
    def seals(self) -> Seals:
        """The archive's seal; loaded with all that certificates take, so only where one is looked at."""
        from unburnt.api.seals import Seals

        return Seals(self.archive)

    def address(self, document: Digest) -> str:
        """Where a document is shown; the address tells nothing of it."""
        return f"/d/{self.addresses.name_of(document)}"

    def render(self, request: Request, template: str, *, code: int = 200, **values: Any) -> HTMLResponse:
        """A page in the reader's language."""
        session = session_of(request)
        language = choose(session.language, request.headers.get("accept-language", ""))
        if language not in self.environments:
            self.environments[language] = template_environment(language, self.address)
        page = self.environments[language].get_template(template).render(
            session=session, here=_here(request), search=values.pop("search", None), **values
        )
        return HTMLResponse(page, status_code=code)


def template_environment(language: str, address: Callable[[Digest], str]) -> jinja2.Environment:
    """The templates in one of the desk's languages; *address* gives where a document is shown."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True,
    )
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        number=partial(figures.number, language=language), size=figures.size, visible=visible,
        visible_path=visible_path, decoded=decode_path, name=names.name_of, steps=names.steps_of, folder_of=names.folder_of,
        bars=figures.bars,
        textdir=script_direction, basedir=base_direction, flagged=lambda flags: [flag for flag in flags if flag != "merged"],
        marked=lambda snippet: passages.marked(snippet.text, snippet.marks), folded=passages.folded,
        address=address, told=partial(reasons.told, catalogue), moment=labels.moment,
    )
    environment.globals.update(
        facet_label=partial(_facet_label, catalogue), language=language, direction=direction(language),
        languages=LANGUAGES, words=words, language_tag=language_tag, version=__version__,
        rest=lambda kind, label: reasons.label_told(catalogue, kind, labels.rest_of_label(kind, label)),
        language_word=partial(_language_word, catalogue),
        word=lambda table, key: catalogue.gettext(getattr(words, table)[key]) if key in getattr(words, table) else key,
    )
    return environment


def _language_word(catalogue: gettext.NullTranslations, untrusted_code: str) -> str:
    """A language as people call it; where there is no word for it, its code (ISO 639) and that it is one."""
    if untrusted_code in words.LANGUAGES:
        return catalogue.gettext(words.LANGUAGES[untrusted_code])
    return catalogue.gettext("language %(code)s") % {"code": f"\u2068{visible(untrusted_code)}\u2069"}


def _facet_label(catalogue: gettext.NullTranslations, facet: str, value: str, label: str = "") -> str:
    """A facet's value as people call it: our word where there is one, else what the archive calls it."""
    if facet == "lang":
        return _language_word(catalogue, value)
    known = {"type": words.TYPES, "outcome": words.OUTCOMES}.get(facet, {})
    if value in known:
        return catalogue.gettext(known[value])
    delivery = re.fullmatch(r"d(\d{1,9})", value if facet == "delivery" else label if facet == "folder" else "")
    if delivery is None:
        return visible(label or value)
    if facet == "folder":  # a delivery's top has no name of its own
        return catalogue.gettext("directly in delivery %(number)s") % {"number": delivery[1]}
    return catalogue.gettext("delivery %(number)s") % {"number": delivery[1]}


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def session_of(request: Request) -> Session:
    """The session that the guard found."""
    session: Session = request.state.session
    return session


def desk_of(request: Request) -> Desk:
    """The desk that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def document_of(request: Request) -> Digest:
    """The document that an address names; raises 404 for anything else."""
    document = desk_of(request).addresses.document(request.path_params["document"])
    if document is None:
        raise HTTPException(404)
    return document


def redirect(address: str) -> RedirectResponse:
    """Go on to *address* with a GET (303, RFC 9110)."""
    return RedirectResponse(address, status_code=303)


def posted(handle: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A handler for a form's post: the body is read, the form token checked, then *handle* runs in a thread."""

    async def handler(request: Request) -> Response:
        untrusted_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if untrusted_type != "application/x-www-form-urlencoded":
            return Response("That kind of form is not understood.\n", 415, media_type="text/plain")
        untrusted_body = await request.body()
        try:
            form = parse_qs(
                untrusted_body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
            )
        except ValueError:
            return Response("The form has too many fields.\n", 400, media_type="text/plain")
        given = one(form, "form_token")
        if not hmac.compare_digest(given.encode(), session_of(request).form_token.encode()):
            return Response("This form is out of date. Go back and reload the page.\n", 403, media_type="text/plain")
        return await run_in_threadpool(handle, request, form)

    return handler


def one(form: Form, name: str) -> str:
    """The last value of a field, or nothing."""
    return form.get(name, [""])[-1]


def whole(request: Request, name: str, default: int = 1, *, most: int = 10_000_000) -> int:
    """A whole number from the query string, at least 0; *default* where there is none."""
    untrusted_number = request.query_params.get(name, "")
    if not (untrusted_number.isascii() and untrusted_number.isdigit() and len(untrusted_number) < 12):
        return default
    return min(int(untrusted_number), most)
