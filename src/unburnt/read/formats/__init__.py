"""One file per family of formats, each with its ``FORMATS``; native parsers work in a child of their own."""
