"""Every public function refuses an argument of a wrong kind by a ValueError that says which.

Functions and arguments are found by inspection: each is called with good arguments, and then with
one bad argument at a time. A new function fails here until its arguments are checked.
"""

import inspect
import math

import arguments
import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.doors import door, public

FUNCTIONS = arguments.functions()
NUMBERS = (None, "x", [1.0], {}, math.nan, math.inf, True, object)
KINDS = (None, "x", 3, [1], {}, object)


def wrong(value, default):
    """Wrong values in the place of a good one, by its kind; a default of None is not wrong."""
    if isinstance(value, bool):
        found = (None, "x", 2, [1])
    elif isinstance(value, (int, float)):
        found = NUMBERS
    elif isinstance(value, str):
        found = (None, 3, [1], b"x", object)
    elif isinstance(value, (np.ndarray, torch.Tensor)):
        found = (None, "x", {}, 1, [object], object)
    elif isinstance(value, (list, tuple)):
        found = (None, "x", 1, [None], [object], object)
    elif isinstance(value, dict) and value and all(map(torch.is_tensor, value.values())):
        other = ck.TwoLayer(3, 2).init(seed=0)
        batch = {name: torch.stack([leaf, leaf]) for name, leaf in value.items()}
        lists = {name: leaf.tolist() for name, leaf in value.items()}
        found = (*KINDS, {}, other, batch, lists, {**value, "more": torch.ones(1)})
    elif isinstance(value, dict):
        found = (None, "x", 3, [1], object)
    elif inspect.isroutine(value) or inspect.isclass(value):
        found = (None, "x", 3, [1], {})
    else:
        found = (*KINDS, 0.5)
    return [one for one in found if one is not None or default is not None]


BATCHES = {"evaluate", "flat", "reduce", "unreduce"}
"""They take a batch of networks as well as one."""
OF_ANY_MODEL = {"perturbed"}
"""They take the parameters of whatever networks."""
SAID = "The parameters of", "Embeddings are known for"
"""How a sentence may begin that does not say the name of the argument."""
PARTS = {"blocks"}
"""They ask for one of the parameters only, so that a file of kernels will do."""
UNBOUNDED = {("trajectory", "record_ratio"), ("record_steps", "ratio")}
"""Numbers that may be infinite: then the first and the last step are recorded."""
NOWHERE = {("keep_progress", "folder")}
"""None says that nothing is kept."""
EXACT = {"symbolic_rank", "tangent_functions"}
"""They take nested lists, since a float is no exact number."""


def allowed(name, argument, value):
    """Whether a value that is wrong for most functions is right for this one."""
    if (name, argument) in NOWHERE:
        return value is None
    if (name, argument) in UNBOUNDED:
        return value is math.inf
    if argument == "params" and isinstance(value, dict):
        if name in EXACT and value.keys() == {*"awb"} and isinstance(value["a"], list):
            return True
        if not all(map(torch.is_tensor, value.values())):
            return False
        if name in PARTS and "more" in value:
            return True
        batch = value.keys() == {*"awb"} and value["a"].ndim > 1
        return name in OF_ANY_MODEL or (name in BATCHES and batch)
    return False


def call(function, given):
    """Call a function with named arguments; those that must not be named come first."""
    parameters = inspect.signature(function).parameters.values()
    first = [one.name for one in parameters if one.kind is one.POSITIONAL_ONLY]
    rest = {name: value for name, value in given.items() if name not in first}
    return function(*(given[name] for name in first), **rest)


def taken(name):
    """The arguments of a function, and good values of those that it needs."""
    common, own = arguments.good()
    known = common | own.get(name, {})
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    found = {one.name: one.default for one in parameters if one.kind not in several}
    needed = {one: known[one] for one, default in found.items() if default is inspect._empty}
    return known, found, needed | known.get("more", {})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_argument_of_a_wrong_kind_is_named_in_a_sentence(name):
    known, found, needed = taken(name)
    for argument, default in found.items():
        for value in wrong(known[argument], default) if argument in known else ():
            if allowed(name, argument, value):
                continue
            given = needed | {argument: value}
            with pytest.raises(ValueError, match=r"(?s)^.{15}") as raised:
                call(FUNCTIONS[name], given)
            told = str(raised.value)
            named = argument in told.lower() or told.startswith(SAID)
            assert named or repr(value)[:30] in told, told


