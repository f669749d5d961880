"""Ranks: a narrow network inside a wide one, and its rank by every method."""

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import torch

from ..embedding import EMBEDDINGS, embed, perturbed
from ..exact import exact_rank, optimistic_sample_size
from ..knobs import Settings, knob
from ..measures import RankReport, probes_for, spectrum
from ..measures.rank import rank_report
from ..models import Params, TwoLayer
from ..training import Run
from .base import Job, Subject

if TYPE_CHECKING:
    from ..symbolic import SymbolicRank

__all__ = ["EPSILONS", "LARGEST_DERIVED", "RankSettings", "Ranked", "Ranks", "derivation"]

MOST = 900
"""Parameters of the largest network here: larger ones do not answer at once."""
MOST_CURVE = 150
"""Parameters of the largest network whose ranks are drawn over the perturbation, eight networks."""
EPSILONS = [10.0**exponent for exponent in range(-14, 1, 2)]
"""Below, a perturbation would be lost in the rounding of the weights."""
LARGEST_DERIVED = 3
"""Neurons and dimensions of the largest network that SymPy is asked about here."""


@dataclasses.dataclass(frozen=True)
class RankSettings(Settings):
    """A network of k neurons inside one of m, and the tolerance of its numerical rank."""

    k: int = knob(3, 1, 20, help="Neurons of the narrow network.")
    dim: int = knob(1, 1, 20, symbol="d", help="Number of input coordinates.")
    m: int = knob(30, 1, 300, log=True, help="Neurons of the wide network.")
    how: str = knob("split", choices=tuple(EMBEDDINGS), help="How the narrow one is embedded.")
    epsilon: float = knob(
        0.0, 0.0, 1.0, log=True, help="Every parameter moves by so much times a normal number."
    )
    tolerance: float = knob(
        1e-13, 1e-18, 0.9, log=True, help="Singular values below this share of the largest are 0."
    )
    draw: int = knob(0, 0, 2**31 - 1, help="Seed of the random weights.")

    def __post_init__(self) -> None:
        """Check the knobs, and that the narrow network fits into a wide one of allowed size."""
        super().__post_init__()
        if self.k > self.m:
            raise ValueError(
                f"The width m must be at least the k = {self.k} neurons, but is {self.m}."
            )
        if self.count > MOST:
            raise ValueError(
                f"This lab shows networks of at most {MOST} parameters, to answer at once; "
                f"this one has {self.count:,}. ck.exact_rank and ck.model_rank take larger ones."
            )

    @property
    def count(self) -> int:
        """Parameters of the wide network."""
        return self.m * (self.dim + 2)

    def networks(self) -> tuple[TwoLayer, TwoLayer, Params]:
        """The narrow model, the wide one, and its parameters without a perturbation."""
        narrow = TwoLayer(self.dim, self.k)
        start = narrow.init(torch.Generator().manual_seed(self.draw), 1.0)
        return narrow, *embed(narrow, start, self.m, self.how, seed=self.draw + 1)

    def without(self, **knobs: Any) -> "RankSettings":
        """The same with the default tolerance, on which no singular value depends."""
        return dataclasses.replace(self, tolerance=RankSettings().tolerance, **knobs)


@functools.lru_cache(maxsize=256)
def _ranks(settings: RankSettings) -> tuple[Any, int]:
    """The spectrum and the proven rank; the tolerance does not matter."""
    _, model, start = settings.networks()
    params = perturbed(start, settings.epsilon, seed=settings.draw + 2)
    probes = probes_for(model, start, 2 * model.n_parameters)
    return spectrum(model, params, probes), exact_rank(model, params)


@functools.lru_cache(maxsize=32)
def derivation(k: int, d: int, how: str) -> "tuple[SymbolicRank, int]":
    """The same construction with small rational weights, by SymPy and by proof in a field."""
    from ..symbolic import generic_point, symbolic_rank  # noqa: PLC0415  SymPy takes long

    narrow = TwoLayer(d, k)
    model, params = embed(narrow, generic_point(narrow), k + 2, how)
    halves = {name: torch.round(2.0 * leaf) / 2.0 for name, leaf in params.items()}
    drawn = {"silent", "cancelling"}
    small = halves if how in drawn else params
    return symbolic_rank(model, small), exact_rank(model, small)


