"""What is said of a query that cannot be understood."""

from __future__ import annotations

from unburnt.desk.words import mark

SENTENCES = (
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
