"""How documents belong together: worked out from what they say of themselves, kept nowhere, never about persons."""
