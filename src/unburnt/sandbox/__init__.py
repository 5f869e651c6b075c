"""Running untrusted parsers: a warm zygote, locked children, limits; knows nothing of documents.

``runner.Sandbox`` runs one child per call, ``service.Service`` keeps one locked worker alive.
Nothing is imported here: the zygote and the children load only what they need.
"""
