"""Photos keep their pixels and lose everything else."""

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from commonbeat.core.photos import PhotoRefused, clean_photo, redact, sniff_document, thumbnail

SECRETS = (b"HIDDEN-", b"Exif", b"xpacket", b"ICC_PROFILE", b"iCCP", b"XMP", b"<script")
GPS = {1: "N", 2: (41.0, 52.0, 59.9), 3: "W", 4: (87.0, 37.0, 42.5)}
XMP = b'<?xpacket begin=""?><x:xmpmeta>HIDDEN-XMP</x:xmpmeta><?xpacket end="w"?>'


def halves(size=(96, 64), left=(220, 30, 30), right=(30, 30, 220), mode="RGB"):
    """A picture whose left half is red and right half is blue."""
    picture = Image.new("RGB", size, right)
    picture.paste(left, (0, 0, size[0] // 2, size[1]))
    return picture.convert(mode)


def loaded(kind, picture=None, orientation=1):
    """A picture file of a kind with all the hidden data that the format can carry."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "HIDDEN-MAKER"
    exif[0x9286] = "HIDDEN-COMMENT"
    exif.get_ifd(0x8825).update(GPS)
    extra = {"exif": exif, "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}
    if kind == "JPEG":
        extra |= {"comment": b"HIDDEN-COMMENT", "xmp": XMP}
    elif kind == "WEBP":
        extra |= {"xmp": XMP, "lossless": True}
    elif kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "HIDDEN-AUTHOR")
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        extra |= {"pnginfo": text}
    elif kind == "GIF":
        extra = {
            "comment": b"HIDDEN-COMMENT",
            "save_all": True,
            "append_images": [Image.new("RGB", (96, 64), "green")],
        }
    out = io.BytesIO()
    (picture or halves()).save(out, kind, **extra)
    return out.getvalue()


def opened(clean):
    return Image.open(io.BytesIO(clean.data))


def near(one, other, by=12):
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
def test_every_hidden_thing_is_gone_and_the_picture_is_still_there(kind, media_type):
    data = loaded(kind)
    assert b"HIDDEN-" in data or kind == "WEBP"
    clean = clean_photo(data)
    assert not [secret for secret in SECRETS if secret in clean.data]
    picture = opened(clean)
    assert picture.getexif() == {} and dict(picture.getexif().get_ifd(0x8825)) == {}
    assert not {"icc_profile", "exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & set(picture.info)
    assert (clean.media_type, clean.width, clean.height) == (media_type, 96, 64) and picture.size == (96, 64)
    assert near(picture.convert("RGB").getpixel((20, 30)), (220, 30, 30))
    assert near(picture.convert("RGB").getpixel((80, 30)), (30, 30, 220))
    assert clean.sha256 == hashlib.sha256(clean.data).hexdigest()
    assert Image.open(io.BytesIO(clean.data)).format.lower() in clean.media_type
    assert getattr(picture, "n_frames", 1) == 1


def test_the_position_really_was_in_the_file_before():
    before = Image.open(io.BytesIO(loaded("JPEG"))).getexif().get_ifd(0x8825)
    assert before[4][0] == 87


@pytest.mark.parametrize(
    ("orientation", "size", "red_at", "blue_at"),
    [
        (1, (96, 64), (10, 32), (86, 32)),
        (2, (96, 64), (86, 32), (10, 32)),
        (3, (96, 64), (86, 32), (10, 32)),
        (6, (64, 96), (32, 10), (32, 86)),
        (8, (64, 96), (32, 86), (32, 10)),
    ],
)
def test_a_picture_taken_sideways_is_turned_upright(orientation, size, red_at, blue_at):
    picture = opened(clean_photo(loaded("JPEG", orientation=orientation)))
    assert picture.size == size
    assert near(picture.getpixel(red_at), (220, 30, 30))
    assert near(picture.getpixel(blue_at), (30, 30, 220))


def test_something_glued_behind_a_picture_does_not_come_through():
    for tail in (b"<script>alert(1)</script>HIDDEN-", b"PK\x03\x04HIDDEN-archive", b"%PDF-1.7 HIDDEN-"):
        clean = clean_photo(loaded("JPEG") + tail)
        assert b"HIDDEN-" not in clean.data and tail not in clean.data


def test_a_page_or_script_that_calls_itself_a_picture_is_refused():
    for data in (
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"MZ" + bytes(100),
        b"BM" + bytes(100),
        bytes(1000),
    ):
        with pytest.raises(PhotoRefused) as refusal:
            clean_photo(data)
        assert refusal.value.code == "unknown-type"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"\x00\x00\x00\x18ftypavif", "avif"),
        (b"\x00\x00\x00\x18ftypisom", "video"),
        (b"\x1aE\xdf\xa3", "video"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged"),
    ],
)
def test_other_kinds_are_named_so_that_people_know_what_to_send(head, code):
    with pytest.raises(PhotoRefused) as refusal:
        clean_photo(head + bytes(40))
    assert refusal.value.code == code


def refused(data, **limits):
    with pytest.raises(PhotoRefused) as refusal:
        clean_photo(data, **limits)
    return refusal.value.code


def test_files_that_are_empty_too_large_or_too_small_are_refused():
    assert refused(b"") == "empty"
    assert refused(loaded("PNG"), max_bytes=100) == "too-large"
    assert refused(loaded("PNG"), max_pixels=96 * 64 - 1) == "too-many-pixels"
    assert refused(loaded("PNG", halves((4, 4)))) == "too-small"


def bomb(width, height):
    """A tiny PNG that claims to be huge, with a valid header and a short stream."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_decompression_bombs_are_refused_before_they_unpack():
    assert refused(bomb(50_000, 50_000)) == "too-many-pixels"
    assert refused(bomb(12_000, 12_000)) == "too-many-pixels"
    assert refused(bomb(200_000, 10)) == "too-many-pixels"
    assert refused(bomb(2000, 2000)) == "damaged"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_cut_off_in_the_middle_is_refused(kind):
    noise = Image.effect_noise((96, 64), 80).convert("RGB")
    data = loaded(kind, noise)
    assert refused(data[: len(data) * 2 // 3] if kind != "GIF" else data[: len(data) // 3]) == "damaged"


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=20),
)
def test_damaged_bytes_are_read_or_refused_and_nothing_else(kind, changes):
    data = bytearray(loaded(kind))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        clean = clean_photo(bytes(data), max_pixels=1_000_000)
    except PhotoRefused:
        return
    assert not [secret for secret in SECRETS if secret in clean.data]


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "RGBA", "I;16"])
def test_unusual_colour_modes_are_brought_to_plain_colours(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    picture = (
        Image.new("I;16", (32, 32), 32768) if mode == "I;16" else halves((32, 32), mode=mode if mode != "LA" else "L")
    )
    (picture.convert("LA") if mode == "LA" else picture).save(out, kind)
    result = opened(clean_photo(out.getvalue()))
    assert result.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    if mode == "I;16":
        assert near(result.getpixel((5, 5)), (128, 128, 128), by=2)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_redacted_region_holds_no_trace_of_what_was_there(kind):
    """Two pictures that differ only inside the region become the same file."""
    one, other = halves((320, 240)), halves((320, 240))
    for x in range(100, 150):
        for y in range(60, 100):
            other.putpixel((x, y), ((x * 37) % 256, (y * 91) % 256, (x * y) % 256))
    region = (100 / 320, 60 / 240, 50 / 320, 40 / 240)
    files = []
    for picture in (one, other):
        out = io.BytesIO()
        picture.save(out, "PNG")  # lossless on the way in, so that only the redaction can make them equal
        redacted = redact(out.getvalue(), [region])
        files.append(redacted)
        assert opened(redacted).convert("RGB").getpixel((125, 80)) == (0, 0, 0)
        assert opened(redacted).convert("RGB").getpixel((300, 200)) == (30, 30, 220)
    assert files[0].sha256 == files[1].sha256
    out = io.BytesIO()
    other.save(out, kind, quality=95)
    kept = redact(out.getvalue(), [region])
    assert kept.media_type.endswith(kind.lower())
    assert near(opened(kept).convert("RGB").getpixel((125, 80)), (0, 0, 0), by=3)


def test_a_redacted_region_hides_also_in_a_transparent_picture():
    out = io.BytesIO()
    halves((64, 64), mode="RGBA").save(out, "PNG")
    assert opened(redact(out.getvalue(), [(0, 0, 0.5, 0.5)])).getpixel((5, 5)) == (0, 0, 0, 255)


def test_a_region_over_the_edge_is_cut_and_one_without_area_is_refused():
    data = loaded("PNG")
    assert opened(redact(data, [(0.9, 0.9, 0.9, 0.9)])).getpixel((95, 63))[:3] == (0, 0, 0)
    assert opened(redact(data, [(-0.5, -0.5, 0.6, 0.6)])).getpixel((1, 1))[:3] == (0, 0, 0)
    for region in ((0, 0, 0, 1), (0, 0, -1, 1), (float("nan"), 0, 1, 1), (1.5, 0, 0.1, 0.1), (0, 0, 99, 1)):
        with pytest.raises(PhotoRefused) as refusal:
            redact(data, [region])
        assert refusal.value.code == "bad-region"


@settings(deadline=None)
@given(*[st.floats(0, 1)] * 2, *[st.floats(0.01, 1)] * 2)
def test_every_pixel_of_a_region_is_covered(x, y, wide, high):
    out = io.BytesIO()
    Image.new("RGB", (97, 61), "white").save(out, "PNG")
    if int(x * 97) >= 97 or int(y * 61) >= 61:
        return
    picture = opened(redact(out.getvalue(), [(x, y, wide, high)]))
    for px in (x, min(x + wide, 1) - 1e-9):
        for py in (y, min(y + high, 1) - 1e-9):
            assert picture.getpixel((min(int(px * 97), 96), min(int(py * 61), 60)))[:3] == (0, 0, 0)


def test_a_thumbnail_is_small_keeps_its_shape_and_carries_nothing():
    small = thumbnail(loaded("JPEG", halves((800, 400)), orientation=6), 100)
    assert (small.width, small.height) == (50, 100)
    assert small.media_type == "image/jpeg"
    assert not [secret for secret in SECRETS if secret in small.data]
    tiny = thumbnail(loaded("PNG"), 500)
    assert (tiny.width, tiny.height) == (96, 64)


def test_only_a_whole_pdf_is_taken_as_a_document():
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    document = sniff_document(pdf)
    assert (document.media_type, document.size) == ("application/pdf", len(pdf))
    for data, code in [
        (b"", "empty"),
        (pdf[:-8], "damaged"),
        (b"GIF89a" + pdf, "unknown-type"),
        (b"<html>", "unknown-type"),
    ]:
        with pytest.raises(PhotoRefused) as refusal:
            sniff_document(data)
        assert refusal.value.code == code
    with pytest.raises(PhotoRefused) as refusal:
        sniff_document(pdf, max_bytes=10)
    assert refusal.value.code == "too-large"
