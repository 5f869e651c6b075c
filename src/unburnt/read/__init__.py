"""Floor 3: from bytes to a reading. Everything below ``formats/`` runs only inside the sandbox."""
