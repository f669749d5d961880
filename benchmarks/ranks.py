"""Exact ranks, and Jacobians against automatic differentiation."""

import numpy as np
import torch

import condensekit as ck
from condensekit.derivatives import jacobian

from .summary import Claim
from .timing import seconds, spread

TITLE = "Model ranks: the proof, and the Jacobian of the numerical rank"
EXPLANATION = """\
First table: `exact_rank`, everything included: counting, values in a finite field, elimination.
The condensed network is 3 neurons split into 300, with signs. NumPy's `matrix_rank` on the Jacobian
at twice as many inputs as parameters is beside it; it is a number without a proof.

Second table: the Jacobian of a tanh network (width 500, one input, 1,500 parameters) at 2,000
inputs: the closed form against `torch.vmap(torch.func.jacrev(...))` of the one-line formula, turns
taken in every round; both give one matrix. Of the closed form, tanh alone takes half."""


def _ranks(rounds: int = 3) -> str:
    generator = torch.Generator().manual_seed(0)
    generic, narrow = ck.TwoLayer(6, 300, bias=False), ck.TwoLayer(6, 3, bias=False)
    wide = ck.embedding.embed(narrow, narrow.init(generator, 1.0), 300, "sign-split")
    line = ck.TwoLayer(1, 200, bias=False)
    rows = [
        "| network | parameters | exact rank | seconds | `matrix_rank` | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for name, (model, params) in {
        "different neurons, d = 6, m = 300": (generic, generic.init(generator, 1.0)),
        "condensed, d = 6, m = 300, k = 3": wide,
        "different neurons, d = 1, m = 200": (line, line.init(generator, 1.0)),
    }.items():
        x = torch.randn(2 * model.n_parameters, model.d, generator=generator, dtype=torch.float64)
        columns = jacobian(model, params, x).numpy()
        proof = [seconds(lambda m=model, p=params: ck.exact_rank(m, p)) for _ in range(rounds)]
        guess = seconds(lambda c=columns: np.linalg.matrix_rank(c))
        rows.append(
            f"| {name} | {model.n_parameters:,} | {ck.exact_rank(model, params):,} "
            f"| **{spread(proof, 2)}** | {np.linalg.matrix_rank(columns):,} | {guess:.1f} |"
        )
    return "\n".join(rows)


def _jacobians(rounds: int = 9) -> tuple[str, list[Claim]]:
    model = ck.TwoLayer(1, 500)
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    x = torch.randn(2_000, 1, dtype=torch.float64)
    by_name = torch.vmap(torch.func.jacrev(model), in_dims=(None, 0))

    def reverse() -> torch.Tensor:
        found = by_name(params, x)
        return torch.cat([found[name].reshape(len(x), -1) for name in model.shapes()], dim=1)

    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(seconds(reverse))
        ours.append(seconds(lambda: jacobian(model, params, x)))
    ratios = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
    took = [spread([1e3 * t for t in side]) for side in (theirs, ours)]
    text = (
        "| vmap(jacrev), ms | closed form, ms | times as fast |\n|---|---|---|\n"
        f"| {took[0]} | {took[1]} | **{spread(ratios)}** |"
    )
    what = "Jacobian of 500 neurons at 2,000 inputs"
    return text, [Claim(what, "torch.vmap(torch.func.jacrev)", ours, theirs)]


def measure() -> tuple[str, list[Claim]]:
    """The tables, and what they claim."""
    torch.set_num_threads(1)
    jacobians, claims = _jacobians()
    return "\n\n".join([_ranks(), jacobians]), claims
