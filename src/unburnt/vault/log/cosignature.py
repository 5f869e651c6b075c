"""A witness's countersignature: "as of this time, this is the largest log that I have seen" (C2SP tlog-cosignature).

The time is what the witness says. It is as good as the witness, and never our own clock.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unburnt.vault.log.note import COSIGNATURE, BadNote, Signature, Verifier, cosignature_message, is_name_to_show


class Cosigner:
    """A witness's private key with its name. It must not sign anything else, nor under another name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        if not is_name_to_show(name):
            raise BadNote("A key's name may hold no spaces, plus signs or control characters.")
        self._private = private
        self.verifier = Verifier(name, COSIGNATURE, private.public_key().public_bytes_raw())

    def cosign(self, text: str, timestamp: int) -> Signature:
        """A countersignature of the checkpoint *text* at *timestamp*, seconds since 1970-01-01 UTC."""
        if not 0 <= timestamp < 1 << 63:
            raise BadNote("A countersignature's time must lie between 0 and 2^63 - 1 seconds.")
        signed = self._private.sign(cosignature_message(text, timestamp))
        return Signature(self.verifier.name, self.verifier.key_id, timestamp.to_bytes(8, "big") + signed)


def cosigned_at(signature: Signature) -> int:
    """The time that a countersignature states, in seconds since 1970-01-01 UTC; check the signature first."""
    if len(signature.bytes) != 72:
        raise BadNote("A signature is no countersignature: it has the wrong length.")
    return int.from_bytes(signature.bytes[:8], "big")
