"""Pictures: each frame a page that waits for OCR, with its size in pixels; what the camera wrote is metadata."""

from __future__ import annotations

from PIL import Image

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp
from unburnt.read.formats.images_exif import metadata_of
from unburnt.read.formats.images_open import check_pixels, open_picture, quiet, shown_size
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MEDIA_TYPES = ("image/png", "image/jpeg", "image/tiff", "image/gif", "image/webp", "image/bmp")


def read(source: Source, emitter: Emitter) -> Ending:
    """Name every frame of a TIFF, and the one picture of other files, as a page that needs OCR."""
    picture = open_picture(source.file)
    frames = frame_count(picture)
    emitter.metadata(metadata_of(picture, frames))
    emitter.expect(pages=frames)
    emitter.check_pages(frames)
    damaged = sum(not _emit(picture, number, emitter) for number in range(frames))
    if damaged == frames:
        raise Damaged("The picture's data is cut short or damaged.")
    if damaged:
        emitter.note("damaged-frames", f"{damaged} of {frames} pictures are cut short or damaged.")
    return Ending(Outcome.NEEDS_OCR, "It is a picture: only OCR can read what is written in it.")


def frame_count(picture: Image.Image) -> int:
    """Pages of a TIFF; an animation counts as its first picture."""
    if picture.format != "TIFF":
        return 1
    with quiet():
        try:
            return max(1, int(getattr(picture, "n_frames", 1)))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a broken chain of frames leaves the first
            return 1


def _emit(picture: Image.Image, number: int, emitter: Emitter) -> bool:
    """Whether the frame could be decoded to its end; a part is emitted for a damaged one too."""
    whole = True
    with quiet():
        try:
            picture.seek(number)
            check_pixels(picture, emitter.pixels_limit)
            picture.load()
        except (GivenUp, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - plugins raise nearly everything for damaged data
            whole = False
    width, height = shown_size(picture)
    emitter.part("page", str(number + 1), "", page=number, width=float(width), height=float(height))
    if whole:
        emitter.note("page-needs-ocr", str(number))
    return whole


FORMATS = (Format("image", MEDIA_TYPES, read, memory_safe=False, version=1, libraries=("pillow",)),)
