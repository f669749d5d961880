"""The gradient flow of a very wide network that starts large, and moves by half a percent."""

import dataclasses

import numpy as np
import torch

from condensekit import Experiment, GradientFlow, TwoLayer, three_tanh, train


def test_the_move_of_20000_neurons_is_right_to_a_percent():
    """With the error measured against theta alone it took 3 steps, and was wrong by a quarter."""
    m = 20_000
    flow = GradientFlow(t_end=0.1, stop_loss=0.0)
    experiment = Experiment(TwoLayer(1, m, "relu"), three_tanh(1), flow, 10)
    half = TwoLayer(1, m // 2, "relu").init(torch.Generator().manual_seed(0), m**-0.25)
    init = {name: torch.cat([leaf, leaf]) for name, leaf in half.items()}
    init["a"][m // 2 :] *= -1.0
    moves = []
    for rtol in (1e-3, 1e-5):
        careful = dataclasses.replace(experiment, optimizer=dataclasses.replace(flow, rtol=rtol))
        run = train(careful, init=init)
        moves.append(
            np.concatenate([(run.final[name] - init[name]).numpy().ravel() for name in init])
        )
    size = np.sqrt(sum(float(leaf.square().sum()) for leaf in init.values()))
    assert np.linalg.norm(moves[1]) < 0.01 * size
    assert np.linalg.norm(moves[0] - moves[1]) < 0.01 * np.linalg.norm(moves[1])
