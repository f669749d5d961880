"""Modules as people have them: trained and measured as in torch, or refused in a sentence."""

import copy
import threading

import numpy as np
import pytest
import torch
from cases import each
from modules import PEOPLE as ALL
from modules import Net, Recurrent, changed, plain
from often import sparsely
from torch import nn
from torch.nn import functional

import condensekit as ck
from condensekit.derivatives import jacobian
from condensekit.measures import input_weights
from condensekit.twins import expression

N, STEPS = 9, 6
PEOPLE = {name: case for name, case in ALL.items() if not case.compiled}
FLOATS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["f32", "f64"])
OPTIMIZERS = {
    "descent": (ck.GradientDescent(0.05, steps=STEPS), lambda p: torch.optim.SGD(p, 0.05)),
    "adam": (ck.Adam(0.01, steps=STEPS), lambda p: torch.optim.Adam(p, 0.01)),
    "momentum": (ck.SGD(0.02, steps=STEPS), lambda p: torch.optim.SGD(p, 0.02, 0.9)),
}


def read(case, x, dtype):
    """Inputs as the module reads them."""
    shaped = x.reshape(-1, *case.input_shape)
    return shaped.long() if case.whole else shaped.to(dtype)


@each("case", PEOPLE)
@FLOATS
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_it_is_trained_as_by_torch(case, dtype, kind):
    model, module = case.model(dtype), case.module(dtype)
    optimizer, of_torch = OPTIMIZERS[kind]
    experiment = ck.Experiment(model, case.problem, optimizer, n_samples=N)
    run, data = ck.train(experiment, init=model.params()), experiment.data()
    x, y = read(case, data.x, dtype), data.y.to(dtype)
    moved = of_torch([leaf for leaf in module.parameters() if leaf.requires_grad])
    start = {name: leaf.detach().clone() for name, leaf in module.named_parameters()}
    for _ in range(STEPS):
        moved.zero_grad()
        functional.mse_loss(module(x.clone()).reshape(N), y).backward()
        moved.step()
    final = {name: leaf.detach() for name, leaf in module.named_parameters()}
    with torch.no_grad():
        expected = module(x.clone()).reshape(N)
    exact = dtype == torch.float64
    trained = {name for name, leaf in module.named_parameters() if leaf.requires_grad}
    assert run.final.keys() == trained
    if exact:  # in float32 a gradient that is zero but for rounding moves Adam somewhere
        for name, leaf in run.final.items():
            torch.testing.assert_close(leaf, final[name], rtol=0, atol=1e-12)
    found = ck.evaluate(model, run.final, data.x.to(dtype))
    torch.testing.assert_close(found, expected, rtol=1e-9 if exact else 1e-5, atol=1e-6)
    loss = float(functional.mse_loss(expected, y))
    assert run.loss[-1] == pytest.approx(loss, rel=1e-10 if exact else 1e-5)
    assert max(float((final[name] - leaf).abs().max()) for name, leaf in start.items()) > 1e-3


@each("case", PEOPLE)
@FLOATS
def test_only_what_is_not_frozen_is_a_parameter(case, dtype):
    model = case.model(dtype)
    assert model.n_parameters == case.n_parameters
    assert model.dtype == dtype and model.output_shape == ()
    drawn = model.init(seed=0)
    frozen = [name for name, leaf in model.module.named_parameters() if not leaf.requires_grad]
    assert (
        not drawn.keys() & set(frozen)
        and sum(map(torch.numel, drawn.values())) == model.n_parameters
    )
    assert [*model.frozen] == frozen
    assert all(repr(name) in repr(model).rpartition("frozen=")[2] for name in frozen)
    assert ("frozen=" in repr(model)) is bool(frozen)


