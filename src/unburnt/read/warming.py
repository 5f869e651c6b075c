"""What a zygote loads before it forks: a locked child can open no file, so nothing may be loaded later."""

from __future__ import annotations

import email.mime.multipart
import email.policy  # noqa: F401
import lzma  # noqa: F401
import pkgutil
import stringprep  # noqa: F401
import unicodedata  # noqa: F401
import xml.etree.ElementTree  # noqa: F401
import zoneinfo  # noqa: F401
from datetime import datetime
from importlib import import_module

import cchardet

from unburnt.read import language
from unburnt.read.families import load
from unburnt.read.registry import Format


def warm_for_all() -> None:
    """What any reader may need, whatever its nest."""
    # Its machinery is imported when it is first used.
    datetime.strptime("2000", "%Y")
    cchardet.detect("ещё".encode("cp1251"))
    language.warm()


def warm_readers(nest: str) -> tuple[Format, ...]:
    """Load the readers of *nest* and use each native library once; gives the readers."""
    formats = load(nest)
    if prepare := _PREPARED.get(nest):
        prepare()
    return formats


def _warm_web() -> None:
    import lxml.etree
    import lxml.html
    import selectolax.lexbor

    lxml.etree.fromstring(b"<a/>")
    selectolax.lexbor.LexborHTMLParser("<p>a")


def _warm_office() -> None:
    """msoffcrypto imports formats and ciphers when it meets them; a locked child would then call a password wrong."""
    import xml.dom.minidom

    import lxml.etree
    import lxml.html
    import msoffcrypto.format
    import msoffcrypto.method

    lxml.etree.fromstring(b"<a/>")
    # Its builder is imported when it is first used.
    xml.dom.minidom.parseString("<a/>")
    for package in (msoffcrypto.format, msoffcrypto.method):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            import_module(module.name)
    _warm_ciphers()


def _warm_ciphers() -> None:
    from cryptography.hazmat.backends.openssl import backend as _openssl  # noqa: F401 - loaded late by itself
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor()
    encryptor.update(bytes(16))
    encryptor.finalize()


def _warm_pdf() -> None:
    import lxml.etree
    import pikepdf
    import pypdf
    import pypdfium2
    from PIL import Image

    Image.init()
    lxml.etree.fromstring(b"<a/>")
    with pikepdf.new() as document:
        document.add_blank_page()
    pypdf.PdfWriter()
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(10, 10).render()
    pdf.close()
    _warm_ciphers()


_PREPARED = {"web": _warm_web, "office": _warm_office, "pdf": _warm_pdf}