@dataclasses.dataclass(frozen=True)
class Ranked:
    """The rank of one network by every method, and over perturbations where that is quick.

    Attributes
    ----------
    report : RankReport
        Numerically.
    exact, still : int
        Proven; and without the perturbation.
    theorem : int
        The optimistic sample size of the narrow network.
    numerical, proven : list of int
        Over `EPSILONS`; empty where that takes too long.
    """

    settings: RankSettings
    report: RankReport
    exact: int
    still: int
    theorem: int
    numerical: list[int]
    proven: list[int]


class Ranks(Subject[RankSettings, Ranked]):
    """Model ranks, known as soon as they are asked for."""

    timed = False
    at_once = True

    def opened(self, start: object) -> RankSettings:
        """Settings of a rank."""
        if not isinstance(start, RankSettings):
            raise ValueError(f"This lab opens on RankSettings, not on {start!r}.")
        return start

    def start(self, what: RankSettings) -> Ranked:
        """The ranks of a network."""
        values, exact = _ranks(what.without())
        numerical, proven = [], []
        for epsilon in EPSILONS if what.count <= MOST_CURVE else ():
            found, sure = _ranks(what.without(epsilon=epsilon))
            numerical.append(rank_report(found, what.tolerance, 2 * what.count, what.count).rank)
            proven.append(sure)
        return Ranked(
            what,
            rank_report(values, what.tolerance, 2 * what.count, what.count, exact),
            exact,
            _ranks(what.without(epsilon=0.0))[1],
            optimistic_sample_size(TwoLayer(what.dim, what.k), target_width=what.k),
            numerical,
            proven,
        )

    def shipped(self, what: RankSettings) -> None:
        """Nothing: they are known at once."""

    def job(self, what: RankSettings, shown: Ranked) -> Job[Ranked]:
        """There is none."""
        raise ValueError("There is nothing to be trained in this lab.")

    def what(self, shown: Ranked) -> RankSettings:
        """The settings."""
        return shown.settings

    def keep(self, shown: Ranked) -> None:
        """Nothing is kept but spectra."""

    def runs(self, shown: Ranked) -> list[Run]:
        """None."""
        return []

    def written(self, shown: Ranked) -> list[Settings]:
        """The settings."""
        return [shown.settings]

    def recalled(self, written: list[Settings]) -> RankSettings:
        """The settings of a token."""
        (settings,) = written if len(written) == 1 else (None,)
        if not isinstance(settings, RankSettings):
            raise ValueError("This token names no network whose rank is asked for.")
        return settings

    def code(self, shown: Ranked, index: int, ending: str) -> str:
        """The lines that compute the ranks."""
        del index
        s = shown.settings
        moved = (
            f"params = ck.embedding.perturbed(params, {s.epsilon!r}, seed={s.draw + 2})\n"
            if s.epsilon
            else ""
        )
        return (
            "import torch\n"
            "import condensekit as ck\n"
            f"narrow = ck.TwoLayer({s.dim}, {s.k})\n"
            f"params = narrow.init(torch.Generator().manual_seed({s.draw}), 1.0)\n"
            f'model, params = ck.embedding.embed(narrow, params, {s.m}, "{s.how}", '
            f"seed={s.draw + 1})\n"
            f"probes = ck.measures.probes_for(model, params, 2 * model.n_parameters)\n"
            f"{moved}"
            f"print(ck.model_rank(model, params, {s.tolerance!r}, probes))\n"
            "print(ck.rank_certificate(model, params))\n"
            f"print(ck.optimistic_sample_size(narrow, target_width={s.k}))" + ending
        )

    def plan(self, what: RankSettings) -> str:
        """Nothing is to be waited for."""
        del what
        return ""

    def announced(self, shown: Ranked) -> str:
        """What can be done."""
        del shown
        return "Drag the orange handle, or type any number."

    def ended(self, shown: Ranked, seconds: float, beside: str) -> tuple[str, str]:
        """Nothing ends."""
        del shown, seconds, beside
        return "", "note"