@each("case", PEOPLE)
@FLOATS
@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")  # of torch.func
def test_the_jacobian_and_the_rank_are_those_of_its_copy_in_float64(case, dtype):
    model, module = case.model(dtype), case.module(dtype).double()
    module = getattr(module, "module", module)  # jacrev cannot see through DataParallel
    x = case.problem.data(12).x
    inputs = read(case, x, torch.float64)
    names = [name for name, leaf in module.named_parameters() if leaf.requires_grad]
    leaves = {name: module.get_parameter(name).detach() for name in names}
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # for the state that a forward makes
    try:
        rows = [
            torch.func.jacrev(
                lambda p, row=row: torch.func.functional_call(module, p, (row.clone(),)).sum()
            )(leaves)
            for row in inputs[:, None]
        ]
    finally:
        torch.set_default_dtype(before)
    expected = np.array([np.concatenate([row[n].numpy().ravel() for n in names]) for row in rows])
    report = ck.model_rank(model, model.params(), probes=x, fewer_probes=True)
    scaled = expected / np.maximum(np.linalg.norm(expected, axis=0), 1e-300)
    values = np.linalg.svd(scaled, compute_uv=False)
    np.testing.assert_allclose(report.spectrum, values, rtol=1e-9, atol=1e-12 * values[0])
    if report.clear:
        assert report.rank == np.linalg.matrix_rank(scaled)
    if dtype == torch.float64:
        found = jacobian(model, model.params(), x).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@each("case", PEOPLE)
@FLOATS
def test_its_neurons_are_the_rows_of_the_weight_with_which_it_works(case, dtype):
    model, module = case.model(dtype), case.module(dtype).double()
    hooked = module.l if isinstance(module, Net) else nn.Identity()
    for hook in hooked._forward_pre_hooks.values():  # old weight_norm, spectral_norm and pruning
        hook(hooked, ())
    expected = case.weight(module).detach().flatten(1)
    found = input_weights(model, model.params())
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


@each("case", PEOPLE)
def test_module_inputs_and_samples_are_left_alone(case):
    model = case.model()
    before = copy.deepcopy(
        {**dict(model.module.named_parameters()), **dict(model.module.named_buffers())}
    )
    experiment = ck.Experiment(
        model, case.problem, ck.SGD(0.02, batch_size=4, steps=3), n_samples=N
    )
    x = case.problem.data(N).x.to(model.dtype)
    mine, params = x.clone(), model.params()
    first = ck.evaluate(model, params, mine)
    one = ck.train(experiment, init=params)
    other = ck.train(experiment, init=params)
    assert torch.equal(mine, x) and torch.equal(first, ck.evaluate(model, params, x))
    assert all(torch.equal(leaf, other.final[name]) for name, leaf in one.final.items())
    after = {**dict(model.module.named_parameters()), **dict(model.module.named_buffers())}
    assert all(torch.equal(leaf, before[name]) for name, leaf in after.items())
    assert params.keys() == one.final.keys()


def test_one_input_alone_is_its_row_in_a_batch():
    for name, case in PEOPLE.items():
        model, x = case.model(torch.float64), case.problem.data(4).x
        together = model(model.params(), x)
        alone = torch.stack([model(model.params(), row) for row in x])
        torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-13, msg=name)


def test_the_other_name_of_a_tied_weight_is_understood():
    tied = PEOPLE["tied"].module()
    one, other = (ck.FromModule(tied, name, (6,)) for name in ("first", "again"))
    assert torch.equal(one.rows(one.params()), other.rows(other.params()))
    assert [*one.shapes()].count("first.weight") == 1 and "again.weight" not in one.shapes()


def test_a_list_is_a_shape_and_sizes_are_plain():
    net = Net()
    found = [
        ck.FromModule(net, "l", shape) for shape in ((6,), [6], (np.int64(6),), torch.Size([6]))
    ]
    assert len({*found}) == 1
    assert all(
        type(model.input_shape) is tuple and type(model.input_shape[0]) is int for model in found
    )
    assert expression(found[1]).endswith("input_shape=(6,))")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_measured_in_float64(dtype):
    net = Net().to(dtype)
    model, exact = (
        ck.FromModule(net, "l", (6,)),
        ck.FromModule(copy.deepcopy(net).double(), "l", (6,)),
    )
    found, expected = (ck.model_rank(one, one.params()) for one in (model, exact))
    np.testing.assert_array_equal(found.spectrum, expected.spectrum)
    assert found.rank == expected.rank == 41
    np.testing.assert_array_equal(
        input_weights(model, model.params()), input_weights(exact, exact.params())
    )


