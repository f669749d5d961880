"""Files of runs: what is written comes back, and what is not ours is refused by name."""

import contextlib
import dataclasses
import gc
import io
import json
import pickle
import re
import threading
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
import torch
from cases import PUBLISHED, SHORT, SMALL, each
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from often import sparsely

from condensekit import (
    Adam,
    Experiment,
    GradientDescent,
    GradientFlow,
    Outcome,
    Run,
    Runs,
    TwoLayer,
    problems,
    train,
)
from condensekit.optimizers.flow import FlowRule
from condensekit.training import storage

DESCENT = dataclasses.replace(SMALL, optimizer=GradientDescent(0.05, steps=60))

leaky = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""The package leaves the file open when NumPy finds no archive in it; one test below says so."""


@pytest.fixture(scope="module")
def run():
    return train(SMALL)


@pytest.fixture(scope="module")
def session_patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def ended(session_patch):
    """Runs of several shapes that ended in every way there is."""
    wild = dataclasses.replace(SMALL, optimizer=GradientDescent(100.0, steps=60)).replace(
        activation="relu", init_std=1.0, seed=2
    )
    steps = [
        SMALL,
        DESCENT.replace(stop_loss=0.5),
        wild,
        dataclasses.replace(SMALL, optimizer=GradientFlow(stop_loss=0.0)),
        SMALL.replace(width=3, steps=600),
    ]
    session_patch.setattr(FlowRule, "shortest", 0.5)  # so that the flow gets stuck
    runs = train(steps, on_step=lambda s: 4 in s.rows and s.step[0] >= 100)
    assert {*runs.outcome} == {*Outcome} - {Outcome.RUNNING}
    return runs


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some runs.npz"


def _assert_same(one, other, exact=True):
    assert type(other) is Run
    assert one.experiment == other.experiment
    for field in ("step", "time", "loss", "test_loss"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
        assert getattr(one, field).dtype == getattr(other, field).dtype
    assert list(one.params) == list(other.params)
    for name, leaf in one.params.items():
        assert other.params[name].dtype == torch.float64
        assert other.params[name].shape == leaf.shape
        if exact:
            assert torch.equal(leaf, other.params[name])
        else:
            atol = 1e-9 * float(leaf.abs().max())
            torch.testing.assert_close(other.params[name], leaf, rtol=1e-3, atol=atol)
            assert not torch.equal(leaf, other.params[name])
    assert (one.outcome, one.message) == (other.outcome, other.message)
    assert isinstance(other.outcome, Outcome)


# --- what is written comes back ----------------------------------------------------------------


@each("experiment", SHORT)
@pytest.mark.parametrize("compact", [False, True])
def test_a_run_comes_back(path, experiment, compact):
    run = train(experiment)
    assert run.save(path, compact) == path
    _assert_same(run, Run.load(path), exact=not compact)


@pytest.mark.parametrize("compact", [False, True])
def test_runs_come_back_however_they_ended(path, ended, compact):
    assert ended.save(path, compact) == path
    loaded = Runs.load(path)
    assert isinstance(loaded, Runs)
    assert len(loaded) == len(ended)
    for one, other in zip(ended, loaded, strict=True):
        _assert_same(one, other, exact=not compact)


def test_a_file_may_have_any_name(tmp_path, run):
    for name in ("run", "run.npz", "run.condensed"):
        assert run.save(str(tmp_path / name)) == tmp_path / name
        _assert_same(run, Run.load(str(tmp_path / name)))
    assert len(list(tmp_path.iterdir())) == 3, "something was left behind"


def test_what_was_loaded_can_be_saved_and_trained_on(path, run):
    run.save(path)
    loaded = Run.load(path)
    loaded.save(path)
    _assert_same(run, Run.load(path))
    train(loaded.experiment, init=loaded.final)


def test_a_compact_file_is_small_and_a_plain_one_is_exact(tmp_path):
    run = train(PUBLISHED.replace(width=100, steps=1500, lr=5e-3))
    plain, compact = run.save(tmp_path / "plain"), run.save(tmp_path / "compact", compact=True)
    assert compact.stat().st_size < plain.stat().st_size / 5


def test_one_run_of_many_is_not_chosen_silently(path, ended):
    ended.save(path)
    with pytest.raises(ValueError, match=r"some runs\.npz holds 5 runs"):
        Run.load(path)


@pytest.mark.parametrize("std", [1e-14, 1e-10])
def test_a_compact_file_keeps_the_beginning_of_a_run(path, std):
    run = train(SMALL.replace(init_std=std, steps=600))
    run.save(path, compact=True)
    for name, leaf in run.at(0).items():
        torch.testing.assert_close(Run.load(path).at(0)[name], leaf, rtol=1e-3, atol=0)


NUMBERS = st.floats(-1e30, 1e30).map(lambda x: x if abs(x) > 1e-250 else 0.0)


@given(
    arrays_of.arrays(
        np.float64,
        arrays_of.array_shapes(min_dims=1, max_dims=3, max_side=6),
        elements=NUMBERS,
    )
)
def test_packing_keeps_three_digits(leaf):
    """Relative to each number; below 4e-12 of the largest one, relative to that."""
    packed, scale = storage.pack(leaf)
    assert packed.dtype == np.uint8
    back = storage.unpack(packed, scale)
    assert back.shape == leaf.shape
    bound = 2.0**-11 * np.abs(leaf) + 2.0**-38 * np.abs(leaf).max()
    assert (np.abs(back - leaf) <= bound).all()
    assert (back[leaf == 0] == 0).all()


@given(st.integers(-800, 800), st.integers(-20, 20))
def test_packing_does_not_depend_on_the_unit(exponent, digit):
    leaf = np.array([[1.0, -0.3], [digit / 7, 0.001]])
    scaled, plain = (storage.unpack(*storage.pack(leaf * 2.0**k)) for k in (exponent, 0))
    np.testing.assert_array_equal(scaled, plain * 2.0**exponent)


# --- what is damaged or foreign is refused by name ---------------------------------------------


@contextlib.contextmanager
def _refused(path):
    """A ValueError that names the file; leaves nothing open for the tests that follow."""
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        yield
    assert caught.value.args[0].endswith(".")
    caught.value.__cause__ = None
    del caught
    gc.collect(0)


@leaky
def test_a_file_that_was_cut_off_is_refused(path, run):
    run.save(path)
    whole = path.read_bytes()
    for length in {*range(25), *range(0, len(whole), 101), *range(len(whole) - 25, len(whole))}:
        path.write_bytes(whole[:length])
        with _refused(path):
            Runs.load(path)


@pytest.mark.slow
@leaky
@pytest.mark.parametrize("mask", sparsely([0xFF, 0x10], 2))
def test_a_flipped_byte_is_noticed_or_harmless(path, run, mask):
    run.save(path)
    whole = bytearray(path.read_bytes())
    refused = []
    for at in range(0, len(whole), 23):
        broken = whole.copy()
        broken[at] ^= mask
        path.write_bytes(broken)
        try:
            loaded = Run.load(path)
        except ValueError as error:
            refused.append(str(error))
        else:
            _assert_same(run, loaded)
    assert len(refused) > len(whole) / 23 / 2
    assert all(str(path) in message for message in refused)
    gc.collect()


def test_a_flipped_bit_that_reads_as_encrypted_is_noticed(path, run):
    run.save(path)
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PK\x01\x02") + 8] ^= 1
    path.write_bytes(whole)
    with _refused(path):
        Run.load(path)


def test_a_refused_file_is_closed(path, run):
    run.save(path)
    whole = bytearray(path.read_bytes())
    at = whole.rindex(b"PK\x01\x02")
    whole[at : at + 4] = b"junk"
    path.write_bytes(whole)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with _refused(path):
            Run.load(path)
        gc.collect()
    assert [str(w.message) for w in caught if w.category is ResourceWarning] == []


def _npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _zip(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"step,loss\n0,5.15\n",
    "pickle": pickle.dumps({"loss": [1.0, 0.5]}),
    "npy": _npy(np.zeros(3)),
    "other npz": _npz(loss=np.zeros(3)),
    "empty zip": _zip(),
    "zip of text": _zip(header="{}", notes="nothing here"),
    "header is a number": _npz(header=np.array(3.0)),
    "header is a table": _npz(header=np.zeros((2, 2))),
    "header is no JSON": _npz(header=np.array("condensekit runs 1")),
    "header is a list": _npz(header=np.array("[1, 2]")),
    "no format": _npz(header=np.array('{"runs": []}')),
    "other format": _npz(header=np.array('{"format": "condensekit runs 2", "runs": []}')),
    "no runs": _npz(header=np.array(json.dumps({"format": storage.FORMAT}))),
    "runs is a number": _npz(header=np.array(json.dumps({"format": storage.FORMAT, "runs": 3}))),
    "runs is a text": _npz(header=np.array(json.dumps({"format": storage.FORMAT, "runs": "ab"}))),
    "a run is a number": _npz(header=np.array(json.dumps({"format": storage.FORMAT, "runs": [1]}))),
}


@leaky
@each("content", FOREIGN)
def test_foreign_files_are_refused(path, content):
    path.write_bytes(content)
    with _refused(path):
        Runs.load(path)
    with _refused(path):
        Run.load(path)


def test_a_missing_file_is_a_missing_file(path):
    for kind in (Run, Runs):
        with pytest.raises(FileNotFoundError, match=re.escape(str(path))):
            kind.load(path)


def test_a_directory_is_refused(tmp_path):
    with _refused(tmp_path):
        Runs.load(tmp_path)


def _tamper(path, header=None, drop=(), **changed):
    """Rewrite a file with other contents."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    if header is not None:
        arrays["header"] = np.array(json.dumps(header))
    arrays = {name: array for name, array in arrays.items() if name not in drop}
    for name, change in changed.items():
        arrays[name] = change(arrays[name])
    np.savez(path, **arrays)


