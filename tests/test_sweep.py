"""Sweeps: the same numbers wherever they are trained, and nothing that was trained is lost."""

import dataclasses
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import distributed
import numpy as np
import pytest
import torch
import xarray as xr
from cases import EXPERIMENTS, SHORT, SMALL, PlainFormula, each
from hypothesis import given, settings
from hypothesis import strategies as st
from often import crossed
from saboteurs import (
    AXES,
    FLOW,
    FailsForSeed,
    full_disk,
    largest_weight,
    refuses_seed_1,
)

import condensekit as ck
from condensekit import extras
from condensekit.activations import ACTIVATIONS
from condensekit.sweeps import FAILED, Cells, Grid, connect, experiment_at
from condensekit.sweeps.grid import MOST_RUNS
from condensekit.sweeps.processor import processor, processors
from condensekit.sweeps.store import Store

CONTEXT = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
CONTEXT.set_forkserver_preload(["condensekit"])  # so that new processes start at once


@pytest.fixture(scope="module")
def here():
    return ck.sweep(FLOW, **AXES)


class Heard(list):
    """Collects what a sweep tells, and stops it after some blocks."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after

    def __call__(self, progress):
        self.append(progress)
        return len(self) == self.stop_after


# --- what is in the table -------------------------------------------------------------------------


@each("base", {name: e for name, e in SHORT.items() if name != "published"})
def test_every_cell_is_the_run_trained_alone(base):
    found = ck.sweep(base, n_samples=[5, 9], seed=[0, 3])
    for n, seed in itertools.product([5, 9], [0, 3]):
        cell = found.sel(n_samples=n, seed=seed)
        experiment = experiment_at(cell)
        assert experiment == base.replace(n_samples=n, seed=seed)
        run = ck.train(experiment)
        np.testing.assert_allclose(cell.loss, run.loss[-1], rtol=1e-9)
        np.testing.assert_allclose(cell.test_loss, run.test_loss[-1], rtol=1e-9)
        assert (cell.steps, cell.time) == (run.step[-1], run.time[-1])
        assert cell.outcome == str(run.outcome)


@each("base", {name: SHORT[name] for name in ("small", "no bias", "relu", "plane")})
def test_measures_are_those_of_the_run(base):
    cell = ck.sweep(base, seed=[3]).isel(seed=0)
    run = ck.train(experiment_at(cell))
    verdict = ck.recovery(run)
    size, allowed = verdict.optimistic_sample_size, verdict.allowed
    theory = [np.nan if value is None else float(value) for value in (size, allowed)]
    np.testing.assert_equal([cell.optimistic_sample_size.item(), cell.allowed.item()], theory)
    assert (cell.groups, cell.reached) == (verdict.groups, verdict.reached)
    cosine = np.abs(ck.measures.cosine_similarity(run.experiment.model, run.final))
    pairs = cosine[np.triu_indices(len(cosine), 1)]
    assert cell.similarity == pytest.approx(pairs.mean(), rel=1e-9)


def test_the_flow_in_a_batch_is_the_flow_alone(here):
    for n in AXES["n_samples"]:
        cell = here.sel(n_samples=n, init_std=0.3, seed=1)
        run = ck.train(experiment_at(cell))
        # Not to the last bit: MKL rounds by where in memory a row of the batch happens to be.
        np.testing.assert_allclose(cell.loss, run.loss[-1], rtol=1e-6)
        np.testing.assert_allclose(cell.test_loss, run.test_loss[-1], rtol=1e-6)


def test_the_groups_of_a_factorization_are_its_rank():
    flow = ck.GradientFlow(stop_loss=1e-12)
    target = ck.matrix_completion([[1.0, 2.0], [2.0, 4.0]])
    base = ck.Experiment(ck.MatrixFactorization(2, 2, 2), target, flow, n_samples=3, init_std=1e-6)
    found = ck.sweep(base, n_samples=[3, 4])
    assert found.groups.values.tolist() == [1.0, 1.0]
    assert np.isnan(found.similarity).all(), "they have no neurons to point anywhere"


def test_a_model_without_neurons_has_no_groups_and_no_theorem():
    base = EXPERIMENTS["plain formula"].replace(steps=3)
    found = ck.sweep(base, seed=[0])
    assert np.isnan([found.groups, found.similarity, found.allowed]).all()
    assert np.isfinite(found.test_loss).all()
    assert found.message.item() == ""


def test_coordinates_are_labelled_and_in_the_order_given(here):
    found = ck.sweep(SMALL.replace(steps=2), seed=[7, 0], activation=["relu", "tanh"], bias=[True])
    assert found.test_loss.dims == ("seed", "activation", "bias")
    assert found.seed.values.tolist() == [7, 0]
    assert found.activation.values.tolist() == ["relu", "tanh"]
    assert here.init_std.attrs["symbol"] == r"\sigma"
    assert "Standard deviation" in here.init_std.attrs["long_name"]
    assert all(here[name].attrs["long_name"] for name in here.data_vars)


def test_theory_and_training_are_told_apart():
    found = ck.sweep(FLOW, n_samples=[5, 6], width=[1, 20])
    assert found.allowed.values.tolist() == [[0.0, 0.0], [0.0, 1.0]]
    np.testing.assert_array_equal(found.optimistic_sample_size, [[np.nan, 6], [np.nan, 6]])
    assert (found.reached == (found.relative_error < found.attrs["threshold"])).all()
    square = float(FLOW.data().y_test.square().mean())
    np.testing.assert_allclose(found.relative_error, found.test_loss / square)
    np.testing.assert_array_equal(found.sample_rank, [[np.nan, np.nan], [np.nan, 6]])


def test_a_run_that_diverges_says_so():
    descent = ck.Experiment(SMALL.model, SMALL.problem, ck.GradientDescent(steps=400), init_std=1.0)
    found = ck.sweep(descent, lr=[1e-3, 1e2])
    assert found.outcome.values.tolist() == ["budget", "diverged"]
    assert "lr = 100 is too large" in found.message.values[1]
    assert np.isnan(found.test_loss.values).tolist() == [False, True]
    assert found.reached.values[1] == 0.0


NET = torch.nn.Sequential(torch.nn.Linear(1, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)).double()
MODULE = ck.Experiment(ck.FromModule(NET, "0", (1,)), ck.three_tanh(1), ck.Adam(1e-2, 9), 8)


def test_a_module_has_a_table_though_no_file_can_hold_it(tmp_path):
    found = ck.sweep(MODULE, n_samples=[4, 8], seed=[0, 1])
    for n, seed in itertools.product([4, 8], [0, 1]):
        cell = found.sel(n_samples=n, seed=seed)
        assert experiment_at(cell) == MODULE.replace(n_samples=n, seed=seed)
        np.testing.assert_allclose(cell.loss, ck.train(experiment_at(cell)).loss[-1], rtol=1e-9)
    assert "FromModule" in str(found.attrs["base"])
    assert Cells.of(found.sel(seed=0)).grid.axes == (("n_samples", (4, 8)),)
    with pytest.raises(ValueError, match="A Sequential cannot be written to a file"):
        ck.sweep(MODULE, path=tmp_path / "map.nc", on_block=pytest.fail, seed=[0, 1])
    assert not [*tmp_path.iterdir()]


SERIES = {
    "float32": np.array([1e-3, 0.1, 0.3], np.float32),
    "float16": np.array([1e-3, 0.1, 0.3], np.float16),
    "float64": np.array([1e-3, 0.1, 0.3]),
    "torch": torch.tensor([1e-3, 0.1, 0.3]),
    "doubles of torch": torch.tensor([1e-3, 0.1, 0.3], dtype=torch.float64),
    "a coordinate": xr.DataArray(np.array([1e-3, 0.1, 0.3], np.float32), dims="init_std"),
}


@each("values", SERIES)
def test_a_cell_is_selected_by_the_number_that_was_typed(values):
    found = ck.sweep(SMALL.replace(steps=2), init_std=values, seed=[0])
    assert found.init_std.values.tolist() == [1e-3, 0.1, 0.3]
    for std in (1e-3, 0.1, 0.3):
        assert experiment_at(found.sel(init_std=std, seed=0)).init_std == std


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_table_of_fewer_digits_is_of_the_same_experiments(kind, tmp_path):
    found = ck.sweep(SMALL.replace(steps=2), init_std=[1e-3, 0.1], seed=[0])
    found = found.assign_coords(init_std=found.init_std.astype(kind))
    found.to_netcdf(tmp_path / "own.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "own.nc", engine="h5netcdf") as file:
        table = file.load()
    assert experiment_at(table.isel(init_std=1, seed=0)).init_std == 0.1
    assert dict(Cells.of(table).grid.axes)["init_std"] == (1e-3, 0.1)
    assert dict(Cells.of(table.isel(init_std=1, seed=0)).grid.axes) == {"seed": (0,)}


def test_own_measures_see_the_last_moment():
    found = ck.sweep(SMALL, measures={"largest": largest_weight}, seed=[0, 1])
    run = ck.train(SMALL.replace(seed=1))
    assert found.largest.values[1] == largest_weight(run)


# --- the same numbers everywhere ------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, CONTEXT) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
        ) as found,
        distributed.Client(found) as client,
    ):
        yield client


def test_threads_give_the_same_bits(here):
    with ThreadPoolExecutor(3) as executor:
        assert ck.sweep(FLOW, executor, **AXES).equals(here)


@pytest.mark.slow
def test_processes_give_the_same_bits(here, pool):
    assert ck.sweep(FLOW, pool, **AXES).equals(here)


@pytest.mark.slow
def test_dask_gives_the_same_bits(here, cluster):
    assert ck.sweep(FLOW, cluster, **AXES).equals(here)


NOTEBOOK = """
import dataclasses, torch
import condensekit as ck
from condensekit.activations import Activation, register

