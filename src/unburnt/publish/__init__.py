"""What leaves an archive for other people, and what comes back: bags (BagIt, RFC 8493)."""
