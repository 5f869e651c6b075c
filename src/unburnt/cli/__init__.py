"""Floor 9: one file per verb, loaded when it is used."""
