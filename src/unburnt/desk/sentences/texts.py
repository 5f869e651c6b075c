"""What is said of plain texts, web pages, structured texts and files of systems."""

from __future__ import annotations

from unburnt.desk.words import mark

SENTENCES = (
    mark("The list of entries is damaged or cut off."),
    mark("The file is cut off: an entry ends behind its end."),
    mark("It holds attributes of the Finder only, no text and no fork."),
    mark("The shortcut is cut off within its header."),
    mark("The shortcut is damaged or cut off."),
    mark("It says nothing of where it leads."),
    mark("The property list's objects cannot be followed."),
    mark("Its elements are nested absurdly deep: it was read without its structure."),
    mark("%(number)s pieces of text are hidden from who looks at the page; they are kept here."),
    mark("%(number)s embedded pictures of fewer than %(size)s bytes are not taken out."),
    mark("It looks like JSON and is not well-formed; it is kept as text."),
    mark("The file does not begin as RTF does."),
    mark("%(pictures)s pictures and %(objects)s objects stay inside the file, unread."),
    mark("The file %(fault)s."),
    mark("%(number)s places are no text in the encoding %(encoding)s; U+FFFD stands for them."),
    mark("%(number)s bytes could not be decoded."),
    mark("It is not well-formed XML; its source text was kept."),
    mark("There is no text between its tags."),
    mark("%(number)s entity references were left unexpanded."),
    mark("It is not well-formed XML, and there is no text in it."),
    mark(
        "%(end)s of %(words)s words end with the sign that Uyghur words begin with: its letters stand in the order of "
        "the screen; a reading turned back stands beside the text."
    ),
    mark("%(mixed)s of %(words)s Uyghur words hold letters that Uyghur does not write: %(letters)s."),
    mark(
        "A font made before Unicode may show others in their place; which ones cannot be known without that font, and "
        "nothing was mapped."
    ),
    mark("%(what)s; their order is not consistent, so that nothing was mapped."),
    mark("%(what)s; a reading in Unicode's letters stands beside the text."),
    mark("%(what)s, in the order of the screen; a reading turned and in Unicode's letters stands beside the text."),
    mark("It shows no text by itself; what its source holds beside that is kept."),
    mark("%(number)s lines are in UTF-8 and %(count)s in %(encoding)s: each was decoded by its own."),
)
