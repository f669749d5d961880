"""Data that are scaled: pictures and predictions in the reader's units; data that ought to be."""

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit import pictures
from condensekit.activations import activation
from condensekit.frames import ticks
from condensekit.measures import merge, predict
from condensekit.problems import drawn, own_data, read_csv
from condensekit.training import resting
from condensekit.words import number

RNG = np.random.default_rng(1)
X = RNG.uniform(1e4, 1e5, 30)
Y = 0.1 * X + 50.0 * RNG.normal(size=30)


def experiment(problem, **more):
    d = problem.inputs.dim
    settings = {"n_samples": 12, "init_std": 0.5} | more
    return ck.Experiment(ck.TwoLayer(d, 6), problem, ck.Adam(1e-2, steps=20), **settings)


def outputs(model, params, x):
    """Of a network at points of one input."""
    return ck.evaluate(model, params, torch.tensor(x)[:, None]).numpy()


@pytest.fixture(scope="module")
def scaled():
    return ck.train(experiment(own_data(X, Y, scale=True)))


def by_hand(run, x):
    """The network at inputs in their unit, from the formula and the moments of the rows."""
    a, w, b = (run.final[name].numpy() for name in "awb")
    z = np.outer(w[:, 0], (x - X.mean()) / X.std()) + b[:, None]
    return a @ np.tanh(z) * Y.std() + Y.mean()


def test_predictions_take_and_give_the_units_of_the_rows(scaled):
    x = np.linspace(2e4, 9e4, 7)
    for given in (x, x[:, None], x.tolist(), torch.tensor(x, requires_grad=True)):
        np.testing.assert_allclose(predict(scaled, given), by_hand(scaled, x), rtol=1e-10)
    first = {name: leaf[0] for name, leaf in scaled.params.items()}
    before = outputs(scaled.experiment.model, first, (x - X.mean()) / X.std())
    np.testing.assert_allclose(predict(scaled, x, 0), before * Y.std() + Y.mean(), rtol=1e-10)


def test_predictions_of_several_inputs_and_of_data_that_are_not_scaled():
    x = RNG.normal(3.0, [1.0, 100.0], (20, 2))
    run = ck.train(experiment(own_data(x, x.sum(axis=1), scale=True)))
    data, mean = run.experiment.data(), x.sum(axis=1).mean()
    rows = data.x.numpy() * x.std(axis=0) + x.mean(axis=0)
    seen = ck.evaluate(run.experiment.model, run.final, data.x)
    np.testing.assert_allclose(predict(run, rows), seen * x.sum(axis=1).std() + mean, rtol=1e-9)
    plain = ck.train(experiment(ck.three_tanh()))
    points = plain.experiment.data().x
    expected = ck.evaluate(plain.experiment.model, plain.final, points)
    torch.testing.assert_close(predict(plain, points), expected)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        ([[1.0, 2.0]], r"x must have shape \[N, d\] with 1 coordinate d, but has \[1, 2\]"),
        (3.0, r"but has \[\]"),
        (["3"], "^x holds text"),
        ([np.nan], "^x must hold finite numbers"),
    ],
)
def test_what_cannot_be_predicted(scaled, x, says):
    with pytest.raises(ValueError, match=says):
        predict(scaled, x)
    with pytest.raises(ValueError, match="predict asks one Run, but has a dict"):
        predict(scaled.final, x)


@pytest.mark.parametrize("scale", [False, True])
def test_the_fit_has_the_units_of_the_rows(scale):
    run = ck.train(experiment(own_data(X, Y, scale=scale)))
    frame = pictures.fit(run, -1)
    assert {*frame.sample_x.round(3)} < {*X.round(3)}
    for x, y in zip(frame.sample_x, frame.sample_y, strict=True):
        assert Y[np.argmin(np.abs(X - x))] == pytest.approx(y)
    assert frame.x[[0, -1]] == pytest.approx([X.min(), X.max()])
    order = np.argsort(X)
    np.testing.assert_allclose(frame.target, np.interp(frame.x, X[order], Y[order]), rtol=1e-6)
    np.testing.assert_allclose(frame.network, predict(run, frame.x), rtol=1e-6)
    merged = merge(run.experiment.model, run.final, run.experiment.data())
    shown = pictures.merged_fit(frame, merged, run.experiment.problem).merged
    if scale:
        x = (frame.x - X.mean()) / X.std()
        expected = outputs(merged.model, merged.params, x) * Y.std() + Y.mean()
    else:
        expected = outputs(merged.model, merged.params, frame.x)
    np.testing.assert_allclose(shown, expected, rtol=1e-9)


def test_a_file_may_be_scaled_and_saved(tmp_path):
    np.savetxt(tmp_path / "own.csv", np.column_stack([X, Y]), delimiter=";")
    run = ck.train(experiment(read_csv(tmp_path / "own.csv", scale=True)))
    again = ck.Run.load(run.save(tmp_path / "run.npz"))
    np.testing.assert_allclose(predict(again, X), by_hand(run, X), rtol=1e-9)


# --- the range of what is shown ----------------------------------------------------------------


@pytest.mark.parametrize("rows", [2, 3, 4, 20, 21, 22])
@pytest.mark.parametrize("low", [0.0, -1e8])
@pytest.mark.parametrize("heights", [1.0, 0.0, 1e-9, 1e9])
def test_the_fit_shows_all_samples(rows, low, heights):
    x = np.linspace(low, low + 1.0, rows)
    for seed in range(3):
        e = experiment(own_data(x, heights * np.sin(6 * x)), n_samples=min(rows, 20), seed=seed)
        frame = pictures.fit(ck.train(e), -1)
        for seen, ends in ((frame.sample_x, frame.x_range), (frame.sample_y, frame.y_range)):
            assert ends[0] < seen.min()
            assert seen.max() < ends[1]
        assert frame.x_range == pytest.approx((low - 0.02, low + 1.02))


