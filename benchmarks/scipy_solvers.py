"""The stiff solvers of SciPy on the published problem; up to half an hour, so only on request."""

import time

import numpy as np
from scipy.integrate import solve_ivp

import condensekit as ck
from condensekit.derivatives import Landscape

from .flow import published

TITLE = "The gradient flow against SciPy's stiff solvers"
LIMIT = 600.0  # seconds of processor time for each solver
T_END = 1e5  # after the escape from the long plateau, at 7.4e4
SOLVERS = (("LSODA", 1e-3, 1e-6), ("BDF", 1e-3, 1e-6), ("Radau", 1e-3, 1e-6))
EXPLANATION = f"""\
The published problem (500 neurons, 50 samples, 1,500 parameters) up to flow time {T_END:g}, past
its long plateau. SciPy gets the same right-hand side, our closed-form gradient, and the Jacobian
by its own finite differences; a solver is stopped after {LIMIT:g} s. Seconds are those of the
processor, so that neither side pays for what else the machine does. The error is that of all
parameters, relative, against our own method at rtol 1e-6, at the time that was reached. Where
SciPy did not finish, the ratio is a lower bound: its time so far over ours for the whole way."""


class _TimeIsUp(Exception):
    pass


def solver(method: str, rtol: float, atol: float) -> tuple[float, float, np.ndarray]:
    """Processor seconds, flow time reached and parameters there."""
    experiment = published()
    data, start = experiment.data(), experiment.init()
    theta = np.concatenate([leaf.numpy().ravel() for leaf in start.values()])[None]
    landscape = Landscape(experiment.model, theta.copy(), data.x[None], data.y[None])
    began = time.process_time()
    reached: tuple[float, np.ndarray] = 0.0, theta[0]

    def right(_t: float, point: np.ndarray) -> np.ndarray:
        if time.process_time() - began > LIMIT:
            raise _TimeIsUp
        landscape.theta[0] = point
        landscape.loss()
        return -landscape.gradient[0].copy()

    # In pieces, so that it is known how far a solver came; each goes on from the last.
    for piece in np.geomspace(1.0, T_END, 11):
        try:
            found = solve_ivp(
                right, (reached[0], piece), reached[1], method=method, rtol=rtol, atol=atol
            )
        except _TimeIsUp:
            break
        reached = piece, found.y[:, -1]
    return time.process_time() - began, *reached


def measure() -> str:
    """The table."""
    base = published().replace(stop_loss=0.0, t_end=T_END)
    ck.train(base.replace(t_end=1.0))
    began = time.process_time()
    ours = ck.train(base)
    mine = time.process_time() - began
    truth = {}

    def error(theta: np.ndarray, t: float) -> float:
        if t not in truth:
            truth[t] = _flat(ck.train(base.replace(rtol=1e-6, t_end=t, max_steps=1_000_000)))
        return float(np.linalg.norm(theta - truth[t]) / np.linalg.norm(truth[t]))

    rows = [
        "| solver | tolerances | processor time, s | flow time reached | error there | ratio |",
        "|---|---|---|---|---|---|",
        f"| condensekit | rtol 1e-3 | {mine:.2f} | {T_END:g} | {error(_flat(ours), T_END):.0e} | |",
    ]
    for method, rtol, atol in SOLVERS:
        seconds, t, theta = solver(method, rtol, atol)
        more = "" if t == T_END else "over "
        off = f"{error(theta, t):.0e}" if t else "-"
        rows.append(
            f"| {method} | rtol {rtol:g}, atol {atol:g} | {seconds:.0f} | {t:.3g} | {off} "
            f"| **{more}{seconds / mine:,.0f}** |"
        )
    return "\n".join(rows)


def _flat(run: ck.Run) -> np.ndarray:
    return np.concatenate([leaf.numpy().ravel() for leaf in run.final.values()])