def test_half_precision_is_trained_or_refused():
    problem, steps = PEOPLE["in place"].problem, ck.GradientDescent(0.05, steps=5)
    with pytest.raises(
        ValueError, match=r"FromModule trains .*float32 or float64, .* bfloat16: train"
    ):
        ck.Experiment(ck.FromModule(Net().bfloat16(), "l", (6,)), problem, steps, n_samples=N)
    model = ck.FromModule(Net().half(), "l", (6,))
    run = ck.train(ck.Experiment(model, problem, steps, n_samples=N), init=model.params())
    assert run.final["l.weight"].dtype == torch.float16 and run.loss[-1] < run.loss[0]
    with pytest.raises(ValueError, match="gradient flow needs parameters of float32 or float64"):
        ck.train(ck.Experiment(model, problem, ck.GradientFlow(), n_samples=N))


FOLLOWED = [
    "LSTM",
    "a mask",
    "weight_norm",
    "attention",
    "a parameter that is not used",
    "a frozen layer",
]


@pytest.mark.parametrize("name", sparsely(FOLLOWED, 2))
def test_its_gradient_flow_is_followed(name):
    """By steps of descent that are a hundred times as short."""
    case = PEOPLE[name]
    model = case.model(torch.float64)
    flow = ck.GradientFlow(rtol=1e-5, t_end=0.2, stop_loss=0.0)
    base = ck.Experiment(model, case.problem, flow, n_samples=N)
    run = ck.train(base, init=model.params())
    short = ck.Experiment(model, case.problem, ck.GradientDescent(2e-3, steps=100), n_samples=N)
    near = ck.train(short, init=model.params())
    assert run.time[-1] == 0.2
    for name, leaf in run.final.items():
        start = model.params()[name]
        assert float((leaf - near.final[name]).norm()) <= 0.02 * float((leaf - start).norm()) + 1e-9
    assert run.loss[-1] < 0.999 * run.loss[0]


# --- what cannot be ----------------------------------------------------------------------------


def _with(change):
    return lambda: changed(change)


def clamped(net, x):
    with torch.no_grad():
        net.l.weight.clamp_(-0.1, 0.1)
    return plain(net, x)


def remembers(net, x):
    net.seen = getattr(net, "seen", 0) + 1
    return plain(net, x) * net.seen


