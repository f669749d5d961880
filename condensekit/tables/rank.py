"""RankLab: the model rank by singular values, by proof, by theorem and by SymPy."""

import dataclasses
import html
from typing import Any

from .. import pictures
from ..embedding import EMBEDDINGS
from ..exact import sample_size
from ..measures import RankStatus
from ..models import TwoLayer
from ..subjects import Moment, Ranked, Ranks, RankSettings, Said
from ..subjects.ranks import EPSILONS, LARGEST_DERIVED, derivation
from ..words import many
from .declared import LIST_WIDTH, Dial, Options, Picture, Remark, Table, Values

__all__ = ["RANK_TABLE"]

_WHY = "The further neurons add nothing to the function, but bring ways to move of their own."
_MOVED = "The perturbation frees all parameters: no two neurons are exactly equal any more."
_PARTLY = "The perturbation frees some parameters; in others it is lost in their rounding."


def _turn(settings: RankSettings | None, values: Values) -> RankSettings:
    settings = settings or RankSettings()
    unknown = sorted(values.keys() - settings.values().keys())
    if unknown:
        known = ", ".join(settings.values())
        raise ValueError(f"There is no setting {unknown[0]!r} here; there are {known}.")
    return dataclasses.replace(settings, **values)


def _spectrum(now: Moment) -> Any:
    found: Ranked = now.shown
    return pictures.rank_spectrum(found.report, found.exact, found.theorem)


def _curve(now: Moment) -> Any:
    found: Ranked = now.shown
    return pictures.rank_curve(
        EPSILONS,
        found.numerical,
        found.proven,
        found.theorem,
        found.still,
        found.settings.epsilon,
    )


def _verdict(now: Moment) -> list[Said]:
    found: Ranked = now.shown
    s, report, exact, theorem = found.settings, found.report, found.exact, found.theorem
    formula = sample_size(TwoLayer(s.dim, s.k), target_width=s.k).formula.replace(r"\cdot", "·")
    moved = _MOVED if exact == report.n_parameters else _PARTLY
    why = moved if exact > found.still else _WHY
    more = f"{exact - theorem} more than the theorem's number. {why}"
    agree = "agrees" if report.status is RankStatus.PROVEN else "does not agree"
    falls = f"; {report.falls}" if report.falls else ""
    return [
        Said(
            "Theorem:",
            f"{many(s.k, 'neuron')} in {many(s.dim, 'dimension')}: {formula}, whatever the width.",
        ),
        Said(
            "Proven:",
            f"{exact} of {report.n_parameters} parameters, "
            f"{more if exact > theorem else 'the number of the theorem.'}",
            new_line=True,
        ),
        Said(
            "Numerical:",
            f"{report.rank} at tolerance {pictures.number(report.tolerance)}, which {agree}"
            f"{falls}.",
            new_line=True,
        ),
    ]


def _derivation(now: Moment) -> str:
    """The same construction, small enough to be written down; SymPy takes a moment."""
    s = now.shown.settings
    if s.k > LARGEST_DERIVED or s.dim > LARGEST_DERIVED:
        return f"Choose k and d up to {LARGEST_DERIVED}: longer derivations are not for reading."
    found, proven = derivation(s.k, s.dim, s.how)
    return (
        f"<p>The same construction, small enough to be written down: {many(s.k, 'neuron')} inside "
        f"{s.k + 2}, weights that are small fractions. {html.escape(str(found))} "
        f"In the finite field: {proven}.</p>$${found.latex()}$$"
    )


def _embedding(settings: RankSettings) -> str:
    return f'<div style="line-height:1.3">{html.escape(EMBEDDINGS[settings.how])}</div>'


def _dragged(lab: Any, log_tolerance: float) -> None:
    low, high = -17.0, -0.1
    lab.put(tolerance=10.0 ** min(max(log_tolerance, low), high))


RANK_TABLE = Table(
    shows="the rank of a narrow network inside a wide one",
    subject=Ranks,
    accepts=lambda settings: isinstance(settings, RankSettings),
    turn=_turn,
    read=lambda before, values: RankSettings(**values),
    write=lambda settings: settings.values(),
    knobs=lambda settings: settings.knobs(),
    controls=[
        Dial("k", "neurons k", (1, 5)),
        Dial("dim", "dimension d", (1, 6)),
        Dial("m", "width m", (1, 300)),
        Options(
            "how",
            "embedding",
            lambda: [*EMBEDDINGS],
            RankSettings.declared_knobs()["how"].help,
            LIST_WIDTH,
        ),
        Remark(_embedding),
        Dial("epsilon", "perturbation ε", (1e-16, 1.0)),
        Dial("tolerance", "tolerance", (1e-17, 0.1)),
        Dial("draw", "seed", (0, 20)),
    ],
    pictures=[
        Picture("spectrum", "spectrum", _spectrum, clicked=_dragged),
        Picture("curve", "curves", _curve),
    ],
    verdict=_verdict,
    folds={"Derivation, by SymPy": _derivation},
    compare="",
    torch=False,
)
