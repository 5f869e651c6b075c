"""Canonical JSON (RFC 8785) and the step keys made from it.

RFC 8785 has no integers beyond 2**53 and no lone surrogates: callers give times and large
numbers as strings and paths as base64.
"""

from __future__ import annotations

from typing import Any

import rfc8785

from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import UnburntError


def canonical_json(value: Any) -> bytes:
    """*value* (JSON types only) as RFC 8785 bytes; raises :class:`UnburntError` if it has none."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise UnburntError(f"A record cannot be written as canonical JSON: {error}.") from error


def step_key(step: str, version: int, parameters: dict[str, Any], inputs: list[Digest]) -> Digest:
    """The name of a derivation: a digest over step name, step version, parameters and inputs.

    Secrets never enter a key (DESIGN.md, section 1).
    """
    return digest_of(canonical_json([step, version, parameters, inputs]))
