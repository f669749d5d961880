"""MNIST: the digits that ship, the files of a reader, and all that can be wrong with them."""

import gzip
import struct
import sys
import tracemalloc
from importlib import resources

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.problems import mnist
from condensekit.problems.mnist import read_mnist

mnist_module = sys.modules["condensekit.problems.mnist"]  # its name is that of the function
COUNT = 1_030
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (COUNT, 28, 28)).astype(np.uint8)
LABELS = (np.arange(COUNT) % 10).astype(np.uint8)


def _idx(array, magic=None):
    head = struct.pack(">i", magic or {3: 2051, 1: 2049}[array.ndim])
    return head + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


def _write(folder, packed=False, **files):
    for name, content in files.items():
        part, kind = name.split("_")
        dims = 3 if kind == "images" else 1
        path = folder / f"{part}-{kind}-idx{dims}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)
    return folder


def _both(**other):
    return {"train_images": _idx(IMAGES), "train_labels": _idx(LABELS)} | other


# --- what ships --------------------------------------------------------------------------------


def test_the_digits_that_ship_are_real_ones():
    data = mnist().data(4_000)
    assert (data.x.dtype, data.y.dtype) == (torch.float64, torch.int64)
    assert data.x.shape == (4_000, 784)
    assert data.x_test.shape == (1_000, 784)
    assert (float(data.x.min()), float(data.x.max())) == (0.0, 1.0)
    assert torch.equal(data.x * 255, (data.x * 255).round())
    assert (torch.bincount(data.y) > 300).all()
    # Any classifier tells digits: the nearest of ten means is right for about four of five.
    means = torch.stack([data.x[data.y == digit].mean(0) for digit in range(10)])
    nearest = torch.cdist(data.x_test, means).argmin(1)
    assert 0.75 < float((nearest == data.y_test).double().mean()) < 0.88
    text = resources.files("condensekit.problems").joinpath("data/README.md").read_text()
    assert "CC BY-SA 3.0" in text
    assert "LeCun" in text


def test_no_seed_trains_on_a_test_digit_and_samples_are_nested():
    problem = mnist()
    first, more, other = problem.data(30), problem.data(4_000), problem.data(30, seed=1)
    assert torch.equal(first.x, more.x[:30])
    assert torch.equal(first.y, more.y[:30])
    assert not torch.equal(first.x, other.x)
    assert torch.equal(first.x_test, other.x_test)
    seen = {row.tobytes() for row in more.x.numpy()}
    assert not [row for row in more.x_test.numpy() if row.tobytes() in seen]


def test_labels_may_be_unit_vectors():
    digits, vectors = mnist().data(40, seed=3), mnist(one_hot=True).data(40, seed=3)
    assert torch.equal(vectors.x, digits.x)
    for one_hot, label in ((vectors.y, digits.y), (vectors.y_test, digits.y_test)):
        assert one_hot.dtype == torch.float64
        assert torch.equal(one_hot, torch.nn.functional.one_hot(label, 10).double())
    problem = mnist(one_hot=True)
    outputs = vectors.y.clone()
    outputs[:10] = 1.0 - outputs[:10]
    assert problem.scores(outputs, vectors.y) == (0.75,)
    assert float(problem.loss(outputs, vectors.y)) == 0.25
    with pytest.raises(ValueError, match="one_hot must be True or False, but is 1"):
        mnist(one_hot=1)


def test_what_is_asked_of_a_model():
    problem = mnist()
    with pytest.raises(ValueError, match="n_samples must be a whole number from 1 to 4,000"):
        ck.Experiment(ck.Conv(), problem, n_samples=4_001)
    with pytest.raises(ValueError, match="reads 400 coordinates"):
        ck.Experiment(ck.Conv(side=20), problem)
    with pytest.raises(ValueError, match=r"outputs of shape \[9\], but the problem asks for \[10"):
        ck.Experiment(ck.Conv(classes=9), problem)
    with pytest.raises(ValueError, match="Images have no target"):
        problem.target(torch.zeros(1, 784))


