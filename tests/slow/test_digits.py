"""The recorded groups of neurons of a network that learns digits, trained again."""

import pytest

import condensekit as ck
from condensekit import records


def test_recorded_groups_are_seen_again():
    """Sums are taken in another order with other threads, so that numbers differ a little."""
    run = ck.train(records.DIGITS)
    steps, data = run.step.tolist(), records.DIGITS.data()
    for row in records.MERGED_DIGITS:
        found = records.merged_digits(run, steps.index(row.step))
        assert found.loss == pytest.approx(row.loss, rel=1e-2)
        assert found.groups == pytest.approx(row.groups, rel=0.1, abs=1)
        assert found.agreement == pytest.approx(row.agreement, abs=0.03)
        assert found.accuracy == pytest.approx(row.accuracy, abs=0.03)
    plateau = run.at(steps.index(151))
    answers = ck.evaluate(records.DIGITS.model, plateau, data.x_test.float()).argmax(-1)
    assert len(set(answers.tolist())) == 1
