"""How often a text's language and script are named right, and how quickly: ``python -m benchmarks.language FOLDER``.

*FOLDER* holds the Universal Declaration of Human Rights as XML files of efele.net (``udhr_uig_latn.xml`` ...), which
are in the public domain; they are measured with and never trained with. Every article's beginning is cut to 60
characters, and beside that every paragraph into all its pieces of 60. Ends with 1 where a variant's articles stay
below 97 %.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from unburnt.read.language import language_of, warm
from unburnt.read.passages import passages_of

LENGTH = 60
FLOOR = 0.97
_SPACE = re.compile(r"\s+")
_CODES = {"cmn": "zh", "eng": "en", "kaz": "kk", "rus": "ru", "uig": "ug", "uzn": "uz", "kir": "ky", "khk": "mn",
          "tgk": "tg", "tur": "tr", "bod": "bo"}  # fmt: skip


def articles(path: Path) -> Iterator[list[str]]:
    """The paragraphs of the preamble and of each article."""
    root = etree.parse(str(path), etree.XMLParser(resolve_entities=False)).getroot()
    for article in root.iter("{*}preamble", "{*}article"):
        paragraphs = [_SPACE.sub(" ", "".join(one.itertext())).strip() for one in article.iter("{*}para")]
        if any(paragraphs):
            yield [one for one in paragraphs if one]


def expected(path: Path) -> tuple[str, str]:
    """Language and script, from the XML's own attributes."""
    root = etree.parse(str(path), etree.XMLParser(resolve_entities=False)).getroot()
    return _CODES.get(root.get("iso639-3"), root.get("iso639-3")), root.get("iso15924")


def measure(path: Path, native: bool) -> tuple[float, float, float, Counter[str]]:
    """Shares of articles whose language, whose language and script, and of pieces whose both are named right; and what
    the wrong ones were called."""
    right = expected(path)
    heads, pieces = [], []
    for paragraphs in articles(path):
        heads.append(" ".join(paragraphs)[:LENGTH])
        pieces += [one[at : at + LENGTH] for one in paragraphs for at in range(0, len(one) - LENGTH + 1, LENGTH)]
    wrong = Counter(str(found) for text in (*heads, *pieces) if (found := language_of(text, native=native)) != right)
    named = sum(language_of(text, native=native)[0] == right[0] for text in heads) / max(1, len(heads))
    return named, _share(heads, right, native), _share(pieces, right, native), wrong


def _share(texts: list[str], right: tuple[str, str], native: bool) -> float:
    return sum(language_of(text, native=native) == right for text in texts) / max(1, len(texts))


def speed(folder: Path) -> tuple[float, float]:
    """Milliseconds of a processor for one KiB of UTF-8: naming a text, and finding its passages."""
    texts = ["\n".join("\n".join(one) for one in articles(path)) for path in sorted(folder.glob("udhr_*.xml"))]
    size = sum(len(text.encode()) for text in texts) / 1024
    warm()
    started = time.process_time()
    for text in texts:
        language_of(text, native=False)
    between = time.process_time()
    for text in texts:
        passages_of(text, native=False)
    return (between - started) * 1e3 / size, (time.process_time() - between) * 1e3 / size


def main() -> int:
    folder = Path(sys.argv[1])
    low = False
    for native in (False, True):
        print(f"{'with pycld2' if native else 'pure Python'}: articles cut to {LENGTH} (language, and script), all pieces of {LENGTH}")
        for path in sorted(folder.glob("udhr_*.xml")):
            named, heads, pieces, wrong = measure(path, native)
            low |= named < FLOOR
            print(f"  {path.stem:<18} {named:7.1%} {heads:7.1%} {pieces:7.1%}  {dict(wrong.most_common(4)) or ''}")
    quick, passages = speed(folder)
    print(f"naming {quick:.4f} ms a KiB, passages {passages:.4f} ms a KiB")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
