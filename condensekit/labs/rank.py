"""RankLab: the model rank by singular values, by proof, by theorem and by SymPy."""

import dataclasses
import functools
import html
from collections.abc import Callable
from typing import Any, Self

import ipywidgets
import torch

from .. import pictures
from ..embedding import EMBEDDINGS, embed, perturbed
from ..exact import exact_rank, optimistic_sample_size, sample_size
from ..frames import CurvesFrame
from ..knobs import Settings, knob
from ..measures import RankReport, RankStatus, probes_for, spectrum
from ..measures.rank import report
from ..models import Params, TwoLayer
from ..symbolic import SymbolicRank, generic_point, symbolic_rank
from ..tokens import read_token, write_token
from ..views import CurvesView, SpectrumView
from .controls import Control
from .lifetime import close_lab, take_place
from .widgets import preformatted

__all__ = ["RankLab", "RankSettings"]

MOST = 900
"""Parameters of the largest network here: larger ones do not answer at once."""
MOST_CURVE = 150
"""Parameters of the largest network whose ranks are drawn over the perturbation, eight networks."""
EPSILONS = [10.0**exponent for exponent in range(-14, 1, 2)]
"""Below, a perturbation would be lost in the rounding of the weights."""
SMALL = 3
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
            raise ValueError(f"m must be at least k = {self.k}, but is {self.m}.")
        count = self.m * (self.dim + 2)
        if count > MOST:
            raise ValueError(
                f"This lab shows networks of at most {MOST} parameters, to answer at once; "
                f"this one has {count:,}. ck.exact_rank and ck.model_rank take larger ones."
            )

    def networks(self) -> tuple[TwoLayer, TwoLayer, Params]:
        """The narrow model, the wide one, and its parameters without a perturbation."""
        narrow = TwoLayer(self.dim, self.k)
        start = narrow.init(torch.Generator().manual_seed(self.draw), 1.0)
        return narrow, *embed(narrow, start, self.m, self.how, seed=self.draw + 1)


@functools.lru_cache(maxsize=256)
def _ranks(settings: RankSettings) -> tuple[Any, int]:
    """The spectrum and the proven rank; the tolerance does not matter."""
    _, model, start = settings.networks()
    params = perturbed(start, settings.epsilon, seed=settings.draw + 2)
    probes = probes_for(model, start, 2 * model.n_parameters)
    return spectrum(model, params, probes), exact_rank(model, params)


@functools.lru_cache(maxsize=32)
def _symbolic(k: int, d: int, how: str) -> tuple[SymbolicRank, int]:
    """The same construction with small rational weights, by SymPy and by proof in a field."""
    narrow = TwoLayer(d, k)
    model, params = embed(narrow, generic_point(narrow), k + 2, how)
    halves = {name: torch.round(2.0 * leaf) / 2.0 for name, leaf in params.items()}
    drawn = {"silent", "cancelling"}
    small = halves if how in drawn else params
    return symbolic_rank(model, small), exact_rank(model, small)


