"""Where a reader truly fails on the example leak, and why. Strict: when one is mended, its line here must go."""

from __future__ import annotations

KNOWN_FAILURES: dict[str, str] = {}
