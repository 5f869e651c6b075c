"""What a field shows whose words stand in its instruction, not in a result (ECMA-376 part 1, 17.16.5; EQ as Word 97 documents it).

Chinese and Japanese letters with a reading above them, circled letters and fractions are such fields in Word and WPS.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\([a-zA-Z]+)\s*(-?\d+)?|\\(.)|([(),;])|([^\\(),;]+)", re.DOTALL)
_FORMATS = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)')
_DEEPEST = 20
_LONGEST = 10_000


def shown_words(instruction: str) -> str:
    """The words that the field shows; empty where it shows what a program would work out."""
    kind, _, rest = instruction.strip()[:_LONGEST].partition(" ")
    if kind.upper() == "EQ":
        return _Equation(_FORMATS.sub("", rest)).text()
    if kind.upper() == "MACROBUTTON":
        return rest.strip().partition(" ")[2].strip()
    return ""


class _Equation:
    """Reads the switches of an EQ field: what is overstruck, divided, raised, put under a root."""

    def __init__(self, untrusted_switches: str) -> None:
        self._tokens = list(_TOKEN.finditer(untrusted_switches))
        self._at = 0

    def text(self) -> str:
        """All of it in one line."""
        shown = ""
        while self._at < len(self._tokens):
            shown += self._piece("", 0)
            self._at += 1  # a sign that closes or parts what was not opened
        return shown.strip()

    def _piece(self, ends: str, depth: int) -> str:
        """Everything up to one of the signs *ends*, or to one that does not belong here."""
        shown, switches = "", ""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token[1] is not None:
                # \o\ad: options in one; a switch is known by its first letter
                switches += token[1][0].lower()
            elif token[4] == "(" and depth < _DEEPEST:
                self._at += 1
                shown += _joined(switches[:1], self._arguments(depth + 1))
                switches = ""
            elif token[4] is not None and (token[4] in ends or (not ends and token[4] == ")")):
                break
            else:
                text = token[3] or token[4] or token[5]
                shown += text if not switches else text.lstrip()
            self._at += 1
        return shown

    def _arguments(self, depth: int) -> list[tuple[str, bool]]:
        """What stands between the signs ``(`` and ``)``: each with whether it is raised."""
        found: list[tuple[str, bool]] = []
        while self._at < len(self._tokens):
            first = self._tokens[self._at]
            raised = first[1] is not None and first[1].lower().startswith("s")
            found.append((self._piece(",;)", depth), raised))
            if self._at >= len(self._tokens) or self._tokens[self._at][4] == ")":
                break
            self._at += 1
        return found


def _joined(switch: str, arguments: list[tuple[str, bool]]) -> str:
    words = [words for words, _ in arguments]
    if switch == "o" and len(arguments) == 2 and arguments[0][1] and not arguments[1][1]:
        return f"{words[1]}({words[0]})"  # a reading above letters
    if switch == "o":
        return "".join(words)
    return ("/" if switch == "f" else " ").join(words)
