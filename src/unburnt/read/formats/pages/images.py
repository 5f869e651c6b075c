"""Pictures: each frame is a page whose text has still to be read from its pixels."""

from __future__ import annotations

from PIL import Image

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp, Stopped
from unburnt.read.formats.pages.behind_end import emit_behind, end_of_picture, is_followed
from unburnt.read.formats.pages.images_boxes import ends_within_a_box
from unburnt.read.formats.pages.images_exif import metadata_of, metadata_of_unopened
from unburnt.read.formats.pages.images_open import ONE_PICTURE, check_pixels, open_picture, quiet, shown_size, turn_to
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

UNREAD = "It is a picture; its text has not been read from the pixels yet."
_CUT = "The picture is damaged or cut off: its pixels cannot all be decoded."
_SMALLEST = 16
_ANIMATION = 100
"""The most frames of an animation that become pages."""
_MOST_FRAMES = 100_000
_DECODED = 250_000_000
"""Pixels that are decoded to see whether a file is whole; later frames are believed."""


def read(source: Source, emitter: Emitter) -> Ending:
    """One empty page a frame, in pixels as shown; frames are decoded once to see that they are whole.

    Raises :class:`Damaged`, and :class:`Stopped` for a picture of more pixels than the limit.
    """
    try:
        image = open_picture(source.file)
    except Damaged:
        if (said := metadata_of_unopened(source)).fields:
            emitter.metadata(said, searchable=True)
        raise
    check_pixels(image, emitter.pixels_limit)
    frames = _count(image)
    if frames is None:
        frames = _reached(source) + 1  # what comes next cannot be had
        image = open_picture(source.file)
    kind = image.format
    emitter.expect(pages=frames)
    emitter.metadata(metadata_of(image, frames, source), searchable=True)
    ending = _frames(image, frames, source, emitter)
    end = end_of_picture(source.file, kind)
    if is_followed(source.file, source.size, end):
        emitter.expect(pages=frames, members=1)
        emit_behind(source.file, source.size, end, emitter)
    return ending


def _frames(image: Image.Image, frames: int, source: Source, emitter: Emitter) -> Ending:
    limit = emitter.pages_limit if image.format in ("TIFF", "DCX") else min(emitter.pages_limit, _ANIMATION)
    cut = image.format in ("HEIF", "AVIF") and ends_within_a_box(source.file, source.size)
    small, decoded = 0, 0
    for number in range(min(frames, limit)):
        try:
            width, height = _frame(image, number, emitter.pixels_limit, decode=decoded < _DECODED)
            if cut:
                # The library makes up what lacks, and says nothing.
                raise Damaged(_CUT)
        except GivenUp as error:
            if not number:
                # What there is can still be looked at.
                _page(emitter, number, *shown_size(image))
                raise
            return Ending(Outcome.PARTIAL, f"Page {number + 1} of {frames} and what follows was left out: {error.reason}")
        decoded += width * height
        _page(emitter, number, width, height)
        if min(width, height) < _SMALLEST:
            small += 1
        else:
            emitter.note("page-needs-ocr", str(number))
    if small == min(frames, limit):
        return Ending(Outcome.EMPTY, "The picture is too small to hold text.")
    if frames > limit:
        emitter.note("frames-left-out", f"Only the first {limit} of {frames} frames were taken.")
    return Ending(Outcome.NEEDS_OCR, UNREAD)


def _page(emitter: Emitter, number: int, width: int, height: int) -> None:
    emitter.part("page", str(number + 1), "", page=number, width=width, height=height)


def _count(image: Image.Image) -> int | None:
    """None where the chain of frames breaks off; the picture is then to be opened again."""
    with quiet():
        try:
            return 1 if image.format in ONE_PICTURE else max(1, int(getattr(image, "n_frames", 1)))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - whatever a damaged file makes Pillow raise
            return None


def _reached(source: Source) -> int:
    """How many frames there are before the chain of them breaks off."""
    image = open_picture(source.file)
    with quiet():
        for number in range(1, _MOST_FRAMES):
            try:
                image.seek(number)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - the end of what can be had
                return number
    return _MOST_FRAMES


def _frame(image: Image.Image, number: int, pixels: int, *, decode: bool) -> tuple[int, int]:
    with quiet():
        try:
            turn_to(image, number)
            check_pixels(image, pixels)
            size = shown_size(image)
            if decode:
                image.load()
        except (MemoryError, Stopped):
            raise
        except Exception as error:
            raise Damaged(_CUT) from error
        return size


FORMATS = (
    Format(
        "image", read, memory_safe=False, libraries=("pillow", "pi-heif"),
        title="Pictures: PNG, JPEG, HEIC and HEIF, AVIF, JPEG 2000, TIFF, WebP, GIF, BMP, PSD, PCX and DCX, ICNS, TGA, PPM",
        gives="frames as pages, EXIF with its places and times, captions and keywords (IPTC, XMP, those of Windows), where the format has "
        "room for them; the text by OCR; what follows the end of a JPEG or PNG, as a member",
        lacks="an animation gives its first 100 frames; of sequences in HEIF (bursts) nothing; previews and depths within a HEIC are left; "
        "of a PSD the picture that its program kept beside the layers, and the layers' names; no JPEG XL, no PSB",
    ),
)
