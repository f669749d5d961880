"""The gradient flow against gradient descent and Adam; what a step costs."""

import tracemalloc

import numpy as np
import torch

import condensekit as ck
from condensekit.derivatives import Landscape
from condensekit.dynamics import descent_steps

from .summary import Claim
from .timing import one_core, seconds, spread
from .training import jax_loop, plain_loop

TITLE = "The gradient flow against gradient descent and Adam"
EXPLANATION = """\
The published problem: three tanh neurons, 500 neurons, 50 samples, std 500^-1.5.

First table: to a training loss of 1e-13 where the flow gets there before t = 1e9, else to that
time. Gradient descent would need the epochs of the column, the integral of lambda_max / 2 over flow
time, each with the largest learning rate that is stable at its moment; its hours are these epochs
times the seconds of an epoch of a plain `torch.nn` loop, and of a JAX loop (jit and scan), measured
in the same run. Nobody has made them: the ratio is computed, not waited for.

Second table: Adam, learning rate 1e-3, plain loop, up to 20,000 steps, against the time the flow
takes to the test error that Adam had reached.

Third table: seconds of one attempted step. The exponent is the slope of log time over log width, by
least squares."""


def published(seed: int = 0) -> ck.Experiment:
    """The published problem."""
    return ck.Experiment(
        ck.TwoLayer(1, 500),
        ck.three_tanh(),
        ck.GradientFlow(stop_loss=1e-13),
        n_samples=50,
        init_std=500**-1.5,
        seed=seed,
    )


def _epoch(rounds: int = 2, steps: int = 5_000) -> tuple[float, float | None]:
    """Seconds of an epoch of gradient descent: plain torch, and JAX."""
    base = published().replace(stop_loss=0.0)
    descent = ck.Experiment(
        base.model,
        base.problem,
        ck.GradientDescent(steps=steps),
        n_samples=50,
        init_std=base.init_std,
    )
    plain_loop(descent.replace(steps=50))
    plain = min(seconds(lambda: plain_loop(descent)) for _ in range(rounds)) / steps
    loop = jax_loop([descent])
    jax = min(seconds(loop) for _ in range(rounds)) / steps if loop else None
    return plain, jax


def _to_the_end() -> tuple[str, list[Claim]]:
    plain, jax = _epoch()
    ck.train(published().replace(t_end=1.0))
    rows = [
        f"An epoch of the plain torch loop: {plain * 1e6:.0f} us; of JAX: "
        + (f"{jax * 1e6:.0f} us.\n" if jax else "not installed.\n"),
        "| seed | flow, s | steps | flow time | train loss | test error "
        "| epochs of gradient descent | torch, hours | flow is faster by | than JAX |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    flows, by_torch, by_jax = [], [], []
    for seed in range(5):
        experiment = published(seed)
        runs: list[ck.Run] = []
        times = [seconds(lambda e=experiment, r=runs: r.append(ck.train(e)))]
        run = runs[-1]
        epochs = float(descent_steps(run)[-1])
        took = min(times)
        flows.append(took)
        by_torch.append(epochs * plain)
        if jax:
            by_jax.append(epochs * jax)
        over = f"**{epochs * jax / took:.0e}**" if jax else "-"
        rows.append(
            f"| {seed} | {spread(times, 2)} | {run.step[-1]:,} | {run.time[-1]:.2g} "
            f"| {run.loss[-1]:.0e} | {run.test_loss[-1]:.0e} | {epochs:.1e} "
            f"| {epochs * plain / 3600:,.0f} | **{epochs * plain / took:.0e}** | {over} |"
        )
    what = "The gradient flow of the published problem to its end, seeds 0 to 4"
    tools = {"gradient descent in torch": by_torch, "gradient descent in JAX": by_jax}
    claims = [Claim(what, tool, flows, took, True) for tool, took in tools.items()]
    return "\n".join(rows), claims


def _against_adam() -> tuple[str, list[Claim]]:
    flow = published()
    adam = ck.Experiment(
        flow.model, flow.problem, ck.Adam(1e-3, steps=20_000), 50, init_std=flow.init_std
    )
    slow = seconds(lambda: plain_loop(adam))
    reached = float(ck.train(adam).test_loss.min())
    run = ck.train(flow)
    until = float(run.time[np.argmax(run.test_loss < reached)])
    fast = min(seconds(lambda: ck.train(flow.replace(t_end=until))) for _ in range(3))
    text = (
        "| Adam, plain loop, s | test error it reached | flow to the same, s | times as fast |\n"
        f"|---|---|---|---|\n| {slow:.1f} | {reached:.0e} | {fast:.2f} | **{slow / fast:.0f}** |"
    )
    what = "The published problem to the test error that 20,000 steps of Adam reach"
    return text, [Claim(what, "Adam, a loop in torch", [fast], [slow])]


def _step(width: int, n: int, attempts: int = 15) -> tuple[float, float]:
    """Seconds of one attempted step, and megabytes that the integrator holds."""
    experiment = published().replace(width=width, n_samples=n, init_std=0.1 * width**-0.5)
    data, start = experiment.data(), experiment.init()
    theta = np.concatenate([leaf.numpy().ravel() for leaf in start.values()])[None]
    tracemalloc.start()
    landscape = Landscape(experiment.model, theta, data.x[None], data.y[None])
    rule = ck.GradientFlow.rule([experiment.optimizer], landscape)
    rule.start()
    rule.step()
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return min(seconds(rule.step) for _ in range(attempts)), held


def _steps() -> str:
    widths, sizes = (100, 300, 1_000, 3_000, 10_000), (10, 50, 250, 1_000)
    by_width = [_step(width, 50) for width in widths]
    by_n = [_step(500, n) for n in sizes]
    slope = np.polyfit(np.log(widths), np.log([t for t, _ in by_width]), 1)[0]
    rows = ["| width | samples | ms a step | memory, MB |", "|---|---|---|---|"]
    for (width, n), (t, held) in zip(
        [*((w, 50) for w in widths), *((500, n) for n in sizes)], by_width + by_n, strict=True
    ):
        rows.append(f"| {width:,} | {n:,} | {t * 1e3:.2f} | {held:.0f} |")
    grow = np.diff(np.log([t for t, _ in by_n])) / np.diff(np.log(sizes))
    exponents = ", ".join(f"{e:.2f}" for e in grow)
    return "\n".join(
        [
            *rows,
            "",
            f"Exponent in the width: **{slope:.2f}**; between the sample sizes: {exponents}.",
        ]
    )


def measure() -> tuple[str, list[Claim]]:
    """The tables, and what they claim."""
    torch.set_num_threads(1)
    with one_core():
        (to_the_end, claims), (adam, more) = _to_the_end(), _against_adam()
        return "\n\n".join([to_the_end, adam, _steps()]), claims + more
