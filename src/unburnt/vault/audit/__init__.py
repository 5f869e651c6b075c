"""Checking that what the vault holds is what it was: each file one subject, nothing is ever changed."""