@pytest.mark.parametrize(
    "ends", [(0.0, 0.0), (3.0, 3.0), (-1e300, -1e300), (1e-300, 2e-300), (-1e9, 1e9)]
)
def test_an_axis_of_any_length_has_ticks(ends):
    found = ticks(*ends)
    assert 1 <= len(found) <= 7
    assert all(ends[0] <= tick <= ends[1] for tick in found)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e10, 1e30])
def test_the_loss_of_labels_of_any_size_is_shown(size):
    run = ck.train(experiment(own_data([0.0, 1.0, 2.0], [size, 0.0, size]), n_samples=3))
    low, high = pictures.loss(run, -1).log_range
    assert low < np.log10(run.loss[0]) <= high


# --- saturated ---------------------------------------------------------------------------------

FLOW = ck.GradientFlow(max_steps=100)


def rested(x, y, act="tanh", **more):
    problem = own_data(x, y, **more)
    return ck.train(ck.Experiment(ck.TwoLayer(1, 20, act), problem, FLOW, 20, 1e-2, seed=1))


@pytest.mark.parametrize("act", ["tanh", "sigmoid"])
def test_neurons_that_are_flat_at_all_samples_are_said_to_be(act):
    run = rested(X, Y, act)
    x, (w, b) = run.experiment.data().x.numpy(), (run.final[name].numpy() for name in "wb")
    z = x @ w.T + b
    slope = np.zeros_like(z)
    activation(act).fill(z.copy(), slope)
    assert run.outcome is ck.Outcome.CONVERGED
    assert np.abs(slope).max() < 1e-6
    assert f"all 20 neurons are saturated: at every sample the slope of {act}" in run.message
    assert f"over {np.log10(x.max() / x.min()):.1f} decades" in run.message
    assert "scale=True in own_data or read_csv" in run.message
    assert "minimum" not in run.message


def test_a_sample_at_zero_moves_no_weight_and_hides_no_saturation():
    x = [-2.0, -1.0, 0.0, 1.0, 2.0]
    model = ck.TwoLayer(1, 3, bias=False)
    start = ck.params(model, a=[1.0, 0.2, 0.3], w=[[60.0], [50.0], [40.0]])
    experiment = ck.Experiment(model, own_data(x, x), FLOW, 5, 0.5)
    run = ck.train(experiment, init=start)
    assert run.outcome is ck.Outcome.CONVERGED
    told = "all 3 neurons are saturated: at every sample but those at x = 0 the slope of tanh"
    assert told in run.message
    assert "minimum" not in run.message
    smaller = ck.train(experiment, init={**start, "w": start["w"] / 10})
    assert smaller.loss[0] < run.loss[-1]  # so it was neither a minimum nor a saddle


def test_a_sweep_says_it_too():
    pytest.importorskip("xarray")
    run = rested(X, Y)
    table = ck.sweep(run.experiment, seed=[1])
    assert run.message in str(table.message.values.item())


@pytest.mark.parametrize("optimizer", [FLOW, ck.Adam(steps=500)], ids=["flow", "Adam"])
@pytest.mark.parametrize("decades", [(4, 5), (0, 5), (2, 3)], ids=str)
def test_a_table_as_it_is_says_how_flat_the_network_is_on_it(decades, optimizer):
    x = 10 ** np.random.default_rng(0).uniform(*decades, 40)
    model = ck.TwoLayer(1, 20)
    raw, scaled = (
        ck.train(ck.Experiment(model, own_data(x, np.sqrt(x), scale=scale), optimizer, 20, 1e-2))
        for scale in (False, True)
    )
    assert "saturated" not in scaled.message
    seen = raw.experiment.data().x.numpy()
    z = seen @ raw.final["w"].numpy().T + raw.final["b"].numpy()
    share = float(((1.0 - np.tanh(z) ** 2 <= 1e-6) & (np.abs(z) >= 1.0)).mean())
    if share < 0.5:
        assert "saturated" not in raw.message
        return
    if share < 1.0:
        assert f"saturated: at {int(100 * share)} % of all pairs" in raw.message
    else:
        assert "ll 20 neurons are saturated" in raw.message
    assert f"|w x + b| up to {number(float(np.abs(z).max()))}. scale=True" in raw.message


def test_neurons_are_asked_at_the_end_of_a_run_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(resting, "saturation", lambda *_: asked.append(1) or ("", False))
    base = ck.Experiment(ck.TwoLayer(1, 5), own_data(X, Y), ck.Adam(steps=300), 12)
    runs = ck.train([base, base.replace(seed=1)])
    assert [len(run) > 10 for run in runs] == [True, True]
    assert len(asked) == 2


def test_what_is_scaled_or_not_saturated_is_not_said_to_be():
    assert "saturated" not in rested(X, Y, scale=True).message
    assert "saturated" not in rested(X, Y, "relu").message
    resting = ck.Experiment(ck.TwoLayer(1, 3), drawn([-1, 1], [1, 1]), FLOW, 5, 0.5)
    run = ck.train(resting, init={"a": torch.zeros(3), "w": torch.zeros(3, 1), "b": torch.zeros(3)})
    assert "came to rest" in run.message
    assert "minimum" in run.message
