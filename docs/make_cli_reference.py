"""Writes docs/cli.md from the commands themselves: ``python docs/make_cli_reference.py``.

A test compares the file with what this gives, so that the page cannot disagree with the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from unburnt.cli.main import unburnt

PAGE = Path(__file__).with_name("cli.md")
_INTRODUCTION = """\
# Commands

Written by `docs/make_cli_reference.py` from the commands themselves; not edited by hand. `unburnt VERB --help` says the same.

A command acts on the archive given by `-a DIR`, else by `$UNBURNT_ARCHIVE`, else on the nearest folder above the working one that holds
an `unburnt.toml`. DOC is a digest, the unambiguous beginning of one, or a path as received.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_section(unburnt, "unburnt", "COMMAND ..."), *_verbs()])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its name, each group before what is in it."""
    yield from _below("unburnt", unburnt)


def _below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            if below is not None:
                yield from _below(f"{name} {each}", below)


def options(command: click.Command) -> list[click.Option]:
    """What may be given to *command* by name, but for ``--help``."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def meaning(option: click.Option) -> str:
    """What *option* does, the values it takes, and its default; empty where nothing is said about it."""
    sentences = [option.help.strip()] if option.help else []
    if isinstance(option.type, click.Choice):
        sentences.append("One of " + ", ".join(f"`{choice}`" for choice in option.type.choices) + ".")
    if option.show_default and option.default is not None:
        sentences.append(f"Default: `{option.default}`.")
    if isinstance(option.envvar, str):
        sentences.append(f"Environment: `${option.envvar}`.")
    return " ".join(sentences)


def _verbs() -> Iterator[str]:
    for name, command in list(commands())[1:]:
        group = isinstance(command, click.Group)
        yield from _section(command, name, "COMMAND ..." if group else " ".join(_arguments(command)))


def _section(command: click.Command, name: str, arguments: str) -> Iterator[str]:
    yield f"## {name}"
    yield "```"
    yield f"{name} [OPTIONS] {arguments}".rstrip() if options(command) else f"{name} {arguments}".rstrip()
    yield "```"
    yield " ".join((command.help or "").split())
    yield ""
    described = options(command)
    if described:
        yield "| option | meaning |"
        yield "|---|---|"
        for option in described:
            yield f"| {_spelling(option)} | {_in_table(meaning(option))} |"
        yield ""


def _arguments(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield (parameter.name or "").upper() + ("..." if parameter.nargs == -1 else "")


def _spelling(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or (option.type.name or 'text').upper()}"
    return ", ".join(f"`{one}{value}`" for one in option.opts)


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
