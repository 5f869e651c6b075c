"""Makes the fictional leak of examples/leak; every text, place and person in it is invented."""
