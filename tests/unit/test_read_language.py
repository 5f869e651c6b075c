"""Languages by their letters and words; sentences written for this test, and none of them in the model's lexicons."""

from __future__ import annotations

import time

import pytest

from unburnt.model.reading import Part
from unburnt.read import language_model
from unburnt.read.language import language_of, warm
from unburnt.read.language_model.make_model import model
from unburnt.read.passages import MOST_PASSAGES, in_languages, passages_of

CASES = [
    ("关于加强户籍登记管理工作的通知", "zh", "Hans"),
    ("關於加強戶籍登記管理工作的通知", "zh", "Hant"),
    ("شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى", "ug", "Arab"),
    ("Bu uqturush barliq kishi üchün we hemme yeza bilen nahiye üchün", "ug", "Latn"),
    ("Mektep heqqide qisqiche xatire: balilar qoshna yézigha piyade bardi", "ug", "Latn"),
    ("Мәктәптә оқуғучилар үчүн китаплар һазирланди, яхши күн болди", "ug", "Cyrl"),
    ("Қазақстан Республикасының азаматтары туралы бұйрық", "kk", "Cyrl"),
    ("Распоряжение о порядке учёта граждан", "ru", "Cyrl"),
    ("The list of the persons who are to be registered by the office", "en", "Latn"),
    ("Élimizning tarixini yazghan alimlar bu toghriluq nurghun maqale élan qildi", "ug", "Latn"),
    ("Елимизниң тарихини язған алимлар бу тоғрилиқ нурғун мақалә елан қилди", "ug", "Cyrl"),
    ("قازاق جازۋشىلارىنىڭ كىتاپتارى وسى كىتاپحانادا ساقتالادى", "kk", "Arab"),
    ("Qazaq jazuşylarynyñ kitaptary osy kitaphanada saqtalady", "kk", "Latn"),
    ("Qazaq jazýshylarynyń kitaptary osy kitaphanada saqtalady", "kk", "Latn"),
    ("Yozuvchilarimizning asarlari shu kutubxonada saqlanadi va o'qiladi", "uz", "Latn"),
    ("Ёзувчиларимизнинг асарлари шу кутубхонада сақланади ва ўқилади", "uz", "Cyrl"),
    ("Жазуучулардын чыгармалары ушул китепканада сакталып турат", "ky", "Cyrl"),
    ("Зохиолчдын бүтээлийг номын санд хадгалж, уншигчдад хүргэдэг", "mn", "Cyrl"),
    ("ᠮᠣᠩᠭᠣᠯ ᠦᠰᠦᠭ ᠪᠢᠴᠢᠭ", "mn", "Mong"),
    ("བོད་ཀྱི་སྐད་ཡིག་སློབ་སྦྱོང་།", "bo", "Tibt"),
    ("Асарҳои нависандагон дар китобхонаи шаҳр нигоҳ дошта мешаванд", "tg", "Cyrl"),
    ("Yazarların yapıtları bu kütüphanede korunuyor ve okunuyor", "tr", "Latn"),
    ("Твори письменників зберігаються в цій бібліотеці, їх можна прочитати", "uk", "Cyrl"),
    ("آثار نویسندگان در این کتابخانه نگهداری می‌شود و همه می‌توانند بخوانند", "fa", "Arab"),
    ("تحفظ أعمال الكتاب في هذه المكتبة ويستطيع الجميع قراءتها", "ar", "Arab"),
    ("Dieses Schreiben ist von keinem der Beteiligten unterschrieben worden", "de", "Latn"),
]


@pytest.mark.parametrize(("text", "lang", "script"), CASES)
def test_letters_tell_the_language_without_native_code(text: str, lang: str, script: str) -> None:
    assert language_of(text, native=False) == (lang, script)


@pytest.mark.parametrize(("text", "lang", "script"), CASES)
def test_native_code_agrees_where_letters_are_certain(text: str, lang: str, script: str) -> None:
    assert language_of(text, native=True) == (lang, script)


