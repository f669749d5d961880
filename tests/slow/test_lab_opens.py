"""Labs open on what a reader has: runs, files, tables, and parts of a notebook's own."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from cases import LABS, each

import condensekit as ck
from condensekit import labs
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.optimizers import OPTIMIZERS
from condensekit.subjects import measured

OF_RUNS = {
    name: case
    for name, case in LABS.items()
    if case.kind not in ("SymmetryLab", "RankLab", "PhaseLab")
}
ERROR = "✖"


@pytest.fixture(autouse=True)
def _as_before():
    before = dict(ACTIVATIONS), dict(OPTIMIZERS)
    yield
    for kept, known in zip(before, (ACTIVATIONS, OPTIMIZERS), strict=True):
        known.clear()
        known.update(kept)


# --- what a lab opens on -----------------------------------------------------------------------


@each("case", OF_RUNS)
def test_knobs_an_experiment_a_run_and_a_file_open_the_same(case, tmp_path):
    lab = case.make()
    experiment = lab.entered()[0]
    run = ck.train(experiment)
    for given in (experiment, run, ck.Run.load(run.save(tmp_path / "run"))):
        again = type(lab)(given)
        assert again.entered()[0] == experiment
        assert again.default[0] == experiment
        if given is experiment:
            assert len(again.result) == 1
            again.run(live=False)
        for name in ("step", "loss"):
            assert np.array_equal(getattr(again.result, name), getattr(run, name))
        assert again.result.outcome is run.outcome
        again.go_to(2)
        assert type(lab).from_state(again.state()).state() == again.state()


def test_other_labs_open_on_settings_of_theirs(tmp_path):
    for name in ("symmetry", "rank"):
        lab = LABS[name].make()
        again = type(lab)(lab.entered())
        assert again.entered() == lab.entered()
        assert again.verdict.value == lab.verdict.value
    pytest.importorskip("xarray")
    grid = LABS["phase"].make().grid
    found = ck.sweep(grid.base, **dict(grid.axes))
    found.to_netcdf(tmp_path / "map.nc", engine="h5netcdf")
    read = __import__("xarray").load_dataset(tmp_path / "map.nc", engine="h5netcdf")
    for table in (found, read, found.isel(seed=[0])):
        lab = labs.PhaseLab(table)
        assert lab.result.cells.done == lab.result.cells.total
        shown = lab.result.cells.column("test_loss")
        order = ("n_samples", "init_std", "seed")
        assert np.array_equal(shown, table.test_loss.transpose(*order).values)
        assert lab.entered().base == grid.base


def test_a_small_and_a_large_start_open_on_a_problem():
    problem = ck.problems.formula("x^2")
    lab = labs.CondensationLab(problem=problem, width=5, n_samples=7)
    assert [one.problem for one in lab.entered()] == [problem, problem]
    assert lab.problem == problem


@pytest.mark.parametrize("start", [3, "run", [], (), object()])
@each("case", LABS)
def test_what_is_nothing_of_the_kind_is_refused_in_a_sentence(case, start):
    with pytest.raises(ValueError, match=r"(opens on|must be|but this is)") as error:
        type(case.make())(start)
    assert "\n" not in str(error.value)


PLANE = ck.Experiment(
    ck.models.Plane(), ck.problems.plane(1, 0.5, -2), ck.Adam(steps=3), n_samples=5
)
FITTING = {
    "a plane": (PLANE, "no lab"),
    "two inputs": (
        ck.Experiment(ck.TwoLayer(2, 3), ck.teacher([1.0], [[1.0, 2.0]]), ck.Adam(steps=3), 5),
        "no lab",
    ),
    "deep": (LABS["deep"].make().entered()[0], "DeepLab"),
    "heads": (LABS["heads"].make().entered()[0], "AttentionLab"),
    "digits": (LABS["kernels"].make().entered()[0], "KernelLab"),
    "factors": (LABS["factorization"].make().entered()[0], "FactorizationLab"),
    "one input": (LABS["recovery"].make().entered()[0], "CondensationLab and RecoveryLab"),
}


@each("fitting", FITTING)
def test_a_run_that_a_lab_cannot_show_names_those_that_can(fitting):
    experiment, fits = fitting
    run = ck.train(experiment.replace(steps=2) if "steps" in experiment.values() else experiment)
    for kind in {type(case.make()) for case in OF_RUNS.values()}:
        if kind.__name__ not in fits:
            with pytest.raises(ValueError, match=rf"^{kind.__name__} shows .*; {fits} can show th"):
                kind(run)
        else:
            assert kind(run).result.experiment == run.experiment


# --- weights exchanged -------------------------------------------------------------------------


@each("case", {name: c for name, c in OF_RUNS.items() if LABS[name].make().table.along})
def test_weights_that_are_exchanged_are_counted_anew(case):
    lab = case.make()
    lab.run(live=False)
    run = lab.result
    equal = {name: torch.ones_like(leaf) for name, leaf in run.params.items()}
    swapped = dataclasses.replace(run, params=equal)
    found = measured(type(lab)(swapped).result, lab.table.along)
    before = measured(run, lab.table.along)
    for name, measure in lab.table.along.items():
        expected = [measure(swapped, index) for index in range(len(swapped))]
        np.testing.assert_array_equal(found[name], expected)
        assert not np.array_equal(found[name], before[name], equal_nan=True)


# --- open lists --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["recovery", "condensation", "kernels", "deep", "symmetry"])
@pytest.mark.parametrize("how", ["registered later", "as a value", "at the start"])
def test_an_activation_of_ones_own_in_every_lab_that_has_a_choice(kind, how):
    gelu = Activation("gelu", torch.nn.functional.gelu)
    lab = LABS[kind].make(**{"activation": gelu} if how == "at the start" else {})
    if how == "registered later":
        ACTIVATIONS["gelu"] = gelu
        lab.activation = "gelu"
    elif how == "as a value":
        lab.activation = gelu
    assert lab.activation == "gelu"
    assert "gelu" in lab.controls["activation"].options
    assert ERROR not in lab.status.value
    lab.run(live=False)
    assert lab.runs()[0].experiment.values()["activation"] == "gelu"
    assert type(lab).from_state(lab.state()).entered() == lab.entered()


OWN = '''
import dataclasses, sys, torch
import condensekit as ck
from condensekit import labs

ck.activations.register(ck.activations.Activation("gelu", torch.nn.functional.gelu))

@dataclasses.dataclass(frozen=True)
class Halved(ck.Adam):
    """A rule of one's own: every step half as long."""

    @classmethod
    def rule(cls, optimizers, landscape):
        halves = [ck.Adam(o.lr / 2, o.steps, o.stop_loss) for o in optimizers]
        return ck.Adam.rule(halves, landscape)

