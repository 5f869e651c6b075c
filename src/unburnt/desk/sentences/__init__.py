"""The fixed sentences that readers and the keeper write, in English, as an archive holds them.

A ``%(name)s`` stands for what varies. Whoever writes a new sentence into a reader adds it here, in the file of its family,
and its translations to each ``desk.po``; a test reads the readers' source and names what is missing.
"""

from __future__ import annotations

from unburnt.desk.sentences import containers, databases, keeper, mail, office, pages, queries, reading, seals, texts
from unburnt.desk.sentences.clauses import SENTENCES as CLAUSES
from unburnt.desk.sentences.labels import LABELS

SENTENCES = tuple(dict.fromkeys((
    *reading.SENTENCES, *keeper.SENTENCES, *containers.SENTENCES, *databases.SENTENCES, *mail.SENTENCES, *office.SENTENCES,
    *pages.SENTENCES, *texts.SENTENCES, *seals.SENTENCES, *queries.SENTENCES,
)))

__all__ = ["CLAUSES", "LABELS", "SENTENCES"]
