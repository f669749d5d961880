"""Good arguments for every public function, and bad ones of every kind."""

import functools
import inspect

import numpy as np
import sympy
import torch

import condensekit as ck
from condensekit import course, editions, exercises, sweeps, symmetry

MODULES = (
    ck,
    ck.measures,
    ck.dynamics,
    ck.exact,
    ck.symbolic,
    ck.symmetry,
    ck.embedding,
    ck.sweeps,
    course,
    editions,
    exercises,
    ck.training,
    ck.tokens,
)


ELSEWHERE = "condensekit.problems"
"""Problems take data of whatever kind, and are asked for themselves."""


def functions():
    """Every public function by its name, found by inspection."""
    found = {}
    for module in MODULES:
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isroutine(value) and not value.__module__.startswith(ELSEWHERE):
                found.setdefault(name, value)
    return found


@functools.cache
def good():
    """A good value for every argument, by its name; by function and name where that differs."""
    model, relu, narrow = ck.TwoLayer(1, 4), ck.TwoLayer(1, 4, "relu"), ck.TwoLayer(1, 1)
    experiment = ck.Experiment(model, ck.three_tanh(1), ck.GradientDescent(steps=20), n_samples=6)
    run = ck.train(experiment)
    completion = ck.Experiment(
        ck.MatrixFactorization(2, 2, 2),
        ck.matrix_completion([[1.0, 2.0], [2.0, 4.0]]),
        ck.Adam(steps=5),
        n_samples=3,
    )
    factors = ck.train(completion)
    data = experiment.data()
    heads, image = ck.Attention(2, 2, 2, 1), ck.Conv(side=8, kernels=2, size=3)
    attention = ck.Experiment(heads, ck.problems.TeacherHeads(1, 2, 2), ck.Adam(steps=2), 4)
    flat = ck.Conv(4, kernels=3, size=4, stride=1, classes=2, activation="relu")
    digits = ck.Experiment(ck.Conv(kernels=2), ck.mnist(), ck.Adam(steps=1), 4)
    candidate, stratum = symmetry.equal(model), next(symmetry.strata(model))
    table = ck.sweep(experiment, seed=[0, 1])
    symbols = [*sympy.symbols("s t")]
    start, source = model.init(seed=0), editions.sources()[0]
    for_head = {
        "model": heads,
        "params": heads.init(seed=0),
        "experiment": attention,
        "run": ck.train(attention),
    }
    for_image = {"model": image, "params": image.init(seed=0)}
    for_target = {"target": narrow, "params": narrow.init(seed=0)}
    own = {
        "active_heads": {"matrix": ck.measures.matrices(heads, for_head["params"])},
        "at_the_target": for_target,
        "attention_sample_size": for_head,
        "blocks": for_image,
        "check_linear": {
            "formula": symbols[0] * symbols[1],
            "theta": symbols,
            "matrix": sympy.Matrix([[0, 1], [1, 0]]),
        },
        "crosses": {"rows": 2, "columns": 2},
        "displacements": {
            "experiment": ck.records.REGIMES.replace(max_steps=20),
            "widths": [2, 4],
            "seeds": 1,
        },
        "gammas": {"name": "He", "width": 10},
        "drawn": {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]},
        "drift": {"init": None},
        "drifts": {"init": None},
        "effective_rank": {"matrix": np.eye(3)},
        "escaped": {"kick": 1e-6, "runs": [run, run]},
        "expected_direction": {"experiment": digits},
        "first_direction": {"experiment": digits},
        "fixed_set": {"symmetry": symmetry.swap(model, 0, 1)},
        "learning_coefficient": {"target_width": 4},
        "levels": for_head,
        "form": {"name": "A"},
        "formula": {"text": "x"},
        "items": {"name": "A"},
        "key": {"name": "B"},
        "kicked": {"size": 0.1},
        "prove": {"what": symmetry.swap(ck.TwoLayer(1, 2), 0, 1)},
        "matrices": for_head,
        "matrix_completion": {"matrix": [[1.0, 2.0], [2.0, 4.0]], "order": [0, 1, 2]},
        "mean_cosine": {"matrix": np.eye(3)},
        "origin_escape": {"init_std": [1e-2, 1e-3], "fall": 0.5},
        "merge_directions": {"model": flat, "params": flat.init(seed=0), "cosine": 0.5},
        "keep_progress": {"folder": "."},
        "of_notebook": {"notebook": "06"},
        **{
            name: {"notebook": source, "name": "student", "language": "en"}
            for name in (*editions.EDITIONS, "edition")
        },
        "hand_out": {"folder": "an edition", "edition": "student", "language": "en"},
        "set_language": {"language": "en"},
        "translated": {"notebook": source, "language": "en"},
        "report": {"path": "report.txt"},
        "named": {"theta": np.zeros(model.n_parameters)},
        "own_data": {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]},
        "plane": {"constant": 1.0, "first": 1.0, "second": 1.0},
        "products": {"run": factors},
        "rank_counts": {"run": factors},
        "rescaling": {"model": relu},
        "sample_size_bound": {"model": ck.Deep(1, 4), "target_widths": [1, 1]},
        "symbolic_rank": {
            "model": ck.TwoLayer(1, 1),
            "params": ck.symbolic.generic_point(ck.TwoLayer(1, 1)),
        },
        "target_matrix": {"run": factors},
        "target_sample_rank": for_target,
        "target_sample_size": for_target,
        "taylor_determinant": {"model": ck.TwoLayer(1, 2, bias=False)},
        "teacher": {"a": [1.0], "w": [[1.0]], "b": [0.0]},
        "teaching": for_head,
        "read_moment": {"token": ck.tokens.write_moment("RecoveryLab", [experiment], 0, 0, {})},
        "params": {"more": dict(start)},
        "sweep": {"more": {"seed": [0, 1]}},
        "write_moment": {"view": {}},
    }
    common = {
        "a": [1.0],
        "activation": "tanh",
        "active": 0.01,
        "address": "nowhere",
        "aligned": 0.9,
        "alone": 0.1,
        "answers": {},
        "as_well": 0.05,
        "at": np.zeros((1, 1)),
        "base": experiment,
        "batch": [experiment],
        "bound": 1.0,
        "brackets": 1,
        "c": 2.0,
        "candidate": candidate,
        "candidates": [candidate],
        "cell": table.isel(seed=0),
        "cells": sweeps.Cells(sweeps.Grid.of(experiment, {"seed": [0, 1]})),
        "change": dict,
        "copies": 1,
        "cosine": np.eye(3),
        "counts": np.ones(len(run), int),
        "d": 1,
        "data": data,
        "died": 0.25,
        "dim": 5,
        "dimensions": [1],
        "direction": np.ones(1),
        "epsilon": 0.1,
        "experiment": experiment,
        "experiments": [experiment],
        "fall": 0.05,
        "fewer_probes": False,
        "first": 2,
        "gamma": 1.0,
        "gamma_prime": 0.0,
        "gap": 3.0,
        "heard": 0.1,
        "high": 1.0,
        "how": "null",
        "index": -1,
        "init": start,
        "j": 0,
        "k": 1,
        "kernel": [1.0],
        "kick": 0.1,
        "knob": model.knobs()["width"],
        "lab": "RecoveryLab",
        "last": 2.0,
        "layer": 0,
        "least": 0.05,
        "low": -1.0,
        "lr": 0.01,
        "margin": 0.5,
        "measure": ck.measures.amplitudes,
        "model": model,
        "n": 20,
        "name": "This map",
        "near": 0.1,
        "noise_std": 0.0,
        "on_step": lambda snapshot: None,
        "optimizer": experiment.optimizer,
        "order": [1, 0, 2, 3],
        "params": start,
        "path": "nowhere",
        "probes": torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None],
        "prove": False,
        "purpose": "weights",
        "products": 3,
        "rank": 1,
        "ranks": ((1.0, 2.0), (2.0, 1.0)),
        "ratio": 1.5,
        "ratios": [[0.5, 0.5], [1.0], [1.0], [1.0]],
        "record_ratio": 1.5,
        "rise": 2.0,
        "run": run,
        "same": 0.1,
        "scale": False,
        "scores": (1.0, 0.9),
        "sets": ["equal"],
        "sharp": 1e-8,
        "shifted": False,
        "side": 3,
        "signs": [[1, 1], [1], [1], [1]],
        "size": 2,
        "seed": 0,
        "state": {"a": 1},
        "steepness": np.ones(len(run)),
        "step": 3,
        "steps": 10,
        "stratum": stratum,
        "target_heads": 1,
        "target_width": 1,
        "target_widths": [1],
        "teacher_activation": "tanh",
        "teacher_seed": 0,
        "text": "1,2",
        "token": ck.tokens.write_token({}),
        "threshold": 0.01,
        "tolerance": 1e-9,
        "trials": 2,
        "until": 3,
        "up_to_sign": False,
        "value": 1.0,
        "values": [1, 2],
        "what": "group",
        "width": 6,
        "x": data.x,
        "y": data.y,
    }
    return common, own