scale = 3.0

def scaled(run):
    return scale * float(run.loss[-1])

@dataclasses.dataclass(frozen=True)
class Line(ck.problems.Problem):
    noise_std: float = 0.0
    inputs = ck.problems.EvenlySpaced()

    def target(self, x):
        return scale * x[:, 0]

@dataclasses.dataclass(frozen=True)
class Lines(ck.Model):
    m: int = ck.experiments.knob(3, 1, 9, name="lines")
    input_dim = 1

    def shapes(self):
        return {"a": (self.m,)}

    def __call__(self, params, x):
        return (x * params["a"]).sum(-1)

class Student(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(1, 4, dtype=torch.float64)

    def forward(self, x):
        return torch.tanh(self.inner(x)).sum(-1, keepdim=True)

@dataclasses.dataclass(frozen=True)
class Own(ck.Adam):
    pass

register(Activation("own", lambda z: torch.sin(scale * z), odd=True))
"""
"""What a reader may define in a notebook, which no other process can import."""


@pytest.fixture(scope="module")
def notebook():
    before, names = dict(ACTIVATIONS), {"__name__": "__main__"}
    exec(NOTEBOOK, names)
    yield names
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


QUICK = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(1), ck.Adam(1e-2, steps=9), n_samples=5)
PARTS = {
    "measure": lambda names: {},
    "activation": lambda names: {"model": ck.TwoLayer(1, 4, "own")},
    "problem": lambda names: {"problem": names["Line"]()},
    "model": lambda names: {"model": names["Lines"]()},
    "module": lambda names: {"model": ck.FromModule(names["Student"](), "inner", (1,))},
    "optimizer": lambda names: {"optimizer": names["Own"](1e-2, steps=9)},
}


@pytest.mark.slow
@crossed(("part", "where"), PARTS, ["a pool", "Dask"])
def test_what_a_notebook_defines_goes_to_other_processes(part, where, notebook, pool, cluster):
    base = dataclasses.replace(QUICK, **part(notebook))
    measures = {"scaled": notebook["scaled"], "two": lambda run: 2.0}
    axes = {"n_samples": [3, 5], "seed": [0, 1]}
    found = ck.sweep(base, pool if where == "a pool" else cluster, measures=measures, **axes)
    assert (found.outcome == "budget").all()
    assert found.equals(ck.sweep(base, measures=measures, **axes))
    np.testing.assert_array_equal(found.scaled, 3.0 * found.loss)


def test_an_axis_of_ones_own_activation_goes_to_other_processes(notebook, pool):
    axes = {"activation": ["tanh", "own"], "seed": [0, 1]}
    assert ck.sweep(QUICK, pool, **axes).equals(ck.sweep(QUICK, **axes))


@pytest.mark.parametrize("executor", [2, "a pool", "a client"])
def test_what_cannot_be_sent_is_refused_before_anything_starts(executor, request, tmp_path):
    lock = threading.Lock()
    places = {"a pool": "pool", "a client": "cluster"}
    if executor in places:
        executor = request.getfixturevalue(places[executor])
    with pytest.raises(ValueError, match=r"cannot be sent .*lock.*a file.*executor=None"):
        ck.sweep(
            QUICK,
            executor,
            tmp_path / "map.nc",
            pytest.fail,
            {"held": lambda run: float(lock.locked())},
            seed=[0, 1],
        )
    assert not [*tmp_path.iterdir()]


def test_what_cannot_be_sent_is_no_matter_for_threads():
    lock = threading.Lock()
    with ThreadPoolExecutor(2) as executor:
        found = ck.sweep(
            QUICK, executor, measures={"held": lambda run: float(lock.locked())}, seed=[0, 1]
        )
    assert found.held.values.tolist() == [0.0, 0.0]


@pytest.mark.slow
@each("base", {name: SHORT[name] for name in ("small", "plane", "plain formula")})
def test_so_do_other_optimizers_and_models(base, pool):
    axes = {"seed": range(3), "n_samples": [4, 9]}
    assert ck.sweep(base, pool, **axes).equals(ck.sweep(base, **axes))


@pytest.mark.slow
@each("base, off", {"flow": (FLOW, 1e-6), "adam": (SMALL, 0.0), "plane": (SHORT["plane"], 0.0)})
def test_the_order_of_axes_and_values_does_not_matter(base, off):
    turned = {name: values[::-1] for name, values in reversed(AXES.items())}
    found, other = ck.sweep(base, **AXES), ck.sweep(base, **turned)
    back = other.sel(AXES).transpose(*AXES)
    for name in ("loss", "test_loss", "time", "similarity"):
        np.testing.assert_allclose(back[name].values, found[name].values, rtol=off)


@settings(max_examples=10)
@given(
    st.integers(1, 300),
    st.lists(st.sampled_from([1, 30, 1000]), min_size=1, max_size=2, unique=True),
    st.sampled_from([ck.GradientFlow(), ck.Adam(), ck.GradientDescent(steps=3)]),
)
def test_blocks_hold_every_cell_once_and_one_shape_each(seeds, sizes, optimizer):
    base = ck.Experiment(ck.TwoLayer(1, 50), ck.three_tanh(), optimizer)
    grid = Grid.of(base, {"seed": range(seeds), "n_samples": sizes})
    blocks = grid.blocks()
    assert sorted(cell for block in blocks for cell in block) == [*range(seeds * len(sizes))]
    for block in blocks:
        assert len({grid.experiments[cell].n_samples for cell in block}) == 1
        assert len(block) <= MOST_RUNS


def test_what_is_measured_of_a_run_is_work_of_its_block():
    """Of short runs it is nearly all: hundredths of a second each, at this width."""
    base = ck.Experiment(ck.TwoLayer(1, 100), ck.three_tanh(), ck.GradientDescent(steps=1))
    most = max(map(len, Grid.of(base, {"seed": range(300)}).blocks()))
    assert 10 < most < 40 < MOST_RUNS


def test_threads_are_as_before():
    torch.set_num_threads(2)
    ck.sweep(SMALL.replace(steps=2), seed=[0])
    assert torch.get_num_threads() == 2


# --- nothing is lost ------------------------------------------------------------------------------


def test_one_bad_run_is_recorded_and_the_others_are_as_without_it():
    bad = ck.Experiment(ck.TwoLayer(1, 5), FailsForSeed(), ck.Adam(steps=20), n_samples=7)
    good = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(), ck.Adam(steps=20), n_samples=7)
    assert len(Grid.of(bad, {"seed": range(4)}).blocks()) == 1
    heard = Heard()
    found, whole = ck.sweep(bad, on_block=heard, seed=range(4)), ck.sweep(good, seed=range(4))
    assert found.outcome.values.tolist() == ["budget", "budget", FAILED, "budget"]
    assert found.message.values[2] == "OSError: no samples for seed 2"
    assert heard[-1].failed == 1
    rest = {"seed": [0, 1, 3]}
    assert (found.loss.sel(rest) == whole.loss.sel(rest)).all()


def test_a_network_that_is_too_large_is_a_bad_run():
    base = ck.Experiment(PlainFormula(ck.TwoLayer(1, 4)), ck.three_tanh(), ck.GradientFlow(t_end=1))
    found = ck.sweep(base, width=[2, 1000], n_samples=[4])
    assert found.outcome.values.ravel().tolist() == ["budget", FAILED]
    assert "too many for a dense Hessian" in found.message.values[1, 0]


def test_a_measure_that_fails_costs_only_itself():
    found = ck.sweep(SMALL, measures={"mine": refuses_seed_1}, seed=[0, 1])
    np.testing.assert_array_equal(found.mine, [2.0, np.nan])
    assert found.message.values.tolist() == ["", "mine: not this one"]
    assert np.isfinite(found.test_loss).all()


def test_one_block_is_not_worth_a_process(here, monkeypatch):
    monkeypatch.setattr(distributed, "LocalCluster", pytest.fail)
    few = {"n_samples": [8], "init_std": [1e-3, 0.3], "seed": [0, 1]}
    assert len(Grid.of(FLOW, few).blocks()) == 1
    assert ck.sweep(FLOW, 2, **few).equals(here.sel(few))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_worker_of_a_cluster_costs_nothing(here, cluster):
    workers = cluster.run(os.getpid)

    def kill_one(progress):
        if workers:
            os.kill(workers.popitem()[1], signal.SIGKILL)
            workers.clear()

    assert ck.sweep(FLOW, cluster, on_block=kill_one, **AXES).equals(here)


SCRIPT = """
import os, signal
import condensekit as ck
from saboteurs import AXES, FLOW

def kill_myself(progress):
    if progress.done >= 4:
        os.kill(os.getpid(), signal.SIGKILL)

ck.sweep(FLOW, path={path!r}, on_block=kill_myself, **AXES)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_sweep_goes_on_where_it_was(here, tmp_path):
    path = tmp_path / "map.nc"
    folder = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, *sys.path])}
    script = SCRIPT.format(path=str(path))
    ended = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    journal = tmp_path / "map.nc.journal"
    with journal.open("a") as file:
        file.write('{"11": {"loss": 0.0')  # a line that the kill has torn
    heard = Heard()
    found = ck.sweep(FLOW, path=path, on_block=heard, **AXES)
    assert heard[0].done == 4
    kept = set(heard[0].new)
    assert not kept & {cell for progress in heard[1:] for cell in progress.new}
    assert found.equals(here)
    assert [*tmp_path.iterdir()] == [path]


