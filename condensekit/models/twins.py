"""The lines of a model in plain torch: how it starts, and its formula for all samples at once."""

import dataclasses
import functools
import math
import textwrap

import torch

from ..expressions import arguments, expressed, expression
from .attention import Attention, Transformer
from .base import Model
from .convolution import TwoLayerConv
from .deep import Deep
from .factorization import MatrixFactorization
from .image import Conv
from .module import FromModule
from .planes import Plane, ProductPlane
from .scaled import ScaledTwoLayer
from .two_layer import TwoLayer

__all__ = ["Written", "formula_lines", "kind_of_numbers", "start_lines"]


@dataclasses.dataclass(frozen=True)
class Written:
    """The formula of a model as lines, for all samples at once.

    Attributes
    ----------
    outputs : str
        The expression of the outputs [n, ...].
    inside : tuple of str
        What goes before it; here ``x`` is all inputs [n, d].
    before : tuple of str
        What is said once.
    named : tuple of str
        The parameters by name; without names they are ``leaves``.
    """

    outputs: str
    inside: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def kind_of_numbers(model: Model) -> str:
    """The type of a model's numbers; the lines call float64 by a short name."""
    return "f64" if model.dtype == torch.float64 else str(model.dtype)


# How it starts -----------------------------------------------------------------------------------


@functools.singledispatch
def start_lines(model: Model, std: float) -> list[str]:
    """Lines that draw the parameters with standard deviation `std` from the generator ``draw``."""
    return [
        "import condensekit as ck",
        f"model = {expression(model)}  # for its start and its formula",
        f"start = model.init(draw, {std!r})",
        "names, leaves = [*start], [*start.values()]",
    ]


@start_lines.register(TwoLayer)
@start_lines.register(Deep)
@start_lines.register(TwoLayerConv)
@start_lines.register(MatrixFactorization)
@start_lines.register(Plane)
@start_lines.register(ProductPlane)
@start_lines.register(Attention)
def _drawn(model: Model, std: float) -> list[str]:
    return [
        f"{name} = {std!r} * torch.randn({shape}, generator=draw, dtype=f64)"
        for name, shape in model.shapes().items()
    ]


@start_lines.register
def _scaled_start(model: ScaledTwoLayer, std: float) -> list[str]:
    lines = []
    for name, shape in model.shapes().items():
        drawn = f"{std!r} * torch.randn({shape}, generator=draw, dtype=f64)"
        lines.append(f"{name} = {model.scales[name]!r} * ({drawn})")
        if model.antisymmetric:  # the second half of the neurons mirrors the first
            half, sign = f"{name}[:{model.m // 2}]", "-" * (name == "a")
            lines.append(f"{name} = torch.cat([{half}, {sign}{half}])")
    return lines


@start_lines.register
def _image_start(model: Conv, std: float) -> list[str]:
    """Biases are drawn too, and are zero all the same; numbers are rounded to float32."""
    lines = []
    for name, shape in model.shapes().items():
        scale = std / math.sqrt(shape[-1]) if model.fan_in else std
        scale = scale if len(shape) > 1 else 0.0
        drawn = f"torch.randn({shape}, generator=draw, dtype=f64)"
        lines.append(f"{name} = ({scale!r} * {drawn}).float()")
    return lines


@start_lines.register
def _transformer_start(model: Transformer, std: float) -> list[str]:
    d = max(2, model.d_model)
    gamma, kind = -math.log(std) / math.log(d), kind_of_numbers(model)
    return [
        *textwrap.wrap(f"shapes = {model.shapes()!r}", 96, subsequent_indent="    "),
        "start = {}",
        "for name, shape in shapes.items():",
        '    if name[0] in "bcg":  # biases start at zero, gains at one',
        f'        start[name] = torch.full(shape, float(name[0] == "g"), dtype={kind})',
        "    else:",
        f'        reads = {{"WO": {model.d_head}, "W2": {model.d_ff}}}.get(name[:2], {d})',
        "        drawn = torch.randn(shape, generator=draw, dtype=f64)",
        f"        start[name] = (max(2, reads) ** {-gamma!r} * drawn).to({kind})",
        "names, leaves = [*start], [*start.values()]",
    ]


