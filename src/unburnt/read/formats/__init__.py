"""A folder per family, one file per format with its ``FORMATS``; native parsers work in a child of their own."""