def test_the_file_is_the_table_and_makes_it_again(here, tmp_path):
    path = tmp_path / "map.nc"
    found = ck.sweep(FLOW, path=path, **AXES)
    assert [*tmp_path.iterdir()] == [path]
    with xr.open_dataset(path, engine="h5netcdf") as file:
        assert file.load().equals(here)
        assert file.attrs["created"] == found.attrs["created"]
        cell = file.isel(n_samples=1, init_std=0, seed=1)
        assert experiment_at(cell) == FLOW.replace(n_samples=8, init_std=1e-3, seed=1)
        assert file.attrs["torch"] == str(torch.__version__)
    heard = Heard()
    again = ck.sweep(FLOW, path=path, on_block=heard, **AXES)
    assert [progress.done for progress in heard] == [12], "nothing was trained"
    assert again.attrs["created"] == found.attrs["created"]


def test_stopping_keeps_what_was_measured_and_the_same_call_goes_on(here, tmp_path):
    heard = Heard(stop_after=1)
    part = ck.sweep(FLOW, path=tmp_path / "map.nc", on_block=heard, **AXES)
    made = (part.outcome != "cancelled").values.ravel()
    assert np.flatnonzero(made).tolist() == sorted(heard[0].new)
    assert 0 < made.sum() < 12
    for name in part.data_vars:
        old, new = (found[name].values.ravel()[made] for found in (here, part))
        np.testing.assert_array_equal(old, new)
    heard = Heard()
    assert ck.sweep(FLOW, path=tmp_path / "map.nc", on_block=heard, **AXES).equals(here)
    assert heard[0].done == made.sum()


