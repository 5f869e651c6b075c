"""Opening password-protected office files (MS-OFFCRYPTO) with the passwords that were given."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

import msgspec
import msoffcrypto

from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.ole_container import OleTrouble, open_ole
from unburnt.read.formats.office.ole_objects import OLE_MAGIC
from unburnt.read.source import Source

WORKBOOK_DEFAULT = "VelvetSweatshop"
"""Excel's own password for workbooks that are only write-protected: no secret, so not counted as one."""


def open_package_in(source: Source) -> tuple[Source, bool]:
    """The package that an encrypted file wraps, and whether a given password opened it; other files as they are.

    Only the package says what kind of document it is. Raises :class:`Locked` where no password opens it.
    """
    if source.head(8) != OLE_MAGIC:
        return source, False
    source.file.seek(0)
    try:
        ole = open_ole(source.file)
    except OleTrouble as error:
        raise Damaged("The file's structure (OLE) cannot be followed.") from error
    if not ole.exists("EncryptedPackage"):
        return source, False
    plain, secret = decrypt(source)
    return msgspec.structs.replace(source, file=plain, size=plain.seek(0, io.SEEK_END)), secret


def decrypt(source: Source) -> tuple[BinaryIO, bool]:
    """Try each password, and Excel's default. Raises :class:`Locked` or :class:`Damaged`."""
    tried = [(password, True) for password in source.passwords] + [(WORKBOOK_DEFAULT, False)]
    for password, secret in tried:
        plain = _opened(source.file, password)
        if plain is not None:
            return plain, secret
    if source.passwords:
        raise Locked("The file is encrypted, and none of the given passwords opens it.")
    raise Locked("The file is encrypted; a password is needed.")


def _opened(file: BinaryIO, password: str) -> BinaryIO | None:
    plain = io.BytesIO()
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            office = msoffcrypto.OfficeFile(file)
            try:
                office.load_key(password=password, verify_password=True)
            except TypeError:
                office.load_key(password=password)
            office.decrypt(plain)
    except Exception as error:
        if isinstance(error, (ImportError, MemoryError)) or getattr(error, "errno", None) is not None:
            raise  # the machine's failure, which must not be told as a wrong password
        return None
    plain.seek(0)
    return plain if plain.getbuffer().nbytes else None
