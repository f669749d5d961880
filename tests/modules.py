"""Modules of torch as people have them, small ones, for every law of `FromModule`."""

import dataclasses
import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from condensekit import FromModule
from condensekit.problems import Problem, own_data


class Net(nn.Module):
    """Two layers of six inputs, `l` and `o`, around what a forward may be."""

    def __init__(self, forward=None, **more):
        super().__init__()
        self.l, self.o, self.of = nn.Linear(6, 5), nn.Linear(5, 1), forward or plain
        for name, value in more.items():
            setattr(self, name, value)

    def forward(self, x, **more):
        return self.of(self, x, **more)


def plain(net, x):
    return net.o(torch.tanh(net.l(x)))


def in_place(net, x):
    x *= 1.5
    h = net.l(x)
    h += 0.1
    return net.o(torch.tanh(h))


def masked(net, x):
    h = net.l(x)
    h[h < 0] *= 0.1
    return net.o(h)


def chosen(net, x):
    h = net.l(x)
    positive = torch.zeros_like(h)
    positive[h > 0] = h[h > 0]
    return net.o(positive)


class Recurrent(nn.Module):
    def __init__(self, kind, **more):
        super().__init__()
        self.cell, self.o = kind(2, 2, **{"batch_first": True} | more), nn.Linear(2, 1)

    def forward(self, x):
        return self.o(self.cell(x)[0][:, -1])


class OwnRecurrent(nn.Module):
    """As in a course: the state is made in forward, of the numbers that torch has by default."""

    def __init__(self):
        super().__init__()
        self.cell, self.o = nn.Linear(4, 2), nn.Linear(2, 1)

    def forward(self, x):
        h = torch.zeros(len(x), 2)
        for t in range(x.shape[1]):
            h = torch.tanh(self.cell(torch.cat([x[:, t], h], dim=1)))
        return self.o(h)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.again, self.o = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 1)
        self.again.weight = self.first.weight

    def forward(self, x):
        return self.o(torch.tanh(self.again(torch.tanh(self.first(x)))))


class Residual(nn.Module):
    """A block with in-place ReLU, batch norm and a skip."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.o = (
            nn.Conv1d(1, 2, 3, padding=1),
            nn.BatchNorm1d(2),
            nn.Linear(12, 1),
        )
        self.norm.running_mean.add_(0.3)
        self.norm.running_var.mul_(2.0)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.o(self.relu(self.norm(self.conv(x)) + x).flatten(1))


def changed(change, make=Net):
    """A module that something was done to."""
    net = make()
    change(net)
    return net


def _called(net):
    net(torch.zeros(1, 6))


def _of_old(layer):
    """As in code of before: torch only says that there is another one now."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        weight_norm(layer)


def _with_buffer(net):
    net.register_buffer("scale", torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0]))


@dataclasses.dataclass(frozen=True)
class ModuleCase:
    """A module and the layer that is measured.

    Attributes
    ----------
    make : callable
        The module, with weights that the global generator draws.
    n_parameters : int
        Those that are trained, counted by hand.
    weight : callable
        From the module after a call to the weight with which the layer works.
    lawful : bool
        Whether all laws of models hold: it reads any numbers, uses all parameters, and is smooth.
    compiled : bool
        Whether `torch.compile` has part in it, which takes seconds.
    """

    make: Callable[[], nn.Module]
    layer: str
    n_parameters: int
    weight: Callable[[nn.Module], torch.Tensor] = lambda net: net.l.weight
    input_shape: tuple[int, ...] = (6,)
    whole: bool = False
    lawful: bool = True
    compiled: bool = False

    def module(self, dtype: torch.dtype = torch.float32) -> nn.Module:
        """The same weights each time, in evaluation mode, as a user would compare it."""
        with torch.random.fork_rng():
            torch.manual_seed(7)
            return self.make().to(dtype).eval()

    def model(self, dtype: torch.dtype = torch.float32) -> FromModule:
        return FromModule(self.module(dtype), self.layer, self.input_shape)

    @property
    def problem(self) -> Problem:
        return WORDS if self.whole else NUMBERS


_DRAW = np.random.default_rng(3)
NUMBERS = own_data(_DRAW.normal(size=(30, 6)), _DRAW.normal(size=30))
WORDS = own_data(_DRAW.integers(0, 4, (30, 6)).astype(float), _DRAW.normal(size=30))

