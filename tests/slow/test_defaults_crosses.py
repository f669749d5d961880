"""What a notebook has set in torch changes no number of any model, with any optimizer."""

import functools

import pytest
from cases import BRIEFLY, MODELS, each
from test_defaults import SET, asked, identical

from condensekit import GradientFlow, Transformer


@functools.cache
def expected(name):
    return _asked(name)


def _asked(name):
    case = MODELS[name]
    long = isinstance(case.model, Transformer)  # a step of its flow takes a second
    moves = [move for move in BRIEFLY.values() if not (long and isinstance(move, GradientFlow))]
    return asked(case, *moves)


@each("name", {name: name for name in MODELS})
@pytest.mark.parametrize("what", SET)
def test_no_default_of_torch_changes_a_training(name, what):
    with SET[what]():
        found = _asked(name)
    identical(found, expected(name))
