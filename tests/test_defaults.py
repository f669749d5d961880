"""What a notebook has set in torch changes no number: of any model, problem, measure or proof."""

import ast
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from cases import ACTIVATIONS, MODELS, PROBLEMS, SMALL, each
from often import crossed

import condensekit as ck
from condensekit.defaults import float64_by_default, torch_defaults
from condensekit.exact import NoExactMethod
from condensekit.measures import first_direction

SOURCES = sorted((Path(__file__).parents[1] / "condensekit").rglob("*.py"))


@contextmanager
def _set(change, value, back):
    change(value)
    try:
        yield
    finally:
        change(back)


def _autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16)


SET = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "set_grad_enabled": lambda: _set(torch.set_grad_enabled, False, True),
    "autocast": _autocast,
    "default device": lambda: _set(torch.set_default_device, "meta", None),
    "a device": lambda: torch.device("meta"),
    "float64": lambda: _set(torch.set_default_dtype, torch.float64, torch.float32),
    "bfloat16": lambda: _set(torch.set_default_dtype, torch.bfloat16, torch.float32),
    "medium": lambda: _set(torch.set_float32_matmul_precision, "medium", "highest"),
}


def identical(found, expected):
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        np.testing.assert_array_equal(found[name], one, err_msg=name)


def numbers(run):
    params = {f"at {name}": leaf.numpy() for name, leaf in run.params.items()}
    return {"loss": run.loss, "test": run.test_loss, "time": run.time, "step": run.step} | params


def asked(case, *optimizers):
    """What the package says of a model: trained, measured, and proven where it can be."""
    model, found = case.model, {}
    for optimizer in optimizers:
        kind = type(optimizer).__name__
        run = ck.train(ck.Experiment(model, case.problem, optimizer, 6, 0.3, seed=5))
        found |= {f"{kind} {name}": value for name, value in numbers(run).items()}
    params, x = model.init(seed=1), case.problem.data(3).x.to(model.dtype)
    found["outputs"] = ck.evaluate(model, params, x).numpy()
    if model.n_parameters > 100:
        return found
    report = ck.model_rank(model, params, probes=x, fewer_probes=True)
    found["rank"] = np.array([report.rank, report.certain, *report.spectrum])
    try:
        found["exact"] = np.array(ck.exact_rank(model, params))
    except NoExactMethod as error:
        found["exact"] = np.array(str(error))
    return found


EXPECTED = {}


OURS = {name: case for name, case in MODELS.items() if not name.startswith("module, ")}


@crossed(("case", "name"), OURS, [*SET])
def test_no_default_of_torch_changes_a_model(case, name):
    """With all modules and all optimizers: `tests/slow`."""
    steps = ck.GradientDescent(0.01, steps=3)
    if case.model not in EXPECTED:
        EXPECTED[case.model] = asked(case, steps)
    with SET[name]():
        found = asked(case, steps)
    identical(found, EXPECTED[case.model])
    with SET["inference_mode"]():
        mine = {key: leaf.clone() for key, leaf in case.model.init(seed=1).items()}
        x = case.problem.data(3).x.to(case.model.dtype).clone()
    outside = ck.evaluate(case.model, mine, x).numpy()
    np.testing.assert_array_equal(outside, EXPECTED[case.model]["outputs"])


@each("case", PROBLEMS)
@pytest.mark.parametrize("name", SET)
def test_no_default_of_torch_changes_a_sample(case, name):
    n = min(5, case.problem.max_samples)
    expected = case.problem.data(n, seed=2)
    with SET[name]():
        found = case.problem.data(n, seed=2)
    for leaf in ("x", "y", "x_test", "y_test"):
        one, other = getattr(found, leaf), getattr(expected, leaf)
        assert one.dtype == other.dtype and one.device == other.device
        assert torch.equal(one, other)


def _symmetry():
    network = ck.TwoLayer(1, 4)
    params = network.init(seed=0)
    twice = ck.embedding.embed(network, params, 6, "split")
    return {name: leaf.numpy() for name, leaf in twice[1].items()}


def _moments():
    run = ck.train(SMALL)
    found, data = ck.nearest_condensed(SMALL.model, run.final, SMALL.data()), SMALL.data()
    merged = ck.merge(SMALL.model, run.final, data)
    return {
        "nearest": np.array(str(found)),
        "merged": np.array(str(merged)),
        "recovery": np.array(str(ck.recovery(run))),
        "events": np.array([event.text for event in ck.dynamics.events(run)]),
    }


def _kernels():
    small = ck.Experiment(ck.Conv(kernels=2, size=9, stride=9), ck.problems.mnist(), n_samples=9)
    return {"direction": first_direction(small).direction}


def _own():
    """An activation of a reader's own is differentiated by torch."""
    network = ck.TwoLayer(1, 3, "arctan")
    return numbers(ck.train(ck.Experiment(network, ck.three_tanh(), ck.Adam(steps=3), 5)))


@each("ask", {"embedding": _symmetry, "moments": _moments, "kernels": _kernels, "own": _own})
@pytest.mark.parametrize("name", SET)
def test_no_default_of_torch_changes_an_answer(ask, name):
    expected = ask()
    with SET[name]():
        found = ask()
    identical(found, expected)
    assert "arctan" in ACTIVATIONS


@pytest.mark.parametrize("name", SET)
def test_what_was_set_is_so_afterwards(name):
    def now():
        return (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
            torch.get_default_device(),
            torch.get_default_dtype(),
            torch.get_float32_matmul_precision(),
        )

    plain = now()
    with SET[name]():
        before = now()
        assert before != plain
        with torch_defaults(), float64_by_default():
            assert now() == (True, False, False, torch.device("cpu"), torch.float64, "highest")
        assert now() == before
        with pytest.raises(ValueError, match="neither"):
            torch_defaults()(SMALL.model.init)()
        assert now() == before
    assert now() == plain


MAKERS = {"zeros", "ones", "empty", "full", "eye", "arange", "linspace", "tensor", "as_tensor"}
MAKERS |= {"rand", "randn", "randint", "randperm"}


def test_whoever_makes_a_tensor_says_where():
    """Not every function has a test above; each of these would be on the device of a notebook."""
    found, silent = 0, []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = isinstance(node, ast.Call) and ast.unparse(node.func).partition("torch.")[2]
            if made in MAKERS:
                found += 1
                if not any(word.arg == "device" for word in node.keywords):
                    silent.append(f"{path.name}:{node.lineno}")
    assert found > 50, "found nothing, so nothing was tested"
    assert not silent
