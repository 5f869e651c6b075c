"""Texts of Latin letters with a few bytes beyond ASCII are in a Western encoding, however short."""

from __future__ import annotations

import pytest

from unburnt.read.charset import decode
from unburnt.read.charset_western import is_western

TYPED = (
    "wait…What is it", "do…Petits", "He said “no” and left", "the director’s office—North", "price: 5€ per kg", "5 £ in the shop",
    "x² + y² = z²", "Smith®Co", "§ 5 of the law", "It’s here", "•First point\n•Second point", "½ cup of flour", "José", "naïve",
    "L’été à la forêt; garçon, Noël", "Señor Peña viajó a España en otoño", "Grüße aus Köln – Müller", "São Paulo", "Zoë said “été…”",
    "The director’s office said it’s closed. We don’t know what’s next for the families. " * 20,
)
OTHERS = {
    "gb18030": ("拘留", "Wang强 is here", "第5页 page", "朱镕基 said", "A 一 B", "通知（1）", "名单 list 姓名 name"),
    "big5hkscs": ("拘留所", "關於加強戶籍登記管理工作", "第5頁 page", "名單 list 姓名 name"),
    "cp932": ("テスト", "一覧表 list", "カタカナの名前", "東京 Tokyo"),
    "cp949": ("한국어 문서", "서울 Seoul"),
    "cp1251": ("Акт № 5", "5 А класс", "по делу", "Microsoft в Москве", "«Слово»"),
    "koi8-r": ("Акт о сдаче", "по делу"),
    "cp866": ("Список лиц", "по делу"),
    "cp1256": ("قائمة الأسماء", "في و من"),
    "cp437": ("résumé détaillé", "les élèves de l'école"),
}


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("native", [True, False])
def test_quotes_dashes_and_accents_of_windows_stay_what_they_are(text: str, native: bool) -> None:
    found = decode(text.encode("cp1252"), native=native)
    assert (found.text, found.replaced) == (text, 0)


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, texts in OTHERS.items() for text in texts])
def test_other_scripts_are_not_taken_for_it(encoding: str, text: str) -> None:
    assert not is_western(text.encode(encoding))


def test_letters_of_central_europe_may_be_guessed_still() -> None:
    text = "Żółta łódź płynie po rzece, a pięć gęsi śpi. Właściciel podpisał umowę w czwartek i wyjechał do Łodzi. " * 4
    assert decode(text.encode("cp1250")).text == text
