"""Settings that are no knobs are checked and plain as well; so are seeds and other numbers."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.embedding import perturbed
from condensekit.plain import as_python, real, whole
from condensekit.problems import (
    MNIST,
    Drawn,
    Entries,
    EvenlySpaced,
    MatrixCompletion,
    Normal,
    OwnData,
    PlaneTarget,
    SineSum,
    Teacher,
    TeacherHeads,
    Uniform,
    formula,
    matrix_completion,
    mnist,
    own_data,
    read_mnist,
    sliding_tanh,
    stream,
    teacher,
    teacher_heads,
    three_tanh,
)
from condensekit.symmetry import kicked, violation
from condensekit.symmetry.sets import equal_blocks

# --- numbers of others -------------------------------------------------------------------------

NUMBERS = [2, np.int8(2), np.uint64(2), torch.tensor(2), np.array(2), torch.tensor(2).byte()]
NONE = [
    *("2", b"2", None, True, np.bool_(True), torch.tensor(True), 2j, np.complex64(2), [2]),
    *(torch.tensor(2 + 0j), torch.empty((), device="meta"), np.array([2, 3]), np.nan, object()),
    np.datetime64("2020-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: type(value).__name__)
def test_numbers_are_numbers_whoever_made_them(value):
    assert type(as_python(value)) is type(whole(value)) is int
    assert type(real(value)) is float
    assert ck.TwoLayer(1, value) == ck.TwoLayer(1, 2)
    assert ck.Adam(lr=value) == ck.Adam(lr=2.0)
    assert three_tanh().data(3, value).x.shape == (3, 1)
    half = torch.tensor(0.5, requires_grad=True)
    assert ck.Adam(lr=half).lr == ck.Adam(lr=np.float16(0.5)).lr == real(half) == 0.5


@pytest.mark.parametrize("value", NONE, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_refused_by_every_knob_and_seed(value):
    assert real(value) is None
    assert whole(value) is None
    for make, name in [
        (lambda: ck.TwoLayer(1, value), "width"),
        (lambda: ck.Adam(lr=value), "lr"),
        (lambda: three_tanh(3, value), "noise_std"),
        (lambda: three_tanh().data(3, value), "seed"),
    ]:
        with pytest.raises(ValueError, match=rf"^{name} must be a (whole )?number "):
            make()


def test_switches_of_others_are_switches():
    for value in (np.bool_(False), torch.tensor(False), np.array(False)):
        assert ck.TwoLayer(1, 2, bias=value) == ck.TwoLayer(1, 2, bias=False)


@pytest.mark.parametrize("seed", [-1, 1.0, "0", None, True, 2**64])
def test_seeds_are_checked_wherever_they_are_given(seed):
    model = ck.TwoLayer(1, 2)
    params = model.init(seed=0)
    for draw in (
        lambda: three_tanh().data(3, seed),
        lambda: own_data([0, 1], [0, 1]).data(1, seed),
        lambda: stream(seed, "weights"),
        lambda: teacher_heads(1, seed),
        lambda: ck.exact_rank(model, params, seed),
        lambda: ck.embedding.embed(model, params, 4, "silent", seed),
        lambda: perturbed(params, 0.1, seed),
        lambda: violation(model, lambda given: given, seed=seed),
        lambda: kicked(equal_blocks(model, 1), params, 0.1, seed),
    ):
        with pytest.raises(ValueError, match="seed must be a whole number from 0 to "):
            draw()


# --- plain fields ------------------------------------------------------------------------------

PLAIN = {
    "EvenlySpaced": (
        EvenlySpaced(np.float32(-1), torch.tensor(1)),
        EvenlySpaced(-1.0, 1.0),
    ),
    "Uniform": (
        Uniform(np.int8(0), torch.tensor(2.0), np.int64(1)),
        Uniform(0.0, 2.0, 1),
    ),
    "Normal": (Normal(torch.tensor(3)), Normal(3)),
    "Formula": (
        formula("x", np.float32(-2), torch.tensor(2)),
        formula("x", -2.0, 2.0),
    ),
    "Teacher": (
        Teacher([np.float32(1)], [[1]], torch.zeros(1), Normal(1)),
        Teacher((1.0,), ((1.0,),), (0.0,), Normal(1)),
    ),
    "TeacherHeads": (
        TeacherHeads(1, np.int64(3), torch.tensor(4)),
        TeacherHeads(1, 3, 4),
    ),
    "Drawn": (Drawn(np.eye(2)[::-1]), Drawn(((0.0, 1.0), (1.0, 0.0)))),
    "OwnData": (
        OwnData([[0], [1]], np.ones(2)),
        OwnData(((0.0,), (1.0,)), (1.0, 1.0)),
    ),
    "Entries": (Entries(2, np.int8(1), np.array([1, 0])), Entries(2, 1, (1, 0))),
    "MatrixCompletion": (
        MatrixCompletion(np.eye(2), range(4)),
        MatrixCompletion(((1.0, 0.0), (0.0, 1.0)), (0, 1, 2, 3)),
    ),
    "PlaneTarget": (PlaneTarget([1, 0, 2]), PlaneTarget((1.0, 0.0, 2.0))),
    "MNIST": (MNIST(Path("digits")), MNIST("digits")),
    "SineSum": (SineSum(np.int64(2)), SineSum(2)),
}


@pytest.mark.parametrize(("given", "expected"), PLAIN.values(), ids=PLAIN)
def test_fields_are_plain_so_that_settings_are_equal_and_can_be_written(given, expected):
    assert given == expected
    assert hash(given) == hash(expected)
    assert repr(given) == repr(expected)
    encoded = ck.training.storage.encode(given)
    assert ck.training.storage.decode(encoded) == expected


def test_runs_with_laws_in_numbers_of_others_are_saved(tmp_path):
    law = EvenlySpaced(torch.tensor(-1.0), np.float32(1))
    problem = teacher([1], [[1]], inputs=law)
    run = ck.train(ck.Experiment(ck.TwoLayer(1, 3), problem, ck.Adam(steps=2), n_samples=3))
    assert ck.Run.load(run.save(tmp_path / "r.npz")).experiment == run.experiment


REFUSED = {
    "an interval of texts": (
        lambda: EvenlySpaced("a", 1),
        r"low < high, but have \['a', 1\]",
    ),
    "no interval": (lambda: Uniform(None, 1), r"low < high, but have \[None, 1\]"),
    "a formula to nowhere": (lambda: formula("x", None), "low < high"),
    "a formula that is none": (lambda: formula(["x"]), "A formula is a text in x"),
    "a dimension": (lambda: Normal("2"), "d must be a whole number"),
    "tokens": (lambda: TeacherHeads(tokens_in=-1), "tokens_in must be .* from 1 to 256"),
    "columns": (lambda: TeacherHeads(columns_in=2.5), "columns_in must be a whole number"),
    "a path": (
        lambda: MNIST(5),
        "path must be the path of a folder or an archive, but is 5",
    ),
    "no path": (lambda: mnist(None), "path must be the path"),
    "no points": (lambda: Drawn(()), "at least two points"),
    "points from right to left": (lambda: Drawn(((1, 0), (0, 1))), "sorted by x"),
    "a point twice": (lambda: Drawn(((1, 0), (1, 1))), "x = 1 has two"),
    "no rows": (lambda: OwnData((), ()), "shapes"),
    "moments": (lambda: OwnData([[0], [1]], [0, 1], scaled=[(0, 1)]), "scaled must hold"),
    "no law": (
        lambda: teacher([1], [[1]], inputs="x"),
        "inputs must be a law .* but is 'x'",
    ),
    "no weights": (
        lambda: Teacher("a", [[1]], [0], Normal(1)),
        "a must be a list",
    ),
    "a side": (lambda: sliding_tanh("5"), "side must be a whole number .* but is '5'"),
    "an order": (lambda: matrix_completion(np.eye(2), 5), "order must hold .* but is 5"),
    "entries": (
        lambda: Entries(2, 2, (4,)),
        "whole numbers from 0 to 3",
    ),
    "no shape": (lambda: Entries(0, 2, (0,)), "rows must be a whole number"),
    "coefficients": (lambda: PlaneTarget((1, 2)), "three coefficients"),
    "a coefficient": (lambda: PlaneTarget((1, 2, "x")), "coefficients holds text"),
    "a switch": (
        lambda: own_data([0, 1], [0, 1], scale="yes"),
        "scale must be True or False",
    ),
    "too large": (lambda: own_data([0, 1], [1e308, -1e308], scale=True), "too large"),
    "too far": (lambda: own_data([-1e308, 1e308], [0, 1]), "too far apart for 64 bits"),
}


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_fields_that_make_no_sense_are_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize("text", ["x*" + "9" * 400, "1" * 400, "-" + "9" * 309])
def test_a_whole_number_of_any_length_in_a_formula_is_answered(text):
    with pytest.raises(ValueError, match=r"no finite value everywhere .* it is -?(inf|nan)"):
        formula(text)


# --- files of digits ---------------------------------------------------------------------------


def digits(folder, images, labels=bytes(1001)):
    folder.mkdir(exist_ok=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(images)
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 1001) + labels)
    return folder


IMAGES = struct.pack(">4i", 2051, 1001, 28, 28) + bytes(1001 * 784)


@pytest.mark.parametrize("at", range(10, 40))
def test_packed_digits_that_are_damaged_anywhere_are_named(tmp_path, at):
    packed = bytearray(gzip.compress(IMAGES))
    packed[at] ^= 255
    with pytest.raises(ValueError, match=r"^train-images-idx3-ubyte\.gz is (.*damaged|not an IDX)"):
        read_mnist(digits(tmp_path / "m", bytes(packed)))


@pytest.mark.parametrize("shape", [(2**22, 2**21, 2**21), (2**31 - 1, 28, 28), (1002, 28, 28)])
def test_no_more_is_unpacked_than_the_file_says(tmp_path, shape):
    packed = gzip.compress(struct.pack(">4i", 2051, *shape) + bytes(1001 * 784))
    with pytest.raises(ValueError, match="is truncated or damaged: it says"):
        read_mnist(digits(tmp_path / "m", packed))


def test_a_small_file_of_many_zeros_is_not_unpacked_as_a_whole(tmp_path):
    packed = gzip.compress(IMAGES + bytes(10**7))
    with pytest.raises(ValueError, match=r"it says \[1001, 28, 28\] but holds more bytes"):
        read_mnist(digits(tmp_path / "m", packed))


def test_labels_of_another_kind_are_named(tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, images=np.zeros((1001, 28, 28), np.uint8), labels=np.zeros(1001))
    with pytest.raises(ValueError, match="labels must be bytes, but are float64"):
        read_mnist(path)
