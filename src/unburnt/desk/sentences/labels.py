"""What readers call parts that have no name of their own in the file; sheets, pages and slides keep theirs."""

from __future__ import annotations

from unburnt.desk.words import mark

LABELS = (
    mark("schema"),
    mark("words"),
    mark("values"),
    mark("records"),
    mark("signed text"),
    mark("keys"),
    mark("before the first message"),
    mark("shortcut"),
    mark("preview"),
    mark("escapes spelled out"),
    mark("descriptions of pictures"),
    mark("descriptions of pictures on page %(name)s"),
    mark("texts in place of what is drawn"),
    mark("texts in place of what is drawn on page %(name)s"),
    mark("description"),
    mark("attributes"),
    mark("masters"),
    mark("beside the text"),
    mark("comment of the archive"),
    mark("properties"),
    mark("macro %(name)s"),
    mark("drawing %(name)s"),
    mark("memo %(name)s"),
    mark("beside the text of part %(name)s"),
    mark("outside the parts of %(name)s"),
    mark("after the encoding of part %(name)s"),
    mark("%(name)s (drawings)"),
    mark("%(name)s (comments)"),
    mark("%(name)s (links)"),
    mark("%(name)s (printed header and footer)"),
    mark("%(name)s (mapped to Unicode, not the text of record)"),
)