def test_stopping_calls_off_what_a_pool_has_not_begun():
    with ThreadPoolExecutor(1) as executor:
        part = ck.sweep(FLOW, executor, on_block=Heard(stop_after=1), **AXES)
    assert 0 < (part.outcome == "cancelled").sum() < 12


def test_ctrl_c_keeps_what_was_measured():
    def interrupt(progress):
        raise KeyboardInterrupt

    part = ck.sweep(FLOW, on_block=interrupt, **AXES)
    assert 0 < (part.outcome == "cancelled").sum() < 12


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_disk_that_is_full_at_the_end_costs_nothing(here, tmp_path):
    """The table is larger than the journal: an error that can be caught, and no half of a file."""
    path = tmp_path / "map.nc"
    with full_disk(10_000), pytest.raises(OSError, match="too large"):
        ck.sweep(FLOW, path=path, **AXES)
    assert [file.name for file in tmp_path.iterdir()] == ["map.nc.journal"]
    heard = Heard()
    assert ck.sweep(FLOW, path=path, on_block=heard, **AXES).equals(here)
    assert [progress.done for progress in heard] == [12], "nothing was trained again"
    assert path.stat().st_size > 10_000
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.slow
def test_the_table_says_what_its_numbers_depend_on(here, cluster):
    kind = processor()
    assert f"torch {torch.backends.cpu.get_cpu_capability()}, NumPy" in kind
    assert here.attrs["processor"] == kind
    assert Cells.of(here).dataset().attrs["processor"] == kind
    older = here.copy()
    del older.attrs["processor"]
    assert Cells.of(older).dataset().attrs["processor"] == "unknown"
    assert processors(cluster) == kind


