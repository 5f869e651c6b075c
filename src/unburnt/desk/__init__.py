"""Floor 9: the desk, a web application on this machine for one archive. Talks to api, model and base only."""