NEEDS = r"^FromModule needs one tensor out, batch first, of float32 or float64, .*{}.*: [^:]+\.$"
REFUSED = {
    "a tuple": (lambda: Net(lambda net, x: (plain(net, x), x)), NEEDS.format("gives a tuple")),
    "a dict": (lambda: Net(lambda net, x: {"y": plain(net, x)}), NEEDS.format("gives a dict")),
    "None": (lambda: Net(lambda net, x: None), NEEDS.format("gives a NoneType")),
    "classes": (
        lambda: Net(lambda net, x: plain(net, x).argmax(1)),
        NEEDS.format("tensor of int64"),
    ),
    "complex outputs": (
        lambda: Net(lambda net, x: plain(net, x) * 1j),
        NEEDS.format("tensor of complex64"),
    ),
    "a mean": (
        lambda: Net(lambda net, x: plain(net, x).mean()),
        NEEDS.format(r"gives \[\] for \[3, 6\]"),
    ),
    "batch last": (
        lambda: Net(lambda net, x: plain(net, x).T),
        NEEDS.format(r"gives \[1, 3\] for"),
    ),
    "a keyword": (
        lambda: Net(lambda net, x, *, mask: plain(net, x * mask)),
        NEEDS.format("ends in TypeError .*'mask'"),
    ),
    "no gradient": (lambda: Net(torch.no_grad()(plain)), NEEDS.format("without a gradient")),
    "a layer in NumPy": (
        lambda: Net(lambda net, x: net.o(torch.from_numpy(np.tanh(net.l(x).detach().numpy())))),
        NEEDS.format("uses l.weight, l.bias without a gradient"),
    ),
    "a sparse tensor": (
        lambda: Net(lambda net, x: plain(net, x).to_sparse()),
        NEEDS.format("gives a sparse tensor"),
    ),
    "random numbers": (
        lambda: Net(lambda net, x: plain(net, x) + torch.rand(1)),
        NEEDS.format("draws random numbers"),
    ),
    "dropout in forward": (
        lambda: Net(lambda net, x: net.o(functional.dropout(net.l(x)))),
        NEEDS.format("draws random numbers"),
    ),
    "NumPy's random numbers": (
        lambda: Net(lambda net, x: plain(net, x) * np.random.rand()),  # noqa: NPY002  as people do
        NEEDS.format("other outputs for the same inputs"),
    ),
    "a memory": (lambda: Net(remembers), NEEDS.format("other outputs for the same inputs")),
    "weights that it clamps": (lambda: Net(clamped), NEEDS.format("changes its own parameters")),
    "in place where torch cannot": (
        lambda: Net(lambda net, x: net.o(torch.tanh(net.l(x)).mul_(2))),
        NEEDS.format("has no gradient"),
    ),
    "a mean over the batch": (
        lambda: Net(lambda net, x: plain(net, x - x.mean(0))),
        NEEDS.format("when others are beside it"),
    ),
    "statistics of the batch": (
        lambda: nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4, track_running_stats=False)),
        NEEDS.format("ends in ValueError .*more than 1 value"),
    ),
    "no forward": (lambda: nn.ModuleList([nn.Linear(6, 1)]), NEEDS.format("NotImplementedError")),
    "all frozen": (_with(lambda net: net.requires_grad_(False)), r"all are frozen: say .*\.$"),
    "lazy": (
        lambda: nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d()),
        r"^FromModule needs .* '0.weight' waits for a first input: call the module once, .*\.$",
    ),
    "a lazy buffer": (
        lambda: nn.Sequential(nn.Linear(6, 3), nn.LazyBatchNorm1d(affine=False)),
        "'1.running_mean' waits",
    ),
    "complex parameters": (
        _with(lambda net: setattr(net, "c", nn.Parameter(torch.zeros(2, dtype=torch.cfloat)))),
        r"^FromModule needs parameters of float32 or float64, but 'c' is of complex64: say .*\.$",
    ),
    "two kinds": (
        _with(lambda net: net.o.double()),
        r"^FromModule needs .* float32 or float64, but .* of float32 and .* of float64: say .*\.$",
    ),
    "another device": (
        _with(lambda net: net.to("meta")),
        r"^FromModule needs .* 'l.weight' is on the device meta: give .*\.$",
    ),
    "TorchScript": (
        lambda: torch.jit.trace(nn.Linear(6, 1), torch.zeros(1, 6)),
        r"^FromModule needs a module in Python, .* TorchScript: wrap .*\.$",
    ),
    "a lock": (
        lambda: Net(lock=threading.Lock()),
        r"^FromModule needs .*deepcopy .* Net holds what it cannot \(.*\): take .*\.$",
    ),
}


@each("refused", REFUSED)
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_what_cannot_be_a_model_is_refused_in_a_sentence(refused):
    make, words = refused
    module = make()
    layers = [name for name, leaf in module.named_parameters() if name.endswith("weight")]
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match=words) as caught:
        ck.FromModule(module, layers[0].removesuffix(".weight").removesuffix("weight"), (6,))
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("shape", [(5,), (7,), (2, 3), (6, 1), (1, 6, 1)])
def test_a_shape_that_the_module_does_not_read_is_refused(shape):
    inputs = ", ".join(["n", *map(str, shape)])
    words = rf"for inputs \[{inputs}\] of float32, .* ends in RuntimeError .*: say another input_"
    with pytest.raises(ValueError, match=words):
        ck.FromModule(Net(), "l", shape)


