"""A witness: somebody's laptop that countersigns other people's archives, by file."""

from __future__ import annotations

from unburnt.vault.log.note import Verifier
from unburnt.vault.log.rotation import parse_statements
from unburnt.vault.log.witness import Witness, WrongLogKey
from unburnt.vault.log.witness_files import parse_request

__all__ = ["countersign", "witness_key"]


def witness_key(passphrase: str | None = None) -> str:
    """This machine's witness key (vkey); it is made when there is none."""
    witness = Witness()
    verifier: Verifier = witness.verifier if witness.exists() else witness.create(passphrase=passphrase)
    return verifier.vkey


def countersign(
    request: bytes, *, trust: str | None = None, statements: bytes = b"", replace: bool = False,
    passphrase: str | None = None,
) -> bytes:
    """Countersign an archive's request; *trust* first pins the archive's key (vkey), which its owner told you.

    Where another key is pinned, the new one needs the *statements* of the change, or, knowingly, *replace*.
    Nothing is pinned, and no key made, before the request was found to be one that the trusted key signed.
    Raises what :meth:`Witness.sign` raises: it refuses to go backwards, and keeps a fork as evidence.
    """
    witness = Witness()
    asked, head = parse_request(request)
    if trust is not None:
        key, changes = Verifier.parse(trust), tuple(parse_statements(statements))
        if key.name != head.origin or key.verified(asked.note) is None:
            raise WrongLogKey("The request is not signed by the key that you gave to trust.")
        if not witness.exists():
            witness.create(passphrase=passphrase)
        witness.trust(trust, passphrase, statements=changes, replace=replace)
    return witness.sign(request, passphrase)
