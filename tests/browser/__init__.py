"""The desk in a real Chromium, on a real archive."""
