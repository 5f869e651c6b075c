"""``unburnt reread``."""

from __future__ import annotations

import click

from unburnt.base.errors import UsageError
from unburnt.cli.common import archive_of, counting_line, emit, end_progress, json_option, say, shown, shown_path
from unburnt.model.second import Disagreement
from unburnt.model.views import Occurrence

_ENGINES = ("kreuzberg",)


@click.command("reread")
@click.argument("docs", nargs=-1)
@click.option("--with", "engine", type=click.Choice(_ENGINES), required=True, help="The other engine.")
@click.option("--compare", is_flag=True, help="List where the engines disagree. The other text is never kept.")
@click.option("--threshold", default=5.0, type=click.FloatRange(0, 100), show_default=True, metavar="PERCENT",
              help="List a document when its reading lacks more than this share of the other engine's words.")
@click.option("--both-ways", is_flag=True, help="List also where the other engine lacks as much; many simply see less.")
@click.option("--unsafe-parsers", is_flag=True, help="Run the other engine without a sandbox where none can be had.")
@json_option
@click.pass_context
def command(
    context: click.Context, docs: tuple[str, ...], engine: str, compare: bool, threshold: float, both_ways: bool,
    unsafe_parsers: bool, as_json: bool,
) -> None:
    """Have another engine read DOCS (or everything) again, and list where it read other words."""
    if not compare:
        raise UsageError(f"What {engine} reads is never text of record: it can only be compared.", remedy="Add --compare.")
    from unburnt.api.second import documents, second_opinion

    with archive_of(context) as archive, second_opinion(archive, unsafe=unsafe_parsers) as opinion:
        wanted, listed = documents(archive, docs), 0
        try:
            for one in opinion.compare(wanted, threshold / 100, counting_line(), both_ways=both_ways):
                end_progress()
                listed += 1
                if as_json:
                    emit(one)
                else:
                    _print(one, archive.first_place(one.document))
        finally:
            end_progress()
        looked = opinion.looked()
    if as_json:
        emit(looked)
        return
    engines = ", ".join(f"{name} {version}" for name, version in looked.versions.items())
    say(f"{looked.compared} documents compared with {engines}; {listed} of them listed, at a threshold of {threshold:g} %.")
    for reason, count in sorted(looked.passed_over.items()):
        say(f"{count} not compared: {shown(reason)}.")


def _print(one: Disagreement, place: Occurrence | None) -> None:
    click.secho(f"{one.document[:12]}  {shown_path(place.shown) if place else ''}", bold=True)
    click.echo(f"    {one.type}, {one.outcome}: {one.words_here} words here, {one.words_there} there")
    for count, share, where, examples in (
        (one.lacking_here, one.share_lacking_here, "here", one.examples_here),
        (one.lacking_there, one.share_lacking_there, "there", one.examples_there),
    ):
        if count:
            click.echo(f"    {count} lacking {where} ({share:.1%}): {shown(' '.join(examples))}")
