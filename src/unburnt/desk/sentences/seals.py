"""What is said of the archive's seal."""

from __future__ import annotations

from unburnt.desk.words import mark

SENTENCES = (
    mark("The key that seals this archive is not on this machine."),
    mark("Import it from the machine that has it; if it is lost, `unburnt key rotate --lost`."),
    mark("Everything else works."),
    mark("A passphrase protects the key, and none was given."),
    mark("This archive is older than what its key has signed: it has %(now)s events, and %(signed)s were signed."),
    mark("This archive's history is not the one that its key has signed: among its first %(signed)s events are others than were signed."),
    mark("Nothing was signed now."),
    mark("Nothing was changed."),
    mark("The last files of the log contradict its checkpoint."),
    mark("Verify the archive to see which; put the folder log/ back from a copy."),
    mark("The log in this archive belongs to another archive."),
    mark("This archive has no seal yet."),
    mark("Run 'unburnt add' once; it makes a key and seals."),
    mark("No event names this content."),
)
