"""The operator's accent: the colours derived from it, and whether they can be read."""

import re
from functools import cache

PAPER_LIGHT, PAPER_DARK = "#ffffff", "#10151f"
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def check_accent(accent: str) -> str | None:
    """Return a sentence when the accent cannot be used, None when it can."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", accent) is None:
        return f"NICHANDLE_ACCENT must be a colour such as #2447d6; it is “{accent}”."
    ratio = contrast(accent, PAPER_LIGHT)
    if ratio < READABLE:
        return (
            f"NICHANDLE_ACCENT {accent} cannot be read on white (contrast {ratio:.1f}, needed "
            f"{READABLE}): choose a darker one."
        )
    return None


@cache
def stylesheet(accent: str) -> str:
    """Return the few lines that set the accent for both schemes."""
    return (
        f":root{{--accent:{accent};--on-accent:#ffffff}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{for_dark(accent)};"
        "--on-accent:#0b1020}}\n"
    )


@cache
def for_dark(accent: str) -> str:
    """Lighten the accent until it can be read on the dark scheme's ground and cards."""
    red, green, blue = _channels(accent)
    for step in range(101):
        share = step / 100
        mixed = [round(part + (255 - part) * share) for part in (red, green, blue)]
        colour = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(colour, PAPER_DARK) >= READABLE + 1.5:
            return colour
    return "#ffffff"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = []
    for part in _channels(colour):
        share = part / 255
        linear.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
