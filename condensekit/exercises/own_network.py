"""An exercise in plain torch: make a network condense."""

import functools

import numpy as np
import torch

from ..problems import three_tanh
from .base import Finding, Mistake, Question, Solution
from .functions import Code, Made, Unfit
from .kinds import floats

__all__ = ["own_condensation"]

_WIDTH, EPOCHS, RATE = 30, 400, 0.05
_ALIGNED, LEARNED = 0.95, 0.9
"""Mean |cosine| of a condensed start, and how far the loss has to have fallen at the end."""


def _own(start: object) -> tuple[str, str]:
    """Train the student's start in plain torch, and say what became of it."""
    data = three_tanh().data(50)
    given = start(_WIDTH)  # type: ignore[operator]
    try:
        leaves = [floats(leaf, (_WIDTH,)) for leaf in given]
    except TypeError:
        leaves = [None]
    if len(leaves) != 3 or any(leaf is None for leaf in leaves):
        raise Unfit(f"Your function has to return a, w and b, each of {_WIDTH} finite numbers.")
    params = [torch.from_numpy(leaf).requires_grad_() for leaf in leaves if leaf is not None]
    before = _aligned(params)
    losses, highest = [], 0.0
    for epoch in range(EPOCHS):
        a, w, b = params
        loss = ((torch.tanh(data.x * w + b) @ a - data.y) ** 2).mean()
        with torch.no_grad():  # torch.optim.SGD does the same, once it has been imported
            for leaf, slope in zip(params, torch.autograd.grad(loss, params), strict=True):
                leaf.sub_(RATE * slope)
        losses.append(float(loss.detach()))
        if epoch % 10 == 0:
            highest = max(highest, _aligned(params))
    told = (
        f"Measured of yours: mean |cosine| {before:.2f} at the start, {highest:.2f} at most on the "
        f"way; the loss went from {losses[0]:.3g} to {losses[-1]:.3g}."
    )
    if not losses[-1] < 10.0 * max(losses[0], 1.0):
        return "diverged", told
    if before > _ALIGNED:
        return "was on a line", told
    if losses[-1] > LEARNED * losses[0] or losses[0] == 0.0:
        return "did not move", told
    return ("condensed" if highest > _ALIGNED else "stayed scattered"), told


def _aligned(params: list[torch.Tensor]) -> float:
    rows = torch.stack(params[1:], dim=1).detach()
    unit = rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-300)
    cosine = (unit @ unit.T).abs()
    return float((cosine.sum() - cosine.trace()) / (len(rows) * (len(rows) - 1)))


_BAR = "\\|"  # in a table of Markdown
_OWN = Made(Code(("m",), (_WIDTH,), "a, w and b, m numbers each"), _own)


def _draw(std: float, seed: int = 0) -> object:
    def start(m: int) -> list[list[float]]:
        draw = np.random.default_rng(seed)
        return [[float(v) for v in draw.normal(0.0, std, m)] for _ in range(3)]

    return start


def _same(m: int) -> list[list[float]]:
    return [[0.01] * m, [0.01] * m, [0.02] * m]


def _nothing(m: int) -> list[list[float]]:
    return [[0.0] * m] * 3


@functools.cache
def _own_finding() -> Finding:
    tried = {1e-3: (0, 1), 0.3: (1,), 1.0: (0,)}
    seen = {std: [_OWN.read(_draw(std, seed)) for seed in of] for std, of in tried.items()}
    rows = [
        f"| {std:g} | {s.told.split(': ', 1)[1].replace('|', _BAR)} | {s.word} |"
        for std, of in seen.items()
        for s in of
    ]
    head = ["| σ of all weights | what was measured | |", "|---|---|---|"]
    theory = "Theory: as long as the output is nearly zero, all neurons are pulled towards one line"
    return Finding(
        seen[1e-3][0],
        "\n".join([*head, *rows]),
        f"It condensed. {theory}, and small neurons have all the time to turn before they grow.",
        (
            Mistake(
                seen[1.0][0],
                f"In what was measured the loss grew: steps of this rate are too long. {theory}. "
                "What makes the first gradients so large?",
            ),
            Mistake(
                seen[0.3][0],
                f"It learned, and its measured cosines stayed too small. {theory}. For how many "
                "steps is that so for yours?",
            ),
            Mistake(
                _OWN.read(_same),
                "The start was measured, too: it has to be scattered, so that it is training that "
                f"brings the neurons together. {theory}.",
            ),
            Mistake(
                _OWN.read(_nothing),
                f"In what was measured, the loss hardly fell. {theory}; but something must be "
                "there that can grow.",
            ),
        ),
        f"{theory}; measured are the directions of (w, b) before and along {EPOCHS} steps.",
    )


def own_condensation() -> Question:
    """Make a network of plain torch condense."""
    return Question(
        name="own_condensation",
        title="Make this network condense",
        text=(
            "This is plain torch, and nothing else:\n\n"
            "```python\n"
            "a, w, b = (torch.tensor(leaf).requires_grad_() for leaf in start(m))\n"
            "optimizer = torch.optim.SGD([a, w, b], lr=0.05)\n"
            "for epoch in range(400):\n"
            "    loss = ((torch.tanh(x * w + b) @ a - y) ** 2).mean()\n"
            "    optimizer.zero_grad(); loss.backward(); optimizer.step()\n"
            "```\n\n"
            f"with 50 samples of the three-tanh target and m = {_WIDTH} neurons. Write `start`: it "
            "returns a, w and b, m numbers each. At the start the vectors (w, b) must be "
            f"scattered; on the way their mean |cosine| must get above {_ALIGNED}; and at the end "
            f"the loss must be below {LEARNED:.0%} of what it was."
        ),
        source="the initial stage of Zhou et al. 2021, arXiv:2105.11686, on the target of "
        "arXiv:2105.14573",
        kind=_OWN,
        hints=(
            "Draw all of them at random. What is left to choose then?",
            "The standard deviation is left. Try a few, over some powers of ten.",
        ),
        answered=Solution(
            "Draw everything with a standard deviation that is small enough for the output to be "
            "nearly zero at first, and large enough to grow within 400 steps.",
            """
import torch

def answer(m):
    torch.manual_seed(0)
    return [1e-3 * torch.randn(m, dtype=torch.float64) for _ in range(3)]
""",
        ),
        investigate=_own_finding,
    )
