"""Printed pages: PDF with text, and the same pages as pictures, skewed and noisy."""

from __future__ import annotations

import html
import io
import math
import os
from collections.abc import Sequence

import pypdfium2
import weasyprint
from PIL import Image, ImageFilter

from leak_maker.fixed import seeded
from leak_maker.papers import Paper
from leak_maker.truth import Document, Made, Passage

LEFT, TOP, STEP, SIZE = 64.0, 84.0, 30.0, 12.0
WIDTH, HEIGHT = 595.28, 841.89
FONTS = {"zh": "Noto Sans CJK SC", "ug": "Noto Naskh Arabic", "ru": "Noto Sans", "kk": "Noto Sans", "en": "Noto Sans"}
SKEW, TILT = 1.5, -0.8
"""Degrees against the clock: of the scanner and of the telephone."""


def laid_out(pages: Sequence[Paper], *, author: str = "", notes: str = "") -> bytes:
    """A PDF in which each line stands at a known place: 64 pt from its margin, 84 pt from the top, 30 pt apart."""
    os.environ["SOURCE_DATE_EPOCH"] = "1493798400"
    blocks = []
    for paper in pages:
        lines = []
        for number, line in enumerate(paper.lines):
            side, turn = ("right", "rtl") if paper.right_to_left else ("left", "ltr")
            style = f"top:{TOP + STEP * number}pt;{side}:{LEFT}pt;font-size:{SIZE}pt;font-family:'{FONTS[paper.lang]}'"
            lines.append(f'<p dir="{turn}" lang="{paper.lang}" style="{style}">{html.escape(line)}</p>')
        blocks.append(f"<section>{''.join(lines)}</section>")
    style = (
        f"@page{{size:{WIDTH}pt {HEIGHT}pt;margin:0}}body{{margin:0}}"
        f"section{{position:relative;height:{HEIGHT - 1}pt;break-after:page}}"
        "section:last-child{break-after:auto}p{position:absolute;margin:0;white-space:pre;line-height:1.4}"
    )
    head = f'<title>{html.escape(pages[0].title)}</title><meta name="author" content="{html.escape(author)}">'
    head += '<meta charset="utf-8"><meta name="dcterms.created" content="2017-05-03T08:00:00Z">'
    page = f"{head}<style>{style}</style>"
    made: bytes = weasyprint.HTML(string=f"{page}{notes}{''.join(blocks)}").write_pdf(pdf_identifier=b"0" * 16)
    return made


def places(paper: Paper, *, angle: float = 0.0, scale: float = 1.0) -> list[list[float]]:
    """A point inside the first letters of each line, on a page turned by *angle* degrees against the clock."""
    x = WIDTH - LEFT - 8 if paper.right_to_left else LEFT + 8
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    found = []
    for number in range(len(paper.lines)):
        across, down = x - WIDTH / 2, TOP + STEP * number + SIZE * 0.7 - HEIGHT / 2
        turned = (WIDTH / 2 + across * cosine + down * sine, HEIGHT / 2 - across * sine + down * cosine)
        found.append([round(value * scale, 2) for value in turned])
    return found


def pdf(*pages: Paper, author: str = "") -> Made:
    """A PDF with a text layer, one paper a page."""
    passages = []
    for number, paper in enumerate(pages):
        passages.append(
            Passage(list(paper.lines), "normalised", kind="page", lang=paper.lang, page=number, places=places(paper))
        )
    truth = Document(
        "pdf", ["application/pdf"], passages=passages, pages=len(pages), title=pages[0].title, author=author or None
    )
    return Made(laid_out(pages, author=author), truth)


def pictures(pages: Sequence[Paper], *, dots: int = 150) -> list[Image.Image]:
    """The printed pages as grey pictures."""
    document = pypdfium2.PdfDocument(laid_out(pages))
    return [page.render(scale=dots / 72).to_pil().convert("L") for page in document]


def worn(picture: Image.Image, purpose: str, *, angle: float = SKEW, noise: int = 22) -> Image.Image:
    """The same page as a careless scanner or a telephone sees it."""
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    grain = Image.frombytes("L", (256, 256), seeded(purpose).randbytes(256 * 256)).filter(ImageFilter.GaussianBlur(0.6))
    sheet = Image.new("L", turned.size)
    for left in range(0, turned.width, 256):
        for top in range(0, turned.height, 256):
            sheet.paste(grain, (left, top))
    dimmed = turned.point([26 + value * 205 // 255 for value in range(256)])
    return Image.blend(dimmed, sheet, noise / 255)


def jpeg(picture: Image.Image, *, exif: Image.Exif | None = None, dots: int = 150) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=62, dpi=(dots, dots), **({"exif": exif} if exif else {}))
    return out.getvalue()


def scanned(*pages: Paper, purpose: str, tolerance: float, dots: int = 150) -> Made:
    """A PDF that holds nothing but one skewed JPEG a page."""
    images = [worn(picture, f"{purpose}:{number}") for number, picture in enumerate(pictures(pages, dots=dots))]
    passages = [
        Passage(
            list(paper.lines), "ocr", tolerance, "page", lang=paper.lang, page=number, places=places(paper, angle=SKEW)
        )
        for number, paper in enumerate(pages)
    ]
    truth = Document("pdf", ["application/pdf"], passages=passages, pages=len(pages))
    return Made(_pdf_of([(image, jpeg(image, dots=dots)) for image in images]), truth)


def _pdf_of(images: Sequence[tuple[Image.Image, bytes]]) -> bytes:
    """Written by hand (ISO 32000-1, 7.5): no dates and no names of tools in it."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(len(images)))
    bodies.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(images)} >>".encode())
    for number, (image, data) in enumerate(images):
        first = 3 + 3 * number
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {first + 1} 0 R "
            f"/Resources << /XObject << /I {first + 2} 0 R >> >> >>".encode()
        )
        drawing = f"{WIDTH} 0 0 {HEIGHT} 0 0 cm /I Do".encode()
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        kind = f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray"
        bodies.append(
            f"{kind} /BitsPerComponent 8 /Filter /DCTDecode /Length {len(data)} >>\nstream\n".encode()
            + data
            + b"\nendstream"
        )
    out, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, 1):
        starts.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def photograph(paper: Paper, *, purpose: str, tolerance: float, model: str, dots: int = 150) -> Made:
    """One page photographed: JPEG with EXIF, slightly turned and noisy."""
    image = worn(pictures([paper], dots=dots)[0], purpose, angle=TILT, noise=30)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Invented Optics", model, "2017:05:29 21:14:00"
    exif.get_ifd(0x8769)[0x9003] = "2017:05:29 21:14:00"
    where = places(paper, angle=TILT, scale=dots / 72)
    passage = Passage(list(paper.lines), "ocr", tolerance, lang=paper.lang, places=where)
    truth = Document("jpeg", ["image/jpeg"], passages=[passage], taken="2017-05-29T21:14:00")
    return Made(jpeg(image, exif=exif, dots=dots), truth)
