"""The report of a verification as text and as one HTML file that needs nothing else: for lawyers, not for programs."""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.base.visible import visible
from unburnt.model.audit import Check, Verification

HEADINGS = {
    "files": "Files: each a plain file in its place, of a size that it may have",
    "originals": "Originals: every byte hashed again and compared with its name",
    "events": "History: every line whole and in order",
    "log": "Log: every event is the one that was committed to, and none is missing",
    "checkpoint": "Seal: who signed the log",
    "countersignatures": "Countersignatures: what others saw is a beginning of this log",
    "timestamps": "Timestamps: what authorities stated about the time",
    "completeness": "Completeness: no file without its event, no event without its file",
    "derived": "Derived records: keys, outputs and inputs",
    "members": "Copies of members: every byte hashed again and compared with its name",
    "rederived": "Made again: readers run once more over the originals",
}
WHAT_IT_CANNOT_SHOW = (
    "This shows that the bytes are those that were received and logged, in which order, and what was made from them. "
    "It does not show who wrote a document, whether what it says is true, or whether it was authentic when received."
)
_CLOCK = "by this computer's clock, which proves nothing."
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.1rem;margin:2rem 0 .3rem}.sound{color:#0a5c2b}"
    ".wrong{color:#a30000}li{margin:.4rem 0;overflow-wrap:anywhere}code{font-size:.9em}.quiet{color:#555}"
)


def verdict(report: Verification) -> str:
    """The whole in a sentence."""
    count = sum(len(check.findings) for check in report.checks)
    if count:
        return f"{count} things are wrong; each is named below."
    part = "" if report.sample == 1 else f" in a random sample of {report.sample:.0%} of the originals and in all else"
    return f"Nothing is wrong{part}."


def as_text(report: Verification) -> Iterator[str]:
    """Lines for a terminal."""
    yield f"Verification of archive {report.archive} by {report.software}"
    yield f"Finished {report.finished} {_CLOCK}"
    for check in report.checks:
        yield ""
        yield f"{'✗' if check.findings else '✓'} {_heading(check)}"
        yield f"  {_extent(check, report)}"
        for note in check.notes:
            yield f"  note: {visible(note)}"
        for finding in check.findings:
            yield f"  WRONG {visible(finding.item)}: {visible(finding.what)}"
            if finding.remedy:
                yield f"        {visible(finding.remedy)}"
    yield ""
    yield "What the seal shows"
    yield from (f"  {visible(sentence)}" for sentence in report.seal or ("Nothing yet.",))
    yield ""
    yield verdict(report)
    yield WHAT_IT_CANNOT_SHOW


def as_html(report: Verification) -> str:
    """One page without scripts, pictures or links."""
    from html import escape  # with every entity's name: only for a page

    body = [
        f"<h1>Verification of archive {escape(report.archive)}</h1>",
        f"<p class='{'sound' if report.is_sound else 'wrong'}'><strong>{escape(verdict(report))}</strong></p>",
        f"<p class=quiet>{escape(report.software)}; finished {escape(report.finished)} {_CLOCK}</p>",
    ]
    for check in report.checks:
        mark = "<span class=wrong>✗</span>" if check.findings else "<span class=sound>✓</span>"
        body.append(f"<h2>{mark} {escape(_heading(check))}</h2><p>{escape(_extent(check, report))}</p>")
        notes = [f"<li>{escape(visible(note))}</li>" for note in check.notes]
        wrong = [
            f"<li class=wrong><code>{escape(visible(one.item))}</code> {escape(visible(one.what))} "
            f"<span class=quiet>{escape(visible(one.remedy))}</span></li>" for one in check.findings
        ]
        if notes or wrong:
            body.append(f"<ul>{''.join(wrong + notes)}</ul>")
    shown = "".join(f"<li>{escape(visible(one))}</li>" for one in report.seal or ("Nothing yet.",))
    body.append(f"<h2>What the seal shows</h2><ul>{shown}</ul><p>{escape(WHAT_IT_CANNOT_SHOW)}</p>")
    return (
        "<!DOCTYPE html>\n<html lang=en translate=no><head><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Verification</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _heading(check: Check) -> str:
    return HEADINGS.get(check.name, check.name)


def _extent(check: Check, report: Verification) -> str:
    sampled = " (a random sample)" if check.name == "originals" and report.sample < 1 else ""
    return f"Looked at: {check.looked_at} {check.unit}{sampled}. Wrong: {len(check.findings)}."
