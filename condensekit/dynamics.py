"""Dynamics: what happened along a run. Plateaus, escapes and splits; how steep its way was."""

import dataclasses
from typing import Any

import numpy as np

from .derivatives import Landscape
from .measures import groups
from .training import Run

__all__ = ["Event", "descent_steps", "events", "followed_until", "sharpness"]

Array = np.ndarray[Any, np.dtype[Any]]

FALL = 0.05
"""On a plateau the loss falls by at most this share ..."""
LAST = 2.0
"""... while the time since the escape before it grows at least by this factor."""
STEADY = 3
"""A number of groups counts if it is seen at so many recorded steps in a row."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes
    ----------
    kind : str
        ``"plateau"`` (it begins), ``"escape"`` (it ends), ``"split"`` (one more group of equal
        active neurons, or of what is counted) or ``"gather"`` (what is counted is fewest).
    index : int
        Where, among the recorded steps.
    time : float
        When, as the optimizer counts.
    text : str
        The same in a sentence.
    """

    kind: str
    index: int
    time: float
    text: str


def events(
    run: Run,
    fall: float = FALL,
    last: float = LAST,
    counts: Array | None = None,
    what: str = "group",
) -> list[Event]:
    """Plateaus, escapes and splits of groups up to the last recorded step, in their order.

    Works on a run that is still being trained as well. A plateau is where the loss falls by at most
    `fall` of itself while the time since the last escape (at first, since the start) grows by the
    factor `last`; the escape is where it has fallen by `fall` more. The definition is ours.

    Parameters
    ----------
    run : Run
        A run, with about 100 recorded steps or more.
    fall : float
        Share of the loss, between 0 and 1.
    last : float
        Factor in time, above 1.
    counts : array of int, shape [T], optional
        What splits, counted at every recorded step: groups of equal neurons if nothing is given,
        or for example what `condensekit.measures.cluster_counts` gives. Its splits are told from
        where it is smallest, which is itself an event if it then is below half of the start.
    what : str
        The name of what is counted.

    Raises
    ------
    ValueError
        If `fall` or `last` is outside its range, or there are not as many `counts` as steps.
    """
    if counts is not None and len(counts) != len(run):
        raise ValueError(f"counts must hold {len(run)} numbers, one a step, not {len(counts)}.")
    if not 0.0 < fall < 1.0:
        raise ValueError(f"fall must be a number between 0 and 1, but is {fall!r}.")
    if not last > 1.0:
        raise ValueError(f"last must be a number above 1, but is {last!r}.")
    found = _plateaus(run, fall, last)
    if counts is None:
        found += _splits(run, _groups(run), what)
    elif len(counts):
        least = int(np.argmin(counts))  # what was random at the start has gathered by then
        if counts[least] < 0.5 * counts[0]:
            end = f"{counts[least]} {what}{'s' * bool(counts[least] != 1)}"
            text = f"{counts[0]} {what}s have become {end} at {run.moment(least)}."
            found.append(Event("gather", least, float(run.time[least]), text))
        splits = _splits(run, counts.tolist(), what)
        found += [event for event in splits if event.index > least]
    return sorted(found, key=lambda event: (event.index, event.kind))


def _plateaus(run: Run, fall: float, last: float) -> list[Event]:
    found: list[Event] = []
    time, loss = run.time, run.loss
    origin, first, level = 0.0, 1, np.nan
    for i in range(1, len(run)):
        if np.isfinite(level):  # on a plateau, whose level sinks slowly with the loss
            if loss[i] < (1.0 - 2.0 * fall) * level:
                text = f"Escape from {level:.3g} at {run.moment(i)}."
                found.append(Event("escape", i, float(time[i]), text))
                origin, first, level = float(time[i]), i + 1, np.nan
            elif time[i] - origin >= last * (time[first] - origin):
                first, level = i, loss[i]
            continue
        while first < i and loss[i] < (1.0 - fall) * loss[first]:
            first += 1
        if first < i and time[i] - origin >= last * (time[first] - origin):
            level = loss[i]
            text = f"Plateau at {level:.3g} from {run.moment(first)}."
            found.append(Event("plateau", first, float(time[first]), text))
            first = i
    return found


def _groups(run: Run) -> list[int]:
    model = run.experiment.model
    try:
        return [int(groups(model, run.at(i)).max()) + 1 for i in range(len(run))]
    except ValueError:  # no neurons, no groups
        return []


