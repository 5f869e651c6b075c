"""``unburnt verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from unburnt.base.errors import UsageError
from unburnt.cli.common import counting_line, emit, end_progress, json_option, root_of, say, tell_oddities
from unburnt.cli.trust_options import trust_options


@click.command("verify")
@click.option("--sample", default="100%", metavar="SHARE", help="Hash only a random share of the originals, as in 1%.")
@click.option("--rederive", default="0", metavar="N|all",
              help="Run readers again on N random readings, or all, and compare what they give.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped; the report says so.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the report as one page for others to read, too.")
@trust_options
@json_option
@click.pass_context
def command(
    context: click.Context, sample: str, rederive: str, resume: bool, html: Path | None, whom: Any, as_json: bool
) -> None:
    """Check every byte, event and signature of the archive. Exit code 3 when anything is wrong."""
    from unburnt.api.verification import as_html, as_text, verify

    share, count = _share(sample), _count(rederive)
    try:
        report = verify(context.find_root().obj, whom=whom, sample=share, resume=resume, rederive=count, tell=counting_line())
    finally:
        end_progress()
    tell_oddities(root_of(context))
    if html is not None:
        try:
            html.write_text(as_html(report), "utf-8")
        except OSError as error:
            raise UsageError(f"The report cannot be written: {error.strerror}.") from error
        say(f"The report is in {html.name}.")
    if as_json:
        emit(report)
    else:
        for line in as_text(report):
            click.echo(line)
    if not report.is_sound:
        context.exit(3)


def _share(text: str) -> float:
    try:
        share = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise UsageError("A share is written 1%, 12.5% or 0.01.")
    return share


def _count(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError("--rederive takes a number, or all.")
    return int(text)
