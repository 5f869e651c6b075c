"""Floor 2, bytes that must not change: layout, objects, events, derived records, keyring."""
