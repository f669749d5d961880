"""Small networks with one thread of BLAS against as many as there are cores, beside other work."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

import condensekit as ck
from condensekit import threads

from .flow import published
from .timing import seconds, spread

TITLE = "Small networks with one thread of BLAS, and with all"
EXPLANATION = """\
Wall time in ms, in turns: with one thread, as `threads.single_thread` sees to it, and with those
that BLAS takes by itself, one for each core. Alone, and beside another process that never waits, as
a browser that draws: one, and one for each core. Needs a process whose BLAS may have threads:
OMP_NUM_THREADS=2."""

ROUNDS = 5


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


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Other processes that never wait."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def results() -> str:
    """The table."""
    torch.set_num_threads(1)
    known, rows = threads._blas, []
    for name, act in work().items():
        act()
        cells = []
        for count in (0, 1, 2):
            sides: dict[bool, list[float]] = {True: [], False: []}
            with busy(count):
                for _ in range(ROUNDS):
                    for one in sides:
                        threads._blas = known if one else list
                        try:
                            sides[one].append(1e3 * seconds(act))
                        finally:
                            threads._blas = known
            cells += [spread(sides[True]), spread(sides[False])]
        rows.append(f"| {name} | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)


if __name__ == "__main__":
    print(results())
