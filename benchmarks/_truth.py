"""A file's words by programs that share no code with the readers here; each may be missing, and then gives nothing.

poppler's pdftotext, antiword, catdoc, xls2csv, catppt, unrtf, LibreOffice, w3m, html2text, msgconvert, openssl, file and
iconv run as processes; OOXML, OpenDocument, EPUB, mail and archives go through Python's standard library alone.
kreuzberg runs where a Python that has it is named by the environment variable ``KREUZBERG_PYTHON``.
"""

from __future__ import annotations

import bz2
import contextlib
import email
import email.policy
import gzip
import html.parser
import mailbox
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

_SECONDS = 60
_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_KREUZBERG = (
    "import sys,asyncio,kreuzberg as k\n"
    "f=getattr(k,'extract_file_sync',None) or getattr(k,'extract_sync',None)\n"
    "r=f(sys.argv[1]); sys.stdout.buffer.write(r.content.encode('utf-8','replace'))"
)
Tool = Callable[[Path], str]


def words(text: str) -> Counter[str]:
    """Words after NFKC and casefold; of Chinese and Japanese each character."""
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def agreed(texts: list[str]) -> Counter[str]:
    """The words of the only text, or those that at least two texts have, as often as two of them have them."""
    counts = [words(text) for text in texts if text.strip()]
    if len(counts) < 2:
        return counts[0] if counts else Counter()
    return Counter({word: number for word in set().union(*counts) if (number := sorted(one[word] for one in counts)[-2])})


def truths(path: Path) -> dict[str, str]:
    """What each tool says about *path*, by the tool's name; empty for types that hold no text of letters."""
    said: dict[str, str] = {}
    if not path.stat().st_size:
        return said
    for name, tool in _tools(path).items():
        with contextlib.suppress(Exception):  # a tool that fails has no say
            said[name] = tool(path)
    return {name: text for name, text in said.items() if words(text)}


def _run(*command: str, data: bytes | None = None) -> str:
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    return done.stdout.decode("utf-8", "replace")


def _program(*command: str) -> Tool:
    return lambda path: _run(*command, str(path))


def _kreuzberg(path: Path) -> str:
    python = os.environ.get("KREUZBERG_PYTHON", "")
    return _run(python, "-c", _KREUZBERG, str(path)) if python else ""


