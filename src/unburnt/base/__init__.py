"""Floor 0: errors, digests, canonical JSON, limits, time, settings. Knows nothing of archives."""
