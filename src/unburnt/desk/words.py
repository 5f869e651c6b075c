"""The words on screen for the codes in the records: outcomes, types, languages, kinds.

Each word is marked for translation by ``mark`` here and translated where it is shown.
"""

from __future__ import annotations


def mark(word: str) -> str:
    """Mark *word* for extraction; it is translated later, in the reader's language."""
    return word


OUTCOMES = {
    "read": mark("read"),
    "partial": mark("partly read"),
    "empty": mark("empty"),
    "needs-ocr": mark("needs text recognition"),
    "locked": mark("locked"),
    "unsupported": mark("format not supported"),
    "damaged": mark("damaged"),
    "refused": mark("stopped at a limit"),
    "crashed": mark("reader crashed"),
    "not-received": mark("not received"),
    "waiting": mark("waiting"),
}


def _forms(kind: str) -> tuple[str, ...]:
    return tuple(f"application/vnd.oasis.opendocument.{kind}{form}" for form in ("", "-template", "-flat-xml"))


def _sun(kind: str) -> tuple[str, ...]:
    """What OpenOffice.org 1 called the same."""
    return f"application/vnd.sun.xml.{kind}", f"application/vnd.sun.xml.{kind}.template"


TYPES = {
    "application/pdf": "PDF",
    "application/ofd": "OFD",
    "application/vnd.ms-xpsdocument": "XPS",
    "application/oxps": "XPS",
    "application/vnd.uof": "UOF",
    "application/x-caj": "CAJ",
    "application/x-hwp": "HWP",
    "application/hwp+zip": "HWPX",
    "application/onenote": "OneNote",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": mark("Word document"),
    "application/vnd.ms-word.document.macroEnabled.12": mark("Word document"),
    "application/msword": mark("Word document (old format)"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": mark("Excel workbook"),
    "application/vnd.ms-excel.sheet.macroEnabled.12": mark("Excel workbook"),
    "application/vnd.ms-excel": mark("Excel workbook (old format)"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": mark("PowerPoint slides"),
    "application/vnd.ms-powerpoint": mark("PowerPoint slides (old format)"),
    "application/vnd.oasis.opendocument.text": mark("OpenDocument text"),
    "application/vnd.oasis.opendocument.spreadsheet": mark("OpenDocument sheet"),
    "application/vnd.oasis.opendocument.presentation": mark("OpenDocument slides"),
    "application/rtf": "RTF",
    "text/rtf": "RTF",
    "application/epub+zip": "EPUB",
    "message/rfc822": mark("mail"),
    "application/mbox": mark("mailbox"),
    "application/vnd.ms-outlook": mark("mail (Outlook)"),
    "text/html": mark("web page"),
    "application/xhtml+xml": mark("web page"),
    "multipart/related": mark("web page (MHTML)"),
    "text/plain": mark("plain text"),
    "text/csv": mark("table (CSV)"),
    "text/tab-separated-values": mark("table (TSV)"),
    "text/markdown": "Markdown",
    "application/json": "JSON",
    "application/xml": "XML",
    "text/xml": "XML",
    "application/zip": mark("ZIP archive"),
    "application/x-tar": mark("TAR archive"),
    "application/gzip": mark("compressed file"),
    "application/x-bzip2": mark("compressed file"),
    "application/x-xz": mark("compressed file"),
    "application/zstd": mark("compressed file"),
    "application/x-7z-compressed": mark("7z archive"),
    "application/vnd.rar": mark("RAR archive"),
    "image/png": mark("picture (PNG)"),
    "image/jpeg": mark("picture (JPEG)"),
    "image/tiff": mark("picture (TIFF)"),
    "image/webp": mark("picture (WebP)"),
    "image/gif": mark("picture (GIF)"),
    "image/bmp": mark("picture (BMP)"),
    "image/heic": mark("picture (HEIC)"),
    "image/heif": mark("picture (HEIC)"),
    "image/avif": mark("picture (AVIF)"),
    "image/jp2": mark("picture (JPEG 2000)"),
    "image/vnd.adobe.photoshop": mark("picture (Photoshop)"),
    "application/octet-stream": mark("unknown"),
} | {
    media_type: word
    for word, media_types in (
        (mark("mail"), ("message/x-emlx", "application/ms-tnef", "application/vnd.ms-tnef")),
        (mark("mail store (Outlook)"), ("application/vnd.ms-outlook-pst",)),
        (mark("signed or encrypted data"), (
            "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature", "application/x-pkcs7-signature",
            "application/pgp-encrypted", "application/pgp-keys", "application/pgp-signature", "application/timestamped-data")),
        (mark("calendar"), ("text/calendar",)),
        (mark("address card"), ("text/vcard",)),
        (mark("web page (MHTML)"), ("application/x-mimearchive",)),
        (mark("web capture"), ("application/warc",)),
        (mark("picture"), ("image/vnd.zbrush.pcx", "image/x-dcx", "image/icns", "image/x-tga", "image/x-portable-anymap")),
        (mark("drawing"), (
            "image/svg+xml", "image/emf", "image/wmf", *_forms("graphics"), *_sun("draw"), *_forms("chart"), *_forms("image"), *(
                f"application/vnd.ms-visio.{kind}{macros}" for kind in ("drawing", "template", "stencil")
                for macros in ("", ".macroEnabled")))),
        (mark("formula"), (*_sun("math"), *_forms("formula"))),
        (mark("Word document"), (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
            "application/vnd.ms-word.template.macroEnabled.12", "application/vnd.ms-word.flat+xml", "application/vnd.ms-wordml+xml")),
        (mark("Excel workbook"), (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
            "application/vnd.ms-excel.template.macroEnabled.12", "application/vnd.ms-excel.addin.macroEnabled.12",
            "application/vnd.ms-excel.sheet.binary.macroEnabled.12")),
        (mark("PowerPoint slides"), (
            "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
            "application/vnd.openxmlformats-officedocument.presentationml.template",
            "application/vnd.ms-powerpoint.presentation.macroEnabled.12", "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
            "application/vnd.ms-powerpoint.template.macroEnabled.12", "application/vnd.ms-powerpoint.addin.macroEnabled.12")),
        (mark("OpenDocument text"), (
            *_sun("writer"), "application/vnd.sun.xml.writer.global", *_forms("text"), *_forms("text-master"), *_forms("text-web"))),
        (mark("OpenDocument sheet"), (*_sun("calc"), *_forms("spreadsheet"))),
        (mark("OpenDocument slides"), (*_sun("impress"), *_forms("presentation"))),
        (mark("Apple office document"), ("application/vnd.apple.iwork",)),
        (mark("Microsoft Works document"), ("application/vnd.ms-works",)),
        (mark("database"), ("application/vnd.sqlite3", "application/x-dbf", "application/x-msaccess",
            "application/vnd.oasis.opendocument.base", "application/vnd.oasis.opendocument.database")),
        (mark("part of a database"), ("application/vnd.sqlite3-log", "application/x-dbf-memo")),
        (mark("database (encrypted)"), ("application/x-sqlcipher",)),
        (mark("archive"), ("application/x-archive", "application/x-cpio", "application/x-rpm", "application/vnd.ms-cab-compressed",
                           "application/x-lzh-compressed", "application/x-arj")),
        (mark("compressed file"), ("application/x-lzma", "application/x-compress")),
        (mark("disc image"), ("application/x-iso9660-image", "application/x-apple-diskimage")),
        (mark("help file"), ("application/vnd.ms-htmlhelp",)),
        (mark("system file"), ("application/x-bplist", "multipart/appledouble", "application/x-ms-shortcut")),
    )
    for media_type in media_types
}

LANGUAGES = {
    "zh": mark("Chinese"), "ug": mark("Uyghur"), "ru": mark("Russian"), "en": mark("English"),
    "kk": mark("Kazakh"), "ar": mark("Arabic"), "fa": mark("Persian"), "tr": mark("Turkish"),
    "ky": mark("Kyrgyz"), "uz": mark("Uzbek"), "mn": mark("Mongolian"), "bo": mark("Tibetan"),
    "de": mark("German"), "fr": mark("French"), "es": mark("Spanish"), "ja": mark("Japanese"),
    "tt": mark("Tatar"), "tg": mark("Tajik"), "az": mark("Azerbaijani"), "uk": mark("Ukrainian"),
    "be": mark("Belarusian"), "bg": mark("Bulgarian"), "sr": mark("Serbian"), "ur": mark("Urdu"),
    "ps": mark("Pashto"), "ckb": mark("Central Kurdish"), "it": mark("Italian"), "pt": mark("Portuguese"),
    "nl": mark("Dutch"), "pl": mark("Polish"), "id": mark("Indonesian"),
    "la": mark("Latin"), "eu": mark("Basque"), "gv": mark("Manx"), "cs": mark("Czech"), "sk": mark("Slovak"),
    "hu": mark("Hungarian"), "ro": mark("Romanian"), "el": mark("Greek"), "he": mark("Hebrew"), "iw": mark("Hebrew"),
    "yi": mark("Yiddish"), "hi": mark("Hindi"), "bn": mark("Bengali"), "ta": mark("Tamil"), "te": mark("Telugu"),
    "ne": mark("Nepali"), "mr": mark("Marathi"), "gu": mark("Gujarati"), "pa": mark("Punjabi"), "sd": mark("Sindhi"),
    "th": mark("Thai"), "vi": mark("Vietnamese"), "ms": mark("Malay"), "my": mark("Burmese"), "km": mark("Khmer"),
    "lo": mark("Lao"), "tl": mark("Tagalog"), "da": mark("Danish"), "sv": mark("Swedish"), "no": mark("Norwegian"),
    "nb": mark("Norwegian"), "nn": mark("Norwegian Nynorsk"), "fi": mark("Finnish"), "et": mark("Estonian"),
    "lv": mark("Latvian"), "lt": mark("Lithuanian"), "is": mark("Icelandic"), "ca": mark("Catalan"), "gl": mark("Galician"),
    "ga": mark("Irish"), "gd": mark("Scottish Gaelic"), "cy": mark("Welsh"), "br": mark("Breton"), "af": mark("Afrikaans"),
    "sq": mark("Albanian"), "mk": mark("Macedonian"), "hr": mark("Croatian"), "bs": mark("Bosnian"), "sl": mark("Slovenian"),
    "hy": mark("Armenian"), "ka": mark("Georgian"), "tk": mark("Turkmen"), "ku": mark("Kurdish"), "sw": mark("Swahili"),
    "so": mark("Somali"), "am": mark("Amharic"), "eo": mark("Esperanto"), "za": mark("Zhuang"), "ii": mark("Yi"),
    "ba": mark("Bashkir"), "xh": mark("Xhosa"), "zu": mark("Zulu"), "mt": mark("Maltese"), "lb": mark("Luxembourgish"),
    "fy": mark("Western Frisian"), "oc": mark("Occitan"), "co": mark("Corsican"), "sa": mark("Sanskrit"), "dv": mark("Dhivehi"),
    "si": mark("Sinhala"), "ml": mark("Malayalam"), "kn": mark("Kannada"), "ha": mark("Hausa"), "yo": mark("Yoruba"),
    "ko": mark("Korean"), "un": mark("unknown"), "und": mark("unknown"),
}

PARTS = {
    "page": mark("Page"), "sheet": mark("Sheet"), "slide": mark("Slide"), "message": mark("Message"),
    "section": mark("Section"), "text": mark("Text"), "notes": mark("Notes"), "comments": mark("Comments"),
    "header": mark("Header"), "footnotes": mark("Footnotes"), "annotations": mark("Annotations"),
    "form": mark("Form fields"), "properties": mark("Properties"),
}

MARKS = {
    "insertion": mark("insertion"), "deletion": mark("deletion"), "comment": mark("comment"),
    "annotation": mark("annotation"), "field": mark("field"), "link": mark("link"),
    "quote": mark("quoted text"),
}

MEMBERS = {
    "entry": mark("file in an archive"), "attachment": mark("attachment"),
    "message": mark("message"), "embedded": mark("embedded file"),
}

DATES = {
    "created": mark("created"), "modified": mark("modified"), "sent": mark("sent"),
    "received": mark("received"), "printed": mark("printed"), "taken": mark("taken"),
    "starts": mark("starts"), "ends": mark("ends"), "due": mark("due"),
}

FACETS = {
    "type": mark("Type"), "lang": mark("Language"), "outcome": mark("How it was read"),
    "folder": mark("Top folder"), "year": mark("Year"), "delivery": mark("Delivery"),
}

SORTS = {"relevance": mark("relevance"), "date": mark("date"), "path": mark("place")}

FLAGS = {
    "imprecise-id": mark("more than 15 digits: the file may not hold the true number"),
    "merged": mark("merged cell"),
}