def _office(kind: str) -> Tool:
    def convert(path: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            _run("soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind,
                 "--outdir", folder, str(path))
            made = [one for one in sorted(Path(folder).iterdir()) if one.is_file()]
            if kind == "pdf":
                return "\n".join(_run("pdftotext", str(one), "-") for one in made)
            return "\n".join(one.read_text("utf-8-sig", "replace") for one in made)
    return convert


def _decoded(path: Path) -> str:
    charset = _run("file", "-b", "--mime-encoding", str(path)).strip()
    charset = {"unknown-8bit": "cp1252", "us-ascii": "utf-8", "binary": "utf-8"}.get(charset, charset)
    return _run("iconv", "-c", "-f", charset, "-t", "utf-8", str(path))


def _xml_text(data: bytes, *, apart: tuple[str, ...], kept: tuple[str, ...] = ()) -> str:
    """All text of an XML file; elements named *apart* end a word; with *kept*, only text of elements so named."""
    pieces = []
    for element in ElementTree.fromstring(data).iter():
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if kept and name not in kept:
            pieces += [" "] if name in apart else []
            continue
        pieces += [" " if name in apart else "", element.text or "", "" if kept else element.tail or ""]
    return "".join(pieces)


def _package(names: str, *, apart: tuple[str, ...], kept: tuple[str, ...] = ()) -> Tool:
    def read(path: Path) -> str:
        with zipfile.ZipFile(path) as package:
            return "\n".join(_xml_text(package.read(name), apart=apart, kept=kept)
                             for name in package.namelist() if re.fullmatch(names, name))
    return read


def _sheets(path: Path) -> str:
    """Shared strings as often as cells show them, and numbers as they are stored."""
    with zipfile.ZipFile(path) as package:
        strings = []
        if "xl/sharedStrings.xml" in package.namelist():
            table = ElementTree.fromstring(package.read("xl/sharedStrings.xml"))
            strings = ["".join(part.text or "" for part in one.iter() if part.tag.endswith("}t")) for one in table]
        said = []
        for name in package.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                for cell in ElementTree.fromstring(package.read(name)).iter():
                    if cell.tag.endswith("}c"):
                        value = "".join(one.text or "" for one in cell.iter() if one.tag.endswith(("}v", "}t")))
                        said.append(strings[int(value)] if cell.get("t") == "s" and value else value)
        return "\n".join(said)


class _Text(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in ("script", "style", "title")
        self.pieces.append(" " if tag in ("p", "div", "br", "td", "li", "tr", "h1", "h2", "h3") else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "title") and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _book(path: Path) -> str:
    parser = _Text()
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            content = package.read(name).decode("utf-8", "replace")
            if name.lower().endswith((".xhtml", ".html", ".htm", ".xml")) and "<body" in content:
                parser.feed(content)
                parser.pieces.append("\n")
    return "".join(parser.pieces)


def _message(message: email.message.Message) -> str:
    said = [str(message.get("subject", ""))]
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            text = payload.decode(part.get_content_charset("utf-8"), "replace") if isinstance(payload, bytes) else ""
            html_body = part.get_content_subtype() == "html"
            said.append(_run("w3m", "-dump", "-T", "text/html", "-I", "utf-8", "-O", "utf-8", data=text.encode()) if html_body else text)
    return "\n".join(said)


def _mail(path: Path) -> str:
    return _message(email.message_from_bytes(path.read_bytes(), policy=email.policy.default))


def _mailbox(path: Path) -> str:
    return "\n".join(_message(email.message_from_bytes(bytes(one), policy=email.policy.default)) for one in mailbox.mbox(path))


def _converted_message(path: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.eml")
        _run("msgconvert", "--outfile", str(made), str(path))
        return _mail(made)


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((one.filename, archive.read(one)) for one in archive.infolist() if not one.is_dir())
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for entry in archive:
                if entry.isfile() and (opened := archive.extractfile(entry)):
                    yield entry.name, opened.read()
    elif path.suffix in (".gz", ".bz2"):
        yield path.stem, (gzip if path.suffix == ".gz" else bz2).decompress(path.read_bytes())


def _signed(path: Path) -> str:
    content = _run("openssl", "smime", "-verify", "-noverify", "-inform", "DER", "-in", str(path))
    with contextlib.suppress(ElementTree.ParseError):
        return " ".join(ElementTree.fromstring(content).itertext())
    return content


def _capture(path: Path) -> str:
    """The pages of a web capture as w3m shows them, and what it says of itself."""
    said = []
    for record in path.read_bytes().split(b"WARC/1.0\r\n")[1:]:
        head, _, block = record.partition(b"\r\n\r\n")
        page = block.partition(b"\r\n\r\n")[2]
        is_page = b"application/http" in head
        said.append(_run("w3m", "-dump", "-T", "text/html", "-O", "utf-8", data=page) if is_page else block.decode("utf-8", "replace"))
    return "\n".join(said)


def _members(path: Path) -> str:
    """What all tools agree on about each member, and about what that holds."""
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, data) in enumerate(_unpacked(path)):
            member = Path(folder, f"{number}{Path(name).suffix.lower()}")
            member.write_bytes(data)
            said += agreed(list(truths(member).values())).elements()
    return " ".join(said)


_WRITER, _CALC, _IMPRESS = "txt:Text (encoded):UTF8", 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1', "pdf"
_WORD_XML = _package(r"word/(document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml",
                     apart=("p", "tab", "br", "tc"), kept=("t", "delText"))
_SLIDE_XML = _package(r"ppt/(slides|notesSlides)/[^/]+\.xml", apart=("p", "br", "tc"), kept=("t",))
_ODF_XML = _package(r"content\.xml", apart=("p", "h", "tab", "line-break", "s", "table-cell"))
_HTML = {"w3m": _program("w3m", "-dump", "-T", "text/html", "-O", "utf-8"), "html2text": _program("html2text", "-utf8", "-nobs")}
_PLAIN = {"iconv": _decoded}
_BY_SUFFIX: dict[str, dict[str, Tool]] = {
    ".pdf": {"pdftotext": lambda path: _run("pdftotext", str(path), "-")},
    ".doc": {"antiword": lambda path: _run("antiword", "-m", "UTF-8.txt", str(path)).replace("[pic]", ""), "LibreOffice": _office(_WRITER),
             "catdoc": _program("catdoc", "-d", "utf-8")},
    ".rtf": {"unrtf": _program("unrtf", "--text", "--quiet"), "LibreOffice": _office(_WRITER)},
    ".docx": {"ElementTree": _WORD_XML, "LibreOffice": _office(_WRITER)},
    ".xls": {"xls2csv": _program("xls2csv", "-d", "utf-8"), "LibreOffice": _office(_CALC)},
    ".xlsx": {"ElementTree": _sheets, "LibreOffice": _office(_CALC)},
    ".ppt": {"catppt": _program("catppt", "-d", "utf-8"), "LibreOffice": _office(_IMPRESS)},
    ".pptx": {"ElementTree": _SLIDE_XML, "LibreOffice": _office(_IMPRESS)},
    ".odt": {"ElementTree": _ODF_XML, "LibreOffice": _office(_WRITER)},
    ".ods": {"ElementTree": _ODF_XML, "LibreOffice": _office(_CALC)},
    ".odp": {"ElementTree": _ODF_XML, "LibreOffice": _office(_IMPRESS)},
    ".html": _HTML, ".htm": _HTML, ".xhtml": _HTML,
    ".eml": {"email": _mail, "kreuzberg": _kreuzberg}, ".mbox": {"email": _mailbox},
    ".msg": {"msgconvert": _converted_message, "kreuzberg": _kreuzberg},
    ".epub": {"html.parser": _book},
    ".xml": {"ElementTree": lambda path: " ".join(ElementTree.fromstring(path.read_bytes()).itertext())},
    ".txt": _PLAIN, ".csv": _PLAIN, ".md": _PLAIN, ".json": _PLAIN, ".warc": {"w3m": _capture},
    ".p7m": {"openssl": _signed},
    ".zip": {"zipfile": _members}, ".tar": {"tarfile": _members}, ".gz": {"gzip": _members}, ".bz2": {"bz2": _members},
}  # fmt: skip


def _tools(path: Path) -> dict[str, Tool]:
    return _BY_SUFFIX.get(path.suffix.lower(), {})
