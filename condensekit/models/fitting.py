"""What fits a model: parameters of one network or of a batch, and inputs."""

from torch import Tensor

from ..checks import of_kind
from .base import Model, Params

__all__ = [
    "check_batch",
    "check_inputs",
    "check_leaf",
    "check_network",
    "check_networks",
    "check_params",
    "check_point",
    "check_target",
]


def check_params(model: Model, params: Params) -> None:
    """Raise a ValueError unless `params` are finite parameters of one network of `model`."""
    check_network(model, params)
    for name, leaf in params.items():
        if not bool(leaf.isfinite().all()):
            raise ValueError(f"params[{name!r}] must be finite, but holds NaN or infinity.")


def check_network(model: Model, params: Params, called: str = "params") -> None:
    """Raise a ValueError unless `params` are those of one network of `model`."""
    for name, shape in _leaves(model, params, called).items():
        _check_shape(f"{called}[{name!r}]", params[name], shape)


def check_leaf(model: Model, params: Params, name: str) -> None:
    """Raise a ValueError unless one of the parameters of a network is there; for parts of files."""
    if name not in params:
        held = ", ".join(map(str, params)) or "nothing"
        raise ValueError(f"params must hold {name}, but hold {held}.")
    _check_shape(f"params[{name!r}]", params[name], model.shapes()[name])


def check_point(model: Model, params: Params, x: Tensor) -> None:
    """Raise a ValueError unless `params` are of one network, and `x` inputs [n, d] for it."""
    check_network(model, params)
    check_inputs(model, x)
    if x.ndim != 2:
        raise ValueError(f"x must have shape [n, {model.input_dim}], but has {[*x.shape]}.")


def check_target(target: Model, params: Params) -> None:
    """Raise a ValueError unless `params` are finite parameters of one network of `target`."""
    check_params(target, params)


def check_networks(model: Model, params: Params, x: Tensor) -> None:
    """Raise a ValueError unless `params` are of one network or of a batch, and `x` their inputs."""
    check_batch(model, params)
    check_inputs(model, x)


def check_batch(model: Model, params: Params) -> None:
    """Raise a ValueError unless `params` are of one network of `model`, or of a batch of them."""
    shapes = _leaves(model, params, "params")
    batches = {name: _leading(params[name], shape) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        if batches[name] is None or batches[name] != batches[next(iter(shapes))]:
            raise ValueError(
                f"params[{name!r}] must have shape {[*shape]}, after the axes of a batch that all "
                f"share, but has {[*params[name].shape]}."
            )


def check_inputs(model: Model, x: Tensor) -> None:
    """Raise a ValueError unless `x` are inputs of `model`, [n, d] or, for a batch, [..., n, d]."""
    if x.ndim < 2 or x.shape[-1] != model.input_dim:
        raise ValueError(f"x must have shape [n, {model.input_dim}], but has {[*x.shape]}.")


def _leaves(model: Model, params: Params, called: str) -> dict[str, tuple[int, ...]]:
    """The shapes of the parameters; a ValueError unless `params` are tensors by these names."""
    shapes = model.shapes()
    of_kind(called, params, dict, "a dict of tensors by name")
    if params.keys() != shapes.keys():
        held = ", ".join(map(str, params)) or "nothing"
        raise ValueError(f"{called} must hold {', '.join(shapes)}, but hold {held}.")
    for name, leaf in params.items():
        of_kind(f"{called}[{name!r}]", leaf, Tensor)
    return shapes


def _check_shape(called: str, leaf: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(leaf.shape) != shape:
        raise ValueError(f"{called} must have shape {[*shape]}, but has {[*leaf.shape]}.")


def _leading(leaf: Tensor, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes of a batch; None if what follows them is another shape."""
    leading = leaf.ndim - len(shape)
    fits = leading >= 0 and tuple(leaf.shape[leading:]) == shape
    return tuple(leaf.shape[:leading]) if fits else None