class RankLab(ipywidgets.VBox):
    """A network of k neurons inside one of m: its rank numerically, exactly and by theorem.

    Parameters
    ----------
    k, dim, m : int
        Neurons of the narrow network, input dimension, neurons of the wide one (tanh, biases).
    how : str
        How the narrow network is embedded: one of `condensekit.embedding.EMBEDDINGS`.
    epsilon : float
        Perturbation of every parameter.
    tolerance : float
        Of the numerical rank, relative to the largest singular value.
    draw : int
        Seed of the random weights.

    Raises
    ------
    ValueError
        If a setting is outside its range.

    Examples
    --------
    >>> lab = RankLab(k=2, m=10)
    >>> lab.exact, lab.report.rank, lab.theorem
    (6, 6, 6)
    """

    def __init__(
        self,
        k: int = 3,
        dim: int = 1,
        m: int = 30,
        how: str = "split",
        epsilon: float = 0.0,
        tolerance: float = 1e-13,
        draw: int = 0,
    ) -> None:
        self.settings = RankSettings(k, dim, m, how, epsilon, tolerance, draw)
        known = self.settings.knobs()
        reach = {
            "k": ("neurons k", (1, 5)),
            "dim": ("dimension d", (1, 6)),
            "m": ("width m", (1, 300)),
            "epsilon": ("perturbation ε", (1e-16, 1.0)),
            "tolerance": ("tolerance", (1e-17, 0.1)),
            "draw": ("seed", (0, 20)),
        }
        self.controls = {
            name: Control(known[name], label, ends) for name, (label, ends) in reach.items()
        }
        self.how = ipywidgets.Dropdown(
            options=list(EMBEDDINGS),
            description="embedding",
            tooltip=known["how"].help,
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="286px"),
        )
        self.told = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 4px 106px"))
        self.verdict = ipywidgets.HTML(layout=ipywidgets.Layout(min_height="66px"))
        self.status = ipywidgets.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.reset_button = ipywidgets.Button(
            description="Reset",
            tooltip="Back to the settings at the start",
            layout=ipywidgets.Layout(width="70px"),
        )
        self.spectrum, self.curve = SpectrumView(self._dragged), CurvesView()
        self.derivation = ipywidgets.HTMLMath()
        self.lines = ipywidgets.HTML()
        self.token = ipywidgets.Text(
            continuous_update=False,
            tooltip="Copy it to come back here; or put another one in and press Enter.",
            layout=ipywidgets.Layout(width="90%"),
        )
        parts = {
            "Derivation, by SymPy": self.derivation,
            "The same in a few lines": self.lines,
            "Token of this moment": self.token,
        }
        self.folded = ipywidgets.Accordion([*parts.values()], selected_index=None)
        self.folded.titles = tuple(parts)
        story = ["k", "dim", "m"]
        rest = ["epsilon", "tolerance", "draw"]
        controls = [self.controls[name] for name in story]
        more = [self.controls[name] for name in rest]
        left = ipywidgets.VBox(
            [*controls, self.how, self.told, *more, self.reset_button, self.status],
            layout=ipywidgets.Layout(width="292px"),
        )
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        beside = ipywidgets.Layout(flex="1 1 400px", flex_flow="row wrap")
        grid = ipywidgets.HBox([self.spectrum, self.curve], layout=beside)
        super().__init__([self.verdict, ipywidgets.HBox([left, grid], layout=wrap), self.folded])
        self._entering = False
        self.default = self.settings
        self.enter(self.settings)
        for control in self.controls.values():
            control.on_change(self._changed)
        self.how.observe(lambda _: self._changed(), "value")
        self.folded.observe(lambda _: self._show_derivation(), "selected_index")
        self.token.observe(lambda _: self._changed_token(), "value")
        self.reset_button.on_click(lambda _: self.enter(self.default))
        take_place(self)

    def close(self) -> None:
        """Let go of every widget of the lab."""
        close_lab(self)

    # What it found -----------------------------------------------------------------------------

    @property
    def report(self) -> RankReport:
        """The numerical rank of the network on screen."""
        values, exact = _ranks(self._key())
        count = self.settings.m * (self.settings.dim + 2)
        return report(values, self.settings.tolerance, 2 * count, count, exact)

    @property
    def exact(self) -> int:
        """Its proven rank."""
        return _ranks(self._key())[1]

    @property
    def theorem(self) -> int:
        """The optimistic sample size of the narrow network."""
        narrow = TwoLayer(self.settings.dim, self.settings.k)
        return optimistic_sample_size(narrow, target_width=self.settings.k)

    def code(self) -> str:
        """The lines that compute what is on screen, without a widget."""
        s = self.settings
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
            f"print(ck.optimistic_sample_size(narrow, target_width={s.k}))"
        )

    def state(self) -> str:
        """A short text that `restore` and `from_state` bring back to what is on screen."""
        return write_token({"lab": type(self).__name__, "settings": self.settings.values()})

    @classmethod
    def from_state(cls, token: str) -> Self:
        """A lab as it was when `state` gave this token; a ValueError if the token is damaged."""
        lab = cls()
        lab.restore(token)
        return lab

    # What a reader does ------------------------------------------------------------------------

    def restore(self, token: str) -> None:
        """Go to where a token was made.

        Raises
        ------
        ValueError
            If the token is damaged, or of another lab; nothing has changed then.
        """
        found = read_token(token)
        if found.get("lab") != type(self).__name__:
            raise ValueError(
                f"This is a token of {found.get('lab')!r}, not of a {type(self).__name__}."
            )
        values = found.get("settings")
        if not isinstance(values, dict) or values.keys() != RankSettings().values().keys():
            raise ValueError("This token lacks a part of the state.")
        self.enter(RankSettings(**values))

    def enter(self, settings: RankSettings) -> None:
        """Set the controls, and show what they describe."""
        self._entering = True
        try:
            self.how.value = settings.how
            for name, control in self.controls.items():
                control.set(settings.values()[name])
        finally:
            self._entering = False
        self.show(settings)

    def _changed(self) -> None:
        """A control was moved."""
        if not self._entering:
            self._try(lambda: self.show(self._entered()))

    def _changed_token(self) -> None:
        if self.token.value != self.state():
            self._try(lambda: self.restore(self.token.value))

    def _entered(self) -> RankSettings:
        values = {name: control.value for name, control in self.controls.items()}
        return RankSettings(**values, how=self.how.value)

    def _try(self, work: Callable[[], None]) -> None:
        """An error is shown in the status line, and nothing else changes."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            text = html.escape(str(error))
            self.status.value = f'<div role="status" style="color:#b00020">✖ {text}</div>'

    def _dragged(self, log_tolerance: float) -> None:
        low, high = -17.0, -0.1
        self.controls["tolerance"].set(10.0 ** min(max(log_tolerance, low), high))
        self._changed()

    # Drawing -----------------------------------------------------------------------------------

    def _key(self) -> RankSettings:
        return dataclasses.replace(self.settings, tolerance=RankSettings().tolerance)

    def show(self, settings: RankSettings) -> None:
        """Compute and draw; nothing changes if that fails."""
        before, self.settings = self.settings, settings
        try:
            found, exact, theorem = self.report, self.exact, self.theorem
            curve = self._curve()
        except Exception:
            self.settings = before
            raise
        self.spectrum.show(pictures.rank_spectrum(found, exact, theorem))
        self.curve.show(curve)
        text = html.escape(EMBEDDINGS[settings.how])
        self.told.value = f'<div style="line-height:1.3">{text}</div>'
        self.verdict.value = self._sentence(found, exact, theorem)
        self.lines.value = preformatted(self.code())
        self.token.value = self.state()
        self.status.value = '<div role="status">Drag the orange handle, or type any number.</div>'
        self._show_derivation()

    def _sentence(self, found: RankReport, exact: int, theorem: int) -> str:
        s = self.settings
        formula = sample_size(TwoLayer(s.dim, s.k), target_width=s.k).formula.replace(r"\cdot", "·")
        dimensions = f"{s.dim} dimension{'s' * (s.dim > 1)}"
        neurons = f"{s.k} neuron{'s' * (s.k > 1)}"
        still = _ranks(dataclasses.replace(self._key(), epsilon=0.0))[1]
        moved = _MOVED if exact == found.n_parameters else _PARTLY
        why = moved if exact > still else _WHY
        more = f"{exact - theorem} more than the theorem's number. {why}"
        agree = "agrees" if found.status is RankStatus.PROVEN else "does not agree"
        falls = f"; {found.falls}" if found.falls else ""
        lines = (
            ("Theorem:", f"{neurons} in {dimensions}: {formula}, whatever the width."),
            (
                "Proven:",
                f"{exact} of {found.n_parameters} parameters, "
                f"{more if exact > theorem else 'the number of the theorem.'}",
            ),
            (
                "Numerical:",
                f"{found.rank} at tolerance {pictures.number(found.tolerance)}, which {agree}"
                f"{falls}.",
            ),
        )
        told = "<br>".join(f"<b>{head}</b> {html.escape(text)}" for head, text in lines)
        return f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def _curve(self) -> CurvesFrame:
        """The ranks over the perturbation, where they can be had at once."""
        s = self.settings
        count = s.m * (s.dim + 2)
        if count > MOST_CURVE:
            return pictures.rank_curve(EPSILONS, [], [], self.theorem, 0, s.epsilon)
        numerical, exact = [], []
        for epsilon in EPSILONS:
            values, proven = _ranks(dataclasses.replace(self._key(), epsilon=epsilon))
            numerical.append(report(values, s.tolerance, 2 * count, count).rank)
            exact.append(proven)
        unperturbed = _ranks(dataclasses.replace(self._key(), epsilon=0.0))[1]
        return pictures.rank_curve(EPSILONS, numerical, exact, self.theorem, unperturbed, s.epsilon)

    def _show_derivation(self) -> None:
        """SymPy takes a moment, so that it is asked only when somebody looks."""
        s = self.settings
        if self.folded.selected_index != 0:
            return
        if s.k > SMALL or s.dim > SMALL:
            self.derivation.value = (
                f"Choose k and d up to {SMALL}: longer derivations are not for reading."
            )
            return
        found, proven = _symbolic(s.k, s.dim, s.how)
        self.derivation.value = (
            f"<p>The same construction, small enough to be written down: {s.k} neurons inside "
            f"{s.k + 2}, weights that are small fractions. {html.escape(str(found))} "
            f"In the finite field: {proven}.</p>$${found.latex()}$$"
        )


_WHY = "The further neurons add nothing to the function, but bring ways to move of their own."
_MOVED = "The perturbation frees all parameters: no two neurons are exactly equal any more."
_PARTLY = "The perturbation frees some parameters; in others it is lost in their rounding."