@dataclasses.dataclass(frozen=True)
class Parabola(ck.problems.Problem):
    noise_std: float = 0.0
    inputs = ck.problems.EvenlySpaced(-1.0, 1.0)

    def target(self, x):
        return x[:, 0] ** 2

@dataclasses.dataclass(frozen=True)
class Seen(ck.problems.completion.MatrixCompletion):
    """A matrix of one's own."""

@dataclasses.dataclass(frozen=True)
class Digits(type(ck.problems.mnist())):
    """Images of one's own."""

@dataclasses.dataclass(frozen=True)
class Heads(type(ck.problems.teacher_heads())):
    """Heads of one's own."""

@dataclasses.dataclass(frozen=True)
class Narrow(ck.TwoLayer):
    """A model of one's own."""

@dataclasses.dataclass(frozen=True)
class Product(ck.models.MatrixFactorization):
    """A model of one's own."""

@dataclasses.dataclass(frozen=True)
class Images(ck.models.Conv):
    """A model of one's own."""

@dataclasses.dataclass(frozen=True)
class Looking(ck.models.Attention):
    """A model of one's own."""

@dataclasses.dataclass(frozen=True)
class Scaled(ck.ScaledTwoLayer):
    """A model of one's own."""

class Layered(ck.Deep):
    """A model of one's own."""

