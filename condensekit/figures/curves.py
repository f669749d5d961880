"""Everything over time: curves, loss, a number that is counted; and ranks."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..frames import (
    COLOURS,
    Axis,
    CurvesFrame,
    HistoryFrame,
    LossFrame,
    Range,
    SpectrumFrame,
    ticks,
)
from .draw import draw, legend, line, linear, logs, names, title

__all__: list[str] = []


def _time(axes: Axes, axis: Axis, height: Range) -> None:
    """The axis of time, with the moment that is shown, and epochs of descent above it."""
    (logs if axis.log else linear)(axes, "x", axis.bounds)
    axes.set_xlabel(axis.label)
    if axis.cursor is not None:
        line(axes, np.repeat(axis.places(axis.cursor), 2), height, "#555555", width=1.0)
    epochs = axis.epochs
    if epochs is None:
        return
    shift = float(np.log10(epochs.lr))
    above = axes.twiny()
    logs(above, "x", (axis.bounds[0] - shift, axis.bounds[1] - shift))
    above.set_xlabel(f"epochs of GD at η = {epochs.lr:g}")
    if epochs.until < axis.ends[1]:
        at = np.repeat(axis.places(epochs.until), 2)
        line(axes, at, height, COLOURS["printed"], "GD leaves", "dotted", 1.5)


@draw.register
def _curves(frame: CurvesFrame, axes: Axes) -> None:
    _time(axes, frame.axis, frame.y_range)
    for style, (x, y) in zip(frame.look.styles, frame.curves, strict=True):
        if len(x):
            place, shown = frame.axis.places(x).T, np.clip(y, *frame.y_range).T
            look: dict[str, Any] = {"style": style.line, "width": style.width, "dots": style.dots}
            line(axes, place, shown, style.colour, style.text, **look)
    if frame.look.names is None:
        logs(axes, "y", frame.y_range, frame.ticks)
    else:
        texts = {tick: frame.look.names.get(tick, f"{tick:g}") for tick in frame.ticks}
        names(axes, "y", frame.y_range, texts)
    axes.set_ylabel(frame.look.label)
    title(axes, frame.look.title, frame.caption)
    legend(axes)


@draw.register
def _loss(frame: LossFrame, axes: Axes) -> None:
    _time(axes, frame.axis, frame.log_range)
    places = frame.axis.places(frame.axis.x)
    for values, colour, text, style in (
        (frame.loss, "network", "train", "solid"),
        (frame.test_loss, "test", "test", "dashed"),
    ):
        line(axes, places, np.log10(np.maximum(values, 1e-300)), COLOURS[colour], text, style)
    if frame.threshold is not None:
        level = np.repeat(np.log10(frame.threshold), 2)
        line(axes, frame.axis.bounds, level, COLOURS["theory"], "recovered", "dash_dotted", 1.5)
    logs(axes, "y", frame.log_range)
    axes.set_ylabel("loss (mean squared error)")
    title(axes, "Loss", frame.caption)
    legend(axes)


@draw.register
def _history(frame: HistoryFrame, axes: Axes) -> None:
    height = (0.0, 1.06 * frame.top)
    _time(axes, frame.axis, height)
    for k, mark in enumerate(frame.marks):
        at = np.repeat(frame.axis.places(mark.x), 2)
        line(axes, at, height, COLOURS["target"], "" if k else "event", "dotted", 1.3)
    shown = np.minimum(frame.count, frame.top)
    places = frame.axis.places(frame.axis.x)
    axes.step(places, shown, where="post", color=COLOURS["network"], lw=2)
    linear(axes, "y", height, [tick for tick in ticks(*height) if tick == int(tick)])
    axes.set_ylabel(frame.label)
    title(axes, frame.title, frame.caption)
    legend(axes)


@draw.register
def _spectrum(frame: SpectrumFrame, axes: Axes) -> None:
    count = len(frame.log_values)
    width = (0.0, 1.02 * count + 0.5)
    proven = [frame.exact + 0.5] * 2
    line(axes, proven, frame.log_range, COLOURS["theory"], "proven rank", "dashed", 2.0)
    line(axes, width, [frame.log_tolerance] * 2, COLOURS["last"], "tolerance", width=1.5)
    number, blue = np.arange(1, count + 1), COLOURS["network"]
    axes.plot(number, frame.log_values, "o", ms=3.5, color=blue, label="singular values")
    linear(axes, "x", width, [tick for tick in ticks(*width) if tick == round(tick)])
    logs(axes, "y", frame.log_range)
    axes.set(xlabel="number", ylabel="singular value / largest")
    title(axes, "Spectrum", frame.caption)
    legend(axes)
