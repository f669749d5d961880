"""Where the marks of a lab's pictures are in a page, and where they belong."""

import bqplot
import numpy as np
from browser_page import verdict

NEAR = 0.75
"""Pixels."""

_DRAWN = r"""() => [...document.querySelectorAll('.bqplot')].map((figure) => {
  const numbers = (text) => (text ?? '').match(/-?[\d.]+(e[-+]?\d+)?/g)?.map(Number) ?? [];
  const pairs = (all) => all.flatMap((x, i) => (i % 2 ? [] : [[x, all[i + 1]]]));
  const marks = figure.querySelectorAll(':scope .svg-figure > g > g:nth-of-type(1) > g');
  return [...marks].filter((mark) => !mark.classList.contains('g_legend')).map((mark) => ({
    seen: mark.style.display !== 'none',
    line: [...mark.querySelectorAll('path.line')]
      .flatMap((p) => pairs(numbers(p.getAttribute('d')))),
    dots: [...mark.querySelectorAll('.object_grp')]
      .flatMap((g) => pairs(numbers(g.getAttribute('transform').split(')')[0]))),
  }));
})"""


def _figures(widget):
    """The pictures in a widget, in the order of the page."""
    if isinstance(widget, bqplot.Figure):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from _figures(child)


def _on_axis(values, scale):
    values = np.asarray(values, dtype=float)
    if not isinstance(scale, bqplot.LogScale):
        return values
    return np.log10(values, where=values > 0.0, out=np.full(values.shape, np.nan))


def _belongs(mark):
    """The points of a mark, as they stand along its axes."""
    x, y = (_on_axis(getattr(mark, name), mark.scales[name]) for name in ("x", "y"))
    x, y = np.broadcast_arrays(x, y)
    points = np.stack([x.ravel(), y.ravel()], 1)
    return points[np.isfinite(points).all(1)]


def _apart(figure, drawn):
    """Pixels between the marks of a picture and where they belong, and how many points were read.

    Axes are straight: all places along one are those of its numbers, stretched and shifted.
    """
    found = {}
    if [mark.visible for mark in figure.marks] != [there["seen"] for there in drawn]:
        return np.inf, 0
    for mark, there in zip(figure.marks, drawn, strict=True):
        kind = {bqplot.Lines: "line", bqplot.Scatter: "dots"}.get(type(mark))
        if kind is None or not mark.visible:
            continue
        points, pixels = _belongs(mark), np.reshape(there[kind], (-1, 2))
        if kind == "line" and mark.interpolation.startswith("step-"):
            pixels = pixels[::2]  # between two points there is the corner of the step
        if len(points) != len(pixels):
            return np.inf, 0
        for axis, name in enumerate("xy" if len(points) else ""):
            scale = mark.scales[name].model_id
            found.setdefault(scale, []).append(np.stack([points[:, axis], pixels[:, axis]], 1))
    worst, count = 0.0, 0
    for pairs in map(np.concatenate, found.values()):
        numbers, pixels = pairs.T
        spread = np.ptp(numbers)
        line = np.stack([(numbers - numbers.min()) / (spread or 1.0), np.ones(len(numbers))], 1)
        fitted = line @ np.linalg.lstsq(line, pixels, rcond=None)[0]
        worst, count = max(worst, np.abs(fitted - pixels).max()), count + len(pixels)
    return worst, count


def stand_where_they_belong(page, lab, timeout=10_000, views=1):
    """Wait until all lines and dots of a page are where those of a lab are; count their points.

    `views`: how often the page shows the lab.
    """
    figures = [*_figures(lab)] * views
    for _ in range(timeout // 100):
        drawn = page.evaluate(_DRAWN)
        assert len(drawn) == len(figures)
        apart = [_apart(*both) for both in zip(figures, drawn, strict=True)]
        if max(worst for worst, _ in apart) <= NEAR:
            return sum(count for _, count in apart)
        page.wait_for_timeout(100)
    raise AssertionError(f"pixels apart and points, picture by picture: {apart}")


def same(page, lab, views=1):
    """What the page shows is what the lab shows: sentences, and the places of all marks."""
    page.wait_for_function(
        r"told => document.body.innerText.split(/\s+/).join(' ').includes(told)", arg=verdict(lab)
    )
    return stand_where_they_belong(page, lab, views=views)
