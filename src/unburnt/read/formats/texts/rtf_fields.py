"""Where the fields of an RTF file lead (Rich Text Format 1.9.1, section "Fields")."""

from __future__ import annotations

import re

from unburnt.read.formats.office.office_text import TextBuilder

LEADS = re.compile(r'\s*(?:HYPERLINK|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DDE|DDEAUTO)\b(.*)', re.DOTALL | re.IGNORECASE)
"""Fields that lead out of the document (section "Fields" of the specification, and ECMA-376 Part 1, 17.16.5)."""
FORMATS = re.compile(r"\\[*@#]\s*\S*")
ARGUMENTS = re.compile(r'"((?:[^"\\]|\\.)*)"|(?<!\S)([^\s"\\]\S*)')


def targets_of(story: TextBuilder) -> str:
    """A line ``words: address`` for each place where a text leads out."""
    text = story.text()
    lines = (f"{text[mark.start : mark.end].strip()[:200]}: {mark.text}" for mark in story.marks if mark.kind == "link")
    return "\n".join(dict.fromkeys(lines))


def target_of(instruction: str) -> str:
    """Where a field leads: its quoted arguments, as ``file`` and ``bookmark`` of a hyperlink; empty where it leads nowhere."""
    match = LEADS.match(instruction)
    if match is None:
        return ""
    words = [quoted or bare for quoted, bare in ARGUMENTS.findall(FORMATS.sub(" ", match[1]))]
    return "#".join(word.replace("\\\\", "\\") for word in words[:3]).strip()