@start_lines.register
def _module_start(model: FromModule, std: float) -> list[str]:
    drawn = f"{std!r} * torch.randn(p.shape, generator=draw, dtype=f64)"
    return [
        "import copy",
        "net = copy.deepcopy(module).eval()  # your module",
        "names = [name for name, p in net.named_parameters() if p.requires_grad]",
        "moving = [p for p in net.parameters() if p.requires_grad]",
        f"leaves = [({drawn}).to({kind_of_numbers(model)}) for p in moving]",
    ]


# Its formula -------------------------------------------------------------------------------------

_NN = "nn = torch.nn.functional"


@functools.singledispatch
def formula_lines(model: Model) -> Written:
    """The formula of a model in plain torch; of a model of the reader's own, the formula itself."""
    call = "model(dict(zip(names, leaves)), x)"
    if not model.broadcasts:
        call = "torch.vmap(model, in_dims=(None, 0))(dict(zip(names, leaves)), x)"
    return Written(call)


def _names(model: Model) -> tuple[str, ...]:
    return tuple(model.shapes())


@formula_lines.register
def _two_layer(model: TwoLayer) -> Written:
    return Written(
        "hidden @ a",
        (f"hidden = act(x @ w.T{' + b' if model.bias else ''})",),
        _function(model.activation),
        _names(model),
    )


@formula_lines.register
def _deep(model: Deep) -> Written:
    h, lines = "x", []
    for layer in range(model.layers):
        lines.append(f"h = act({h} @ w{layer}.T{f' + b{layer}' if model.bias else ''})")
        h = "h"
    outputs = "(h @ a + c)" if model.output_bias else "h @ a"
    return Written(outputs, tuple(lines), _function(model.activation), _names(model))


@formula_lines.register
def _convolution(model: TwoLayerConv) -> Written:
    side, s = model.side, model.size
    patches = f"x.unfold(1, {s}, 1)"
    if model.dims == 2:
        square = f"x.view(-1, {side}, {side})"
        patches = f"{square}.unfold(1, {s}, 1).unfold(2, {s}, 1).flatten(3).flatten(1, 2)"
    sums = "nps,ks->nkp" if model.sharing else "nps,kps->nkp"
    bias = (" + b[:, None]" if model.sharing else " + b") if model.bias else ""
    return Written(
        "(a * hidden).sum(dim=(1, 2))",
        (f"patches = {patches}", f'hidden = act(torch.einsum("{sums}", patches, w){bias})'),
        _function(model.activation),
        _names(model),
    )


@formula_lines.register
def _factorization(model: MatrixFactorization) -> Written:
    return Written(
        "((u @ A) * (v @ B.T)).sum(dim=1)",
        (f"u, v = x[:, :{model.rows}], x[:, {model.rows}:]",),
        named=_names(model),
    )


@formula_lines.register
def _plane(model: Plane) -> Written:
    return Written("(t[0] + t[1] * x[:, 0] + t[2] * x[:, 1])", named=_names(model))


@formula_lines.register
def _product_plane(model: ProductPlane) -> Written:
    return Written("(t[0] + t[1] * x[:, 0] + t[2] * t[3] * x[:, 1])", named=_names(model))


@formula_lines.register
def _image(model: Conv) -> Written:
    k, s, channels = model.kernels, model.size, 1
    lines = [f"h = x.view(-1, 1, {model.side}, {model.side})"]
    for w, b in (("w", "b"), ("w2", "b2"))[: model.layers]:
        kernels = f"{w}.view({k}, {channels}, {s}, {s})"
        lines.append(f"h = act(nn.conv2d(h, {kernels}, {b}, stride={model.stride}))")
        channels = k
    lines.append(f"h = nn.avg_pool2d(h, {model.pool}).flatten(1)")
    if model.hidden:
        lines.append("h = act(h @ u.T + e)")
    before = (*_function(model.activation), _NN)
    return Written("h @ v.T + c", tuple(lines), before, _names(model))


