"""What operating systems leave beside files."""
