"""What a network says of new inputs, in the units of the data it was trained on."""

from typing import Any

from torch import Tensor, from_numpy

from ..arrays import finite
from ..derivatives import evaluate
from ..training import Run
from ..words import many

__all__ = ["predict"]


def predict(run: Run, x: Any, index: int = -1) -> Tensor:
    """Outputs of a trained network at new inputs; both are in the units of the data, scaled or not.

    Parameters
    ----------
    run : Run
        The run.
    x : array, shape [N, d], or [N] for one input
        The new inputs, in the order of the columns of the data.
    index : int
        The recorded step; the last one by default.

    Returns
    -------
    Tensor, shape [N, ...]

    Raises
    ------
    ValueError
        If these are no finite numbers, or inputs of another number of coordinates.

    Examples
    --------
    >>> import condensekit as ck
    >>> area, price = [50.0, 70.0, 90.0, 110.0], [100e3, 140e3, 180e3, 220e3]
    >>> houses = ck.own_data(area, price, scale=True)
    >>> flow = ck.GradientFlow(stop_loss=1e-10)
    >>> run = ck.train(ck.Experiment(ck.TwoLayer(1, 10), houses, flow, n_samples=4, init_std=0.1))
    >>> [round(float(y), -2) for y in ck.predict(run, [50.0, 110.0])]
    [100000.0, 220000.0]
    """
    if not isinstance(run, Run):
        raise ValueError(f"predict asks one Run, but has a {type(run).__name__}.")
    problem, model, array = run.experiment.problem, run.experiment.model, finite(x, "x")
    rows = array[:, None] if array.ndim == 1 and model.input_dim == 1 else array
    if rows.ndim != 2 or rows.shape[1] != model.input_dim or not len(rows):
        raise ValueError(
            f"x must have shape [N, d] with {many(model.input_dim, 'coordinate')} d, but has "
            f"{[*array.shape]}."
        )
    seen = problem.standardized(from_numpy(rows))
    return problem.in_units(seen, evaluate(model, run.at(index), seen.to(model.dtype)))[1]
