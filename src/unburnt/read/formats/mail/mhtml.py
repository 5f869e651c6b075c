"""Web pages saved as MHTML (RFC 2557): the page's text, and what it shows as members."""

from __future__ import annotations

from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.mail.mail import emit_message, load
from unburnt.read.formats.mail.mail_structure import split
from unburnt.read.formats.mail.mail_words import header_text
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source


def read(source: Source, emitter: Emitter) -> Ending:
    """Read a saved page: the same structure as a mail, the first part is the page."""
    data = load(source)
    structure = split(data)
    if not structure.root.headers.fields:
        raise Damaged("The file has no MIME header.")
    place = next((leaf.headers.first(b"content-location") for leaf in structure.leaves), None)
    said = {"mail:Content-Location": header_text(place)} if place and not structure.root.headers.first(b"content-location") else {}
    return emit_message(data, structure, emitter, kind="text", beside=Metadata(fields=said))


FORMATS = (
    Format(
        "mhtml", read, memory_safe=True,
        title="Saved web pages (MHTML, RFC 2557)",
        gives="the page's text and address; what it shows as members",
        lacks="nothing is fetched",
    ),
)
