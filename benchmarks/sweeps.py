"""Sweeps: a map of the three-tanh problem, trainings a second, and what a cluster costs."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch

import condensekit as ck
from condensekit.pictures import map_frame
from condensekit.sweeps import Grid
from condensekit.sweeps.train import train_block

from .timing import seconds, spread
from .training import jax_loop, plain_loop

TITLE = "Sweeps: maps, trainings a second, and Dask"
EXPLANATION = """\
First table: 12 sample sizes, 8 initializations and 3 seeds of the three-tanh problem at width 100,
by the gradient flow to a training loss of 1e-8 or for 2,000 steps at most; here, and in a pool of
two processes, whose start is not counted. CPU is the processor time of this process.

Second table: gradient descent on the three-tanh problem with 20 samples. The plain loop trains one
run after the other; eight are timed. JAX trains a block in one `jit` of `vmap` and `lax.scan`, in
float64 on one thread, without its compilation and without measuring anything. Each figure is the
median over rounds, with the smallest and the largest; the sides of a ratio take turns.

Third table: Dask on this machine, in processes of one thread, which have imported everything and
trained one step before anything is timed. "Here" is the same sweep without Dask. The overhead is
what one worker takes more than that, for blocks of the length given. The ceiling is what two
processes without Dask gain on the same blocks against one of them: on two threads of one core, or
beside other work, that is less than 2.

Fourth table: sweeps of very short runs; the exponent is the slope of log time over log runs."""

ROUNDS = 3
Block = Sequence[ck.Experiment]
MAP = {
    "n_samples": range(4, 28, 2),
    "init_std": [10.0**k for k in range(-7, 1)],
    "seed": range(3),
}


def _problem(width: int, optimizer: ck.optimizers.Optimizer) -> ck.Experiment:
    return ck.Experiment(
        ck.TwoLayer(1, width), ck.three_tanh(), optimizer, n_samples=20, init_std=width**-1.5
    )


def _map() -> str:
    base = _problem(100, ck.GradientFlow(stop_loss=1e-8, max_steps=2_000))
    rows = ["| where | seconds | runs | recovered cells of 96 |", "|---|---|---|---|"]
    found: list[Any] = []
    cpu = time.process_time()
    alone = seconds(lambda: found.append(ck.sweep(base, **MAP)))
    cpu = time.process_time() - cpu
    with _pool(2) as pool:
        pooled = seconds(lambda: found.append(ck.sweep(base, pool, **MAP)))
    assert found[0].equals(found[1])
    reached = int((map_frame(found[0]).log_error < -3.0).sum())
    rows.append(f"| here | {alone:.1f} (CPU {cpu:.1f}) | {found[0].loss.size} | {reached} |")
    rows.append(f"| two processes | **{pooled:.1f}** | {found[0].loss.size} | {reached} |")
    return "\n".join(rows)


def _rates() -> str:
    rows = [
        "| width | steps | runs | plain loop, runs/s | sweep, runs/s | times as fast "
        "| times as fast as JAX |",
        "|---|---|---|---|---|---|---|",
    ]
    for width, steps, runs in ((20, 2_000, 288), (100, 2_000, 288)):
        base = _problem(width, ck.GradientDescent(5e-3, steps=steps))
        grid = Grid.of(base, {"seed": range(runs)})
        block = [grid.experiments[cell] for cell in grid.blocks()[0]]
        loop = jax_loop(block)
        plain, ours, jax = [], [], []
        plain_loop(base.replace(steps=50))
        for _ in range(ROUNDS):
            plain.append(
                8 / seconds(lambda e=base: [plain_loop(e.replace(seed=s)) for s in range(8)])
            )
            ours.append(runs / seconds(lambda e=base, r=runs: ck.sweep(e, seed=range(r))))
            if loop is not None:
                jax.append(len(block) / seconds(loop))
        over = spread([fast / slow for fast, slow in zip(ours, plain, strict=True)])
        to_jax = (
            spread([fast / slow for fast, slow in zip(ours, jax, strict=True)], 2) if jax else "-"
        )
        rows.append(
            f"| {width} | {steps:,} | {runs} | {spread(plain)} | {spread(ours)} "
            f"| **{over}** | {to_jax} |"
        )
    return "\n".join(rows)


def _dask() -> str:
    base = _problem(100, ck.GradientDescent(5e-3, steps=4_000))
    axes = {"seed": range(96)}
    grid = Grid.of(base, axes)
    blocks = [[grid.experiments[cell] for cell in block] for block in grid.blocks()]
    halves = blocks[::2], blocks[1::2]

    def work(executor: Any = None) -> float:
        return seconds(lambda: ck.sweep(base, executor, **axes))

    def apart(pool: ProcessPoolExecutor, parts: Sequence[Sequence[Block]]) -> float:
        return seconds(lambda: [*pool.map(_train_all, parts)])

    times: dict[str, list[float]] = {}
    with _cluster(1) as one, _cluster(2) as two, _pool(1) as alone, _pool(2) as both:
        for client in (one, two):
            ck.sweep(base.replace(steps=1), client, **axes)  # nobody pays for importing torch
        ways: dict[str, Callable[[], float]] = {
            "here": work,
            "one": lambda: work(one),
            "two": lambda: work(two),
            "one process": lambda: apart(alone, [blocks]),
            "two processes": lambda: apart(both, halves),
        }
        for _ in range(ROUNDS):
            for way, measured in ways.items():
                times.setdefault(way, []).append(measured())

    def gain(slow: str, fast: str) -> list[float]:
        return [a / b for a, b in zip(times[slow], times[fast], strict=True)]

    each = statistics.median(times["here"]) / len(blocks)
    over = [100 * (ratio - 1) for ratio in gain("one", "here")]
    return "\n".join(
        [
            "| blocks | seconds a block | here, s | one worker, s | two workers, s "
            "| two against one | ceiling: two processes against one | overhead of Dask, % |",
            "|---|---|---|---|---|---|---|---|",
            f"| {len(blocks)} | {each:.2f} | {spread(times['here'])} | {spread(times['one'])} "
            f"| {spread(times['two'])} | **{spread(gain('one', 'two'), 2)}** "
            f"| {spread(gain('one process', 'two processes'), 2)} | **{spread(over)}** |",
        ]
    )


def _train_all(blocks: Sequence[Block]) -> None:
    """In a process of its own: blocks one after the other."""
    torch.set_num_threads(1)
    for block in blocks:
        train_block(block, {})


def _many() -> str:
    base = _problem(10, ck.GradientDescent(5e-3, steps=20))
    rows = ["| runs | seconds | ms a run |", "|---|---|---|"]
    sizes = (100, 1_000, 10_000)
    ck.sweep(base, seed=range(10))
    took = []
    for size in sizes:
        took.append(statistics.median(_repeated(lambda n=size: ck.sweep(base, seed=range(n)))))
        rows.append(f"| {size:,} | {took[-1]:.2f} | {1e3 * took[-1] / size:.2f} |")
    slope = np.polyfit(np.log(sizes), np.log(took), 1)[0]
    return "\n".join([*rows, "", f"Exponent: **{slope:.2f}**."])


def _repeated(work: Callable[[], object]) -> list[float]:
    return [seconds(work) for _ in range(ROUNDS)]


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        ck.sweep(_problem(5, ck.GradientDescent(steps=1)), pool, n_samples=range(1, 40))
        yield pool


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster  # noqa: PLC0415  optional

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def measure() -> str:
    """The tables."""
    return "\n\n".join([_map(), _rates(), _dask(), _many()])