@pytest.mark.slow
def test_a_journal_that_is_changed_gives_no_wrong_number(here, tmp_path):
    """Any changed byte of its lines: they are trained again, or are as they were."""
    path, journal = tmp_path / "map.nc", tmp_path / "map.nc.journal"
    with full_disk(10_000), pytest.raises(OSError, match="too large"):
        ck.sweep(FLOW, path=path, **AXES)
    whole, grid = journal.read_bytes(), Grid.of(FLOW, AXES)
    first = whole.index(b"\n") + 1
    lost = 0
    for at in range(first, len(whole), 37):
        for mask in (0x01, 0x80):
            changed = bytearray(whole)
            changed[at] ^= mask
            journal.write_bytes(changed)
            known = Store(path, grid, []).known
            lost += len(known) < 12
            for number, cell in known.items():
                place = np.unravel_index(number, grid.shape)
                np.testing.assert_equal(cell.loss, here.loss.values[place])
                np.testing.assert_equal(cell.outcome, here.outcome.values[place])
    assert lost > 100


@pytest.mark.parametrize("content", ["", "{}\n", '{"0": {"outcome": "budget"}}\n', "notes\n"])
def test_a_whole_table_needs_no_journal(content, tmp_path):
    path, journal = tmp_path / "map.nc", tmp_path / "map.nc.journal"
    whole = ck.sweep(SMALL.replace(steps=2), path=path, seed=[0, 1])
    journal.write_text(content)
    again = ck.sweep(SMALL.replace(steps=2), path=path, on_block=Heard(), seed=[0, 1])
    assert again.equals(whole)
    assert journal.read_text() == content


