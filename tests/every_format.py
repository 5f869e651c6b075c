"""A small whole file or more for every reader in ``known``, made by the suite's own writers: what fuzzing begins with.

The generators stand beside the promises that they were written for; here they only meet, by the reader's name.
"""

from __future__ import annotations

import gzip
import io
import lzma
import plistlib
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pysequoia
import xlwt
import zstandard

from tests import onenote_made as notes
from tests.archives_made import rar4, rar4_file, rar5, rar5_file
from tests.golden.test_read_archives_others import tar
from tests.golden.test_read_archives_plain import ar_member, binary_cpio, crc_cpio, rpm, written
from tests.golden.test_read_mail_golden import cms, der
from tests.golden.test_read_mail_outlook import attachment, message
from tests.ofd_made import Document, Page, make_ofd
from tests.ofd_made import text as ofd_text
from tests.ole_made import compound
from tests.packed_made import arj, arj_header, cabinet, help_file, lzh, mszip
from tests.pst_made import Attached, Dir, store
from tests.unit import test_read_access as access
from tests.unit import test_read_beside_files as beside
from tests.unit import test_read_calendars as calendars
from tests.unit import test_read_dbf as tables
from tests.unit import test_read_emlx as apple_mail
from tests.unit import test_read_hwp as hancom
from tests.unit import test_read_iwork as iwork
from tests.unit import test_read_metafiles as drawings
from tests.unit import test_read_office_deep as deep
from tests.unit import test_read_outlook_store as outlook
from tests.unit import test_read_warc as captures
from tests.unit import test_read_winmail as winmail
from tests.unit import test_read_xps as printed
from tests.unit.test_read_caj import caj, objects
from tests.unit.test_read_compress import compressed
from tests.unit.test_read_dmg import HFS, ZLIB, dmg
from tests.unit.test_read_uof import TEXT_2, package
from tests.unit.test_read_wps import WRITTEN, works

Sample = tuple[str, bytes]
TEXT = "关于加强管理的通知 Приказ № 3\n" * 40
_ELSEWHERE = Path(__file__).parent / "golden" / "made_elsewhere"
_PAGE = (
    b"From: <saved>\nMIME-Version: 1.0\nSnapshot-Content-Location: http://x.example/\nContent-Type: multipart/related; boundary=b\n\n"
    b"--b\nContent-Type: text/html; charset=utf-8\nContent-Location: http://x.example/\n\n<h1>saved</h1><p>page</p>\n"
    b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: http://x.example/a.png\n\niVBORw0KGgo=\n--b--\n"
)
_PROPERTIES = {"url": "https://a.example/", "list": [1, {"deep": True}], "raw": bytes(40), "icon": beside.PNG}


@cache
def samples() -> dict[str, list[Sample]]:
    """Received name and bytes by the reader's name; for the readers that neither the examples nor LibreOffice give a file."""
    return {name: make() for name, make in _MAKERS.items()}


def _access() -> list[Sample]:
    found = []
    for jet3 in (False, True):
        writer = access.Writer(jet3)
        found.append(("a.mdb", writer.file({"people": writer.table(access.COLUMNS, access.rows(writer))})))
    return found


def _apple_double() -> list[Sample]:
    origin = plistlib.dumps(["https://a.example/leak.zip"], fmt=plistlib.FMT_BINARY)
    attributes = {"com.apple.metadata:kMDItemWhereFroms": origin, "com.apple.quarantine": b"0083;58984a20;Safari;"}
    single = beside.apple({3: b"name.txt", 1: b"content"}, single=True)
    return [("._leak.zip", beside.apple({9: beside.finder(attributes, 26 + 24), 2: b"resources"})), ("a.as", single)]


