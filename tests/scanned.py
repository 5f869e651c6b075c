"""Pages of known text as pixels, for tests of OCR: written for this purpose, set in Debian's Noto fonts."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_FONTS = "/usr/share/fonts"
FONTS = {
    "zh": f"{_FONTS}/opentype/noto/NotoSansCJK-Regular.ttc",
    "ru": f"{_FONTS}/truetype/noto/NotoSans-Regular.ttf",
    "en": f"{_FONTS}/truetype/noto/NotoSerif-Regular.ttf",
    "ug": f"{_FONTS}/truetype/noto/NotoNaskhArabic-Regular.ttf",
}
TEXTS = {
    "zh": (
        "关于进一步加强流动人口管理工作的通知",
        "各县市公安局、各派出所：",
        "为切实做好当前各项工作，根据上级会议精神，",
        "现将有关事项通知如下。一、各单位要高度重视，",
        "认真组织排查，做到底数清、情况明。二、凡发现",
        "可疑人员，应当及时登记身份证号码并逐级上报。",
    ),
    "ru": (
        "Справка о проведённой проверке",
        "В ходе проверки установлено, что общество с ограниченной",
        "ответственностью «Северный путь» заключило договор поставки",
        "оборудования на сумму 4 500 000 рублей. Оплата произведена",
        "двумя платежами через счёт в банке города Астаны.",
    ),
    "en": (
        "Minutes of the meeting of the board",
        "The chairman opened the meeting at nine o'clock and noted",
        "that a quorum was present. The treasurer reported payments",
        "of 1,250,000 dollars to three companies registered abroad.",
        "No invoice was found for the second payment.",
    ),
    "ug": (
        "ئۇيغۇر تىلى ۋە ئۇنىڭ يېزىقى ھەققىدە دوكلات",
        "بۇ دوكلاتتا يېزا ئىگىلىك رايونلىرىدىكى خەلقنىڭ تۇرمۇشى",
        "ۋە مەكتەپ ئوقۇتقۇچىلىرىنىڭ خىزمىتى سۆزلىنىدۇ.",
        "ھەر بىر ئائىلە يىلدا ئىككى قېتىم يىغىنغا قاتنىشىدۇ.",
        "بالىلار مەكتەپتە ئانا تىلىنى ئۆگىنىدۇ ۋە كىتاب ئوقۇيدۇ.",
    ),
}


def page(lines: Sequence[tuple[str, str]], *, width: int = 1240, size: int = 34) -> Image.Image:
    """A clean page of *lines*, each a language and its text; Uyghur stands at the right."""
    image = Image.new("L", (width, 160 + 2 * size * len(lines)), 255)
    draw = ImageDraw.Draw(image)
    for number, (language, text) in enumerate(lines):
        font = ImageFont.truetype(FONTS[language], size)
        top = 80 + 2 * size * number
        if language == "ug":
            draw.text((width - 90, top), text, font=font, fill=0, anchor="ra", direction="rtl", language="ug")
        else:
            draw.text((90, top), text, font=font, fill=0)
    return image


def page_in(language: str) -> Image.Image:
    """A clean page of the text in one language."""
    return page([(language, line) for line in TEXTS[language]])


def png(image: Image.Image) -> bytes:
    """The picture as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def error_rate(expected: Sequence[str], found: str) -> float:
    """Edits per expected character; white space counts as one space, and not at all between Chinese characters."""
    wanted, got = _comparable(" ".join(expected)), _comparable(found)
    row = list(range(len(got) + 1))
    for number, one in enumerate(wanted, 1):
        above, row = row, [number]
        for place, other in enumerate(got, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (one != other)))
    return row[-1] / len(wanted)


def _comparable(text: str) -> str:
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return re.sub(r"(?<=[^\x00-\u2fff]) | (?=[^\x00-\u2fff])", "", text)
