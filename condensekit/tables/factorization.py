"""FactorizationLab: how many entries of a 4 x 4 matrix must be seen before the rest is known?"""

import dataclasses
from typing import Any

import numpy as np

from .. import dynamics, pictures
from ..exact import optimistic_sample_size
from ..exact.tangents import rational_rank
from ..experiments import Experiment
from ..frames import COLOURS, ink
from ..knobs import Knob
from ..measures import theory
from ..models import MatrixFactorization
from ..problems import MatrixCompletion, example_matrix, matrix_completion
from ..records import FACTORIZATION
from ..subjects import Moment, said
from ..verdicts import recovery_verdict
from .declared import Action, Dial, More, Part, Picture, Remark, Values
from .experiments import (
    Experiments,
    of,
    read_experiment,
    runs_table,
    with_knobs,
    with_plateaus,
    write_experiment,
)

__all__ = ["FACTORIZATION_TABLE"]

_RANK = Knob("target_rank", 2, 1, 4, help="Rank of the matrix that is to be found.")
# As many as there are entries, whatever the range of other problems.
_SEEN = dataclasses.replace(FACTORIZATION.knobs()["n_samples"], low=1, high=16, log=False)


def _accepts(one: Experiment) -> bool:
    model, problem = one.model, one.problem
    if not isinstance(model, MatrixFactorization) or not isinstance(problem, MatrixCompletion):
        return False
    return (model.rows, model.columns) == (4, 4) and len(problem.order) == 16


def _rank(problem: Any) -> int:
    """Rank of the target; of an example, the one that it is the example of."""
    examples = {example_matrix(rank): rank for rank in range(1, 5)}
    return examples.get(problem.matrix, rational_rank(np.array(problem.matrix)))


def _of_rank(problem: Any, rank: object) -> Any:
    """The same order of the entries of the example of another rank."""
    rank = int(_RANK.check(rank))
    if rank == _rank(problem):
        return problem
    return dataclasses.replace(problem, matrix=example_matrix(rank))


def _turn(batch: Experiments | None, values: Values) -> Experiments:
    knobs = {**values}
    base = (batch or (FACTORIZATION,))[0]
    problem = knobs.pop("problem", base.problem)
    if isinstance(problem, MatrixCompletion) and "target_rank" in knobs:
        problem = _of_rank(problem, knobs.pop("target_rank"))
    return (with_knobs(base, knobs | {"problem": problem}, batch is None),)


def _read(batch: Experiments, values: Values) -> Experiments:
    problem = _of_rank(batch[0].problem, values["target_rank"])
    return (read_experiment(batch[0], {**values, "problem": problem}),)


def _write(batch: Experiments) -> dict[str, Any]:
    return write_experiment(batch[0]) | {"target_rank": _rank(batch[0].problem)}


def _toggle(lab: Any, entry: int) -> None:
    """Show an entry to the network that it has not seen, or hide one that it has."""
    one = lab.entered()[0]
    order, n = [*one.problem.order], one.n_samples
    seen = order.index(entry) < n
    if seen and n == 1:
        raise ValueError("At least one entry must be seen.")
    order.remove(entry)
    n += -1 if seen else 1
    order.insert(n if seen else n - 1, entry)
    problem = dataclasses.replace(one.problem, order=tuple(order))
    lab.choose((dataclasses.replace(one, problem=problem, n_samples=n),))


def _crosses(lab: Any) -> None:
    one = lab.entered()[0]
    problem: Any = one.problem
    lab.choose((dataclasses.replace(one, problem=matrix_completion(problem.matrix)),))


def _theory(batch: Experiments) -> str:
    """What theory says of the sizes, and of these samples."""
    one = batch[0]
    square, here = MatrixFactorization(4, 4, 4), _rank(one.problem)
    sizes = " · ".join(
        f"<b>{size}</b>" if rank == here else f"{size}"
        for rank in range(1, 5)
        for size in (optimistic_sample_size(square, target_width=rank),)
    )
    found = theory(one)
    rank = "" if found.samples is None else f"; {found.samples}"
    return (
        f"<div style='color:{ink(COLOURS['theory'])};line-height:1.3'>theory for rank 1 to 4: "
        f"n ≥ {sizes}<br>here: {found.says}{rank}</div>"
    )


def _events(now: Moment) -> list[dynamics.Event]:
    counts = pictures.rank_counts(now.run)
    return dynamics.events(now.run, counts=counts, what="singular value")


def _entries(batch: Experiments) -> tuple[Any, ...]:
    problem: Any = batch[0].problem
    return problem.matrix, problem.order, batch[0].n_samples


FACTORIZATION_TABLE = runs_table(
    FACTORIZATION,
    _accepts,
    shows="4 x 4 matrices that a factorization completes, in an order of all 16 entries",
    turn=_turn,
    read=_read,
    write=_write,
    controls=[
        Dial("target_rank", "target rank r", knob=_RANK),
        Dial("n_samples", "entries seen n", knob=_SEEN),
        Remark(_theory, indent=False),
        Part(
            "entries",
            show=_entries,
            act=_toggle,
        ),
        Dial("init_std", "variance σ²", (1e-28, 10.0), squared=True),
        More(
            [
                Dial("width", "inner width m", (1, 4)),
                Dial("seed", "seed", (0, 20)),
                Action(
                    "Order of crosses",
                    "Observe whole rows and columns first, as theory's best case",
                    _crosses,
                ),
            ]
        ),
    ],
    pictures=[
        Picture("product", "matrix", of(pictures.product)),
        Picture("error", "matrix", of(pictures.mismatch)),
        Picture("singular", "curves", of(pictures.singular)),
        Picture("loss", "loss", of(pictures.loss), beside=True),
    ],
    verdict=lambda now: said(recovery_verdict(now.run, now.index)),
    events=_events,
    story=with_plateaus,
    ending="print(ck.recovery(run, index=index))",
)
