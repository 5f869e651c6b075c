"""Second opinions: what a reader that shares no code with ours says of the same bytes. Never text of record."""
