"""Numbers of several runs over a setting -> frame."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ..frames import COLOURS, Axis, Curve, CurvesFrame, CurvesLook, Range, Style, powers, ticks

__all__ = ["Guide", "spread"]

_CYCLE = ("network", "last", "test", "others", "sample", "inactive")


@dataclasses.dataclass(frozen=True)
class Guide:
    """A straight line to compare with.

    Attributes
    ----------
    at : float
        Where it is: a value of the setting, or a number if it goes `across`.
    text, colour : str
        For the legend; and a key of `condensekit.frames.COLOURS`, as ``"theory"``, ``"printed"``.
    across : bool
        Whether it is level.
    """

    at: float
    text: str
    colour: str = "theory"
    across: bool = False


def spread(
    values: Mapping[str, Mapping[float, Sequence[float]]],
    title: str,
    labels: tuple[str, str],
    guides: Sequence[Guide] = (),
    colours: Mapping[str, str] | None = None,
    log: tuple[bool, bool] = (False, False),
    apart: float = 0.0,
    top: float | None = None,
) -> CurvesFrame:
    """The median of several numbers for each value of a setting, with lowest and highest.

    Parameters
    ----------
    values : mapping
        For each curve by name, for each value of the setting, the numbers that were found.
    title : str
        Of the picture.
    labels : pair of str
        What the setting is, and the numbers.
    guides : sequence of Guide
        What to compare with.
    colours : mapping, optional
        Keys of `condensekit.frames.COLOURS` for curves that have one.
    log : pair of bool
        Whether the axes are logarithmic.
    apart : float
        So much of the axis stands one curve beside the other, where they would hide each other.
    top : float, optional
        Numbers above are drawn there.

    Examples
    --------
    >>> frame = spread({"flow": {3: [1.0, 2.0, 9.0]}}, "errors", ("n", "error"), top=5.0)
    >>> [y.tolist() for _, y in frame.curves]
    [[2.0], [[1.0, 5.0]]]
    """
    known = dict(zip(values, _CYCLE, strict=False)) | dict(colours or {})
    places = np.array(sorted({x for found in values.values() for x in found}), dtype=float)
    scale = np.log10 if log[0] else np.asarray
    low, high = float(scale(places[0])), float(scale(places[-1]))
    room = 0.05 * (high - low) or 0.5
    axis = Axis(places, labels[0], (low - room, high + room), log=log[0])

    def drawn(numbers: object) -> np.ndarray:
        y = np.minimum(np.asarray(numbers, dtype=float), np.inf if top is None else top)
        return np.asarray(np.log10(np.maximum(y, 1e-300)) if log[1] else y)

    styles: list[Style] = []
    curves: list[Curve] = []
    for k, (text, found) in enumerate(values.items()):
        colour, shift = COLOURS[known[text]], apart * (high - low) * (k - (len(values) - 1) / 2)
        x = np.array(sorted(found), dtype=float)
        x = x * 10.0**shift if log[0] else x + shift
        y = [drawn(found[one]) for one in sorted(found)]
        ends = np.array([(one.min(), one.max()) for one in y])
        styles += [Style(text, colour, width=2.0, dots=True), Style("", colour, width=1.0)]
        curves += [(x, np.array([np.median(one) for one in y])), (np.stack([x, x], axis=1), ends)]
    levels = [drawn(guide.at) for guide in guides if guide.across]
    every = np.concatenate([np.ravel(y) for y in (*(y for _, y in curves), *levels)])
    edge = 0.05 * float(np.ptp(every)) or 0.5
    height: Range = (float(every.min()) - edge, float(every.max()) + edge)
    for guide in guides:
        styles.append(Style(guide.text, COLOURS[guide.colour], "dashed"))
        if guide.across:
            curves.append((axis.ends, np.repeat(drawn(guide.at), 2)))
        else:
            curves.append((np.repeat(guide.at, 2), np.array(height)))
    look = CurvesLook(title, labels[1], tuple(styles), None if log[1] else {})
    marks = powers(*height) if log[1] else ticks(*height)
    return CurvesFrame(look, axis, tuple(curves), height, tuple(marks), "")