@formula_lines.register
def _attention(model: Attention) -> Written:
    lines = (
        f"X = x.view(-1, {model.tokens}, {model.d_model})",
        'Q, K, V = (torch.einsum("ntd,hdk->nhtk", X, W) for W in (WQ, WK, WV))',
        "mixed = nn.scaled_dot_product_attention(Q, K, V)",
    )
    outputs = 'torch.einsum("nhtk,hdk->ntd", mixed, WO)'
    return Written(outputs, lines, (_NN,), _names(model))


_TRANSFORMER = """\
p = dict(zip(names, leaves))
h = p["E"][x.long()] + p["P"]
for l in range({layers}):
    Q, K, V = (
        torch.einsum("ntd,hdk->nhtk", h, p[f"W{{m}}{{l}}"]) + p[f"b{{m}}{{l}}"][:, None]
        for m in "QKV"
    )
    mixed = nn.scaled_dot_product_attention(Q, K, V, is_causal=True)
    h = h + torch.einsum("nhtk,hdk->ntd", mixed, p[f"WO{{l}}"]) + p[f"bO{{l}}"]
    h = nn.layer_norm(h, h.shape[-1:], p[f"g1{{l}}"], p[f"c1{{l}}"])
    inner = nn.relu(nn.linear(h, p[f"W1{{l}}"], p[f"b1{{l}}"]))
    h = h + nn.linear(inner, p[f"W2{{l}}"], p[f"b2{{l}}"])
    h = nn.layer_norm(h, h.shape[-1:], p[f"g2{{l}}"], p[f"c2{{l}}"])"""


@formula_lines.register
def _transformer(model: Transformer) -> Written:
    lines = _TRANSFORMER.format(layers=model.layers).splitlines()
    return Written('nn.linear(h[:, -1], p["U"], p["c"])', tuple(lines), (_NN,))


@formula_lines.register
def _module(model: FromModule) -> Written:
    shape = ", ".join(map(str, model.input_shape))
    inputs = f"x{'.long()' if model.whole else ''}.reshape(-1, {shape}).clone()"
    call = f"torch.func.functional_call(net, dict(zip(names, leaves)), {inputs})"
    return Written(call if model.output_shape else f"{call}.reshape(-1)")


def _function(name: str) -> tuple[str, ...]:
    """The activation in torch; one of the reader's own as it is registered where this is run."""
    if name in _FUNCTIONS:
        return (_FUNCTIONS[name],)
    return (
        "from condensekit.activations import activation  # for yours alone",
        f"act = activation({name!r}).torch",
    )


_FUNCTIONS = {
    "tanh": "act = torch.tanh",
    "relu": "act = torch.relu",
    "sigmoid": "act = torch.sigmoid",
    "softplus": "act = lambda z: torch.logaddexp(z, torch.zeros_like(z))",
    "xtanh": "act = lambda z: z * torch.tanh(z)",
    "x2tanh": "act = lambda z: z**2 * torch.tanh(z)",
    "square": "act = torch.square",
}


# The expression that builds it -------------------------------------------------------------------


@expressed.register
def _two_layer_expression(model: TwoLayer) -> str:
    named = "" if model.bias else ", bias=False"
    return f'ck.TwoLayer({model.d}, {model.m}, "{model.activation}"{named})'


@expressed.register
def _scaled_expression(model: ScaledTwoLayer) -> str:
    return f"ck.ScaledTwoLayer({arguments(model)})"


@expressed.register
def _image_expression(model: Conv) -> str:
    return f"ck.Conv({arguments(model)})"


@expressed.register
def _module_expression(model: FromModule) -> str:
    """The module is the reader's: it has the name ``module`` where this is run."""
    return f"ck.FromModule(module, {model.layer!r}, input_shape={model.input_shape!r})"