def test_who_goes_on_after_another_has_finished_leaves_a_journal_that_can_be_read(here, tmp_path):
    path, other = tmp_path / "map.nc", []

    def finish(progress):
        if not other:
            other.append(ck.sweep(FLOW, path=path, **AXES))

    assert ck.sweep(FLOW, path=path, on_block=finish, **AXES).equals(here)
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("yes", [True, np.True_, np.bool_(1)])
def test_any_true_stops(yes):
    part = ck.sweep(FLOW, on_block=lambda progress: yes, **AXES)
    assert (part.outcome == "cancelled").any()


@pytest.mark.parametrize("no", [False, np.False_, None, 1, "stop", [True]])
def test_nothing_else_stops(no):
    found = ck.sweep(SMALL.replace(steps=2), on_block=lambda progress: no, seed=range(3))
    assert (found.outcome == "budget").all()


def test_a_failed_run_is_tried_again(tmp_path):
    path = tmp_path / "map.nc"
    bad = ck.Experiment(ck.TwoLayer(1, 5), FailsForSeed(), ck.Adam(steps=5), n_samples=7)
    ck.sweep(bad, path=path, seed=[1, 2])
    heard = Heard()
    ck.sweep(bad, path=path, on_block=heard, seed=[1, 2])
    assert heard[-1].failed == 1


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({}, ["at least one axis", "n_samples"]),
        ({"witdh": [1]}, ["witdh", "width"]),
        ({"seed": []}, ["seed", "empty"]),
        ({"seed": range(0)}, ["seed", "empty"]),
        ({"seed": 3}, ["seed", "series", "3"]),
        ({"activation": "tanh"}, ["activation", "series"]),
        ({"seed": [1, 2, 1]}, ["seed", "1", "twice"]),
        ({"init_std": [1, 1.0]}, ["init_std", "twice"]),
        ({"n_samples": [5, 0]}, ["n_samples", "from 1", "0"]),
        ({"n_samples": [1001]}, ["n_samples", "1,000", "1001"]),
        ({"init_std": [float("nan")]}, ["init_std", "nan"]),
        ({"d": [2]}, ["2 coordinates", "1"]),
    ],
)
def test_bad_axes_are_refused_before_anything_is_trained(axes, words):
    with pytest.raises(ValueError) as refused:
        ck.sweep(FLOW, on_block=pytest.fail, **axes)
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"base": ck.TwoLayer(1, 3)}, "Experiment"),
        ({"executor": "four"}, "number of processes.*'four'"),
        ({"executor": 0}, "processes must be a whole number from 1 to 1,000, but is 0"),
        ({"executor": True}, "processes must be .* but is True"),
        ({"measures": {"loss": largest_weight}}, "loss"),
        ({"measures": {"seed": largest_weight}}, "seed"),
        ({"measures": {"a b": largest_weight}}, "a b"),
        ({"path": "."}, "cannot be written"),
        ({"path": "no/such/folder/map.nc"}, "cannot be written"),
    ],
)
def test_other_bad_arguments_are_refused(arguments, word):
    with pytest.raises(ValueError, match=word):
        ck.sweep(**{"base": FLOW, "seed": [0]} | arguments)


