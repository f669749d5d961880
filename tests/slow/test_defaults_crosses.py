"""What a notebook has set in torch changes no number of any model, with any optimizer."""

import contextlib
import functools

import pytest
from cases import BRIEFLY, MODELS, each
from test_defaults import SET, asked, identical

from condensekit import GradientFlow, Transformer

TOGETHER = [
    ("no_grad", "default device", "bfloat16", "medium"),
    ("inference_mode", "a device", "float64"),
    ("set_grad_enabled", "autocast"),
]
"""What is set at once: what one of them changed, the others would hardly change back. Each alone is
in `tests/test_defaults.py`, for some models."""


def test_everything_is_set_for_every_model():
    assert sorted(what for some in TOGETHER for what in some) == sorted(SET)


@functools.cache
def expected(name):
    return _asked(name)


def _asked(name):
    case = MODELS[name]
    long = isinstance(case.model, Transformer)  # a step of its flow takes a second
    moves = [move for move in BRIEFLY.values() if not (long and isinstance(move, GradientFlow))]
    return asked(case, *moves)


@each("name", {name: name for name in MODELS})
@pytest.mark.parametrize("some", TOGETHER, ids=", ".join)
def test_no_default_of_torch_changes_a_training(name, some):
    with contextlib.ExitStack() as stack:
        for what in some:
            stack.enter_context(SET[what]())
        found = _asked(name)
    identical(found, expected(name))
