"""Strange names and broken things; a leak is full of both."""

from __future__ import annotations

import io

from leak_maker import containers, plain, printed
from leak_maker.fixed import zip_of
from leak_maker.office import DOCX, Word, word_parts
from leak_maker.offices import paper
from leak_maker.tree import Tree
from leak_maker.truth import Document, Made, Passage

ODD = "未整理/奇怪的名字"
BROKEN = "未整理/坏文件"
OVERRIDE = "\u202e"


def fill_names(tree: Tree, roster: Made) -> None:
    """Names that trick the eye, the terminal, the browser and the decoder."""
    tree.add(f"{ODD}/通知{OVERRIDE}fdp.exe", plain.text(paper("duty")))
    tree.add(f"{ODD}/\u2067ئۇقتۇرۇش\u2069 (1).txt", plain.text(paper("petition_ug"), "utf-8"))
    tree.add(f"{ODD}/red\x1b[31malert\x1b[0m\x07.txt", plain.text(paper("mail_third")))
    tree.add(f"{ODD}/<img src=x onerror=alert(1)>.html", plain.hostile_page(paper("cover_en")))
    stem = "ئۇزۇن ئىسىملىك ھۆججەت "
    long = (stem * 20).encode()[:245].decode("utf-8", "ignore")
    tree.add(f"{ODD}/{long}{'x' * (246 - len(long.encode()))}.txt", plain.text(paper("water_ug")))
    tree.add(f"{ODD}/".encode() + "简报".encode("gbk") + b".txt", plain.text(paper("bulletin_next"), "gb18030"))
    tree.add(f"{ODD}/".encode() + "справка".encode("cp1251") + b".txt", plain.text(paper("trade_ru"), "cp1251"))
    tree.add(f"{ODD}/ xatire .txt", plain.text(paper("note_latin")))
    tree.add(f"{ODD}/хатирә.txt", plain.text(paper("note_cyrillic")))
    tree.add(f"{ODD}/没有扩展名", plain.text(paper("statistics_en")))
    tree.add(f"{ODD}/名册.xlsx.bak", roster)
    tree.add(
        f"{ODD}/ئۆيدە ئوقۇش.epub",
        plain.book(
            [paper("note_latin"), paper("petition_ug"), paper("letter")],
            "ئۆيدە ئوقۇش",
            "白霁云",
        ),
    )


def fill_broken(tree: Tree) -> None:
    """Truncated, empty, misnamed, bursting and malformed files."""
    whole = printed.pdf(paper("inspection"), paper("budget"))
    cut = Document("pdf", ["application/pdf"], ["damaged", "partial"])
    tree.add(f"{BROKEN}/传输中断.pdf", Made(whole.data[: len(whole.data) * 2 // 5], cut))
    tree.add(f"{BROKEN}/空文件.docx", Made(b"", Document("empty", ["application/x-empty", "inode/x-empty"], ["empty"])))
    named = printed.pdf(paper("notice_kk"))
    tree.add(f"{BROKEN}/照片.jpg", named)
    tree.add(f"{BROKEN}/旧文档.doc", picture_named_doc())
    tree.add(f"{BROKEN}/backup.zip", containers.bomb())
    tree.add(f"{BROKEN}/排版错误.docx", malformed_word())
    whole_zip = containers.zipped(
        [("one.txt", plain.text(paper("mail_first"))), ("two.txt", plain.text(paper("mail_reply")))]
    )
    lost = Document("zip", ["application/zip"], ["damaged", "partial"])
    tree.add(f"{BROKEN}/半个.zip", Made(whole_zip.data[: len(whole_zip.data) // 2], lost))


def picture_named_doc() -> Made:
    """A PNG with words in it that calls itself a Word document."""
    out = io.BytesIO()
    printed.pictures([paper("statistics_en")])[0].point([255 if value > 160 else 0 for value in range(256)]).convert(
        "1"
    ).save(out, "PNG")
    words = Passage(list(paper("statistics_en").lines), "ocr", 0.05, lang="en")
    return Made(out.getvalue(), Document("png", ["image/png"], passages=[words]))


def malformed_word() -> Made:
    """A DOCX whose XML stops in the middle of the third paragraph."""
    word = Word(paper("labour"), "劳动事务科")
    parts = dict(word_parts(word))
    body = parts["word/document.xml"]
    cut = body.index(word.paper.lines[3].encode())
    parts["word/document.xml"] = body[:cut]
    truth = Document("docx", [DOCX], ["partial", "damaged"], passages=[Passage(list(word.paper.lines[:3]), lang="zh")])
    truth.absent = [word.paper.lines[3]]
    return Made(zip_of(parts.items()), truth)
