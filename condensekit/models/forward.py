"""The forward of a module of torch: what it must be, and what is said where it is not."""

import copy
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..defaults import torch_defaults

__all__ = ["Forward", "check_parameters", "in_double", "made_weights", "trained_parameters"]

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
"""Numbers of parameters; others are refused."""

_ROWS = 3
"""Inputs on which a forward is tried."""
_ERRORS = (
    *(RuntimeError, TypeError, ValueError, AttributeError, LookupError),
    *(ArithmeticError, AssertionError),
)
_DO = "wrap it in a module of your own, whose forward takes and gives that"


def trained_parameters(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that are trained, by their names in the module: those that are not frozen."""
    return {name: leaf for name, leaf in module.named_parameters() if leaf.requires_grad}


def check_parameters(module: nn.Module) -> None:
    """Raise a ValueError if the parameters of a module cannot be those of a model."""
    if isinstance(module, torch.jit.ScriptModule):
        raise ValueError(
            "FromModule needs a module in Python, but this is one of TorchScript: wrap the "
            "module that it was made of."
        )
    leaves, trained = dict(module.named_parameters()), trained_parameters(module)
    for name, leaf in [*leaves.items(), *module.named_buffers()]:
        if is_lazy(leaf):
            raise ValueError(
                f"FromModule needs parameters with a shape, but {name!r} waits for a first input: "
                "call the module once, on a batch of inputs."
            )
        if leaf.is_meta:
            raise ValueError(
                f"FromModule needs parameters with values, but {name!r} is on the device meta: "
                "give it some, by to_empty and load_state_dict."
            )
    if leaves and not trained:
        raise ValueError(
            "FromModule needs a parameter to train, but all are frozen: say "
            "requires_grad_(True) of those that may move."
        )
    kinds = {leaf.dtype: name for name, leaf in trained.items()}
    for kind, name in kinds.items():
        if kind not in FLOATS:
            raise ValueError(
                f"FromModule needs parameters of float32 or float64, but {name!r} is of "
                f"{_short(kind)}: say module.double(), or module.float()."
            )
    if len(kinds) > 1:
        told = " and ".join(f"{name!r} of {_short(kind)}" for kind, name in kinds.items())
        raise ValueError(
            f"FromModule needs parameters of one kind, float32 or float64, but there are {told}: "
            "say module.double(), or module.float()."
        )


def _short(kind: torch.dtype) -> str:
    return str(kind).removeprefix("torch.")


class Forward:
    """A module in evaluation mode as a function of its parameters.

    It is a copy on the CPU, without what `torch.compile` and `torch.nn.DataParallel` put around it.

    Attributes
    ----------
    network : torch.nn.Module
        The copy; its parameters are those that the module had, and do not move.
    whole : bool
        Whether it reads whole numbers, as an embedding does.
    output_shape : tuple of int
        Shape of the output for one input; a single number has the shape ().
    """

    @torch_defaults()
    def __init__(self, module: nn.Module, input_shape: tuple[int, ...], dtype: torch.dtype) -> None:
        self._kind, self._shape, self._dtype = type(module).__name__, input_shape, dtype
        self.whole = False
        self.output_shape: tuple[int, ...] = ()
        self.network = _bare(_copied(module)).eval().requires_grad_(False)
        pairs = zip(module.named_parameters(), self.network.named_parameters(), strict=True)
        self._names = {name: own for (name, _), (own, _) in pairs}

    def __call__(self, params: Mapping[str, Tensor], x: Tensor) -> Tensor:
        """Outputs [n, ...] for inputs `x` of shape [n, *input_shape], which are left alone."""
        own = {self._names[name]: leaf for name, leaf in params.items()}
        kind = next(iter(params.values())).dtype
        if self.whole and not torch.equal(x, x.round()):
            raise self._refusal("is given others", "round them")
        inputs = x.to(torch.long if self.whole else kind, copy=True)
        try:
            found: Tensor = torch.func.functional_call(self.network, own, (inputs,))
        except _ERRORS as error:
            what = f"ends in {type(error).__name__} ({_first_line(error)})"
            raise self._refusal(what, f"say another input_shape, or {_DO}") from error
        self._check_output(found, len(x))
        return found

    def weight(self, params: Mapping[str, Tensor], owner: str) -> Tensor:
        """The weight with which a layer works, where it is made of parameters."""
        own = {f"network.{self._names[name]}": leaf for name, leaf in params.items()}
        made: Tensor = torch.func.functional_call(_Weight(self.network, owner), own, ())
        return made.detach().clone()

    def constant(self, name: str) -> Tensor:
        """A parameter that does not move."""
        return self.network.get_parameter(self._names[name]).clone()

    @torch_defaults()
    def trial(self, params: Mapping[str, Tensor]) -> None:
        """Find out `output_shape` and `whole`, on a few inputs; a ValueError says what is wrong."""
        draw, shape = torch.Generator().manual_seed(0), (_ROWS, *self._shape)
        drawn = torch.randn(shape, generator=draw, dtype=torch.float64, device="cpu")
        try:
            self._try(params, drawn)
        except ValueError as error:
            self.whole = True
            try:
                self._try(params, torch.randint(2, shape, generator=draw, device="cpu"))
            except ValueError:
                if any(isinstance(part, nn.Embedding) for part in self.network.modules()):
                    raise
                raise error from error.__cause__

    def _try(self, params: Mapping[str, Tensor], x: Tensor) -> None:
        """Call it three times and pull at its outputs: what is wrong is said here, and once."""
        leaves = {name: leaf.detach().clone().requires_grad_() for name, leaf in params.items()}
        state = torch.get_rng_state()
        try:
            found, moved = self(leaves, x), not torch.equal(state, torch.get_rng_state())
            torch.set_rng_state(state)
            again, moved_again = self(leaves, x), not torch.equal(state, torch.get_rng_state())
            alone = self(leaves, x[-1:])
        finally:
            torch.set_rng_state(state)
        if moved and moved_again:
            raise self._refusal(
                "draws random numbers", "draw them in training mode only, as torch.nn.Dropout does"
            )
        if not torch.equal(found.nan_to_num(), again.nan_to_num()):
            raise self._refusal("gives other outputs for the same inputs", "let it keep nothing")
        if any(
            not torch.equal(leaf.nan_to_num(), params[n].nan_to_num()) for n, leaf in leaves.items()
        ):
            raise self._refusal("changes its own parameters", "leave them alone there")
        if alone.numel() != found[-1].numel():
            raise self._refusal(f"gives {[*alone.shape]} for {[1, *self._shape]}")
        apart, size = (found[-1] - alone.view_as(found[-1])).abs().max(), found.abs().max()
        if bool(size.isfinite()) and bool(apart > torch.finfo(found.dtype).eps ** 0.5 * size):
            raise self._refusal(
                "gives an input another output when others are beside it",
                "let the first axis be that of the batch, as batch_first=True does",
            )
        if not found.requires_grad:
            raise self._refusal(
                "gives outputs without a gradient", "leave out torch.no_grad and detach"
            )
        try:
            pulled = torch.autograd.grad(found.sum(), [*leaves.values()], allow_unused=True)
        except _ERRORS as error:
            raise self._refusal(f"has no gradient ({_first_line(error)})") from error
        idle = [name for name, slope in zip(leaves, pulled, strict=True) if slope is None]
        other = {n: params[n] + 1.0 if n in idle else leaf for n, leaf in params.items()}
        if idle and not torch.equal(self(other, x).nan_to_num(), found.nan_to_num()):
            raise self._refusal(
                f"uses {', '.join(idle)} without a gradient",
                "compute with torch alone and leave out torch.no_grad and detach, or freeze them",
            )
        shape = tuple(found.shape[1:])
        self.output_shape = () if shape == (1,) else shape

    def _check_output(self, found: object, rows: int) -> None:
        if not isinstance(found, Tensor):
            article = "an" if type(found).__name__[0] in "aeiouAEIOU" else "a"
            raise self._refusal(f"gives {article} {type(found).__name__}")
        if not found.is_floating_point():
            raise self._refusal(f"gives a tensor of {_short(found.dtype)}")
        if found.layout is not torch.strided:
            raise self._refusal("gives a sparse tensor", "say to_dense() of it")
        if rows != 1 and (found.ndim == 0 or len(found) != rows):
            raise self._refusal(f"gives {[*found.shape]} for {[rows, *self._shape]}")

    def _refusal(self, what: str, do: str = _DO) -> ValueError:
        numbers = "whole numbers" if self.whole else _short(self._dtype)
        inputs = f"[{', '.join(['n', *map(str, self._shape)])}]"
        return ValueError(
            "FromModule needs one tensor out, batch first, of float32 or float64, for inputs "
            f"{inputs} of {numbers}, but the forward of {self._kind} {what}: {do}."
        )


class _Weight(nn.Module):
    """The weight that a layer of a network has when it is called."""

    def __init__(self, network: nn.Module, owner: str) -> None:
        super().__init__()
        self.network, self._owner = network, owner

    def forward(self) -> Tensor:
        layer = self.network
        for part in self._owner.split("."):  # names of what is not in the copy are passed over
            layer = layer._modules.get(part) or layer
        for hook in layer._forward_pre_hooks.values():
            if type(hook).__module__.startswith("torch.nn.utils."):  # norms and pruning of before
                hook(layer, ())
        return cast(Tensor, layer.weight)


def _bare(module: nn.Module) -> nn.Module:
    """A module without what compiles it or shares it among devices, at any depth."""
    while True:
        if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            module = module.module
        elif isinstance(inner := getattr(module, "_orig_mod", None), nn.Module):
            module = inner
        else:
            break
    for name, part in module._modules.items():
        if part is not None:
            module._modules[name] = _bare(part)
    return module


def in_double(module: nn.Module) -> nn.Module:
    """A copy of a module with all its numbers in float64."""
    return _copied(module).double()


def made_weights(module: nn.Module) -> list[str]:
    """Layers whose weight, with rows, is made of parameters when they are called."""
    names = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    return [
        name
        for name, part in module.named_modules()
        if f"{name}.weight".removeprefix(".") not in names
        and isinstance(weight := getattr(part, "weight", None), Tensor)
        and weight.ndim > 1
    ]


def _copied(module: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(module, _results(module)).cpu()
    except _ERRORS as error:
        raise ValueError(
            f"FromModule needs a module that copy.deepcopy can copy, but {type(module).__name__} "
            f"holds what it cannot ({_first_line(error)}): take that out of the module."
        ) from error


def _results(module: nn.Module) -> dict[int, Tensor]:
    """What old weight_norm and pruning leave in a module: tensors that deepcopy refuses."""
    return {
        id(value): value.detach().clone()
        for part in module.modules()
        for value in vars(part).values()
        if isinstance(value, Tensor) and not value.is_leaf
    }


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0].rstrip(".")