def _packed(form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return written(Path(folder, "made"), form, {"one.txt": TEXT.encode(), "папка/two.txt": b"two"})


def _database() -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.db")
        connection = sqlite3.connect(path)
        connection.executescript(
            "PRAGMA page_size = 1024; CREATE TABLE 名册 (姓名, возраст INTEGER); CREATE INDEX i ON 名册 (姓名);"
            "CREATE TABLE keyed (a PRIMARY KEY, b) WITHOUT ROWID; CREATE TABLE gone (x)"
        )
        connection.executemany("INSERT INTO 名册 VALUES (?, ?)", [(f"张三 {number} " * 3, number) for number in range(60)])
        connection.executemany("INSERT INTO keyed VALUES (?, ?)", [("k", b"\0" * 3000), (1, 0.5)])
        connection.commit()
        connection.execute("DROP TABLE gone")
        connection.close()
        return [("a.db", path.read_bytes())]


def _memos() -> list[Sample]:
    foxpro = struct.pack(">I2H", 12, 0, 64) + bytes(504)
    foxpro += b"".join((struct.pack(">2I", 1, len(text)) + text).ljust(64, b"\0") for text in (b"plain", "通知".encode("gb18030")))
    dbase = struct.pack("<I", 3).ljust(20, b"\0") + struct.pack("<H", 512)
    block = b"\xff\xff\x08\0" + struct.pack("<I", 13) + b"words"
    return [("a.fpt", foxpro), ("a.dbt", dbase.ljust(512, b"\0") + block.ljust(512, b"\0"))]


def _store() -> list[Sample]:
    letter = outlook.Item(outlook.LETTER.properties, outlook.LETTER.recipients, [Attached({0x3707: outlook.text("a.bin"), 0x3701: (0x102, bytes(300))})])
    return [("a.pst", store(Dir("", [letter, outlook.note("second")]), password=kind)) for kind in (0, 1)]


def _random(size: int) -> bytes:
    """Bytes as an encrypted file has: each value as often as any other, by a generator with a fixed seed."""
    state, out = 1, bytearray()
    for _ in range(size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append(state >> 56)
    return bytes(out)


def _pkcs7() -> list[Sample]:
    inner = b"Content-Type: text/plain\r\n\r\nsigned words\r\n"
    data = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010701")), der(0xA0, der(0x04, inner)))
    signed = cms(2, der(0x30, der(0x02, b"\x01"), der(0x31), data, der(0x31)))
    return [("smime.p7m", signed), ("smime.p7m", cms(3, der(0x30, der(0x02, b"\x00"))))]


def _old_sheet() -> bytes:
    made, out = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("名单")
    for row in range(20):
        sheet.write(row, 0, f"张三 {row}")
        sheet.write(row, 1, row / 7)
    made.save(out)
    return out.getvalue()


def _word_xml() -> list[Sample]:
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    flat = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part pkg:name="/word/document.xml" '
        'pkg:contentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"><pkg:xmlData>'
        f"<w:document {word}><w:body><w:p><w:r><w:t>通知</w:t></w:r></w:p></w:body></w:document></pkg:xmlData></pkg:part></pkg:package>"
    )
    older = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r><w:t>通知</w:t></w:r></w:p>'
        "</w:body></w:wordDocument>"
    )
    return [("a.doc", flat.encode()), ("a.xml", older.encode())]


_LETTER = message("Приказ", {"__attach_version1.0_#00000000": attachment("a.pdf", b"%PDF" * 100)})
_EMF = drawings.emf(drawings.words("指标", 10, 30, 5), drawings.stretched(), drawings.drawn_string("中心"))
_WMF = drawings.wmf(drawings.font(134), drawings.meta(0x0A32, struct.pack("<hhHH", 5, 5, 4, 0) + "各村".encode("gbk")))
_DISC = dmg(("disk", [(ZLIB, 4, zlib.compress(HFS.ljust(2048, b"\0"))), (0, 3, b""), (1, 2, bytes(1024))]))
_IWORK = iwork.package(Document=iwork.part((1, b"\x08\x01"), iwork.storage("通知\n")), Tables=iwork.part(iwork.strings("张三", "李四")))

