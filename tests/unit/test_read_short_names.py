"""Names in archives are short, and the same bytes are words of several languages: what is shown is the likelier one, and doubt is said.

Words of our own choosing: what people write on files, family names, places.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from tests.charset_texts import encoding_guessed
from tests.read_by_child import read
from unburnt.read.charset_names import encoding_of_names

NAMES = {
    "cp949": "명단 목록 자료 사진 보고서 회의록 계약서 공문 이력서 예산 통계 일정 통지 주소록 영수증 신청서 증명서 경찰 판결 증거 진술서 구금 "
    "교도소 김철수 이영희 박지성 강호동 서울 부산 평양 상반기 초안 원본 사본 별첨 공고문 규정 지출 보험 여권 난민 훈련 지도 비밀 변호사 벌금 장관",
    "cp932": "写真 資料 名簿 議事録 報告書 請求書 履歴書 領収書 予算 日程 一覧 住所録 申請書 証明書 書類 音楽 バックアップ コピー メモ 警察 判決 "
    "証拠 調書 逮捕 田中 鈴木 佐藤 山田太郎 東京 大阪 上半期 草案 原本 別紙 規程 保険 旅券 難民 訓練 地図 秘密 弁護士 罰金 大臣",
    "gb18030": "名单 目录 资料 照片 报告 会议纪要 合同 简历 预算 统计 日程 通知 通讯录 收据 申请表 证明 公安 判决 证据 笔录 拘留 监狱 "
    "王伟 李娜 张强 陈静 北京 喀什 和田 上半年 草稿 原件 复印件 附件 规定 支出 保险 签证 难民 训练 地图 秘密 律师 罚款 部长 死亡 酷刑逼供 "
    "花名册 热依木 买买提 帕提古丽 墨玉 阿富汗 台账 收押 谈话",
    "big5hkscs": "名單 目錄 資料 照片 報告 會議紀錄 合約 預算 統計 行程 通知 通訊錄 收據 申請書 證明 警察 判決 證據 筆錄 拘留 王偉 張強 陳靜 "
    "臺北 香港 上半年 草稿 正本 影本 附件 總務 稅務 監獄 規定 支出 保險 簽證 難民 訓練 地圖 秘密 律師 罰款 部長 環境 休假 檢驗 醫生 選舉 採訪",
    "cp866": "список акт Дело том приказ отчёт письмо Документы протокол справка договор план решение суд приговор допрос обыск школа Иванов "
    "Петров Москва май год месяц копия архив разное июнь таблица паспорт анкета правила закон указ запрос расход пенсия виза офицер адвокат срок",
    "cp1251": "список акт Дело том приказ отчёт письмо Документы протокол справка договор план решение суд приговор допрос обыск школа Иванов "
    "Петров Москва май год месяц копия архив разное июнь таблица паспорт анкета правила закон указ запрос расход пенсия виза рецепт адвокат срок",
    "koi8-r": "список акт Дело том приказ отчёт письмо Документы протокол справка договор план решение суд приговор допрос обыск школа Иванов "
    "Петров Москва май год месяц копия архив разное июнь таблица паспорт анкета правила закон указ запрос расход пенсия виза отпуск адвокат смерть",
    "cp1256": "تقرير قائمة صور رسالة ملف وثيقة جدول كتاب عقد فاتورة محضر اجتماع خطة ميزانية شرطة محكمة حكم مدرسة محمد علي سوريا مصر نسخة جديد "
    "قرار جواز قانون طلب دخل تأمين سفر إجازة مشروع صحة مستشفى طبيب زواج طلاق جيش سلاح تعذيب دمشق بغداد ئىسىم تىزىملىك مائاش سىياسىي دىنىي باسما",
}  # fmt: skip

WRONG = {"gb18030": 1, "big5hkscs": 1, "koi8-r": 1, "cp1256": 5}
"""How many of them are read as something else when they stand alone: bytes that are common words twice."""
SHOWN = "Its names state no encoding: they are shown as GB 18030, and CP949 fits nearly as well."


def words(encoding: str) -> list[bytes]:
    return [f"{name}.txt".encode(encoding) for name in NAMES[encoding].split()]


def tarred(*names: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name.decode("latin-1")))
    return out.getvalue()


@pytest.mark.parametrize("encoding", NAMES)
def test_a_single_short_name_is_shown_in_its_own_language(encoding: str) -> None:
    wrong = [name.decode(encoding) for name in words(encoding) if encoding_guessed([name]) != encoding]
    assert len(wrong) <= WRONG.get(encoding, 0), wrong


@pytest.mark.parametrize("encoding", NAMES)
def test_three_short_names_leave_no_doubt_of_their_language(encoding: str) -> None:
    names = words(encoding)
    threes = [names[at : at + 3] for at in range(0, len(names), 3)]
    assert [name.decode(encoding) for three in threes if encoding_guessed(three) != encoding for name in three] == []


def test_twenty_korean_names_are_not_taken_for_chinese_because_they_are_more() -> None:
    names = words("cp949")
    assert {encoding_guessed(names[at : at + 20]) for at in range(len(names) - 19)} == {"cp949"}


def test_words_of_western_europe_do_not_hold_a_chinese_character() -> None:
    names = ["Algérie", "Grèce", "Österreich", "bokmål", "Turquía", "Bosnie-Herzégovine", "Japón", "São Tomé", "Canadá", "Itália"]
    assert {encoding_guessed([f"{name}.doc".encode("cp1252")]) for name in names} == {"cp1252"}


def test_a_name_that_fits_two_encodings_alike_is_in_the_commoner_one_and_many_such_names_are_in_no_doubt() -> None:
    assert encoding_of_names(["Canadá.doc".encode("cp1252")]).rival == "cp437"
    assert encoding_of_names([f"Canadá {number}.doc".encode("cp1252") for number in range(20)]).rival == ""


def test_uyghur_letters_of_a_chinese_machine_are_words() -> None:
    names = ["ھىندىستان", "ھايتى", "بەھرەين", "كاياھچە"]
    assert {encoding_guessed([f"{name}.doc".encode("gb18030")]) for name in names} == {"gb18030"}


def test_names_that_fit_two_encodings_are_said_to_do_so() -> None:
    said = read(tarred("제주.txt".encode("cp949")), "tar")
    assert [text for code, text in said.notes if code == "names-encoding"] == [SHOWN]


def test_names_that_fit_one_encoding_are_not_said_to_be_in_doubt() -> None:
    for encoding in NAMES:
        assert encoding_of_names(words(encoding)).rival == ""
    said = read(tarred("제주도 관광 안내.txt".encode("cp949"), "보고서.txt".encode("cp949")), "tar")
    assert not [text for code, text in said.notes if code == "names-encoding"]
