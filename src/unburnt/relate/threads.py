"""Conversations out of references, then out of subjects: Jamie Zawinski's algorithm (jwz.org/doc/threading.html, RFC 5256).

It differs in two things. A mail that others refer to and nobody delivered stays as a gap, since a missing mail is
evidence. And a subject joins two mails only where one of them is an answer and both share an address: in an office
thousands of mails are called the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from unburnt.base.digests import Digest
from unburnt.model.threads import Mailed, Turn

MOST_REFERENCES = 200
"""The last references of a mail that are followed."""
_MOST_STEPS = 1_000
"""How far a link is followed upwards to see that it closes no circle; beyond, it is not made."""
_ANSWER = re.compile(
    r"\s*(?:(?:re|fw|fwd|aw|wg|sv|回复|答复|回覆|转发|轉寄|ответ|отв|пересл|на|hа|جاۋاب)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+", re.IGNORECASE
)


@dataclass(eq=False)
class _Container:
    message_id: str
    mail: Mailed | None = None
    parent: _Container | None = None
    children: dict[_Container, None] = field(default_factory=dict)
    """In the order in which they were linked; a mail may have very many."""
    by_subject: bool = False


def conversation(mails: Iterable[Mailed], document: Digest) -> list[Turn]:
    """The conversation that *document* is part of, each mail behind the one it answers; empty where it stands alone."""
    containers = _linked(mails)
    roots = [one for one in containers if one.parent is None]
    _join_by_subject(roots)
    wanted = next((one for one in containers if one.mail is not None and one.mail.document == document), None)
    if wanted is None:
        return []
    top, steps = wanted, 0
    while top.parent is not None and steps < len(containers):
        top, steps = top.parent, steps + 1
    turns = list(_in_order(top))
    return turns if len(turns) > 1 else []


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without signs of answering and forwarding, folded; and whether there were any."""
    match = _ANSWER.match(subject)
    rest = subject[match.end() :] if match else subject
    return " ".join(rest.casefold().split()), match is not None


def _linked(mails: Iterable[Mailed]) -> list[_Container]:
    """A container for every mail and every identifier referred to, linked by references (steps 1A to 1C)."""
    known: dict[str, _Container] = {}
    containers: list[_Container] = []

    def of(identifier: str) -> _Container:
        found = known.get(identifier)
        if found is None:
            found = known[identifier] = _Container(identifier)
            containers.append(found)
        return found

    for mail in mails:
        container = of(mail.message_id) if mail.message_id else None
        if container is None or container.mail is not None:
            # Without an identifier, or with one that another content has too: it answers, and nothing answers it.
            container = _Container(mail.message_id)
            containers.append(container)
        container.mail = mail
        above: _Container | None = None
        for identifier in mail.references[-MOST_REFERENCES:]:
            one = of(identifier)
            if above is not None and one.parent is None and not _is_below(above, one):
                _link(above, one)
            above = one
        if above is not None and not _is_below(above, container):
            # What a mail says of itself goes before what others said of it.
            _link(above, container)
    return containers


def _is_below(one: _Container, other: _Container) -> bool:
    """Whether *one* is *other* or stands below it, or too deep to tell."""
    if one is other:
        return True
    if not other.children:
        return False
    step: _Container | None = one
    for _ in range(_MOST_STEPS):
        if step is None:
            return False
        if step is other:
            return True
        step = step.parent
    return True


def _link(parent: _Container, child: _Container) -> None:
    if child.parent is parent:
        return
    if child.parent is not None:
        del child.parent.children[child]
    child.parent = parent
    parent.children[child] = None


def _join_by_subject(roots: list[_Container]) -> None:
    """Put an answer without references below the first mail of its subject that shares an address (step 5)."""
    first: dict[tuple[str, str], _Container] = {}
    for root in sorted(roots, key=_moment):
        mail = root.mail
        if mail is None:
            continue
        subject, answers = base_subject(mail.subject)
        if not subject:
            continue
        keys = [(subject, address) for address in sorted(mail.addresses)[:100]]
        above = next((first[key] for key in keys if key in first), None) if answers else None
        if above is not None and above is not root:
            _link(above, root)
            root.by_subject = True
            continue
        for key in keys:
            first.setdefault(key, root)


def _moment(container: _Container) -> tuple[bool, str]:
    date = container.mail.date if container.mail else min((one.mail.date for one in container.children if one.mail), default="")
    return not date, date


def _in_order(top: _Container) -> Iterator[Turn]:
    """Depth first, answers to one mail by their stated time; without recursion, since anybody can make a chain long."""
    waiting = [(top, 0)]
    while waiting:
        one, depth = waiting.pop()
        mail = one.mail
        # A gap that nothing hangs on tells nothing.
        if mail is not None or one.children:
            yield Turn(
                document=mail.document if mail else None, message_id=one.message_id, depth=depth, by_subject=one.by_subject,
                subject=mail.subject if mail else "", date=mail.date if mail else "", sender=mail.sender if mail else "",
            )
        waiting += [(child, depth + 1) for child in sorted(one.children, key=_moment, reverse=True)]