def test_the_table_is_of_all_functions_and_of_many_calls():
    assert len(FUNCTIONS) > 110
    counts = [
        len(wrong(known[argument], default))
        for known, found, _ in map(taken, FUNCTIONS)
        for argument, default in found.items()
        if argument in known
    ]
    assert sum(counts) > 1_500
    left = {
        (name, argument)
        for name in FUNCTIONS
        for known, found, _ in [taken(name)]
        for argument in found
        if argument not in known
    }
    assert left <= LEFT


LEFT = {
    ("connect", "timeout"),
    ("escaped", "known"),
    ("sweep", "executor"),
    ("sweep", "on_block"),
    ("sweep", "measures"),
    ("fill", "measures"),
    ("trajectory", "chunk_seconds"),
    ("trajectory", "clock"),
}
"""Arguments for which the table has no good value: for whoever builds upon the package."""


# How it is done ----------------------------------------------------------------------------------


@public()
def example(count: int, run: "ck.Run | None" = None, *more: int, unknown: "Nobody" = 0):  # noqa: F821
    """An example."""
    return count, run, more, unknown


def test_a_public_function_looks_as_it_was_written():
    assert [*inspect.signature(example).parameters] == ["count", "run", "more", "unknown"]
    assert example.__doc__ == "An example."
    assert example(1) == (1, None, (), 0)
    assert example(np.int64(1), None, 2, 3, unknown="x") == (1, None, (2, 3), "x")
    with pytest.raises(TypeError, match="missing a required argument: 'count'"):
        example()
    with pytest.raises(ValueError, match=r"^count must be a whole number, but is 1\.5\.$"):
        example(1.5)


def test_a_door_may_be_asked_by_name_and_is_open_for_other_classes():
    model = ck.TwoLayer(1, 3)
    params = model.init(seed=0)
    named = ck.measures.neurons(params=params, model=model)
    assert np.array_equal(named.weight, ck.measures.neurons(model, params).weight)

    @door()
    def ask(what: object, times: int = 1) -> str:
        """General."""
        return "object" * times

    @ask.register
    def _(what: str, times: int = 1) -> str:
        return what * times

    @ask.register(int)
    def _(what, times=1):
        return str(what) * times

    assert (ask("a", 2), ask(3), ask(what=[], times=1)) == ("aa", "3", "object")
    assert {*ask.registry} == {object, str, int}
    with pytest.raises(ValueError, match="times must be a whole number, but is 'x'"):
        ask("a", "x")


def test_what_can_be_read_once_only_is_not_used_up():
    e = ck.Experiment(ck.TwoLayer(1, 2), ck.three_tanh(1), ck.Adam(steps=2), n_samples=3)
    assert len(ck.Runs(run for run in [ck.train(e)])) == 1


def test_lists_of_numbers_are_arrays():
    run = ck.train(ck.Experiment(ck.TwoLayer(1, 2), ck.three_tanh(1), ck.Adam(steps=50)))
    counts = [3] * len(run)
    assert ck.dynamics.events(run, counts=counts) == ck.dynamics.events(
        run, counts=np.array(counts)
    )
    for wrong_length in (counts[1:], [*counts, 3]):
        with pytest.raises(ValueError, match=rf"counts must hold {len(run)} numbers"):
            ck.dynamics.events(run, counts=wrong_length)
        with pytest.raises(ValueError, match=rf"steepness must hold {len(run)} numbers"):
            ck.dynamics.descent_steps(run, steepness=wrong_length)


def test_no_runs_are_a_table_without_rows():
    none = ck.Runs([])
    assert len(none) == 0
    for table in (none.step, none.time, none.loss, none.test_loss):
        assert len(table) == 0


def test_data_are_compared_without_an_error():
    data = ck.three_tanh().data(5)
    assert data == data
    assert data != ck.three_tanh().data(6)


def test_methods_of_a_run_are_asked_the_same():
    run = ck.train(ck.Experiment(ck.TwoLayer(1, 2), ck.three_tanh(1), ck.Adam(steps=5)))
    for method, name in (
        (run.at, "index"),
        (run.moment, "index"),
        (run.share, "index"),
        (run.at_step, "step"),
        (run.index_at, "step"),
        (run.index_at_time, "time"),
        (run.save, "path"),
        (ck.Runs, "runs"),
    ):
        for value in (None, [1], {}, object):
            with pytest.raises(ValueError, match=f"^{name} must be "):
                method(value)
