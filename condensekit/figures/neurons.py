"""What neurons are: their function, their places in a plane, and where they run to."""

import math

import numpy as np
from matplotlib.axes import Axes

from ..frames import COLOURS, GROUPS, FitFrame, NeuronFrame, PlaneFrame, RunawayFrame
from .draw import draw, legend, line, linear, logs, names, title

__all__: list[str] = []

_TURN = {-math.pi: "-π", -math.pi / 2: "-π/2", 0.0: "0", math.pi / 2: "π/2", math.pi: "π"}
_DOT = 3.5  # points


@draw.register
def _fit(frame: FitFrame, axes: Axes) -> None:
    line(axes, frame.x, frame.target, COLOURS["target"], "target", width=6.0)
    black = COLOURS["sample"]
    axes.plot(frame.sample_x, frame.sample_y, "o", color=black, ms=_DOT, label="samples")
    line(axes, frame.x, frame.network, COLOURS["network"], "network")
    if frame.merged is not None:
        line(axes, frame.x, frame.merged, COLOURS["theory"], "merged", "dashed")
    linear(axes, "x", frame.x_range)
    linear(axes, "y", frame.y_range)
    axes.set(xlabel="input x", ylabel="output f(x)")
    title(axes, "Fit", frame.caption)
    legend(axes)


@draw.register
def _neurons(frame: NeuronFrame, axes: Axes) -> None:
    shades = [COLOURS["inactive"], *GROUPS, COLOURS["others"]]
    shown = np.minimum(frame.group + 1, len(shades) - 1)
    texts = {0: "inactive", 1: "1st group", 2: "2nd", 3: "3rd …"}
    for k, colour in enumerate(shades):
        at = shown == k
        if at.any():
            place = frame.angle[at], frame.log_amplitude[at]
            axes.scatter(*place, s=18, color=colour, alpha=0.75, lw=0, label=texts.get(k))
    names(axes, "x", (-1.06 * math.pi, 1.06 * math.pi), _TURN)
    logs(axes, "y", frame.log_range)
    axes.set(xlabel="orientation: angle of (w, b)", ylabel="amplitude |a| |(w, b)|")
    title(axes, "Neurons", frame.caption)
    legend(axes)


@draw.register
def _plane(frame: PlaneFrame, axes: Axes) -> None:
    blue, orange = COLOURS["network"], COLOURS["last"]
    axes.plot(frame.ways[:, :, 0].T, frame.ways[:, :, 1].T, color=orange, lw=0.8, alpha=0.5)
    axes.plot(*frame.on.T, "o", mfc="none", mec=blue, ms=8, mew=1.5, label="on the set")
    axes.plot(*frame.off.T, "o", color=orange, ms=5, label="pushed off")
    linear(axes, "x", frame.x_range)
    linear(axes, "y", frame.y_range)
    axes.set(xlabel=frame.x_label, ylabel=frame.y_label)
    title(axes, "Units", frame.caption)
    legend(axes)


@draw.register
def _runaway(frame: RunawayFrame, axes: Axes) -> None:
    """Two pictures: each neuron in an upper one of its own, their sum below."""
    far = axes.inset_axes((0.0, 0.56, 1.0, 0.44))
    near = axes.inset_axes((0.0, 0.0, 1.0, 0.44))
    axes.axis("off")
    for neuron, colour in zip(frame.neurons, GROUPS * len(frame.neurons), strict=False):
        line(far, frame.x, neuron, colour)
    black = COLOURS["sample"]
    near.plot(frame.sample_x, frame.sample_y, "o", color=black, ms=_DOT, label="samples")
    polynomial = "best odd polynomial with as many terms"
    limit = np.clip(frame.limit, *frame.near_range)
    line(near, frame.x, limit, COLOURS["theory"], polynomial, "dashed")
    line(near, frame.x, frame.total, COLOURS["network"], "sum")
    for part, label, bounds in (
        (far, "each merged neuron", frame.y_range),
        (near, "their sum", frame.near_range),
    ):
        linear(part, "x", frame.x_range)
        linear(part, "y", bounds)
        part.set_ylabel(label)
    near.set_xlabel("input x")
    title(axes, "Runaway", frame.caption)
    legend(near)