# --- files of a reader -------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("tested", [False, True])
def test_idx_files(tmp_path, packed, tested):
    extra = {"t10k_images": _idx(IMAGES[:7]), "t10k_labels": _idx(LABELS[3:10])} if tested else {}
    train, test = read_mnist(_write(tmp_path, packed, **_both(**extra)))
    kept = COUNT if tested else COUNT - 1_000
    np.testing.assert_array_equal(train[0], IMAGES[:kept])
    np.testing.assert_array_equal(train[1], LABELS[:kept])
    np.testing.assert_array_equal(test[0], IMAGES[:7] if tested else IMAGES[30:])
    np.testing.assert_array_equal(test[1], LABELS[3:10] if tested else LABELS[30:])
    data = mnist(tmp_path).data(20)
    pixels = (data.x * 255).round().numpy().astype(np.uint8).reshape(-1, 28, 28)
    rows = [int(np.flatnonzero((one == IMAGES).all((1, 2)))[0]) for one in pixels]
    assert data.y.tolist() == LABELS[rows].tolist(), "every image has its own label"
    assert len(set(rows)) == 20


@pytest.mark.parametrize("layout", ["one", "keras"])
def test_archives(tmp_path, layout):
    path = tmp_path / "digits.npz"
    if layout == "one":
        np.savez_compressed(path, images=IMAGES, labels=LABELS)
        expected = IMAGES[:30], IMAGES[30:]
    else:
        halves = {"x_train": IMAGES[:40], "y_train": LABELS[:40]}
        np.savez(path, **halves, x_test=IMAGES[40:], y_test=LABELS[40:])
        expected = IMAGES[:40], IMAGES[40:]
    train, test = read_mnist(path)
    np.testing.assert_array_equal(train[0], expected[0])
    np.testing.assert_array_equal(test[0], expected[1])
    assert mnist(path) == mnist(str(path))


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file or folder"):
        mnist(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"There is no train-images file"):
        mnist(tmp_path)
    _write(tmp_path, train_images=_idx(IMAGES))
    with pytest.raises(FileNotFoundError, match=r"There is no train-labels file"):
        mnist(tmp_path)
    _write(tmp_path, **_both(t10k_images=_idx(IMAGES)))
    with pytest.raises(FileNotFoundError, match=r"There is no t10k-labels file"):
        mnist(tmp_path)


BAD_LABELS = LABELS.copy()
BAD_LABELS[17] = 10
SMALL = np.ascontiguousarray(IMAGES[:, 1:, 1:])
DAMAGED = {
    "truncated": ({"train_images": _idx(IMAGES)[:-1]}, "train-images.* is truncated or damaged"),
    "too long": ({"train_labels": _idx(LABELS) + b"\0"}, "train-labels.* is truncated or damaged"),
    "without a head": ({"train_images": b"\0\0"}, "is not an IDX file of images"),
    "head alone": ({"train_images": _idx(IMAGES)[:10]}, "is not an IDX file of images"),
    "empty": ({"train_labels": b""}, "is not an IDX file of labels"),
    "wrong magic": ({"train_labels": _idx(LABELS, 2051)}, "is not an IDX file of labels"),
    "exchanged": ({"train_images": _idx(LABELS)}, "is not an IDX file of images"),
    "negative size": (
        {"train_labels": struct.pack(">ii", 2049, -4)},
        "train-labels.* is truncated or damaged",
    ),
    "label 10": ({"train_labels": _idx(BAD_LABELS)}, "from 0 to 9, but label 17 is 10"),
    "27 pixels": ({"train_images": _idx(SMALL)}, r"28 x 28 pixels, but have shape \[1030, 27, 27"),
    "too few labels": ({"train_labels": _idx(LABELS[:-3])}, "one label for each image"),
    "none": (
        {"train_images": _idx(IMAGES[:0]), "train_labels": _idx(LABELS[:0])},
        "one label for each image",
    ),
    "too few to test": (
        {"train_images": _idx(IMAGES[:1000]), "train_labels": _idx(LABELS[:1000])},
        "has 1,000 digits and none to test on; more than 1,000 are needed",
    ),
    "bad test part": (
        {"t10k_images": _idx(IMAGES), "t10k_labels": _idx(BAD_LABELS)},
        r"\(test\): labels must be from 0 to 9",
    ),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("files", "says"), [*DAMAGED.values()], ids=[*DAMAGED])