@pytest.mark.parametrize("left", ["the file", "the journal"])
def test_a_path_with_another_sweep_is_refused_and_left_alone(left, tmp_path):
    path, journal = tmp_path / "map.nc", tmp_path / "map.nc.journal"
    base = SMALL.replace(steps=2)
    ck.sweep(base, path=path, seed=[0, 1])
    if left == "the journal":
        head = {
            "base": Grid.of(base, {"seed": [0, 1]}).identity()["base"],
            "axes": [["seed", [0, 1]]],
        }
        journal.write_text(json.dumps({"sweep": head | {"measures": []}, "versions": {}}) + "\n")
        path.unlink()
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(
        ValueError, match=r"another sweep: its seed|another sweep: its axes"
    ) as axes:
        ck.sweep(base, path=path, seed=[0, 2])
    assert "[0, 2]" in str(axes.value)
    with pytest.raises(ValueError, match=r"another sweep: its steps is 2, not 3"):
        ck.sweep(base.replace(steps=3), path=path, seed=[0, 1])
    with pytest.raises(ValueError, match=r"another sweep: its measures"):
        ck.sweep(base, path=path, measures={"k": largest_weight}, seed=[0, 1])
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_sweep_is_not_finished_with_other_versions(tmp_path):
    path = tmp_path / "map.nc"
    ck.sweep(FLOW, path=path, on_block=Heard(stop_after=1), **AXES)
    with xr.open_dataset(path, engine="h5netcdf") as file:
        old = file.load()
    old.attrs["torch"] = "1.0"
    old.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match=r"begun with torch 1\.0, not"):
        ck.sweep(FLOW, path=path, **AXES)


