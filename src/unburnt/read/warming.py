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
import lxml.etree
import lxml.html
import msoffcrypto.format
import msoffcrypto.method
import pikepdf
import pycld2
import pypdf
import pypdfium2
import selectolax.lexbor
from cryptography.hazmat.backends.openssl import backend as _openssl  # noqa: F401 - loaded late by itself
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from PIL import Image

from unburnt.read.families import FAMILIES


def _warm_decryption() -> None:
    """msoffcrypto imports formats and ciphers when it meets them; a locked child would then call a password wrong."""
    for package in (msoffcrypto.format, msoffcrypto.method):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            import_module(module.name)
    encryptor = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor()
    encryptor.update(bytes(16))
    encryptor.finalize()


def warm_libraries() -> None:
    """Use each native library once, and let each family load what it needs."""
    Image.init()
    # Its machinery is imported when it is first used.
    datetime.strptime("2000", "%Y")
    cchardet.detect("ещё".encode("cp1251"))
    pycld2.detect("warm")
    lxml.etree.fromstring(b"<a/>")
    selectolax.lexbor.LexborHTMLParser("<p>a")
    with pikepdf.new() as document:
        document.add_blank_page()
    pypdf.PdfWriter()
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(10, 10).render()
    pdf.close()
    _warm_decryption()
    for family in FAMILIES:
        if warm := getattr(family, "warm", None):
            warm()
