"""Which lines of a mail's text are an earlier mail: told by how mail programs write it, so that it can be folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unburnt.model.reading import Mark

QUOTED = re.compile(r"[ \t\u00a0]{0,3}[>＞]")
RULE = re.compile(
    r"[ \t>]*[-_=—–]{2,}[ \t]*(?:original (?:message|appointment)|forwarded (?:message|by.*)|begin forwarded message|reply message"
    r"|исходное сообщение|пересылаемое сообщение|пересланное сообщение|оригинальное сообщение|конец пересылаемого сообщения"
    r"|原始邮件|原邮件|原始信件|邮件原件|转发邮件信息|转发邮件|转发的邮件|回复的原邮件|原始郵件|轉寄郵件"
    r"|бастапқы хабарлама|түпнұсқа хабарлама|ursprüngliche nachricht|message d'origine)[ \t]*[-_=—–]{2,}[ \t]*$"
    r"|begin forwarded message:[ \t]*$|начало переадресованного сообщения:[ \t]*$",
    re.IGNORECASE,
)  # fmt: skip
"""Outlook, Foxmail, QQ, NetEase, The Bat!, Yandex, Mail.ru, Thunderbird, Apple Mail."""
FROM = re.compile(r"[ \t*]{0,4}(?:from|发件人|寄件者|寄件人|от|от кого|кімнен|ئەۋەتكۈچى|von|de)\*?[ \t\u00a0\u3000]*[:：]",
                  re.IGNORECASE)  # fmt: skip
OTHERS = re.compile(
    r"[ \t*]{0,4}(?P<name>sent|date|to|subject|cc|发送时间|发送日期|日期|时间|收件人|主题|抄送|寄件日期|收件者|主旨|副本"
    r"|отправлено|дата|кому|тема|копия|жіберілді|кімге|тақырыбы|ۋاقىت|تاپشۇرۇۋالغۇچى|تېما"
    r"|gesendet|an|betreff|envoyé|à|objet)\*?[ \t\u00a0\u3000]*[:：]",
    re.IGNORECASE,
)  # fmt: skip
LOOKED_AT = 8
"""Lines after a sender's in which other fields of a header are looked for."""
LONGEST = 2_000
"""Characters of a line that are looked at."""
MOST_MARKS = 5_000


def with_quotes(text: str, marks: Iterable[Mark] = ()) -> tuple[Mark, ...]:
    """*marks*, those of the kind ``quote`` joined with the ones that the text's lines tell: in order, without overlap.

    What follows a heading of an earlier mail is that mail, down to the end. A text that begins with a quotation is a mail
    passed on or answered line by line: there the first one is what a person wants to read, and is not marked.
    """
    kept = [mark for mark in marks if mark.kind != "quote"]
    spans = [(mark.start, mark.end) for mark in marks if mark.kind == "quote" and mark.start is not None and mark.end is not None]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans + _lines(text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    opening = len(text) - len(text.lstrip())
    found = [Mark(kind="quote", start=start, end=end) for start, end in merged if start > opening and not text[start:end].isspace()]
    return (*kept, *found[:MOST_MARKS])


def _lines(text: str) -> list[tuple[int, int]]:
    """Runs of lines with a quote's sign, empty lines between them included; the rest of the text after a heading."""
    found: list[tuple[int, int]] = []
    lines = text.splitlines(keepends=True)
    at, run = 0, -1
    last_end = 0
    for number, line in enumerate(lines):
        shown = line[:LONGEST].rstrip("\r\n")
        if QUOTED.match(shown):
            run, last_end = (at if run < 0 else run), at + len(line)
        elif shown.strip():
            if run >= 0:
                found.append((run, last_end))
                run = -1
            if RULE.match(shown) or _is_header(shown, lines, number):
                found.append((at, len(text)))
                return found
        at += len(line)
    return found + [(run, last_end)] if run >= 0 else found


def _is_header(shown: str, lines: list[str], number: int) -> bool:
    """A sender's line with at least two other fields right below it, as Outlook and Foxmail write above an earlier mail."""
    if not FROM.match(shown):
        return False
    names = {match["name"].lower() for line in lines[number + 1 : number + 1 + LOOKED_AT] if (match := OTHERS.match(line[:LONGEST]))}
    return len(names) >= 2
