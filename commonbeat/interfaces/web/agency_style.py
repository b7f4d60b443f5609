"""The agency's accent colour as a small style sheet, readable in light and dark whatever was chosen."""

from __future__ import annotations

import colorsys
import re

PAPER = (247, 246, 242)
NIGHT = (28, 35, 38)
WHITE = (255, 255, 255)
INK = (20, 25, 27)
Colour = tuple[int, int, int]


class BadColour(ValueError):
    """The text is not a colour like #17555c."""


def parse_colour(text: str) -> Colour:
    """Six hexadecimal digits after a # (never passed on as it came: this text goes into a style sheet)."""
    found = re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", text.strip())
    if not found:
        raise BadColour(text)
    red, green, blue = (int(part, 16) for part in found.groups())
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio from 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(colour: Colour, towards: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, towards, strict=True))
    return red, green, blue


def _readable(colour: Colour, *, on: tuple[Colour, ...], towards: Colour, ratio: float) -> Colour:
    """The colour, moved towards another only as far as it takes to be read on all these grounds."""
    for step in range(41):
        candidate = _mix(colour, towards, step / 40)
        if all(contrast(candidate, ground) >= ratio for ground in on):
            return candidate
    return towards


def _lightened(colour: Colour, *, on: tuple[Colour, ...], ratio: float) -> Colour:
    """As `_readable`, but with the hue kept alive: mixing with white would leave every dark accent grey."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    for step in range(41):
        level = lightness + (1 - lightness) * step / 40
        parts = colorsys.hls_to_rgb(hue, level, min(saturation, 0.6))
        red, green, blue = (round(part * 255) for part in parts)
        if all(contrast((red, green, blue), ground) >= ratio for ground in on):
            return red, green, blue
    return WHITE


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def agency_stylesheet(accent: str) -> str:
    """Custom properties for /agency.css. A colour that cannot be read on the page is darkened or lightened.

    Raises:
        BadColour: `accent` is not a hexadecimal colour.
    """
    chosen = parse_colour(accent)
    soft = _mix(chosen, WHITE, 0.88)
    light = _readable(chosen, on=(WHITE, PAPER, soft), towards=(0, 0, 0), ratio=4.6)
    night_soft = _mix(chosen, NIGHT, 0.75)
    dark = _lightened(chosen, on=(NIGHT, night_soft), ratio=7.0)
    strong = _mix(light, (0, 0, 0), 0.35)
    dark_strong = _mix(dark, WHITE, 0.45)
    properties = {
        "accent": light,
        "accent-strong": strong,
        "accent-soft": soft,
        "on-accent": WHITE,
        "link": light,
        "link-strong": strong,
        "accent-dark": dark,
        "accent-dark-strong": dark_strong,
        "accent-dark-soft": night_soft,
        "on-accent-dark": INK,
        "link-dark": dark,
        "link-dark-strong": dark_strong,
    }
    return ":root{" + "".join(f"--agency-{name}:{_css(value)};" for name, value in properties.items()) + "}\n"