def _splits(run: Run, counts: list[int], what: str) -> list[Event]:
    """Where a number grows, over one recorded step or several, and stays grown."""
    steady = [min(counts[i : i + STEADY]) for i in range(len(counts) - STEADY + 1)]
    found: list[Event] = []
    for i in range(1, len(steady)):
        if steady[i] > steady[i - 1] and (i == 1 or steady[i - 1] <= steady[i - 2]):
            end = i
            while end + 1 < len(steady) and steady[end + 1] > steady[end]:
                end += 1
            text = f"{steady[i - 1]} to {steady[end]} {what}s from {run.moment(i)}."
            found.append(Event("split", i, float(run.time[i]), text))
    return found


def sharpness(run: Run, products: int = 12) -> Array:
    """Largest eigenvalue of the Hessian of the training loss at every recorded step, shape [T].

    Gradient descent with learning rate lr can follow the gradient flow only while it is below
    2 / lr. Found by Lanczos' method, started from the gradient: a lower bound that is exact to many
    digits after a few products with the Hessian.

    Parameters
    ----------
    run : Run
        A run with full-batch gradients.
    products : int
        Hessian-vector products, at least 1.

    Raises
    ------
    ValueError
        If the model is too large for its Hessian.
    """
    experiment, data = run.experiment, run.experiment.data()
    theta = np.concatenate(
        [run.params[name].numpy().reshape(len(run), -1) for name in experiment.model.shapes()],
        axis=1,
    )
    found = np.empty(len(run))
    size = max(1, 2**22 // (experiment.n_samples * experiment.model.n_parameters))
    for first in range(0, len(run), size):
        some = slice(first, first + size)
        part = np.ascontiguousarray(theta[some])
        x, y = (leaf.expand(len(part), *leaf.shape) for leaf in (data.x, data.y))
        landscape = Landscape(experiment.model, part, x, y)
        found[some] = _largest(landscape, products)
    return found


def _largest(landscape: Landscape, products: int) -> Array:
    """Lanczos' method for all runs at once: the largest eigenvalue of H on a Krylov space."""
    landscape.loss()
    hessian = landscape.curvature()
    hessian.update()
    basis: list[Array] = []
    vector = landscape.gradient.copy()
    small = np.zeros((len(vector), products, products))
    for k in range(products):
        before = np.sqrt(np.vecdot(vector, vector))[:, None]
        for _ in range(2):  # twice is enough (Giraud et al. 2005)
            for other in basis:
                vector -= np.vecdot(other, vector)[:, None] * other
        length = np.sqrt(np.vecdot(vector, vector))[:, None]
        new = length > 1e-10 * before  # or else rounding is all that is left
        basis.append(np.divide(vector, length, out=np.zeros_like(vector), where=new))
        vector = hessian.product(basis[k])
        for j, other in enumerate(basis):
            small[:, k, j] = np.vecdot(other, vector)
    return np.asarray(np.linalg.eigvalsh(small)[:, -1])  # reads the lower triangle


def followed_until(run: Run, lr: float, steepness: Array | None = None) -> float:
    """Time until which gradient descent with this learning rate can follow the flow.

    The time of the first recorded step with lr > 2 / lambda_max; infinity if there is none.

    Parameters
    ----------
    run : Run
        A run of the gradient flow.
    lr : float
        Learning rate, above 0.
    steepness : array, shape [T], optional
        What `sharpness` found, if it is known.
    """
    if not lr > 0.0:
        raise ValueError(f"lr must be a number above 0, but is {lr!r}.")
    above = sharpness(run) if steepness is None else steepness
    left = np.flatnonzero(lr * above > 2.0)
    return float(run.time[left[0]]) if len(left) else float("inf")


def descent_steps(run: Run, steepness: Array | None = None) -> Array:
    """Steps that gradient descent needs to stay with the flow, at every recorded step, shape [T].

    The integral of lambda_max / 2 over flow time: at each moment the largest learning rate that is
    stable. Piecewise linear between recorded steps.
    """
    above = sharpness(run) if steepness is None else steepness
    pieces = np.diff(run.time) * (above[1:] + above[:-1]) / 4.0
    return np.concatenate([[0.0], np.cumsum(pieces)])