def _header(path):
    with np.load(path) as archive:
        return json.loads(str(archive["header"]))


@pytest.mark.parametrize("compact", [False, True])
def test_tampering_by_itself_does_no_harm(path, run, compact):
    """Guards the tests below: what they refuse is the change, not the way it was made."""
    run.save(path, compact)
    _tamper(path, header=_header(path))
    _assert_same(run, Run.load(path), exact=not compact)


ARRAYS = ["0.step", "0.time", "0.loss", "0.test_loss", "0.params.a", "0.params.w", "0.params.b"]
CHANGES = {
    "shorter": lambda array: array[:-1],
    "longer": lambda array: np.concatenate([array, array[-1:]]),
    "one axis more": lambda array: array[None],
    "a number": lambda array: array.ravel()[0],
    "nothing": lambda array: array[:0],
    "text": lambda array: array.astype(str),
    "complex": lambda array: array * 1j,
    "truth": lambda array: array > 0,
}


@pytest.mark.parametrize("name", ARRAYS)
@each("change", CHANGES)
def test_arrays_of_another_shape_or_kind_are_refused(path, run, name, change):
    run.save(path)
    _tamper(path, **{name: change})
    with _refused(path):
        Run.load(path)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_missing_array_is_refused(path, run, name):
    run.save(path)
    _tamper(path, drop=[name])
    with _refused(path):
        Run.load(path)


