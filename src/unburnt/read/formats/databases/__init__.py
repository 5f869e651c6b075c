"""Tables of databases, cell by cell."""
