"""One palette with two faces: read by everybody, on light and on dark pages.

The matrices are those of Machado, Oliveira and Fernandes 2009 for the complete absence of one of
the three kinds of cones, on linear RGB; distances are those of CIE Lab, in which 2.3 is the least
difference that is seen.
"""

import itertools

import numpy as np
import pytest

from condensekit import labs, palette, pictures
from condensekit.frames.curves import CurvesLook
from condensekit.palette import COLOURS, DARK, GROUPS, contrast, face, ink

VISIONS = {
    "all cones": np.eye(3),
    "no long ones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no middle ones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no short ones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
PAGES = {"light": "#ffffff", "dark": "#111111"}


def lab(colour, vision):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISIONS[vision] @ linear, 0, 1) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, vision):
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def on(page, colour):
    return colour if page == "light" else DARK[colour]


def test_the_oracle_knows_two_colours_that_are_confused():
    """Red and green of one brightness, without the middle cones; not with all of them."""
    assert apart("#a06030", "#707030", "no middle ones") < 12
    assert apart("#a06030", "#707030", "all cones") > 30


def test_every_colour_has_a_dark_face():
    assert {*COLOURS.values(), *GROUPS} <= {*DARK}
    assert face("#0072B2") == "var(--condensekit-0072B2, #0072B2)"
    assert face("#123456") == "#123456"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", [*COLOURS])
def test_words_in_a_colour_are_read(name, page):
    """As WCAG 2 asks for words of any size."""
    inked = ink(COLOURS[name])
    light = inked[-8:-1]
    if name != "inactive":
        assert contrast(on(page, light), PAGES[page]) >= 4.5


@pytest.mark.parametrize("page", PAGES)
def test_marks_are_seen_on_their_page(page):
    for name, colour in COLOURS.items():
        least = 1.7 if name == "inactive" else 2.2
        assert contrast(on(page, colour), PAGES[page]) >= least, name


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("page", PAGES)
def test_the_six_groups_are_told_apart(page, vision):
    for one, other in itertools.combinations(GROUPS, 2):
        assert apart(on(page, one), on(page, other), vision) > 12, (one, other)


def looks():
    """Every look of curves that the package declares."""
    found = []
    for module in vars(pictures).values():
        for value in vars(module).values() if hasattr(module, "__file__") else ():
            values = value.values() if isinstance(value, dict) else [value]
            found += [one for one in values if isinstance(one, CurvesLook)]
    return {one.title + one.label + str(one.styles): one for one in found}


def test_there_are_looks():
    titles = {look.title for look in looks().values()}
    assert {"Singular values of A B", "Effective rank", "Distance", "Learning"} <= titles


@pytest.mark.parametrize("look", looks().values(), ids=lambda look: look.title)
@pytest.mark.parametrize("page", PAGES)
def test_curves_are_told_apart_by_colour_or_by_dash(look, page):
    """In every vision; a wide line below a thin one is told by its width, too."""
    named = [one for one in look.styles if one.text]
    for one, other in itertools.combinations(named, 2):
        if (one.line, one.dots, one.width > 3) != (other.line, other.dots, other.width > 3):
            continue
        for vision in VISIONS:
            assert apart(on(page, one.colour), on(page, other.colour), vision) > 20, (one, other)


@pytest.mark.parametrize("kind", [labs.RecoveryLab, labs.CondensationLab])
def test_the_curves_of_one_picture_have_dashes_of_their_own(kind):
    """Where two are alike under one of the blindnesses: of loss, and of the fit."""
    shown = kind()
    lines = {
        name: [
            (line.colors[0][-8:-1], line.line_style, line.stroke_width > 4)
            for line in shown.views[name].figure.marks
            if hasattr(line, "line_style") and len(line.colors) == 1
        ]
        for name in ("fit", "loss")
    }
    for found in lines.values():
        for one, other in itertools.combinations(found, 2):
            if one[1:] != other[1:] or one[0] == other[0]:
                continue
            for page, vision in itertools.product(PAGES, VISIONS):
                assert apart(on(page, one[0]), on(page, other[0]), vision) > 15, (one, other)
    shown.close()


def test_shades_are_read_on_their_ground():
    for share in np.linspace(-1.0, 1.0, 41):
        ground, text = palette.shade(float(share), 1.0)
        assert contrast(ground, text) >= 4.5