@pytest.mark.parametrize("name", ["map.nc", "map.nc.journal"])
@pytest.mark.parametrize("content", [b"", b"notes of mine\n", b"{}\n", b"\x89HDF\r\n\x1a\n0000"])
def test_a_foreign_file_is_refused_and_left_alone(name, content, tmp_path):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ValueError, match="damaged, or is not a sweep"):
        ck.sweep(SMALL, path=tmp_path / "map.nc", seed=[0])
    assert file.read_bytes() == content


def test_a_scheduler_that_does_not_answer_is_named_at_once():
    with pytest.raises(ValueError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9 "):
        connect("tcp://127.0.0.1:9", timeout=0.5)


@pytest.mark.parametrize("address", [None, "", " ", 8786])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="address must be a text such as"):
        connect(address)


@pytest.mark.parametrize("timeout", [float("nan"), 0, -1, "5", None, float("inf")])
def test_a_timeout_that_is_no_time_is_refused(timeout):
    with pytest.raises(ValueError, match=r"timeout must be a number from 0\.001"):
        connect("tcp://127.0.0.1:9", timeout)


def test_a_client_that_was_closed_is_refused(cluster):
    client = distributed.Client(cluster.scheduler.address)
    client.close()
    with pytest.raises(ValueError, match="not connected"):
        ck.sweep(SMALL, client, seed=[0])


@pytest.mark.parametrize("module", ["xarray", "h5netcdf"])
def test_a_missing_extra_is_named(module, monkeypatch, tmp_path):
    found = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == module else found(name))
    with pytest.raises(ImportError, match=r"pip install 'condensekit\[sweep\]'"):
        ck.sweep(SMALL, path=tmp_path / "map.nc", seed=[0])


MORE = {
    "all": lambda here: here,
    "a line": lambda here: here.sel(seed=0, n_samples=3),
    "one along each axis": lambda here: here.isel(seed=[0], n_samples=[0], init_std=[0]),
    "stacked": lambda here: here.stack(run=("n_samples", "init_std", "seed")),
}


@each("part", MORE)
def test_one_cell_of_a_sweep_is_an_experiment_and_several_are_none(part, here):
    with pytest.raises(ValueError, match=r"One cell is needed, but there are .*; use sel or isel"):
        experiment_at(part(here))


@pytest.mark.parametrize("found", [xr.Dataset(), xr.DataArray(1.0), {}, None, "map.nc"])
def test_what_is_no_sweep_has_no_experiments(found):
    with pytest.raises(ValueError, match="This is not a sweep"):
        experiment_at(found)
