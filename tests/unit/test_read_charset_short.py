"""Short texts that state no encoding: notes, heads of lists, single words, bare and in HTML, as leaks are full of."""

from __future__ import annotations

import pytest

from unburnt.read.charset import decode

CHINESE = ["居留证", "拘留所", "花名册", "户籍册", "拘留", "迪丽努尔", "看守所", "身份证号", "工资表", "会议纪要", "关于拘留", "已转移", "请速办", "今天不来", "转送名单", "教育培训中心", "嫌疑人", "派出所", "审讯记录", "古丽娜尔", "阿不都拉", "买买提明", "被收押", "自由迁徙", "公安局长", "反恐办", "重点人员", "一体化", "平台数据", "未成年人", "请假条", "通行证", "出入境", "体检表", "采血", "指纹", "收缴护照", "姓名,身份证号,住址", "电话,地址", "序号,姓名,性别", "日期;金额;备注", "姓名\t部门", "县,乡,村"]
RUSSIAN = ["Акт", "Дело", "Приказ", "Отчёт", "список", "Список лиц", "Протокол допроса", "О порядке учёта", "задержан", "допрос", "следователь", "Иванов И.И.", "5 А класс", "по делу", "город Москва", "телефон;адрес", "имя,фамилия", "Объект", "льготы", "подъезд", "щит", "цех", "юрист", "этап"]
KAZAKH = ["Қазақстан", "әкім", "Шәріп", "мектеп хаты", "Алматы қаласы", "ауданы", "ұлттық", "бөлім бастығы", "ғимарат"]
OTHERS = {
    "big5hkscs": "拘留所 名冊 身分證 會議紀錄 學生名單 護照 關於 通知書 姓名,電話,地址", "cp932": "テスト 写真 請求書 報告書 会議の議事録",
    "cp949": "보고서 명단 서울 회의록", "cp1256": "تقرير رسالة صور قائمة",
}  # fmt: skip
WORDS = [
    *(("gb18030", word) for word in CHINESE), *(("kz1048", word) for word in KAZAKH),
    *((encoding, word) for encoding in ("cp1251", "koi8-r", "cp866", "iso8859-5") for word in RUSSIAN),
    *((encoding, word) for encoding, words in OTHERS.items() for word in words.split(" ")),
]  # fmt: skip


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("encoding", "word"), WORDS)
def test_a_word_or_two_are_read_in_their_encoding(encoding: str, word: str, native: bool) -> None:
    for text in (word, f"<p>{word}</p>\n", f"{word}\r\n"):
        assert decode(text.encode(encoding), native=native).text == text


@pytest.mark.parametrize("text", ["½ cup", "±5 °C", "é", "§ 5", "Ω", "қыз", "سر", "ខ្មែរ ភាសា", "ខ្មែរ", "ᨔ", "Дело", "拘留", "ʱ"])
def test_a_few_signs_in_utf_8_stay_what_they_are(text: str) -> None:
    assert decode(text.encode(), native=False).text == text


@pytest.mark.parametrize("text", ["Мобільний звіт про об'єкт", "Є. Їжак", "Київ"])
def test_ukrainian_is_not_taken_for_kazakh(text: str) -> None:
    assert decode(text.encode("cp1251"), native=False).text == text
