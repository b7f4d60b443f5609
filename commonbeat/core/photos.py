"""Photos and documents that people send: known by content, drawn anew, without hidden data."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

DEFAULT_MAX_BYTES: Final = 25 * 1024 * 1024
DEFAULT_MAX_PIXELS: Final = 60_000_000  # about 180 MB while it is being drawn; phones have 12 to 50 million
SMALLEST_SIDE: Final = 8
_LONGEST_SIDE: Final = 30_000
_QUALITY: Final = 88

# What we read (Pillow's name) and what we store: GIFs, moving or not, become a still PNG.
_STORED_AS: Final = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG"}
_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_OPENERS: Final = ("JPEG", "PNG", "WEBP", "GIF")  # Pillow opens phones' MPO as JPEG
_HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")

Region = tuple[float, float, float, float]


class PhotoRefused(ValueError):
    """The file cannot be taken; `code` says why, for the web layer to word.

    Codes: empty, too-large (bytes), too-many-pixels, too-small, unknown-type, heic (ask for JPEG), avif,
    video, damaged (also cut off), bad-region.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A picture drawn anew from its pixels; `data` holds nothing else. `sha256` is its hex digest."""

    data: bytes
    media_type: str
    width: int
    height: int
    sha256: str

    @property
    def suffix(self) -> str:
        """The file name's ending, with its dot."""
        return {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}[self.media_type]


def clean_photo(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES, max_pixels: int = DEFAULT_MAX_PIXELS) -> CleanPhoto:
    """The picture in `data` turned upright and encoded anew, or PhotoRefused.

    The type comes from the content, never from a name or header. JPEG, PNG, WebP and the first frame of a
    GIF are read. Only pixels go into the new file, so position, camera, owner, edit history, comments,
    embedded previews, colour profiles and anything glued behind the picture (polyglots) are gone; colours
    are brought to plain RGB. Sizes are checked on the header before anything is unpacked.
    Cost: 0.3 to 0.8 s and about 100 MB for 12 million pixels.
    """
    picture, stored_as = _open(data, max_bytes=max_bytes, max_pixels=max_pixels)
    return _encode(picture, stored_as)


def redact(data: bytes, regions: Sequence[Region], *, max_pixels: int = DEFAULT_MAX_PIXELS) -> CleanPhoto:
    """The picture with black rectangles in place of regions given as (x, y, width, height) shares of 0 to 1.

    The pixels are overwritten before encoding, with a flat colour: blurring or pixelating can be undone. A
    region is widened outwards to whole blocks of 16 pixels, because a JPEG stores colour by such blocks.
    Parts beyond the edge are cut off. Raises PhotoRefused with code bad-region for numbers that make no area.
    """
    picture, stored_as = _open(data, max_bytes=max(len(data), 1), max_pixels=max_pixels)
    for region in regions:
        picture.paste((0, 0, 0), _block(region, picture.width, picture.height))
    if picture.mode == "RGBA":
        picture.putalpha(_opaque_in(picture, regions))
    return _encode(picture, stored_as)