PACKED = {
    "one axis more": {"0.packed.w": lambda halves: halves[None]},
    "shorter": {"0.packed.w": lambda halves: halves[..., :-1]},
    "one byte": {"0.packed.w": lambda halves: halves[:1]},
    "complex scale": {"0.scale.w": lambda scale: scale * 1j},
    "no scale": {"0.scale.w": lambda scale: np.zeros(0)},
    "scale of letters": {"0.scale.w": lambda scale: np.array("large")},
}
UNNOTICED = {
    "no bytes": {"0.packed.w": lambda halves: halves[:0]},
    "four bytes": {"0.packed.w": lambda halves: np.concatenate([halves, halves])},
    "text": {"0.packed.w": lambda halves: halves.astype(str)},
    "complex": {"0.packed.w": lambda halves: halves * 1j},
    "scale 0": {"0.scale.w": lambda scale: np.array(0.0)},
    "scale nan": {"0.scale.w": lambda scale: np.array(np.nan)},
}


@each("change", PACKED)
def test_packed_arrays_of_another_shape_or_kind_are_refused(path, run, change):
    run.save(path, compact=True)
    _tamper(path, **change)
    with _refused(path):
        Run.load(path)


@each("change", UNNOTICED)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_a_packing_that_makes_no_sense_is_refused(path, run, change):
    run.save(path, compact=True)
    _tamper(path, **change)
    with _refused(path):
        Run.load(path)


