"""
Opens a paper and draws it: a program of its own, so that what a hostile file does stays in it.

    renderer.py check                  reads the file and draws it all; writes {"pages": 2}, a line
                                       break, and what is to be kept of it if that is smaller
    renderer.py show PAGE WATERMARK    reads the file; writes the page as JPEG, watermarked

It knows nothing of the product, has little memory and time, and a file that crashes it crashes
nobody else. Nothing of the file is ever passed on: what is shown is drawn anew, point by point.
"""

import io
import json
import os
import resource
import sys

import pypdfium2
from PIL import Image, ImageDraw, ImageFont, ImageOps

MEMORY, SECONDS = 512 * 1024 * 1024, 5
NICENESS = 10
"""
While it looks at a paper for nobody who waits: pages come first. Beside two cores that are busy it
still has a tenth of one, so that its seconds fit into the minute that the worker waits.
"""
LONGEST_SIDE = 1800
# A4 at 600 points to the inch has 35 million; the largest telephones make JPEG of 50 million.
PIXELS = {"JPEG": 50_000_000, "PNG": 36_000_000}
PAGES = 30
SHOWN_QUALITY, KEPT_QUALITY = 82, 92
SIGNATURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
TYPE_WRONG, UNREADABLE, TOO_LARGE, TOO_MANY_PAGES = 3, 4, 5, 6


class NotShown(Exception):
    """Ends the program with the number of its reason."""


def media_of(data: bytes) -> str | None:
    """Judge by what the file begins with; its name and what the browser says are hearsay."""
    return next((kind for begin, kind in SIGNATURES.items() if data.startswith(begin)), None)


def check(data: bytes, media: str) -> bytes:
    """Draw every page as it will be shown: all together may cost no more than one may then."""
    pages = 1
    if media == "pdf":
        pages = len(pypdfium2.PdfDocument(data))
        if not 1 <= pages <= PAGES:
            raise NotShown(TOO_MANY_PAGES)
    for page in range(pages):
        image = drawn(data, media, page)
    kept = copied(data) if media == "pdf" else as_jpeg(image, KEPT_QUALITY)
    return json.dumps({"pages": pages}).encode() + b"\n" + (kept if len(kept) < len(data) else b"")


def copied(data: bytes) -> bytes:
    """Copy the pages of a PDF and what they use: whatever else the file carries is left behind."""
    out, copy = io.BytesIO(), pypdfium2.PdfDocument.new()
    copy.import_pages(pypdfium2.PdfDocument(data))
    copy.save(out)
    return out.getvalue()


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def show(data: bytes, media: str, page: int, words: str) -> bytes:
    """Draw a page with the watermark on it."""
    return as_jpeg(watermarked(drawn(data, media, page), words), SHOWN_QUALITY)


def drawn(data: bytes, media: str, page: int) -> Image.Image:
    if media == "pdf":
        return _drawn_pdf(data, page)
    image = Image.open(io.BytesIO(data), formats=[media.upper()])
    if image.width * image.height > PIXELS[media.upper()]:
        raise NotShown(TOO_LARGE)
    # JPEG can be decoded smaller in the first place.
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    # Made small before it is turned upright: turning makes a second one of the same size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _on_white(ImageOps.exif_transpose(image))


def _drawn_pdf(data: bytes, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    sheet = document[page]
    width, height = sheet.get_size()
    scale = min(3.0, LONGEST_SIDE / max(width, height, 1))
    return _on_white(sheet.render(scale=scale).to_pil())


def _on_white(image: Image.Image) -> Image.Image:
    layered = image.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    ground.alpha_composite(layered)
    return ground.convert("RGB")


def watermarked(image: Image.Image, words: str) -> Image.Image:
    """Write the words slantwise all over, dark and light, so that no ground hides them."""
    side = int((image.width**2 + image.height**2) ** 0.5) + 1
    size = max(14, min(image.size) // 26)
    font = ImageFont.load_default(size)
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    line = f"{words}     " * (2 + side // max(1, int(draw.textlength(words, font=font))))
    for number, y in enumerate(range(0, side, size * 6)):
        at = (-(number % 4) * size * 4, y)
        draw.text((at[0] + 2, at[1] + 2), line, font=font, fill=(255, 255, 255, 120))
        draw.text(at, line, font=font, fill=(120, 20, 20, 110))
    layer = layer.rotate(28)
    left, top = (side - image.width) // 2, (side - image.height) // 2
    layer = layer.crop((left, top, left + image.width, top + image.height))
    marked = image.convert("RGBA")
    marked.alpha_composite(layer)
    return marked.convert("RGB")


def main() -> int:
    if sys.argv[1] == "check":
        os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Its own limits are made for pictures one knows; ours are above.
    Image.MAX_IMAGE_PIXELS = None
    try:
        data = sys.stdin.buffer.read()
        media = media_of(data)
        if media is None:
            return TYPE_WRONG
        if sys.argv[1] == "check":
            answer = check(data, media)
        else:
            answer = show(data, media, int(sys.argv[2]), sys.argv[3])
    except NotShown as refusal:
        return int(refusal.args[0])
    except Exception:  # noqa: BLE001 - whatever a hostile file makes two libraries raise
        return UNREADABLE
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
