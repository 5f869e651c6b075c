"""``unburnt search``."""

from __future__ import annotations

import click

from unburnt.base.errors import QuerySyntaxError
from unburnt.cli.common import archive_of, emit, json_option, path_bytes, say, shown, shown_path
from unburnt.model.views import Hit, Snippet


@click.command("search")
@click.argument("query")
@click.option("--limit", default=20, show_default=True, help="At most so many documents.")
@click.option("--offset", default=0, help="Leave out so many first.")
@click.option("--sort", type=click.Choice(["relevance", "date", "path"]), default="relevance", show_default=True)
@click.option("--count", "only_count", is_flag=True, help="Only how many documents there are.")
@json_option
@click.pass_context
def command(
    context: click.Context, query: str, limit: int, offset: int, sort: str, only_count: bool, as_json: bool
) -> None:
    """Search: words, "phrases", "near this"~5, AND OR NOT ( ), prefix*, fuzzy~1, type: lang: path: from: to: date:"""
    with archive_of(context) as archive:
        try:
            if only_count:
                click.echo(archive.count(query))
                return
            results = archive.search(query, limit=limit, offset=offset, sort=sort, facets=False)
        except QuerySyntaxError as error:
            click.echo(f"{shown(query)}\n{' ' * (error.column - 1)}^", err=True)
            raise
        for hit in results.hits:
            if as_json:
                emit(_record(hit))
            else:
                _print(hit)
        for delivery in dict.fromkeys(name for hit in results.hits for name, _ in hit.unvouched.deliveries):
            say(f"{delivery}: nobody on this machine vouches that what is marked here came with this delivery; 'unburnt status' says more.")
        if any(hit.unvouched.readings for hit in results.hits):
            say("Nobody on this machine vouches for the readings of some of these; 'unburnt show' says of which.")
        if not as_json:
            click.echo(f"{results.total} documents", err=True)


def _record(hit: Hit) -> dict[str, object]:
    return {
        "document": hit.document, "paths": [shown_path(path) for path in hit.shown],
        "paths_bytes": [path_bytes(path) for path in hit.paths], "title": hit.title, "type": hit.type,
        "lang": hit.lang, "unvouched": [name for name, _ in hit.unvouched.deliveries],
        "unvouched_reading": bool(hit.unvouched.readings), "score": hit.score, "snippets": [_snippet(snippet) for snippet in hit.snippets],
    }


def _snippet(snippet: Snippet) -> dict[str, object]:
    return {
        "part": snippet.part, "text": snippet.text, "marks": [list(mark) for mark in snippet.marks],
        "cell": snippet.cell, "row": [list(pair) for pair in snippet.row] or None,
    }


def _print(hit: Hit) -> None:
    mark = "  [not vouched for]" if hit.unvouched else ""
    click.secho(f"{hit.document[:12]}  {shown_path(hit.shown[0]) if hit.shown else ''}{mark}", bold=True)
    for snippet in hit.snippets:
        place = f"[{shown(snippet.label)}{' ' + snippet.cell if snippet.cell else ''}]"
        text, end = "", 0
        for start, stop in snippet.marks:
            text += shown(snippet.text[end:start]) + click.style(shown(snippet.text[start:stop]), reverse=True)
            end = stop
        text += shown(snippet.text[end:])
        hidden = " (hidden)" if snippet.hidden else ""
        click.echo(f"    {place}{hidden} {' '.join(text.split())}")
