"""FromModule: the same measures and the same training for any module of torch."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

import condensekit as ck
from condensekit.measures import blocks, cosine_similarity, neurons
from condensekit.problems import mnist
from condensekit.tokens import write_moment


class Digits(nn.Module):
    """A network as a student writes one."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, stride=4)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(4 * 36, 10)

    def forward(self, x):
        return self.fc(self.drop(torch.tanh(self.norm(self.conv1(x)))).flatten(1))


class Attends(nn.Module):
    def __init__(self, **sizes):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True, **sizes)
        self.signal = nn.Conv1d(5, 3, 2)

    def forward(self, x):
        return self.signal(self.attention(x, x, x)[0])


CASES = {
    "linear": (lambda: nn.Linear(3, 5), "", (3,), (5, 3), (5,)),
    "number": (lambda: nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 1)), "1", (3,), (1, 5), ()),
    "image": (Digits, "conv1", (1, 28, 28), (4, 25), (10,)),
    "attention": (Attends, "attention", (5, 6), (18, 6), (3, 5)),
    "after it": (Attends, "attention.out_proj", (5, 6), (6, 6), (3, 5)),
    "signal": (Attends, "signal", (5, 6), (3, 10), (3, 5)),
}
each = pytest.mark.parametrize(
    ("make", "layer", "input_shape", "rows", "output"), [*CASES.values()], ids=[*CASES]
)


@each
def test_it_is_the_module_in_evaluation_mode(make, layer, input_shape, rows, output):
    module = make()
    model = ck.FromModule(module, layer, input_shape)
    x = torch.randn(4, *input_shape)
    with torch.no_grad():
        expected = copy.deepcopy(module).eval()(x).reshape(4, *output)
    assert model.output_shape == output
    flat = x.flatten(1)
    found = ck.evaluate(model, model.params(), flat)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    alone = model(model.params(), flat[0]).detach()
    torch.testing.assert_close(alone, expected[0], rtol=1e-5, atol=1e-6)
    assert module.training, "the module is as it was"
    assert sum(p.numel() for p in module.parameters()) == model.n_parameters


@each
def test_the_measures_are_those_of_the_rows(make, layer, input_shape, rows, output):
    model = ck.FromModule(make(), layer)
    weight = model.rows(model.params())
    assert tuple(weight.shape) == rows
    unit = nn.functional.normalize(weight.double()).numpy()
    found = cosine_similarity(model, model.params())
    np.testing.assert_allclose(found, unit @ unit.T, atol=1e-12)
    assert sum(blocks(model, model.params()).sizes) == rows[0]


def test_parameters_with_rows_have_names_of_their_own():
    model = ck.FromModule(Attends(kdim=4, vdim=3), "attention.k_proj_weight")
    assert model.rows(model.params()).shape == (6, 4)


@pytest.mark.parametrize("layer", ["conv2", "", "norm", "conv1.bias", "conv1.weight"])
def test_a_layer_that_is_not_there_is_answered_with_those_that_are(layer):
    with pytest.raises(ValueError, match=rf"no layer '{layer}' with rows; .*: 'conv1', 'fc'\."):
        ck.FromModule(Digits(), layer)


def test_what_is_no_module_is_refused():
    with pytest.raises(ValueError, match=r"module must be a torch\.nn\.Module, but is 3"):
        ck.FromModule(3, "conv1")
    with pytest.raises(ValueError, match=r"there are: none\."):
        ck.FromModule(nn.Tanh(), "")


def test_it_trains_on_digits_as_in_torch():
    torch.manual_seed(3)
    module = Digits()
    model = ck.FromModule(module, "conv1", (1, 28, 28))
    experiment = ck.Experiment(model, mnist(), ck.GradientDescent(0.1, steps=10), n_samples=20)
    start = {name: leaf.clone() for name, leaf in module.named_parameters()}
    run = ck.train(experiment, init=model.params())
    assert all(torch.equal(leaf, start[name]) for name, leaf in module.named_parameters())
    data, plain = experiment.data(), copy.deepcopy(module).eval()
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        x = data.x.float().view(-1, 1, 28, 28)
        nn.functional.cross_entropy(plain(x), data.y).backward()
        optimizer.step()
    for name, leaf in plain.named_parameters():
        torch.testing.assert_close(run.final[name], leaf.detach(), rtol=1e-4, atol=1e-6)
    moved = (run.final["conv1.weight"] - start["conv1.weight"]).abs().max()
    assert moved > 1e-3, "nothing happened, so nothing was tested"
    assert run.score("test accuracy").shape == (len(run),)


def test_without_the_shape_of_an_input_it_can_be_measured_only():
    model = ck.FromModule(Digits(), "conv1")
    with pytest.raises(ValueError, match="Say input_shape"):
        ck.Experiment(model, mnist(), n_samples=20)
    with pytest.raises(ValueError, match="FromModule has no hidden neurons"):
        neurons(model, model.params())


def test_it_cannot_be_written_to_a_file(tmp_path):
    model = ck.FromModule(nn.Linear(1, 1), "", (1,))
    experiment = ck.Experiment(model, ck.three_tanh(), ck.GradientDescent(steps=2))
    run = ck.train(experiment)
    with pytest.raises(ValueError, match="A Linear cannot be written to a file"):
        run.save(tmp_path / "run.npz")
    assert not [*tmp_path.iterdir()]
    with pytest.raises(ValueError, match="cannot be written"):
        write_moment("KernelLab", [experiment], 0, 0, {})


def test_it_is_a_value():
    module = Digits()
    model = ck.FromModule(module, "conv1")
    assert model == dataclasses.replace(model)
    assert hash(model) == hash(dataclasses.replace(model))
    assert model != dataclasses.replace(model, layer="fc")
    assert model != ck.FromModule(Digits(), "conv1")
