"""Floor 3: finding words in what was read: one normaliser, the index, the query language, highlighting."""
