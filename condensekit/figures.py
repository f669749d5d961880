"""Figures: a frame -> matplotlib, for places without a browser. Needs the extra ``plot``."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from .frames import (
    COLOURS,
    GROUPS,
    FitFrame,
    LossFrame,
    MapFrame,
    NeuronFrame,
    Range,
    RecoveryFrame,
    SimilarityFrame,
    power,
    powers,
)

__all__ = ["map_figure", "recovery_figure"]


LOG_ERROR = (-12.0, 0.0)
"""Test errors that the colours of a map tell apart, as exponents of ten."""


def recovery_figure(frame: RecoveryFrame) -> Figure:
    """The four pictures of the recovery lab, with the verdict above them.

    Parameters
    ----------
    frame : RecoveryFrame
        One recorded step, see `condensekit.pictures.recovery_frame`.
    """
    figure = Figure(figsize=(10, 7.4), layout="constrained")
    cells = figure.subplots(2, 2)
    figure.suptitle("\n".join(" ".join(said) for said in frame.verdict), fontsize=11)
    _fit(cells[0, 0], frame.fit)
    _neurons(cells[0, 1], frame.neurons)
    _loss(cells[1, 0], frame.loss)
    _similarity(cells[1, 1], frame.similarity)
    return figure


def _fit(axes: Axes, frame: FitFrame) -> None:
    axes.plot(frame.x, frame.target, color=COLOURS["target"], linewidth=5, label="target")
    axes.plot(frame.sample_x, frame.sample_y, "o", color="black", markersize=3.5, label="samples")
    axes.plot(frame.x, frame.network, color=COLOURS["network"], linewidth=2, label="network")
    axes.set(xlabel="input x", ylabel="output f(x)", xlim=frame.x_range, ylim=frame.y_range)
    axes.set_title(f"Fit: {frame.caption}", fontsize=10)
    axes.legend(fontsize=9)


def _neurons(axes: Axes, frame: NeuronFrame) -> None:
    shades = [COLOURS["inactive"], *GROUPS, COLOURS["others"]]
    colours = [shades[min(group + 1, len(shades) - 1)] for group in frame.group.tolist()]
    axes.scatter(frame.angle, frame.log_amplitude, s=16, c=colours, alpha=0.75)
    axes.set(xlabel="orientation: angle of (w, b)", ylabel="amplitude |a| |(w, b)|")
    axes.set_xticks(
        [-math.pi, -math.pi / 2, 0.0, math.pi / 2, math.pi], ["-π", "-π/2", "0", "π/2", "π"]
    )
    _powers(axes, "y", frame.log_range)
    axes.set_title(f"Neurons: {frame.caption}", fontsize=10)


def _loss(axes: Axes, frame: LossFrame) -> None:
    later = frame.x > 0
    x = np.log10(frame.x[later])
    for values, key, line in ((frame.loss, "network", "-"), (frame.test_loss, "test", "--")):
        label = "test" if key == "test" else "train"
        axes.plot(x, np.log10(values[later]), line, color=COLOURS[key], label=label)
    green = COLOURS["theory"]
    if frame.threshold is not None:
        level = math.log10(frame.threshold)
        axes.axhline(level, ls="-.", lw=1, color=green, label="recovered below")
    axes.set(xlabel=frame.x_label, ylabel="loss (mean squared error)")
    _powers(axes, "x", frame.log_x)
    _powers(axes, "y", frame.log_range)
    axes.set_title(f"Loss: {frame.caption}", fontsize=10)
    axes.legend(fontsize=9)


def _powers(axes: Axes, side: str, bounds: Range) -> None:
    """An axis of exponents that shows powers of ten, as in the views: nothing overflows on it."""
    ticks = powers(*bounds)
    labels = [power(int(tick)) for tick in ticks]
    axes.set(**{f"{side}lim": bounds, f"{side}ticks": ticks, f"{side}ticklabels": labels})


def _similarity(axes: Axes, frame: SimilarityFrame) -> None:
    ends = [COLOURS["last"], "#ffffff", COLOURS["network"]]
    colours = LinearSegmentedColormap.from_list("cosine", ends if frame.signed else ends[1:])
    low = -1.0 if frame.signed else 0.0
    image = axes.imshow(frame.similarity, cmap=colours, vmin=low, vmax=1.0)
    axes.set(xlabel="neurons, sorted by angle", xticks=[], yticks=[])
    level = "" if frame.level is None else f" (random {frame.level:.2f})"
    what = "cosine" if frame.signed else "|cosine|"
    axes.set_title(f"{what}: mean |cos| {frame.caption}{level}", fontsize=10)
    axes.figure.colorbar(image, ax=axes, shrink=0.8)


def map_figure(frame: MapFrame) -> Figure:
    """The map of a sweep: test error in colour, the line of theory, and who recovered the target.

    A ring: training did; a cross: the samples are enough in number only; a diamond: a paper prints
    that it did.

    Parameters
    ----------
    frame : MapFrame
        See `condensekit.pictures.map_frame`.
    """
    rows, columns = frame.log_error.shape
    figure = Figure(figsize=(2.6 + 0.5 * columns, 2.2 + 0.45 * rows), layout="constrained")
    axes = figure.subplots()
    shown = np.clip(frame.log_error, *LOG_ERROR)
    image = axes.imshow(shown, origin="lower", cmap="cividis", aspect="auto")
    image.set_clim(*LOG_ERROR)
    bar = figure.colorbar(image, ax=axes, label="median test error (mean squared error)")
    bar.set_ticks(powers(*LOG_ERROR), labels=[power(int(k)) for k in powers(*LOG_ERROR)])
    edge, height = np.array(frame.border()).T
    axes.plot(edge, height, color="white", lw=5)
    axes.plot(edge, height, "--", color=COLOURS["theory"], lw=3, label=frame.theory())
    y, x = np.nonzero(frame.reached >= 0.5)
    axes.plot(x, y, "o", ms=8, mfc="none", mec="white", mew=1.5, label="reached by training")
    if frame.barred():
        label = "enough samples, but not these"
        at = np.array(frame.barred()).T
        axes.plot(*at, "P", ms=8, mec="white", color=COLOURS["theory"], label=label)
    if frame.printed:
        at = np.array([(mark.x, mark.y) for mark in frame.printed]).T
        label = f"reached in the paper: {frame.papers()}"
        axes.plot(*at, "D", ms=5, mec="white", color=COLOURS["printed"], label=label)
    axes.set_xticks(range(columns), [f"{value:g}" for value in frame.x])
    axes.set_yticks(range(rows), [f"{value:g}" for value in frame.y])
    axes.set(xlabel=frame.x_label, ylabel=frame.y_label)
    axes.set_title(frame.caption, fontsize=10)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, facecolor="#c4c4c4")
    return figure
