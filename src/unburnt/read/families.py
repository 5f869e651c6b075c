"""Every reader, one line per family. Imported in the sandbox's zygote only: this pulls in every parser."""

from __future__ import annotations

from types import ModuleType

from unburnt.read.formats import (
    csv_,
    doc,
    docx,
    epub,
    html,
    images,
    json_,
    mail,
    mail_pkcs7,
    markdown,
    mbox,
    mhtml,
    msg,
    odf,
    pdf,
    plain,
    ppt,
    pptx,
    rar,
    rtf,
    sevenzip,
    streams,
    streams_native,
    tar_archive,
    xls,
    xlsx,
    xml,
    zip_archive,
)
from unburnt.read.registry import Format

FAMILIES: tuple[ModuleType, ...] = (
    plain, html, xml, json_, csv_, markdown,
    pdf, images,
    docx, xlsx, pptx, odf, doc, xls, ppt, rtf, epub,
    zip_archive, tar_archive, streams, streams_native, sevenzip, rar,
    mail, mbox, mhtml, msg, mail_pkcs7,
)  # fmt: skip

FORMATS: tuple[Format, ...] = tuple(one for family in FAMILIES for one in family.FORMATS)

_BY_TYPE = {media_type: one for one in FORMATS for media_type in one.media_types}


def format_for(media_type: str) -> Format | None:
    """The reader of *media_type*, None where there is none."""
    return _BY_TYPE.get(media_type)
