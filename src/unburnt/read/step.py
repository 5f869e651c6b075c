"""The versions of the reading steps: whole numbers that a person raises when a reader's output changes.

They stand here, and not in the readers, because the keeper needs them and must never import a parser.
"""

READ_STEP_VERSIONS: dict[str, int] = dict.fromkeys(
    (
        "none", "text", "html", "xml", "json", "csv", "markdown", "pdf", "image",
        "docx", "doc", "word-xml", "xlsx", "xls", "pptx", "ppt", "odf", "rtf", "epub",
        "mail", "mbox", "msg", "mhtml", "pkcs7", "zip", "tar", "stream", "zstd", "7z", "rar", "warc",
    ),
    1,
) | dict.fromkeys(("pdf", "docx", "pptx", "doc", "zip", "tar", "rar"), 2) | dict.fromkeys(("odf", "xls", "ppt", "xlsx"), 3)  # fmt: skip
