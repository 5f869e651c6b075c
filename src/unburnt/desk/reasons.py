"""The fixed sentences of readers, keeper and query language, told in the reader's language.

Archives hold them in English, with what varies filled in. A sentence that follows none of these patterns is
shown as it is: an untranslated reason is better than a guessed one.
"""

from __future__ import annotations

import gettext
import re
from dataclasses import dataclass
from functools import cache

from unburnt.base.visible import visible
from unburnt.desk.words import mark

SENTENCES = (
    mark("The member is encrypted and no given password opens it."),
    mark("The members are encrypted and no given password opens them."),
    mark("The archive's list of members is encrypted and no given password opens it."),
    mark("The file is encrypted; a password is needed."),
    mark("The file is encrypted (OpenDocument); a password is needed."),
    mark("The file is encrypted, and none of the given passwords opens it."),
    mark("The PDF is encrypted; a password is needed."),
    mark("The PDF is encrypted, and none of the given passwords opens it."),
    mark("The PDF cannot be opened: it is cut off or damaged."),
    mark("The archive ends before the end of this member."),
    mark("The member's bytes are damaged or cut off."),
    mark("The member's bytes do not match their checksum."),
    mark("The picture is damaged or cut off: its pixels cannot all be decoded."),
    mark("The picture cannot be opened: its header makes no sense."),
    mark("The file's directory of parts cannot be read: it is cut short or damaged."),
    mark("Entries were recovered by their own headers: the end of the archive is missing "
         "(cut off, or not its last volume)."),
    mark("%(failed)s of %(all)s members could not be had: %(how)s."),
    mark("It says it holds %(expected)s members; %(found)s were found."),
    mark("Some was lost: %(what)s."),
    mark("The file has no bytes."),
    mark("No text was found."),
    mark("It holds no text of its own."),
    mark("There is nothing but white space in it."),
    mark("Its pages are blank."),
    mark("The picture is too small to hold text."),
    mark("The picture holds no text that could be recognised."),
    mark("Still to be read from pixels: %(pages)s."),
    mark("Its members are more than %(times)s times as large as it is: it may be a bomb."),
    mark("Its members are larger than the limit on all of them."),
    mark("It holds more than %(number)s members."),
    mark("It holds more text than %(size)s MiB."),
    mark("It has more than %(number)s pages."),
    mark("It lies too deep in containers."),
    mark("Only the first %(size)s MiB were read."),
    mark("Reading was stopped at the limit on %(limit)s."),
    mark("There is no reader for files of the type %(type)s."),
    mark("It is a symbolic link; links are recorded, not followed."),
    mark("It is a socket, not a file."),
    mark("It is a pipe, not a file."),
    mark("It could not be opened: %(why)s."),
    mark("The folder could not be opened: %(why)s."),
    mark("The name ends in %(extension)s, but the content is of the type %(type)s."),
    mark("Page %(page)s was read from pixels by %(engine)s with languages %(languages)s."),
    mark("Pages %(pages)s were read from pixels by %(engine)s with languages %(languages)s."),
    mark("Page %(page)s was searched for text in pixels, and none was found."),
    mark("No text was read from pixels."),
    mark("Old workbook: formulas are shown by their stored results; cell comments are not read."),
    mark("The file holds macros (program code); they were not run and are not shown."),
    mark("The key that seals this archive is not on this machine."),
    mark("Import it from the machine that has it; if it is lost, `unburnt key rotate --lost`."),
    mark("Everything else works."),
    mark("A passphrase protects the key, and none was given."),
    mark("This archive is older than what its key has signed: it has %(now)s events, and %(signed)s were signed."),
    mark("This archive's history is not the one that its key has signed: among its first %(signed)s events are others "
         "than were signed."),
    mark("Nothing was signed now."),
    mark("Nothing was changed."),
    mark("The last files of the log contradict its checkpoint."),
    mark("Verify the archive to see which; put the folder log/ back from a copy."),
    mark("The log in this archive belongs to another archive."),
    mark("This archive has no seal yet."),
    mark("Run 'unburnt add' once; it makes a key and seals."),
    mark("No event names this content."),
    mark("The query is longer than %(number)s characters."),
    mark("Shorten it."),
    mark("This closing bracket has no opening one."),
    mark("Remove it."),
    mark("This quotation mark is never closed."),
    mark('Add a closing ".'),
    mark("The query has more than %(number)s words."),
    mark("The query stops where a word is expected."),
    mark("Add a word, or remove the last operator."),
    mark("The query is nested too deeply."),
    mark("Use fewer brackets."),
    mark("A word is expected before %(word)s."),
    mark("To find the word itself, write %(word)s."),
    mark("This bracket is never closed."),
    mark("Add a closing )."),
    mark("There is no field %(name)s."),
    mark("Fields are: %(names)s."),
    mark("Put quotes around text with a colon."),
    mark("A value is expected after %(name)s."),
    mark("For example %(example)s."),
    mark("The distance may be at most %(number)s words."),
    mark("Use a smaller number after ~, or AND."),
    mark("Fuzzy search knows one changed letter only."),
    mark("Write word~1."),
    mark("This is not a date."),
    mark("Write 2019, 2019-05, 2019-05-31, 2019..2020 or >=2019-01."),
    mark("There is no letter or digit to search for here."),
    mark("Add a word."),
)
_END = re.compile(r"(?<=[.])\s+(?=[A-Z0-9])")
_LONGEST = 2_000


@dataclass(frozen=True)
class Told:
    """A reason as shown. *translated* is false where it stayed English."""

    text: str
    translated: bool


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    made = []
    for sentence in SENTENCES:
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(sentence))
        made.append((sentence, re.compile(pattern + r"\Z", re.DOTALL)))
    return tuple(made)


def told(catalogue: gettext.NullTranslations, untrusted_reason: str) -> Told:
    """*untrusted_reason* in the language of *catalogue* where all of its sentences are known, else as it is."""
    whole = visible(untrusted_reason)
    if len(whole) > _LONGEST:
        return Told(whole, translated=False)
    sentences = [_one(catalogue, whole)]
    if sentences == [None]:
        sentences = [_one(catalogue, sentence) for sentence in _END.split(whole)]
    known = [sentence for sentence in sentences if sentence is not None]
    return Told(" ".join(known), translated=True) if len(known) == len(sentences) else Told(whole, translated=False)


def _one(catalogue: gettext.NullTranslations, sentence: str) -> str | None:
    for english, pattern in _patterns():
        found = pattern.match(sentence)
        if found is not None and not any(_END.search(value) for value in found.groupdict().values()):
            return catalogue.gettext(english) % {name: _apart(value) for name, value in found.groupdict().items()}
    return None


def _apart(value: str) -> str:
    """A number as it is; anything else isolated, or it would be torn apart in right-to-left text."""
    return value if value.isascii() and value.isdigit() else f"\u2068{value}\u2069"
