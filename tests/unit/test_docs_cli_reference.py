"""docs/cli.md is what the commands say of themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    found = importlib.util.spec_from_file_location("make_cli_reference", DOCS / "make_cli_reference.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_is_what_the_commands_say(maker: ModuleType) -> None:
    page = maker.PAGE.read_text(encoding="utf-8")
    assert page == maker.reference(), "Run: python docs/make_cli_reference.py"


def test_every_option_says_what_it_does(maker: ModuleType) -> None:
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in maker.commands() for option in maker.options(command) if not maker.meaning(option)
    ]
    assert not silent


def test_every_command_says_what_it_does(maker: ModuleType) -> None:
    assert not [name for name, command in maker.commands() if not (command.help or "").strip()]


def test_every_verb_of_the_program_has_a_section(maker: ModuleType) -> None:
    from unburnt.cli.main import unburnt

    page = maker.PAGE.read_text(encoding="utf-8")
    verbs = unburnt.list_commands(click.Context(unburnt))
    assert [verb for verb in verbs if f"\n## unburnt {verb}\n" not in page] == []