def test_damaged_idx_files_are_named(tmp_path, packed, files, says):
    with pytest.raises(ValueError, match=says):
        mnist(_write(tmp_path, packed, **_both(**files)))


@pytest.mark.parametrize("cut", [0, 5, 500, -4])
def test_a_damaged_gz_file_is_named(tmp_path, cut):
    _write(tmp_path, packed=True, **_both())
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:cut] if cut else b"not packed at all")
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is damaged"):
        mnist(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({}, "must hold images and labels, .* but holds nothing"),
        ({"images": IMAGES, "x_train": IMAGES}, "but holds images, x_train"),
        ({"images": IMAGES / 255.0, "labels": LABELS}, "must be bytes, but are float64"),
        ({"images": IMAGES[:, :, :20], "labels": LABELS}, "28 x 28 pixels"),
        ({"images": IMAGES.reshape(COUNT, -1), "labels": LABELS}, r"shape \[1030, 784\]"),
        ({"images": IMAGES, "labels": BAD_LABELS}, "but label 17 is 10"),
        ({"images": IMAGES, "labels": LABELS[:9]}, "one label for each image"),
        ({"images": np.array([None]), "labels": LABELS}, "damaged or no NumPy archive"),
    ],
)
def test_bad_archives_are_explained(tmp_path, arrays, says):
    path = tmp_path / "digits.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=says):
        mnist(path)


def test_a_file_that_is_no_archive(tmp_path):
    path = tmp_path / "digits.npz"
    path.write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(ValueError, match=r"digits\.npz is damaged or no NumPy archive"):
        mnist(path)


@pytest.mark.parametrize(
    "sizes", [(4, 28, 28), (2**21, 28, 28), (2**30, 2**30, 2**4)], ids=["few", "many", "overflow"]
)
def test_little_is_unpacked_of_a_file_that_holds_much(tmp_path, monkeypatch, sizes):
    """The sizes of the last are 2 to the 64 together, which an integer of 8 bytes takes for 0."""
    monkeypatch.setattr(mnist_module, "MOST", 1_000)
    _write(tmp_path, True, **_both(train_images=struct.pack(">4i", 2051, *sizes) + bytes(2**26)))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"truncated or damaged: it says \[.*\] but holds more"):
        mnist(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**23


@pytest.mark.parametrize("names", [("images", "labels"), ("x_train", "y_train")])
def test_an_archive_of_too_many_digits_is_refused(tmp_path, monkeypatch, names):
    monkeypatch.setattr(mnist_module, "MOST", 1_000)
    arrays = {names[0]: IMAGES, names[1]: LABELS, "x_test": IMAGES[:3], "y_test": LABELS[:3]}
    np.savez(tmp_path / "digits.npz", **arrays)
    with pytest.raises(ValueError, match="there can be 1,000 digits at most, but there are 1,030"):
        mnist(tmp_path / "digits.npz")


def test_any_damaged_byte_of_a_packed_file_is_named_or_harmless(tmp_path):
    _write(tmp_path, packed=True, **_both())
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    whole = path.read_bytes()
    refused = []
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            (_, labels), _ = read_mnist(tmp_path)
        except ValueError as error:
            refused.append(str(error))
        else:
            np.testing.assert_array_equal(labels, LABELS[:30])
    assert len(refused) > len(whole) / 3 / 2
    assert all(path.name in message for message in refused)
