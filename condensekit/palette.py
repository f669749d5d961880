"""Colours: one palette with a light and a dark face, which colour-blind readers tell apart, too."""

import math

__all__ = ["COLOURS", "DARK", "GROUPS", "contrast", "face", "ink", "shade"]

COLOURS = {
    "target": "#8c8c8c",
    "sample": "#000000",
    "network": "#0072B2",
    "last": "#D55E00",
    "theory": "#009E73",
    "printed": "#CC79A7",
    "test": "#E69F00",
    "inactive": "#c4c4c4",
    "others": "#7a7a7a",
}
"""Okabe-Ito colours, which colour-blind readers tell apart."""

GROUPS = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
"""Colours of the groups with the most output; vermilion is left to the last run."""

DARK = {
    "#8c8c8c": "#9a9a9a",
    "#000000": "#ffffff",
    "#0072B2": "#42A5F5",
    "#D55E00": "#FF7A1A",
    "#009E73": "#1DB88A",
    "#CC79A7": "#E58FC0",
    "#E69F00": "#FFC94D",
    "#56B4E9": "#A6E1FF",
    "#c4c4c4": "#555555",
    "#7a7a7a": "#8f8f8f",
    "#555555": "#b0b0b0",
    "#777777": "#a0a0a0",
    "#dcdcdc": "#444444",
    "#e8e8e8": "#383838",
    "#9a4a00": "#ffb070",
    "#b00020": "#ff8a90",
    "#A84A00": "#FF7A1A",
    "#00734F": "#1DB88A",
    "#A0457A": "#E58FC0",
    "#8A5F00": "#FFC94D",
    "#666666": "#a8a8a8",
    "#d3e6f3": "#16324a",
    "#fae0d0": "#4a2a14",
    "#ffffff": "#111111",
}
"""What these colours are on a dark page, also told apart by colour-blind readers."""


_INKS = {
    "#D55E00": "#A84A00",
    "#009E73": "#00734F",
    "#CC79A7": "#A0457A",
    "#E69F00": "#8A5F00",
    "#777777": "#666666",
    "#7a7a7a": "#666666",
    "#8c8c8c": "#666666",
}


def ink(colour: str) -> str:
    """A colour for words on a page: dark enough to be read, and with a dark face, too.

    Examples
    --------
    >>> ink("#009E73"), ink("")
    ('var(--condensekit-00734F, #00734F)', '')
    """
    return face(_INKS.get(colour, colour))


def contrast(one: str, other: str) -> float:
    """How well a colour is read on another, from 1 to 21 (WCAG 2: at least 4.5 for words).

    Examples
    --------
    >>> round(contrast("#ffffff", "#000000"), 1), round(contrast("#ffffff", "#0072b2"), 1)
    (21.0, 5.2)
    """
    dim, bright = sorted(map(_luminance, (one, other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def face(colour: str) -> str:
    """A colour for a page, where it follows the theme: its dark face is a variable of the style.

    Examples
    --------
    >>> face("#0072B2"), face("inherit")
    ('var(--condensekit-0072B2, #0072B2)', 'inherit')
    """
    return f"var(--condensekit-{colour[1:]}, {colour})" if colour in DARK else colour


def shade(value: float, scale: float) -> tuple[str, str]:
    """Background and text colour of a value from -scale (orange) over 0 (white) to scale (blue).

    Examples
    --------
    >>> shade(0.0, 1.0), shade(1.0, 1.0)
    (('#ffffff', '#000000'), ('#0072b2', '#ffffff'))
    """
    share = min(1.0, abs(value) / scale) if math.isfinite(value) else 0.0
    end = COLOURS["network" if value > 0 else "last"]
    mixed = [round(255 + share * (int(end[i : i + 2], 16) - 255)) for i in (1, 3, 5)]
    ground = "#" + "".join(f"{c:02x}" for c in mixed)
    return ground, max("#ffffff", "#000000", key=lambda text: contrast(text, ground))
