"""What a bag says of itself in plain words, to somebody who has never heard of this program."""

from __future__ import annotations

MARK = ("INTERNAL, UNCHECKED: originals as received, not looked through for what could betray a source. "
        "Do not publish and do not pass on.")

UNVOUCHED = ("{count} of the files, named in unburnt/unvouched.txt: nobody on the machine that wrote this bag vouches that they were "
             "received. Anybody who could write to the archive's folder may have put them there.")

_HEAD = """\
INTERNAL, UNCHECKED

The files below data/ are originals, byte for byte as they were received. Nobody has looked through
them for names, hidden marks, printers' dots or metadata that could betray a source, and they can carry
malware. Do not publish them and do not pass them on. Open them only on a machine that may be lost.

What is here
    data/objects/       {count} files; the name of each is the SHA-256 of its bytes
{sets}    manifest-*.txt      the checksum of every such file
    tagmanifest-*.txt   the checksum of every other file
"""
_SETS = """\
    data/sets/          those of them that are volumes of split archives, or tables with their memo files, a folder for
                        each set, named so that programs find them together; manifest-sha256.txt tells the SHA-256 of each
"""
_PROOFS = """\
    unburnt/proofs/     {proofs} proofs, one a file: that these bytes stand in the archive's log. They open digest and
                        size, and name the archive's random id and its public key; not who, and not what name. Each
                        tells its place in the log: files with neighbouring places were received together
    check_proof.py      checks a proof; needs Python 3.11 with the package cryptography, and nothing of unburnt
"""
_NO_PROOFS = """\
There are no proofs in this bag. Its checksums show accidents; they do not show who made it or when.
"""
_UNVOUCHED = """\
    unburnt/unvouched.txt  {count} of the files: NOBODY VOUCHES THAT THEY WERE RECEIVED. The events that say so are not sealed, and
                        the machine that wrote this bag has no note of writing them. Anybody who could write to the
                        archive's folder may have put them there
"""
_NAMES = """\
    unburnt/items.jsonl under which names and paths each file was received. THIS CAN IDENTIFY A SOURCE.
"""
_NO_NAMES = """\
Names, paths and the circumstances of receipt were left out. A file's own content may still hold them.
"""
_CHECK = """\
How to check it, without this program
    sha256sum --check --quiet manifest-sha256.txt        the files are whole
    sha256sum --check --quiet tagmanifest-sha256.txt     the lists are whole
"""
_CHECK_PROOF = """\
    python3 check_proof.py unburnt/proofs/DIGEST.proof data/objects/DIGEST

{sets}A proof shows that these bytes existed when the log was signed, in that order, and that nothing was changed
since. It does not show who wrote them, nor that what they say is true.
"""
_CHECK_SETS = """\
For a volume of a split archive, a table or its memo file give its file below data/sets/ instead.

"""
_LAST = "\nThe form of this folder is BagIt 1.0 (RFC 8493).\n"


_SOME = """\
                        {without} of the files have none: no event that is sealed names them by themselves
"""


def readme(*, count: int, proofs: int, names: bool, sets: bool = False, unvouched: int = 0) -> str:
    """The text of ``unburnt/README.txt``, lines ended by LF."""
    parts = [_HEAD.format(count=count, sets=_SETS if sets else "")]
    if proofs:
        parts.append(_PROOFS.format(proofs=proofs))
        parts.append(_SOME.format(without=count - proofs) if proofs < count else "")
    parts.append(_UNVOUCHED.format(count=unvouched) if unvouched else "")
    parts += [_NAMES if names else "", "\n"]
    if not names:
        parts.append(_NO_NAMES)
    if not proofs:
        parts.append(_NO_PROOFS)
    parts += ["\n", _CHECK]
    if proofs:
        parts.append(_CHECK_PROOF.format(sets=_CHECK_SETS if sets else ""))
    return "".join([*parts, _LAST])
