"""How long training takes here, before it has begun."""

import dataclasses
import functools
import math
import time
from collections.abc import Callable

from ..doors import public
from ..experiments import Experiment
from ..problems import Data
from .batch import Batch, alike, working
from .record import record_steps
from .scoring import tested

__all__ = ["estimate_seconds"]

BUDGET = 0.1
"""Seconds that measuring the steps may take, and as many for the record."""
FIRST_SAMPLES = 4
"""Samples to begin with."""
CALLS, _MOST = 4, 15
"""Fewest and most calls on one number of samples: a start, one to warm up, and those that count."""


@public()
def estimate_seconds(experiment: Experiment) -> float:
    """About how many seconds it takes here to train `experiment` for all its steps.

    What is drawn meanwhile, and what else the machine does, comes on top. A few steps are timed,
    after one that warms up; where a step takes long, on a part of the samples, which may be wrong
    by a factor of a few. Experiments that may move as one batch are measured once.
    """
    step, record = _measured(_Work(alike(experiment), experiment))
    optimizer = experiment.optimizer
    records = len(record_steps(optimizer.most_steps, optimizer.record_ratio))
    return step * optimizer.most_steps + record * records


@dataclasses.dataclass(frozen=True)
class _Work:
    kind: tuple[object, ...]
    example: Experiment = dataclasses.field(compare=False)


@functools.lru_cache(maxsize=64)
def _measured(work: _Work) -> tuple[float, float]:
    """Seconds of a step, and of a look at the test points."""
    experiment, data = work.example, work.example.data()
    seen = min(experiment.n_samples, experiment.optimizer.batch_size or experiment.n_samples)

    def batch(samples: int) -> Batch:
        made = Batch([0], [experiment], None, samples=[_first(data, samples)])
        made.rule.start()
        return made

    def looking(samples: int) -> Callable[[], object]:
        x, y = few.x_test[:, :samples], few.y_test[:, :samples]
        return lambda: tested(few.model, few.landscape.params, x, y, few.problems)

    with working(experiment.model):
        few = batch(1)
        step = _seconds(lambda samples: batch(samples).rule.step, seen)
        return step, _seconds(looking, len(data.x_test))


def _first(data: Data, samples: int) -> Data:
    """Fewer samples to train on, and all test points."""
    return dataclasses.replace(data, x=data.x[:samples], y=data.y[:samples])


def _seconds(prepared: Callable[[int], Callable[[], object]], samples: int) -> float:
    """Seconds of a piece of work on all samples, from fewer where all of them would take long.

    From few samples to all of them, or to four times as many, as often as the budget allows. Work
    beyond the last size grows as it grew before: by as much for each sample, or with a power of
    their number, at most the square.
    """
    size, power, slope = min(FIRST_SAMPLES, samples), math.nan, math.inf
    deadline = time.perf_counter() + BUDGET
    seconds = _quickest(prepared(size))
    while size < samples:
        left = (deadline - time.perf_counter()) / CALLS / seconds if seconds else math.inf
        known = not math.isnan(power)
        all_fit = (samples / size) ** (power if known else 2.0) <= left
        larger = samples if all_fit else min(4 * size, samples)
        if (larger / size) ** (power if known else 1.0) > left:
            break
        before, fewer, seconds, size = seconds, size, _quickest(prepared(larger)), larger
        slope = (seconds - before) / (size - fewer)
        growth = math.log(max(seconds, 1e-9) / max(before, 1e-9)) / math.log(size / fewer)
        power = min(max(growth, 1.0), 2.0)
    added = min(max(slope, 0.0), seconds / size) * (samples - size)
    return max(seconds + added, seconds * (samples / size) ** power if power > 1.0 else 0.0)


def _quickest(work: Callable[[], object]) -> float:
    """The shortest time of some calls, after one that pays for warming up.

    What else the machine does can only make a call longer.
    """
    work()
    start, times = time.perf_counter(), list[float]()
    while len(times) < CALLS - 2 or (len(times) < _MOST - 2 and sum(times) < BUDGET / 16):
        work()
        now = time.perf_counter()
        times.append(now - start)
        start = now
    return min(times)