_MAKERS: dict[str, Callable[[], list[Sample]]] = {
    "access": _access,
    "apple-double": _apple_double,
    "ar": lambda: [("a.deb", b"!<arch>\n" + ar_member(b"//", b"a_name_of_more_than_15/\n") + ar_member(b"/0", b"1234") + ar_member(b"b/", b"5"))],
    "arj": lambda: [("a.arj", arj(arj_header(b"a.txt", b"stored", b"stored"), arj_header(b"b.txt", b"xx", b"xx", method=1) + b"xx"))],
    "cab": lambda: [("a.cab", cabinet([(b"a", 900, 0, 0), (b"b", 4, 0, 1)], [(1, mszip(TEXT.encode()[:900])), (0, [(b"good", 4)])]))],
    "caj": lambda: [("a.caj", caj(objects(drop=rb"/Type /Catalog")))],
    "calendar": lambda: [("a.ics", calendars.folded(calendars.CALENDAR))],
    "card": lambda: [("a.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:张三\nTEL;TYPE=home:1\nPHOTO;ENCODING=b:aGVsbG8=\nEND:VCARD\n".encode() * 2)],
    "chm": lambda: [("a.chm", help_file([(b"/a.htm", b"<p>one</p>" * 50)], stored=[(b"/b.htm", b"<p>two</p>")]))],
    "cpio": lambda: [("a.cpio", crc_cpio(b"good", b"abc", sum(b"abc"))), ("b.cpio", binary_cpio(b"old.txt", b"odd", "<")), ("c.cpio", _packed("cpio_newc"))],
    "dbf": lambda: [("a.dbf", tables.dbf(tables.PLAIN, tables.ROWS * 5)), ("b.dbf", tables.dbf(tables.PLAIN, tables.ROWS, version=4))],
    "dbf-memo": _memos,
    "dmg": lambda: [("a.dmg", _DISC)],
    "emf": lambda: [("a.emf", _EMF)],
    "emlx": lambda: [("1.emlx", apple_mail.emlx(apple_mail.MAIL, flags=5))],
    "hwp": lambda: [("a.hwp", hancom.hwp(hancom.paragraph("통지"), hancom.paragraph("문서"))), ("b.hwp", hancom.hwp(hancom.paragraph("통지"), flags=0))],
    "hwpx": lambda: [("a.hwpx", hancom.hwpx(hancom.p(hancom.t("통지"))))],
    "image": lambda: [("a.heic", (_ELSEWHERE / "several.heic").read_bytes())],
    "iso": lambda: [("a.iso", _packed("iso9660"))],
    "iwork": lambda: [("a.pages", _IWORK)],
    "lnk": lambda: [("a.lnk", beside.shortcut()), ("b.lnk", beside.shortcut(wide=False))],
    "lzh": lambda: [("a.lzh", b"".join(lzh(b"a.txt", b"words", level=level) for level in (0, 1, 2, 3)) + b"\0")],
    "mhtml": lambda: [("a.mht", _PAGE)],
    "msg": lambda: [("a.msg", compound(_LETTER))],
    "ofd": lambda: [("a.ofd", make_ofd(Document([Page([ofd_text("关于", 10, 20)])])))],
    "onenote": lambda: [("a.one", notes.section(*notes.PAGES, files=notes.FILES)), ("b.one", notes.packaged(*notes.PAGES, files=notes.FILES)), ("c.onetoc2", notes.notebook("a.one"))],
    "pgp": lambda: [("a.pgp", bytes(pysequoia.encrypt(b"words", passwords=["p"], armor=armor))) for armor in (False, True)],
    "pkcs7": _pkcs7,
    "plist": lambda: [("a.plist", plistlib.dumps(_PROPERTIES, fmt=plistlib.FMT_BINARY))],
    "ppt": lambda: [("a.ppt", lzma.decompress((_ELSEWHERE / "commented.ppt.xz").read_bytes()))],
    "pst": _store,
    "rar": lambda: [("a.rar", rar5(rar5_file("目录", b"", directory=True), rar5_file("a", b"one"))), ("b.rar", rar4(rar4_file(b"a", b"hello")))],
    "rpm": lambda: [("a.rpm", rpm({1000: b"tool", 1001: b"1.0", 1002: b"2", 1125: b"gzip"}, gzip.compress(_packed("cpio_newc"))))],
    "sqlite": _database,
    "sqlite-locked": lambda: [("a.db", _random(4096))],
    "sqlite-log": lambda: [("a.db-wal", struct.pack(">8I", 0x377F0682, 3007000, 4096, 0, 1, 2, 3, 4) + bytes(4120))],
    "stream": lambda: [("a.txt.Z", compressed(TEXT.encode()))],
    "tar": lambda: [("a.tar", tar({"a.txt": b"one", "папка/b.txt": b"two"}))],
    "tnef": lambda: [("winmail.dat", winmail.stream(*winmail.LETTER, winmail.attached(b"a.txt", b"words", winmail.text(0x3707, "отчёт.txt"))))],
    "uof": lambda: [("a.uof", package(TEXT_2))],
    "visio": lambda: [("a.vsdx", deep.drawing(deep.SHAPE))],
    "warc": lambda: [("a.warc", captures.INFO + captures.PLAIN + captures.IN_CHUNKS + captures.RESOURCE)],
    "wmf": lambda: [("a.wmf", _WMF)],
    "word-xml": _word_xml,
    "works": lambda: [("a.wps", compound({"CONTENTS": works("关于\r")}))],
    "xls": lambda: [("a.xls", _old_sheet()), ("a.et", WRITTEN["xls"])],
    "xlsb": lambda: [("a.xlsb", deep.binary_workbook())],
    "xps": lambda: [("a.xps", printed.packed(printed.package({"D/Pages/1.fpage": printed.page(printed.glyphs("关于", 1, 1))}, ["1"])))],
    "zstd": lambda: [("a.txt.zst", zstandard.compress(TEXT.encode()))],
}
