"""What a student waits for, with one thread of BLAS and with all, beside other work."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

import condensekit as ck
from condensekit import threads

from .flow import published
from .timing import seconds, spread

TITLE = "Small networks with one thread of BLAS, and with all"
EXPLANATION = """\
Wall time in ms, in turns: with one thread, as `threads.single_thread` sees to it, and with one for
each core, as BLAS has them by itself. Alone, and beside another process that never waits, as
a browser that draws: one, and two."""

ROUNDS = 5
HEAD = (
    "| what | alone: one | all | beside one process: one | all | beside two: one | all |",
    "|---|---|---|---|---|---|---|",
)


def work() -> dict[str, Callable[[], object]]:
    """What a lab of the published problem asks for."""
    experiment = published(4)
    run = ck.train(experiment.replace(max_steps=600))
    data = experiment.data()
    model, params = experiment.model, run.final
    small = ck.Experiment(ck.TwoLayer(1, 50), ck.three_tanh(), ck.GradientFlow(), 50, 0.1)
    return {
        "300 attempts of the flow, 500 neurons": lambda: ck.train(
            experiment.replace(max_steps=300)
        ),
        "the flow to its end, 50 neurons": lambda: ck.train(small),
        "100 epochs of Adam, 500 neurons": lambda: ck.train(
            ck.Experiment(model, experiment.problem, ck.Adam(steps=100), 50, 0.1)
        ),
        "merge": lambda: ck.merge(model, params, data),
        "model rank": lambda: ck.model_rank(model, params),
        "nearest condensed": lambda: ck.nearest_condensed(model, params, data),
    }


BUSY = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Never waits, and ends with who started it, however that ends."""


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Other processes that never wait."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


@contextmanager
def as_before(this: bool) -> Iterator[None]:
    """If so, BLAS keeps its threads in `single_thread`."""
    known = threads._libraries
    threads._libraries = list if this else known  # type: ignore[assignment]
    try:
        yield
    finally:
        threads._libraries = known


def measure() -> str:
    """The table."""
    blas, rows = ThreadpoolController().select(user_api="blas"), [*HEAD]
    for name, act in work().items():
        act()
        cells = []
        for count in (0, 1, 2):
            sides: dict[bool, list[float]] = {True: [], False: []}
            with busy(count):
                for _ in range(ROUNDS):
                    for one, took in sides.items():
                        with blas.limit(limits=os.cpu_count()), as_before(not one):
                            took.append(1e3 * seconds(act))
            cells += [spread(sides[True]), spread(sides[False])]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)
