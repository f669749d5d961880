"""FactorizationLab: how many entries of a 4 x 4 matrix must be seen before the rest is known?"""

import dataclasses
import html
from typing import Any

import ipywidgets
import numpy as np

from .. import dynamics, pictures
from ..exact import optimistic_sample_size
from ..exact.tangents import rational_rank
from ..experiments import Experiment
from ..frames import COLOURS
from ..knobs import Knob
from ..measures import theory
from ..models import MatrixFactorization
from ..problems import MatrixCompletion, example_matrix, matrix_completion
from ..records import FACTORIZATION
from ..training import Run
from ..verdicts import recovery_verdict
from ..views import CurvesView, LossView, MatrixView
from .controls import Control, variance
from .entries import Entries
from .lab import Lab
from .widgets import button, folded, guarded
from .words import told

__all__ = ["FactorizationLab"]

_RANK = Knob("target_rank", 2, 1, 4, help="Rank of the matrix that is to be found.")


class FactorizationLab(Lab):
    """The smallest example of all: a product A B of 4 x 4 matrices learns a matrix from entries.

    Parameters
    ----------
    target_rank : int
        Rank of the target, see `condensekit.problems.example_matrix`; 1 to 4.
    **knobs
        Settings to start with, by the names of `Experiment.replace`; ``problem`` takes another
        `MatrixCompletion` of a 4 x 4 matrix. The default sees 12 entries of a matrix of rank 2, the
        fewest that theory allows.

    Raises
    ------
    ValueError
        If there is no such knob or its value is outside its range.

    Examples
    --------
    >>> lab = FactorizationLab(target_rank=1, n_samples=7)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'converged'
    """

    ending = "print(ck.recovery(run, index=index))"

    def __init__(self, target_rank: int = 2, **knobs: object) -> None:
        problem: Any = knobs.pop("problem", None) or matrix_completion(example_matrix(target_rank))
        base = dataclasses.replace(FACTORIZATION, problem=problem, n_samples=1)
        default = base.replace(**{"n_samples": FACTORIZATION.n_samples} | knobs)
        known = default.knobs()
        # As many as there are entries, whatever the range of other problems.
        samples = dataclasses.replace(known["n_samples"], default=12, low=1, high=16, log=False)
        self.controls = {
            "target_rank": Control(_RANK, "target rank r"),
            "n_samples": Control(samples, "entries seen n"),
            "init_std": variance(known["init_std"], "variance σ²", (1e-28, 10.0)),
            "width": Control(known["width"], "inner width m", (1, 4)),
            "seed": Control(known["seed"], "seed", (0, 20)),
        }
        self.entries = Entries(self._on_entry)
        self.theory = ipywidgets.HTML(layout=ipywidgets.Layout(margin="-2px 0 2px 8px"))
        self.crosses_button = button(
            "Order of crosses",
            "Observe whole rows and columns first, as theory's best case",
            "",
            130,
        )
        self.crosses_button.on_click(lambda _: self._on_crosses())
        rest = ipywidgets.VBox([self.controls["width"], self.controls["seed"], self.crosses_button])
        column = ipywidgets.VBox(
            [
                self.controls["target_rank"],
                self.controls["n_samples"],
                self.theory,
                self.entries,
                self.controls["init_std"],
                folded({"More settings": rest}),
            ]
        )
        self.product = MatrixView()
        self.error = MatrixView()
        self.singular, self.loss = CurvesView(), LossView()
        grid = ipywidgets.HBox(
            [self.product, self.error, self.singular, self.loss],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="740px"),
        )
        self._entering = False
        self.enter(default)
        super().__init__([default], column, grid)
        self.controls["target_rank"].on_change(self._on_rank)
        for name, control in self.controls.items():
            if name != "target_rank":
                control.on_change(self.entry_changed)

    # The way to the controls and back ----------------------------------------------------------

    def entered(self) -> Experiment:
        """The experiment that the controls describe."""
        values = {n: c.value for n, c in self.controls.items() if n != "target_rank"}
        n = self.controls["n_samples"].knob.check(values.pop("n_samples"))
        plain = dataclasses.replace(self._base, problem=self._problem, n_samples=1)
        return plain.replace(**values, n_samples=n)

    def enter(self, experiment: Experiment) -> None:
        """Set the controls to an experiment."""
        model, problem = experiment.model, experiment.problem
        if not isinstance(model, MatrixFactorization) or not isinstance(problem, MatrixCompletion):
            raise ValueError("This lab shows matrices that are completed by a factorization.")
        if (model.rows, model.columns) != (4, 4) or len(problem.order) != 16:
            raise ValueError("This lab shows 4 x 4 matrices, and an order of all 16 entries.")
        self._base, self._problem = experiment, problem
        values = experiment.values()
        for name, control in self.controls.items():
            if name in values:
                control.set(values[name])
        ranks = {example_matrix(rank): rank for rank in range(1, 5)}
        self.controls["target_rank"].set(ranks.get(problem.matrix, self._rank()))
        self._show_entries(experiment)

    def _rank(self) -> int:
        """Rank of the target."""
        return rational_rank(np.array(self._problem.matrix))

    # What happens ------------------------------------------------------------------------------

    def events(self, run: Run) -> list[dynamics.Event]:
        """Plateaus, escapes, and new singular values."""
        return dynamics.events(run, counts=pictures.rank_counts(run), what="singular value")

    def story(self) -> list[str]:
        """What happened in the run on screen, and what its plateaus are."""
        return told(self.happened(), self.plateaus())

    def draw(self, run: Run, index: int, last: Run | None, live: bool) -> None:
        """Draw a recorded step in all pictures."""
        del live
        self.product.show(pictures.product(run, index))
        self.error.show(pictures.mismatch(run, index))
        self.singular.show(pictures.singular(run, index))
        frame = pictures.loss(run, index)
        self.loss.show(frame, None if last is None else pictures.loss(last, len(last) - 1))
        rows = recovery_verdict(run, index)
        said = " ".join(f"<b>{html.escape(a)}</b> {html.escape(b)}" for a, b in rows)
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{said}</div>'

    def _show_entries(self, experiment: Experiment) -> None:
        self.entries.show(self._problem, experiment.n_samples)
        square, here = MatrixFactorization(4, 4, 4), self._rank()
        sizes = " · ".join(
            f"<b>{size}</b>" if rank == here else f"{size}"
            for rank in range(1, 5)
            for size in (optimistic_sample_size(square, target_width=rank),)
        )
        said = theory(experiment)
        rank = "" if said.samples is None else f"; {said.samples}"
        self.theory.value = (
            f"<div style='color:{COLOURS['theory']};line-height:1.3'>theory for rank 1 to 4: "
            f"n ≥ {sizes}<br>here: {said.says}{rank}</div>"
        )

    def toggle(self, entry: int) -> None:
        """Show an entry to the network that it has not seen, or hide one that it has.

        Parameters
        ----------
        entry : int
            Number of the entry, row by row from 0.
        """
        experiment, order = self.entered(), [*self._problem.order]
        n = experiment.n_samples
        seen = order.index(entry) < n
        if seen and n == 1:
            raise ValueError("At least one entry must be seen.")
        order.remove(entry)
        n += -1 if seen else 1
        order.insert(n if seen else n - 1, entry)
        self._turn(dataclasses.replace(self._problem, order=tuple(order)), n)

    def _turn(self, problem: MatrixCompletion, n: int) -> None:
        """Another target or order, with everything else as it was entered."""
        plain = dataclasses.replace(self.entered(), problem=problem)
        self.enter(plain.replace(n_samples=n))
        self.entry_changed()

    # Callbacks ---------------------------------------------------------------------------------

    def _on_entry(self, entry: int) -> None:
        try:
            self.toggle(entry)
        except ValueError as error:
            self.say(str(error), "error")

    @guarded
    def _on_rank(self) -> None:
        rank = _RANK.check(self.controls["target_rank"].value)
        matrix = example_matrix(int(rank))
        n = self.entered().n_samples
        self._turn(dataclasses.replace(self._problem, matrix=matrix), n)

    @guarded
    def _on_crosses(self) -> None:
        n = self.entered().n_samples
        self._turn(matrix_completion(self._problem.matrix), n)

    def entry_changed(self) -> None:
        """What is observed follows the controls."""
        try:
            entered = self.entered()
        except ValueError:
            pass
        else:
            self._show_entries(entered)
        super().entry_changed()

    def show_busy(self, training: bool) -> None:
        """While it trains, the entries stay as they are."""
        self.entries.enable(not training)