@pytest.mark.parametrize("text", ["", " \n", "12345 67", "\x00\x01", "\ud800", "…—"])
def test_nothing_is_said_about_what_is_no_language(text: str) -> None:
    assert language_of(text) == (None, None)


def test_a_word_alone_in_latin_letters_is_left_open() -> None:
    assert language_of("rot") == (None, "Latn")


def test_each_passage_of_a_mixed_text_has_its_own_language() -> None:
    chinese = "关于加强户籍登记管理工作的通知\n各村民委员会：请于五月八日前完成登记。\n"
    uyghur = "ئۆيگە كىرىپ تەكشۈرۈشنى ئەڭ ئاز دېگەندە ئىككى خادىم بىرلىكتە ئېلىپ بارىدۇ.\n"
    latin = "Mektep heqqide qisqiche xatire: balilar qoshna yézigha piyade bardi we kech qaytti.\n"
    russian = "Сведения о жителях вносятся в таблицу, таблица сдаётся до восьмого мая.\n"
    kazakh = "Тұрғындар туралы мәліметтер кестеге енгізіліп, сегізінші мамырға дейін тапсырылады.\n"
    text = chinese + uyghur + "\n" + latin + russian + kazakh
    found = passages_of(text, native=False)
    assert [(one.lang, one.script) for one in found] == [
        ("zh", "Hans"), ("ug", "Arab"), ("ug", "Latn"), ("ru", "Cyrl"), ("kk", "Cyrl")]
    assert "".join(text[one.start : one.end] for one in found) == text
    assert text[found[3].start : found[3].end] == russian


def test_a_part_says_its_passages_only_where_there_are_several() -> None:
    english = "The persons named below are to be registered by the office of the district before Friday.\n"
    russian = "Перечисленные ниже лица подлежат учёту в районном отделе до пятницы, о чём сообщается им.\n"
    alone = in_languages(Part(ordinal=0, kind="text", label="", text=english * 9))
    both = in_languages(Part(ordinal=0, kind="text", label="", text=english * 9 + russian * 3))
    assert (alone.lang, alone.passages) == ("en", ())
    assert (both.lang, [one.lang for one in both.passages]) == ("en", ["en", "ru"])


def test_a_chinese_sentence_that_is_the_same_in_both_scripts_goes_with_its_neighbours() -> None:
    text = "關於加強戶籍登記管理工作的通知\n\n任何人不得任意加以拘禁，人人在原地等候公告即可。\n\n各村委員會請於五月八日前完成\n"
    assert [(one.lang, one.script) for one in passages_of(text)] == [("zh", "Hant")]


@pytest.mark.parametrize("text", [
    "a" * 300_000, "ئ" * 300_000, "ж\n中\n" * 30_000, "\n" * 200_000, "QmFzZTY0" * 40_000, "'" * 100_000, "ñ a я b " * 40_000])
def test_no_text_makes_naming_slow_or_its_answer_long(text: str) -> None:
    started = time.process_time()
    assert len(passages_of(text, native=False)) <= MOST_PASSAGES
    assert time.process_time() - started < 3


def test_the_model_is_what_its_lexicons_make() -> None:
    shipped = language_model.MODEL.read_bytes()
    assert shipped == model(), "run python -m unburnt.read.language_model.make_model and raise _LANGUAGES in read/known.py"
    assert len(shipped) < 300_000


def test_a_model_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "MAGIC", b"unburnt-language-model 2\n")
    with pytest.raises(RuntimeError, match="another version"):
        language_model._tables.__wrapped__()


def test_naming_a_page_takes_little_time() -> None:
    warm()
    text = "Сведения о жителях вносятся в таблицу, таблица сдаётся до восьмого мая каждого года.\n" * 400
    started = time.process_time()
    passages_of(text, native=False)
    assert (time.process_time() - started) * 1e3 / (len(text.encode()) / 1024) < 1.0
