"""The answers to *Try it yourself* of notebook 06, and the numbers that its text names."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from condensekit import TwoLayer, exact_rank, optimistic_sample_size
from condensekit.embedding import embed, perturbed
from condensekit.labs import RankLab

CELLS = json.loads((Path(__file__).parents[1] / "notebooks" / "06-model-rank.ipynb").read_text())
TEXT = "\n".join("".join(cell["source"]) for cell in CELLS["cells"])
ANSWERS = dict(re.findall(r"<summary>Answer to (\d)</summary>(.*?)</details>", TEXT, re.DOTALL))


def says(number, *parts):
    answer = " ".join(ANSWERS[str(number)].split())
    for part in parts:
        assert part in answer, part


def test_every_question_has_an_answer():
    questions = re.findall(r"^(\d)\. ", TEXT.split("## Try it yourself")[1], re.MULTILINE)
    assert questions == sorted(ANSWERS) == ["1", "2", "3", "4"]


def test_1_each_of_thirteen_pairs_adds_three():
    lab = RankLab(how="cancelling")
    narrow = TwoLayer(1, 3)
    start = narrow.init(torch.Generator().manual_seed(0), 1.0)
    model, params = embed(narrow, start, 30, "cancelling", seed=1)
    weights = np.column_stack([params[name].numpy() for name in "wb"])[3:]
    nonzero = weights.any(axis=1)
    assert (len(weights), nonzero.sum()) == (27, 26)
    np.testing.assert_array_equal(weights[:26:2], weights[1:26:2])
    assert lab.result.exact == exact_rank(model, params) == 9 + 13 * 3 == 48
    says(1, "48 = 9 + 13 · 3")


def test_2_three_times_21():
    lab = RankLab(k=3, dim=5)
    assert (lab.result.exact, lab.result.report.rank, lab.result.theorem) == (21, 21, 21)
    assert optimistic_sample_size(TwoLayer(5, 300), target_width=3) == 21
    assert TwoLayer(5, 300).n_parameters == 2100
    assert "21 of 2100 parameters" in json.dumps(CELLS)
    says(2, "21 = k (d + 2) = 3 · 7", "2,100 parameters", "lab's has 30")


def test_3_the_rank_hangs_on_the_tolerance():
    loose, tight = (RankLab(epsilon=1e-10, tolerance=tolerance) for tolerance in (1e-8, 1e-12))
    assert (loose.result.exact, loose.result.report.rank) == (90, 9)
    assert loose.result.report.gap > 1e8
    assert tight.result.report.rank == 12
    assert 2.0 < tight.result.report.gap < 4.0
    says(3, "show 9", "more than eight decades", "show 12", "three times smaller", "rank is 90")


@pytest.mark.parametrize(("epsilon", "seen"), [(1e-12, 9), (1e-8, 17)])
def test_what_the_singular_values_see_of_a_perturbation(epsilon, seen):
    lab = RankLab(epsilon=epsilon)
    assert (lab.result.exact, lab.result.report.rank) == (90, seen)


def test_4_one_silent_neuron_more():
    before, after = (RankLab(how="silent", m=m) for m in (30, 31))
    assert (before.result.exact, after.result.exact) == (36, 37)
    says(4, "from 36 to 37", "output weight of the new neuron")


def test_a_perturbation_is_absolute_not_of_the_size_of_the_parameter():
    params = {"a": torch.tensor([0.0, 1e6], dtype=torch.float64)}
    moved = perturbed(params, 1e-3)["a"] - params["a"]
    assert moved.abs().max() < 1e-2
    assert moved[0] != 0.0
    assert "times a draw of the unit normal, whatever its own size" in TEXT
