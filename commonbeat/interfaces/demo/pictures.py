"""Draws the photos of the demo: simple scenes of streets without people, so that handling photos can be tried."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Draw: TypeAlias = ImageDraw.ImageDraw
SIZE = (1200, 900)
STREET = 600
"""Where the sidewalk begins, in pixels from the top."""
DAY, NIGHT = ((206, 224, 236), (240, 243, 240)), ((22, 27, 46), (62, 60, 78))
BRICKS = ((150, 92, 74), (176, 150, 120), (118, 112, 108), (164, 118, 88))


def draw(scene: str) -> bytes:
    """A picture of the scene as a JPEG; the same name always draws the same. Raises `KeyError`."""
    rng = random.Random(scene)
    picture = SCENES[scene](rng).filter(ImageFilter.GaussianBlur(1.1))
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _street(rng: random.Random, *, night: bool = False) -> tuple[Image.Image, Draw]:
    """Sky, a row of houses, the sidewalk and the road."""
    picture = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(picture)
    top, low = NIGHT if night else DAY
    for y in range(STREET):
        part = y / STREET
        pen.line((0, y, SIZE[0], y), _mix(top, low, part))
    x = -40
    while x < SIZE[0]:
        wide, high = rng.randint(190, 320), rng.randint(220, 430)
        _house(pen, rng, (x, STREET - high, x + wide, STREET), night=night)
        x += wide + rng.choice((0, 0, 34))
    shade = 0.35 if night else 1.0
    pen.rectangle((0, STREET, SIZE[0], 690), _dim((178, 176, 168), shade))
    for x in range(0, SIZE[0], 150):
        pen.line((x, STREET, x - 46, 690), _dim((150, 148, 142), shade), 3)
    pen.rectangle((0, 690, SIZE[0], 708), _dim((140, 140, 136), shade))
    pen.rectangle((0, 708, *SIZE), _dim((84, 86, 90), shade))
    for _ in range(500):
        x, y = rng.randint(0, SIZE[0]), rng.randint(712, SIZE[1])
        pen.point((x, y), _dim((110, 112, 116), shade))
    return picture, pen


def _house(pen: Draw, rng: random.Random, box: tuple[int, int, int, int], *, night: bool) -> None:
    left, top, right, bottom = box
    wall = _dim(rng.choice(BRICKS), 0.3 if night else 1.0)
    pen.rectangle(box, wall)
    pen.rectangle((left, top, right, top + 14), _dim(wall, 0.7))
    for y in range(top + 44, bottom - 130, 104):
        for x in range(left + 26, right - 60, 78):
            lit = night and rng.random() < 0.25
            glass = (222, 190, 120) if lit else _dim((92, 110, 124), 0.4 if night else 1.0)
            pen.rectangle((x, y, x + 42, y + 62), glass, _dim(wall, 0.6), 4)
    door = rng.randint(left + 20, max(left + 21, right - 84))
    pen.rectangle((door, bottom - 104, door + 54, bottom), _dim((70, 62, 58), 0.5 if night else 1.0))


def _vehicle(
    rng: random.Random, *, colour: tuple[int, int, int], sort: str, plate: str = "", flat: bool = False
) -> Image.Image:
    """A parked vehicle seen from the side, its rear with the plate to the right."""
    picture, pen = _street(rng)
    roof = {"van": 430, "car": 520, "pickup": 490}[sort]
    cabin = {"van": (300, 900), "car": (400, 800), "pickup": (330, 600)}[sort]
    ground = 800 if flat else 790
    pen.ellipse((210, 778, 1010, 836), (66, 68, 72))
    dark = _dim(colour, 0.75)
    pen.polygon([(cabin[0], 610), (cabin[0] + 70, roof), (cabin[1] - 30, roof), (cabin[1], 610)], colour, dark)
    pen.rounded_rectangle((220, 596, 990, 770), 34, colour, dark, 4)
    for x in range(cabin[0] + 84, cabin[1] - 130, 150):
        pen.rectangle((x, roof + 24, x + 122, 596), (70, 86, 98), dark, 4)
    if sort == "van":  # a hole in the glass
        cracks = [(470, 480), (520, 510), (500, 560), (450, 550), (430, 505)]
        pen.polygon(cracks, (26, 28, 30))
    for x in (340, 850):
        pen.ellipse((x - 62, ground - 104, x + 62, ground + (8 if flat else 20)), (30, 30, 32))
        pen.ellipse((x - 30, ground - 74, x + 30, ground - 14), (128, 130, 132))
    if plate:
        pen.rounded_rectangle((838, 636, 986, 696), 8, (245, 245, 240), (60, 60, 60), 3)
        pen.text((912, 666), plate, (30, 40, 110), _font(30), anchor="mm")
    pen.rectangle((966, 700, 990, 730), (170, 34, 30))
    return picture


def _dark_lamps(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng, night=True)
    for x in (190, 600, 1010):
        pen.rectangle((x - 7, 190, x + 7, 690), (40, 42, 48))
        pen.line((x, 196, x + 84, 176), (40, 42, 48), 9)
        pen.ellipse((x + 62, 166, x + 122, 196), (54, 56, 62))
    return picture


def _garage_doors(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng)
    pen.rectangle((0, 210, SIZE[0], 690), (156, 128, 104))
    for x in (60, 640):
        pen.rectangle((x, 300, x + 500, 690), (226, 222, 210), (120, 112, 100), 8)
        for y in range(370, 690, 72):
            pen.line((x, y, x + 500, y), (190, 186, 174), 4)
    for colour, base in (((30, 70, 160), 120), ((190, 40, 90), 700), ((30, 120, 70), 880)):
        points, x = [], base
        for _ in range(9):
            x += rng.randint(10, 44)
            points.append((x, rng.randint(380, 620)))
        pen.line(points, colour, 22, joint="curve")
        pen.ellipse((base, 420, base + 90, 520), outline=colour, width=16)
    return picture


def _pothole(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng)
    for x in range(40, SIZE[0], 210):
        pen.polygon([(x, 724), (x + 110, 724), (x + 102, 734), (x - 8, 734)], (226, 222, 206))
    edge = [
        (600 + dx, 812 + dy)
        for dx, dy in ((-190, 4), (-120, -46), (20, -58), (150, -38), (206, 8), (120, 52), (-60, 58))
    ]
    pen.polygon(edge, (58, 58, 60))
    pen.polygon([(600 + (x - 600) * 0.78, 818 + (y - 812) * 0.7) for x, y in edge], (34, 34, 36))
    pen.polygon([(900, 850), (960, 850), (938, 700), (922, 700)], (232, 104, 30))
    pen.rectangle((913, 770, 947, 792), (245, 245, 240))
    return picture


def _mattresses(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng)
    for number in range(6):
        y, lean = 760 - number * 42, rng.randint(-26, 26)
        corners = [(250 + lean, y), (690 + lean, y - 12), (690 + lean, y + 28), (250 + lean, y + 40)]
        pen.polygon(corners, rng.choice(((226, 220, 206), (206, 212, 222), (220, 206, 196))), (150, 146, 136))
    pen.rounded_rectangle((740, 560, 1120, 700), 26, (112, 84, 70))
    pen.rounded_rectangle((720, 640, 1140, 800), 26, (130, 98, 80), (90, 68, 56), 4)
    pen.line((930, 660, 930, 780), (90, 68, 56), 5)
    return picture


def _branch(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng)
    pen.rectangle((80, 120, 140, 690), (92, 70, 54))
    pen.ellipse((-120, -60, 380, 300), (86, 120, 74))
    pen.line([(230, 690), (520, 640), (860, 668)], (92, 70, 54), 34, joint="curve")
    for _ in range(170):
        x, y, r = rng.randint(420, 1060), rng.randint(560, 740), rng.randint(14, 34)
        pen.ellipse((x - r, y - r, x + r, y + r), rng.choice(((76, 112, 66), (98, 134, 80), (64, 96, 58))))
    return picture


def _leaning_wall(rng: random.Random) -> Image.Image:
    picture, pen = _street(rng)
    pen.polygon([(330, 690), (250, 250), (820, 230), (900, 690)], (160, 104, 84), (110, 70, 56))
    for row in range(11):
        y = 276 + row * 38
        shift = (y - 250) * 80 / 440
        pen.line((250 + shift, y, 820 + shift, y - 4), (136, 86, 70), 3)
    pen.line([(560, 240), (590, 330), (550, 430), (610, 540), (580, 690)], (52, 40, 36), 10, joint="curve")
    pen.line((140, 640, 1040, 640), (240, 190, 20), 14)
    return picture


def _portrait(rng: random.Random) -> Image.Image:
    """Nobody's portrait: a figure without features, so that a notice has a picture."""
    picture = Image.new("RGB", SIZE, (214, 220, 222))
    pen = ImageDraw.Draw(picture)
    skin, coat = (196, 160, 136), (70, 104, 82)
    pen.ellipse((330, 560, 870, 1300), coat)
    pen.rectangle((548, 470, 652, 620), skin)
    pen.ellipse((450, 200, 750, 560), skin)
    pen.pieslice((440, 170, 760, 420), 180, 360, _dim((150, 152, 154), 0.9))
    pen.ellipse((500, 330, 580, 400), outline=(60, 60, 64), width=7)
    pen.ellipse((620, 330, 700, 400), outline=(60, 60, 64), width=7)
    pen.line((580, 365, 620, 365), (60, 60, 64), 7)
    return picture


SCENES: Mapping[str, Callable[[random.Random], Image.Image]] = {
    "white-van": partial(_vehicle, colour=(232, 232, 228), sort="van"),
    "grey-car": partial(_vehicle, colour=(134, 140, 146), sort="car", plate="DEMO 104", flat=True),
    "red-pickup": partial(_vehicle, colour=(168, 42, 38), sort="pickup", plate="DEMO 221", flat=True),
    "dark-lamps": _dark_lamps,
    "garage-doors": _garage_doors,
    "pothole": _pothole,
    "mattresses": _mattresses,
    "branch": _branch,
    "leaning-wall": _leaning_wall,
    "portrait-walter": _portrait,
}
"""What can be drawn, by the names that the demo's files use."""


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _mix(one: tuple[int, ...], other: tuple[int, ...], part: float) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * part) for a, b in zip(one, other, strict=True))


def _dim(colour: tuple[int, ...], part: float) -> tuple[int, ...]:
    return tuple(round(value * part) for value in colour)
