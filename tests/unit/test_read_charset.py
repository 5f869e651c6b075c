"""Texts in the encodings that leaks come in, made here; short ones too."""

from __future__ import annotations

import encodings
import pkgutil

import pytest

from tests.charset_texts import encoding_guessed
from unburnt.model.encodings import known_encoding
from unburnt.read.charset import decode

ZH = "关于加强户籍登记管理工作的通知"
HANT = "關於加強戶籍登記管理工作的通知"
RU = "Распоряжение о порядке учёта граждан"
AR = "هذا نص عربي قصير للتجربة في المكتب"
ES = "El año pasado mi corazón está aquí, señor José compró el café"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ZH, "gb18030"), (ZH, "utf-8"), (ZH, "utf-16"), (ZH + "\r\n第二行", "utf-16-le"), (ZH + "\n第二行", "utf-16-be"),
        ("张三", "gbk"), ("姓名,村\n张　三,第一村\n", "gbk"), (HANT, "big5"), (RU, "cp1251"), (RU, "koi8-r"), (RU, "cp866"),
        (RU.upper(), "cp1251"), (AR, "cp1256"), (ES, "cp1252"), ("plain", "ascii"), (ZH, "utf-8-sig"), (ZH, "utf-32"),
    ],
)  # fmt: skip
def test_undeclared_encodings_are_found_without_native_code(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding), native=False)
    assert (decoded.text, decoded.replaced) == (text, 0)


def test_what_is_declared_is_believed_only_where_it_fits() -> None:
    assert decode(RU.encode("koi8-r"), "koi8-r", native=False).text == RU
    assert decode(RU.encode("cp1251"), "utf-8", native=False).text == RU
    assert decode(RU.encode(), "iso-8859-1", native=False).text == RU
    assert decode(ZH.encode("gbk"), "GB2312", native=False).text == ZH
    assert decode(RU.encode(), "no such charset", native=False).text == RU


def test_lost_bytes_are_counted_and_never_silent() -> None:
    decoded = decode(ZH.encode() * 20 + b"\xff" + ZH.encode(), native=False)
    assert decoded.replaced == 1
    assert decoded.encoding == "utf-8"


def test_a_broken_byte_does_not_cost_a_chinese_text() -> None:
    decoded = decode(ZH.encode("gb18030") * 30 + b"\xff\n" + ZH.encode("gb18030"), native=False)
    assert decoded.text.startswith(ZH)
    assert decoded.text.endswith(ZH)
    assert decoded.replaced >= 1


def test_a_replacement_sign_that_stands_in_the_file_is_no_loss() -> None:
    assert decode("a\ufffdb".encode(), native=False).replaced == 0


NAMES = {
    "gb18030": ["名册.xls", "表", "张三", "附件1：花名册", "居留登记", "会议纪要（扫描）.pdf", "工资"],
    "cp866": ["Отчёт.doc", "акт", "Документы/Фото 1.jpg", "ПРИКАЗ", "Приказ №7.pdf", "мектеп хаты"],
    "cp1251": ["Отчёт.doc", "список", "Приказ №7.pdf", "акт", "Новая папка/Копия файла.txt", "Я.txt"],
    "koi8-r": ["Отчёт.doc", "список", "акт", "Расписание занятий на май.xls", "Иванов И.И.doc"],
    "big5hkscs": ["名冊.xls", "會議紀錄.doc", "學生名單", "身分證影本.jpg", "新增資料夾/報告.txt", "張三", "通知"],
    "cp932": ["新しいフォルダー/資料.txt", "会議の議事録.doc", "テスト", "写真", "請求書.xls", "報告書"],
    "cp1256": ["تقرير.doc", "قائمة الأسماء.xls", "صور", "ملف جديد/وثيقة.pdf", "رسالة"],
    "cp1252": ["Résumé.doc", "Müller.xls", "Übersicht.pdf", "Straße"],
}


@pytest.mark.parametrize(("encoding", "name"), [(encoding, name) for encoding, names in NAMES.items() for name in names])
def test_a_single_name_tells_its_encoding(encoding: str, name: str) -> None:
    assert encoding_guessed([name.encode(encoding, "ignore")]) == encoding