class Evil:
    """What a pickle would run."""

    ran = False

    def __reduce__(self):
        return (setattr, (Evil, "ran", True))


@leaky
@pytest.mark.parametrize("name", ["header", "0.loss", "0.params.a", "extra"])
def test_a_pickle_is_refused_and_never_run(path, run, name):
    run.save(path)
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive.files}
    np.savez(path, **{**arrays, name: np.array([Evil()], dtype=object)}, allow_pickle=True)
    with _refused(path):
        Run.load(path)
    assert not Evil.ran
    path.write_bytes(pickle.dumps(Evil()))
    with _refused(path):
        Run.load(path)
    assert not Evil.ran
    pickle.loads(path.read_bytes())
    assert Evil.ran, "the bait does not work, so nothing was tested"
    Evil.ran = False


SETTINGS = {
    "unknown class": {"model": {"is": "System", "command": "true"}},
    "base class": {"model": {"is": "Settings"}},
    "abstract class": {"model": {"is": "Model"}},
    "no settings": {"model": {"is": "Run"}},
    "no class": {"model": {"d": 1}},
    "class is a list": {"model": {"is": ["TwoLayer"]}},
    "a number": {"model": 3},
    "wrong role": {"model": {"is": "Adam"}},
    "wrong role too": {"optimizer": {"is": "TwoLayer"}},
    "unknown setting": {"optimizer": {"is": "Adam", "momentum": 0.9}},
    "width 0": {"model": {"is": "TwoLayer", "d": 1, "m": 0}},
    "width as text": {"model": {"is": "TwoLayer", "d": 1, "m": "6"}},
    "another width": {"model": {"is": "TwoLayer", "d": 1, "m": 7}},
    "no biases": {"model": {"is": "TwoLayer", "d": 1, "m": 6, "bias": False}, "x": 1},
    "unknown activation": {"model": {"is": "TwoLayer", "d": 1, "m": 6, "activation": "sin"}},
    "n_samples 0": {"n_samples": 0},
    "std nan": {"init_std": float("nan")},
    "std too large": {"init_std": 11.0},
    "lr too large": {"optimizer": {"is": "Adam", "lr": 1e9}},
    "seed negative": {"seed": -1},
    "another dimension": {"model": {"is": "TwoLayer", "d": 2, "m": 6}},
    "no law": {"problem": {"is": "Teacher", "a": [1], "w": [[1]], "b": [0], "law": 3}},
    "no weights": {"problem": {"is": "Teacher"}},
}


@each("change", SETTINGS)
def test_settings_that_are_unknown_or_out_of_range_are_refused(path, run, change):
    run.save(path)
    header = _header(path)
    header["runs"][0]["experiment"] |= change
    _tamper(path, header=header)
    with _refused(path):
        Run.load(path)


@pytest.mark.parametrize(
    "entry",
    [
        {"outcome": "perfect"},
        {"outcome": None},
        {"experiment": {"is": "TwoLayer"}},
        {"experiment": []},
        {"experiment": None},
    ],
)
def test_entries_that_make_no_sense_are_refused(path, run, entry):
    run.save(path)
    header = _header(path)
    header["runs"][0] |= entry
    _tamper(path, header=header)
    with _refused(path):
        Run.load(path)


@pytest.mark.parametrize("key", ["experiment", "outcome", "message"])
def test_missing_entries_are_refused(path, run, key):
    run.save(path)
    header = _header(path)
    del header["runs"][0][key]
    _tamper(path, header=header)
    with _refused(path):
        Run.load(path)


