"""Makes tests/golden/written.tar.xz: the same lines in five languages in every format that LibreOffice can write.

``python -m tests.golden.make_written`` wants LibreOffice (soffice), which the tests do not: they read what it wrote.
The lines are those of the example leak; the sources are flat OpenDocument files written here by hand.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from leak_maker.texts_other import OTHER
from leak_maker.texts_ug import UYGHUR
from leak_maker.texts_zh import CHINESE

PACKED = Path(__file__).with_name("written.tar.xz")
LANGUAGES = ("zh", "ug", "ru", "kk", "en")
_LINES = 20
_A_SLIDE = 5
_FILTERS = {
    "writer": ("odt", "ott", "fodt", "doc", "docx", "dotx", "rtf", "html", "xhtml", "epub", "pdf", "txt:Text (encoded):UTF8", "uot"),
    "calc": ("ods", "ots", "fods", "xls", "xlsx", "xlsm", "csv:Text - txt - csv (StarCalc):44,34,76", "html", "uos"),
    "impress": ("odp", "otp", "fodp", "ppt", "pptx", "ppsx", "pdf", "uop"),
    "draw": ("odg", "fodg"),
}
_OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"'
)


def lines_of(language: str) -> tuple[str, ...]:
    """The lines that every file of *language* holds, each once."""
    papers = (paper for papers in (CHINESE, UYGHUR, OTHER) for paper in papers.values())
    lines = [line for paper in papers if paper.lang == language and not paper.script for line in paper.lines]
    return tuple(dict.fromkeys(lines))[:_LINES]


def _document(kind: str, body: str, *, right_to_left: bool) -> bytes:
    direction = "rl-tb" if right_to_left else "lr-tb"
    mimetype = f"application/vnd.oasis.opendocument.{ {'drawing': 'graphics'}.get(kind, kind)}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_OFFICE} office:mimetype="{mimetype}">'
        '<office:automatic-styles><style:style style:name="P" style:family="paragraph">'
        f'<style:paragraph-properties style:writing-mode="{direction}"/></style:style></office:automatic-styles>'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def _paragraphs(lines: tuple[str, ...]) -> str:
    return "".join(f'<text:p text:style-name="P">{escape(line)}</text:p>' for line in lines)


def _sources(lines: tuple[str, ...], *, right_to_left: bool) -> Iterator[tuple[str, str, bytes]]:
    """Program, extension and content of each flat source."""
    yield "writer", "fodt", _document("text", _paragraphs(lines), right_to_left=right_to_left)
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string">{_paragraphs((line,))}</table:table-cell></table:table-row>'
        for line in lines
    )
    yield "calc", "fods", _document("spreadsheet", f'<table:table table:name="1">{rows}</table:table>', right_to_left=right_to_left)
    boxes = [
        f'<draw:page draw:name="{at // _A_SLIDE + 1}"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="24cm" svg:height="12cm">'
        f"<draw:text-box>{_paragraphs(lines[at:at + _A_SLIDE])}</draw:text-box></draw:frame></draw:page>"
        for at in range(0, len(lines), _A_SLIDE)
    ]
    yield "impress", "fodp", _document("presentation", "".join(boxes), right_to_left=right_to_left)
    yield "draw", "fodg", _document("drawing", "".join(boxes), right_to_left=right_to_left)


def main() -> None:
    """Write the packed file anew."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(PACKED, "w:xz", preset=9) as packed:
        root = Path(folder)
        for language in LANGUAGES:
            lines = lines_of(language)
            _pack(packed, f"{language}.json", json.dumps(lines, ensure_ascii=False).encode())
            for program, extension, content in _sources(lines, right_to_left=language == "ug"):
                (root / program).mkdir(exist_ok=True)
                (root / program / f"{language}.{extension}").write_bytes(content)
        for program, targets in _FILTERS.items():
            for target in targets:
                for written in _converted(root, root / program, target):
                    _pack(packed, f"{program}/{written.name}", written.read_bytes())


def _converted(root: Path, sources: Path, target: str) -> list[Path]:
    out = root / "out" / sources.name / target.split(":")[0]
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{root}/profile", "--headless", "--convert-to", target, "--outdir", str(out),
         *map(str, sorted(sources.iterdir()))],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    return sorted(out.iterdir())


def _pack(packed: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    packed.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main()
