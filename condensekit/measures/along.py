"""A measure along a run: asked at each recorded step."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..checks import of_kind
from ..training import Run

__all__ = ["along"]

Array = np.ndarray[Any, np.dtype[Any]]

_SAMPLES = ("data", "x", "y")


def along(run: Run, measure: Callable[..., Any]) -> Array:
    """A measure of the network at each recorded step of a run, as an array over time.

    Parameters
    ----------
    run : Run
        The run; the values belong to ``run.step``.
    measure : callable
        ``measure(model, params)`` gives a number or an array, the same shape at all steps. If it
        has to have an argument ``data``, ``x`` or ``y``, it is given the samples of the run, or
        their inputs or labels.

    Returns
    -------
    array, shape [T, ...]

    Raises
    ------
    ValueError
        If the measure asks for something else, or gives no numbers of one shape.

    Examples
    --------
    >>> import condensekit as ck
    >>> steps = ck.Adam(steps=50)
    >>> run = ck.train(ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(), steps, n_samples=9))
    >>> ck.along(run, ck.measures.amplitudes).shape == (len(run), 5)
    True
    >>> ck.along(run, lambda model, params: float(params["w"].norm())).shape == run.step.shape
    True
    """
    if not isinstance(run, Run):
        raise ValueError(f"along asks one Run, but has a {type(run).__name__}.")
    of_kind("measure", measure, Callable, "a function")
    model, more = run.experiment.model, _samples(run, measure)
    values = [_numbers(measure(model, run.at(i), **more)) for i in range(len(run))]
    shapes = list(dict.fromkeys(value.shape for value in values))
    if len(shapes) > 1:
        first, other = ([*shape] for shape in shapes[:2])
        raise ValueError(f"The measure must keep its shape, but has {first}, then {other}.")
    return np.array(values)


def _samples(run: Run, measure: Callable[..., Any]) -> dict[str, Any]:
    """What the measure has to be given besides model and params."""
    try:
        known = [*inspect.signature(measure).parameters.values()]
    except ValueError:  # written in C, so that nothing is known of it
        return {}
    simple = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = [p.name for p in known[2:] if p.kind in simple and p.default is p.empty]
    other = [name for name in names if name not in _SAMPLES]
    if other:
        raise ValueError(
            f"The measure asks for {other[0]!r}, which is not known here: give it, as in "
            f"along(run, lambda model, params: measure(model, params, {other[0]}=...))."
        )
    if not names:
        return {}
    data = run.experiment.data()
    given = {"data": data, "x": data.x, "y": data.y}
    return {name: given[name] for name in names}


def _numbers(value: object) -> Array:
    found = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    if found.dtype.kind not in "biuf":
        raise ValueError(
            f"The measure must give a number or an array, but gives a {type(value).__name__}."
        )
    return found
