"""Floor 7: from received folders to recorded readings; the keeper, the one writer of an archive."""