@pytest.mark.parametrize("shape", [6, "6", None, (0,), (6.0,), (-1,), (True,), ("6",)])
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(ValueError, match="input_shape must be a "):
        ck.FromModule(Net(), "l", shape)


def test_a_forward_that_leaves_inputs_out_is_refused_when_it_does():
    """The few inputs on which it is tried may not show it."""
    model = ck.FromModule(Net(lambda net, x: plain(net, x[x[:, 0] > -9.0])), "l", (6,))
    x = torch.zeros(5, 6, dtype=torch.float64)
    assert ck.evaluate(model, model.params(), x).shape == (5,)
    x[3, 0] = -10.0
    with pytest.raises(ValueError, match=NEEDS.format(r"gives \[4, 1\] for \[5, 6\]")):
        ck.evaluate(model, model.params(), x)


def test_a_recurrent_layer_that_reads_time_first_is_refused():
    with pytest.raises(ValueError, match="batch_first=True"):
        ck.FromModule(Recurrent(nn.LSTM, batch_first=False), "o", (3, 2))


def test_tokens_are_whole_numbers():
    model = PEOPLE["an embedding"].model()
    with pytest.raises(ValueError, match=r"of whole numbers, .* is given others: round them\."):
        ck.evaluate(model, model.params(), torch.full((1, 6), 0.5))
    with pytest.raises(ValueError, match="ends in IndexError"):
        ck.evaluate(model, model.params(), torch.full((1, 6), 4.0))
    with pytest.raises(ValueError, match="reads whole numbers here; give probes of your own"):
        ck.model_rank(model, model.params())


def test_a_forward_that_casts_has_no_rank_in_float64():
    model = ck.FromModule(Net(lambda net, x: plain(net, x.float())), "l", (6,))
    ck.evaluate(model, model.params(), torch.zeros(1, 6))
    with pytest.raises(ValueError, match=r"of float64, but .* ends in RuntimeError .*: say .*wrap"):
        ck.model_rank(model, model.params())


class Stepped(torch.autograd.Function):
    """A step, with the slope of a tanh: a gradient that a reader wrote, which vmap cannot take."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z.sign()

    @staticmethod
    def backward(ctx, pulled):
        (z,) = ctx.saved_tensors
        return pulled * (1.0 - torch.tanh(z) ** 2)


def test_a_gradient_of_ones_own_is_taken_as_it_is():
    net = Net(lambda net, x: net.o(Stepped.apply(net.l(x)))).double()
    model, problem = ck.FromModule(net, "l", (6,)), PEOPLE["in place"].problem
    x = problem.data(4).x
    found = jacobian(model, model.params(), x)
    for row, point in zip(found, x, strict=True):
        slopes = torch.autograd.grad(net(point[None]).sum(), [*net.parameters()])
        torch.testing.assert_close(row, torch.cat([slope.flatten() for slope in slopes]))
    for optimizer in (ck.Adam(0.01, steps=20), ck.GradientFlow(t_end=0.05)):
        run = ck.train(ck.Experiment(model, problem, optimizer, n_samples=N), init=model.params())
        assert run.loss[-1] < run.loss[0]


@pytest.mark.parametrize(("wrap", "layer"), [(nn.DataParallel, "module.l"), (nn.Sequential, "0.l")])
@pytest.mark.parametrize("name", ["weight_norm", "old weight_norm", "pruned", "old spectral_norm"])
def test_the_weight_of_a_layer_is_found_inside_of_others(wrap, layer, name):
    """Whatever hooks of the reader are there, too."""
    net = PEOPLE[name].module()
    net.l.register_forward_pre_hook(lambda module, given: (given[0] * 1.0,))
    alone, inside = ck.FromModule(net, "l", (6,)), ck.FromModule(wrap(net), layer, (6,))
    found = input_weights(inside, inside.params())
    np.testing.assert_array_equal(found, input_weights(alone, alone.params()))