def thumbnail(data: bytes, side: int, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> CleanPhoto:
    """The picture no larger than `side` pixels either way, as a JPEG (transparent parts become white)."""
    picture, _ = _open(data, max_bytes=max(len(data), 1), max_pixels=max_pixels, rough_side=side)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _encode(picture, "JPEG")


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is kept as it came. Serve it only as a download, never inline, never to the public."""

    media_type: str
    size: int
    sha256: str


def sniff_document(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Document:
    """What kind of document this is, by its content; only PDF is taken. Raises PhotoRefused.

    Danger: a PDF may hold scripts, links, metadata and the sender's name; it is not cleaned. Send it with
    `Content-Disposition: attachment`, `X-Content-Type-Options: nosniff` and a sandboxing policy.
    """
    if not data:
        raise PhotoRefused("empty")
    if len(data) > max_bytes:
        raise PhotoRefused("too-large")
    # At the very start: readers accept the mark anywhere in the first 1,024 bytes, hence polyglots.
    if not data.startswith(b"%PDF-"):
        raise PhotoRefused("unknown-type")
    if b"%%EOF" not in data[-2048:]:
        raise PhotoRefused("damaged")
    return Document("application/pdf", len(data), hashlib.sha256(data).hexdigest())


def _open(data: bytes, *, max_bytes: int, max_pixels: int, rough_side: int | None = None) -> tuple[Image.Image, str]:
    """Upright pixels in RGB or RGBA, loaded, cut loose from the file, and the format to store them in."""
    if not data:
        raise PhotoRefused("empty")
    if len(data) > max_bytes:
        raise PhotoRefused("too-large")
    try:
        found = Image.open(io.BytesIO(data), formats=_OPENERS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoRefused("too-many-pixels") from None
    except Exception:  # Pillow raises many kinds of errors on hostile bytes; all mean the same to us
        raise PhotoRefused(_why_unknown(data)) from None
    _check_size(found, max_pixels)
    stored_as = _STORED_AS[found.format or ""]
    try:
        if rough_side and stored_as == "JPEG":
            found.draft("RGB", (rough_side * 2, rough_side * 2))  # decodes small at once: 8 times faster
        found.load()
        upright = ImageOps.exif_transpose(found)
        return _plain(upright), stored_as
    except Exception:
        raise PhotoRefused("damaged") from None


def _check_size(found: Image.Image, max_pixels: int) -> None:
    if found.width * found.height > max_pixels or max(found.size) > _LONGEST_SIDE:
        raise PhotoRefused("too-many-pixels")
    if min(found.size) < SMALLEST_SIDE:
        raise PhotoRefused("too-small")


def _why_unknown(data: bytes) -> str:
    """The best reason for bytes that Pillow does not open as one of our formats."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _HEIC_BRANDS:
            return "heic"
        return "avif" if brand in (b"avif", b"avis") else "video"
    if data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n" or data[:6] in (b"GIF87a", b"GIF89a"):
        return "damaged"
    if data[:4] == b"RIFF":
        return "damaged" if data[8:12] == b"WEBP" else "video"
    return "video" if data[:4] == b"\x1aE\xdf\xa3" else "unknown-type"


def _plain(picture: Image.Image) -> Image.Image:
    """A new picture of the same pixels in RGB, or RGBA where something is transparent; no attributes."""
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    if picture.mode.startswith("I"):  # 16-bit grey: convert() would clip it to white
        picture = picture.convert("I").point(_to_eight_bits()).convert("L")
    converted = picture.convert("RGBA" if see_through else "RGB")
    fresh = Image.new(converted.mode, converted.size)
    fresh.paste(converted)
    return fresh


def _to_eight_bits() -> Callable[[float], float]:
    return lambda value: value * (1 / 256)


def _block(region: Region, width: int, height: int) -> tuple[int, int, int, int]:
    x, y, wide, high = region
    if not all(-1 <= share <= 2 for share in region) or wide <= 0 or high <= 0:  # also refuses NaN
        raise PhotoRefused("bad-region")
    left, top = int(max(x, 0) * width) // 16 * 16, int(max(y, 0) * height) // 16 * 16
    right = min(-int(-(x + wide) * width // 16) * 16, width)
    bottom = min(-int(-(y + high) * height // 16) * 16, height)
    if right <= left or bottom <= top:
        raise PhotoRefused("bad-region")
    return left, top, right, bottom


def _opaque_in(picture: Image.Image, regions: Sequence[Region]) -> Image.Image:
    alpha = picture.getchannel("A")
    for region in regions:
        alpha.paste(255, _block(region, picture.width, picture.height))
    return alpha


def _encode(picture: Image.Image, stored_as: str) -> CleanPhoto:
    out = io.BytesIO()
    if stored_as == "JPEG":
        if picture.mode == "RGBA":
            paper = Image.new("RGB", picture.size, (255, 255, 255))
            paper.paste(picture, mask=picture.getchannel("A"))
            picture = paper
        picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    elif stored_as == "PNG":
        picture.save(out, "PNG", optimize=False)
    else:
        picture.save(out, "WEBP", quality=_QUALITY, method=3)
    data = out.getvalue()
    return CleanPhoto(data, _MEDIA_TYPES[stored_as], picture.width, picture.height, hashlib.sha256(data).hexdigest())
