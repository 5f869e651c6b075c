"""Russian, Kazakh and English papers."""

from __future__ import annotations

from leak_maker.papers import Paper, collected

OTHER = collected(
    Paper(
        "order_ru",
        "ru",
        "Распоряжение о порядке учёта приезжих",
        (
            "Управление Ешилтагской области по делам населения",
            "№ 14 от 10 мая 2017 года",
            "1. Учёт ведётся по месту фактического проживания.",
            "2. Сотрудник обязан предъявить удостоверение и выдать копию листа учёта.",
            "3. Запрещается требовать списки родственников, живущих за границей.",
            "4. Жалобы рассматриваются в течение десяти рабочих дней.",
            "Исполнитель: В. Полынина",
        ),
    ),
    Paper(
        "trade_ru",
        "ru",
        "Справка о торговле на переходе Сундук",
        (
            "За апрель через переход прошло 214 грузовых машин, в марте было 390.",
            "Водители сообщают, что их задерживают для проверки телефонов.",
            "Среднее время ожидания выросло с трёх часов до двух суток.",
            "Перевозчики просят назначить ответственного за график.",
        ),
    ),
    Paper(
        "memo_ru",
        "ru",
        "Служебная записка переводчика",
        (
            "При переводе ведомостей я обнаружила расхождение в числах.",
            "В китайском тексте названо сорок три человека, в русском двенадцать.",
            "Прошу указать, какое число считать верным, и сохранить оба текста.",
            "Переводчик В. Полынина, 24 мая 2017 года",
        ),
    ),
    Paper(
        "letter_ru",
        "ru",
        "Ответ на запрос семьи",
        (
            "Сведений о местонахождении вашего родственника не имеется.",
            "Рекомендуем обратиться в районный отдел с письменным заявлением.",
            "Срок ответа составляет тридцать дней со дня регистрации.",
        ),
    ),
    Paper(
        "scan_ru",
        "ru",
        "Акт о приёме документов",
        (
            "Мы, нижеподписавшиеся, составили настоящий акт о том,",
            "что в архив района сданы книги учёта за 2012 и 2013 годы.",
            "Книги за 2014 год не сданы, причина не указана.",
            "Опись составлена в двух экземплярах.",
        ),
    ),
    Paper(
        "pasture_kk",
        "kk",
        "Жайылымды бөлу туралы шешім",
        (
            "Айқұм ауданының ауыл шаруашылығы бөлімі",
            "Жазғы жайылым әр отбасына малының санына қарай беріледі.",
            "Үй иесі үйде болмаса, үлесін көршісі немесе туысы сақтайды.",
            "Жайылымды қайтарып алу үшін жазбаша шешім қажет.",
            "Шағымдар ауыл кеңесінде ашық қаралады.",
        ),
    ),
    Paper(
        "school_kk",
        "kk",
        "Ауыл мектебі туралы хат",
        (
            "Құрметті аудан басшысы!",
            "Біздің ауылдың мектебінде мұғалімдер жетіспейді.",
            "Қазақ тілінің сабағы наурыз айынан бері өткізілмеді.",
            "Балалардың болашағы үшін сабақты қайта бастауды сұраймыз.",
            "Ата-аналар атынан: Айгерім Құмбаева",
        ),
    ),
    Paper(
        "notice_kk",
        "kk",
        "Халыққа хабарландыру",
        (
            "Мамыр айының он бесінен бастап тіркеу жүргізіледі.",
            "Тіркеуші куәлігін көрсетуге міндетті.",
            "Тіркеу қағазының көшірмесі үй иесінде қалады.",
        ),
    ),
    Paper(
        "cover_en",
        "en",
        "Covering note to the Sunduq papers",
        (
            "These files come from one township office and its county superiors.",
            "Nothing has been sorted. Names of private persons must be protected.",
            "The numbers in the bulletins do not agree with the rosters; see note 4.",
            "The clerk who kept them asked that families be told first.",
        ),
    ),
    Paper(
        "index_en",
        "en",
        "Translator's index of directives",
        (
            "Directive 7 (2017): household checks, approval of detention, monthly returns.",
            "Notice 3 (2017): registration of residence, no fee, no list of relatives.",
            "Notice 5 (2017): spring irrigation, supply must not be cut as pressure.",
            "Telegram of 26 May: destroy paper rosters, keep no copy.",
        ),
    ),
    Paper(
        "statistics_en",
        "en",
        "Statistical memorandum on returns",
        (
            "Between 3 May and 2 June the township reported 43 persons taken away.",
            "In the same period 12 returns were reported, of which 3 cannot be matched.",
            "The county's approval register holds 17 entries for the same township.",
            "At least 26 cases therefore lack the written approval that directive 7 demands.",
        ),
    ),
    Paper(
        "mail_first",
        "en",
        "Directive 7, please confirm",
        (
            "Please confirm by telephone that you have the attached directive.",
            "Do not forward it to the village committees.",
        ),
    ),
    Paper(
        "mail_reply",
        "en",
        "Re: Directive 7, please confirm",
        (
            "Confirmed. The village committees already have it from the county.",
            "They ask who signs when the head of the household has been taken away.",
        ),
    ),
    Paper(
        "mail_third",
        "en",
        "Fwd: Directive 7 for the archive",
        ("For the archive, as agreed. One copy stays outside the building.",),
    ),
    Paper(
        "mail_inside",
        "en",
        "Fwd: who approved the list",
        (
            "I attach the message I was not supposed to receive.",
            "It names the office that approved the list before anyone had checked it.",
        ),
    ),
    Paper(
        "mail_hidden",
        "en",
        "The list for May",
        (
            "The list is approved as it stands. Corrections come later.",
            "Do not write back about this.",
        ),
    ),
)
