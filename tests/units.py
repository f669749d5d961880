"""Units of attention in SymmetryLab, and what holds of each; for tests."""

import torch

from condensekit.symmetry.families import FAMILIES
from condensekit.symmetry.settings import SymmetrySettings, experiment

ATTENTION = [name for name, family in FAMILIES.items() if not family.activated]
UNITS = {f"{name}: {unit}": (name, unit) for name in ATTENTION for unit in FAMILIES[name].units}
NO, YES = False, True
SIGNED = {
    **dict.fromkeys(["two blocks", "one block", "equal", "opposite", "zero"], YES),
    **dict.fromkeys(["mirrored", "idle", "proportional", "same inputs", "balanced"], NO),
    "fixed by a cycle": YES,
    "fixed by a sign flip": YES,
}
TABLE = {
    "heads": SIGNED,
    **{
        f"columns of {pair}": SIGNED
        | dict.fromkeys(["proportional", "balanced", "fixed by a rescaling"], YES)
        for pair in ("W_Q, W_K", "W_V, W_O")
    },
    "FFN neurons": dict.fromkeys(["two blocks", "one block", "equal", "idle", "zero"], YES)
    | dict.fromkeys(["proportional", "balanced", "fixed by a cycle", "fixed by a rescaling"], YES)
    | dict.fromkeys(["opposite", "mirrored", "same inputs"], NO),
    "coordinates": dict.fromkeys(["two blocks", "one block", "equal", "fixed by a cycle"], YES)
    | dict.fromkeys(
        ["opposite", "zero", "mirrored", "idle", "proportional", "same inputs", "balanced"], NO
    ),
}
"""What holds; a set that is not in it is none of the model. Derived by hand, unit by unit."""


def settings(name, unit, candidate="two blocks", optimizer="GradientDescent", width=4, n=8):
    one = experiment(name, "tanh", optimizer, width, n, 4, unit)
    return SymmetrySettings(one, candidate, FAMILIES[name].layer(unit, one.model), 1e-6)


def drawn(model, seed):
    draw = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=draw, dtype=torch.float64)
        for name, shape in model.shapes().items()
    }