_NET = 6 * 5 + 5 + 5 + 1
PEOPLE = {
    "layers in a row": ModuleCase(
        lambda: nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 1)),
        "0",
        33,
        lambda m: m[0].weight,
    ),
    "dropout and batch norm": ModuleCase(
        lambda: nn.Sequential(
            nn.Linear(6, 3), nn.BatchNorm1d(3), nn.Dropout(), nn.SiLU(), nn.Linear(3, 1)
        ),
        "0",
        31,
        lambda m: m[0].weight,
    ),
    "layer norm": ModuleCase(
        lambda: nn.Sequential(nn.Linear(6, 3), nn.LayerNorm(3), nn.GELU(), nn.Linear(3, 1)),
        "3",
        31,
        lambda m: m[3].weight,
    ),
    "ReLU in place first": ModuleCase(
        lambda: nn.Sequential(nn.ReLU(inplace=True), nn.Linear(6, 3), nn.Linear(3, 1)),
        "1",
        25,
        lambda m: m[1].weight,
    ),
    "an image": ModuleCase(
        lambda: nn.Sequential(nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(4, 1)),
        "0",
        15,
        lambda m: m[0].weight,
        (1, 2, 3),
    ),
    "residual": ModuleCase(
        Residual, "conv", 8 + 4 + 13, lambda m: m.conv.weight, (1, 6), lawful=False
    ),
    "in place": ModuleCase(lambda: Net(in_place), "l", _NET),
    "a mask": ModuleCase(lambda: Net(masked), "l", _NET, lawful=False),
    "chosen entries": ModuleCase(lambda: Net(chosen), "l", _NET, lawful=False),
    "squeezed": ModuleCase(lambda: Net(lambda net, x: plain(net, x).squeeze()), "l", _NET),
    "a parameter that is not used": ModuleCase(
        lambda: Net(other=nn.Linear(2, 2)), "l", _NET + 6, lawful=False
    ),
    "a buffer": ModuleCase(
        lambda: changed(
            _with_buffer, lambda: Net(lambda net, x: net.o(torch.tanh(net.scale * net.l(x))))
        ),
        "l",
        _NET,
    ),
    "a hook": ModuleCase(
        lambda: changed(lambda net: net.l.register_forward_hook(lambda m, i, out: 2 * out)),
        "l",
        _NET,
    ),
    "a frozen layer": ModuleCase(lambda: changed(lambda net: net.l.requires_grad_(False)), "l", 6),
    "a frozen bias": ModuleCase(
        lambda: changed(lambda net: net.l.bias.requires_grad_(False)),
        "l",
        _NET - 5,
    ),
    "tied": ModuleCase(Tied, "again", 36 + 12 + 7, lambda m: m.first.weight),
    "LSTM": ModuleCase(
        lambda: Recurrent(nn.LSTM), "cell.weight_ih_l0", 51, lambda m: m.cell.weight_ih_l0, (3, 2)
    ),
    "GRU of two directions": ModuleCase(
        lambda: changed(
            lambda m: setattr(m, "o", nn.Linear(4, 1)),
            lambda: Recurrent(nn.GRU, bidirectional=True),
        ),
        "o",
        77,
        lambda m: m.o.weight,
        (3, 2),
    ),
    "a recurrent layer of one's own": ModuleCase(
        OwnRecurrent, "cell", 13, lambda m: m.cell.weight, (3, 2)
    ),
    "attention": ModuleCase(
        lambda: nn.Sequential(
            nn.TransformerEncoderLayer(2, 1, 3, batch_first=True), nn.Flatten(), nn.Linear(6, 1)
        ),
        "0.self_attn",
        56,
        lambda m: m[0].self_attn.in_proj_weight,
        (3, 2),
    ),
    "an embedding": ModuleCase(
        lambda: nn.Sequential(nn.Embedding(4, 2), nn.Flatten(), nn.Linear(12, 1)),
        "0",
        21,
        lambda m: m[0].weight,
        whole=True,
        lawful=False,
    ),
    "weight_norm": ModuleCase(
        lambda: changed(lambda net: parametrizations.weight_norm(net.l)),
        "l",
        _NET + 5,
    ),
    "old weight_norm": ModuleCase(lambda: changed(lambda net: _of_old(net.l)), "l", _NET + 5),
    "orthogonal": ModuleCase(
        lambda: changed(lambda net: parametrizations.orthogonal(net.l)),
        "l",
        _NET,
    ),
    "spectral_norm": ModuleCase(
        lambda: changed(lambda net: parametrizations.spectral_norm(net.l)),
        "l",
        _NET,
    ),
    "old spectral_norm": ModuleCase(lambda: changed(lambda net: spectral_norm(net.l)), "l", _NET),
    "pruned": ModuleCase(
        lambda: changed(lambda net: prune.l1_unstructured(net.l, "weight", 0.5)),
        "l",
        _NET,
    ),
    "lazy, and called": ModuleCase(
        lambda: changed(
            _called, lambda: nn.Sequential(nn.LazyLinear(3), nn.Tanh(), nn.LazyLinear(1))
        ),
        "0",
        25,
        lambda m: m[0].weight,
    ),
    "DataParallel": ModuleCase(
        lambda: nn.DataParallel(Net()), "module.l", _NET, lambda m: m.module.l.weight
    ),
    "compiled": ModuleCase(
        lambda: torch.compile(Net(), backend="eager"),
        "_orig_mod.l",
        _NET,
        lambda m: m._orig_mod.l.weight,
        lawful=False,
        compiled=True,
    ),
    "a compiled part": ModuleCase(
        lambda: changed(lambda net: setattr(net, "l", torch.compile(net.l, backend="eager"))),
        "l._orig_mod",
        _NET,
        lambda m: m.l._orig_mod.weight,
        lawful=False,
        compiled=True,
    ),
}
"""What works."""
