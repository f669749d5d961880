"""Rosenbrock methods and step controllers for the gradient flow, side by side."""

import dataclasses
import math
from functools import partial

import numpy as np
import torch

from condensekit.derivatives import Landscape
from condensekit.optimizers.flow import FlowRule
from condensekit.optimizers.rosenbrock import ROS4, Method

from .flow import published
from .timing import seconds

TITLE = "Which method follows the flow best"
EXPLANATION = """\
Published methods, each in our integrator, on the published problem at rtol 1e-3, to a training
loss of 1e-13, seeds 0 and 4. The cap is the largest h |lambda| of a growing direction for which
the method's growth is exact to one percent of its exponent (at most 1): it bounds the step on a
plateau, so that a kick off a saddle is neither delayed nor swallowed. "Escape" compares the time
at which the loss falls below 0.09 with that of ROS4 at rtol 1e-6.

Why ROS4 (Hairer and Wanner 1996, Section IV.7) with the PI controller (Gustafsson 1991): it needs
the fewest attempts and rejects almost none, three gradients and four cheap solves each, and it
leaves the plateau on time. ROS3 is as quick but leaves late; RODAS3 and RODAS3P need more
attempts. RODAS4 and RODAS4P may take longer steps on a plateau, yet pay six gradients and six
solves for each, and at this tolerance they leave late as well. The plain controller (I) falls
into a sequence of one step that is too long and one that is too short, and rejects far more.
Methods without a cap are not in the table: they may never leave a saddle."""

_RODAS3P = (2.90625, 3.375, 0.40625)
_RODAS4 = (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950)
_RODAS4P = (-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401)

