"""What an estimate of the time costs, counted, and what it says of work whose cost is known."""

import dataclasses
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from cases import PUBLISHED, SHORT, SMALL, each

import condensekit.derivatives.landscape as landscape
import condensekit.training.estimate as estimate
from condensekit import Adam, GradientDescent, GradientFlow, train
from condensekit.subjects import words
from condensekit.training import estimate_seconds, record_steps, up_to

FLOW = PUBLISHED.replace(width=20)
DESCENT = PUBLISHED.replace(width=3, n_samples=1_000)


@pytest.fixture
def work(monkeypatch):
    """Nothing is known yet; a clock that gradients alone move, by what `cost` says of n samples."""

    class Work:
        now, gradients = 0.0, 0

        @staticmethod
        def cost(n):
            return 1e-5 * n

        def perf_counter(self):
            return self.now

        def bind(self, model, params, gradient, x, *rest):
            call = real(model, params, gradient, x, *rest)

            def counted():
                self.gradients += 1
                self.now += self.cost(x.shape[1])
                return call()

            return counted

    work, real = Work(), landscape.loss_and_gradient
    monkeypatch.setattr(landscape, "loss_and_gradient", work.bind)
    monkeypatch.setattr(estimate, "time", work)
    estimate._measured.cache_clear()
    yield work
    estimate._measured.cache_clear()


@pytest.mark.parametrize("cost", [0.0, 1e-7, 1e-5, 1e-3])
@each("experiment", SHORT)
def test_an_estimate_takes_few_gradients(experiment, cost, work):
    work.cost = lambda n: cost * n
    estimate_seconds(experiment)
    # 15 on four samples, on 16, and on all.
    assert 4 < work.gradients <= 3 * 15 + 1


def test_a_step_of_the_flow_is_measured_as_it_is(work):
    flow = GradientFlow(max_steps=1_000)
    base = FLOW.replace(n_samples=40)
    found = estimate_seconds(type(base)(base.model, base.problem, flow, 40))
    assert found == pytest.approx(1_000 * 3 * work.cost(40)), "a step takes three gradients"


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 5},
        {"init_std": 1e-3},
        {"target_width": 2},
        {"lr": 0.1},
        {"steps": 123},
        {"stop_loss": 0.5},
    ],
)
def test_what_does_not_change_the_work_is_not_measured_again(change, work):
    before = estimate_seconds(PUBLISHED)
    made = work.gradients
    after = estimate_seconds(PUBLISHED.replace(**change))
    assert work.gradients == made > 0
    share = change.get("steps", PUBLISHED.optimizer.steps) / PUBLISHED.optimizer.steps
    assert after == pytest.approx(before * share)


@pytest.mark.parametrize(
    "change", [{"width": 7}, {"n_samples": 49}, {"activation": "relu"}, {"bias": False}]
)
def test_what_changes_the_work_is_measured(change, work):
    estimate_seconds(PUBLISHED)
    made = work.gradients
    names = PUBLISHED.knobs()
    if not change.keys() <= names.keys():
        pytest.skip("no such knob")
    estimate_seconds(PUBLISHED.replace(**change))
    assert work.gradients > made


def test_each_optimizer_is_measured(work):
    counts = []
    for optimizer in (GradientDescent(), Adam(), GradientFlow()):
        e = type(SMALL)(SMALL.model, SMALL.problem, optimizer, SMALL.n_samples)
        estimate_seconds(e)
        counts.append(work.gradients)
    assert counts == sorted(set(counts))


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("cost", [1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
def test_an_estimate_of_long_steps_is_soon_there_and_about_right(cost, power, work):
    work.cost = lambda n: cost * n**power
    found = estimate_seconds(DESCENT)
    assert work.now <= max(0.2, 5 * work.cost(estimate.FIRST_SAMPLES)), (
        "even a few samples take long"
    )
    truth = work.cost(1_000) * DESCENT.optimizer.steps
    if power == 1 or 4 * work.cost(16) < estimate.BUDGET / 2:  # else four samples are all it saw
        assert found == pytest.approx(truth, rel=0.01)


def test_what_is_known_is_bounded(work):
    for width, n in itertools.product(range(1, 31), (1, 2, 3)):
        estimate_seconds(SMALL.replace(width=width, n_samples=n))
    info = estimate._measured.cache_info()
    assert info.currsize == info.maxsize < 90


@pytest.mark.slow
def test_an_estimate_that_is_remembered_is_that_of_a_fresh_process():
    estimate_seconds(SMALL.replace(seed=1, steps=5))
    remembered = estimate_seconds(SMALL)
    lines = (
        "from cases import SMALL; from condensekit.training import estimate_seconds;"
        "print(estimate_seconds(SMALL))"
    )
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=True, cwd=tests
    )
    assert 0.1 < float(done.stdout) / remembered < 10.0


@pytest.mark.parametrize(("fixed", "each"), [(1e-3, 0.0), (0.0, 1e-6), (1e-3, 1e-5), (0.0, 1e-3)])
def test_the_record_counts(fixed, each, work, monkeypatch):
    looks, real = [], estimate.tested

    def looked(model, params, x, *rest):
        looks.append(1)
        work.now += fixed + each * x.shape[1]
        return real(model, params, x, *rest)

    monkeypatch.setattr(estimate, "tested", looked)
    work.cost = lambda n: 0.0
    records = len(record_steps(SMALL.optimizer.steps))
    assert estimate_seconds(SMALL) == pytest.approx((fixed + each * 2_000) * records)
    assert work.now <= 0.2
    assert len(looks) <= 4 * 15


@pytest.mark.parametrize(("most", "steps"), [(1, "its one step"), (20_000, "all 20,000 steps")])
def test_the_plan_of_a_flow_says_what_its_time_is_the_time_of(most, steps):
    said = GradientFlow(max_steps=most).plan(15.0)
    assert said == f"to loss 1e-10; {steps} would take about 15 s"
    assert "about 15 s" in Adam(steps=most).plan(15.0)


def test_the_rest_is_told_by_the_pace_once_that_is_known():
    run = up_to(train(by_descent := SMALL.replace(steps=400)), 100)
    made = int(run.step[-1])
    assert 90 < made <= 100
    told = words.under_way(run, 4.0)
    assert told == f"Training: step {made} of 400, about {4.0 * (400 - made) / made:.0f} s left …"
    assert words.under_way(run, 1.0) == ""  # the estimate is good enough
    assert words.under_way(up_to(run, 0), 9.0) == ""
    flow = dataclasses.replace(by_descent, optimizer=GradientFlow(max_steps=40))
    assert words.under_way(train(flow), 9.0) == ""  # nobody knows how many steps it takes