def _array_file(description):
    """An array of NumPy's format that describes itself in this way, and holds nothing."""
    text = description.encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


SHAPE = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,)}"
HOSTILE = {
    "larger than the memory": _zip(**{"header.npy": _array_file(SHAPE % 10**15)}),
    "larger than a number": _zip(**{"header.npy": _array_file(SHAPE % 10**25)}),
    "open bracket": _zip(**{"header.npy": _array_file(SHAPE.replace(")", "") % 3)}),
    "deep JSON": _npz(header=np.array("[" * 100_000)),
    "deep settings": _npz(
        header=np.array(
            f'{{"format": "{storage.FORMAT}", "runs": [{{"experiment": {"[" * 900 + "]" * 900}}}]}}'
        )
    ),
}


@each("content", HOSTILE)
def test_hostile_files_are_refused(path, content):
    path.write_bytes(content)
    with _refused(path):
        Runs.load(path)


def _bomb(path, name, description, size):
    """Add an array of zeros to a file: some kB that hold as many MB."""
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.npy", "w", force_zip64=True) as file,
    ):
        file.write(_array_file(description))
        for _ in range(size // 2**20):
            file.write(bytes(2**20))


ZEROS = "{'descr': '%s', 'fortran_order': False, 'shape': (%s)}"
BOMBS = {
    "of no run": ("unused", "<f8", 2**24),
    "path": ("../../evil", "<f8", 2**24),
    "steps": ("0.step", "<i8", 2**24),
    "loss": ("0.loss", "<f8", 2**24),
    "weights": ("0.params.w", "<f8", 2**24),
    "packed": ("0.packed.w", "|u1", 2**27),
    "settings": ("header", "<U134217729", 1),
}


@pytest.mark.parametrize("bomb", sparsely({name: (bomb,) for name, bomb in BOMBS.items()}, 3))
def test_little_is_read_of_a_file_that_holds_much(path, run, bomb):
    """What is larger than its settings say, or in no run, is refused before it is unpacked."""
    name, kind, count = bomb
    run.save(path, compact="packed" in name)
    with np.load(path) as archive:
        arrays = {key: archive[key] for key in archive.files if key != name}
    np.savez_compressed(path, **arrays)
    _bomb(path, name, ZEROS % (kind, f"{count}," * (count > 1)), 2**27)
    assert path.stat().st_size < 2**20
    tracemalloc.start()
    with _refused(path):
        Run.load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**23


def test_a_name_that_is_there_twice_is_refused(path, run):
    run.save(path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("0.loss.npy", _npy(run.loss / 2.0))
    with _refused(path):
        Run.load(path)


def test_settings_too_large_to_be_read_are_not_written(path, run, monkeypatch):
    monkeypatch.setattr(storage, "MOST_BYTES", 2_000)
    with pytest.raises(ValueError, match=r"bytes, more than the 2,000 of a file: write fewer runs"):
        run.save(path)
    assert not path.exists()


# --- a write that is interrupted ---------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_an_interrupted_write_leaves_the_old_file(monkeypatch, path, run, error):
    run.save(path)
    before = path.read_bytes()

    def interrupted(file, **arrays):
        file.write(b"half of")
        raise error

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(error):
        train(DESCENT).save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path], "a part of a file was left behind"
    monkeypatch.undo()
    _assert_same(run, Run.load(path))


def test_the_old_file_is_there_until_the_new_one_is_complete(monkeypatch, path, run):
    """As a crash that no `finally` survives would find it."""
    run.save(path)
    before = path.read_bytes()
    real = np.savez_compressed
    seen = []

    def watched(file, **arrays):
        seen.append(path.read_bytes())
        real(file, **arrays)
        seen.append(path.read_bytes())

    monkeypatch.setattr(np, "savez_compressed", watched)
    train(DESCENT).save(path)
    assert seen == [before, before]
    assert Run.load(path).experiment == DESCENT


def test_many_that_save_to_one_path_never_leave_a_broken_file(path, run):
    errors = []

    def save():
        try:
            for _ in range(10):
                run.save(path)
                Run.load(path)
        except Exception as error:  # noqa: BLE001  it is raised below
            errors.append(error)

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert list(path.parent.iterdir()) == [path]


def test_permissions_and_links_stay(path, run):
    run.save(path)
    path.chmod(0o600)
    link = path.with_name("link.npz")
    link.symlink_to(path)
    train(DESCENT).save(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert Run.load(path).experiment == DESCENT


def test_a_new_file_is_like_any_other(path, run):
    other = path.with_name("other")
    other.write_bytes(b"")
    run.save(path)
    assert path.stat().st_mode == other.stat().st_mode


def test_a_directory_that_does_not_exist_is_said_so(tmp_path, run):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run.save(tmp_path / "nowhere" / "run.npz")


def test_settings_come_back_as_they_were():
    for experiment in SHORT.values():
        text = json.dumps(storage.encode(experiment))
        back = storage.decode(json.loads(text))
        assert back == experiment
        assert hash(back) == hash(experiment)


def test_a_run_that_diverged_at_once_does_not_spoil_the_file(path, run):
    """It has no recorded steps, and says so; the good runs beside it come back."""
    target = problems.formula("1e300*x")
    bad = train(Experiment(TwoLayer(1, 5), target, Adam(steps=5), n_samples=5))
    assert (len(bad), bad.outcome) == (0, Outcome.DIVERGED)
    Runs((run, bad, run)).save(path)
    found = Runs.load(path)
    assert [len(one) for one in found] == [len(run), 0, len(run)]
    assert found[1].outcome is Outcome.DIVERGED
    for use in (lambda one: one.final, lambda one: one.moment(-1), lambda one: one.at(0)):
        with pytest.raises(ValueError, match="no recorded steps"):
            use(found[1])


def test_a_class_of_ones_own_is_not_taken_for_ours(path, run):
    """Its name in a file has its module; one that is defined again replaces the one before."""
    run.save(path)
    kinds = []
    for shift in (1.0, 2.0):

        @dataclasses.dataclass(frozen=True)
        class ThreeTanh(problems.Problem):
            inputs = problems.EvenlySpaced()
            offset: float = shift

            def target(self, x):
                return x[:, 0] + self.offset

        kinds.append(ThreeTanh)
    assert Run.load(path).experiment == run.experiment
    assert storage.decode(storage.encode(run.experiment)) == run.experiment
    text = storage.encode(kinds[1]())
    assert text["is"].endswith(":" + kinds[1].__qualname__)
    assert type(storage.decode(text)) is kinds[1]
    assert type(storage.decode({"is": "ThreeTanh", "noise_std": 0.0})) is problems.ThreeTanh
    with pytest.raises(ValueError, match="'elsewhere:ThreeTanh' is not a kind of settings"):
        storage.decode({"is": "elsewhere:ThreeTanh"})


@pytest.mark.parametrize("leaves", [["W"], ["a", "nothing"], "aw"])
def test_leaves_that_are_not_there_are_refused(path, run, leaves):
    with pytest.raises(ValueError, match="leaves must be a list of some of"):
        run.save(path, leaves=leaves)
    assert not path.exists()


@pytest.mark.parametrize("size", [1e-290, 1e-300, 3e-308, 1e-310, 5e-324, 0.0, 1e300, 1.7e308])
def test_parameters_of_any_size_come_back(path, run, size):
    """To three digits; below the smallest normal number, 2e-308, they are no worse than nothing."""
    shares = torch.linspace(-1.0, 1.0, 7, dtype=torch.float64)
    leaves = {name: leaf.clone() for name, leaf in run.params.items()}
    for leaf in leaves.values():
        leaf[...] = size * shares[: leaf.shape[1]].reshape(-1, *[1] * (leaf.ndim - 2))
    dataclasses.replace(run, params=leaves).save(path, compact=True)
    for name, leaf in Run.load(path).params.items():
        largest = leaves[name].abs().max()
        bound = 5e-4 * largest if largest > 2.3e-308 else largest
        assert bool((leaf - leaves[name]).abs().max() <= bound)
        assert bool(leaf.isfinite().all())
