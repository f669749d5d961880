"""Write the golden numbers: what some experiments give, on each instruction set of this processor.

Libraries choose their code by what a processor can do, and the last digits of a sum depend on it.
Here each of them is told to do with less. An instruction set is named as torch names it.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import torch
from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched

import condensekit as ck

FILE = Path(__file__).parents[1] / "tests" / "data" / "golden.json"
SETS = ("default", "avx2", "avx512")
"""From SSE2 on, which every processor of 64 bits has; each has all that stands before it."""
_MKL = {"default": "SSE4_2", "avx2": "AVX2", "avx512": "AVX512"}
_ONEDNN = {"default": "SSE41", "avx2": "AVX2", "avx512": "AVX512_CORE"}
_OPENBLAS = {"default": "Nehalem", "avx2": "Haswell", "avx512": "SkylakeX"}


def available():
    """The instruction sets that this processor has, the smallest first."""
    best = torch.backends.cpu.get_cpu_capability().lower()
    return SETS[: SETS.index(best) + 1] if best in SETS else ()


def limits(name):
    """The environment in which torch, its BLAS and NumPy use an instruction set and no larger."""
    large = [one for one in dispatched if one.startswith(("AVX512", "X86_V4"))]
    off = {"default": dispatched, "avx2": large, "avx512": ()}[name]
    return {
        "ATEN_CPU_CAPABILITY": name,
        "MKL_ENABLE_INSTRUCTIONS": _MKL[name],
        "NPY_DISABLE_CPU_FEATURES": " ".join(off),
        "ONEDNN_MAX_CPU_ISA": _ONEDNN[name],
        "OPENBLAS_CORETYPE": _OPENBLAS[name],
    }


def experiments():
    """One of each kind: a model, an optimizer, a number of inputs."""
    two = ck.TwoLayer(1, 12)
    relu, line = ck.TwoLayer(1, 12, "relu"), ck.problems.relu_1d()
    rows = ck.teacher(a=[1.5, -0.4], w=[[0.7, -1.1], [1.9, 0.2]], b=[0.3, -0.6])
    table = ck.matrix_completion(ck.problems.example_matrix(2))
    return {
        "descent, tanh": ck.Experiment(
            two, ck.three_tanh(), ck.GradientDescent(0.02, steps=8_000), 20, 0.01
        ),
        "Adam, tanh": ck.Experiment(two, ck.three_tanh(), ck.Adam(0.01, steps=2_000), 20, 0.01),
        "flow, tanh": ck.Experiment(two, ck.three_tanh(), ck.GradientFlow(t_end=1e4), 20, 0.01),
        "descent, ReLU": ck.Experiment(relu, line, ck.GradientDescent(0.1, steps=12_000), 20, 1e-4),
        "mini-batches": ck.Experiment(
            ck.TwoLayer(2, 6), rows, ck.SGD(0.02, momentum=0.9, batch_size=5, steps=1_000), 23, 0.3
        ),
        "flow, matrix": ck.Experiment(
            ck.MatrixFactorization(4, 4, 4), table, ck.GradientFlow(stop_loss=1e-12), 12, 1e-2
        ),
        "Adam, heads": ck.records.head_experiment(0.01, 16).replace(steps=100),
        "descent, digits": ck.records.KERNELS.replace(width=4, n_samples=50, steps=60),
    }


def measured(run):
    """What is said of a run at its end: errors, when it escaped, and what is counted."""
    experiment, params = run.experiment, run.final
    found = {
        "loss": float(run.loss[-1]),
        "test loss": float(run.test_loss[-1]),
        "steps": int(run.step[-1]),
        "escapes": [one.time for one in ck.dynamics.events(run) if one.kind == "escape"],
    }
    if experiment.problem.loss is not ck.losses.cross_entropy:
        found["recovery error"] = ck.recovery(run).relative_error
    if isinstance(experiment.model, ck.TwoLayer):
        found["clusters"] = ck.measures.gathering(experiment.model, params).clusters
        found["rank"] = ck.model_rank(experiment.model, params, 1e-9, prove=False).rank
    if isinstance(experiment.model, ck.MatrixFactorization):
        found["rank of A B"] = ck.recovery(run).groups
    if isinstance(experiment.model, ck.Attention):
        matrix = next(iter(ck.measures.matrices(experiment.model, params).values()))
        found["effective rank"] = float(ck.measures.effective_rank(matrix))
    if isinstance(experiment.model, ck.Conv):
        found["mean |cos|"] = ck.measures.blocks(experiment.model, params).mean
    return found


def numbers():
    """All of them, computed in this process."""
    return {name: measured(ck.train(one)) for name, one in experiments().items()}


def limited(name, *command, **more):
    """What Python prints in a process of its own that is limited to an instruction set."""
    env = os.environ | limits(name) | more
    done = subprocess.run(
        [sys.executable, *command], env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def computed(name, **more):
    """All of them, on an instruction set."""
    return limited(name, __file__, "--here", **more)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="print those of this process alone")
    if parser.parse_args().here:
        print(json.dumps(numbers()))
    else:
        known = {name: computed(name) for name in available()}
        FILE.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
