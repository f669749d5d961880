"""Notebook 00: from 50 samples both starts find the target, from 20 only the small one; seed 1."""

import condensekit as ck


def test_the_next_seed_says_the_same():
    question = ck.Experiment(ck.TwoLayer(1, 500), ck.three_tanh(), ck.GradientFlow(), 50, seed=1)
    for n_samples, std, found in (
        (50, 500**-1.5, True),
        (50, 0.5, True),
        (20, 500**-1.5, True),
        (20, 0.5, False),
    ):
        run = ck.train(question.replace(n_samples=n_samples, init_std=std))
        assert bool(run.test_loss[-1] < 1e-3) is found
