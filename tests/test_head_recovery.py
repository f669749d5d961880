"""From how many samples heads find a head: the record is whole, and comes out again."""

import dataclasses
import math

import pytest
from often import sparsely

from condensekit import exact, records, train
from condensekit.measures import RECOVERED

CELLS = records.head_recovery_cells()


def bare(cell):
    return dataclasses.replace(cell, loss=0.0, test_loss=0.0, outcome="")


def found(heads, start):
    """Numbers of samples from which a seed at least finds the target."""
    of = [cell for cell in CELLS if (cell.heads, cell.init_std) == (heads, start)]
    return {cell.n_samples for cell in of if cell.test_loss < RECOVERED}


def test_the_record_is_whole():
    assert [*map(bare, CELLS)] == [*map(bare, records.head_recovery_plan())]
    assert {cell.outcome for cell in CELLS} == {"converged", "budget"}
    for cell in CELLS:
        assert math.isfinite(cell.test_loss)
        assert (cell.loss <= 1e-12) is (cell.outcome == "converged")


@pytest.mark.parametrize("heads", [1, 4])
def test_a_small_start_finds_it_from_fewer_samples_and_none_from_fewer_than_theory_allows(heads):
    small, large = (found(heads, start) for start in records.HEAD_STARTS)
    experiment = records.head_recovery_experiment(CELLS[0])
    theory = exact.attention_sample_size(*experiment.problem.teacher()).samples
    assert theory == 3
    assert theory <= min(small) < min(large)
    assert small == {*range(min(small), 13)}


def test_the_experiments_are_those_of_the_cells():
    for cell in (CELLS[0], CELLS[-1]):
        one = records.head_recovery_experiment(cell)
        assert (one.model.heads, one.model.d_head) == (cell.heads, 1)
        assert (one.init_std, one.n_samples) == (cell.init_std, cell.n_samples)
        assert one.seed == cell.seed


def again(cell):
    """A run ends where it is told, or as far away from the target as before."""
    run = train(records.head_recovery_experiment(cell))
    assert bool(run.test_loss[-1] < RECOVERED) is (cell.test_loss < RECOVERED)
    assert run.outcome.value == cell.outcome
    if cell.test_loss >= RECOVERED:
        assert run.test_loss[-1] == pytest.approx(cell.test_loss, rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "n", "seed"), sparsely([(1e-3, 4, 1), (1e-3, 8, 0), (1.0, 8, 0)], 2)
)
def test_cells_of_one_head_come_out_again(start, n, seed):
    asked = (1, start, n, seed)
    again(next(c for c in CELLS if (c.heads, c.init_std, c.n_samples, c.seed) == asked))