METHODS = (
    Method(
        "ROS3",
        3,
        0.43586652150845899941601945119356,
        ((), (1.0,), (1.0, 0.0)),
        (
            (),
            (-1.0156171083877702091975600115545,),
            (4.0759956452537699824805835358067, 9.2076794298330791242156818474003),
        ),
        (1.0, 6.1697947043828245592553615689730, -0.42772256543218573326238373806514),
        (0.5, -2.9079558716805469821718236208017, 0.2235406989781156962736090927619),
        1.0,
    ),
    Method(
        "RODAS3",
        3,
        0.5,
        ((), (0.0,), (2.0, 0.0), (2.0, 0.0, 1.0)),
        ((), (4.0,), (1.0, -1.0), (1.0, -1.0, -8.0 / 3.0)),
        (2.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 0.0, 1.0),
        1.0,
    ),
    Method(
        "RODAS3P",
        3,
        1.0 / 3.0,
        ((), (4.0 / 3.0,), (0.0, 0.0), _RODAS3P, (*_RODAS3P, 0.0)),
        (
            (),
            (-4.0,),
            (8.25, 6.75),
            (1.21875, -5.0625, -1.96875),
            (4.03125, -15.1875, -4.03125, 6.0),
        ),
        (*_RODAS3P, 0.0, 1.0),
        (0.0, 0.0, 0.0, -1.0, 1.0),
        1.0,
    ),
    ROS4,
    Method(
        "RODAS4",
        4,
        0.25,
        (
            (),
            (1.544,),
            (0.9466785280815826, 0.2557011698983284),
            (3.314825187068521, 2.896124015972201, 0.9986419139977817),
            _RODAS4,
            (*_RODAS4, 1.0),
        ),
        (
            (),
            (-5.6688,),
            (-2.430093356833875, -0.2063599157091915),
            (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
            (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
            (
                8.083246795921522,
                -7.981132988064893,
                -31.52159432874371,
                16.31930543123136,
                -6.058818238834054,
            ),
        ),
        (*_RODAS4, 1.0, 1.0),
        (0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        1.0,
    ),
    Method(
        "RODAS4P",
        4,
        0.25,
        (
            (),
            (3.0,),
            (1.831036793486759, 0.4955183967433795),
            (2.304376582692669, -0.05249275245743001, -1.176798761832782),
            _RODAS4P,
            (*_RODAS4P, 1.0),
        ),
        (
            (),
            (-12.0,),
            (-8.791795173947035, -2.207865586973518),
            (10.81793056857153, 6.780270611428266, 19.53485944642410),
            (34.19095006749676, 15.49671153725963, 54.74760875964130, 14.16005392148534),
            (
                34.62605830930532,
                15.30084976114473,
                56.99955578662667,
                18.40807009793095,
                -5.714285714285717,
            ),
        ),
        (*_RODAS4P, 1.0, 1.0),
        (0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        1.0,
    ),
)
"""ROS3 and RODAS3: Sandu et al. 1997. RODAS3P, RODAS4P: Steinebach 1995, 2024. RODAS4: Hairer and
Wanner 1996. Their caps are computed below."""


CONTROLLERS = {"PI": (0.7, 0.4), "I": (1.0, 0.0)}
"""How much the errors of this step and of the last one say about the next."""


def growth(method: Method, z: float) -> float:
    """By what a step multiplies the solution of theta' = theta, with h = z."""
    stages: list[float] = []
    for a, c in zip(method.a, method.c, strict=True):
        point = 1.0 + sum(x * k for x, k in zip(a, stages, strict=False))
        right = z * point + sum(x * k for x, k in zip(c, stages, strict=False))
        stages.append(method.gamma * right / (1.0 - z * method.gamma))
    return 1.0 + sum(m * k for m, k in zip(method.m, stages, strict=True))


def cap(method: Method) -> float:
    """The largest z <= 1 up to which log growth is z to one percent."""
    best = 0.0
    for z in np.arange(0.05, 1.0001, 0.05):
        if abs(math.log(growth(method, z)) / z - 1.0) > 0.01:
            break
        best = float(z)
    return best


def follow(method: Method, seed: int, **settings: float) -> tuple[int, int, float]:
    """Attempts, rejections, and when the loss fell below 0.09."""
    experiment = published(seed).replace(**settings)
    data, start = experiment.data(), experiment.init()
    theta = np.concatenate([leaf.numpy().ravel() for leaf in start.values()])[None]
    landscape = Landscape(experiment.model, theta, data.x[None], data.y[None])
    rule = FlowRule([experiment.optimizer], landscape, method)
    loss, attempts, escape = rule.start(), 0, math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        while rule.going(loss)[0] and attempts < experiment.optimizer.max_steps:
            loss = rule.step()
            attempts += 1
            if math.isnan(escape) and loss[0] < 0.09:
                escape = float(rule.time()[0])
    return attempts, attempts - int(rule.steps()[0]), escape


def measure() -> str:
    """The table."""
    torch.set_num_threads(1)
    seeds = (0, 4)
    truth = [follow(ROS4, seed, rtol=1e-6, stop_loss=0.08)[2] for seed in seeds]
    rows = [
        "| method | order | cap | controller | seconds, each seed | attempts (rejected) | escape |",
        "|---|---|---|---|---|---|---|",
    ]
    for method in METHODS:
        capped = method if method is ROS4 else _with_cap(method)
        for name, (now, before) in CONTROLLERS.items():
            controlled = dataclasses.replace(capped, now=now, before=before)
            found = [follow(controlled, seed) for seed in seeds]
            times = [
                min(seconds(partial(follow, controlled, seed)) for _ in range(2)) for seed in seeds
            ]
            took = ", ".join(f"{t:.2f}" for t in times)
            counts = ", ".join(f"{attempts:,} ({rejected})" for attempts, rejected, _ in found)
            late = ", ".join(
                f"{(escape / true - 1.0):+.1%}"
                for (_, _, escape), true in zip(found, truth, strict=True)
            )
            rows.append(
                f"| {method.name} | {method.order} | {cap(method):.2f} | {name} | {took} "
                f"| {counts} | {late} |"
            )
    return "\n".join(rows)


def _with_cap(method: Method) -> Method:
    return dataclasses.replace(method, cap=cap(method))
