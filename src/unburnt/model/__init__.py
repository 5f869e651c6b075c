"""Floor 1: the words of the design as plain frozen records; no I/O."""