def own(kind, value, **more):
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    return kind(**fields | more)


def opened():
    """A lab of each kind on parts of one's own, which are small."""
    few = dict(width=5, n_samples=6, init_std=0.3)
    yield labs.RecoveryLab(model=Narrow(1, 5), activation="gelu", optimizer=Halved(steps=4))
    yield labs.RecoveryLab(problem=Parabola(), optimizer=Halved(steps=4), **few)
    yield labs.CondensationLab(model=Narrow(1, 5), problem=Parabola(), optimizer=Halved(steps=4))
    base = labs.FactorizationLab().entered()[0]
    yield labs.FactorizationLab(
        model=own(Product, base.model), problem=own(Seen, base.problem), optimizer=Halved(steps=4)
    )
    base = labs.KernelLab(width=2, n_samples=10, size=9, stride=9, pool=2).entered()[0]
    yield labs.KernelLab(
        base, model=own(Images, base.model), problem=own(Digits, base.problem),
        optimizer=Halved(steps=2),
    )
    base = labs.AttentionLab(heads=2, n_samples=8).entered()[0]
    yield labs.AttentionLab(
        base, model=own(Looking, base.model), problem=own(Heads, base.problem),
        optimizer=Halved(steps=2),
    )
    base = labs.RegimeLab(width=4).entered()[0]
    yield labs.RegimeLab(
        base, model=own(Scaled, base.model), problem=Parabola(), optimizer=Halved(steps=4)
    )
    yield DeepLab(model=Layered(1, 4, 2), problem=Parabola(), optimizer=Halved(steps=4))
    base = ck.Experiment(Narrow(1, 4, "gelu"), Parabola(), Halved(steps=4), 6, 0.3)
    yield labs.PhaseLab(
        ck.sweeps.Grid.of(base, {"n_samples": (3, 6), "init_std": (0.1,), "seed": (0,)})
    )
'''
HERE = (
    f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); from ninth import DeepLab"
)

SAVED = """
for lab in opened():
    lab.run(live=False)
    assert "✖" not in lab.status.value, lab.status.value
    assert "import condensekit" in lab.code()
    exec(lab.code(), globals() | {"print": lambda *said: None})
    if lab.runs():
        lab.result.save(f"{sys.argv[1]}/{len(tokens)}.npz")
    tokens.append((type(lab).__name__, lab.state()))
print(json.dumps(tokens))
"""
READ = """
for number, (name, token) in enumerate(json.loads(sys.argv[2])):
    kind = globals().get(name) or getattr(labs, name)
    try:
        lab = kind.from_state(token)
        assert lab.state() == token, name
        print(name, "token", lab.entered())
    except ValueError as error:
        print(name, "token refused:", error)
    if name != "PhaseLab":
        try:
            print(name, "file", kind(ck.Run.load(f"{sys.argv[1]}/{number}.npz")).result.experiment)
        except ValueError as error:
            print(name, "file refused:", error)
"""


def _lines(script, *arguments):
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_parts_of_ones_own_are_seen_saved_and_read_where_they_are_defined(tmp_path):
    begin = f"import json\n{HERE}\ntokens = []\n"
    (tokens,) = _lines(begin + OWN + SAVED, tmp_path)
    made = json.loads(tokens)
    assert {name for name, _ in made} == {case.kind for case in LABS.values()} - {
        "RankLab",
        "SymmetryLab",  # they have no list of such parts
    }
    told = _lines(begin + OWN + READ, tmp_path, tokens)
    assert len(told) == 2 * len(made) - 1
    assert not [line for line in told if "refused" in line]
    bare = "import condensekit as ck\nfrom condensekit import labs\n"
    told = _lines(begin + bare + READ, tmp_path, tokens)
    assert len(told) == 2 * len(made) - 1
    for line in told:
        assert "refused:" in line
        assert "'__main__:" in line
        assert "define the class" in line
