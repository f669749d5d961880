"""Two-layer networks whose start follows the width, and which may leave out neurons in training."""

import dataclasses
import math

import torch

from ..knobs import knob
from .base import Model, Params
from .two_layer import TwoLayer

__all__ = ["ScaledTwoLayer"]

LARGEST_SCALE = 1e150
"""A scale is at most this, and one over this at least: its square is a number of 64 bits, too."""


@dataclasses.dataclass(frozen=True)
class ScaledTwoLayer(TwoLayer):
    """Two-layer network whose output weights start with one scale and input weights with another.

    Luo, Xu, Ma and Zhang 2021 (JMLR 22(71)) train f(x) = (1/alpha) sum_k a_k act(w_k . x) from
    a ~ N(0, b1^2) and w ~ N(0, b2^2), and find the regime of training at large width m in

        gamma = -log(b1 b2 / alpha) / log m,    gamma' = -log(b1 / b2) / log m.

    Here, a starts with the standard deviation m^(-(gamma + gamma') / 2), and w and b with
    m^(-(gamma - gamma') / 2). The factor 1 / alpha is left out, because for a ReLU it is a choice
    of units: with a and w divided by alpha^(1/2), the network of the paper is this one, step by
    step, with a learning rate that is divided by alpha, and the relative displacement is the same.

    Parameters
    ----------
    d, m, activation, bias
        As in `TwoLayer`, of which this is one; only its start differs.
    gamma, gamma_prime : float
        The exponents. ``init_std`` multiplies the start: 1 is what gamma says.
    antisymmetric : bool
        Whether neurons start in pairs (a, w, b) and (-a, w, b), neuron j with neuron j + m / 2, so
        that the output is zero everywhere, to rounding. The width must be even.
    dropout : float
        In training, each hidden neuron is left out with this probability p, for each sample and
        step anew, and else multiplied by 1 / (1 - p), as `torch.nn.Dropout` does. Losses that are
        recorded, and all measures, are those of the whole network.

    Raises
    ------
    ValueError
        If a scale is too large or too small for numbers of 64 bits.

    Examples
    --------
    >>> model = ScaledTwoLayer(1, 100, "relu", gamma=1.5, gamma_prime=0.5)
    >>> round(model.scales["a"], 6), round(model.scales["w"], 6)
    (0.01, 0.1)
    """

    gamma: float = knob(
        1.0, -5.0, 1e3, symbol=r"\gamma", help="The product of both scales is m^-gamma."
    )
    gamma_prime: float = knob(
        0.0, -5.0, 1e3, symbol=r"\gamma'", help="The scale of a over that of w is m^-gamma'."
    )
    antisymmetric: bool = knob(False, help="Whether neurons start in pairs that cancel each other.")
    dropout: float = knob(
        0.0, 0.0, 0.95, symbol="p", help="Share of hidden neurons that a step leaves out."
    )

    def __post_init__(self) -> None:
        """Check the knobs, and that the scales are numbers."""
        super().__post_init__()
        exponents = self._exponents | {"their product": -self.gamma}
        for name, exponent in exponents.items():
            size = exponent * math.log10(self.m)
            if abs(size) > math.log10(LARGEST_SCALE):
                what = f"the scale of {name}" if name in self.shapes() else name
                flow = "overflows" if size > 0.0 else "underflows"
                raise ValueError(
                    f"gamma = {self.gamma:g} and gamma_prime = {self.gamma_prime:g} give scales "
                    f"that numbers of 64 bits cannot hold at width {self.m:,}: {what}, "
                    f"10^{size:.0f}, {flow}. It must be between 10^-150 and 10^150."
                )

    @property
    def _exponents(self) -> dict[str, float]:
        """The powers of the width that the scales are, by the names of the parameters."""
        inner = -(self.gamma - self.gamma_prime) / 2.0
        found = {name: inner for name in self.shapes() if name != "a"}
        return {"a": -(self.gamma + self.gamma_prime) / 2.0} | found

    @property
    def scales(self) -> dict[str, float]:
        """The standard deviation with which each parameter starts, at ``init_std`` = 1."""
        return {name: float(self.m) ** exponent for name, exponent in self._exponents.items()}

    @property
    def formula(self) -> Model:
        """The network, however it starts; with dropout, its steps are other work."""
        plain = self.d, self.m, self.activation, self.bias
        return ScaledTwoLayer(*plain, dropout=self.dropout) if self.dropout else TwoLayer(*plain)

    def check_training(self) -> None:
        """Raise a ValueError if neurons cannot start in pairs."""
        if self.antisymmetric and self.m % 2:
            raise ValueError(
                f"width must be even where neurons start in pairs, but is {self.m:,}; "
                "or say antisymmetric=False."
            )

    def draw_params(self, generator: torch.Generator, std: float) -> Params:
        """Draw each parameter from N(0, (std scale)^2); the second half may mirror the first."""
        self.check_training()
        params, half = super().draw_params(generator, std), self.m // 2
        for name, leaf in params.items():
            leaf.mul_(self.scales[name])
            if self.antisymmetric:
                leaf[half:] = -leaf[:half] if name == "a" else leaf[:half]
        return params
