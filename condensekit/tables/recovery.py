"""RecoveryLab: can a 500-neuron network recover a target from 50 samples?"""

from typing import Any

import numpy as np

from .. import pictures
from ..dynamics import followed_until, sharpness
from ..frames import Epochs
from ..models import TwoLayer
from ..records import RECOVERY
from ..subjects import Moment, Said, fit_with_merged, merged_sentence, said
from ..training import Outcome
from ..verdicts import recovery_verdict
from .declared import Dial, Line, More, Picture
from .experiments import (
    ACTIVATION,
    MERGE,
    bearable,
    moved_by,
    of,
    optimizers,
    runs_table,
    std_and_gamma,
    with_plateaus,
)

__all__ = ["RECOVERY_TABLE"]

WIDEST_LIVE = 6_000
"""Parameters of the widest network of which neurons are counted while it trains."""


def _loss(now: Moment) -> Any:
    return pictures.loss(now.run, now.index, _epochs(now))


def _epochs(now: Moment) -> Epochs | None:
    """The second axis of a flow: epochs at the learning rate that is entered."""
    lr, run = now.entered.get("lr"), now.run
    if not run.experiment.optimizer.over_time or not isinstance(lr, float) or not lr > 0.0:
        return None
    steep = np.zeros(len(run))
    if not now.live or run.outcome is not Outcome.RUNNING:
        steep = run.once(("sharpness", len(run)), lambda: sharpness(run))
    return Epochs(lr, followed_until(run, lr, steep))


def _verdict(now: Moment) -> list[Said]:
    # Of a wide network the search takes seconds; so while it trains, it is left for later, too.
    quick = now.quick or (now.live and now.run.experiment.model.n_parameters > WIDEST_LIVE)
    return said(recovery_verdict(now.run, now.index, quick))


RECOVERY_TABLE = runs_table(
    RECOVERY,
    lambda one: isinstance(one.model, TwoLayer) and one.model.d == 1,
    shows="two-layer networks of one input",
    controls=[
        Dial("init_std", "variance σ²", (1e-16, 10.0), squared=True),
        Line(std_and_gamma),
        Dial("width", "width m", (1, 2_000)),
        Dial("target_width", "target width k", knob=RECOVERY.knobs()["target_width"]),
        Dial("n_samples", "samples n", (1, 1_000)),
        bearable(["this network"]),
        MERGE,
        More(
            [
                optimizers(),
                *moved_by(lr=(1e-5, 1.0), steps=(100, 1_000_000), without=["t_end"]),
                Dial("seed", "seed", (0, 20)),
                ACTIVATION,
            ]
        ),
    ],
    pictures=[
        Picture("fit", "fit", fit_with_merged, beside=True),
        Picture("neurons", "neurons", of(pictures.neurons), beside=True),
        Picture("loss", "loss", _loss, beside=True),
        Picture("similarity", "similarity", of(pictures.similarity), beside=True, every=5),
    ],
    verdict=_verdict,
    story=with_plateaus,
    below=merged_sentence,
    ending="print(ck.recovery(run, index=index))",
    width=724,
)
