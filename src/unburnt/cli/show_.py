"""``unburnt show``."""

from __future__ import annotations

import click
import msgspec

from unburnt.api import Archive
from unburnt.cli.common import archive_of, emit, json_option, path_bytes, say, shown, shown_path
from unburnt.model.unvouched import said_of_document
from unburnt.model.views import DocumentView, VolumeView
from unburnt.model.volume_names import LAST


@click.command("show")
@click.argument("doc")
@click.option("--thread", is_flag=True, help="Of a mail, show the conversation instead: which mail answers which.")
@json_option
@click.pass_context
def command(context: click.Context, doc: str, thread: bool, as_json: bool) -> None:
    """Show DOC: a digest, the beginning of one, or a path as received."""
    with archive_of(context) as archive:
        view = archive.document(doc)
        if thread:
            _thread(archive, view, as_json)
        elif as_json:
            emit(_record(archive, view))
        else:
            _print(archive, view)


def _thread(archive: Archive, view: DocumentView, as_json: bool) -> None:
    turns = archive.conversation(view.document)
    if not turns:
        say("It stands alone: no mail here answers it, and it answers none.")
    for turn in turns:
        if as_json:
            emit(turn)
            continue
        here = "*" if turn.document == view.document else " "
        told = f"{(turn.document or '')[:12]}  {turn.date}  {shown(turn.sender)}  {shown(turn.subject)}"
        why = " (by its subject only)" if turn.by_subject else ""
        click.echo(f"{here}{'  ' * min(turn.depth, 40)}{told if turn.document else 'a mail that was not delivered'}{why}")


def _record(archive: Archive, view: DocumentView) -> dict[str, object]:
    reading, saved = view.reading, archive.saved_page(view.document)
    return {
        "document": view.document, "outcome": view.outcome, "reason": view.reason,
        "type": reading.type if reading else None,
        "unvouched": view.unvouched, "metadata": msgspec.to_builtins(reading.metadata) if reading else {},
        "parts": [{"label": p.label, "lang": p.lang, "text": p.text} for p in archive.parts(view.document)],
        "members": [
            {"path": shown_path(row.shown), "path_bytes": path_bytes(row.path), "document": row.digest, "outcome": row.outcome,
             "reason": row.reason}
            for row in view.members
        ],
        "volumes": [
            {"number": one.number, "document": one.document, "path": shown_path(one.shown), "lead": one.is_lead}
            for one in view.volumes
        ],
        "saved_page": {
            "files": [{"reference": shown_path(one.reference), "document": one.document} for one in saved.files],
            "pages": [{"path": shown_path(one.shown), "document": one.document} for one in saved.pages],
        },
        "items": [
            {"accession": one.accession, "path": shown_path(one.shown), "path_bytes": path_bytes(one.path)} for one in view.occurrences
        ],
    }


def _print_saved(archive: Archive, view: DocumentView) -> None:
    saved = archive.saved_page(view.document)
    for file in saved.files:
        told = file.document[:12] if file.document else "not received"
        click.echo(f"page's file: {shown_path(file.reference)} ({told})")
    for page in saved.pages:
        click.echo(f"belongs to the page: {shown_path(page.shown)} ({page.document[:12]})")
    if saved.is_cut:
        click.echo("There may be more files or pages than were looked at.")


def _is_table(view: DocumentView) -> bool:
    return any(volume.is_memo for volume in view.volumes)


def _called(volume: VolumeView, view: DocumentView) -> str:
    if _is_table(view):
        return "memo file" if volume.is_memo else "table"
    return f"volume {'last' if volume.number == LAST else volume.number}"


def _told(volume: VolumeView, view: DocumentView) -> str:
    if not volume.is_lead:
        return ""
    return "; the long texts stand in its rows" if _is_table(view) else "; what the archive holds is shown there"


def _print(archive: Archive, view: DocumentView) -> None:
    reading = view.reading
    click.secho(view.document, bold=True)
    click.echo(f"{view.outcome}{': ' + view.reason if view.reason else ''}")
    if view.unvouched:
        click.secho(said_of_document(view.unvouched), bold=True)
    if reading is not None:
        click.echo(f"{reading.type}, {view.size} bytes, language {reading.lang or 'unknown'}, read by {reading.reader}")
        for name, value in (("title", reading.metadata.title), ("author", reading.metadata.author)):
            if value:
                click.echo(f"{name}: {shown(value)}")
        for date in reading.metadata.dates:
            click.echo(f"{date.kind}: {shown(date.value)} ({date.zone}; {date.origin})")
        if reading.opened_with_secret:
            click.echo("opened with a password")
        for note in reading.notes:
            click.echo(f"note: {shown(note.text)} [{note.code}]")
    for one in view.occurrences:
        click.echo(f"at: {one.accession}/{shown_path(one.shown)}")
    for volume in view.volumes:
        here = "*" if volume.document == view.document else " "
        click.echo(f"{_called(volume, view)}:{here}{shown_path(volume.shown)} ({volume.document[:12]}{_told(volume, view)})")
    _print_saved(archive, view)
    for row in view.members:
        click.echo(f"member: {shown_path(row.shown)}  {(row.digest or '')[:12]} {row.outcome} {row.reason}")
    for part in archive.parts(view.document):
        label = f" {shown(part.label)}" if part.label and part.label != part.kind else ""
        click.secho(f"--- {part.kind}{label}{' (hidden)' if part.hidden else ''}", dim=True)
        click.echo(shown(part.text))
