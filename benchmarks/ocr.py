"""Character error rate of OCR on pages of known text: ``python benchmarks/ocr.py [FOLDER FOR THE PICTURES [KIND]]``.

Papers of the example leak's generator are printed by WeasyPrint in Noto fonts: clean at 200 dpi, and noisy at 130 dpi,
turned by 1.5 degrees, with speckles, as JPEG of quality 55. The error rate is the edit distance between the lines put
together and what was recognised, without white space, in NFKC, a character counted as one.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "examples")]
from leak_maker.fixed import seeded  # noqa: E402
from leak_maker.printed import HEIGHT, STEP, TOP, WIDTH, pictures  # noqa: E402
from leak_maker.texts_other import OTHER  # noqa: E402
from leak_maker.texts_ug import UYGHUR  # noqa: E402
from leak_maker.texts_zh import CHINESE  # noqa: E402

from unburnt.read.ocr.available import ocr_state  # noqa: E402
from unburnt.read.ocr.chinese import ChineseEngine  # noqa: E402
from unburnt.read.ocr.choose import Recogniser  # noqa: E402
from unburnt.read.ocr.picture import picture_of  # noqa: E402
from unburnt.read.ocr.prepare import ENTRY as PREPARE_ENTRY  # noqa: E402
from unburnt.read.ocr.prepare import Preparer  # noqa: E402
from unburnt.read.ocr.tesseract import Tesseract  # noqa: E402
from unburnt.sandbox.runner import Sandbox  # noqa: E402

ENTRY = "unburnt.read.ocr.language_child:main"
PAPERS = {lang: [paper for paper in (CHINESE | OTHER | UYGHUR).values() if paper.lang == lang] for lang in ("zh", "ru", "en", "ug")}
PAGES = 3
MIXED_LINES = 4
CLEAN_DOTS, NOISY_DOTS = 200, 130
SKEW, QUALITY, SPECKLES = 1.5, 55, 0.003
"""Degrees; of JPEG; share of pixels that turn black or white."""


def noisy(image: Image.Image, purpose: str) -> Image.Image:
    """The page as a careless scanner sees it."""
    turned = image.rotate(SKEW, Image.Resampling.BICUBIC, fillcolor=255)
    chance = seeded(purpose)
    pixels = turned.load()
    for _ in range(round(turned.width * turned.height * SPECKLES)):
        pixels[chance.randrange(turned.width), chance.randrange(turned.height)] = chance.choice((0, 255))
    packed = io.BytesIO()
    turned.save(packed, "JPEG", quality=QUALITY)
    return Image.open(packed).convert("L")


def distance(one: str, other: str) -> int:
    """Edit distance (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, against in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != against))
    return row[-1]


def squeezed(text: str) -> str:
    """Without white space, in NFKC."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def error_rate(recogniser: Recogniser, lines: Sequence[str], image: Image.Image, dots: int) -> tuple[int, int]:
    """Wrong characters, and how many there are."""
    packed = io.BytesIO()
    image.save(packed, "PNG")
    found = recogniser.recognise(picture_of(packed.getvalue(), pixels=100_000_000, dpi=dots))
    truth = squeezed("".join(lines))
    return distance(truth, squeezed("".join(line.text for line in found.lines))), len(truth)


def mixed(number: int, dots: int) -> tuple[list[str], Image.Image]:
    """A page with the first lines of a paper in each language, one below the other."""
    papers = [of_language[number] for of_language in PAPERS.values()]
    height = round(MIXED_LINES * STEP / 72 * dots)
    page = Image.new("L", (round(WIDTH / 72 * dots), round(HEIGHT / 72 * dots)), 255)
    for place, image in enumerate(pictures(papers, dots=dots)):
        top = round((TOP - STEP / 3) / 72 * dots)
        page.paste(image.crop((0, top, image.width, top + height)), (0, top + place * height))
    return [line for paper in papers for line in paper.lines[:MIXED_LINES]], page


def pages(dots: int) -> Iterator[tuple[str, list[tuple[Sequence[str], Image.Image]]]]:
    """What is measured: a name, and pages with their lines."""
    for lang, papers in PAPERS.items():
        chosen = papers[:PAGES]
        yield lang, [(paper.lines, image) for paper, image in zip(chosen, pictures(chosen, dots=dots), strict=True)]
    yield "mixed", [mixed(number, dots) for number in range(PAGES)]
    for (lang, papers), turn in zip(PAPERS.items(), (90, 180, 270, 180), strict=True):
        (image,) = pictures(papers[:1], dots=dots)
        yield f"{lang} turned by {turn}", [(papers[0].lines, image.rotate(turn, expand=True))]


def main() -> None:
    """Print the rates per kind of page; with a folder as argument, keep the pictures; with a word, only what begins with it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    state = ocr_state()
    with tempfile.TemporaryDirectory() as tmp, Sandbox(ENTRY) as sandbox, Sandbox(PREPARE_ENTRY) as preparing:
        tesseract = Tesseract(sandbox, state.languages, state.data_folder, Path(tmp))
        chinese, preparer = ChineseEngine(sandbox.rung), Preparer(lambda: preparing)
        recogniser = Recogniser(tesseract, chinese, preparer, can_find_rotation=state.can_find_rotation)
        for kind, dots in (("clean", CLEAN_DOTS), ("noisy", NOISY_DOTS)):
            for name, chosen in pages(dots):
                if name.startswith(wanted):
                    measure(recogniser, f"{name}-{kind}", chosen, dots, folder)
        recogniser.close()


def measure(
    recogniser: Recogniser, name: str, chosen: list[tuple[Sequence[str], Image.Image]], dots: int, folder: Path | None
) -> None:
    """Print the rate of one kind of pages."""
    started, wrong, letters, rates = time.monotonic(), 0, 0, []
    for number, (lines, image) in enumerate(chosen):
        seen = noisy(image, f"{name.partition('-')[0]}{number}") if name.endswith("noisy") else image
        if folder is not None:
            seen.save(folder / f"{name}-{number}.png")
        errors, count = error_rate(recogniser, lines, seen, dots)
        wrong, letters = wrong + errors, letters + count
        rates.append(f"{errors / count:.1%}")
    seconds = (time.monotonic() - started) / len(chosen)
    print(f"{name}: {wrong / letters:.2%} of {letters} ({', '.join(rates)}), {seconds:.1f} s a page", flush=True)


if __name__ == "__main__":
    main()