SHORT = ("一 二 三 四 五 六 七 八 九 十 上 中 下 图 表 王 李 张 刘 陈 马 何 徐 孙 林 罗 名单 合同 通知 报告 照片 新建 文件 资料 附件 简历 工资 考勤 会议 "
         "总结 图片 录音 视频 备份 说明 目录 封面 正文 副本 王伟 李娜 艾力 买买提 古丽 密码 财务 预算 乙 也 前 千 全 一一 小学")


@pytest.mark.parametrize("name", SHORT.split())
def test_a_chinese_name_of_one_or_two_characters_is_not_taken_for_rare_letters(name: str) -> None:
    assert encoding_guessed([f"{name}.txt".encode("gb18030")]) == "gb18030"


@pytest.mark.parametrize("name", ["é", "ö", "ñ", "Дело", "я", "список", "қыз", "ұл", "Әлі", "β", "שלום", "سر", "ئا", "café", "Հայ", "一", "名单", "목록"])
def test_a_short_name_in_utf_8_stays_what_it_is(name: str) -> None:
    assert encoding_guessed([f"{name}.txt".encode()]) == "utf-8"


@pytest.mark.parametrize("name", ["список", "том", "Дело", "акт", "база"])
def test_a_russian_name_of_dos_is_not_taken_for_the_signs_that_its_bytes_are_by_accident(name: str) -> None:
    assert encoding_guessed([f"{name}.txt".encode("cp866")]) == "cp866"


def test_a_lone_letter_is_not_believed_beside_chinese_names_that_state_their_encoding() -> None:
    assert encoding_guessed(["位.txt".encode("gb18030")]) == "utf-8"  # it is a lambda too
    assert encoding_guessed(["位.txt".encode("gb18030")], beside=["名单.xls"]) == "gb18030"


def test_uyghur_names_of_a_chinese_machine_are_read_with_its_four_byte_letters() -> None:
    assert encoding_guessed(name.encode("gb18030") for name in ("مەكتەپ تىزىملىكى.doc", "ئۇقتۇرۇش.pdf", "名册.xls")) == "gb18030"


def test_korean_names_are_not_taken_for_chinese() -> None:
    assert encoding_guessed(name.encode("cp949") for name in ("보고서.doc", "명단.xls", "회의록", "새 폴더/자료.hwp")) == "cp949"


@pytest.mark.parametrize("encoding", NAMES)
def test_names_are_decided_together(encoding: str) -> None:
    assert encoding_guessed(name.encode(encoding, "ignore") for name in NAMES[encoding]) == encoding
    assert encoding_guessed(name.encode() for name in NAMES[encoding]) == "utf-8"


@pytest.mark.parametrize("text", ["拘留证明书", "花名册", "Приказ", "ئۇيغۇر", "Распоряжение о порядке"])
def test_a_text_cut_within_its_last_letter_is_still_what_it_was(text: str) -> None:
    found = decode(text.encode()[:-1], native=False)
    assert (found.encoding, found.text) == ("utf-8", text[:-1] + "\ufffd")


def test_a_wrong_byte_in_a_short_text_does_not_make_another_of_it() -> None:
    data = "Приказ о переводе".encode()
    assert decode(data[:13] + b"\xff" + data[13:], native=False).text.startswith("Приказ")


@pytest.mark.parametrize("name", ["undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "charmap", "rot13", "hex", "no such"])
def test_names_that_are_no_charset_change_nothing(name: str) -> None:
    text = "\\u0041 C:\\new\\table " + RU
    for data in ("Договор".encode("cp1251"), text.encode("cp1251"), text.encode(), text.encode("koi8-r")[:60], b"plain \\n"):
        assert decode(data, name, hints=(name,), native=False) == decode(data, native=False)


def test_every_charset_that_may_be_named_can_be_tried_on_any_bytes() -> None:
    names = {name for module in pkgutil.iter_modules(encodings.__path__) if (name := known_encoding(module.name)) is not None}
    assert {"utf-7", "cp1251", "mac-cyrillic", "koi8-t", "big5hkscs", "iso2022_kr", "tis-620", "kz1048"} <= names
    for data in (bytes(range(256)), bytes(range(255, -1, -1)), b"+2AA-\x80 ~{ \x1b$B \x1b$)C", RU.encode("cp1251")):
        for name in names:
            decode(data, name, hints=(name,), native=False).text.encode()
