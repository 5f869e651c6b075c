"""Floor 2: what the archive knows, as a disposable view over its events and readings (SQLite)."""
